/* SPDX-License-Identifier: Apache-2.0
 * Bills, and the sums that they add to. */
#include "services/books/keep/bills.h"

#include "common/base/check.h"
#include "services/books/keep/reconciliation.h"
#include "services/books/keep/sums.h"

/* Numbers come in ascending order, but for those of replaced settlements, which lie above them all. */
static unsigned numbers_table(uint64_t number)
{
    return number >= REPLACED_NUMBER_BASE ? REPLACED : NUMBERS;
}

bool bills_load(struct books *books, uint64_t number, struct book_bill *bill)
{
    struct row_bytes key = numbers_key(number);
    struct numbers_value place;
    struct span value;
    if (!store_get(books->txn, numbers_table(number), row_span(&key), &value))
        return false;
    INVARIANT(numbers_value_read(value, &place));
    key = bills_key(place.day, place.institution, number);
    INVARIANT(store_get(books->txn, BILLS, row_span(&key), &value));
    book_bill_read(row_span(&key), value, bill);
    return true;
}

void bills_store(struct books *books, const struct book_bill *bill)
{
    struct row_bytes key = book_bill_key(bill);
    struct book_bill before;
    struct span value;
    bool known = store_get(books->txn, BILLS, row_span(&key), &value);
    if (known)
        book_bill_read(row_span(&key), value, &before);
    reconciliation_changed(books, known ? &before : NULL, bill);
    sums_changed(books, known ? &before : NULL, bill);
    buffer_reset(&books->scratch);
    book_bill_store(bill, &books->scratch);
    store_put(books->txn, BILLS, row_span(&key), buffer_span(&books->scratch));
}

static void add_cell(struct books *books, const struct book_bill *bill)
{
    struct row_bytes key = cells_key(bill->row.day, bill->row.institution, book_bill_pair(bill) / REGIONS,
                                     bill->row.insurance_type, bill->row.clearing_type);
    int64_t *cell = tally_at(books->cells, books->txn, row_span(&key));
    cell[bill->row.original == 0 ? CELL_POSITIVE : CELL_NEGATIVE]++;
    cell[CELL_TOTAL] += bill->row.total;
    cell[CELL_FUND] += bill->row.fund;
    cell[CELL_ACCOUNT] += bill->row.account;
}

static void add_dependent(struct books *books, const struct book_bill *bill)
{
    struct book_bill original;
    struct row_bytes key = dependents_key(bill->row.original, bill->row.number);
    INVARIANT(bills_load(books, bill->row.original, &original));
    store_put(books->txn, DEPENDENTS, row_span(&key), span_of(NULL, 0));
    original.has_dependents = true;
    if (bill->kind == BILL_REVERSED)
        original.reversed_by = bill->row.number;
    else {
        original.adjusted -= bill->adjust;
        original.adjustments++;
    }
    bills_store(books, &original);
}

void bills_add(struct books *books, const struct book_bill *bill)
{
    struct row_bytes key = numbers_key(bill->row.number), place = numbers_value(bill->row.day, bill->row.institution);
    store_append(books->txn, numbers_table(bill->row.number), row_span(&key), row_span(&place));
    bills_store(books, bill);
    struct month_record *month = &books->months[month_of(bill->row.day)];
    INVARIANT(money_add(month->posted[book_bill_pair(bill)], book_bill_amount(bill),
                        &month->posted[book_bill_pair(bill)]) == OK);
    month->dirty = true;
    if (bill->kind != BILL_ADJUSTMENT)
        add_cell(books, bill);
    if (bill->row.original != 0)
        add_dependent(books, bill);
}

unsigned bills_chunk(struct books *books, civil_date_t day, const char *institution, uint64_t after)
{
    struct store_walk walk;
    struct row_bytes from = bills_key(day, institution, after + 1);
    unsigned count = 0;
    bool more = store_walk_start(&walk, books->txn, BILLS, row_span(&from));
    for (; more && count < CHUNK_BILLS && row_shares(walk.key, &from, BILLS_NUMBER_AT); more = store_walk_next(&walk))
        book_bill_read(walk.key, walk.value, &books->chunk[count++]);
    store_walk_end(&walk);
    return count;
}
