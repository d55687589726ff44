/* SPDX-License-Identifier: Apache-2.0
 * Payments. */
#include "services/books/decide/payments.h"

#include "common/base/check.h"
#include "services/books/decide/advances.h"
#include "services/books/keep/clearing_table.h"
#include "services/books/keep/due.h"
#include "services/books/keep/journal.h"
#include "services/books/keep/policies.h"
#include "services/books/keep/provisional.h"
#include "services/books/keep/record.h"

static struct row_bytes key_of(month_t month, unsigned pair)
{
    return payments_key(month, pair / REGIONS, pair % REGIONS);
}

static void notice_store(struct books *books, const struct row_bytes *key, const struct payment_notice *notice)
{
    struct row_bytes value =
        payments_value(notice->amount, notice->state, notice->ask_by, notice->pay_by, notice->confirm_by);
    store_put(books->txn, PAYMENTS, row_span(key), row_span(&value));
}

struct payment_notice payments_notice(struct books *books, struct span key, struct span value)
{
    struct payments_key of;
    struct payments_value kept;
    INVARIANT(payments_key_read(key, &of) && payments_value_read(value, &kept));
    return (struct payment_notice){
        .month = month_number(of.month),
        .payer = clearing_region(of.payer),
        .payee = clearing_region(of.payee),
        .amount = kept.amount,
        .state = kept.state,
        .ask_by = kept.ask_by,
        .pay_by = kept.pay_by,
        .confirm_by = kept.confirm_by,
        .provisional =
            provisional_is(books, PROVISIONAL_PAYMENT, due_pair(of.month, (unsigned)of.payer * REGIONS + of.payee))};
}

bool payments_are_done(struct books *books, month_t month)
{
    struct store_walk walk;
    struct row_bytes from = payments_key(month, 0, 0);
    bool paid = true;
    bool more = store_walk_start(&walk, books->txn, PAYMENTS, row_span(&from));
    for (; more && row_shares(walk.key, &from, PAYMENTS_PAYER_AT); more = store_walk_next(&walk))
        paid = paid && payments_notice(books, walk.key, walk.value).state == PAYMENT_CONFIRMED;
    store_walk_end(&walk);
    return paid;
}

/* What a month bound is free again when it is paid. */
static void release_if_paid(struct books *books, month_t month)
{
    if (!payments_are_done(books, month))
        return;
    for (unsigned pair = 0; pair < PAIRS; pair++)
        advances_free(books, month, pair);
}

void payments_notices(struct books *books, month_t month, civil_date_t day)
{
    fen_t owed[REGIONS][REGIONS], net[REGIONS];
    struct clearing_payment payments[REGIONS];
    struct clearing_limits limits = {0};
    const struct clearing_policy *policy = policies_on(books, books->today);
    clearing_table_nets(books, month, owed, net);
    unsigned count = clearing_payments(net, payments);
    if (policy != NULL && count > 0)
        due_limits(books, policy->payment_days, "", &limits);
    for (unsigned i = 0; i < count; i++) {
        unsigned low = payments[i].payer * REGIONS + payments[i].payee;
        struct row_bytes key = key_of(month, low);
        struct payment_notice notice = {.amount = payments[i].amount,
                                        .state = PAYMENT_NOTIFIED,
                                        .ask_by = limits.ask_by,
                                        .pay_by = limits.pay_by,
                                        .confirm_by = limits.confirm_by};
        notice_store(books, &key, &notice);
        due_add(books, day, DUE_NOTICE, due_pair(month, low));
        if (limits.confirm_by != 0) {
            provisional_keep(books, PROVISIONAL_PAYMENT, due_pair(month, low), policy->payment_days, &limits);
            due_add(books, civil_date_add_days(limits.confirm_by, 1), DUE_PAYMENT, due_pair(month, low));
        }
    }
    if (count == 0) {
        release_if_paid(books, month);
        journal_post(books, "a month without payments is paid");
    }
}

static bool notice_load(struct books *books, month_t month, unsigned pair, struct payment_notice *notice)
{
    struct row_bytes key = key_of(month, pair);
    struct span value;
    bool found = store_get(books->txn, PAYMENTS, row_span(&key), &value);
    if (found)
        *notice = payments_notice(books, row_span(&key), value);
    return found;
}

bool payments_wait(struct books *books, month_t month, unsigned pair)
{
    struct payment_notice notice;
    INVARIANT(notice_load(books, month, pair, &notice));
    return notice.state != PAYMENT_CONFIRMED;
}

void payments_say(struct books *books, month_t month, unsigned pair, enum books_kind kind)
{
    struct payment_notice notice;
    record_say_pair(books, kind, pair);
    if (!notice_load(books, month, pair, &notice))
        return;
    struct payment_notice *told = record_part(books, sizeof *told);
    *told = notice;
    books->answer.payment = told;
}

void payments_move(struct books *books, month_t month, unsigned pair, const struct clearing_limits *limits)
{
    struct row_bytes key = key_of(month, pair);
    struct payment_notice notice;
    INVARIANT(notice_load(books, month, pair, &notice));
    due_move(books, civil_date_add_days(notice.confirm_by, 1), civil_date_add_days(limits->confirm_by, 1), DUE_PAYMENT,
             due_pair(month, pair));
    notice.ask_by = limits->ask_by;
    notice.pay_by = limits->pay_by;
    notice.confirm_by = limits->confirm_by;
    notice_store(books, &key, &notice);
}

void payments_take(struct books *books, const struct payment *payment)
{
    unsigned payer = clearing_region_index(payment->payer), payee = clearing_region_index(payment->payee);
    month_t month = month_of_number(payment->month);
    bool by_payer = strcmp(books->event->sender, payment->payer) == 0;
    unsigned pair = payer * REGIONS + payee;
    struct row_bytes key = key_of(month, pair);
    struct payment_notice notice = {0};
    INVARIANT(payer < REGIONS && payee < REGIONS);
    (void)notice_load(books, month, pair, &notice);
    enum payment_state wanted = by_payer ? PAYMENT_NOTIFIED : PAYMENT_PAID;
    if (notice.state != wanted || notice.amount != payment->amount) {
        record_find(books, RULE_PAYMENT_UNKNOWN, "payment", NULL);
        payments_say(books, month, pair, BOOKS_PAYMENT);
        return;
    }
    notice.state = by_payer ? PAYMENT_PAID : PAYMENT_CONFIRMED;
    notice_store(books, &key, &notice);
    if (by_payer) {
        journal_add(books, notice.amount, "clearing", clearing_region(payer), NULL);
        journal_add(books, -notice.amount, "transit", clearing_region(payer), clearing_region(payee));
    } else {
        journal_add(books, notice.amount, "transit", clearing_region(payer), clearing_region(payee));
        journal_add(books, -notice.amount, "clearing", clearing_region(payee), NULL);
        release_if_paid(books, month);
    }
    journal_post(books, by_payer ? "a payment is on its way" : "a payment is confirmed");
    payments_say(books, month, pair, BOOKS_PAYMENT);
}
