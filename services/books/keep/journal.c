/* SPDX-License-Identifier: Apache-2.0
 * The books' own journal: entries that nothing ever changes, each of lines that sum to zero. The postings of bills
 * stand in their outcomes; here stands what comes after: clearing, payment, advance funds, findings.
 *
 *   clearing:REGION          what a region is to receive (debit) or to pay of issued clearings
 *   transit:PAYER:PAYEE      said to be paid, not confirmed                        credit
 *   advance:INSURED:CARE     advance fund at hand                                  debit
 *   advance_used:I:C         of it, bound by clearings that are not paid yet       debit
 *   advance_transit:I:C      on its way                                            debit
 *   advance_deposit:I:C      all that was deposited                                credit
 *   adjusted:AREA:TYPE       what findings took off the insured area's expenditure credit
 *   and payable, receivable, institution as in the settlements' ledger. */
#include "services/books/keep/journal.h"

#include <stdio.h>

#include "common/base/check.h"

void journal_add(struct books *books, fen_t amount, const char *kind, const char *first, const char *second)
{
    INVARIANT(books->posting_count < POSTINGS_COUNT_MAX);
    struct posting *posting = &books->postings[books->posting_count];
    if (amount == 0)
        return;
    int size = snprintf(posting->account, sizeof posting->account, "%s:%s%s%s", kind, first, second == NULL ? "" : ":",
                        second == NULL ? "" : second);
    INVARIANT(size > 0 && (size_t)size < sizeof posting->account);
    posting->amount = amount;
    books->posting_count++;
}

void journal_adjust(struct books *books, const struct book_bill *bill, fen_t amount)
{
    unsigned pair = book_bill_pair(bill);
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    journal_add(books, amount, "payable", insured, care);
    journal_add(books, -amount, "receivable", care, insured);
    journal_add(books, amount, "institution", bill->row.institution, NULL);
    journal_add(books, -amount, "adjusted", bill->row.insured_area, bill->row.insurance_type);
}

void journal_post(struct books *books, const char *text)
{
    if (books->posting_count == 0)
        return;
    ledger_post(books->ledger, books->txn, books->postings, books->posting_count);
    buffer_reset(&books->scratch);
    books_entry_encode(
        &(struct books_entry){books->position, books->today, text, books->postings, books->posting_count},
        &books->scratch);
    struct row_bytes key = journal_key(books->position, books->entries++);
    INVARIANT(books->entries == 1); /* one entry a position: its lines are the record's postings */
    store_append(books->txn, JOURNAL, row_span(&key), buffer_span(&books->scratch));
}

fen_t journal_balance(struct books *books, const char *kind, const char *first, const char *second)
{
    char account[POSTING_ACCOUNT_MAX + 1];
    struct span value;
    tally_flush(books->ledger, books->txn);
    (void)snprintf(account, sizeof account, "%s:%s:%s", kind, first, second);
    return store_get(books->txn, BALANCES, span_text(account), &value) ? (fen_t)bytes_get_le(value.data, 8) : 0;
}
