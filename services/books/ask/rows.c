/* SPDX-License-Identifier: Apache-2.0
 * Rows of bills for who asks. */
#include "services/books/ask/rows.h"

#include "common/base/check.h"
#include "common/engines/tree/sum_tree.h"
#include "services/books/ask/page.h"
#include "services/books/keep/policies.h"

static void put_row(const struct book_bill *bill, struct buffer *answer)
{
    uint32_t difference = bill->difference[0] != DIFFERENCE_NONE ? bill->difference[0] : bill->difference[1];
    books_answer_put_rows(
        answer,
        &(struct clearing_row){.number = bill->row.number,
                               .day = bill->row.day,
                               .institution = bill->row.institution,
                               .bill_id = bill->row.bill_id,
                               .original = bill->row.original,
                               .insured_area = bill->row.insured_area,
                               .insurance_type = bill->row.insurance_type,
                               .clearing_type = bill->row.clearing_type,
                               .total = bill->row.total,
                               .fund = bill->row.fund + bill->adjust,
                               .account = bill->row.account,
                               .open_reason = bill->reason,
                               .open_reason_name = bill->reason == OPEN_NONE ? "" : open_reason_name(bill->reason),
                               .difference = difference,
                               .month = bill->month == 0 ? 0 : month_number(bill->month),
                               .adjustment = bill->kind == BILL_ADJUSTMENT});
}

/* No bill of an earlier day can be in this month's table. */
static civil_date_t first_day_of(const struct books *books, const struct question *question)
{
    const struct clearing_policy *policy = policies_on(books, month_day(question->month, 31));
    uint32_t number = month_number(question->month);
    if (question->open)
        return number * 100 + 1;
    if (policy == NULL || number % 100 + 1 == policy->year_close_month)
        return (number / 100 - 1) * 10000 + 101;
    month_t before = question->month > policy->roll_over_max ? (month_t)(question->month - policy->roll_over_max) : 1;
    return month_number(before) * 100 + 1;
}

/* Of one pair, or, where a side is left out, of every pair that the viewer sees. */
static bool is_asked(const struct question *question, unsigned pair)
{
    return (question->insured == REGIONS || question->insured == pair / REGIONS) &&
           (question->care == REGIONS || question->care == pair % REGIONS) && question_sees(question, pair);
}

static bool sees_any(const struct question *question)
{
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (is_asked(question, pair))
            return true;
    return false;
}

/* The rows of tables, or what is open of the month's own bills. */
void rows_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    struct book_bill bill;
    if (!sees_any(question)) {
        question_refuse(RULE_NOT_YOUR_BOOKS, answer);
        return;
    }
    struct row_bytes from = bills_key(first_day_of(books, question), "", 0);
    bool more = page_start(&page, books, BILLS, question, row_span(&from), answer);
    for (; more; more = page_next(&page)) {
        book_bill_read(page.walk.key, page.walk.value, &bill);
        if (month_of(bill.row.day) > question->month) {
            page_over(&page);
            break;
        }
        bool in = question->open ? bill.month == 0 && month_of(bill.row.day) == question->month
                                 : bill.month == question->month;
        if (!in || !is_asked(question, book_bill_pair(&bill)))
            continue;
        put_row(&bill, answer);
        page.found++;
    }
    page_end(&page);
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
    struct row_bytes key = bills_key(from->day, from->institution, from->number);
    if (rows->walking)
        store_walk_end(&rows->walk);
    rows->more = store_walk_start(&rows->walk, rows->books->txn, BILLS, row_span(&key));
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
        book_bill_read(rows->walk.key, rows->walk.value, &rows->bill);
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

/* A region asks about its own side of the rows; the operator about any, or all. */
enum status rows_tree_answer(struct books *books, const struct question *question, struct buffer *answer)
{
    struct tree_rows rows = {.books = books, .region = question->viewer};
    struct tree_source source = {&rows, tree_start, tree_next_row};
    struct buffer tree = {0};
    arena_reset(&books->memory);
    struct tree_exchange *exchanges = arena_take(&books->memory, 2 * sizeof *exchanges);
    INVARIANT(exchanges != NULL);
    memset(exchanges, 0, 2 * sizeof *exchanges);
    TRY(tree_exchange_decode(question->body, NULL, &exchanges[0]));
    rows.side = exchanges[0].side;
    if (!question_read_region(span_text(exchanges[0].region), &rows.region))
        return REJECT_MALFORMED;
    if (question->viewer != REGIONS && rows.region != question->viewer) {
        question_refuse(RULE_NOT_YOUR_BOOKS, answer);
        return OK;
    }
    tree_answer(&source, &exchanges[0], &exchanges[1]);
    if (rows.walking)
        store_walk_end(&rows.walk);
    tree_exchange_encode(&exchanges[1], &tree);
    books_answer_encode(&(struct books_reply){.tree = buffer_span(&tree)}, answer);
    buffer_fini(&tree);
    return OK;
}
