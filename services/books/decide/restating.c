/* SPDX-License-Identifier: Apache-2.0
 * Limits stated anew. */
#include "services/books/decide/restating.h"

#include "common/base/check.h"
#include "services/books/decide/advances.h"
#include "services/books/decide/investigations.h"
#include "services/books/decide/payments.h"
#include "services/books/keep/gazettes.h"
#include "services/books/keep/inquiry.h"
#include "services/books/keep/provisional.h"

static enum due_kind said_as(enum provisional_kind kind)
{
    return kind == PROVISIONAL_PAYMENT  ? DUE_SAY_PAYMENT
           : kind == PROVISIONAL_TOP_UP ? DUE_SAY_TOP_UP
                                        : DUE_SAY_INVESTIGATION;
}

static void move(struct books *books, const struct provisional_limit *limit, const struct clearing_limits *to)
{
    month_t month = (month_t)(limit->subject >> 8);
    unsigned pair = (unsigned)(limit->subject & 0xff);
    switch (limit->kind) {
    case PROVISIONAL_PAYMENT:
        payments_move(books, month, pair, to);
        break;
    case PROVISIONAL_TOP_UP:
        advances_move(books, month, pair, &limit->limits, to);
        break;
    case PROVISIONAL_INVESTIGATION:
        investigations_move(books, limit->subject, to->ask_by);
        break;
    }
}

/* Somebody still has to keep it. */
static bool is_open(struct books *books, const struct provisional_limit *limit)
{
    month_t month = (month_t)(limit->subject >> 8);
    struct inquiry inquiry;
    switch (limit->kind) {
    case PROVISIONAL_PAYMENT:
        return payments_wait(books, month, (unsigned)(limit->subject & 0xff));
    case PROVISIONAL_TOP_UP:
        return !payments_are_done(books, month);
    case PROVISIONAL_INVESTIGATION:
        return inquiry_load(books, limit->subject, &inquiry) &&
               (inquiry.stage == INVESTIGATION_REQUESTED || inquiry.stage == INVESTIGATION_OVERDUE);
    }
    return false;
}

static void restate(struct books *books, struct provisional_limit *limit)
{
    const struct calendar *calendar = &books->published->calendar;
    struct clearing_limits to, was = limit->limits;
    enum status status = clearing_limits_of(calendar, limit->from, limit->days, &to);
    INVARIANT(status == OK); /* it was counted before, by the same calendar with fewer years */
    limit->provisional = calendar_lacks(calendar, limit->from, to.confirm_by) != 0;
    bool moves = was.ask_by != to.ask_by || was.pay_by != to.pay_by || was.confirm_by != to.confirm_by;
    if (moves) {
        move(books, limit, &to);
        due_add(books, books->today, said_as(limit->kind), limit->subject);
    }
    limit->limits = to;
    if (moves || limit->provisional)
        provisional_store(books, limit);
    else
        provisional_delete(books, limit);
}

void restating_take(struct books *books, const struct gazette *gazette)
{
    struct provisional_limit limit = {0};
    gazettes_take(books, gazette);
    if (gazette->kind != GAZETTE_CALENDAR)
        return;
    while (provisional_next(books, &limit))
        if (limit.provisional && is_open(books, &limit))
            restate(books, &limit);
        else if (limit.provisional)
            provisional_delete(books, &limit);
}

void restating_say(struct books *books, const struct due *due)
{
    month_t month = (month_t)(due->subject >> 8);
    unsigned pair = (unsigned)(due->subject & 0xff);
    struct provisional_limit limit;
    enum provisional_kind kind = due->kind == DUE_SAY_PAYMENT  ? PROVISIONAL_PAYMENT
                                 : due->kind == DUE_SAY_TOP_UP ? PROVISIONAL_TOP_UP
                                                               : PROVISIONAL_INVESTIGATION;
    if (!provisional_find(books, kind, due->subject, &limit))
        return; /* a calendar came twice on one day: it was told */
    if (!limit.provisional)
        provisional_delete(books, &limit);
    if (kind == PROVISIONAL_PAYMENT)
        payments_say(books, month, pair, BOOKS_PAYMENT_NOTICE);
    else if (kind == PROVISIONAL_TOP_UP)
        advances_say_limits(books, month, pair, &limit.limits);
    else
        investigations_say(books, due->subject, BOOKS_INVESTIGATION);
}
