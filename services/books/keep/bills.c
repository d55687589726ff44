/* SPDX-License-Identifier: Apache-2.0
 * Bills, and the sums that they add to. */
#include "services/books/keep/bills.h"

#include "common/base/check.h"
#include "services/books/keep/reconciliation.h"

/* Numbers come in ascending order, but for those of replaced settlements, which lie above them all. */
static unsigned numbers_table(uint64_t number)
{
    return number >= REPLACED_NUMBER_BASE ? REPLACED : NUMBERS;
}

bool bills_load(struct books *books, uint64_t number, struct book_bill *bill)
{
    uint8_t key[BILL_KEY_SIZE];
    struct span value;
    bytes_put_be(key + 16, number, 8);
    if (!store_get(books->txn, numbers_table(number), span_of(key + 16, 8), &value))
        return false;
    INVARIANT(value.size == 16);
    memcpy(key, value.data, 16);
    INVARIANT(store_get(books->txn, BILLS, span_of(key, sizeof key), &value));
    book_bill_read(span_of(key, sizeof key), value, bill);
    return true;
}

void bills_store(struct books *books, const struct book_bill *bill)
{
    uint8_t key[BILL_KEY_SIZE];
    struct book_bill before;
    struct span value;
    book_bill_key(bill, key);
    bool known = store_get(books->txn, BILLS, span_of(key, sizeof key), &value);
    if (known)
        book_bill_read(span_of(key, sizeof key), value, &before);
    reconciliation_changed(books, known ? &before : NULL, bill);
    buffer_reset(&books->scratch);
    book_bill_store(bill, &books->scratch);
    store_put(books->txn, BILLS, span_of(key, sizeof key), buffer_span(&books->scratch));
}

static void add_cell(struct books *books, const struct book_bill *bill)
{
    uint8_t key[22];
    bytes_put_be(key, bill->row.day, 4);
    memcpy(key + 4, bill->row.institution, 12);
    key[16] = (uint8_t)(book_bill_pair(bill) / REGIONS);
    memcpy(key + 17, bill->row.insurance_type, 3);
    memcpy(key + 20, bill->row.clearing_type, 2);
    int64_t *cell = tally_at(books->cells, books->txn, span_of(key, sizeof key));
    cell[bill->row.original == 0 ? CELL_POSITIVE : CELL_NEGATIVE]++;
    cell[CELL_TOTAL] += bill->row.total;
    cell[CELL_FUND] += bill->row.fund;
    cell[CELL_ACCOUNT] += bill->row.account;
}

static void add_dependent(struct books *books, const struct book_bill *bill)
{
    struct book_bill original;
    uint8_t key[16];
    INVARIANT(bills_load(books, bill->row.original, &original));
    bytes_put_be(key, bill->row.original, 8);
    bytes_put_be(key + 8, bill->row.number, 8);
    store_put(books->txn, DEPENDENTS, span_of(key, sizeof key), span_of(NULL, 0));
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
    uint8_t key[BILL_KEY_SIZE];
    book_bill_key(bill, key);
    store_append(books->txn, numbers_table(bill->row.number), span_of(key + 16, 8), span_of(key, 16));
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
    uint8_t key[BILL_KEY_SIZE];
    unsigned count = 0;
    PRE(strlen(institution) == 12);
    bytes_put_be(key, day, 4);
    memcpy(key + 4, institution, 12);
    bytes_put_be(key + 16, after + 1, 8);
    bool more = store_walk_start(&walk, books->txn, BILLS, span_of(key, sizeof key));
    for (; more && count < CHUNK_BILLS && memcmp(walk.key.data, key, 16) == 0; more = store_walk_next(&walk))
        book_bill_read(walk.key, walk.value, &books->chunk[count++]);
    store_walk_end(&walk);
    return count;
}
