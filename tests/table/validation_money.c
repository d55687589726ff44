/* SPDX-License-Identifier: Apache-2.0
 * Cases of wrong money that reports of such systems tell of, each by its name, under logic version 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/codes/rule.h"
#include "services/validation/filings.h"
#include "services/validation/references.h"
#include "tests/support/validation_rig.h"

#define BODY (draft.event.body)

static void start(struct rig *rig)
{
    rig_start(rig, 0, 1);
    rig_logic_two(rig);
}

static void file(struct rig *rig, enum filing_kind kind, const char *care_area, civil_date_t from, civil_date_t to)
{
    static unsigned number;
    static char id[16];
    (void)snprintf(id, sizeof id, "F-%u", ++number);
    draft_sound(EVENT_FILING);
    draft.event.sender = BEIJING;
    draft.event.person_id = PERSON;
    BODY.filing = (struct filing){.filing_id = id,
                                  .kind = kind,
                                  .insured_area = BEIJING,
                                  .insurance_type = "310",
                                  .care_area = care_area,
                                  .valid_from = from,
                                  .valid_to = to};
    admit(rig);
}

static uint32_t standing_of_stay(struct rig *rig, civil_date_t admission, civil_date_t discharge)
{
    draft_sound(EVENT_BILL_SETTLE);
    BODY.bill.admission_date = admission;
    BODY.bill.discharge_date = discharge;
    admit(rig);
    return (uint32_t)rig->verdict.facts.filing;
}

/* Filed until 1 March, admitted on 20 February, discharged on 10 March. */
static void F03_a_filing_is_judged_on_admission(void **state)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    file(&rig, FILING_LONG_TERM_RESIDENT, TIANJIN, 20240801, 20250301);
    assert_int_equal(standing_of_stay(&rig, 20250220, 20250310), STANDING_UNFILED); /* version 1 */
    rig_logic_two(&rig);
    assert_int_equal(standing_of_stay(&rig, 20250220, 20250310), STANDING_LONG_TERM);
    assert_int_equal(standing_of_stay(&rig, 20250301, 20250310), STANDING_LONG_TERM);
    assert_int_equal(standing_of_stay(&rig, 20250302, 20250310), STANDING_UNFILED);
    rig_stop(&rig);
}

static void F03_a_referral_and_one_made_before_discharge(void **state)
{
    static struct rig rig;
    start(&rig);
    file(&rig, FILING_REFERRAL, TIANJIN, 20240801, 20250301);
    assert_int_equal(standing_of_stay(&rig, 20250220, 20250310), STANDING_REFERRAL_OR_EMERGENCY);
    assert_int_equal(standing_of_stay(&rig, 20250302, 20250310), STANDING_UNFILED);
    file(&rig, FILING_OTHER_TEMPORARY, TIANJIN, 20250310, 0);
    assert_int_equal(standing_of_stay(&rig, 20250302, 20250310), STANDING_OTHER_TEMPORARY);
    assert_int_equal(standing_of_stay(&rig, 20250302, 20250309), STANDING_UNFILED);
    rig_stop(&rig);
}

/* The person is filed elsewhere from a day of the stay on, or comes back. */
static void F03_a_later_long_term_filing_begins_during_the_stay(void **state)
{
    static struct rig rig;
    start(&rig);
    file(&rig, FILING_LONG_TERM_RESIDENT, TIANJIN, 20240101, 0);
    file(&rig, FILING_LONG_TERM_RESIDENT, "130100", 20250305, 0);
    assert_int_equal(standing_of_stay(&rig, 20250301, 20250310), STANDING_LONG_TERM);
    assert_int_equal(standing_of_stay(&rig, 20250304, 20250310), STANDING_LONG_TERM);
    assert_int_equal(standing_of_stay(&rig, 20250305, 20250310), STANDING_UNFILED);
    rig_stop(&rig);
    start(&rig);
    file(&rig, FILING_LONG_TERM_RESIDENT, "130100", 20240101, 0);
    file(&rig, FILING_LONG_TERM_RESIDENT, TIANJIN, 20250305, 0);
    assert_int_equal(standing_of_stay(&rig, 20250301, 20250310), STANDING_LONG_TERM);
    assert_int_equal(standing_of_stay(&rig, 20250301, 20250304), STANDING_UNFILED);
    rig_stop(&rig);
}

static bool restated(struct rig *rig, civil_date_t from, civil_date_t to)
{
    enrol(rig, from, to, "1201");
    return rig->verdict.account_restated;
}

/* A balance that a row of the past, of the future or behind a later one states is not today's. */
static void F08_a_dated_row_states_no_balance_of_today(void **state)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    assert_false(restated(&rig, 20240101, 0)); /* version 1 knows no difference */
    rig_logic_two(&rig);
    assert_true(restated(&rig, 20240101, 0));
    assert_true(restated(&rig, 20250310, 0)); /* from today on */
    assert_false(restated(&rig, 20240101, 0));
    assert_false(restated(&rig, 20250311, 0));
    assert_false(restated(&rig, 20250309, 20250309));
    assert_true(restated(&rig, 20250310, 0));
    rig_stop(&rig);
}

static void F10_an_ended_row_does_not_hide_the_open_one(void **state)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    enrol(&rig, 20250301, 20250305, "1101");
    draft_sound(EVENT_BILL_SETTLE);
    assert_int_equal(submit(&rig), OK);
    assert_int_equal(rig.verdict.findings->items[0].rule, RULE_ENROLMENT_UNKNOWN); /* version 1 */
    rig_logic_two(&rig);
    draft_sound(EVENT_BILL_SETTLE); /* discharged on the 10th: the open row of 2024 */
    admit(&rig);
    assert_string_equal(rig.verdict.facts.category, "1201");
    BODY.bill.discharge_date = 20250305;
    admit(&rig);
    assert_string_equal(rig.verdict.facts.category, "1101");
    rig_stop(&rig);
}

static void F10_an_ended_filing_does_not_hide_the_open_one(void **state)
{
    static struct rig rig;
    start(&rig);
    file(&rig, FILING_LONG_TERM_RESIDENT, TIANJIN, 20240101, 0);
    file(&rig, FILING_LONG_TERM_RESIDENT, "130100", 20240801, 20250228);
    assert_int_equal(standing_of_stay(&rig, 20250201, 20250228), STANDING_UNFILED);
    assert_int_equal(standing_of_stay(&rig, 20250301, 20250310), STANDING_LONG_TERM);
    rig_stop(&rig);
}

static void list(struct rig *rig, const char *code, civil_date_t from, civil_date_t to)
{
    draft_sound(EVENT_CATALOGUE_ITEM);
    draft.event.sender = TIANJIN;
    BODY.catalogue_item = (struct catalogue_item){
        .region = TIANJIN, .code = code, .name = "Item", .level = 1, .effective_date = from, .end_date = to};
    admit(rig);
}

static void F10_an_ended_item_does_not_hide_the_open_one(void **state)
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
static void a_catalogue_that_has_ended_speaks_no_more(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(F03_a_filing_is_judged_on_admission),
        cmocka_unit_test(F03_a_referral_and_one_made_before_discharge),
        cmocka_unit_test(F03_a_later_long_term_filing_begins_during_the_stay),
        cmocka_unit_test(F08_a_dated_row_states_no_balance_of_today),
        cmocka_unit_test(F10_an_ended_row_does_not_hide_the_open_one),
        cmocka_unit_test(F10_an_ended_filing_does_not_hide_the_open_one),
        cmocka_unit_test(F10_an_ended_item_does_not_hide_the_open_one),
        cmocka_unit_test(a_catalogue_that_has_ended_speaks_no_more),
    };
    return cmocka_run_group_tests(tests, load_policy, NULL);
}
