/* SPDX-License-Identifier: Apache-2.0
 * Whether a region's catalogue speaks of a line, and which of its rows, under logic version 2. */
#include "common/codes/rule.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

#define BODY (draft.event.body)

static void start(struct rig *rig)
{
    rig_start(rig, 0, 1);
    rig_logic_two(rig);
}

static void assert_refused(struct rig *rig, enum rule rule, const char *path)
{
    assert_int_equal(submit(rig), OK);
    assert_true(rig->verdict.refused);
    assert_int_equal(rig->verdict.findings->items[0].rule, rule);
    assert_string_equal(rig->verdict.findings->items[0].path, path);
}

static void list(struct rig *rig, const char *code, civil_date_t from, civil_date_t to)
{
    draft_sound(EVENT_CATALOGUE_ITEM);
    draft.event.sender = TIANJIN;
    BODY.catalogue_item = (struct catalogue_item){
        .region = TIANJIN, .code = code, .name = "Item", .level = 1, .effective_date = from, .end_date = to};
    admit(rig);
}

TEST(F10_an_ended_item_does_not_hide_the_open_one)
{
    static struct rig rig;
    start(&rig);
    list(&rig, DRUG, 20240101, 0);
    list(&rig, OTHER_DRUG, 20240101, 0);
    list(&rig, DRUG, 20250301, 20250305);
    for (unsigned pass = 0; pass < 2; pass++) {
        draft_sound(EVENT_BILL_SETTLE);
        admit(&rig);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

/* A region whose items have all ended has no catalogue of that day: the bill's own figures count. */
TEST(a_catalogue_that_has_ended_speaks_no_more)
{
    static struct rig rig;
    start(&rig);
    list(&rig, DRUG, 20240101, 0);
    list(&rig, DRUG, 20240101, 20250309);
    for (unsigned pass = 0; pass < 2; pass++) {
        draft_sound(EVENT_BILL_SETTLE);
        admit(&rig);
        BODY.bill.discharge_date = 20250309;
        assert_int_equal(submit(&rig), OK);
        assert_int_equal(rig.verdict.findings->items[0].rule, RULE_CATALOGUE_ITEM_UNKNOWN); /* OTHER_DRUG */
        harness_restart(&rig.harness);
    }
    list(&rig, DRUG, 20240101, 20250304); /* restated once more */
    draft_sound(EVENT_BILL_SETTLE);
    BODY.bill.discharge_date = 20250309;
    admit(&rig);
    rig_stop(&rig);
}

/* Which days a region's items of a kind speak of: those on which one of them holds, whatever came before and comes
 * after. On others a line of another item stands as the bill says; on these it is unknown. */
TEST(a_catalogue_speaks_on_the_days_on_which_an_item_holds)
{
    static const struct {
        struct {
            civil_date_t from, to;
        } stated[3]; /* of DRUG; from 0: no more */
        civil_date_t day;
        bool speaks;
    } rows[] = {
        {{{20240101, 20241231}}, 20241231, true},
        {{{20240101, 20241231}}, 20250101, false},
        {{{20240101, 20241231}, {20250401, 0}}, 20250301, false}, /* the next begins later */
        {{{20240101, 20241231}, {20250301, 0}}, 20250301, true},
        {{{20240101, 20241231}, {20250301, 20250331}}, 20250228, false},
        {{{20240101, 20241231}, {20250301, 20250331}}, 20250301, true},
        {{{20240101, 20250331}, {20250201, 20250228}}, 20250310, true},                /* one inside the other */
        {{{20240101, 20241231}, {20250401, 0}, {20250101, 20250331}}, 20250301, true}, /* the gap is filled */
        {{{20240101, 0}, {20240101, 20241231}}, 20250301, false},                      /* ended when stated again */
        {{{20240101, 20241231}, {20240101, 0}}, 20250301, true},                       /* and taken back */
        {{{20250401, 0}}, 20250331, false},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct rig rig;
        start(&rig);
        for (unsigned j = 0; j < 3 && rows[i].stated[j].from != 0; j++)
            list(&rig, DRUG, rows[i].stated[j].from, rows[i].stated[j].to);
        for (unsigned pass = 0; pass < 2; pass++) {
            draft_sound(EVENT_BILL_SETTLE); /* a line of OTHER_DRUG beside the one of DRUG */
            BODY.bill.admission_date = civil_date_add_days(rows[i].day, -1);
            BODY.bill.discharge_date = rows[i].day;
            assert_int_equal(submit(&rig), OK);
            bool refused = false;
            for (unsigned k = 0; k < rig.verdict.findings->count; k++)
                refused |= rig.verdict.findings->items[k].rule == RULE_CATALOGUE_ITEM_UNKNOWN;
            if (refused != rows[i].speaks)
                fail_msg("row %u: %s on %u", i, refused ? "speaks" : "is silent", rows[i].day);
            harness_restart(&rig.harness);
        }
        rig_stop(&rig);
    }
}

static void draft_item_withdrawn(const char *code, civil_date_t from)
{
    draft_sound(EVENT_CATALOGUE_ITEM);
    draft.event.sender = TIANJIN;
    BODY.catalogue_item =
        (struct catalogue_item){.region = TIANJIN, .code = code, .effective_date = from, .withdrawn = true};
}

TEST(F11_a_catalogue_item_is_withdrawn)
{
    static struct rig rig;
    start(&rig);
    list(&rig, DRUG, 20240101, 0);
    list(&rig, DRUG, 20250301, 0);
    draft_item_withdrawn(DRUG, 20250301);
    admit(&rig);
    draft_item_withdrawn(DRUG, 20250301);
    assert_refused(&rig, RULE_ROW_UNKNOWN, "");
    draft_sound(EVENT_BILL_SETTLE);
    assert_refused(&rig, RULE_CATALOGUE_ITEM_UNKNOWN, "bill_settle.items[1].code"); /* the catalogue speaks */
    draft_item_withdrawn(DRUG, 20240101);
    admit(&rig);
    for (unsigned pass = 0; pass < 2; pass++) {
        draft_sound(EVENT_BILL_SETTLE);
        admit(&rig); /* nothing is left of it */
        harness_restart(&rig.harness);
    }
    list(&rig, DRUG, 20240101, 0);
    draft_sound(EVENT_BILL_SETTLE);
    assert_refused(&rig, RULE_CATALOGUE_ITEM_UNKNOWN, "bill_settle.items[1].code");
    rig_stop(&rig);
}

AROUND_ALL(load_policy, NULL)
