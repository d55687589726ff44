/* SPDX-License-Identifier: Apache-2.0
 * The settlement core. */
#include "services/settlement/settlement_core.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/gazette/gazette_book.h"
#include "common/store/rows/settlement.h"
#include "services/settlement/bills.h"
#include "services/settlement/certifications.h"
#include "services/settlement/deadlines.h"
#include "services/settlement/letters.h"
#include "services/settlement/others.h"
#include "services/settlement/provisional.h"
#include "services/settlement/rows.h"
#include "services/settlement/settled.h"
#include "services/settlement/transfer_query.h"

enum { QUESTION_ARENA_SIZE = 1 << 20 };

/* The exchange's own events (ticks) are answered to nobody. */
static void deliver_to_sender(struct outcome *outcome, const char *sender)
{
    if (sender[0] != 0 && strcmp(sender, "exchange") != 0)
        deliver_to(outcome, sender);
}

static enum status take_logic_version(struct deciding *deciding)
{
    uint32_t version = deciding->event->body.logic.version;
    struct row_bytes key = meta_version_key(), value = meta_version_value(version);
    if (version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    store_put(deciding->txn, META, row_span(&key), row_span(&value));
    gazette_book_switch(deciding->self->gazettes, version);
    return OK;
}

/* A tick: limits whose calendar has come, else those that are due soon or have passed, of one region; the outcome stays
 * as it is when there are none. */
static enum status tell_limits(struct deciding *deciding)
{
    civil_date_t today = civil_date_of_instant(deciding->verdict->accepted_at);
    struct outcome *outcome = &deciding->outcome;
    TRY(provisional_tell(deciding, today));
    if (outcome->kind == OUTCOME_NOTICE)
        return OK;
    outcome->due_count =
        deadlines_tell(deciding->txn, today, deciding->input->arena, deciding->regions[0], &outcome->due);
    if (outcome->due_count == 0)
        return OK;
    outcome->kind = OUTCOME_NOTICE;
    deliver_to(outcome, deciding->regions[0]);
    return OK;
}

static enum status take_policy(struct deciding *deciding)
{
    const struct policy *policy = deciding->event->body.policy;
    if (policy->withdrawn) {
        if (!policy_book_withdraw(deciding->self->policies, deciding->txn, policy))
            refuse(deciding, RULE_ROW_UNKNOWN, "policy", NULL);
        return OK;
    }
    struct buffer exceptions = {0};
    enum status status = OK;
    if (logic_has(deciding->published->logic, LOGIC_NUMBERS_NAMED))
        status = policy_exceptions(body_bytes(deciding->envelope), policy, &exceptions);
    if (status == OK && policy_book_keep(deciding->self->policies, deciding->txn, policy, buffer_span(&exceptions),
                                         deciding->input->position, &deciding->self->scratch) != OK)
        refuse(deciding, RULE_POLICY_INVALID, "policy", "too many policies");
    buffer_fini(&exceptions);
    return status;
}

static enum status take_gazette(struct deciding *deciding)
{
    if (gazette_book_keep(deciding->self->gazettes, deciding->txn, deciding->event->body.gazette) != OK)
        return FATAL_CORRUPT; /* validation had room for it */
    return OK;
}

static enum status take_drop(struct deciding *deciding)
{
    const struct dead_letter_drop *drop = &deciding->event->body.drop;
    if (strcmp(drop->service, settlement_core.name) == 0)
        (void)core_letter_ends(&settlement_core, deciding->txn, deciding->input, drop->position);
    return OK;
}

static enum status decide(struct deciding *deciding)
{
    struct identity *person = &deciding->person;
    bool named = identity_parse(deciding->event->person_id, person) == OK; /* else validation let nobody through */
    deciding->outcome.kind = OUTCOME_APPLIED;
    switch (deciding->event->kind) {
#define DECIDE(function) (named ? function(deciding, person) : FATAL_CORRUPT)
#define APPLY(function) (named ? (function(deciding, person), OK) : FATAL_CORRUPT)
#define DO(function) function(deciding)
#define NOTHING OK /* validation's business, or the books' */
#define EVENT(kind, whom, who, judge, settles, books)                                                                  \
    case EVENT_##kind:                                                                                                 \
        return settles;
#include "common/codes/event.def"
#undef EVENT
#undef NOTHING
#undef DO
#undef APPLY
#undef DECIDE
    case EVENT_NONE:
        break;
    }
    return OK;
}

static void describe(struct deciding *deciding)
{
    const struct event *event = deciding->event;
    struct outcome *outcome = &deciding->outcome;
    outcome->event = event_kind_name(event->kind);
    if (event->kind == EVENT_BILL_SETTLE || event->kind == EVENT_BILL_TRIAL) {
        outcome->bill_id = event->body.bill.bill_id;
        outcome->institution = event->body.bill.institution;
    }
}

/* Refused as a requeue, not as what it holds: its content is nobody's message. */
static bool is_no_letter(const struct findings *findings)
{
    for (uint32_t i = 0; i < findings->count; i++)
        if (findings->items[i].rule == RULE_REQUEUE_INVALID)
            return true;
    return false;
}

/* A requeued letter is decided as what it holds; its first sender gets the answer too. */
static enum status unwrap(struct deciding *deciding, struct event *inner)
{
    const struct event *outer = deciding->event;
    deciding->outcome.original_position = outer->body.requeue.position;
    if (event_decode(outer->body.requeue.envelope, deciding->input->arena, inner) != OK ||
        event_is_too_long(inner, deciding->published->logic))
        return FATAL_CORRUPT; /* validation decoded it */
    areas_without_offices(deciding->published, deciding->input->arena, inner);
    deciding->event = inner;
    deciding->envelope = outer->body.requeue.envelope;
    deliver_to_sender(&deciding->outcome, inner->sender);
    return OK;
}

/* The same letter twice is answered the same, whatever has become of enrolments in between. */
static void look_back(struct deciding *deciding)
{
    if (identity_parse(deciding->event->person_id, &deciding->person) != OK ||
        !letter_was_answered(deciding, &deciding->person))
        return;
    deciding->self->findings.count = 0;
    deciding->self->findings.refused = deciding->self->findings.overflow = false;
}

static enum status decide_verdict(struct deciding *deciding, struct event *event, struct event *inner)
{
    struct outcome *outcome = &deciding->outcome;
    const struct verdict *verdict = deciding->verdict;
    enum status decoded = event_decode(verdict->envelope, deciding->input->arena, event);
    if (!event_is_of_logic(event, deciding->published->logic))
        event->kind = EVENT_NONE; /* as before there was such a body */
    deciding->event = event;
    deciding->envelope = verdict->envelope;
    outcome->sender = event->sender != NULL ? event->sender : "";
    outcome->message_id = event->message_id != NULL ? event->message_id : "";
    outcome->findings = &deciding->self->findings;
    if (verdict->findings->count > 0)
        deciding->self->findings = *verdict->findings;
    deliver_to_sender(outcome, outcome->sender);
    describe(deciding);
    if (verdict->dead_reason[0] != 0) {
        outcome->kind = OUTCOME_DEAD_LETTER;
        outcome->dead_reason = verdict->dead_reason;
        if (decoded == OK && event->kind == EVENT_REQUEUE) { /* dead once more: its first sender hears of it */
            outcome->original_position = event->body.requeue.position;
            if (event_decode(event->body.requeue.envelope, deciding->input->arena, inner) == REJECT_UNDECODABLE)
                deliver_to_sender(outcome, inner->sender);
        }
        return OK;
    }
    if (verdict->refused)
        outcome->kind = OUTCOME_REFUSED;
    else if (decoded != OK)
        return FATAL_CORRUPT;
    if (event->kind == EVENT_REQUEUE && !is_no_letter(verdict->findings)) {
        enum status unwrapped = unwrap(deciding, inner);
        if (unwrapped != OK && !verdict->refused)
            return unwrapped;
        describe(deciding);
    }
    if (decoded == OK)
        areas_without_offices(deciding->published, deciding->input->arena, event);
    if (verdict->refused && decoded == OK && event->kind == EVENT_TRANSFER)
        look_back(deciding);
    if (verdict->refused)
        return OK;
    TRY(decide(deciding));
    name_row(deciding);
    return OK;
}

static bool answers(const struct settlement *self, const struct verdict *verdict)
{
    return verdict->person_hash != 0 || self->partition.index == 0;
}

/* The verdict, with the envelope that stands in the submission (LOGIC_ENVELOPE_ONCE) or, before that, in itself. Where
 * validation could not read the submission, there is none; `submission` is blank then. */
static enum status read_verdict(const struct core_input *input, struct verdict *verdict, struct submission *submission)
{
    if (verdict_decode(input->records[0], input->arena, verdict) != OK)
        return FATAL_CORRUPT;
    if (submission_decode(input->records[1], NULL, submission) != OK) {
        *submission = (struct submission){0};
        return OK;
    }
    if (verdict->envelope.size > 0)
        return OK;
    if (submission->accepted_at != verdict->accepted_at || submission->person_hash != verdict->person_hash)
        return FATAL_CORRUPT; /* of two logs */
    verdict->envelope = submission->envelope;
    return OK;
}

/* As it was sent. */
static void hash_envelope(struct settlement *self, const struct verdict *verdict, const struct submission *submission,
                          uint8_t sha256[DIGEST_SIZE])
{
    if (submission->erased.size > 0)
        submission_sha256(submission, self->digest, sha256);
    else
        digest_once(self->digest, verdict->envelope, sha256);
}

static enum status apply(void *self_, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    struct settlement *self = self_;
    struct verdict verdict;
    struct submission submission;
    struct event event = {0}, inner;
    if (input->records[0].size == 0)
        return OK;
    TRY(read_verdict(input, &verdict, &submission));
    self->findings.count = 0;
    self->findings.refused = self->findings.overflow = false;
    struct deciding deciding = {.self = self,
                                .txn = txn,
                                .input = input,
                                .verdict = &verdict,
                                .published = gazette_book_published(self->gazettes)};
    struct outcome *outcome = &deciding.outcome;
    outcome->position = input->position;
    outcome->accepted_at = verdict.accepted_at;
    outcome->dead_reason = outcome->bill_id = outcome->institution = outcome->event = "";
    TRY(decide_verdict(&deciding, &event, &inner));
    if (!answers(self, &verdict) && outcome->kind != OUTCOME_NOTICE)
        return OK;
    hash_envelope(self, &verdict, &submission, outcome->envelope_sha256);
    outcome_encode(outcome, output);
    return OK;
}

static void dead_letter(void *self_, const struct core_input *input, const char *reason, struct buffer *output)
{
    struct settlement *self = self_;
    struct verdict verdict;
    struct submission submission;
    struct envelope_head head = {0};
    char sender[PARTY_SIZE_MAX + 1] = "", id[MESSAGE_ID_TEXT_SIZE + 1] = "";
    if (input->records[0].size == 0 || read_verdict(input, &verdict, &submission) != OK || !answers(self, &verdict))
        return;
    if (envelope_head_read(verdict.envelope, &head) == OK && head.sender.size < sizeof sender &&
        head.message_id.size < sizeof id) {
        if (head.sender.size > 0)
            memcpy(sender, head.sender.data, head.sender.size);
        if (head.message_id.size > 0)
            memcpy(id, head.message_id.data, head.message_id.size);
    }
    struct outcome outcome = {.position = input->position,
                              .sender = sender,
                              .message_id = id,
                              .accepted_at = verdict.accepted_at,
                              .kind = OUTCOME_DEAD_LETTER,
                              .dead_reason = reason,
                              .event = "",
                              .bill_id = "",
                              .institution = ""};
    deliver_to_sender(&outcome, sender);
    hash_envelope(self, &verdict, &submission, outcome.envelope_sha256);
    outcome_encode(&outcome, output);
}

static enum status open_core(void *self_, struct store_txn *txn, struct core_partition partition)
{
    struct settlement *self = self_;
    struct row_bytes key = meta_version_key();
    struct meta_version_value logic = {LOGIC_VERSION_FIRST};
    struct span value;
    self->partition = partition;
    if (store_get(txn, META, row_span(&key), &value) && meta_version_value_read(value, &logic) &&
        logic.version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    self->digest = digest_new();
    self->ledger = tally_new(BALANCES, 1);
    arena_init(&self->questions, malloc(QUESTION_ARENA_SIZE), QUESTION_ARENA_SIZE);
    INVARIANT(self->questions.memory != NULL);
    self->policies = policy_book_new(txn, POLICIES);
    self->gazettes = gazette_book_new(txn, GAZETTES, logic.version);
    return self->policies == NULL || self->gazettes == NULL ? FATAL_CORRUPT : store_status(txn);
}

static void flush(void *self_, struct store_txn *txn)
{
    tally_flush(((struct settlement *)self_)->ledger, txn);
}

static enum status query(void *self, struct store_txn *txn, struct span request, struct buffer *answer)
{
    struct settlement_query asked;
    if (settlement_query_decode(request, NULL, &asked) != OK || asked.kind != SETTLEMENT_QUERY_TRANSFER)
        return REJECT_MALFORMED;
    struct settlement *settlement = self;
    return transfer_query(gazette_book_published(settlement->gazettes), txn, &settlement->questions,
                          asked.body.transfer, answer);
}

static uint32_t logic_version(const void *self)
{
    return gazette_book_published(((const struct settlement *)self)->gazettes)->logic;
}

static void close_core(void *self_)
{
    struct settlement *self = self_;
    policy_book_destroy(&self->policies);
    gazette_book_destroy(&self->gazettes);
    tally_destroy(&self->ledger);
    digest_destroy(&self->digest);
    free(self->questions.memory);
    buffer_fini(&self->scratch);
}

static unsigned ends_of(const void *self, struct core_end ends[CORE_ENDS_COUNT_MAX])
{
    return policy_book_ends(((const struct settlement *)self)->policies, ends);
}

/* Overdue limits beyond the oldest OVERDUE_LOOKED_AT are counted as nobody's, so that a look stays short. */
static unsigned figures_of(void *self, struct store_txn *txn, struct core_figure figures[CORE_FIGURES_COUNT_MAX])
{
    enum { REGIONS_COUNT = 3, OVERDUE_LOOKED_AT = 10000 };
    static const char *const regions[REGIONS_COUNT] = {"110000", "120000", "130000"};
    uint64_t overdue[REGIONS_COUNT + 1], all = deadlines_overdue(txn);
    unsigned count = 0;
    (void)self;
    deadlines_overdue_by(txn, OVERDUE_LOOKED_AT, regions, REGIONS_COUNT, overdue);
    figures[count++] = (struct core_figure){"hutong_limits_running", "Limits of transfers and certificates that run.",
                                            "", (int64_t)store_count(txn, DEADLINES)};
    for (unsigned i = 0; i < REGIONS_COUNT; i++, count++) {
        figures[count] = (struct core_figure){.name = "hutong_limits_overdue",
                                              .help = "Limits that have passed, by the region whose step it is.",
                                              .value = (int64_t)overdue[i]};
        (void)snprintf(figures[count].labels, sizeof figures[count].labels, "party=\"%s\"", regions[i]);
        all -= overdue[i];
    }
    figures[count] = figures[count - 1];
    figures[count].value = (int64_t)all;
    (void)snprintf(figures[count].labels, sizeof figures[count].labels, "party=\"\"");
    return count + 1;
}

const struct core settlement_core = {
    .name = "settlement",
    .tables = settlement_tables,
    .table_count = SETTLEMENT_TABLES_COUNT,
    .format = FORMAT_SETTLEMENT,
    .overlaid = true,
    .self_size = sizeof(struct settlement),
    .open = open_core,
    .apply = apply,
    .dead_letter = dead_letter,
    .flush = flush,
    .query = query,
    .logic_version = logic_version,
    .ends = ends_of,
    .figures = figures_of,
    .close = close_core,
};
