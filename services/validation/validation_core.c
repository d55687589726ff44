/* SPDX-License-Identifier: Apache-2.0
 * The validation core. */
#include "services/validation/validation_core.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/identity.h"
#include "common/codes/insurance.h"
#include "common/codes/rule.h"
#include "common/pb/outcome.h"
#include "services/settlement/policy/policy_check.h"
#include "services/validation/bill_rules.h"
#include "services/validation/references.h"

struct validation {
    struct core_partition partition;
    struct institution_book *institutions;
    uint32_t logic_version;
    struct findings findings;
};

/* One event being judged. `root` is its name in paths. */
struct judging {
    struct validation *self;
    struct store_txn *txn;
    const struct core_input *input;
    const struct submission *submission;
    const struct event *event;
    const char *root;
    char person[IDENTITY_SIZE + 1]; /* normalised; "" when it is not valid */
    civil_date_t birth_date;
    struct bill_facts facts;
    bool has_facts;
};

static const struct store_table tables[VALIDATION_TABLES_COUNT] = {
    {"institutions", false}, {"enrolments", false}, {"logic", false}};

static void add(struct judging *judging, enum rule rule, const char *field)
{
    char path[FINDING_PATH_SIZE];
    bool in_body = field[0] != 0 && strcmp(field, "person_id") != 0 && strcmp(field, "sender") != 0;
    (void)snprintf(path, sizeof path, "%s%s%s", in_body ? judging->root : "", in_body ? "." : "", field);
    findings_add(&judging->self->findings, (uint32_t)rule, path, NULL);
}

static bool refused(const struct judging *judging)
{
    return judging->self->findings.refused;
}

static void check_person(struct judging *judging)
{
    struct identity identity;
    const char *person = judging->event->person_id;
    if (person[0] == 0) {
        add(judging, RULE_PERSON_ID_MISSING, "person_id");
        return;
    }
    if (identity_parse(person, &identity) != OK) {
        add(judging, RULE_PERSON_ID_INVALID, "person_id");
        return;
    }
    memcpy(judging->person, identity.number, sizeof judging->person);
    judging->birth_date = identity.birth_date;
}

static void check_nobody(struct judging *judging)
{
    if (judging->event->person_id[0] != 0)
        add(judging, RULE_PERSON_ID_UNEXPECTED, "person_id");
}

/* ---- bills ---- */

static void look_up_institution(struct judging *judging, const struct bill *bill)
{
    struct institution_state state;
    const struct institution_book *book = judging->self->institutions;
    if (!institution_code_is_shaped(bill->institution))
        return; /* complained of */
    const char *region = region_of(bill->institution + 1);
    if (region == NULL || strcmp(region, judging->event->sender) != 0)
        add(judging, RULE_NOT_REGION_OF_CARE, "institution");
    if (!institution_is_known(book, bill->institution)) {
        add(judging, RULE_INSTITUTION_UNKNOWN, "institution");
        return;
    }
    if (!civil_date_exists(bill->admission_date))
        return;
    if (!institution_on(book, bill->institution, bill->admission_date, &state) || state.status != INSTITUTION_ACTIVE) {
        add(judging, RULE_INSTITUTION_NOT_ACTIVE, "institution");
        return;
    }
    struct bill_facts *facts = &judging->facts;
    memcpy(facts->care_area, state.area, sizeof facts->care_area);
    if (region != NULL)
        (void)snprintf(facts->care_region, sizeof facts->care_region, "%s", region);
    facts->hospital_level = state.level;
    facts->hospital_municipal = state.municipal;
    facts->hospital_community = state.community;
    if (strcmp(state.area, bill->insured_area) == 0)
        add(judging, RULE_BILL_LOCAL, "insured_area");
}

static void look_up_enrolment(struct judging *judging, const struct bill *bill)
{
    struct enrolment_state state;
    if (judging->person[0] == 0 || area_find(bill->insured_area) == NULL || strlen(bill->insurance_type) != 3 ||
        !civil_date_exists(bill->discharge_date))
        return; /* complained of */
    if (!enrolment_on(judging->txn, judging->person, bill->insured_area, bill->insurance_type, bill->discharge_date,
                      &state)) {
        add(judging, RULE_ENROLMENT_UNKNOWN, "insured_area");
        return;
    }
    struct bill_facts *facts = &judging->facts;
    (void)snprintf(facts->insured_region, sizeof facts->insured_region, "%s", region_of(bill->insured_area));
    memcpy(facts->category, state.category, sizeof facts->category);
    facts->poverty = state.poverty;
    facts->civil_servant = state.civil_servant;
    facts->enrolment_position = state.position;
    facts->account_balance = state.account_balance;
}

static void judge_bill(struct judging *judging)
{
    const struct bill *bill = &judging->event->body.bill;
    civil_date_t today = civil_date_of_instant(judging->submission->accepted_at);
    check_person(judging);
    bill_rules_check(bill, judging->root, today, judging->input->arena, &judging->self->findings);
    if (judging->person[0] != 0 && civil_date_exists(bill->admission_date) &&
        judging->birth_date > bill->admission_date)
        add(judging, RULE_PERSON_BORN_LATER, "person_id");
    look_up_institution(judging, bill);
    look_up_enrolment(judging, bill);
    judging->has_facts = !refused(judging);
}

static void judge_reversal(struct judging *judging)
{
    check_person(judging);
    if (!region_is_known(judging->event->sender))
        add(judging, RULE_NOT_REGION_OF_CARE, "sender");
}

/* ---- reference data ---- */

static void field_invalid(struct judging *judging, bool holds, const char *field)
{
    if (!holds)
        add(judging, RULE_REFERENCE_FIELD_INVALID, field);
}

static bool sender_is_region_of(const struct judging *judging, const char *area)
{
    const char *region = region_of(area);
    return region != NULL && strcmp(region, judging->event->sender) == 0;
}

static void judge_institution(struct judging *judging)
{
    const struct institution *institution = &judging->event->body.institution;
    check_nobody(judging);
    bool shaped = institution_code_is_shaped(institution->code);
    const struct area *area = area_find(institution->area);
    if (!shaped)
        add(judging, RULE_INSTITUTION_CODE_INVALID, "code");
    if (area == NULL)
        add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!sender_is_region_of(judging, institution->area))
        add(judging, RULE_NOT_REGION_OF_CARE, "area");
    if (shaped && area != NULL)
        field_invalid(judging, area_of_division(institution->code + 1) == area, "code");
    field_invalid(judging, institution->name[0] != 0, "name");
    field_invalid(judging, institution->level >= 1 && institution->level <= 3, "level");
    field_invalid(judging, institution->status >= INSTITUTION_ACTIVE && institution->status <= INSTITUTION_TERMINATED,
                  "status");
    field_invalid(judging, civil_date_exists(institution->effective_date), "effective_date");
    if (!refused(judging))
        institution_keep(judging->self->institutions, judging->txn, institution);
}

static void judge_enrolment(struct judging *judging)
{
    const struct enrolment *enrolment = &judging->event->body.enrolment;
    check_person(judging);
    if (area_find(enrolment->area) == NULL)
        add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!sender_is_region_of(judging, enrolment->area))
        add(judging, RULE_NOT_INSURED_REGION, "area");
    field_invalid(judging, code_find(INSURANCE_TYPE, enrolment->insurance_type) != NULL, "insurance_type");
    field_invalid(judging, person_class_of(enrolment->category) != PERSON_UNKNOWN, "category");
    bool starts = civil_date_exists(enrolment->effective_date);
    field_invalid(judging, starts, "effective_date");
    field_invalid(judging,
                  enrolment->end_date == 0 ||
                      (civil_date_exists(enrolment->end_date) && enrolment->end_date >= enrolment->effective_date),
                  "end_date");
    field_invalid(judging, enrolment->account_balance >= 0 && enrolment->account_balance <= BILL_TOTAL_MAX_FEN,
                  "account_balance_fen");
    field_invalid(judging, enrolment->poverty <= POVERTY_ILLNESS, "poverty");
    if (starts && judging->person[0] != 0)
        field_invalid(judging, judging->birth_date <= civil_date_of_instant(judging->submission->accepted_at),
                      "effective_date");
    if (!refused(judging))
        enrolment_keep(judging->txn, judging->person, enrolment, judging->input->position);
}

static void judge_policy(struct judging *judging)
{
    const struct policy *policy = judging->event->body.policy;
    check_nobody(judging);
    if (area_find(policy->area) == NULL)
        add(judging, RULE_AREA_UNKNOWN, "area");
    else if (!sender_is_region_of(judging, policy->area))
        add(judging, RULE_NOT_INSURED_REGION, "area");
    policy_check(policy, judging->root, &judging->self->findings);
}

static enum status judge_logic_version(struct judging *judging)
{
    uint32_t version = judging->event->body.logic.version;
    check_nobody(judging);
    field_invalid(judging, version >= judging->self->logic_version, "version");
    if (refused(judging))
        return OK;
    if (version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    uint8_t value[4];
    bytes_put_le(value, version, sizeof value);
    store_put(judging->txn, LOGIC_TABLE, span_text("version"), span_of(value, sizeof value));
    judging->self->logic_version = version;
    return OK;
}

static enum status judge_event(struct judging *judging)
{
    switch (judging->event->kind) {
    case EVENT_BILL_TRIAL:
    case EVENT_BILL_SETTLE:
        judge_bill(judging);
        return OK;
    case EVENT_BILL_REVERSAL:
        judge_reversal(judging);
        return OK;
    case EVENT_INSTITUTION:
        judge_institution(judging);
        return OK;
    case EVENT_ENROLMENT:
        judge_enrolment(judging);
        return OK;
    case EVENT_POLICY:
        judge_policy(judging);
        return OK;
    case EVENT_TICK:
        check_nobody(judging);
        return OK;
    case EVENT_LOGIC_VERSION:
        return judge_logic_version(judging);
    case EVENT_NONE:
    case EVENT_REQUEUE:
        break;
    }
    return REJECT_UNDECODABLE;
}

/* Of the dead letter's record (a Submission): the envelope that it holds. */
static bool letter_envelope(struct span letter, struct span *envelope)
{
    struct wire_reader reader = wire_read(letter);
    struct wire_field field;
    struct submission submission;
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK)
        if (field.number == 3 && submission_decode(field.bytes, &submission) == OK) {
            *envelope = submission.envelope;
            return true;
        }
    return false;
}

/* The inner envelope is judged as if it came now; its own sender's rights count. */
static enum status judge_requeue(struct judging *judging, struct event *inner)
{
    const struct event *outer = judging->event;
    struct span letter, envelope;
    bool was_dead = core_was_dead(&validation_core, judging->txn, outer->body.requeue.position, &letter) &&
                    letter_envelope(letter, &envelope) && span_equal(envelope, outer->body.requeue.envelope);
    if (!was_dead) {
        add(judging, RULE_REQUEUE_INVALID, "position");
        return OK;
    }
    enum status status = event_decode(outer->body.requeue.envelope, judging->input->arena, inner);
    if (status == REJECT_TOO_LARGE) {
        add(judging, RULE_BILL_TOO_MANY_ITEMS, "envelope");
        return OK;
    }
    if (status != OK || inner->kind == EVENT_REQUEUE)
        return REJECT_UNDECODABLE;
    if (strcmp(inner->person_id, outer->person_id) != 0) {
        add(judging, RULE_REQUEUE_INVALID,
            "person_id"); /* it would be decided in another partition than the letter's */
        return OK;
    }
    judging->event = inner;
    judging->root = event_kind_name(inner->kind);
    return judge_event(judging);
}

static void write_verdict(const struct judging *judging, const char *dead_reason, struct buffer *output)
{
    const struct findings *findings = &judging->self->findings;
    struct verdict verdict = {
        .accepted_at = judging->submission->accepted_at,
        .person_hash = judging->submission->person_hash,
        .findings = findings,
        .refused = findings->refused,
        .dead_reason = dead_reason,
        .has_facts = judging->has_facts,
        .facts = judging->facts,
        .envelope = judging->submission->envelope,
    };
    verdict_encode(&verdict, output);
}

static bool is_ours(const struct validation *self, const struct submission *submission)
{
    return submission->person_hash == 0 || core_partition_owns(self->partition, submission->person_hash);
}

static enum status apply(void *self_, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    struct validation *self = self_;
    struct submission submission;
    struct event event, inner;
    if (submission_decode(input->records[0], &submission) != OK)
        return REJECT_UNDECODABLE;
    if (!is_ours(self, &submission))
        return OK;
    self->findings.count = 0;
    self->findings.refused = self->findings.overflow = false;
    enum status status = event_decode(submission.envelope, input->arena, &event);
    struct judging judging = {.self = self,
                              .txn = txn,
                              .input = input,
                              .submission = &submission,
                              .event = &event,
                              .root = event_kind_name(event.kind)};
    if (status == REJECT_TOO_LARGE)
        add(&judging, RULE_BILL_TOO_MANY_ITEMS, "items");
    else if (status != OK)
        return REJECT_UNDECODABLE;
    else if (event.kind == EVENT_REQUEUE)
        TRY(judge_requeue(&judging, &inner));
    else
        TRY(judge_event(&judging));
    write_verdict(&judging, "", output);
    return OK;
}

static void dead_letter(void *self_, const struct core_input *input, const char *reason, struct buffer *output)
{
    struct validation *self = self_;
    struct submission submission;
    if (submission_decode(input->records[0], &submission) != OK)
        submission = (struct submission){0};
    self->findings.count = 0;
    self->findings.refused = self->findings.overflow = false;
    struct judging judging = {.self = self, .submission = &submission};
    write_verdict(&judging, reason, output);
}

static enum status open_core(void *self_, struct store_txn *txn, struct core_partition partition)
{
    struct validation *self = self_;
    struct span value;
    self->partition = partition;
    self->logic_version = 1;
    if (store_get(txn, LOGIC_TABLE, span_text("version"), &value) && value.size == 4)
        self->logic_version = (uint32_t)bytes_get_le(value.data, 4);
    if (self->logic_version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    self->institutions = institution_book_new(txn);
    return store_status(txn);
}

static void close_core(void *self_)
{
    struct validation *self = self_;
    institution_book_destroy(&self->institutions);
}

static uint32_t logic_version(const void *self)
{
    return ((const struct validation *)self)->logic_version;
}

const struct core validation_core = {
    .name = "validation",
    .tables = tables,
    .table_count = VALIDATION_TABLES_COUNT,
    .self_size = sizeof(struct validation),
    .open = open_core,
    .apply = apply,
    .dead_letter = dead_letter,
    .logic_version = logic_version,
    .close = close_core,
};
