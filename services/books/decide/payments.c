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

enum { PAYMENT_SIZE = 8 + 1 + 3 * 4 };

static void payment_key(month_t month, unsigned payer, unsigned payee, uint8_t key[4])
{
    bytes_put_be(key, month, 2);
    key[2] = (uint8_t)payer;
    key[3] = (uint8_t)payee;
}

static void notice_store(struct books *books, const uint8_t key[4], const struct payment_notice *notice)
{
    uint8_t value[PAYMENT_SIZE];
    bytes_put_le(value, (uint64_t)notice->amount, 8);
    value[8] = (uint8_t)notice->state;
    bytes_put_le(value + 9, notice->ask_by, 4);
    bytes_put_le(value + 13, notice->pay_by, 4);
    bytes_put_le(value + 17, notice->confirm_by, 4);
    store_put(books->txn, PAYMENTS, span_of(key, 4), span_of(value, sizeof value));
}

struct payment_notice payments_notice(struct books *books, struct span key, struct span value)
{
    month_t month = (month_t)bytes_get_be(key.data, 2);
    INVARIANT(value.size == PAYMENT_SIZE);
    return (struct payment_notice){
        .month = month_number(month),
        .payer = clearing_region(key.data[2]),
        .payee = clearing_region(key.data[3]),
        .amount = (fen_t)bytes_get_le(value.data, 8),
        .state = value.data[8],
        .ask_by = (civil_date_t)bytes_get_le(value.data + 9, 4),
        .pay_by = (civil_date_t)bytes_get_le(value.data + 13, 4),
        .confirm_by = (civil_date_t)bytes_get_le(value.data + 17, 4),
        .provisional =
            provisional_is(books, PROVISIONAL_PAYMENT, due_pair(month, (unsigned)key.data[2] * REGIONS + key.data[3]))};
}

bool payments_are_done(struct books *books, month_t month)
{
    struct store_walk walk;
    uint8_t key[2];
    bool paid = true;
    bytes_put_be(key, month, 2);
    bool more = store_walk_start(&walk, books->txn, PAYMENTS, span_of(key, sizeof key));
    for (; more && memcmp(walk.key.data, key, 2) == 0; more = store_walk_next(&walk))
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
        uint8_t key[4];
        unsigned low = payments[i].payer * REGIONS + payments[i].payee;
        struct payment_notice notice = {.amount = payments[i].amount,
                                        .state = PAYMENT_NOTIFIED,
                                        .ask_by = limits.ask_by,
                                        .pay_by = limits.pay_by,
                                        .confirm_by = limits.confirm_by};
        payment_key(month, payments[i].payer, payments[i].payee, key);
        notice_store(books, key, &notice);
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

static void say_payment(struct books *books, const uint8_t key[4], enum books_kind kind)
{
    struct span value;
    record_say_pair(books, kind, (unsigned)key[2] * REGIONS + key[3]);
    if (!store_get(books->txn, PAYMENTS, span_of(key, 4), &value))
        return;
    struct payment_notice *notice = record_part(books, sizeof *notice);
    *notice = payments_notice(books, span_of(key, 4), value);
    books->answer.payment = notice;
}

static struct payment_notice notice_load(struct books *books, month_t month, unsigned pair, uint8_t key[4])
{
    struct span value;
    payment_key(month, pair / REGIONS, pair % REGIONS, key);
    INVARIANT(store_get(books->txn, PAYMENTS, span_of(key, 4), &value));
    return payments_notice(books, span_of(key, 4), value);
}

bool payments_wait(struct books *books, month_t month, unsigned pair)
{
    uint8_t key[4];
    return notice_load(books, month, pair, key).state != PAYMENT_CONFIRMED;
}

void payments_say(struct books *books, month_t month, unsigned pair, enum books_kind kind)
{
    uint8_t key[4];
    payment_key(month, pair / REGIONS, pair % REGIONS, key);
    say_payment(books, key, kind);
}

void payments_move(struct books *books, month_t month, unsigned pair, const struct clearing_limits *limits)
{
    uint8_t key[4];
    struct payment_notice notice = notice_load(books, month, pair, key);
    due_move(books, civil_date_add_days(notice.confirm_by, 1), civil_date_add_days(limits->confirm_by, 1), DUE_PAYMENT,
             due_pair(month, pair));
    notice.ask_by = limits->ask_by;
    notice.pay_by = limits->pay_by;
    notice.confirm_by = limits->confirm_by;
    notice_store(books, key, &notice);
}

void payments_take(struct books *books, const struct payment *payment)
{
    unsigned payer = clearing_region_index(payment->payer), payee = clearing_region_index(payment->payee);
    month_t month = month_of_number(payment->month);
    bool by_payer = strcmp(books->event->sender, payment->payer) == 0;
    uint8_t key[4];
    struct span value;
    struct payment_notice notice = {0};
    INVARIANT(payer < REGIONS && payee < REGIONS);
    payment_key(month, payer, payee, key);
    if (store_get(books->txn, PAYMENTS, span_of(key, sizeof key), &value))
        notice = payments_notice(books, span_of(key, sizeof key), value);
    enum payment_state wanted = by_payer ? PAYMENT_NOTIFIED : PAYMENT_PAID;
    if (notice.state != wanted || notice.amount != payment->amount) {
        record_find(books, RULE_PAYMENT_UNKNOWN, "payment", NULL);
        say_payment(books, key, BOOKS_PAYMENT);
        return;
    }
    notice.state = by_payer ? PAYMENT_PAID : PAYMENT_CONFIRMED;
    notice_store(books, key, &notice);
    if (by_payer) {
        journal_add(books, notice.amount, "clearing", clearing_region(payer), NULL);
        journal_add(books, -notice.amount, "transit", clearing_region(payer), clearing_region(payee));
    } else {
        journal_add(books, notice.amount, "transit", clearing_region(payer), clearing_region(payee));
        journal_add(books, -notice.amount, "clearing", clearing_region(payee), NULL);
        release_if_paid(books, month);
    }
    journal_post(books, by_payer ? "a payment is on its way" : "a payment is confirmed");
    say_payment(books, key, BOOKS_PAYMENT);
}
