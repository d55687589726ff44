/* SPDX-License-Identifier: Apache-2.0
 * What settlement decided, booked. */
#include "services/books/decide/booking.h"

#include <xxhash.h>

#include "common/base/check.h"
#include "common/codes/identity.h"
#include "common/engines/gazette/care_kinds.h"
#include "services/books/decide/figures.h"
#include "services/books/decide/investigations.h"
#include "services/books/keep/bills.h"
#include "services/books/keep/journal.h"
#include "services/books/keep/record.h"

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

/* What findings took off has been given back already: it is posted again, so that the two of them cancel out. */
static void restore_adjusted(struct books *books, const struct book_bill *original)
{
    journal_adjust(books, original, -original->adjusted);
    journal_post(books, "an adjusted bill is reversed");
    record_say_pair(books, BOOKS_POSTED, book_bill_pair(original));
}

/* The complete negative record of a settlement, with a number of its own. */
static void reversed_add(struct books *books, uint64_t number, position_t position, const struct amounts *amounts)
{
    struct book_bill original;
    INVARIANT(bills_load(books, position, &original)); /* settlement reversed it: it was settled */
    struct book_bill bill = book_bill_against(&original, BILL_REVERSED, number, books->today);
    bill.row.total = amounts->total;
    bill.row.fund = amounts->fund_pay_total;
    bill.row.account = amounts->account_pay;
    bill.adjust = original.adjusted;
    bills_add(books, &bill);
    if (original.adjusted != 0)
        restore_adjusted(books, &original);
    figures_reversed(books, &original);
}

void booking_settled(struct books *books, const struct outcome *outcome, const struct event *event)
{
    const struct bill *from = &event->body.bill;
    struct book_bill bill = {.kind = BILL_SETTLEMENT, .reason = OPEN_CARE_STATEMENT};
    bill.row.number = books->position;
    bill.row.day = books->today;
    copy(bill.row.institution, sizeof bill.row.institution, from->institution);
    copy(bill.row.bill_id, sizeof bill.row.bill_id, from->bill_id);
    copy(bill.row.insured_area, sizeof bill.row.insured_area, from->insured_area);
    copy(bill.row.insurance_type, sizeof bill.row.insurance_type, from->insurance_type);
    copy(bill.row.clearing_type, sizeof bill.row.clearing_type, clearing_type_of(books->published, from->care_kind));
    bill.row.total = outcome->amounts.total;
    bill.row.fund = outcome->amounts.fund_pay_total;
    bill.row.account = outcome->amounts.account_pay;
    bill.person = pseudonym(event->person_id);
    bill.admission = from->admission_date;
    bill.discharge = from->discharge_date;
    if (outcome->has_reversed)
        reversed_add(books, REPLACED_NUMBER_BASE + books->position, outcome->original_position, &outcome->reversed);
    bills_add(books, &bill);
    ledger_post(books->ledger, books->txn, outcome->postings, outcome->posting_count);
    figures_settled(books, &bill);
    investigations_offer(books, &bill);
}

void booking_reversed(struct books *books, const struct outcome *outcome)
{
    reversed_add(books, books->position, outcome->original_position, &outcome->amounts);
    ledger_post(books->ledger, books->txn, outcome->postings, outcome->posting_count);
}
