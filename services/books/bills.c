/* SPDX-License-Identifier: Apache-2.0
 * Bills as they come in: settlements, reversals, and the sums that they add to. */
#include <xxhash.h>

#include "common/base/check.h"
#include "common/codes/identity.h"
#include "common/codes/insurance.h"
#include "services/books/books_internal.h"

/* Who it is, without saying so: enough to see that two bills are one person's. */
static uint64_t pseudonym(const char *person_id)
{
    struct identity identity;
    if (identity_parse(person_id, &identity) != OK)
        return 0;
    uint64_t hash = XXH64(identity.number, strlen(identity.number), 0);
    return hash == 0 ? 1 : hash;
}

static void copy(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    INVARIANT(length < size); /* validation let it through */
    memcpy(to, text, length + 1);
}

/* Numbers come in ascending order, but for those of replaced settlements, which lie above them all. */
static unsigned numbers_table(uint64_t number)
{
    return number >= REPLACED_NUMBER_BASE ? REPLACED : NUMBERS;
}

bool bill_load(struct books *books, uint64_t number, struct book_bill *bill)
{
    uint8_t key[BILL_KEY_SIZE];
    struct span value;
    bytes_put_be(key + 16, number, 8);
    if (!store_get(books->txn, numbers_table(number), span_of(key + 16, 8), &value))
        return false;
    INVARIANT(value.size == 16);
    memcpy(key, value.data, 16);
    INVARIANT(store_get(books->txn, BILLS, span_of(key, sizeof key), &value));
    book_bill_decode(span_of(key, sizeof key), value, bill);
    return true;
}

void bill_store(struct books *books, const struct book_bill *bill)
{
    uint8_t key[BILL_KEY_SIZE];
    struct book_bill before;
    struct span value;
    book_bill_key(bill, key);
    bool known = store_get(books->txn, BILLS, span_of(key, sizeof key), &value);
    if (known)
        book_bill_decode(span_of(key, sizeof key), value, &before);
    views_changed(books, known ? &before : NULL, bill);
    buffer_reset(&books->scratch);
    book_bill_encode(bill, &books->scratch);
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
    INVARIANT(bill_load(books, bill->row.original, &original));
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
    bill_store(books, &original);
}

void bill_add(struct books *books, const struct book_bill *bill)
{
    uint8_t key[BILL_KEY_SIZE];
    book_bill_key(bill, key);
    store_append(books->txn, numbers_table(bill->row.number), span_of(key + 16, 8), span_of(key, 16));
    bill_store(books, bill);
    struct month_record *month = &books->months[month_of(bill->row.day)];
    INVARIANT(money_add(month->posted[book_bill_pair(bill)], book_bill_amount(bill),
                        &month->posted[book_bill_pair(bill)]) == OK);
    month->dirty = true;
    if (bill->kind != BILL_ADJUSTMENT)
        add_cell(books, bill);
    if (bill->row.original != 0)
        add_dependent(books, bill);
}

/* What findings took off has been given back already: it is posted again, so that the two of them cancel out. */
static void restore_adjusted(struct books *books, const struct book_bill *original)
{
    const char *insured = clearing_region(book_bill_pair(original) / REGIONS),
               *care = clearing_region(book_bill_pair(original) % REGIONS);
    fen_t amount = original->adjusted;
    journal_add(books, -amount, "payable", insured, care);
    journal_add(books, amount, "receivable", care, insured);
    journal_add(books, -amount, "institution", original->row.institution, NULL);
    journal_add(books, amount, "adjusted", original->row.insured_area, original->row.insurance_type);
    journal_post(books, "an adjusted bill is reversed");
    books_say(books, BOOKS_POSTED, insured);
    books_say(books, BOOKS_POSTED, care);
}

/* The complete negative record of a settlement, with a number of its own. */
static void reversed_add(struct books *books, uint64_t number, position_t position, const struct amounts *amounts)
{
    struct book_bill bill, original;
    INVARIANT(bill_load(books, position, &original)); /* settlement reversed it: it was settled */
    bill = original;
    bill.kind = BILL_REVERSED;
    bill.row.number = number;
    bill.row.original = original.row.number;
    bill.row.day = books->today;
    bill.row.total = amounts->total;
    bill.row.fund = amounts->fund_pay_total;
    bill.row.account = amounts->account_pay;
    bill.adjust = original.adjusted;
    bill.adjusted = 0;
    bill.adjustments = 0;
    bill.disputed_by = bill.investigation = bill.reversed_by = 0;
    bill.has_dependents = bill.held = false;
    bill.month = 0;
    bill.reason = OPEN_CARE_STATEMENT;
    memset(bill.side, 0, sizeof bill.side);
    memset(bill.difference, 0, sizeof bill.difference);
    bill_add(books, &bill);
    if (original.adjusted != 0)
        restore_adjusted(books, &original);
    figures_reversed(books, &original);
}

void books_settled(struct books *books, const struct outcome *outcome, const struct event *event)
{
    const struct bill *from = &event->body.bill;
    struct book_bill bill = {.kind = BILL_SETTLEMENT, .reason = OPEN_CARE_STATEMENT};
    bill.row.number = books->position;
    bill.row.day = books->today;
    copy(bill.row.institution, sizeof bill.row.institution, from->institution);
    copy(bill.row.bill_id, sizeof bill.row.bill_id, from->bill_id);
    copy(bill.row.insured_area, sizeof bill.row.insured_area, from->insured_area);
    copy(bill.row.insurance_type, sizeof bill.row.insurance_type, from->insurance_type);
    copy(bill.row.clearing_type, sizeof bill.row.clearing_type, clearing_type_of(from->care_kind));
    bill.row.total = outcome->amounts.total;
    bill.row.fund = outcome->amounts.fund_pay_total;
    bill.row.account = outcome->amounts.account_pay;
    bill.person = pseudonym(event->person_id);
    bill.admission = from->admission_date;
    bill.discharge = from->discharge_date;
    if (outcome->has_reversed)
        reversed_add(books, REPLACED_NUMBER_BASE + books->position, outcome->original_position, &outcome->reversed);
    bill_add(books, &bill);
    ledger_post(books->ledger, books->txn, outcome->postings, outcome->posting_count);
    figures_settled(books, &bill);
    investigation_offer(books, &bill);
}

void books_reversed(struct books *books, const struct outcome *outcome)
{
    reversed_add(books, books->position, outcome->original_position, &outcome->amounts);
    ledger_post(books->ledger, books->txn, outcome->postings, outcome->posting_count);
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
        book_bill_decode(walk.key, walk.value, &books->chunk[count++]);
    store_walk_end(&walk);
    return count;
}
