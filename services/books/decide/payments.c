/* SPDX-License-Identifier: Apache-2.0
 * Payment of net positions, and advance funds: two steps each, said by one side and confirmed by the other. What is
 * said is pending (transit), what is confirmed is final. */
#include <stdio.h>

#include "common/base/check.h"
#include "services/books/advance/advance.h"
#include "services/books/keep/books.h"

enum payment_state { PAYMENT_NONE, PAYMENT_NOTIFIED, PAYMENT_PAID, PAYMENT_CONFIRMED };
enum { PAYMENT_SIZE = 8 + 1 + 3 * 4, DEPOSIT_SIZE = 1 + 8 + 1 };

struct notice {
    fen_t amount;
    enum payment_state state;
    struct clearing_limits limits;
};

static void payment_key(month_t month, unsigned payer, unsigned payee, uint8_t key[4])
{
    bytes_put_be(key, month, 2);
    key[2] = (uint8_t)payer;
    key[3] = (uint8_t)payee;
}

static void notice_store(struct books *books, const uint8_t key[4], const struct notice *notice)
{
    uint8_t value[PAYMENT_SIZE];
    bytes_put_le(value, (uint64_t)notice->amount, 8);
    value[8] = (uint8_t)notice->state;
    bytes_put_le(value + 9, notice->limits.ask_by, 4);
    bytes_put_le(value + 13, notice->limits.pay_by, 4);
    bytes_put_le(value + 17, notice->limits.confirm_by, 4);
    store_put(books->txn, PAYMENTS, span_of(key, 4), span_of(value, sizeof value));
}

static void notice_read(struct span value, struct notice *notice)
{
    INVARIANT(value.size == PAYMENT_SIZE);
    notice->amount = (fen_t)bytes_get_le(value.data, 8);
    notice->state = (enum payment_state)value.data[8];
    notice->limits.ask_by = (civil_date_t)bytes_get_le(value.data + 9, 4);
    notice->limits.pay_by = (civil_date_t)bytes_get_le(value.data + 13, 4);
    notice->limits.confirm_by = (civil_date_t)bytes_get_le(value.data + 17, 4);
}

/* Limits from today; beyond the loaded calendar there are none, and that is said. */
static void limits_from(struct books *books, const uint32_t days[3], struct clearing_limits *limits)
{
    if (clearing_limits_of(books->today, days, limits) == OK)
        return;
    *limits = (struct clearing_limits){0};
    books_find(books, RULE_CALENDAR_UNKNOWN, "", NULL);
}

/* ---- advance funds ---- */

fen_t books_balance(struct books *books, const char *kind, const char *first, const char *second)
{
    char account[ACCOUNT_NAME_SIZE];
    struct span value;
    ledger_flush(books->ledger, books->txn);
    (void)snprintf(account, sizeof account, "%s:%s:%s", kind, first, second);
    return store_get(books->txn, BALANCES, span_text(account), &value) ? (fen_t)bytes_get_le(value.data, 8) : 0;
}

void advance_use(struct books *books, unsigned pair, fen_t amount)
{
    if (pair / REGIONS == pair % REGIONS)
        return; /* a region keeps no advance with itself */
    journal_add(books, amount, "advance_used", clearing_region(pair / REGIONS), clearing_region(pair % REGIONS));
    journal_add(books, -amount, "advance", clearing_region(pair / REGIONS), clearing_region(pair % REGIONS));
}

fen_t advance_bound(fen_t month_clearing)
{
    return month_clearing > 0 ? month_clearing : 0;
}

/* All its payments are confirmed. */
static bool month_is_paid(struct books *books, month_t month)
{
    struct store_walk walk;
    uint8_t key[2];
    bool paid = true;
    bytes_put_be(key, month, 2);
    bool more = store_walk_start(&walk, books->txn, PAYMENTS, span_of(key, sizeof key));
    for (; more && memcmp(walk.key.data, key, 2) == 0; more = store_walk_next(&walk)) {
        struct notice notice;
        notice_read(walk.value, &notice);
        paid = paid && notice.state == PAYMENT_CONFIRMED;
    }
    store_walk_end(&walk);
    return paid;
}

/* What a month bound is free again when it is paid. */
static void release_if_paid(struct books *books, month_t month)
{
    if (!month_is_paid(books, month))
        return;
    for (unsigned pair = 0; pair < PAIRS; pair++)
        advance_use(books, pair, -advance_bound(books->pairs[month][pair].amount));
}

/* The day after this one. */
static civil_date_t next_day(civil_date_t day)
{
    return civil_date_from_day(civil_date_to_day(day) + 1);
}

/* Once when it was not announced in time, once when it has not arrived in time; none beyond the calendar. */
static void watch_top_up(struct books *books, month_t month, unsigned pair, const struct clearing_limits *limits)
{
    uint64_t subject = (uint64_t)month << 8 | pair;
    if (limits->ask_by != 0)
        due_add(books, next_day(limits->ask_by), DUE_TOP_UP_ASKED, subject);
    if (limits->confirm_by != 0)
        due_add(books, next_day(limits->confirm_by), DUE_TOP_UP_PAID, subject);
}

/* At issue a red month opens a top-up, whose limits begin today; overdue, what is lacking still is said in any colour.
 */
enum advance_view { AS_IT_STANDS, AT_ISSUE, OVERDUE };

static void put_advance(struct books *books, unsigned pair, month_t month, enum advance_view view, uint32_t number,
                        struct buffer *out)
{
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    const struct clearing_policy *policy = policy_on(books, books->today);
    fen_t deposits = -books_balance(books, "advance_deposit", insured, care);
    fen_t transit = books_balance(books, "advance_transit", insured, care);
    size_t mark = wire_begin(out, number);
    wire_put_text(out, 1, insured);
    wire_put_text(out, 2, care);
    wire_put_int(out, 3, deposits);
    wire_put_int(out, 4, books_balance(books, "advance", insured, care));
    wire_put_int(out, 5, books_balance(books, "advance_used", insured, care));
    wire_put_int(out, 6, transit);
    if (policy != NULL && month != 0) {
        fen_t clearing = books->pairs[month][pair].amount, quarter[3], arrived = deposits - transit;
        enum advance_colour colour = advance_colour_of(clearing, arrived, policy);
        struct clearing_limits limits = {0};
        month_quarter_of_last_year(books, pair, books->today, quarter);
        wire_put_uint(out, 7, month_number(month));
        wire_put_int(out, 8, clearing);
        wire_put_int(out, 9, advance_use_rate(clearing, arrived));
        wire_put_uint(out, 10, (uint64_t)colour);
        wire_put_int(out, 11, advance_quota(quarter, policy->advance_quota));
        if (colour == ADVANCE_RED || view == OVERDUE)
            wire_put_int(out, 12, advance_top_up(clearing, arrived, policy));
        if (colour == ADVANCE_RED && view == AT_ISSUE) {
            limits_from(books, policy->top_up_days, &limits);
            watch_top_up(books, month, pair, &limits);
        }
        wire_put_uint(out, 13, limits.ask_by);
        wire_put_uint(out, 14, limits.pay_by);
        wire_put_uint(out, 15, limits.confirm_by);
    }
    wire_end(out, mark);
}

void advance_encode(struct books *books, month_t month, unsigned pair, uint32_t number, struct buffer *out)
{
    put_advance(books, pair, month, AS_IT_STANDS, number, out);
}

void advance_say(struct books *books, month_t month, unsigned pair)
{
    books_say(books, BOOKS_ADVANCE, clearing_region(pair / REGIONS));
    books_say(books, BOOKS_ADVANCE, clearing_region(pair % REGIONS));
    put_advance(books, pair, month, AT_ISSUE, 21, &books->answer.body);
}

void top_up_overdue(struct books *books, month_t month, unsigned pair, bool arrived)
{
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    const struct clearing_policy *policy = policy_on(books, books->today);
    fen_t fund = -books_balance(books, "advance_deposit", insured, care);
    if (arrived)
        fund -= books_balance(books, "advance_transit", insured, care);
    if (policy == NULL || month_is_paid(books, month) ||
        advance_top_up(books->pairs[month][pair].amount, fund, policy) == 0)
        return;
    books_say(books, BOOKS_OVERDUE, insured);
    books_say(books, BOOKS_OVERDUE, care);
    put_advance(books, pair, month, OVERDUE, 21, &books->answer.body);
}

static void deposit_store(struct books *books, uint64_t number, unsigned pair, fen_t amount, bool arrived)
{
    uint8_t key[8], value[DEPOSIT_SIZE];
    bytes_put_be(key, number, sizeof key);
    value[0] = (uint8_t)pair;
    bytes_put_le(value + 1, (uint64_t)amount, 8);
    value[9] = arrived;
    store_put(books->txn, DEPOSITS, span_of(key, sizeof key), span_of(value, sizeof value));
}

static bool deposit_waits(struct books *books, const struct advance_deposit *deposit, unsigned pair)
{
    uint8_t key[8];
    struct span value;
    bytes_put_be(key, deposit->deposit, sizeof key);
    return store_get(books->txn, DEPOSITS, span_of(key, sizeof key), &value) && value.size == DEPOSIT_SIZE &&
           value.data[0] == pair && (fen_t)bytes_get_le(value.data + 1, 8) == deposit->amount && value.data[9] == 0;
}

void deposit_take(struct books *books, const struct advance_deposit *deposit)
{
    const char *insured = clearing_region(clearing_region_index(deposit->insured_region)),
               *care = clearing_region(clearing_region_index(deposit->care_region));
    unsigned pair = clearing_region_index(insured) * REGIONS + clearing_region_index(care);
    books_say(books, BOOKS_ADVANCE, insured);
    books_say(books, BOOKS_ADVANCE, care);
    if (deposit->deposit == 0) {
        deposit_store(books, books->position, pair, deposit->amount, false);
        journal_add(books, deposit->amount, "advance_transit", insured, care);
        journal_add(books, -deposit->amount, "advance_deposit", insured, care);
        journal_post(books, deposit->emergency ? "an emergency deposit is on its way" : "a deposit is on its way");
    } else if (deposit_waits(books, deposit, pair)) {
        deposit_store(books, deposit->deposit, pair, deposit->amount, true);
        journal_add(books, deposit->amount, "advance", insured, care);
        journal_add(books, -deposit->amount, "advance_transit", insured, care);
        journal_post(books, "a deposit has arrived");
    } else
        books_find(books, RULE_DEPOSIT_UNKNOWN, "advance_deposit.deposit", NULL);
    put_advance(books, pair, 0, AS_IT_STANDS, 21, &books->answer.body);
}

/* ---- payments ---- */

void notices_make(struct books *books, month_t month, civil_date_t day)
{
    fen_t owed[REGIONS][REGIONS], net[REGIONS];
    struct clearing_payment payments[REGIONS];
    struct notice notice = {.state = PAYMENT_NOTIFIED};
    const struct clearing_policy *policy = policy_on(books, books->today);
    month_nets(books, month, owed, net);
    unsigned count = clearing_payments(net, payments);
    if (policy != NULL && count > 0)
        limits_from(books, policy->payment_days, &notice.limits);
    for (unsigned i = 0; i < count; i++) {
        uint8_t key[4];
        unsigned low = payments[i].payer * REGIONS + payments[i].payee;
        notice.amount = payments[i].amount;
        payment_key(month, payments[i].payer, payments[i].payee, key);
        notice_store(books, key, &notice);
        due_add(books, day, DUE_NOTICE, (uint64_t)month << 8 | low);
        if (notice.limits.confirm_by != 0)
            due_add(books, next_day(notice.limits.confirm_by), DUE_PAYMENT, (uint64_t)month << 8 | low);
    }
    if (count == 0) {
        release_if_paid(books, month);
        journal_post(books, "a month without payments is paid");
    }
}

void notice_encode(struct span key, struct span value, uint32_t number, struct buffer *out)
{
    struct notice notice;
    notice_read(value, &notice);
    size_t mark = wire_begin(out, number);
    wire_put_uint(out, 1, month_number((month_t)bytes_get_be(key.data, 2)));
    wire_put_text(out, 2, clearing_region(key.data[2]));
    wire_put_text(out, 3, clearing_region(key.data[3]));
    wire_put_int(out, 4, notice.amount);
    wire_put_uint(out, 5, (uint64_t)notice.state);
    wire_put_uint(out, 6, notice.limits.ask_by);
    wire_put_uint(out, 7, notice.limits.pay_by);
    wire_put_uint(out, 8, notice.limits.confirm_by);
    wire_end(out, mark);
}

static void say_payment(struct books *books, const uint8_t key[4], enum books_kind kind)
{
    struct span value;
    books_say(books, kind, clearing_region(key[2]));
    books_say(books, kind, clearing_region(key[3]));
    if (store_get(books->txn, PAYMENTS, span_of(key, 4), &value))
        notice_encode(span_of(key, 4), value, 20, &books->answer.body);
}

void notice_say(struct books *books, month_t month, unsigned pair, enum books_kind kind)
{
    uint8_t key[4];
    struct span value;
    struct notice notice;
    payment_key(month, pair / REGIONS, pair % REGIONS, key);
    INVARIANT(store_get(books->txn, PAYMENTS, span_of(key, sizeof key), &value));
    notice_read(value, &notice);
    if (kind != BOOKS_OVERDUE || notice.state != PAYMENT_CONFIRMED)
        say_payment(books, key, kind);
}

void payment_take(struct books *books, const struct payment *payment)
{
    unsigned payer = clearing_region_index(payment->payer), payee = clearing_region_index(payment->payee);
    month_t month = month_of_number(payment->month);
    bool by_payer = strcmp(books->event->sender, payment->payer) == 0;
    uint8_t key[4];
    struct span value;
    struct notice notice = {0};
    INVARIANT(payer < REGIONS && payee < REGIONS);
    payment_key(month, payer, payee, key);
    if (store_get(books->txn, PAYMENTS, span_of(key, sizeof key), &value))
        notice_read(value, &notice);
    enum payment_state wanted = by_payer ? PAYMENT_NOTIFIED : PAYMENT_PAID;
    if (notice.state != wanted || notice.amount != payment->amount) {
        books_find(books, RULE_PAYMENT_UNKNOWN, "payment", NULL);
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
