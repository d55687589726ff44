/* SPDX-License-Identifier: Apache-2.0
 * The operators' log. */
#include "services/audit/actions.h"

#include "common/pb/act.h"
#include "common/store/rows/audit.h"
#include "services/audit/audit_tables.h"

enum { WORD_SIZE = ACTOR_SIZE_MAX + 1, TEXT_SIZE = 601, RESULT_SIZE = 201 };

/* ---- rows ---- */

static bool row_at(struct store_txn *txn, uint64_t number, position_t *position, struct span *bytes)
{
    struct row_bytes key = actions_key(number);
    struct actions_value kept;
    struct span value;
    if (!store_get(txn, ACTIONS, row_span(&key), &value) || value.size < ACTIONS_VALUE_SIZE ||
        !actions_value_read(span_of(value.data, ACTIONS_VALUE_SIZE), &kept))
        return false;
    *position = kept.position;
    *bytes = span_of(value.data + ACTIONS_VALUE_SIZE, value.size - ACTIONS_VALUE_SIZE);
    return true;
}

/* How many stand at this position or before it. */
static uint64_t count_up_to(struct store_txn *txn, position_t position)
{
    uint64_t low = 0, high = store_count(txn, ACTIONS);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        position_t there = UINT64_MAX;
        struct span bytes;
        (void)row_at(txn, middle, &there, &bytes);
        if (there <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void row_put(struct store_txn *txn, uint64_t number, position_t position, const struct action_row *row)
{
    struct row_bytes key = actions_key(number), head = actions_value(position);
    struct buffer value = {0};
    buffer_append(&value, head.bytes, head.size);
    action_row_encode(row, &value);
    store_put(txn, ACTIONS, row_span(&key), buffer_span(&value));
    buffer_fini(&value);
}

/* What was said before it was judged may be of any length: whole characters, as many as fit. */
static const char *cut(const char *text, char *to, size_t size)
{
    size_t length = strnlen(text, size);
    if (length == size)
        for (length--; length > 0 && ((uint8_t)text[length] & 0xc0) == 0x80;)
            length--;
    memcpy(to, text, length);
    to[length] = 0;
    return to;
}

/* ---- what the log says ---- */

static void take_end(struct store_txn *txn, const struct core_input *input, const struct operator_action *end,
                     instant_ms_t at)
{
    char result[RESULT_SIZE];
    struct action_row row;
    position_t there;
    struct span bytes;
    uint64_t count = count_up_to(txn, end->of);
    if (count == 0 || !row_at(txn, count - 1, &there, &bytes) || there != end->of ||
        action_row_decode(bytes, input->arena, &row) != OK)
        return;
    row.result = cut(end->result, result, sizeof result);
    row.ended_at = at;
    row_put(txn, count - 1, there, &row);
}

static void take_acknowledgement(struct store_txn *txn, const struct act *act, uint64_t number)
{
    struct row_bytes value = acknowledged_value(number);
    if (act->subject[0] == 0)
        return;
    if (strcmp(act->action, ACT_ACKNOWLEDGE) == 0)
        store_put(txn, ACKNOWLEDGED, span_text(act->subject), row_span(&value));
    else if (strcmp(act->action, ACT_CLEAR) == 0)
        store_delete(txn, ACKNOWLEDGED, span_text(act->subject));
}

void actions_take(struct store_txn *txn, const struct core_input *input, const struct submission *submission,
                  const struct envelope_head *head, enum outcome_kind outcome)
{
    struct event event;
    struct act act;
    char action[WORD_SIZE], by[WORD_SIZE], reason[TEXT_SIZE], command[TEXT_SIZE];
    if (!act_is(head->body_number) || event_decode(submission->envelope, input->arena, &event) != OK ||
        !act_of(&event, &act))
        return;
    bool said = event.kind == EVENT_OPERATOR_ACTION;
    if (said && event.body.operator_action.of != 0) {
        if (outcome == OUTCOME_APPLIED)
            take_end(txn, input, &event.body.operator_action, submission->accepted_at);
        return;
    }
    struct action_row row = {.accepted_at = submission->accepted_at,
                             .action = cut(act.action, action, sizeof action),
                             .by = cut(act.by, by, sizeof by),
                             .subject = act.subject,
                             .reason = cut(act.reason, reason, sizeof reason),
                             .command = cut(act.command, command, sizeof command),
                             .outcome_kind = outcome,
                             .result = "",
                             .until_ms = said ? event.body.operator_action.until_ms : 0};
    uint64_t number = store_count(txn, ACTIONS);
    row_put(txn, number, input->position, &row);
    if (said && outcome == OUTCOME_APPLIED)
        take_acknowledgement(txn, &act, number);
}

/* ---- questions ---- */

/* False: there is no room for it, and the page ends before it. */
static bool read_row(struct store_txn *txn, struct arena *arena, uint64_t number, struct action_row *row)
{
    position_t position;
    struct span bytes;
    if (!row_at(txn, number, &position, &bytes) || action_row_decode(bytes, arena, row) != OK)
        return false;
    row->position = position;
    return true;
}

static bool is_asked(const struct actions_request *asked, const struct action_row *row)
{
    return (asked->by[0] == 0 || strcmp(asked->by, row->by) == 0) &&
           (asked->action[0] == 0 || strcmp(asked->action, row->action) == 0);
}

static void encode(const struct action_row *rows, uint32_t count, uint64_t next, struct buffer *answer)
{
    struct audit_answer out = {AUDIT_ACTIONS, {.actions = {rows, count, next}}};
    audit_answer_encode(&out, answer);
}

void actions_answer(struct store_txn *txn, struct arena *arena, const struct actions_request *asked,
                    struct buffer *answer)
{
    struct action_row *rows = arena_take(arena, ACTIONS_PAGE_MAX * sizeof *rows);
    uint64_t number = count_up_to(txn, asked->from), next = 0;
    uint32_t most = asked->count < ACTIONS_PAGE_MAX ? asked->count : ACTIONS_PAGE_MAX, count = 0;
    for (unsigned looked_at = 0; rows != NULL && number > 0; number--, looked_at++) {
        struct arena before = *arena;
        struct action_row row;
        if (count == most || looked_at == ACTIONS_LOOKED_AT_MAX || !read_row(txn, arena, number - 1, &row)) {
            struct span bytes;
            if (!row_at(txn, number - 1, &next, &bytes))
                next = 0;
            break;
        }
        if (row.accepted_at < asked->since_ms)
            break;
        if (is_asked(asked, &row))
            rows[count++] = row;
        else
            *arena = before;
    }
    encode(rows, count, next, answer);
}

void actions_answer_acknowledged(struct store_txn *txn, struct arena *arena, struct buffer *answer)
{
    struct action_row *rows = arena_take(arena, ACTIONS_PAGE_MAX * sizeof *rows);
    struct store_walk walk;
    struct acknowledged_value kept;
    uint32_t count = 0;
    for (bool more = store_walk_start(&walk, txn, ACKNOWLEDGED, span_of(NULL, 0));
         more && rows != NULL && count < ACTIONS_PAGE_MAX; more = store_walk_next(&walk))
        if (acknowledged_value_read(walk.value, &kept) && read_row(txn, arena, kept.number, &rows[count]))
            count++;
    store_walk_end(&walk);
    encode(rows, count, 0, answer);
}
