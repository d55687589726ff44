/* SPDX-License-Identifier: Apache-2.0
 * Cases of wrong money that reports of such systems tell of, each by its name, under logic version 2. */

#include "common/codes/rule.h"
#include "services/validation/filings.h"
#include "services/validation/references.h"
#include "tests/support/test.h"
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
TEST(F03_a_filing_is_judged_on_admission)
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

TEST(F03_a_referral_and_one_made_before_discharge)
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
TEST(F03_a_later_long_term_filing_begins_during_the_stay)
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
TEST(F08_a_dated_row_states_no_balance_of_today)
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

TEST(F10_an_ended_row_does_not_hide_the_open_one)
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

TEST(F10_an_ended_filing_does_not_hide_the_open_one)
{
    static struct rig rig;
    start(&rig);
    file(&rig, FILING_LONG_TERM_RESIDENT, TIANJIN, 20240101, 0);
    file(&rig, FILING_LONG_TERM_RESIDENT, "130100", 20240801, 20250228);
    assert_int_equal(standing_of_stay(&rig, 20250201, 20250228), STANDING_UNFILED);
    assert_int_equal(standing_of_stay(&rig, 20250301, 20250310), STANDING_LONG_TERM);
    rig_stop(&rig);
}

/* ---- F04, F18, F07: lines ---- */

static void assert_warned(struct rig *rig, enum rule rule, const char *path)
{
    assert_int_equal(submit(rig), OK);
    assert_false(rig->verdict.refused);
    assert_int_equal(rig->verdict.findings->count, 1);
    assert_int_equal(rig->verdict.findings->items[0].rule, rule);
    assert_string_equal(rig->verdict.findings->items[0].path, path);
}

static void assert_refused(struct rig *rig, enum rule rule, const char *path)
{
    assert_int_equal(submit(rig), OK);
    assert_true(rig->verdict.refused);
    assert_int_equal(rig->verdict.findings->items[0].rule, rule);
    assert_string_equal(rig->verdict.findings->items[0].path, path);
}

/* Nine days in bed, each a line of its own. */
static void draft_bed_charges(void)
{
    draft_sound(EVENT_BILL_SETTLE);
    for (unsigned i = 0; i < 9; i++)
        draft.items[i] = line("001109000010000", 3000);
    draft.items[9] = line(DRUG, 500000);
    BODY.bill.item_count = 10;
    BODY.bill.total = 527000;
}

TEST(F04_equal_lines_are_a_warning)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_bed_charges();
    assert_refused(&rig, RULE_BILL_ITEM_DUPLICATE, "bill_settle.items[1]"); /* version 1 */
    rig_logic_two(&rig);
    draft_bed_charges();
    assert_warned(&rig, RULE_BILL_ITEMS_ALIKE, "bill_settle.items");
    assert_string_equal(rig.verdict.findings->items[0].detail, "8 lines");
    rig_stop(&rig);
}

TEST(F04_lines_are_told_apart_by_their_numbers)
{
    static const char *const numbers[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    static struct rig rig;
    start(&rig);
    draft_bed_charges();
    for (unsigned i = 0; i < 9; i++)
        draft.items[i].line_id = numbers[i];
    admit(&rig);
    draft.items[4].line_id = "9";
    assert_refused(&rig, RULE_BILL_ITEM_DUPLICATE, "bill_settle.items[8].line_id");
    draft.items[4].line_id = "a b";
    assert_refused(&rig, RULE_BILL_ITEM_DUPLICATE, "bill_settle.items[4].line_id");
    rig_stop(&rig);
}

TEST(F04_several_lines_return_one_item)
{
    static struct rig rig;
    start(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    draft.items[0] = line(DRUG, 3750);
    draft.items[0].unit_price_micro = 12500000;
    draft.items[0].quantity_e4 = 30000;
    draft.items[1] = draft.items[2] = line(DRUG, -1250);
    draft.items[3] = line(OTHER_DRUG, 500000);
    BODY.bill.item_count = 4;
    BODY.bill.total = 501250;
    assert_warned(&rig, RULE_BILL_ITEMS_ALIKE, "bill_settle.items");
    rig_stop(&rig);
}

/* 0.30 taken, a quarter and three quarters of it given back: 0.08 and 0.23. */
static void draft_crumbs(void)
{
    draft_sound(EVENT_BILL_SETTLE);
    draft.items[0] = line(DRUG, 30);
    draft.items[1] = line(DRUG, -8);
    draft.items[1].quantity_e4 = -2500;
    draft.items[2] = line(DRUG, -23);
    draft.items[2].quantity_e4 = -7500;
    draft.items[1].unit_price_micro = draft.items[2].unit_price_micro = 300000;
    draft.items[3] = line(OTHER_DRUG, 500000);
    BODY.bill.item_count = 4;
    BODY.bill.total = 499999;
}

TEST(F18_parts_of_a_return_are_each_rounded)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_crumbs();
    assert_refused(&rig, RULE_BILL_ITEM_NET_NEGATIVE, "bill_settle.items[0].quantity_e4"); /* version 1 */
    rig_logic_two(&rig);
    draft_crumbs();
    assert_warned(&rig, RULE_BILL_LINE_OFF_BY_ONE, "bill_settle.items[0].amount_fen");
    draft.items[2].quantity_e4 = -7501; /* more than was taken is no crumb */
    assert_refused(&rig, RULE_BILL_ITEM_NET_NEGATIVE, "bill_settle.items[0].quantity_e4");
    rig_stop(&rig);
}

TEST(F07_a_stay_of_5000_lines_is_one_bill)
{
    static struct rig rig;
    enum { LINES = 5000 };
    start(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    for (unsigned i = 0; i < LINES; i++)
        draft.items[i] = line(DRUG, 100 + (fen_t)i);
    BODY.bill.item_count = LINES;
    BODY.bill.total = 100 * LINES + (fen_t)LINES * (LINES - 1) / 2;
    admit(&rig);
    rig_stop(&rig);
}

TEST(F07_as_many_lines_as_an_envelope_holds)
{
    static struct rig rig;
    start(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    for (unsigned i = 0; i < BILL_ITEMS_MAX; i++)
        draft.items[i] = line(DRUG, 100 + (fen_t)i);
    BODY.bill.item_count = BILL_ITEMS_MAX;
    BODY.bill.total = (fen_t)100 * BILL_ITEMS_MAX + (fen_t)BILL_ITEMS_MAX * (BILL_ITEMS_MAX - 1) / 2;
    admit(&rig);
    rig_stop(&rig);
}

/* ---- F11: taken back ---- */

static void assert_taken_back(struct rig *rig, civil_date_t from, civil_date_t to)
{
    admit(rig);
    assert_true(rig->verdict.has_row_taken_back);
    assert_int_equal(rig->verdict.row_taken_back.valid_from, from);
    assert_int_equal(rig->verdict.row_taken_back.valid_to, to);
}

static void draft_enrolment_withdrawn(civil_date_t from)
{
    draft_sound(EVENT_ENROLMENT);
    BODY.enrolment = (struct enrolment){
        .area = BEIJING, .insurance_type = "310", .category = "", .effective_date = from, .withdrawn = true};
}

TEST(F11_an_enrolment_is_withdrawn)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    enrol(&rig, 20250301, 0, "1101");
    draft_enrolment_withdrawn(20250301);
    assert_refused(&rig, RULE_ROW_UNKNOWN, ""); /* version 1 takes nothing back */
    rig_logic_two(&rig);
    draft_enrolment_withdrawn(20250302);
    assert_refused(&rig, RULE_ROW_UNKNOWN, "");
    draft_enrolment_withdrawn(20250301);
    assert_taken_back(&rig, 20250301, 0);
    draft_sound(EVENT_BILL_SETTLE);
    admit(&rig);
    assert_string_equal(rig.verdict.facts.category, "1201"); /* the row of 2024 */
    draft_enrolment_withdrawn(20240101);
    assert_taken_back(&rig, 20240101, 0);
    draft_sound(EVENT_BILL_SETTLE);
    assert_refused(&rig, RULE_ENROLMENT_UNKNOWN, "bill_settle.insured_area");
    rig_stop(&rig);
}

/* What is said of the person changes; a new balance alone takes nothing back. */
TEST(F11_an_enrolment_is_corrected)
{
    static struct rig rig;
    start(&rig);
    enrol(&rig, 20240101, 0, "1201");
    assert_false(rig.verdict.has_row_taken_back);
    enrol(&rig, 20240101, 20241231, "1201");
    assert_true(rig.verdict.has_row_taken_back);
    assert_int_equal(rig.verdict.row_taken_back.valid_from, 20250101);
    enrol(&rig, 20240101, 20241231, "1101");
    assert_true(rig.verdict.has_row_taken_back);
    assert_int_equal(rig.verdict.row_taken_back.valid_to, 20241231);
    rig_stop(&rig);
}

static void draft_filing_of(const char *id, const char *care_area, civil_date_t from, bool withdrawn)
{
    draft_sound(EVENT_FILING);
    draft.event.sender = BEIJING;
    draft.event.person_id = PERSON;
    BODY.filing = (struct filing){.filing_id = id,
                                  .kind = FILING_LONG_TERM_RESIDENT,
                                  .insured_area = BEIJING,
                                  .insurance_type = "310",
                                  .care_area = care_area,
                                  .valid_from = from,
                                  .withdrawn = withdrawn};
}

TEST(F11_a_filing_is_corrected_under_its_number)
{
    static struct rig rig;
    start(&rig);
    draft_filing_of("F11", TIANJIN, 20250101, false);
    admit(&rig);
    assert_false(rig.verdict.has_row_taken_back);
    draft_filing_of("F11", TIANJIN, 20250601, false);
    assert_taken_back(&rig, 20250101, 0);
    assert_int_equal(standing_of_stay(&rig, 20250301, 20250310), STANDING_UNFILED);
    draft_filing_of("F11", "130100", 20250601, false); /* the place was wrong: no change of place */
    assert_taken_back(&rig, 20250601, 0);
    draft_filing_of("F11", "", 0, true);
    assert_taken_back(&rig, 20250601, 0);
    assert_refused(&rig, RULE_ROW_UNKNOWN, "");
    rig_stop(&rig);
}

TEST(F11_a_qualification_is_withdrawn)
{
    static struct rig rig;
    start(&rig);
    draft_sound(EVENT_QUALIFICATION);
    draft.event.sender = BEIJING;
    draft.event.person_id = PERSON;
    BODY.qualification = (struct qualification){
        .insured_area = BEIJING, .insurance_type = "310", .special_disease = "M03900", .valid_from = 20250101};
    admit(&rig);
    BODY.qualification.valid_to = 20250131; /* ended: what it settled after that day */
    assert_taken_back(&rig, 20250201, 0);
    BODY.qualification.withdrawn = true;
    assert_taken_back(&rig, 20250101, 20250131);
    assert_refused(&rig, RULE_ROW_UNKNOWN, "");
    rig_stop(&rig);
}

static void draft_institution_withdrawn(const char *code, civil_date_t from)
{
    draft_sound(EVENT_INSTITUTION);
    BODY.institution = (struct institution){.code = code, .effective_date = from, .withdrawn = true};
}

TEST(F11_an_institutions_row_is_withdrawn)
{
    static struct rig rig;
    start(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    BODY.bill.institution = CLINIC;
    BODY.bill.admission_date = 20250210;
    assert_refused(&rig, RULE_INSTITUTION_NOT_ACTIVE, "bill_settle.institution");
    draft_institution_withdrawn(CLINIC, 20250201); /* it was never suspended */
    admit(&rig);
    draft_institution_withdrawn(CLINIC, 20250201);
    assert_refused(&rig, RULE_ROW_UNKNOWN, "");
    draft_institution_withdrawn(CLINIC, 20250301);
    admit(&rig);
    draft_institution_withdrawn(BEIJING_HOSPITAL, 20240101); /* not Tianjin's */
    assert_refused(&rig, RULE_NOT_REGION_OF_CARE, "institution.code");
    for (unsigned pass = 0; pass < 2; pass++) {
        draft_sound(EVENT_BILL_SETTLE);
        BODY.bill.institution = CLINIC;
        BODY.bill.admission_date = 20250210;
        admit(&rig);
        harness_restart(&rig.harness);
    }
    draft_institution_withdrawn(CLINIC, 20240101);
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    BODY.bill.institution = CLINIC;
    assert_refused(&rig, RULE_INSTITUTION_UNKNOWN, "bill_settle.institution");
    rig_stop(&rig);
}

AROUND_ALL(load_policy, NULL)
