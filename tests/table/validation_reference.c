/* SPDX-License-Identifier: Apache-2.0
 * Filings, qualifications, catalogues and care at home: what is admitted, what is refused, and what they mean for a
 * bill on which day. */
#include "common/codes/rule.h"
#include "services/validation/filings.h"
#include "services/validation/references.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

#define BODY (draft.event.body)

static void as(enum event_kind kind, const char *sender, const char *person)
{
    draft_sound(EVENT_TICK);
    draft.event.kind = kind;
    draft.event.sender = sender;
    draft.event.person_id = person;
}

static void draft_filing(uint32_t kind, const char *care_area, civil_date_t from, civil_date_t to)
{
    static char number[16];
    static unsigned count;
    (void)snprintf(number, sizeof number, "F-%u", ++count);
    as(EVENT_FILING, BEIJING, PERSON);
    BODY.filing = (struct filing){.filing_id = number,
                                  .kind = kind,
                                  .insured_area = BEIJING,
                                  .insurance_type = "310",
                                  .care_area = care_area,
                                  .valid_from = from,
                                  .valid_to = to};
}

static void draft_qualification(civil_date_t from, civil_date_t to)
{
    as(EVENT_QUALIFICATION, BEIJING, PERSON);
    BODY.qualification = (struct qualification){.insured_area = BEIJING,
                                                .insurance_type = "310",
                                                .special_disease = "M03900",
                                                .valid_from = from,
                                                .valid_to = to};
}

static void draft_item(const char *code, uint8_t level, uint32_t share, civil_date_t from, civil_date_t to)
{
    as(EVENT_CATALOGUE_ITEM, TIANJIN, "");
    BODY.catalogue_item = (struct catalogue_item){.region = TIANJIN,
                                                  .code = code,
                                                  .name = "Item",
                                                  .level = level,
                                                  .first_own_share_bp = share,
                                                  .price_limit_micro = {1000000, 2000000, 3000000},
                                                  .effective_date = from,
                                                  .end_date = to};
}

static void draft_local(void)
{
    as(EVENT_LOCAL_CARE, BEIJING, PERSON);
    BODY.local_care = (struct local_care){.local_id = "L-1",
                                          .insured_area = BEIJING,
                                          .insurance_type = "310",
                                          .discharge_date = 20250301,
                                          .added = {.stays = 1, .pool_paid = 500000}};
}

static void assert_found(struct rig *rig, enum rule rule, const char *path)
{
    assert_int_equal(submit(rig), OK);
    if (rig->verdict.findings->count != 1)
        fail_msg("%u findings for %s", rig->verdict.findings->count, path);
    assert_int_equal(rig->verdict.findings->items[0].rule, rule);
    assert_string_equal(rig->verdict.findings->items[0].path, path);
}

/* ---- one thing wrong a row ---- */

#define FILING draft_filing(FILING_REFERRAL, TIANJIN, 20250101, 0)
#define CASES                                                                                                          \
    CASE(FILING, AREA_UNKNOWN, "filing.insured_area", BODY.filing.insured_area = "310000")                             \
    CASE(FILING, NOT_INSURED_REGION, "filing.insured_area", draft.event.sender = TIANJIN)                              \
    CASE(FILING, FILING_INVALID, "filing.insurance_type", BODY.filing.insurance_type = "110")                          \
    CASE(FILING, FILING_INVALID, "filing.filing_id", BODY.filing.filing_id = "")                                       \
    CASE(FILING, FILING_INVALID, "filing.kind", BODY.filing.kind = 7)                                                  \
    CASE(FILING, AREA_UNKNOWN, "filing.care_area", BODY.filing.care_area = HOSPITAL)                                   \
    CASE(FILING, FILING_INVALID, "filing.care_area", BODY.filing.care_area = BEIJING)                                  \
    CASE(FILING, FILING_INVALID, "filing.valid_from", BODY.filing.valid_from = 20250229)                               \
    CASE(FILING, FILING_INVALID, "filing.valid_to", BODY.filing.valid_to = 20241231)                                   \
    CASE(FILING, PERSON_ID_MISSING, "person_id", draft.event.person_id = "")                                           \
    CASE(draft_qualification(20250101, 0), QUALIFICATION_INVALID, "qualification.special_disease",                     \
         BODY.qualification.special_disease = "M0390")                                                                 \
    CASE(draft_qualification(20250101, 0), QUALIFICATION_INVALID, "qualification.valid_to",                            \
         BODY.qualification.valid_to = 20241231)                                                                       \
    CASE(draft_qualification(20250101, 0), NOT_INSURED_REGION, "qualification.insured_area",                           \
         draft.event.sender = HEBEI)                                                                                   \
    CASE(draft_item(DRUG, 1, 0, 20250101, 0), NOT_REGION_OF_CARE, "catalogue_item.region",                             \
         draft.event.sender = BEIJING)                                                                                 \
    CASE(draft_item(DRUG, 1, 0, 20250101, 0), AREA_UNKNOWN, "catalogue_item.region",                                   \
         BODY.catalogue_item.region = "130100")                                                                        \
    CASE(draft_item(DRUG, 1, 0, 20250101, 0), REFERENCE_FIELD_INVALID, "catalogue_item.code",                          \
         BODY.catalogue_item.code = "X1")                                                                              \
    CASE(draft_item(DRUG, 0, 0, 20250101, 0), REFERENCE_FIELD_INVALID, "catalogue_item.level", (void)0)                \
    CASE(draft_item(DRUG, 1, 500, 20250101, 0), REFERENCE_FIELD_INVALID, "catalogue_item.first_own_share_bp", (void)0) \
    CASE(draft_item(DRUG, 2, 10001, 20250101, 0), REFERENCE_FIELD_INVALID, "catalogue_item.first_own_share_bp",        \
         (void)0)                                                                                                      \
    CASE(draft_item(DRUG, 1, 0, 20250101, 0), REFERENCE_FIELD_INVALID, "catalogue_item.price_limit_two_micro",         \
         BODY.catalogue_item.price_limit_micro[1] = -1)                                                                \
    CASE(draft_item(DRUG, 1, 0, 20250101, 20241231), REFERENCE_FIELD_INVALID, "catalogue_item.end_date", (void)0)      \
    CASE(draft_item(DRUG, 1, 0, 20250101, 0), PERSON_ID_UNEXPECTED, "person_id", draft.event.person_id = PERSON)       \
    CASE(draft_local(), REFERENCE_FIELD_INVALID, "local_care.discharge_date",                                          \
         BODY.local_care.discharge_date = 20250311)                                                                    \
    CASE(draft_local(), REFERENCE_FIELD_INVALID, "local_care.stays", BODY.local_care.added.stays = 2)                  \
    CASE(draft_local(), REFERENCE_FIELD_INVALID, "local_care.local_id", BODY.local_care.local_id = "")                 \
    CASE(draft_local(), REFERENCE_FIELD_INVALID, "local_care.pool_paid_fen", BODY.local_care.added.pool_paid = -1)     \
    CASE(draft_local(), NOT_INSURED_REGION, "local_care.insured_area", draft.event.sender = TIANJIN)

TEST(each_rule_is_broken_alone)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    FILING;
    admit(&rig);
    draft_qualification(20250101, 0);
    admit(&rig);
    draft_local();
    admit(&rig);
#define CASE(sound, rule, path, change)                                                                                \
    sound;                                                                                                             \
    change;                                                                                                            \
    assert_found(&rig, RULE_##rule, path);
    CASES
#undef CASE
    rig_stop(&rig);
}

TEST(a_long_term_filing_changes_after_six_months)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_filing(FILING_POSTED_WORKER, TIANJIN, 20240831, 0);
    admit(&rig);
    draft_filing(FILING_LONG_TERM_RESIDENT, TIANJIN, 20240901, 0); /* the same area: no change */
    admit(&rig);
    draft_filing(FILING_LONG_TERM_RESIDENT, "131000", 20250228, 0);
    assert_found(&rig, RULE_FILING_CHANGE_EARLY, "filing.valid_from");
    draft_filing(FILING_LONG_TERM_RESIDENT, "131000", 20250301, 0);
    admit(&rig);
    draft_filing(FILING_LONG_TERM_RESIDENT, "130100", 20250201, 0); /* nor between two that stand */
    assert_found(&rig, RULE_FILING_CHANGE_EARLY, "filing.valid_from");
    rig_stop(&rig);
}

/* What stands on a day, of care in an area. */
static uint32_t standing(struct rig *rig, const char *care_area, civil_date_t day)
{
    return (uint32_t)filing_standing_on(rig->harness.txn, FILINGS_TABLE, PERSON, BEIJING, "310", care_area, day);
}

TEST(what_a_filing_says_on_a_day)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    assert_int_equal(standing(&rig, TIANJIN, 20250301), STANDING_UNFILED);
    draft_filing(FILING_OTHER_TEMPORARY, TIANJIN, 20250115, 20250120);
    assert_found(&rig, RULE_FILING_EXTENDED, "filing.valid_to"); /* and is kept, for six months */
    assert_false(rig.verdict.refused);
    assert_int_equal(standing(&rig, TIANJIN, 20250114), STANDING_UNFILED);
    assert_int_equal(standing(&rig, TIANJIN, 20250115), STANDING_OTHER_TEMPORARY);
    assert_int_equal(standing(&rig, TIANJIN, 20250715), STANDING_OTHER_TEMPORARY);
    assert_int_equal(standing(&rig, TIANJIN, 20250716), STANDING_UNFILED);
    assert_int_equal(standing(&rig, "131000", 20250301), STANDING_UNFILED);
    draft_filing(FILING_REFERRAL, HEBEI, 20250201, 0); /* to the whole region */
    admit(&rig);
    assert_int_equal(standing(&rig, "131000", 20250301), STANDING_REFERRAL_OR_EMERGENCY);
    draft_filing(FILING_RESETTLED_RETIREE, "130100", 20250101, 0);
    admit(&rig);
    assert_int_equal(standing(&rig, "130100", 20250301), STANDING_LONG_TERM);
    draft_filing(FILING_RESETTLED_RETIREE, TIANJIN, 20250801, 0); /* moved on: the old one holds no longer */
    admit(&rig);
    assert_int_equal(standing(&rig, "130100", 20250731), STANDING_LONG_TERM);
    assert_int_equal(standing(&rig, "130100", 20250801), STANDING_REFERRAL_OR_EMERGENCY);
    assert_int_equal(standing(&rig, TIANJIN, 20250801), STANDING_LONG_TERM);
    draft_sound(EVENT_BILL_SETTLE); /* in Tianjin, discharged on 2025-03-10 */
    admit(&rig);
    assert_int_equal(rig.verdict.facts.filing, STANDING_OTHER_TEMPORARY);
    rig_stop(&rig);
}

static void draft_chronic(civil_date_t day)
{
    draft_sound(EVENT_BILL_SETTLE);
    BODY.bill.care_kind = "14";
    BODY.bill.special_disease = "M03900";
    BODY.bill.admission_date = BODY.bill.discharge_date = day;
}

TEST(chronic_care_wants_a_qualification_of_its_day)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_chronic(20250310);
    assert_found(&rig, RULE_QUALIFICATION_MISSING, "bill_settle.special_disease");
    draft_qualification(20250201, 0);
    admit(&rig);
    draft_chronic(20250310);
    admit(&rig);
    draft_chronic(20250131);
    assert_found(&rig, RULE_QUALIFICATION_MISSING, "bill_settle.special_disease");
    draft_qualification(20250201, 20250309); /* ended, restated with its first day */
    admit(&rig);
    draft_chronic(20250309);
    admit(&rig);
    draft_chronic(20250310);
    assert_found(&rig, RULE_QUALIFICATION_MISSING, "bill_settle.special_disease");
    BODY.bill.special_disease = "M01600"; /* another disease */
    assert_found(&rig, RULE_QUALIFICATION_MISSING, "bill_settle.special_disease");
    rig_stop(&rig);
}

/* The draft's two drugs as the catalogue has them; HOSPITAL is of level III. */
static void draft_listed(civil_date_t day)
{
    draft_sound(EVENT_BILL_SETTLE);
    BODY.bill.admission_date = BODY.bill.discharge_date = day;
    for (unsigned i = 0; i < 2; i++)
        draft.items[i].price_limit_micro = 3000000;
}

TEST(the_catalogue_of_the_place_of_care_decides)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE); /* nothing stated: the bill's own figures count */
    admit(&rig);
    draft_item(DRUG, 1, 0, 20250201, 0);
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    BODY.bill.admission_date = BODY.bill.discharge_date = 20250131; /* not stated yet on that day */
    admit(&rig);
    draft_listed(20250310);
    assert_found(&rig, RULE_CATALOGUE_ITEM_UNKNOWN, "bill_settle.items[1].code");
    draft_item(OTHER_DRUG, 2, 1000, 20250201, 20250309);
    admit(&rig);
    draft_listed(20250310);
    assert_found(&rig, RULE_CATALOGUE_ITEM_UNKNOWN, "bill_settle.items[1].code"); /* its last day has passed */
    draft_listed(20250309);
    draft.items[1].level = 2;
    draft.items[1].first_own_share_bp = 1000;
    admit(&rig);
    draft.items[1].first_own_share_bp = 999;
    assert_found(&rig, RULE_CATALOGUE_SHARE, "bill_settle.items[1].first_own_share_bp");
    assert_string_equal(rig.verdict.findings->items[0].detail, "found 999, expected 1000");
    draft.items[1].first_own_share_bp = 1000;
    draft.items[1].price_limit_micro = 2000000; /* level II's */
    assert_found(&rig, RULE_CATALOGUE_LIMIT, "bill_settle.items[1].price_limit_micro");
    draft.items[1].price_limit_micro = 3000000;
    draft.items[1].level = 3;
    assert_found(&rig, RULE_CATALOGUE_LEVEL, "bill_settle.items[1].level");
    draft_item(DRUG, 3, 0, 20250301, 0); /* changes with the month */
    admit(&rig);
    draft_listed(20250228);
    draft.items[1].level = 2;
    draft.items[1].first_own_share_bp = 1000;
    admit(&rig);
    draft.event.body.bill.admission_date = draft.event.body.bill.discharge_date = 20250301;
    assert_found(&rig, RULE_CATALOGUE_LEVEL, "bill_settle.items[0].level");
    rig_stop(&rig);
}

/* Services are not held to a catalogue of drugs. */
TEST(each_kind_of_item_has_a_catalogue_of_its_own)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_item(DRUG, 1, 0, 20250201, 0);
    admit(&rig);
    draft_listed(20250310);
    draft.items[1].code = "001101000010000";
    draft.items[1].price_limit_micro = 0;
    admit(&rig);
    rig_stop(&rig);
}

/* Enrolled in maternity insurance, a person is settled for maternity care alone. */
TEST(maternity_insurance_settles_maternity)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_ENROLMENT);
    BODY.enrolment.insurance_type = "510";
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    BODY.bill.insurance_type = "510";
    assert_found(&rig, RULE_BILL_TYPE_CARE, "bill_settle.care_kind");
    BODY.bill.care_kind = "52";
    admit(&rig);
    rig_stop(&rig);
}

AROUND_ALL(load_policy, NULL)
