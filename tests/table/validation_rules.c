/* SPDX-License-Identifier: Apache-2.0
 * Every rule that validation decides, broken alone: the finding's rule and path. A row changes one thing in an event
 * that is otherwise admitted. */
#include "common/codes/rule.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

/* ---- one change a row ---- */

#define BILL (draft.event.body.bill)
#define ITEM (draft.items)
#define PLACE (draft.event.body.institution)
#define ENROLMENT (draft.event.body.enrolment)

/* CASE(name, event, rule, path, the change) */
#define CASES                                                                                                          \
    CASE(nobody, BILL_SETTLE, PERSON_ID_MISSING, "person_id", draft.event.person_id = "")                              \
    CASE(check_digit, BILL_SETTLE, PERSON_ID_INVALID, "person_id", draft.event.person_id = "110101194912310020")       \
    CASE(short_number, BILL_TRIAL, PERSON_ID_INVALID, "person_id", draft.event.person_id = "11010119491231002")        \
    CASE(reversal_for_nobody, BILL_REVERSAL, PERSON_ID_MISSING, "person_id", draft.event.person_id = "")               \
    CASE(enrolment_of_nobody, ENROLMENT, PERSON_ID_MISSING, "person_id", draft.event.person_id = "")                   \
    CASE(person_of_institution, INSTITUTION, PERSON_ID_UNEXPECTED, "person_id", draft.event.person_id = PERSON)        \
    CASE(person_of_policy, POLICY, PERSON_ID_UNEXPECTED, "person_id", draft.event.person_id = PERSON)                  \
    CASE(person_of_tick, TICK, PERSON_ID_UNEXPECTED, "person_id", draft.event.person_id = PERSON)                      \
    CASE(person_of_logic, LOGIC_VERSION, PERSON_ID_UNEXPECTED, "person_id", draft.event.person_id = PERSON)            \
    CASE(born_later, BILL_SETTLE, PERSON_BORN_LATER, "person_id", born_after_admission())                              \
                                                                                                                       \
    CASE(bill_from_elsewhere, BILL_SETTLE, NOT_REGION_OF_CARE, "bill_settle.institution", draft.event.sender = HEBEI)  \
    CASE(bill_from_insured_region, BILL_SETTLE, NOT_REGION_OF_CARE, "bill_settle.institution",                         \
         draft.event.sender = BEIJING)                                                                                 \
    CASE(reversal_by_no_region, BILL_REVERSAL, NOT_REGION_OF_CARE, "sender", draft.event.sender = "operator")          \
    CASE(foreign_institution, INSTITUTION, NOT_REGION_OF_CARE, "institution.area", draft.event.sender = BEIJING)       \
    CASE(institution_by_operator, INSTITUTION, NOT_REGION_OF_CARE, "institution.area",                                 \
         draft.event.sender = "operator")                                                                              \
    CASE(foreign_enrolment, ENROLMENT, NOT_INSURED_REGION, "enrolment.area", draft.event.sender = TIANJIN)             \
    CASE(foreign_policy, POLICY, NOT_INSURED_REGION, "policy.area", draft.event.sender = HEBEI)                        \
                                                                                                                       \
    CASE(unregistered, BILL_SETTLE, INSTITUTION_UNKNOWN, "bill_settle.institution", BILL.institution = "H12010199999") \
    CASE(suspended_on_admission, BILL_SETTLE, INSTITUTION_NOT_ACTIVE, "bill_settle.institution",                       \
         (BILL.institution = CLINIC, BILL.admission_date = 20250228))                                                  \
    CASE(not_yet_registered, BILL_SETTLE, INSTITUTION_NOT_ACTIVE, "bill_settle.institution",                           \
         BILL.admission_date = 20231231)                                                                               \
    CASE(never_enrolled_there, BILL_SETTLE, ENROLMENT_UNKNOWN, "bill_settle.insured_area",                             \
         BILL.insured_area = "130100")                                                                                 \
    CASE(never_enrolled_so, BILL_SETTLE, ENROLMENT_UNKNOWN, "bill_settle.insured_area", BILL.insurance_type = "390")   \
    CASE(enrolled_later, BILL_SETTLE, ENROLMENT_UNKNOWN, "bill_settle.insured_area", before_enrolment())               \
    CASE(no_such_area, BILL_TRIAL, AREA_UNKNOWN, "bill_trial.insured_area", BILL.insured_area = "310000")              \
    CASE(province_is_no_area, BILL_SETTLE, AREA_UNKNOWN, "bill_settle.insured_area", BILL.insured_area = HEBEI)        \
    CASE(institution_in_no_area, INSTITUTION, AREA_UNKNOWN, "institution.area", PLACE.area = "310000")                 \
    CASE(enrolment_in_no_area, ENROLMENT, AREA_UNKNOWN, "enrolment.area", ENROLMENT.area = "")                         \
    CASE(short_institution, BILL_SETTLE, INSTITUTION_CODE_INVALID, "bill_settle.institution",                          \
         BILL.institution = "H1201010000")                                                                             \
    CASE(register_misshapen, INSTITUTION, INSTITUTION_CODE_INVALID, "institution.code", PLACE.code = "Q12010100001")   \
    CASE(code_of_elsewhere, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.code", PLACE.code = BEIJING_HOSPITAL)   \
    CASE(nameless, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.name", PLACE.name = "")                          \
    CASE(name_of_two_lines, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.name", PLACE.name = "One\nTwo")         \
    CASE(level_zero, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.level", PLACE.level = 0)                       \
    CASE(level_wraps, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.level", PLACE.level = 257)                    \
    CASE(status_unknown, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.status", PLACE.status = 4)                 \
    CASE(suspended_for_nothing, INSTITUTION, INSTITUTION_REASON, "institution.reason",                                 \
         PLACE.status = INSTITUTION_SUSPENDED)                                                                         \
    CASE(terminated_for_blanks, INSTITUTION, INSTITUTION_REASON, "institution.reason",                                 \
         (PLACE.status = INSTITUTION_TERMINATED, PLACE.reason = "  "))                                                 \
    CASE(reason_on_two_lines, INSTITUTION, INSTITUTION_REASON, "institution.reason", PLACE.reason = "a\nb")            \
    CASE(reason_with_delete, INSTITUTION, INSTITUTION_REASON, "institution.reason", PLACE.reason = "a\x7f")            \
    CASE(reason_with_c1, INSTITUTION, INSTITUTION_REASON, "institution.reason", PLACE.reason = "\xc2\x9b")             \
    CASE(reason_too_long, INSTITUTION, INSTITUTION_REASON, "institution.reason", PLACE.reason = reason_of(201))        \
    CASE(registered_never, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.effective_date",                         \
         PLACE.effective_date = 20250229)                                                                              \
    CASE(type_unknown, ENROLMENT, REFERENCE_FIELD_INVALID, "enrolment.insurance_type",                                 \
         ENROLMENT.insurance_type = "311")                                                                             \
    CASE(category_unknown, ENROLMENT, REFERENCE_FIELD_INVALID, "enrolment.category", ENROLMENT.category = "1701")      \
    CASE(enrolled_never, ENROLMENT, REFERENCE_FIELD_INVALID, "enrolment.effective_date",                               \
         ENROLMENT.effective_date = 20241301)                                                                          \
    CASE(ends_before, ENROLMENT, REFERENCE_FIELD_INVALID, "enrolment.end_date", ENROLMENT.end_date = 20231231)         \
    CASE(balance_negative, ENROLMENT, REFERENCE_FIELD_INVALID, "enrolment.account_balance_fen",                        \
         ENROLMENT.account_balance = -1)                                                                               \
    CASE(poverty_unknown, ENROLMENT, REFERENCE_FIELD_INVALID, "enrolment.poverty", ENROLMENT.poverty = 5)              \
    CASE(logic_backwards, LOGIC_VERSION, REFERENCE_FIELD_INVALID, "logic_version.version",                             \
         draft.event.body.logic.version = 0)                                                                           \
    CASE(logic_before_its_tables, LOGIC_VERSION, GAZETTES_MISSING, "logic_version.version",                            \
         draft.event.body.logic.version = 2)                                                                           \
    CASE(areas_of_nowhere, GAZETTE, GAZETTE_INVALID, "gazette.areas.rows", draft.gazette.table.areas.row_count = 0)    \
    CASE(person_of_gazette, GAZETTE, PERSON_ID_UNEXPECTED, "person_id", draft.event.person_id = PERSON)                \
    CASE(policy_inverted, POLICY, POLICY_INVALID, "policy.valid_to", draft.policy.valid_to = 20000101)                 \
                                                                                                                       \
    CASE(no_number, BILL_SETTLE, BILL_ID_INVALID, "bill_settle.bill_id", BILL.bill_id = "")                            \
    CASE(long_number, BILL_SETTLE, BILL_ID_INVALID, "bill_settle.bill_id",                                             \
         BILL.bill_id = "0123456789012345678901234567890")                                                             \
    CASE(number_with_space, BILL_SETTLE, BILL_ID_INVALID, "bill_settle.bill_id", BILL.bill_id = "B 1")                 \
    CASE(admission_never, BILL_SETTLE, BILL_DATE_INVALID, "bill_settle.admission_date",                                \
         BILL.admission_date = 20250229)                                                                               \
    CASE(discharge_never, BILL_TRIAL, BILL_DATE_INVALID, "bill_trial.discharge_date", BILL.discharge_date = 0)         \
    CASE(reversed, BILL_SETTLE, BILL_DATES_REVERSED, "bill_settle.discharge_date", BILL.discharge_date = 20250228)     \
    CASE(future, BILL_SETTLE, BILL_DATE_FUTURE, "bill_settle.discharge_date", BILL.discharge_date = 20250311)          \
    CASE(chronic_of_what, BILL_SETTLE, BILL_SPECIAL_DISEASE, "bill_settle.special_disease", BILL.care_kind = "14")     \
    CASE(chronic_in_a_shape_of_its_own, BILL_SETTLE, BILL_SPECIAL_DISEASE, "bill_settle.special_disease",              \
         (BILL.care_kind = "14", BILL.special_disease = "M0390"))                                                      \
    CASE(disease_of_a_stay, BILL_SETTLE, BILL_SPECIAL_DISEASE, "bill_settle.special_disease",                          \
         BILL.special_disease = "M03900")                                                                              \
    CASE(total_off, BILL_SETTLE, BILL_TOTAL_MISMATCH, "bill_settle.total_fen", BILL.total++)                           \
    CASE(line_one_more, BILL_SETTLE, BILL_LINE_OFF_BY_ONE, "bill_settle.items[1].amount_fen",                          \
         (ITEM[1].amount++, BILL.total++))                                                                             \
    CASE(line_one_less, BILL_SETTLE, BILL_LINE_OFF_BY_ONE, "bill_settle.items[0].amount_fen",                          \
         (ITEM[0].amount--, BILL.total--))                                                                             \
    CASE(line_two_more, BILL_SETTLE, BILL_LINE_MISMATCH, "bill_settle.items[1].amount_fen",                            \
         (ITEM[1].amount += 2, BILL.total += 2))                                                                       \
    CASE(price_negative, BILL_SETTLE, BILL_AMOUNT_RANGE, "bill_settle.items[0].unit_price_micro",                      \
         ITEM[0].unit_price_micro = -1)                                                                                \
    CASE(price_absurd, BILL_SETTLE, BILL_AMOUNT_RANGE, "bill_settle.items[0].unit_price_micro",                        \
         ITEM[0].unit_price_micro = INT64_MAX)                                                                         \
    CASE(limit_absurd, BILL_SETTLE, BILL_AMOUNT_RANGE, "bill_settle.items[0].price_limit_micro",                       \
         ITEM[0].price_limit_micro = ITEM_PRICE_MAX_MICRO + 1)                                                         \
    CASE(quantity_none, BILL_SETTLE, BILL_AMOUNT_RANGE, "bill_settle.items[1].quantity_e4", ITEM[1].quantity_e4 = 0)   \
    CASE(quantity_absurd, BILL_SETTLE, BILL_AMOUNT_RANGE, "bill_settle.items[1].quantity_e4",                          \
         ITEM[1].quantity_e4 = INT64_MIN)                                                                              \
    CASE(amount_absurd, BILL_SETTLE, BILL_AMOUNT_RANGE, "bill_settle.items[0].amount_fen", one_absurd_pair())          \
    CASE(no_items, BILL_SETTLE, BILL_ITEMS_MISSING, "bill_settle.items", (BILL.item_count = 0, BILL.total = 0))        \
    CASE(level_none, BILL_SETTLE, BILL_ITEM_LEVEL, "bill_settle.items[0].level", ITEM[0].level = 0)                    \
    CASE(item_code, BILL_SETTLE, BILL_ITEM_CODE, "bill_settle.items[1].code", ITEM[1].code = "x1")                     \
    CASE(item_code_missing, BILL_SETTLE, BILL_ITEM_CODE, "bill_settle.items[1].code", ITEM[1].code = "")               \
    CASE(share_over_all, BILL_SETTLE, BILL_ITEM_SHARE, "bill_settle.items[0].first_own_share_bp",                      \
         ITEM[0].first_own_share_bp = 10001)                                                                           \
    CASE(returned_too_much, BILL_SETTLE, BILL_ITEM_NET_NEGATIVE, "bill_settle.items[1].quantity_e4", over_return())    \
    CASE(local, BILL_SETTLE, BILL_LOCAL, "bill_settle.insured_area", local_bill())                                     \
    CASE(care_kind, BILL_SETTLE, BILL_CARE_KIND, "bill_settle.care_kind", BILL.care_kind = "99")                       \
    CASE(insurance_type, BILL_SETTLE, BILL_INSURANCE_TYPE, "bill_settle.insurance_type", BILL.insurance_type = "31")   \
    CASE(diagnosis, BILL_SETTLE, BILL_DIAGNOSIS, "bill_settle.diagnosis", BILL.diagnosis = "18.900J")                  \
    CASE(diagnosis_missing, BILL_SETTLE, BILL_DIAGNOSIS, "bill_settle.diagnosis", BILL.diagnosis = "")                 \
    CASE(credential, BILL_SETTLE, BILL_CREDENTIAL, "bill_settle.credential", BILL.credential = "04")                   \
    CASE(too_many, BILL_SETTLE, BILL_TOO_MANY_ITEMS, "bill_settle.items", too_many_items())                            \
    CASE(total_negative, BILL_SETTLE, BILL_TOTAL_NEGATIVE, "bill_settle.total_fen", negative_total())                  \
    CASE(duplicate, BILL_SETTLE, BILL_ITEM_DUPLICATE, "bill_settle.items[1]", (ITEM[1] = ITEM[0], BILL.total = 200000))

/* Enrolled, so that only the birth date is wrong: an enrolment may be accepted later than the day of care. */
static struct rig *current;
static void born_after_admission(void)
{
    const char *newborn = identity_of("11010120250302001");
    draft_sound(EVENT_ENROLMENT);
    draft.event.person_id = newborn;
    admit(current);
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.person_id = newborn;
}

static void before_enrolment(void)
{
    const char *late = identity_of("11010119800101003");
    draft_sound(EVENT_ENROLMENT);
    draft.event.person_id = late;
    ENROLMENT.effective_date = 20250311;
    admit(current);
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.person_id = late;
}

/* The sums hold, in a total that is within range. */
static void one_absurd_pair(void)
{
    ITEM[0].amount = BILL_TOTAL_MAX_FEN + 1;
    ITEM[2] = line("X000000000000000000000C", -BILL_TOTAL_MAX_FEN);
    BILL.item_count = 3;
    BILL.total = 50001;
}

static void over_return(void)
{
    ITEM[1] = line(OTHER_DRUG, 30000);
    ITEM[2] = line(OTHER_DRUG, -30001);
    ITEM[2].quantity_e4 = -10000;
    BILL.item_count = 3;
    BILL.total = 99999;
}

static void local_bill(void)
{
    draft_sound(EVENT_ENROLMENT);
    draft.event.sender = TIANJIN;
    ENROLMENT.area = TIANJIN;
    admit(current);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.insured_area = TIANJIN;
}

static void too_many_items(void)
{
    for (uint32_t i = 0; i < LINES_MAX; i++)
        ITEM[i] = line(DRUG, (fen_t)i + 1);
    BILL.item_count = LINES_MAX;
}

/* So many Chinese characters. */
static const char *reason_of(unsigned characters)
{
    static char text[3 * 256 + 1];
    for (unsigned i = 0; i < characters; i++)
        memcpy(text + 3 * (size_t)i, "违", 3);
    text[3 * (size_t)characters] = 0;
    return text;
}

static void negative_total(void)
{
    BILL.item_count = 0;
    BILL.total = -1;
}

struct row {
    const char *name;
    enum event_kind kind;
    enum rule rule;
    const char *path;
    void (*change)(void);
};

#define CASE(name, kind, rule, path, change)                                                                           \
    static void change_##name(void)                                                                                    \
    {                                                                                                                  \
        change;                                                                                                        \
    }
CASES
#undef CASE

static const struct row rows[] = {
#define CASE(name, kind, rule, path, change) {#name, EVENT_##kind, RULE_##rule, path, change_##name},
    CASES
#undef CASE
};

enum { ROWS_COUNT = sizeof rows / sizeof rows[0] };

/* Faults that bring another with them by nature: a bill without items has no total but zero. */
static const struct {
    enum rule rule, companion;
} companions[] = {{RULE_BILL_TOTAL_NEGATIVE, RULE_BILL_ITEMS_MISSING},
                  {RULE_BILL_TOTAL_NEGATIVE, RULE_BILL_TOTAL_MISMATCH}};

static bool is_companion(enum rule rule, uint32_t other)
{
    for (size_t i = 0; i < sizeof companions / sizeof companions[0]; i++)
        if (companions[i].rule == rule && companions[i].companion == other)
            return true;
    return false;
}

/* ---- the tests ---- */

TEST(each_rule_is_broken_alone)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    current = &rig;
    for (size_t i = 0; i < ROWS_COUNT; i++) {
        const struct row *row = &rows[i];
        bool found = false;
        draft_sound(row->kind);
        row->change();
        if (submit(&rig) != OK || rig.harness.output.size == 0)
            fail_msg("%s: no verdict", row->name);
        for (uint32_t j = 0; j < rig.verdict.findings->count; j++) {
            const struct finding *finding = &rig.verdict.findings->items[j];
            if (finding->rule == row->rule && strcmp(finding->path, row->path) == 0 && !found)
                found = true;
            else if (!is_companion(row->rule, finding->rule))
                fail_msg("%s: also %u at %s (%s)", row->name, finding->rule, finding->path, finding->detail);
        }
        if (!found)
            fail_msg("%s: not found: %u at %s", row->name, row->rule, row->path);
        bool refused = rule_find(row->rule)->severity == RULE_ERROR;
        bool bill = row->kind == EVENT_BILL_SETTLE || row->kind == EVENT_BILL_TRIAL;
        if (rig.verdict.refused != refused || rig.verdict.has_facts != (bill && !refused))
            fail_msg("%s: refused %d, facts %d", row->name, rig.verdict.refused, rig.verdict.has_facts);
    }
    rig_stop(&rig);
}

/* The gate's (AUT), and settlement's: what depends on what was settled before, or on the policy. */
static const enum rule elsewhere[] = {
    RULE_SENDER_NOT_KEY, RULE_KEY_REVOKED, RULE_NOT_YOUR_MAILBOX, RULE_NOT_YOUR_BOOKS, RULE_ROLE_MAY_NOT,
    RULE_POLICY_UNKNOWN, RULE_BILL_DUPLICATE, RULE_BILL_AMOUNT_CHANGED, RULE_REVERSAL_UNKNOWN, RULE_REVERSAL_TWICE,
    RULE_REVERSAL_FOREIGN, RULE_BILL_PERIOD_TOO_LONG,
    /* validation_reference.c; settlement_reference.c */
    RULE_CATALOGUE_ITEM_UNKNOWN, RULE_CATALOGUE_LEVEL, RULE_CATALOGUE_SHARE, RULE_CATALOGUE_LIMIT, RULE_BILL_TYPE_CARE,
    RULE_LOCAL_CARE_TWICE, RULE_LOCAL_CARE_UNKNOWN,
    /* places.c */
    RULE_DIVISION_UNKNOWN, RULE_CATEGORY_OF_OTHER_TYPE, RULE_CATEGORY_VETERAN, RULE_INSURANCE_TYPE_NOT_OF_ITS_OWN,
    RULE_LOCAL_CARE_STAYS, RULE_CREDIT_CODE,
    /* of logic version 2: validation_money.c; settlement_money.c */
    RULE_ROW_UNKNOWN, RULE_ROW_HAD_SETTLED, RULE_BILL_ITEMS_ALIKE, RULE_BILL_AFTER_DEATH, RULE_BILL_AFTER_DEATH_SETTLED,
    RULE_BILL_PAID_TWICE,
    /* signing.c */
    RULE_SIGNING_PARTY_UNKNOWN, RULE_SIGNING_KEY_MALFORMED, RULE_SIGNING_KEY_TAKEN, RULE_SIGNING_KEY_NOT_THERE,
    RULE_SIGNING_DEMAND,
    /* settlement_numbers.c */
    RULE_PARAMETER_UNSTATED, RULE_POLICY_SILENT, RULE_POLICY_ENDED,
    /* the tool, which was told by the mailbox: tests/e2e */
    RULE_ROW_SUPERSEDED, RULE_BILL_TAKEN_BACK};

TEST(every_rule_of_ours_has_a_row)
{
    const struct rule_text *rule;
    for (unsigned i = 0; (rule = rule_at(i)) != NULL; i++) {
        bool seen = rule->number < 200 || rule->number >= 600; /* IDN, AUT, REF, BIL */
        for (size_t j = 0; j < sizeof elsewhere / sizeof elsewhere[0]; j++)
            seen = seen || (uint32_t)elsewhere[j] == rule->number;
        for (size_t j = 0; j < ROWS_COUNT; j++)
            seen = seen || (uint32_t)rows[j].rule == rule->number;
        if (!seen)
            fail_msg("%s has no row", rule->name);
    }
}
/* 200 characters, of three bytes each; an active institution may state one too. */
TEST(a_reason_may_be_long)
{
    static struct rig rig;
    rig_start(&rig, 0, 1);
    for (uint32_t status = INSTITUTION_ACTIVE; status <= INSTITUTION_TERMINATED; status++) {
        draft_sound(EVENT_INSTITUTION);
        PLACE.status = status;
        PLACE.reason = reason_of(200);
        admit(&rig);
    }
    rig_stop(&rig);
}

AROUND_ALL(load_policy, NULL)
