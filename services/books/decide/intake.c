/* SPDX-License-Identifier: Apache-2.0
 * How a bill stands towards clearing. It is in exactly one month's table, or open with a reason. The tables' sums are
 * kept as bills come and go, so that a table of ten million bills is read in nine lines.
 *
 *   open --both sides matched, not held--> in a month that still takes bills in
 *   in, before the table stands --a statement differs, an investigation--> open
 *   in, while the table stands --a dispute--> open; back when the reply is rolled back
 *   in an issued table: cleared, for ever */
#include "services/books/decide/intake.h"

#include "common/base/check.h"
#include "services/books/keep/bills.h"
#include "services/books/keep/due.h"
#include "services/books/keep/months.h"
#include "services/books/keep/policies.h"

static void open_month(struct books *books, month_t month, const struct clearing_policy *policy)
{
    struct month_record *record = &books->months[month];
    if (record->state != CLEARING_NONE)
        return;
    record->state = CLEARING_OPEN;
    record->dates = clearing_dates_of(month, policy);
    record->dirty = true;
    due_add(books, record->dates.generate_on, DUE_GENERATE, month);
}

static void sums_add(struct books *books, const struct book_bill *bill, month_t month, int sign)
{
    struct pair_month *sums = &books->pairs[month][book_bill_pair(bill)];
    uint32_t *count = bill->row.original == 0 ? &sums->count_positive : &sums->count_negative;
    INVARIANT(sign > 0 || *count > 0);
    *count = sign > 0 ? *count + 1 : *count - 1;
    INVARIANT(money_add(sums->total, sign * bill->row.total, &sums->total) == OK);
    INVARIANT(money_add(sums->amount, sign * book_bill_amount(bill), &sums->amount) == OK);
    sums->dirty = true;
}

/* Whether it may clear, as far as the bill itself says. */
static enum open_reason reason_of(struct books *books, const struct book_bill *bill,
                                  const struct clearing_policy *policy, month_t *original_month)
{
    struct book_bill original;
    bool stated = bill->kind != BILL_ADJUSTMENT; /* a finding needs no statement */
    *original_month = 0;
    if (bill->held)
        return OPEN_INVESTIGATED;
    if (bill->disputed_by != 0)
        return OPEN_DISPUTED;
    if (stated && (bill->side[0] == SIDE_DIFFERS || bill->side[1] == SIDE_DIFFERS))
        return OPEN_DIFFERS;
    if (stated && bill->side[0] != SIDE_MATCHED)
        return OPEN_CARE_STATEMENT;
    if (policy == NULL)
        return OPEN_NO_POLICY;
    if (stated && policy->insured_statement_needed && bill->side[1] != SIDE_MATCHED)
        return OPEN_INSURED_STATEMENT;
    if (bill->row.original == 0)
        return OPEN_NONE;
    INVARIANT(bills_load(books, bill->row.original, &original));
    *original_month = original.month;
    return original.month == 0 ? OPEN_ORIGINAL : OPEN_NONE;
}

/* The month that takes it in today; 0: none will. Never before what it takes back. */
static month_t month_for(struct books *books, const struct book_bill *bill, const struct clearing_policy *policy,
                         month_t original_month)
{
    month_t month = clearing_month_of(month_of(bill->row.day), books->today, policy);
    if (month == 0)
        return 0;
    month = original_month > month ? original_month : month;
    while (month <= MONTHS_COUNT_MAX && months_stands(books, month))
        month++;
    INVARIANT(month <= MONTHS_COUNT_MAX);
    open_month(books, month, policy);
    return month;
}

static void decide_one(struct books *books, struct book_bill *bill)
{
    const struct clearing_policy *policy = policies_on(books, books->today);
    month_t original_month, before = bill->month;
    if (before != 0 && months_stands(books, before)) {
        bills_store(books, bill);
        return;
    }
    bill->reason = reason_of(books, bill, policy, &original_month);
    if (bill->reason != OPEN_NONE)
        bill->month = 0;
    else if (before == 0 || before < original_month) {
        bill->month = month_for(books, bill, policy, original_month);
        bill->reason = bill->month == 0 ? OPEN_TOO_LATE : OPEN_NONE;
    }
    if (before != bill->month && before != 0)
        sums_add(books, bill, before, -1);
    if (before != bill->month && bill->month != 0)
        sums_add(books, bill, bill->month, 1);
    bills_store(books, bill);
}

/* The next that depends on it, above the number of the one before; from 0. */
static bool next_dependent(struct books *books, const struct book_bill *original, struct book_bill *dependent)
{
    struct store_walk walk;
    struct dependents_key key = {.number = 0};
    if (!original->has_dependents)
        return false;
    struct row_bytes from = dependents_key(original->row.number, dependent->row.number + 1);
    bool found = store_walk_start(&walk, books->txn, DEPENDENTS, row_span(&from)) &&
                 row_shares(walk.key, &from, DEPENDENTS_NUMBER_AT) && dependents_key_read(walk.key, &key);
    store_walk_end(&walk);
    INVARIANT(!found || bills_load(books, key.number, dependent));
    return found;
}

void intake_decide(struct books *books, struct book_bill *bill)
{
    struct book_bill dependent = {.row.number = 0};
    month_t before = bill->month;
    decide_one(books, bill);
    while (before != bill->month && next_dependent(books, bill, &dependent))
        decide_one(books, &dependent);
}

/* Under investigation too, it waits for that first, as everywhere. */
static void dispute_one(struct books *books, struct book_bill *bill, uint64_t reply)
{
    struct pair_month *sums = &books->pairs[bill->month][book_bill_pair(bill)];
    sums_add(books, bill, bill->month, -1);
    sums->disputed_count++;
    INVARIANT(money_add(sums->disputed, book_bill_amount(bill), &sums->disputed) == OK);
    bill->disputed_by = reply;
    bill->month = 0;
    bill->reason = bill->held ? OPEN_INVESTIGATED : OPEN_DISPUTED;
    bills_store(books, bill);
}

/* What takes back a disputed row and stands in the same table goes with it: a table never takes back what it does not
 * hold. */
void intake_dispute(struct books *books, struct book_bill *bill, uint64_t reply)
{
    struct book_bill dependent = {.row.number = 0};
    month_t month = bill->month;
    PRE(month != 0 && months_stands(books, month));
    dispute_one(books, bill, reply);
    while (next_dependent(books, bill, &dependent)) {
        if (dependent.month == month)
            dispute_one(books, &dependent, reply);
        else
            decide_one(books, &dependent);
    }
}

void intake_settle_dispute(struct books *books, struct book_bill *bill)
{
    uint64_t reply = bill->disputed_by;
    struct book_bill dependent = {.row.number = 0};
    bill->disputed_by = 0;
    while (next_dependent(books, bill, &dependent)) {
        if (dependent.disputed_by != reply)
            continue;
        dependent.disputed_by = 0;
        dependent.reason = OPEN_ORIGINAL;
        bills_store(books, &dependent);
    }
}

static void undispute_one(struct books *books, struct book_bill *bill, month_t month)
{
    struct pair_month *sums = &books->pairs[month][book_bill_pair(bill)];
    bill->disputed_by = 0;
    bill->month = month;
    bill->reason = OPEN_NONE;
    sums_add(books, bill, month, 1);
    INVARIANT(sums->disputed_count > 0);
    sums->disputed_count--;
    INVARIANT(money_add(sums->disputed, -book_bill_amount(bill), &sums->disputed) == OK);
    bills_store(books, bill);
}

/* Whether the table holds what this takes back. If not, it stays out: with the dispute about its original, or until it
 * may clear like any other. */
static bool original_lets_back(struct books *books, struct book_bill *bill, month_t month)
{
    struct book_bill original;
    if (bill->row.original == 0)
        return true;
    INVARIANT(bills_load(books, bill->row.original, &original));
    if (original.month != 0 && original.month <= month)
        return true;
    bill->disputed_by = original.disputed_by;
    if (bill->disputed_by != 0)
        bills_store(books, bill);
    else
        decide_one(books, bill);
    return false;
}

void intake_undispute(struct books *books, struct book_bill *bill, month_t month)
{
    uint64_t reply = bill->disputed_by;
    struct book_bill dependent = {.row.number = 0};
    if (!original_lets_back(books, bill, month))
        return;
    undispute_one(books, bill, month);
    while (next_dependent(books, bill, &dependent)) {
        if (dependent.disputed_by == reply)
            undispute_one(books, &dependent, month);
        else
            decide_one(books, &dependent);
    }
}
