/* SPDX-License-Identifier: Apache-2.0
 * What went between the regions. */
#include "services/audit/flow.h"

#include <xxhash.h>

#include "common/codes/area.h"
#include "common/codes/rule.h"
#include "common/store/rows/audit.h"
#include "services/audit/audit_tables.h"
/* A question reads so many records at most; a list goes backwards by windows of positions. */
enum { WINDOW = 512, LOOKED_AT_MAX = 100000, ROWS_A_PAGE_MAX = 200 };

/* One bill or letter, and what it adds to its cell. */
struct passing {
    unsigned from, to, event;
    uint32_t number; /* hash */
    uint64_t original;
};

/* Anything, also of two bytes and less, that stands without an end. */
static unsigned region_at(struct span code)
{
    char begins[3] = "";
    if (code.size > 0)
        memcpy(begins, code.data, code.size < 2 ? code.size : 2);
    const char *region = region_of(begins);
    return region == NULL ? 0 : (unsigned)(region[1] - '0');
}

uint32_t flow_number_hash(struct span number)
{
    return (uint32_t)XXH64(number.data, number.size, 0);
}

static bool read_row(struct store_txn *txn, position_t position, struct flow_value *row)
{
    struct row_bytes key = flow_key(position);
    struct span value;
    return store_get(txn, FLOW, row_span(&key), &value) && flow_value_read(value, row);
}

static bool read_bill(struct span body, struct passing *passing)
{
    struct bill_place_peek bill;
    if (bill_place_peek_read(body, &bill) != OK)
        return false;
    passing->number = flow_number_hash(bill.bill_id);
    passing->to = region_at(bill.insured_area);
    return true;
}

/* It says but what it takes back, whose row is there. */
static bool read_reversal(struct store_txn *txn, struct span body, struct passing *passing)
{
    struct reversal_peek reversal;
    struct flow_value row;
    if (reversal_peek_read(body, &reversal) != OK)
        return false;
    if (read_row(txn, reversal.settlement_position, &row) && row.event == EVENT_BILL_SETTLE) {
        passing->number = row.number;
        passing->to = row.to;
    }
    return true;
}

static bool read_letter(struct span body, struct passing *passing)
{
    struct transfer_place_peek letter;
    if (transfer_place_peek_read(body, &letter) != OK)
        return false;
    unsigned source = region_at(letter.source_area), target = region_at(letter.target_area);
    passing->number = flow_number_hash(letter.transfer_id);
    passing->to = passing->from == source ? target : source;
    return true;
}

/* False: it is neither a bill nor a letter, or nobody's of the three. */
static bool passing_of(struct store_txn *txn, const struct envelope_head *envelope, struct passing *passing)
{
    *passing = (struct passing){.from = region_at(envelope->sender), .event = envelope->body_number};
    if (passing->from == 0)
        return false;
    switch (passing->event) {
    case EVENT_BILL_SETTLE:
        return read_bill(envelope->body, passing);
    case EVENT_BILL_REVERSAL:
        return read_reversal(txn, envelope->body, passing);
    case EVENT_TRANSFER:
        return read_letter(envelope->body, passing);
    default:
        return false;
    }
}

static uint32_t first_error(const struct outcome_flow_peek *outcome)
{
    struct finding_rule finding;
    for (uint32_t i = 0; i < outcome->finding_count; i++) {
        const struct rule_text *rule =
            finding_rule_read(outcome->findings[i], &finding) == OK ? rule_find(finding.rule) : NULL;
        if (rule != NULL && rule->severity == RULE_ERROR)
            return finding.rule;
    }
    return 0;
}

/* ---- a day's cells ---- */

void flow_flush(struct flow *flow, struct store_txn *txn)
{
    struct buffer cell = {0};
    for (unsigned i = 0; flow->dirty && i < FLOW_REGIONS * FLOW_REGIONS; i++) {
        struct row_bytes key = flow_days_cell_key(flow->day, i / FLOW_REGIONS, i % FLOW_REGIONS);
        buffer_reset(&cell);
        flow_cell_encode(&flow->cells[i / FLOW_REGIONS][i % FLOW_REGIONS], &cell);
        if (cell.size > 0)
            store_put(txn, FLOW_DAYS, row_span(&key), buffer_span(&cell));
    }
    flow->dirty = false;
    buffer_fini(&cell);
}

static void load(struct store_txn *txn, uint32_t day, struct flow_cell cells[FLOW_REGIONS][FLOW_REGIONS])
{
    struct span value;
    for (unsigned i = 0; i < FLOW_REGIONS * FLOW_REGIONS; i++) {
        struct row_bytes key = flow_days_cell_key(day, i / FLOW_REGIONS, i % FLOW_REGIONS);
        struct flow_cell *cell = &cells[i / FLOW_REGIONS][i % FLOW_REGIONS];
        if (!store_get(txn, FLOW_DAYS, row_span(&key), &value) || flow_cell_decode(value, NULL, cell) != OK)
            flow_cell_blank(cell);
    }
}

/* The day of a record: what was counted of it so far, also before a start. */
static void turn(struct flow *flow, struct store_txn *txn, uint32_t day, position_t position)
{
    struct row_bytes key = flow_days_day_key(day), first = flow_days_day_value(position);
    struct span value;
    if (day == flow->day)
        return;
    flow_flush(flow, txn);
    flow->day = day;
    load(txn, day, flow->cells);
    if (!store_get(txn, FLOW_DAYS, row_span(&key), &value))
        store_put(txn, FLOW_DAYS, row_span(&key), row_span(&first));
}

static void add(struct flow_cell *cell, struct span amounts, int sign)
{
    struct amounts_flow_peek peek;
    if (amounts_flow_peek_read(amounts, &peek) != OK)
        return;
    cell->total += peek.total;
    cell->fund += peek.fund_pay_total;
    if (sign > 0)
        cell->settled++;
    else
        cell->reversed++;
}

/* What the row says of money: what came to the cell by it. */
static fen_t count(struct flow_cell *cell, const struct passing *passing, enum outcome_kind kind,
                   const struct outcome_flow_peek *outcome)
{
    struct transfer_sent_peek transfer;
    fen_t fund = cell->fund, sent = 0;
    switch (kind) {
    case OUTCOME_SETTLED:
        add(cell, outcome->amounts, 1);
        if (outcome->reversed.size > 0)
            add(cell, outcome->reversed, -1);
        break;
    case OUTCOME_REVERSED:
        add(cell, outcome->amounts, -1);
        break;
    case OUTCOME_MOVED:
        if (transfer_sent_peek_read(outcome->transfer, &transfer) == OK && transfer.state == TRANSFER_FUNDS_SENT)
            sent = transfer.sent;
        cell->letters++;
        cell->sent += sent;
        break;
    default:
        cell->refused += passing->event != EVENT_TRANSFER;
        cell->letters_refused += passing->event == EVENT_TRANSFER;
        break;
    }
    return cell->fund - fund + sent;
}

/* Of a requeue what it holds; false: that cannot be read. */
static bool unwrap(const struct envelope_head **envelope, struct envelope_head *inner)
{
    struct requeue_peek again;
    if ((*envelope)->body_number != EVENT_REQUEUE)
        return true;
    if (requeue_peek_read((*envelope)->body, &again) != OK || envelope_head_read(again.envelope, inner) != OK)
        return false;
    *envelope = inner;
    return true;
}

void flow_take(struct flow *flow, struct store_txn *txn, const struct flow_record *record)
{
    const struct envelope_head *envelope = record->envelope;
    struct envelope_head inner;
    struct outcome_flow_peek outcome;
    struct passing passing;
    uint32_t day = civil_date_of_instant(record->accepted_at);
    turn(flow, txn, day, record->position);
    if (record->kind == OUTCOME_DEAD_LETTER || !unwrap(&envelope, &inner) || !passing_of(txn, envelope, &passing) ||
        outcome_flow_peek_read(record->outcome, &outcome) != OK)
        return;
    fen_t amount = count(&flow->cells[passing.from][passing.to], &passing, record->kind, &outcome);
    struct row_bytes key = flow_key(record->position),
                     value = flow_value(day, passing.from, passing.to, passing.event, record->kind,
                                        first_error(&outcome), passing.number, amount);
    store_append(txn, FLOW, row_span(&key), row_span(&value));
    flow->dirty = true;
}

/* ---- questions ---- */

static bool first_of(struct store_txn *txn, uint32_t day, position_t *first)
{
    struct row_bytes key = flow_days_day_key(day);
    struct flow_days_day_value kept;
    struct span value;
    bool found = store_get(txn, FLOW_DAYS, row_span(&key), &value) && flow_days_day_value_read(value, &kept);
    if (found)
        *first = kept.first_position;
    return found;
}

/* The first day from this one on that anything came; false: there is none. */
static bool day_from(struct store_txn *txn, uint32_t from, uint32_t *day)
{
    struct row_bytes key = flow_days_day_key(from);
    struct store_walk walk;
    bool found = store_walk_start(&walk, txn, FLOW_DAYS, row_span(&key));
    if (found)
        *day = (uint32_t)bytes_get_be(walk.key.data, 4);
    store_walk_end(&walk);
    return found;
}

/* Days are few: a key each, and its cells. */
static uint32_t newest_day(struct store_txn *txn)
{
    uint32_t newest = 0;
    for (uint32_t day = 0; day_from(txn, newest + 1, &day);)
        newest = day;
    return newest;
}

void flow_answer_day(const struct flow *flow, struct store_txn *txn, uint32_t day, struct buffer *answer)
{
    struct flow_cell cells[FLOW_REGIONS][FLOW_REGIONS], said[FLOW_REGIONS * FLOW_REGIONS];
    struct audit_answer out = {.kind = AUDIT_FLOW_DAY, .body.flow_day = {.day = day, .cells = said}};
    struct flow_day *to = &out.body.flow_day;
    uint32_t oldest;
    if (day == 0)
        to->day = flow->day != 0 ? flow->day : newest_day(txn);
    load(txn, to->day, cells);
    if (to->day == flow->day)
        memcpy(cells, flow->cells, sizeof cells);
    for (unsigned i = 0; i < FLOW_REGIONS * FLOW_REGIONS; i++) {
        struct flow_cell *cell = &cells[i / FLOW_REGIONS][i % FLOW_REGIONS];
        if (cell->settled + cell->reversed + cell->refused + cell->letters + cell->letters_refused == 0)
            continue;
        cell->from = i / FLOW_REGIONS;
        cell->to = i % FLOW_REGIONS;
        said[to->cell_count++] = *cell;
    }
    (void)first_of(txn, to->day, &to->first_position);
    if (day_from(txn, 0, &oldest))
        (void)first_of(txn, oldest, &to->counted_from);
    audit_answer_encode(&out, answer);
}

static bool is_wanted(const struct flow_list_request *request, const struct flow_value *row)
{
    bool refused = row->outcome_kind == OUTCOME_REFUSED, letter = row->event == EVENT_TRANSFER;
    if ((request->day != 0 && row->day != request->day) || (request->from != 0 && row->from != request->from) ||
        (request->to != 0 && row->to != request->to) ||
        (request->number_hash != 0 && row->number != request->number_hash))
        return false;
    switch (request->choice) {
    case FLOW_BILLS:
        return !letter && !refused;
    case FLOW_LETTERS:
        return letter && !refused;
    case FLOW_REFUSED:
        return refused;
    default:
        return true;
    }
}

/* Those of [from, until) that are wanted, in order. */
static unsigned read_window(struct store_txn *txn, const struct flow_list_request *request, position_t from,
                            position_t until, struct flow_row rows[WINDOW])
{
    struct store_walk walk;
    struct row_bytes start = flow_key(from);
    struct flow_key key;
    struct flow_value row;
    unsigned count = 0;
    for (bool more = store_walk_start(&walk, txn, FLOW, row_span(&start)); more; more = store_walk_next(&walk)) {
        if (!flow_key_read(walk.key, &key) || key.position >= until)
            break;
        if (flow_value_read(walk.value, &row) && is_wanted(request, &row))
            rows[count++] = (struct flow_row){key.position,     row.from, row.to,           row.event,
                                              row.outcome_kind, row.rule, (fen_t)row.amount};
    }
    store_walk_end(&walk);
    return count;
}

/* Where a day's positions begin and end, as far as `before` allows. */
static void bounds_of(struct store_txn *txn, const struct flow_list_request *request, position_t *first,
                      position_t *until)
{
    uint32_t oldest, next;
    position_t end = UINT64_MAX;
    *first = 0;
    if (day_from(txn, 0, &oldest))
        (void)first_of(txn, oldest, first);
    if (request->day != 0) {
        if (!first_of(txn, request->day, first))
            end = 0;
        else if (day_from(txn, request->day + 1, &next))
            (void)first_of(txn, next, &end);
    }
    *until = request->before != 0 && request->before < end ? request->before : end;
    if (*until == UINT64_MAX)
        *until = store_count(txn, CHAIN);
}

void flow_answer_list(struct store_txn *txn, const struct flow_list_request *request, struct buffer *answer)
{
    struct flow_row window[WINDOW], rows[ROWS_A_PAGE_MAX];
    struct audit_answer out = {.kind = AUDIT_FLOW_LIST, .body.flow_list = {.rows = rows}};
    struct flow_list *to = &out.body.flow_list;
    uint32_t most =
        request->count_max > 0 && request->count_max < ROWS_A_PAGE_MAX ? request->count_max : ROWS_A_PAGE_MAX;
    position_t first, until;
    bounds_of(txn, request, &first, &until);
    for (unsigned looked = 0; until > first && to->row_count < most && looked < LOOKED_AT_MAX; looked += WINDOW) {
        position_t from = until - first > WINDOW ? until - WINDOW : first;
        unsigned count = read_window(txn, request, from, until, window);
        until = from;
        while (count > 0 && to->row_count < most)
            rows[to->row_count++] = window[--count];
        if (count > 0) /* the page is full in the middle of a window */
            until = window[count - 1].position + 1;
    }
    to->next = until > first ? until : 0;
    audit_answer_encode(&out, answer);
}
