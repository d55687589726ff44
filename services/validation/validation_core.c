/* SPDX-License-Identifier: Apache-2.0
 * The validation core. */
#include "services/validation/validation_core.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/gazette/gazette_book.h"
#include "common/engines/signing/signing_keys.h"
#include "common/store/rows/validation.h"
#include "services/validation/judging.h"

static const struct store_table tables[VALIDATION_TABLES_COUNT] = {
#define VALIDATION(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

/* Who goes by what is published wants it to be there: what a bill or a letter cannot be judged without. */
static void judge_tables_stand(struct judging *judging, uint32_t version)
{
    static const enum gazette_kind wanted[] = {GAZETTE_AREAS, GAZETTE_CARE_KINDS, GAZETTE_ITEM_SHAPES,
                                               GAZETTE_TRANSFER_PARAMETERS};
    bool stand = true;
    for (unsigned i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        stand = stand && gazette_book_has(judging->self->gazettes, wanted[i]);
    judge_want(judging, stand || !logic_has(version, LOGIC_PUBLISHED_TABLES), RULE_GAZETTES_MISSING, "version");
}

void judge_logic_version(struct judging *judging)
{
    uint32_t version = judging->event->body.logic.version;
    judge_nobody(judging);
    judge_field(judging, version >= judging->published->logic, "version");
    judge_tables_stand(judging, version);
    if (judge_refused(judging))
        return;
    if (version > LOGIC_VERSION_KNOWN) {
        judging->status = FATAL_LOGIC_VERSION;
        return;
    }
    struct row_bytes key = logic_key(), value = logic_value(version);
    store_put(judging->txn, LOGIC_TABLE, row_span(&key), row_span(&value));
    gazette_book_switch(judging->self->gazettes, version);
    catalogue_sort(judging->self->catalogue);
    catalogue_ended_yields(judging->self->catalogue, logic_has(version, LOGIC_ENDED_ROW_YIELDS));
}

/* A requeued letter is judged by what it holds, before this; one inside another is none. */
void judge_no_letter(struct judging *judging)
{
    judging->status = REJECT_UNDECODABLE;
}

static enum status judge_event(struct judging *judging, struct event *event)
{
    if (!event_is_of_logic(event, judging->published->logic))
        return REJECT_UNDECODABLE;
    areas_without_offices(judging->published, judging->input->arena, event);
    if (!judge_act(judging))
        return judging->status;
    switch (judging->event->kind) {
#define EVENT(kind, whom, who, judge, settles, books)                                                                  \
    case EVENT_##kind:                                                                                                 \
        judge(judging);                                                                                                \
        return judging->status;
#include "common/codes/event.def"
#undef EVENT
    case EVENT_NONE:
        break;
    }
    return REJECT_UNDECODABLE;
}

/* What a second try of LOGIC_LETTERS_LEAVE holds is the first one's envelope. */
static struct span sent_at_first(struct arena *arena, uint32_t logic, struct span envelope)
{
    struct event event;
    bool again = logic_has(logic, LOGIC_LETTERS_LEAVE) && event_decode(envelope, arena, &event) == OK &&
                 event.kind == EVENT_REQUEUE;
    return again ? event.body.requeue.envelope : envelope;
}

/* A dead letter holds the record (a Submission), or where there was no room for it the envelope's SHA-256. */
static bool letter_is_of(struct validation *self, struct arena *arena, struct span bytes, struct span envelope)
{
    struct dead_letter letter;
    struct submission submission;
    uint8_t sha256[DIGEST_SIZE];
    if (dead_letter_decode(bytes, arena, &letter) != OK)
        return false;
    if (letter.record.size > 0)
        return submission_decode(letter.record, NULL, &submission) == OK &&
               span_equal(sent_at_first(arena, gazette_book_published(self->gazettes)->logic, submission.envelope),
                          envelope);
    digest_once(self->digest, envelope, sha256);
    return span_equal(letter.envelope_sha256, span_of(sha256, sizeof sha256));
}

static bool was_dead(struct validation *self, struct store_txn *txn, struct arena *arena, const struct requeue *requeue)
{
    struct span letter;
    return core_was_dead(&validation_core, txn, requeue->position, &letter) &&
           letter_is_of(self, arena, letter, requeue->envelope);
}

static bool second_try(void *self_, struct store_txn *txn, const struct core_input *input, position_t *first,
                       struct span *envelope)
{
    struct validation *self = self_;
    struct submission submission;
    struct event event;
    if (!logic_has(gazette_book_published(self->gazettes)->logic, LOGIC_LETTERS_LEAVE) ||
        submission_decode(input->records[0], NULL, &submission) != OK ||
        event_decode(submission.envelope, input->arena, &event) != OK || event.kind != EVENT_REQUEUE ||
        !was_dead(self, txn, input->arena, &event.body.requeue))
        return false;
    *first = event.body.requeue.position;
    *envelope = event.body.requeue.envelope;
    return true;
}

enum { DROP_REASON_SIZE_MAX = 200 };

static const char *const services[] = {
#define DAEMON(...)
#define SERVICE(name, ...) #name,
#include "common/config/service.def"
};

/* Of another service's letters validation knows nothing: that one takes its own off. */
void judge_drop(struct judging *judging)
{
    const struct dead_letter_drop *drop = &judging->event->body.drop;
    bool known = false;
    for (unsigned i = 0; i < sizeof services / sizeof services[0]; i++)
        known = known || strcmp(drop->service, services[i]) == 0;
    judge_field(judging, known, "service");
    judge_field(judging, drop->reason[0] != 0 && strlen(drop->reason) <= DROP_REASON_SIZE_MAX, "reason");
    if (!judge_refused(judging) && strcmp(drop->service, validation_core.name) == 0 &&
        !core_letter_ends(&validation_core, judging->txn, judging->input, drop->position))
        judge_add(judging, RULE_REQUEUE_INVALID, "position");
}

enum { LEGAL_BASIS_SIZE_MAX = 200 };

void judge_erasure(struct judging *judging)
{
    const struct person_erasure *erasure = &judging->event->body.person_erasure;
    struct identity pseudonym;
    judge_nobody(judging);
    judge_want(judging, identity_parse(erasure->pseudonym, &pseudonym) == OK, RULE_PERSON_ID_INVALID, "pseudonym");
    judge_field(judging, erasure->legal_basis[0] != 0 && strlen(erasure->legal_basis) <= LEGAL_BASIS_SIZE_MAX,
                "legal_basis");
}

/* More of what repeats than a message may hold: a bill's items, a form's rows. */
static enum rule too_many(const struct event *event)
{
    if (event->kind >= EVENT_STATEMENT && event->kind <= EVENT_CLEARING_POLICY)
        return RULE_STATEMENT_TOO_LARGE;
    return event->kind == EVENT_TRANSFER ? RULE_TRP_LETTER : RULE_BILL_TOO_MANY_ITEMS;
}

/* The inner envelope is judged as if it came now; its own sender's rights count. */
static enum status judge_inner(struct judging *judging, struct event *inner, bool *elsewhere)
{
    const struct event *outer = judging->event;
    enum status status = event_decode(outer->body.requeue.envelope, judging->input->arena, inner);
    if (status == REJECT_TOO_LARGE || event_is_too_long(inner, judging->published->logic)) {
        judge_add(judging, too_many(inner), "envelope");
        return OK;
    }
    if (status != OK || inner->kind == EVENT_REQUEUE || signing_is_event(inner->kind))
        return REJECT_UNDECODABLE; /* a key holds from its own position on, at the gate too */
    *elsewhere = strcmp(inner->person_id, outer->person_id) != 0;
    if (*elsewhere) { /* it would be decided in another partition than the letter's */
        judge_add(judging, RULE_REQUEUE_INVALID, "person_id");
        return OK;
    }
    judging->event = inner;
    judging->root = event_kind_name(inner->kind);
    return judge_event(judging, inner);
}

/* Once its content has been judged, whatever was said of it, the letter has been dealt with. */
static enum status judge_requeue(struct judging *judging, struct event *inner)
{
    const struct event *outer = judging->event;
    bool elsewhere = false;
    if (!judge_act(judging))
        return judging->status;
    if (!was_dead(judging->self, judging->txn, judging->input->arena, &outer->body.requeue)) {
        judge_add(judging, RULE_REQUEUE_INVALID, "position");
        return OK;
    }
    TRY(judge_inner(judging, inner, &elsewhere));
    if (!elsewhere && logic_has(judging->published->logic, LOGIC_LETTERS_LEAVE))
        (void)core_letter_ends(&validation_core, judging->txn, judging->input, outer->body.requeue.position);
    return OK;
}

static void write_verdict(const struct judging *judging, const char *dead_reason, struct buffer *output)
{
    const struct findings *findings = &judging->self->findings;
    bool once = logic_has(gazette_book_published(judging->self->gazettes)->logic, LOGIC_ENVELOPE_ONCE);
    struct verdict verdict = {
        .accepted_at = judging->submission->accepted_at,
        .person_hash = judging->submission->person_hash,
        .findings = findings,
        .refused = findings->refused,
        .dead_reason = dead_reason,
        .has_facts = judging->has_facts,
        .facts = judging->facts,
        .account_restated = judging->account_restated,
        .has_row_taken_back = judging->has_row_taken_back,
        .row_taken_back = judging->row_taken_back,
        .envelope = once ? span_of(NULL, 0) : judging->submission->envelope,
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
    if (submission_decode(input->records[0], NULL, &submission) != OK)
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
                              .published = gazette_book_published(self->gazettes),
                              .root = event_kind_name(event.kind)};
    if (status == REJECT_TOO_LARGE || event_is_too_long(&event, judging.published->logic))
        judge_add(&judging, too_many(&event), event.kind == EVENT_TRANSFER ? "rows" : "items");
    else if (status != OK)
        return REJECT_UNDECODABLE;
    else if (event.kind == EVENT_REQUEUE)
        TRY(judge_requeue(&judging, &inner));
    else
        TRY(judge_event(&judging, &event));
    write_verdict(&judging, "", output);
    return OK;
}

static void dead_letter(void *self_, const struct core_input *input, const char *reason, struct buffer *output)
{
    struct validation *self = self_;
    struct submission submission;
    if (submission_decode(input->records[0], NULL, &submission) != OK)
        submission = (struct submission){0};
    self->findings.count = 0;
    self->findings.refused = self->findings.overflow = false;
    struct judging judging = {.self = self, .submission = &submission};
    write_verdict(&judging, reason, output);
}

static enum status open_core(void *self_, struct store_txn *txn, struct core_partition partition)
{
    struct validation *self = self_;
    struct row_bytes key = logic_key();
    struct logic_value logic = {LOGIC_VERSION_FIRST};
    struct span value;
    self->partition = partition;
    if (store_get(txn, LOGIC_TABLE, row_span(&key), &value) && logic_value_read(value, &logic) &&
        logic.version > LOGIC_VERSION_KNOWN)
        return FATAL_LOGIC_VERSION;
    self->digest = digest_new();
    self->institutions = institution_book_new(txn);
    self->gazettes = gazette_book_new(txn, GAZETTES_TABLE, logic.version);
    if (self->gazettes == NULL)
        return FATAL_CORRUPT;
    self->catalogue = catalogue_new(txn, CATALOGUE_TABLE, gazette_book_published(self->gazettes));
    catalogue_ended_yields(self->catalogue, logic_has(logic.version, LOGIC_ENDED_ROW_YIELDS));
    return store_status(txn);
}

static void close_core(void *self_)
{
    struct validation *self = self_;
    digest_destroy(&self->digest);
    institution_book_destroy(&self->institutions);
    catalogue_destroy(&self->catalogue);
    gazette_book_destroy(&self->gazettes);
}

static uint32_t logic_version(const void *self)
{
    return gazette_book_published(((const struct validation *)self)->gazettes)->logic;
}

static void add_end(struct core_end ends[CORE_ENDS_COUNT_MAX], unsigned *count, const char *table, const char *region,
                    civil_date_t last_day)
{
    if (last_day == 0)
        return;
    struct core_end *end = &ends[(*count)++];
    *end = (struct core_end){.last_day = last_day};
    (void)snprintf(end->table, sizeof end->table, "%s", table);
    (void)snprintf(end->region, sizeof end->region, "%s", region);
}

/* The operator asks for keys. */
static enum status answer(void *self, struct store_txn *txn, struct span request, struct buffer *answer)
{
    struct signing_keys keys = {txn, SIGNING_TABLE, ((struct validation *)self)->digest};
    (void)request;
    signing_list(&keys, answer);
    return OK;
}

static unsigned ends_of(const void *self, struct core_end ends[CORE_ENDS_COUNT_MAX])
{
    static const char *const regions[] = {"110000", "120000", "130000"};
    const struct published *published = gazette_book_published(((const struct validation *)self)->gazettes);
    unsigned count = 0;
    add_end(ends, &count, "calendar", "", published_calendar_end(published));
    for (unsigned i = 0; i < sizeof regions / sizeof regions[0]; i++)
        add_end(ends, &count, "unemployment_standard", regions[i], published_standard_end(published, regions[i]));
    return count;
}

const struct core validation_core = {
    .name = "validation",
    .tables = tables,
    .table_count = VALIDATION_TABLES_COUNT,
    .format = FORMAT_VALIDATION,
    .overlaid = true,
    .self_size = sizeof(struct validation),
    .open = open_core,
    .apply = apply,
    .dead_letter = dead_letter,
    .second_try = second_try,
    .query = answer,
    .logic_version = logic_version,
    .ends = ends_of,
    .close = close_core,
};
