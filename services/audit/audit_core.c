/* SPDX-License-Identifier: Apache-2.0
 * The audit core. */
#include "services/audit/audit_core.h"

#include "common/engines/tlog/leaf.h"
#include "common/pb/outcome.h"
#include "common/store/rows/audit.h"
#include "services/audit/actions.h"
#include "services/audit/audit_tables.h"
#include "services/audit/flow.h"

enum { KINDS_MAX = 16, RULES_MAX = 1024 };

static const struct store_table tables[AUDIT_TABLES_COUNT] = {
#define AUDIT(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

struct audit {
    struct digest *digest;
    uint8_t head[DIGEST_SIZE];
    uint64_t by_kind[KINDS_MAX];
    uint64_t by_rule[RULES_MAX];
    bool dirty_rule[RULES_MAX];
    uint64_t count;
    struct flow flow;
    struct tlog_writer log;
    struct store_txn *txn; /* that the log is written in */
    uint8_t answering[ACTIONS_MEMORY];
};

static void count_read(struct audit *audit, struct span key, struct span value)
{
    struct counts_kind_key kind;
    struct counts_rule_key rule;
    struct counts_rule_value kept; /* of both */
    if (!counts_rule_value_read(value, &kept))
        return;
    if (counts_kind_key_read(key, &kind) && kind.outcome_kind < KINDS_MAX)
        audit->by_kind[kind.outcome_kind] = kept.count;
    else if (counts_rule_key_read(key, &rule) && rule.rule < RULES_MAX)
        audit->by_rule[rule.rule] = kept.count;
}

/* ---- the transparency log ---- */

static struct row_bytes log_key(unsigned level, uint64_t number)
{
    return level == TLOG_LEVEL_ENTRIES ? entries_key(number) : tiles_tile_key(level, number);
}

static unsigned log_table(unsigned level)
{
    return level == TLOG_LEVEL_ENTRIES ? ENTRIES : TILES;
}

static void keep_tile(void *self, unsigned level, uint64_t number, struct span bytes)
{
    struct row_bytes key = log_key(level, number);
    store_put(((struct audit *)self)->txn, log_table(level), row_span(&key), bytes);
}

bool audit_tile(struct store_txn *txn, unsigned level, uint64_t number, struct span *bytes)
{
    struct row_bytes key = log_key(level, number);
    return store_get(txn, log_table(level), row_span(&key), bytes);
}

static bool load_tile(void *self, unsigned level, uint64_t number, struct span *bytes)
{
    return audit_tile(self, level, number, bytes);
}

uint64_t audit_log_size(struct store_txn *txn)
{
    struct row_bytes key = tiles_size_key();
    struct tiles_size_value size;
    struct span value;
    return store_get(txn, TILES, row_span(&key), &value) && tiles_size_value_read(value, &size) ? size.leaves : 0;
}

static enum status open_log(struct audit *audit, struct store_txn *txn)
{
    audit->log.self = audit;
    audit->log.keep = keep_tile;
    return tlog_writer_open(&audit->log, audit_log_size(txn), load_tile, txn) == OK ? OK : FATAL_CORRUPT;
}

/* Of the records alone, whatever else is made of them: a log that is made again has the same leaves, also where a
 * record was buried here and is not there. */
static enum status append_leaf(struct audit *audit, struct store_txn *txn, const struct core_input *input)
{
    struct span outcomes[CORE_INPUTS_COUNT_MAX];
    unsigned count = 0;
    uint8_t entry[TLOG_ENTRY_SIZE];
    for (unsigned i = 1; i < input->record_count; i++)
        if (input->records[i].size > 0)
            outcomes[count++] = input->records[i];
    if (audit->log.size != input->position)
        return FATAL_CORRUPT;
    audit->txn = txn;
    tlog_leaf_of(audit->digest, input->position, input->records[0], outcomes, count, entry);
    tlog_append(&audit->log, audit->digest, entry);
    return OK;
}

static void flush_log(struct audit *audit, struct store_txn *txn)
{
    struct row_bytes key = tiles_size_key(), value = tiles_size_value(audit->log.size);
    audit->txn = txn;
    tlog_flush(&audit->log);
    store_put(txn, TILES, row_span(&key), row_span(&value));
}

static enum status open_core(void *self, struct store_txn *txn, struct core_partition partition)
{
    struct audit *audit = self;
    struct store_walk walk;
    struct row_bytes key = counts_head_key();
    struct span head;
    (void)partition;
    audit->digest = digest_new();
    if (store_get(txn, COUNTS, row_span(&key), &head) && head.size == DIGEST_SIZE)
        memcpy(audit->head, head.data, DIGEST_SIZE);
    for (bool more = store_walk_start(&walk, txn, COUNTS, span_of(NULL, 0)); more; more = store_walk_next(&walk))
        count_read(audit, walk.key, walk.value);
    store_walk_end(&walk);
    audit->count = store_count(txn, CHAIN);
    TRY(store_status(txn));
    return open_log(audit, txn);
}

/* The one outcome: exactly one of the partitions' records is not empty; at a tick, NOTICEs may follow it. */
static enum status pick_outcome(const struct core_input *input, struct span *outcome, struct outcome_head *head)
{
    struct outcome_head next;
    *outcome = span_of(NULL, 0);
    *head = (struct outcome_head){0};
    for (unsigned i = 1; i < input->record_count; i++) {
        if (input->records[i].size == 0)
            continue;
        if (outcome_head_read(input->records[i], &next) != OK || next.position != input->position ||
            (unsigned)next.kind >= KINDS_MAX || (outcome->size != 0 && next.kind != OUTCOME_NOTICE))
            return FATAL_CORRUPT;
        if (outcome->size != 0)
            continue;
        *outcome = input->records[i];
        *head = next;
    }
    return outcome->size == 0 ? FATAL_CORRUPT : OK;
}

static void add_sized(struct digest *digest, struct span record)
{
    uint8_t size[4];
    bytes_put_be(size, record.size, 4);
    digest_add(digest, span_of(size, sizeof size));
    digest_add(digest, record);
}

static void extend_chain(struct audit *audit, const struct core_input *input)
{
    uint8_t position[8];
    bytes_put_be(position, input->position, sizeof position);
    digest_start(audit->digest);
    digest_add(audit->digest, span_of(audit->head, DIGEST_SIZE));
    digest_add(audit->digest, span_of(position, sizeof position));
    for (unsigned i = 0; i < input->record_count; i++)
        if (i == 0 || input->records[i].size > 0)
            add_sized(audit->digest, input->records[i]);
    digest_finish(audit->digest, audit->head);
}

/* What the record is, as far as it can be read. */
struct read {
    struct submission submission;
    struct envelope_head head;
};

static void read_record(struct span record, struct read *read)
{
    if (submission_decode(record, NULL, &read->submission) != OK ||
        envelope_head_read(read->submission.envelope, &read->head) != OK)
        *read = (struct read){0};
}

static void keep_trail(struct store_txn *txn, position_t position, const struct read *read,
                       const struct outcome_head *head)
{
    uint8_t id[16];
    struct span sender = read->head.sender;
    if (message_id_parse(read->head.message_id, id) != OK)
        memset(id, 0, sizeof id); /* a dead letter may lack even that */
    if (sender.size > PARTY_SIZE_MAX)
        sender.size = 0;
    struct row_bytes key = trail_key(position),
                     value = trail_value((uint64_t)head->accepted_at, read->head.body_number, head->kind, id, sender);
    store_append(txn, TRAIL, row_span(&key), row_span(&value));
}

static void count_rules(struct audit *audit, struct span outcome)
{
    struct outcome_findings_peek peek;
    struct finding_rule finding;
    enum status whole = outcome_findings_peek_read(outcome, &peek); /* of a damaged one what comes before the break */
    for (uint32_t i = 0; i < peek.finding_count; i++) {
        whole = finding_rule_read(peek.findings[i], &finding);
        if (finding.rule == 0 || finding.rule >= RULES_MAX)
            continue;
        audit->by_rule[finding.rule]++;
        audit->dirty_rule[finding.rule] = true;
    }
    (void)whole;
}

/* The trail, and what is counted. */
static void keep_record(struct audit *audit, struct store_txn *txn, const struct core_input *input,
                        const struct read *read, struct span outcome, const struct outcome_head *head)
{
    keep_trail(txn, input->position, read, head);
    audit->by_kind[head->kind]++;
    audit->count++;
    count_rules(audit, outcome);
    if (read->head.body_number != 0)
        flow_take(
            &audit->flow, txn,
            &(struct flow_record){input->position, read->submission.accepted_at, &read->head, head->kind, outcome});
}

/* Of the operator's word, once it was admitted. */
static void take_drop(struct store_txn *txn, const struct core_input *input, const struct read *read,
                      enum outcome_kind kind)
{
    struct event event;
    if (kind != OUTCOME_APPLIED || read->head.body_number != EVENT_DEAD_LETTER_DROP ||
        event_decode(read->submission.envelope, input->arena, &event) != OK)
        return;
    if (strcmp(event.body.drop.service, audit_core.name) == 0)
        (void)core_letter_ends(&audit_core, txn, input, event.body.drop.position);
}

static enum status apply(void *self, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    struct audit *audit = self;
    struct span outcome;
    struct outcome_head head;
    struct read read;
    struct row_bytes key = chain_key(input->position);
    (void)output;
    TRY(pick_outcome(input, &outcome, &head));
    TRY(append_leaf(audit, txn, input));
    extend_chain(audit, input);
    store_append(txn, CHAIN, row_span(&key), span_of(audit->head, DIGEST_SIZE));
    read_record(input->records[0], &read);
    keep_record(audit, txn, input, &read, outcome, &head);
    take_drop(txn, input, &read, head.kind);
    actions_take(txn, input, &read.submission, &read.head, head.kind);
    return OK;
}

/* Its leaf is there all the same, one a position. Where that cannot be, the next record finds it. */
static void buried(void *self, struct store_txn *txn, const struct core_input *input)
{
    (void)append_leaf(self, txn, input);
}

static void put_count(struct store_txn *txn, struct row_bytes key, uint64_t count)
{
    struct row_bytes value = counts_rule_value(count);
    store_put(txn, COUNTS, row_span(&key), row_span(&value));
}

static void flush(void *self, struct store_txn *txn)
{
    struct audit *audit = self;
    struct row_bytes head = counts_head_key();
    if (audit->log.size > 0)
        flush_log(audit, txn);
    flow_flush(&audit->flow, txn);
    if (audit->count == 0)
        return;
    for (uint32_t i = 0; i < KINDS_MAX; i++)
        if (audit->by_kind[i] > 0)
            put_count(txn, counts_kind_key(i), audit->by_kind[i]);
    for (uint32_t i = 0; i < RULES_MAX; i++)
        if (audit->dirty_rule[i]) {
            put_count(txn, counts_rule_key(i), audit->by_rule[i]);
            audit->dirty_rule[i] = false;
        }
    store_put(txn, COUNTS, row_span(&head), span_of(audit->head, DIGEST_SIZE));
}

/* ---- questions: proto/hutong/v1/audit.proto ---- */

static void answer_trail(struct store_txn *txn, position_t position, struct buffer *answer)
{
    struct row_bytes key = trail_key(position), head = chain_key(position);
    struct trail_value kept;
    struct span value;
    char id[37], sender[PARTY_SIZE_MAX + 1] = "";
    struct audit_answer out = {.kind = AUDIT_TRAIL};
    struct trail *trail = &out.body.trail;
    if (store_get(txn, TRAIL, row_span(&key), &value) && trail_value_read(value, &kept) &&
        kept.sender.size <= PARTY_SIZE_MAX) {
        message_id_describe(kept.message_id, id);
        if (kept.sender.size > 0)
            memcpy(sender, kept.sender.data, kept.sender.size);
        *trail = (struct trail){.found = true,
                                .position = position,
                                .accepted_at = (instant_ms_t)kept.accepted_at_ms,
                                .sender = sender,
                                .message_id = id,
                                .event = event_kind_name(kept.event),
                                .outcome_kind = kept.outcome_kind};
        (void)store_get(txn, CHAIN, row_span(&head), &trail->chain);
    }
    audit_answer_encode(&out, answer);
}

static uint32_t counted(const uint64_t *values, uint32_t size, struct count *counts)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < size; i++)
        if (values[i] > 0)
            counts[count++] = (struct count){i, values[i]};
    return count;
}

/* An anomaly would have stopped the service: the counts are of what was whole. */
static void answer_counts(const struct audit *audit, struct buffer *answer)
{
    struct count kinds[KINDS_MAX], rules[RULES_MAX];
    struct counts counts = {.submissions = audit->count,
                            .outcomes = audit->count,
                            .by_kind = kinds,
                            .by_kind_count = counted(audit->by_kind, KINDS_MAX, kinds),
                            .by_rule = rules,
                            .by_rule_count = counted(audit->by_rule, RULES_MAX, rules),
                            .chain = span_of(audit->head, DIGEST_SIZE)};
    audit_answer_encode(&(struct audit_answer){AUDIT_COUNTS, {.counts = counts}}, answer);
}

static void answer_tile(struct store_txn *txn, const struct tile_request *request, struct buffer *answer)
{
    struct audit_answer out = {.kind = AUDIT_TILE};
    if (request->level < TLOG_LEVELS_MAX || request->level == TLOG_LEVEL_ENTRIES)
        (void)audit_tile(txn, request->level, request->number, &out.body.tile.bytes);
    audit_answer_encode(&out, answer);
}

static enum status query(void *self, struct store_txn *txn, struct span request, struct buffer *answer)
{
    struct audit *audit = self;
    struct audit_query asked;
    struct arena arena;
    arena_init(&arena, audit->answering, sizeof audit->answering);
    if (wire_check(WIRE_AUDIT_QUERY, request, NULL) != OK || audit_query_decode(request, &arena, &asked) != OK ||
        asked.kind == AUDIT_ASK_NONE)
        return REJECT_MALFORMED;
    if (asked.kind == AUDIT_ASK_COUNTS)
        answer_counts(audit, answer);
    else if (asked.kind == AUDIT_ASK_ACTIONS)
        actions_answer(txn, &arena, &asked.body.actions, answer);
    else if (asked.kind == AUDIT_ASK_ACKNOWLEDGED)
        actions_answer_acknowledged(txn, &arena, answer);
    else if (asked.kind == AUDIT_ASK_TILE)
        answer_tile(txn, &asked.body.tile, answer);
    else if (asked.kind == AUDIT_ASK_FLOW_DAY)
        flow_answer_day(&((struct audit *)self)->flow, txn, asked.body.flow_day.day, answer);
    else if (asked.kind == AUDIT_ASK_FLOW_LIST)
        flow_answer_list(txn, &asked.body.flow_list, answer);
    else
        answer_trail(txn, asked.body.trail.position, answer);
    return OK;
}

static void close_core(void *self)
{
    digest_destroy(&((struct audit *)self)->digest);
}

const struct core audit_core = {
    .name = "audit",
    .tables = tables,
    .table_count = AUDIT_TABLES_COUNT,
    .format = FORMAT_AUDIT,
    .self_size = sizeof(struct audit),
    .open = open_core,
    .apply = apply,
    .buried = buried,
    .flush = flush,
    .query = query,
    .close = close_core,
};
