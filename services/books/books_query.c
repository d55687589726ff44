/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books: proto/hutong/v1/books.proto, BooksQuery. */
#include "common/base/check.h"
#include "services/books/books_internal.h"
#include "services/books/tree/tree_wire.h"

enum { PAGE_ROWS_MAX = 1000, PAGE_SCAN_MAX = 20000 };
enum { ASK_BALANCES = 1, ASK_ENTRIES, ASK_CLEARING, ASK_ROWS, ASK_TREE, ASK_SUPERVISION, ASK_INSTITUTIONS = 9 };

/* Any of the questions' fields. */
struct question {
    struct span after;
    uint64_t count_max;
    month_t month;
    unsigned insured, care;
    bool open;
};

static enum status read_question(uint32_t kind, struct span body, struct question *question)
{
    struct wire_field field;
    bool paged = kind == ASK_BALANCES || kind == ASK_ENTRIES;
    *question = (struct question){.insured = REGIONS, .care = REGIONS};
    for (struct wire_reader reader = wire_read(body); !wire_at_end(&reader);) {
        TRY(wire_next(&reader, &field));
        bool pair = field.type == WIRE_BYTES && field.bytes.size == 6;
        char region[7] = "";
        if (pair)
            memcpy(region, field.bytes.data, 6);
        if (field.number == 1 && paged)
            question->after = field.bytes;
        else if (field.number == 1)
            question->month = month_of_number((uint32_t)field.value);
        else if (field.number == 2 && paged)
            question->count_max = field.value;
        else if (field.number == 2 && kind == ASK_SUPERVISION)
            question->after = field.bytes;
        else if (field.number == 2 && pair)
            question->insured = clearing_region_index(region);
        else if (field.number == 3 && pair)
            question->care = clearing_region_index(region);
        else if (field.number == 4)
            question->after = field.bytes;
        else if (field.number == 5)
            question->count_max = field.value;
        else if (field.number == 6)
            question->open = field.value != 0;
    }
    if (question->count_max == 0 || question->count_max > PAGE_ROWS_MAX)
        question->count_max = PAGE_ROWS_MAX;
    return !paged && question->month == 0 ? REJECT_MALFORMED : OK;
}

static void put_balance(struct span key, struct span value, struct buffer *answer)
{
    size_t mark = wire_begin(answer, 1);
    wire_put_bytes(answer, 1, key);
    wire_put_int(answer, 2, (fen_t)bytes_get_le(value.data, 8));
    wire_end(answer, mark);
}

static void answer_page(struct books *books, unsigned table, const struct question *question, struct buffer *answer)
{
    struct store_walk walk;
    uint8_t last[ACCOUNT_NAME_SIZE];
    size_t last_size = 0;
    uint64_t count = 0;
    bool more = store_walk_start(&walk, books->txn, table, question->after);
    for (; more && count < question->count_max; more = store_walk_next(&walk)) {
        if (span_equal(walk.key, question->after))
            continue;
        if (table == BALANCES)
            put_balance(walk.key, walk.value, answer);
        else
            wire_put_record(answer, 2, walk.value);
        INVARIANT(walk.key.size <= sizeof last);
        memcpy(last, walk.key.data, walk.key.size);
        last_size = walk.key.size;
        count++;
    }
    store_walk_end(&walk);
    if (more)
        wire_put_bytes(answer, 15, span_of(last, last_size));
}

static void answer_clearing(struct books *books, month_t month, struct buffer *answer)
{
    struct store_walk walk;
    uint8_t key[2];
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        const struct pair_month *sums = &books->pairs[month][pair];
        if (sums->count_positive + sums->count_negative + sums->disputed_count > 0)
            table_encode(books, month, pair, 3, answer);
    }
    nets_encode(books, month, 4, answer);
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (pair / REGIONS != pair % REGIONS)
            advance_encode(books, pair, 8, answer);
    bytes_put_be(key, month, 2);
    bool more = store_walk_start(&walk, books->txn, PAYMENTS, span_of(key, sizeof key));
    for (; more && memcmp(walk.key.data, key, 2) == 0; more = store_walk_next(&walk))
        notice_encode(walk.key, walk.value, 9, answer);
    store_walk_end(&walk);
}

static void put_row(const struct book_bill *bill, struct buffer *answer)
{
    size_t mark = wire_begin(answer, 5);
    enum difference difference = bill->difference[0] != DIFFERENCE_NONE ? bill->difference[0] : bill->difference[1];
    wire_put_uint(answer, 1, bill->row.number);
    wire_put_uint(answer, 2, bill->row.day);
    wire_put_text(answer, 3, bill->row.institution);
    wire_put_text(answer, 4, bill->row.bill_id);
    wire_put_uint(answer, 5, bill->row.original);
    wire_put_text(answer, 6, bill->row.insured_area);
    wire_put_text(answer, 7, bill->row.insurance_type);
    wire_put_text(answer, 8, bill->row.clearing_type);
    wire_put_int(answer, 9, bill->row.total);
    wire_put_int(answer, 10, bill->row.fund + bill->adjust);
    wire_put_int(answer, 11, bill->row.account);
    wire_put_uint(answer, 12, (uint64_t)bill->reason);
    wire_put_text(answer, 13, bill->reason == OPEN_NONE ? "" : open_reason_name(bill->reason));
    wire_put_uint(answer, 14, (uint64_t)difference);
    wire_put_uint(answer, 15, bill->month == 0 ? 0 : month_number(bill->month));
    wire_end(answer, mark);
}

/* No bill of an earlier day can be in this month's table. */
static civil_date_t first_day_of(const struct books *books, const struct question *question)
{
    const struct clearing_policy *policy = policy_on(books, month_day(question->month, 31));
    uint32_t number = month_number(question->month);
    if (question->open)
        return number * 100 + 1;
    if (policy == NULL || number % 100 + 1 == policy->year_close_month)
        return (number / 100 - 1) * 10000 + 101;
    month_t before = question->month > policy->roll_over_max ? (month_t)(question->month - policy->roll_over_max) : 1;
    return month_number(before) * 100 + 1;
}

/* The rows of a table, or what is open of the month's own bills. A page ends after so many rows, or so many looked at.
 */
static void answer_rows(struct books *books, const struct question *question, struct buffer *answer)
{
    struct store_walk walk;
    struct book_bill bill;
    uint8_t from[BILL_KEY_SIZE] = {0}, last[BILL_KEY_SIZE] = {0};
    uint64_t count = 0, scanned = 0;
    unsigned pair = question->insured * REGIONS + question->care;
    bytes_put_be(from, first_day_of(books, question), 4);
    bool resumed = question->after.size == sizeof from;
    bool more = store_walk_start(&walk, books->txn, BILLS, resumed ? question->after : span_of(from, sizeof from));
    for (; more && count < question->count_max && scanned < PAGE_SCAN_MAX; more = store_walk_next(&walk)) {
        if (resumed && span_equal(walk.key, question->after))
            continue;
        book_bill_decode(walk.key, walk.value, &bill);
        if (month_of(bill.row.day) > question->month)
            break;
        bool in = question->open ? bill.month == 0 && month_of(bill.row.day) == question->month
                                 : bill.month == question->month;
        if (in && book_bill_pair(&bill) == pair) {
            put_row(&bill, answer);
            count++;
        }
        memcpy(last, walk.key.data, sizeof last);
        scanned++;
    }
    store_walk_end(&walk);
    if (more && (count == question->count_max || scanned == PAGE_SCAN_MAX))
        wire_put_bytes(answer, 15, span_of(last, sizeof last));
}

/* ---- the sum tree's rows ---- */

struct tree_rows {
    struct books *books;
    struct store_walk walk;
    bool walking, more;
    struct book_bill bill;
    uint64_t side;
    unsigned region; /* REGIONS: all */
    char facts[32];
};

static void tree_start(void *self, const struct tree_key *from)
{
    struct tree_rows *rows = self;
    uint8_t key[BILL_KEY_SIZE] = {0};
    bytes_put_be(key, from->day, 4);
    memcpy(key + 4, from->institution, strlen(from->institution) < 12 ? strlen(from->institution) : 12);
    bytes_put_be(key + 16, from->number, 8);
    if (rows->walking)
        store_walk_end(&rows->walk);
    rows->more = store_walk_start(&rows->walk, rows->books->txn, BILLS, span_of(key, sizeof key));
    rows->walking = true;
}

static bool belongs(const struct tree_rows *rows, const struct book_bill *bill)
{
    unsigned pair = book_bill_pair(bill);
    return bill->kind != BILL_ADJUSTMENT &&
           (rows->region >= REGIONS || (rows->side == SIDE_INSURED ? pair / REGIONS : pair % REGIONS) == rows->region);
}

static bool tree_next_row(void *self, struct tree_row *row)
{
    struct tree_rows *rows = self;
    const struct reconcile_row *from = &rows->bill.row;
    for (; rows->more; rows->more = store_walk_next(&rows->walk)) {
        book_bill_decode(rows->walk.key, rows->walk.value, &rows->bill);
        if (belongs(rows, &rows->bill))
            break;
    }
    if (!rows->more)
        return false;
    memset(row, 0, sizeof *row);
    row->key.day = from->day;
    memcpy(row->key.institution, from->institution, sizeof row->key.institution);
    row->key.number = from->number;
    row->total = from->total;
    row->fund = from->fund;
    row->account = from->account;
    memcpy(rows->facts, from->insured_area, 6);
    memcpy(rows->facts + 6, from->insurance_type, 3);
    memcpy(rows->facts + 9, from->clearing_type, 2);
    row->facts = span_of(rows->facts, 11);
    rows->more = store_walk_next(&rows->walk);
    return true;
}

static enum status answer_tree(struct books *books, struct span body, struct buffer *answer)
{
    struct tree_rows rows = {.books = books, .region = REGIONS};
    struct tree_source source = {&rows, tree_start, tree_next_row};
    struct wire_field field;
    arena_reset(&books->memory);
    struct tree_exchange *exchanges = arena_take(&books->memory, 2 * sizeof *exchanges);
    INVARIANT(exchanges != NULL);
    TRY(tree_exchange_decode(body, &exchanges[0]));
    for (struct wire_reader reader = wire_read(body); !wire_at_end(&reader);) {
        TRY(wire_next(&reader, &field));
        char region[7] = "";
        if (field.number == 2)
            rows.side = field.value;
        else if (field.number == 3 && field.bytes.size == 6) {
            memcpy(region, field.bytes.data, 6);
            rows.region = clearing_region_index(region);
        }
    }
    tree_answer(&source, &exchanges[0], &exchanges[1]);
    if (rows.walking)
        store_walk_end(&rows.walk);
    size_t mark = wire_begin(answer, 6);
    tree_exchange_encode(&exchanges[1], answer);
    wire_end(answer, mark);
    return OK;
}

enum status books_query(struct books *books, struct span request, struct buffer *answer)
{
    struct wire_reader reader = wire_read(request);
    struct wire_field field;
    struct question question;
    if (wire_check(WIRE_BOOKS_QUERY, request, NULL) != OK || wire_at_end(&reader) || wire_next(&reader, &field) != OK)
        return REJECT_MALFORMED;
    if (field.number == ASK_TREE)
        return answer_tree(books, field.bytes, answer);
    if (field.number == ASK_INSTITUTIONS)
        return institutions_query(books, field.bytes, answer);
    TRY(read_question(field.number, field.bytes, &question));
    switch (field.number) {
    case ASK_BALANCES:
        answer_page(books, BALANCES, &question, answer);
        break;
    case ASK_ENTRIES:
        answer_page(books, JOURNAL, &question, answer);
        break;
    case ASK_CLEARING:
        answer_clearing(books, question.month, answer);
        break;
    case ASK_ROWS:
        if (question.insured >= REGIONS || question.care >= REGIONS)
            return REJECT_MALFORMED;
        answer_rows(books, &question, answer);
        break;
    default:
        supervision_query(books, question.month, question.after, answer);
        break;
    }
    return store_status(books->txn);
}
