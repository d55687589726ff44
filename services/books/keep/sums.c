/* SPDX-License-Identifier: Apache-2.0
 * Sums for questions. */
#include "services/books/keep/sums.h"

#include "common/base/check.h"

static int64_t *sum_at(struct books *books, civil_date_t day, unsigned pair, const char *institution)
{
    struct row_bytes key = sums_key(day, pair, institution);
    return tally_at(books->sums, books->txn, row_span(&key));
}

bool sums_row(const struct book_bill *bill, struct tree_row *row, char facts[11])
{
    const struct reconcile_row *from = &bill->row;
    memset(row, 0, sizeof *row);
    row->key.day = from->day;
    memcpy(row->key.institution, from->institution, sizeof row->key.institution);
    row->key.number = from->number;
    row->total = from->total;
    row->fund = from->fund;
    row->account = from->account;
    memcpy(facts, from->insured_area, 6);
    memcpy(facts + 6, from->insurance_type, 3);
    memcpy(facts + 9, from->clearing_type, 2);
    row->facts = span_of(facts, 11);
    return bill->kind != BILL_ADJUSTMENT;
}

static void put_sum(int64_t *values, const struct tree_sum *sum)
{
    values[SUM_COUNT] += (int64_t)sum->count;
    values[SUM_TOTAL] += sum->total;
    values[SUM_FUND] += sum->fund;
    values[SUM_ACCOUNT] += sum->account;
    values[SUM_DIGEST] = (int64_t)((uint64_t)values[SUM_DIGEST] + sum->digest); /* modulo 2^64 */
}

static void count_new(struct books *books, const struct book_bill *bill)
{
    struct tree_row row;
    struct tree_sum sum = {.count = 0};
    char facts[11];
    unsigned pair = book_bill_pair(bill);
    sum_at(books, 0, 0, "")[SUM_COUNT]++;
    if (!sums_row(bill, &row, facts))
        return;
    tree_sum_row(&sum, &row);
    put_sum(sum_at(books, row.key.day, pair, row.key.institution), &sum);
    put_sum(sum_at(books, row.key.day, pair, ""), &sum);
}

bool sums_is_rolled(const struct book_bill *bill)
{
    return bill->month > month_of(bill->row.day);
}

static void count_rolled(struct books *books, const struct book_bill *bill, int sign)
{
    if (!sums_is_rolled(bill))
        return;
    struct row_bytes key = rolled_key(bill->month, book_bill_pair(bill), bill->row.day);
    int64_t *values = tally_at(books->rolled, books->txn, row_span(&key));
    values[ROLLED_COUNT] += sign;
    values[ROLLED_AMOUNT] += sign * book_bill_amount(bill);
}

void sums_changed(struct books *books, const struct book_bill *before, const struct book_bill *after)
{
    if (before != NULL)
        count_rolled(books, before, -1);
    else
        count_new(books, after);
    count_rolled(books, after, 1);
}

void sums_flush(struct books *books)
{
    tally_flush(books->sums, books->txn);
    tally_flush(books->rolled, books->txn);
}

void sums_add(struct books *books, civil_date_t day, unsigned pair, const char *institution, struct tree_sum *sum)
{
    struct row_bytes key = sums_key(day, pair, institution);
    struct span value;
    int64_t values[TALLY_VALUES_MAX];
    if (!store_get(books->txn, SUMS, row_span(&key), &value))
        return;
    tally_read(books->sums, value, values);
    tree_sum_merge(sum, &(struct tree_sum){.count = (uint64_t)values[SUM_COUNT],
                                           .total = values[SUM_TOTAL],
                                           .fund = values[SUM_FUND],
                                           .account = values[SUM_ACCOUNT],
                                           .digest = (uint64_t)values[SUM_DIGEST]});
}

/* ---- at open ---- */

static void clear(struct books *books, unsigned table)
{
    struct store_walk walk;
    bool more = true;
    while (more) {
        struct row_bytes key = {.size = 0};
        more = store_walk_start(&walk, books->txn, table, span_of(NULL, 0));
        if (more)
            key = row_copy(walk.key);
        store_walk_end(&walk);
        if (more)
            store_delete(books->txn, table, row_span(&key));
    }
}

/* Bills at or behind `from`, into books->chunk; how many. */
static unsigned read_chunk(struct books *books, const struct row_bytes *from)
{
    struct store_walk walk;
    unsigned count = 0;
    bool more = store_walk_start(&walk, books->txn, BILLS, row_span(from));
    for (; more && count < CHUNK_BILLS; more = store_walk_next(&walk))
        book_bill_read(walk.key, walk.value, &books->chunk[count++]);
    store_walk_end(&walk);
    return count;
}

void sums_open(struct books *books)
{
    struct tree_sum counted = {.count = 0};
    struct row_bytes from = bills_key(0, "", 0);
    unsigned count;
    sums_add(books, 0, 0, "", &counted);
    if (counted.count == store_count(books->txn, BILLS))
        return;
    clear(books, SUMS);
    clear(books, ROLLED);
    while ((count = read_chunk(books, &from)) > 0) {
        for (unsigned i = 0; i < count; i++)
            sums_changed(books, NULL, &books->chunk[i]);
        const struct reconcile_row *last = &books->chunk[count - 1].row;
        from = bills_key(last->day, last->institution, last->number + 1);
    }
    sums_flush(books);
}
