/* SPDX-License-Identifier: Apache-2.0
 * Every rule that validation decides, broken alone: the finding's rule and path. A row changes one thing in an event
 * that is otherwise admitted. Then what the reference data say on which day, many faults at once, partitions, and the
 * way back of dead letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/codes/identity.h"
#include "common/codes/rule.h"
#include "common/pb/outcome.h"
#include "services/settlement/policy/policy_file.h"
#include "services/validation/validation_core.h"
#include "tests/support/core_harness.h"

#define BEIJING "110000"
#define TIANJIN "120000"
#define HEBEI "130000"
#define HOSPITAL "H12010100001" /* Tianjin, level 3, municipal, active since 2024 */
#define CLINIC "H12010100002"   /* Tianjin, active since 2024, suspended on 2025-02-01, active again on 2025-03-01 */
#define BEIJING_HOSPITAL "H11010100001"
#define PERSON "110101194912310024" /* born 1949-12-31; the check digit is asserted in main */
#define DRUG "X000000000000000000000A"
#define OTHER_DRUG "X000000000000000000000B"
#define NOON INT64_C(1741579200000)     /* 2025-03-10 12:00 in Shanghai */
#define MIDNIGHT INT64_C(1741622400000) /* 2025-03-11 00:00 in Shanghai */

enum { LINES_MAX = BILL_ITEMS_COUNT_MAX + 1 };

/* One event to be changed, with room for what it points at. */
struct draft {
    struct event event;
    struct bill_item items[LINES_MAX];
    struct policy policy;
    instant_ms_t accepted_at;
};

struct rig {
    struct harness harness;
    struct buffer envelope, record;
    struct verdict verdict; /* of the last event */
};

static struct draft draft; /* large: not on the stack */
static struct policy sound_policy;

/* ---- sound events ---- */

static struct bill_item line(const char *code, fen_t amount)
{
    return (struct bill_item){.code = code,
                              .level = 1,
                              .unit_price_micro = (amount < 0 ? -amount : amount) * 10000,
                              .quantity_e4 = amount < 0 ? -10000 : 10000,
                              .amount = amount};
}

static void draft_bill(void)
{
    draft.event.sender = TIANJIN;
    draft.event.body.bill = (struct bill){.bill_id = "B-1",
                                          .institution = HOSPITAL,
                                          .insured_area = BEIJING,
                                          .insurance_type = "310",
                                          .care_kind = "21",
                                          .admission_date = 20250301,
                                          .discharge_date = 20250310,
                                          .diagnosis = "J18.900",
                                          .credential = "01",
                                          .total = 150000,
                                          .items = draft.items,
                                          .item_count = 2};
    draft.items[0] = line(DRUG, 100000);
    draft.items[1] = line(OTHER_DRUG, 50000);
}

static void draft_sound(enum event_kind kind)
{
    draft.accepted_at = NOON;
    draft.event = (struct event){.version = 1,
                                 .sender = TIANJIN,
                                 .message_id = "0190b1c2-0000-7000-8000-000000000001",
                                 .sent_at = NOON,
                                 .person_id = PERSON,
                                 .traceparent = "",
                                 .kind = kind};
    if (kind == EVENT_BILL_TRIAL || kind == EVENT_BILL_SETTLE) {
        draft_bill();
    } else if (kind == EVENT_BILL_REVERSAL) {
        draft.event.body.reversal = (struct bill_reversal){7, "returned"};
    } else if (kind == EVENT_INSTITUTION) {
        draft.event.person_id = "";
        draft.event.body.institution = (struct institution){.code = HOSPITAL,
                                                            .name = "Hospital",
                                                            .area = TIANJIN,
                                                            .level = 3,
                                                            .municipal = true,
                                                            .status = INSTITUTION_ACTIVE,
                                                            .effective_date = 20240101};
    } else if (kind == EVENT_ENROLMENT) {
        draft.event.sender = BEIJING;
        draft.event.body.enrolment = (struct enrolment){.area = BEIJING,
                                                        .insurance_type = "310",
                                                        .category = "1201",
                                                        .effective_date = 20240101,
                                                        .account_balance = 5000,
                                                        .poverty = POVERTY_SUBSISTENCE,
                                                        .civil_servant = true};
    } else {
        draft.event.sender = kind == EVENT_POLICY ? BEIJING : "operator";
        draft.event.person_id = "";
        if (kind == EVENT_POLICY) {
            draft.policy = sound_policy;
            draft.event.body.policy = &draft.policy;
        } else if (kind == EVENT_LOGIC_VERSION) {
            draft.event.body.logic.version = 1;
            draft.event.body.logic.reason = "";
        }
    }
}

/* ---- the core ---- */

static enum status submit(struct rig *rig)
{
    buffer_reset(&rig->envelope);
    buffer_reset(&rig->record);
    event_encode(&draft.event, &rig->envelope);
    struct submission submission = {draft.accepted_at, person_hash(span_text(draft.event.person_id)),
                                    buffer_span(&rig->envelope)};
    submission_encode(&submission, &rig->record);
    struct span record = buffer_span(&rig->record);
    enum status status = harness_apply(&rig->harness, &record, 1);
    rig->verdict = (struct verdict){0};
    if (status == OK && rig->harness.output.size > 0) {
        assert_int_equal(verdict_decode(buffer_span(&rig->harness.output), &rig->harness.arena, &rig->verdict), OK);
        assert_int_equal(rig->verdict.accepted_at, draft.accepted_at);
        assert_int_equal(rig->verdict.person_hash, submission.person_hash);
        assert_true(span_equal(rig->verdict.envelope, submission.envelope)); /* the sender's exact bytes */
    }
    return status;
}

static void admit(struct rig *rig)
{
    assert_int_equal(submit(rig), OK);
    assert_non_null(rig->verdict.findings);
    if (rig->verdict.findings->count > 0)
        fail_msg("%u at %s", rig->verdict.findings->items[0].rule, rig->verdict.findings->items[0].path);
    assert_false(rig->verdict.refused);
}

static void register_institution(struct rig *rig, const char *code, const char *region, civil_date_t date,
                                 enum institution_status status)
{
    draft_sound(EVENT_INSTITUTION);
    draft.event.sender = region;
    draft.event.body.institution.area = region;
    draft.event.body.institution.code = code;
    draft.event.body.institution.effective_date = date;
    draft.event.body.institution.status = status;
    admit(rig);
}

static void enrol(struct rig *rig, civil_date_t from, civil_date_t to, const char *category)
{
    draft_sound(EVENT_ENROLMENT);
    draft.event.body.enrolment.effective_date = from;
    draft.event.body.enrolment.end_date = to;
    draft.event.body.enrolment.category = category;
    admit(rig);
}

static void rig_start(struct rig *rig, uint32_t index, uint32_t count)
{
    memset(rig, 0, sizeof *rig);
    harness_start(&rig->harness, &validation_core, index, count, 1);
    register_institution(rig, HOSPITAL, TIANJIN, 20240101, INSTITUTION_ACTIVE);
    register_institution(rig, CLINIC, TIANJIN, 20240101, INSTITUTION_ACTIVE);
    register_institution(rig, CLINIC, TIANJIN, 20250301, INSTITUTION_ACTIVE);
    register_institution(rig, CLINIC, TIANJIN, 20250201, INSTITUTION_SUSPENDED); /* late, and between */
    register_institution(rig, BEIJING_HOSPITAL, BEIJING, 20240101, INSTITUTION_ACTIVE);
    if (count == 1)
        enrol(rig, 20240101, 0, "1201");
}

static void rig_stop(struct rig *rig)
{
    harness_stop(&rig->harness);
    buffer_fini(&rig->envelope);
    buffer_fini(&rig->record);
}

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
    CASE(level_zero, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.level", PLACE.level = 0)                       \
    CASE(level_wraps, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.level", PLACE.level = 257)                    \
    CASE(status_unknown, INSTITUTION, REFERENCE_FIELD_INVALID, "institution.status", PLACE.status = 4)                 \
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

static const char *number_of(const char *digits17)
{
    static char number[19];
    (void)snprintf(number, sizeof number, "%s%c", digits17, identity_check_character(digits17));
    return number;
}

/* Enrolled, so that only the birth date is wrong: an enrolment may be accepted later than the day of care. */
static struct rig *current;
static void born_after_admission(void)
{
    const char *newborn = number_of("11010120250302001");
    draft_sound(EVENT_ENROLMENT);
    draft.event.person_id = newborn;
    admit(current);
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.person_id = newborn;
}

static void before_enrolment(void)
{
    const char *late = number_of("11010119800101003");
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

static void each_rule_is_broken_alone(void **state)
{
    static struct rig rig;
    (void)state;
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
static const enum rule elsewhere[] = {RULE_SENDER_NOT_KEY,      RULE_KEY_REVOKED,         RULE_NOT_YOUR_MAILBOX,
                                      RULE_ROLE_MAY_NOT,        RULE_POLICY_UNKNOWN,      RULE_BILL_DUPLICATE,
                                      RULE_BILL_AMOUNT_CHANGED, RULE_REVERSAL_UNKNOWN,    RULE_REVERSAL_TWICE,
                                      RULE_REVERSAL_FOREIGN,    RULE_BILL_PERIOD_TOO_LONG};

static void every_rule_of_ours_has_a_row(void **state)
{
    const struct rule_text *rule;
    (void)state;
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

static void sound_events_are_admitted(void **state)
{
    static const enum event_kind kinds[] = {EVENT_BILL_TRIAL,  EVENT_BILL_SETTLE,  EVENT_BILL_REVERSAL,
                                            EVENT_INSTITUTION, EVENT_ENROLMENT,    EVENT_POLICY,
                                            EVENT_TICK,        EVENT_LOGIC_VERSION};
    static struct rig rig;
    (void)state;
    rig_start(&rig, 0, 1);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        draft_sound(kinds[i]);
        admit(&rig);
        assert_int_equal(rig.verdict.has_facts, i < 2);
    }
    rig_stop(&rig);
}

static void edges_that_still_hold(void **state)
{
    static struct rig rig;
    (void)state;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.admission_date = BILL.discharge_date; /* one day; discharged today */
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE); /* tomorrow has begun in Shanghai, not in UTC */
    draft.accepted_at = MIDNIGHT;
    BILL.discharge_date = 20250311;
    admit(&rig);
    draft.accepted_at = MIDNIGHT - 1;
    assert_int_equal(submit(&rig), OK);
    assert_int_equal(rig.verdict.findings->items[0].rule, RULE_BILL_DATE_FUTURE);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.care_kind = "41"; /* a pharmacy need not know the diagnosis */
    BILL.diagnosis = "";
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.bill_id = "012345678901234567890123456789";
    ITEM[0].first_own_share_bp = 10000;
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    ITEM[1] = line(DRUG, -100000); /* all of it returned */
    BILL.total = 0;
    admit(&rig);
    draft_sound(EVENT_BILL_SETTLE);
    ITEM[0].amount = BILL_TOTAL_MAX_FEN;
    ITEM[0].unit_price_micro = ITEM_PRICE_MAX_MICRO;
    BILL.item_count = 1;
    BILL.total = BILL_TOTAL_MAX_FEN;
    admit(&rig);
    rig_stop(&rig);
}

static void facts_are_of_their_days(void **state)
{
    static struct rig rig;
    (void)state;
    rig_start(&rig, 0, 1);
    enrol(&rig, 20250301, 0, "1101");
    position_t position = rig.harness.position;
    enrol(&rig, 20250305, 20250310, "1401");
    for (unsigned pass = 0; pass < 2; pass++) { /* from the caches, then from the store */
        draft_sound(EVENT_BILL_SETTLE);
        admit(&rig);
        const struct bill_facts *facts = &rig.verdict.facts;
        assert_string_equal(facts->care_region, TIANJIN);
        assert_string_equal(facts->care_area, TIANJIN);
        assert_string_equal(facts->insured_region, BEIJING);
        assert_string_equal(facts->category, "1401"); /* the day of discharge, the last day inclusive */
        assert_int_equal(facts->enrolment_position, position);
        assert_int_equal(facts->hospital_level, 3);
        assert_true(facts->hospital_municipal && !facts->hospital_community && facts->civil_servant);
        assert_int_equal(facts->poverty, POVERTY_SUBSISTENCE);
        assert_int_equal(facts->account_balance, 5000);
        BILL.discharge_date = 20250304;
        admit(&rig);
        assert_string_equal(rig.verdict.facts.category, "1101");
        draft_sound(EVENT_BILL_SETTLE);
        BILL.institution = CLINIC;
        BILL.admission_date = 20250131;
        admit(&rig); /* suspended during the stay: the day of admission counts */
        draft_sound(EVENT_BILL_SETTLE);
        draft.accepted_at = MIDNIGHT;
        BILL.discharge_date = 20250311; /* the enrolment has ended; an older row does not come back */
        assert_int_equal(submit(&rig), OK);
        assert_int_equal(rig.verdict.findings->items[0].rule, RULE_ENROLMENT_UNKNOWN);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

static void a_later_event_for_the_same_day_replaces(void **state)
{
    static struct rig rig;
    (void)state;
    rig_start(&rig, 0, 1);
    enrol(&rig, 20240101, 0, "1501");
    draft_sound(EVENT_INSTITUTION);
    PLACE.level = 1;
    PLACE.community = true;
    admit(&rig);
    for (unsigned pass = 0; pass < 2; pass++) {
        draft_sound(EVENT_BILL_SETTLE);
        admit(&rig);
        assert_string_equal(rig.verdict.facts.category, "1501");
        assert_int_equal(rig.verdict.facts.hospital_level, 1);
        assert_true(rig.verdict.facts.hospital_community);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

static void a_refused_event_leaves_no_trace(void **state)
{
    static struct rig rig;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    (void)state;
    rig_start(&rig, 0, 1);
    harness_digest(&rig.harness, before);
    draft_sound(EVENT_ENROLMENT);
    ENROLMENT.poverty = 9;
    assert_int_equal(submit(&rig), OK);
    assert_true(rig.verdict.refused);
    draft_sound(EVENT_INSTITUTION);
    PLACE.level = 9;
    assert_int_equal(submit(&rig), OK);
    assert_true(rig.verdict.refused);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    draft_sound(EVENT_BILL_SETTLE);
    admit(&rig); /* level 3 still */
    assert_int_equal(rig.verdict.facts.hospital_level, 3);
    rig_stop(&rig);
}

static void a_small_x_is_the_same_person(void **state)
{
    static struct rig rig;
    char small[19] = "";
    (void)state;
    rig_start(&rig, 0, 1);
    for (unsigned i = 0; small[17] != 'X'; i++) {
        char digits[18];
        (void)snprintf(digits, sizeof digits, "11010119800101%03u", i % 1000);
        (void)snprintf(small, sizeof small, "%s", number_of(digits));
    }
    small[17] = 'x';
    draft_sound(EVENT_ENROLMENT);
    draft.event.person_id = small;
    admit(&rig);
    uint32_t hash = rig.verdict.person_hash;
    small[17] = 'X';
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.person_id = small;
    admit(&rig);
    assert_int_equal(rig.verdict.person_hash, hash);
    rig_stop(&rig);
}

static void all_faults_of_a_bill_are_named_at_once(void **state)
{
    static const struct {
        enum rule rule;
        const char *path;
    } wanted[] = {{RULE_PERSON_ID_INVALID, "person_id"},
                  {RULE_BILL_ID_INVALID, "bill_settle.bill_id"},
                  {RULE_BILL_CARE_KIND, "bill_settle.care_kind"},
                  {RULE_BILL_DIAGNOSIS, "bill_settle.diagnosis"},
                  {RULE_BILL_CREDENTIAL, "bill_settle.credential"},
                  {RULE_BILL_DATE_INVALID, "bill_settle.admission_date"},
                  {RULE_BILL_DATE_FUTURE, "bill_settle.discharge_date"},
                  {RULE_BILL_ITEM_LEVEL, "bill_settle.items[0].level"},
                  {RULE_BILL_LINE_MISMATCH, "bill_settle.items[0].amount_fen"},
                  {RULE_BILL_LINE_OFF_BY_ONE, "bill_settle.items[1].amount_fen"},
                  {RULE_BILL_TOTAL_MISMATCH, "bill_settle.total_fen"},
                  {RULE_NOT_REGION_OF_CARE, "bill_settle.institution"},
                  {RULE_INSTITUTION_UNKNOWN, "bill_settle.institution"}};
    enum { WANTED_COUNT = sizeof wanted / sizeof wanted[0] };
    static struct rig rig;
    (void)state;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.sender = HEBEI;
    draft.event.person_id = "110101194912319999";
    BILL.bill_id = "";
    BILL.institution = "H12010199999";
    BILL.care_kind = BILL.credential = "zz";
    BILL.diagnosis = "?";
    BILL.admission_date = 20250230;
    BILL.discharge_date = 20260101;
    ITEM[0].level = 0;
    ITEM[0].amount += 7;
    ITEM[1].amount += 1;
    assert_int_equal(submit(&rig), OK);
    assert_int_equal(rig.verdict.findings->count, WANTED_COUNT);
    for (size_t i = 0; i < WANTED_COUNT; i++) {
        bool found = false;
        for (uint32_t j = 0; j < WANTED_COUNT; j++)
            found = found || (rig.verdict.findings->items[j].rule == wanted[i].rule &&
                              strcmp(rig.verdict.findings->items[j].path, wanted[i].path) == 0);
        if (!found)
            fail_msg("%u at %s is missing", wanted[i].rule, wanted[i].path);
    }
    for (uint32_t i = 0; i < WANTED_COUNT; i++) /* no identity number leaves in a finding */
        assert_null(strstr(rig.verdict.findings->items[i].detail, "19491231"));
    assert_true(rig.verdict.refused);
    rig_stop(&rig);
}

static void more_faults_than_fit_are_still_refused(void **state)
{
    static struct rig rig;
    (void)state;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE);
    BILL.total = 0;
    BILL.item_count = FINDINGS_COUNT_MAX + 40;
    for (uint32_t i = 0; i < BILL.item_count; i++) {
        ITEM[i] = line(DRUG, (fen_t)i + 100);
        ITEM[i].level = 0;
        BILL.total += ITEM[i].amount;
    }
    assert_int_equal(submit(&rig), OK);
    assert_int_equal(rig.verdict.findings->count, FINDINGS_COUNT_MAX);
    assert_int_equal(rig.verdict.findings->items[FINDINGS_COUNT_MAX - 1].rule, RULE_TOO_MANY_FINDINGS);
    assert_true(rig.verdict.refused);
    rig_stop(&rig);
}

/* ---- partitions, the unknown, and the way back ---- */

static void a_partition_answers_for_its_own_persons_and_for_everybody(void **state)
{
    static struct rig parts[2];
    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        rig_start(&parts[i], i, 2); /* institutions have a verdict in both: admit() wants one */
    draft_sound(EVENT_ENROLMENT);
    unsigned owner = person_hash(span_text(PERSON)) % 2;
    admit(&parts[owner]);
    assert_int_equal(submit(&parts[!owner]), OK);
    assert_int_equal(parts[!owner].harness.output.size, 0);
    draft_sound(EVENT_BILL_SETTLE);
    admit(&parts[owner]);
    assert_true(parts[owner].verdict.has_facts);
    assert_int_equal(submit(&parts[!owner]), OK);
    assert_int_equal(parts[!owner].harness.output.size, 0);
    for (uint32_t i = 0; i < 2; i++)
        rig_stop(&parts[i]);
}

static void what_we_cannot_read_is_left_to_the_runtime(void **state)
{
    static struct rig rig;
    struct buffer envelope, record;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    (void)state;
    rig_start(&rig, 0, 1);
    harness_digest(&rig.harness, before);
    draft_sound(EVENT_NONE);
    assert_int_equal(submit(&rig), REJECT_UNDECODABLE); /* no body */
    buffer_init(&envelope);
    buffer_init(&record);
    event_encode(&draft.event, &envelope);
    wire_put_text(&envelope, 99, "from a newer sender");
    submission_encode(&(struct submission){NOON, 0, buffer_span(&envelope)}, &record);
    struct span span = buffer_span(&record);
    assert_int_equal(harness_apply(&rig.harness, &span, 1), REJECT_UNDECODABLE);
    assert_int_equal(rig.harness.output.size, 0);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    harness_bury(&rig.harness, span, "a body that this build does not know");
    assert_int_equal(verdict_decode(buffer_span(&rig.harness.output), &rig.harness.arena, &rig.verdict), OK);
    assert_string_equal(rig.verdict.dead_reason, "a body that this build does not know");
    assert_int_equal(rig.verdict.findings->count, 0);
    assert_true(span_equal(rig.verdict.envelope, buffer_span(&envelope)));
    buffer_fini(&envelope);
    buffer_fini(&record);
    rig_stop(&rig);
}

static void requeue(struct rig *rig, position_t position, struct span envelope, const char *person)
{
    draft_sound(EVENT_REQUEUE);
    draft.event.person_id = person;
    draft.event.body.requeue.position = position;
    draft.event.body.requeue.envelope = envelope;
    assert_int_equal(submit(rig), OK);
}

static void assert_requeue_refused(struct rig *rig, const char *path)
{
    assert_int_equal(rig->verdict.findings->count, 1);
    assert_int_equal(rig->verdict.findings->items[0].rule, RULE_REQUEUE_INVALID);
    assert_string_equal(rig->verdict.findings->items[0].path, path);
    assert_true(rig->verdict.refused);
    assert_false(rig->verdict.has_facts);
}

static void only_a_dead_letter_comes_back_and_byte_for_byte(void **state)
{
    static struct rig rig;
    struct buffer bill, record;
    (void)state;
    rig_start(&rig, 0, 1);
    buffer_init(&bill);
    buffer_init(&record);
    draft_sound(EVENT_BILL_SETTLE);
    event_encode(&draft.event, &bill);
    submission_encode(&(struct submission){NOON, person_hash(span_text(PERSON)), buffer_span(&bill)}, &record);
    position_t alive = rig.harness.position;
    admit(&rig); /* the same bill, in the ordinary way */
    position_t dead = rig.harness.position;
    harness_bury(&rig.harness, buffer_span(&record), "quarantined");
    requeue(&rig, alive, buffer_span(&bill), PERSON);
    assert_requeue_refused(&rig, "requeue.position");
    requeue(&rig, dead, buffer_span(&bill), PERSON);
    assert_int_equal(rig.verdict.findings->count, 0);
    assert_true(rig.verdict.has_facts);
    assert_string_equal(rig.verdict.facts.care_region, TIANJIN);
    requeue(&rig, dead, buffer_span(&bill), "");
    assert_requeue_refused(&rig, "person_id");
    bill.data[bill.size - 1] ^= 1;
    requeue(&rig, dead, buffer_span(&bill), PERSON);
    assert_requeue_refused(&rig, "requeue.position");
    buffer_fini(&bill);
    buffer_fini(&record);
    rig_stop(&rig);
}

static void a_requeued_event_is_judged_by_its_first_senders_rights(void **state)
{
    static struct rig rig;
    struct buffer bill, record;
    (void)state;
    rig_start(&rig, 0, 1);
    buffer_init(&bill);
    buffer_init(&record);
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.sender = HEBEI;
    event_encode(&draft.event, &bill);
    submission_encode(&(struct submission){NOON, person_hash(span_text(PERSON)), buffer_span(&bill)}, &record);
    position_t dead = rig.harness.position;
    harness_bury(&rig.harness, buffer_span(&record), "quarantined");
    requeue(&rig, dead, buffer_span(&bill), PERSON);
    assert_int_equal(rig.verdict.findings->count, 1);
    assert_int_equal(rig.verdict.findings->items[0].rule, RULE_NOT_REGION_OF_CARE);
    assert_string_equal(rig.verdict.findings->items[0].path, "bill_settle.institution");
    buffer_fini(&bill);
    buffer_fini(&record);
    rig_stop(&rig);
}

static void a_logic_version_that_we_lack_stops(void **state)
{
    static struct rig rig;
    uint8_t value[4];
    (void)state;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_LOGIC_VERSION);
    draft.event.body.logic.version = LOGIC_VERSION_KNOWN + 1;
    assert_int_equal(submit(&rig), FATAL_LOGIC_VERSION);
    assert_int_equal(validation_core.logic_version(rig.harness.self), 1);
    bytes_put_le(value, LOGIC_VERSION_KNOWN + 1, sizeof value);
    store_put(rig.harness.txn, 2, span_text("version"), span_of(value, sizeof value));
    void *other = calloc(1, validation_core.self_size);
    assert_non_null(other);
    assert_int_equal(validation_core.open(other, rig.harness.txn, rig.harness.partition), FATAL_LOGIC_VERSION);
    validation_core.close(other);
    free(other);
    rig_stop(&rig);
}

/* Every bit of a submission turned, and every shorter one: a verdict or a refusal to read, and never a crash. */
static void damaged_submissions_do_no_harm(void **state)
{
    static struct rig rig;
    struct buffer whole;
    (void)state;
    rig_start(&rig, 0, 1);
    draft_sound(EVENT_BILL_SETTLE);
    admit(&rig);
    buffer_init(&whole);
    buffer_append(&whole, rig.record.data, rig.record.size);
    for (size_t bit = 0; bit < whole.size * 9; bit++) {
        bool cut = bit >= whole.size * 8;
        struct span record = span_of(whole.data, cut ? bit - whole.size * 8 : whole.size);
        if (!cut)
            whole.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum status status = harness_apply(&rig.harness, &record, 1);
        assert_true(status == OK || status == REJECT_UNDECODABLE);
        if (status == OK && rig.harness.output.size > 0)
            assert_int_equal(verdict_decode(buffer_span(&rig.harness.output), &rig.harness.arena, &rig.verdict), OK);
        if (!cut)
            whole.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    draft_sound(EVENT_BILL_SETTLE);
    admit(&rig);
    buffer_fini(&whole);
    rig_stop(&rig);
}

static int load_policy(void **state)
{
    struct buffer why;
    (void)state;
    buffer_init(&why);
    enum status status = policy_file_load("data/policies/110000-310.yaml", &sound_policy, &why);
    buffer_fini(&why);
    return status == OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_is_broken_alone),
        cmocka_unit_test(every_rule_of_ours_has_a_row),
        cmocka_unit_test(sound_events_are_admitted),
        cmocka_unit_test(edges_that_still_hold),
        cmocka_unit_test(facts_are_of_their_days),
        cmocka_unit_test(a_later_event_for_the_same_day_replaces),
        cmocka_unit_test(a_refused_event_leaves_no_trace),
        cmocka_unit_test(a_small_x_is_the_same_person),
        cmocka_unit_test(all_faults_of_a_bill_are_named_at_once),
        cmocka_unit_test(more_faults_than_fit_are_still_refused),
        cmocka_unit_test(a_partition_answers_for_its_own_persons_and_for_everybody),
        cmocka_unit_test(what_we_cannot_read_is_left_to_the_runtime),
        cmocka_unit_test(only_a_dead_letter_comes_back_and_byte_for_byte),
        cmocka_unit_test(a_requeued_event_is_judged_by_its_first_senders_rights),
        cmocka_unit_test(a_logic_version_that_we_lack_stops),
        cmocka_unit_test(damaged_submissions_do_no_harm),
    };
    return cmocka_run_group_tests(tests, load_policy, NULL);
}
