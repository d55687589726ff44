/* SPDX-License-Identifier: Apache-2.0
 * Months, turns, replies. */
#include "services/books/ask/month_views.h"

#include "common/base/check.h"
#include "services/books/ask/page.h"
#include "services/books/decide/advances.h"
#include "services/books/decide/payments.h"
#include "services/books/keep/clearing_table.h"
#include "services/books/keep/due.h"
#include "services/books/keep/policies.h"
#include "services/books/keep/reconciliation.h"

enum { TURNS_COUNT_MAX = 128 }; /* a month's: 27 of bills or replies, or 9 of payments and advances */

struct turns {
    struct clearing_turn taken[TURNS_COUNT_MAX];
    uint32_t count;
    civil_date_t on;
};

static void add(struct turns *turns, struct clearing_turn turn)
{
    INVARIANT(turns->count < TURNS_COUNT_MAX);
    turn.late = turn.until != 0 && turn.until < turns->on;
    turns->taken[turns->count++] = turn;
}

static struct clearing_turn turn_of(unsigned pair, unsigned region, enum clearing_task task, civil_date_t until)
{
    return (struct clearing_turn){.region = clearing_region(region),
                                  .task = task,
                                  .insured_region = clearing_region(pair / REGIONS),
                                  .care_region = clearing_region(pair % REGIONS),
                                  .until = until};
}

/* ---- a month that is open: whoever has not stated its bills ---- */

static void sum_open(struct books *books, month_t month, unsigned pair, unsigned reason, int64_t sums[AGING_VALUES])
{
    struct store_walk walk;
    struct row_bytes from = aging_key(pair, reason, month_day(month, 1));
    struct aging_key key;
    int64_t values[TALLY_VALUES_MAX];
    bool more = store_walk_start(&walk, books->txn, AGING, row_span(&from));
    for (; more && row_shares(walk.key, &from, AGING_DAY_AT) && aging_key_read(walk.key, &key) &&
           key.day <= month_day(month, 31);
         more = store_walk_next(&walk)) {
        tally_read(books->aging, walk.value, values);
        sums[AGING_COUNT] += values[AGING_COUNT];
        sums[AGING_AMOUNT] += values[AGING_AMOUNT];
    }
    store_walk_end(&walk);
}

static void open_turns(struct books *books, month_t month, unsigned pair, civil_date_t until, struct turns *turns)
{
    static const struct {
        unsigned reason;
        enum clearing_task task;
        bool care, insured;
    } waits[] = {{OPEN_CARE_STATEMENT, TASK_STATE, true, false},
                 {OPEN_INSURED_STATEMENT, TASK_STATE, false, true},
                 {OPEN_DIFFERS, TASK_AGREE, true, true}};
    for (unsigned i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        int64_t sums[AGING_VALUES] = {0};
        sum_open(books, month, pair, waits[i].reason, sums);
        struct clearing_turn care = turn_of(pair, pair % REGIONS, waits[i].task, until),
                             insured = turn_of(pair, pair / REGIONS, waits[i].task, until);
        care.count = insured.count = (uint32_t)sums[AGING_COUNT];
        care.amount = insured.amount = sums[AGING_AMOUNT];
        bool within = pair / REGIONS == pair % REGIONS; /* one party */
        if (sums[AGING_COUNT] > 0 && waits[i].care)
            add(turns, care);
        if (sums[AGING_COUNT] > 0 && waits[i].insured && !(within && waits[i].care))
            add(turns, insured);
    }
}

/* ---- a table that stands: whoever has not confirmed it as a whole ---- */

static void reply_turns(struct books *books, month_t month, unsigned pair, struct turns *turns)
{
    const struct pair_month *sums = &books->pairs[month][pair];
    const unsigned regions[SIDES] = {pair % REGIONS, pair / REGIONS};
    uint32_t count = sums->count_positive + sums->count_negative;
    for (unsigned side = 0; side < SIDES && count > 0; side++) {
        struct clearing_turn turn = turn_of(pair, regions[side], TASK_REPLY, books->months[month].dates.confirm_by);
        turn.count = count;
        turn.amount = sums->amount;
        bool itself = side > 0 && regions[0] == regions[1];
        if (sums->confirmed[side] == 0 && !itself)
            add(turns, turn);
    }
}

/* ---- a month that is issued: payers, payees, advances ---- */

static civil_date_t top_up_until(struct books *books, month_t month, unsigned pair)
{
    struct store_walk walk;
    struct due_key due;
    civil_date_t until = 0;
    bool more = store_walk_start(&walk, books->txn, DUE, span_of(NULL, 0));
    for (; more && until == 0 && due_key_read(walk.key, &due); more = store_walk_next(&walk))
        if (due.what == DUE_TOP_UP_PAID && due.subject == due_pair(month, pair))
            until = civil_date_add_days(due.day, -1);
    store_walk_end(&walk);
    return until;
}

/* Awaited until its limit is past and was told of: after that it is in the pair's advance state alone. */
static void advance_turns(struct books *books, month_t month, unsigned pair, struct turns *turns)
{
    struct clearing_turn turn = turn_of(pair, pair / REGIONS, TASK_TOP_UP, 0);
    if (pair / REGIONS == pair % REGIONS || books->pairs[month][pair].amount <= 0 ||
        !advances_lack(books, month, pair, true))
        return;
    turn.until = top_up_until(books, month, pair);
    turn.amount = advances_state(books, month, pair).top_up;
    if (turn.until != 0)
        add(turns, turn);
}

static void payment_turns(const struct payment_notice *notice, unsigned pair, struct turns *turns)
{
    bool said = notice->state == PAYMENT_PAID;
    struct clearing_turn turn = turn_of(pair, said ? pair % REGIONS : pair / REGIONS, said ? TASK_RECEIVE : TASK_PAY,
                                        said ? notice->confirm_by : notice->pay_by);
    turn.amount = notice->amount;
    turn.provisional = notice->provisional;
    if (notice->state != PAYMENT_CONFIRMED)
        add(turns, turn);
}

static void put_payments(struct books *books, const struct question *question, month_t month, struct clearing_month *to,
                         struct turns *turns)
{
    struct store_walk walk;
    struct payments_key key;
    struct row_bytes from = payments_key(month, 0, 0);
    bool more = store_walk_start(&walk, books->txn, PAYMENTS, row_span(&from));
    for (; more && row_shares(walk.key, &from, PAYMENTS_PAYER_AT) && payments_key_read(walk.key, &key);
         more = store_walk_next(&walk)) {
        unsigned pair = (unsigned)key.payer * REGIONS + key.payee;
        struct payment_notice notice = payments_notice(books, walk.key, walk.value);
        if (!question_sees(question, pair))
            continue;
        to->payments++;
        to->payments_paid += notice.state != PAYMENT_NOTIFIED;
        to->payments_confirmed += notice.state == PAYMENT_CONFIRMED;
        payment_turns(&notice, pair, turns);
    }
    store_walk_end(&walk);
}

/* ---- a month ---- */

static struct clearing_month view_month(struct books *books, const struct question *question, month_t month,
                                        const struct month_record *record, struct turns *turns)
{
    *turns = (struct turns){.on = question->on_day != 0 ? question->on_day : books->today};
    struct clearing_month to = {.month = month_number(month),
                                .state = record->state,
                                .cut_on = record->dates.cut_on,
                                .generate_on = record->dates.generate_on,
                                .confirm_by = record->dates.confirm_by,
                                .cut_position = record->cut,
                                .turns = turns->taken,
                                .on_day = turns->on};
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        const struct pair_month *sums = &books->pairs[month][pair];
        if (!question_sees(question, pair))
            continue;
        to.count += sums->count_positive + sums->count_negative;
        to.amount += sums->amount;
        to.disputed_count += sums->disputed_count;
        to.disputed += sums->disputed;
        if (record->state == CLEARING_OPEN)
            open_turns(books, month, pair, record->dates.cut_on, turns);
        else if (record->state == CLEARING_GENERATED)
            reply_turns(books, month, pair, turns);
        else
            advance_turns(books, month, pair, turns);
    }
    put_payments(books, question, month, &to, turns);
    to.turn_count = turns->count;
    return to;
}

/* Before its first bill is reconciled a month has no record: its dates are those of the policy in force. */
static bool month_has(const struct books *books, month_t month, struct month_record *record)
{
    const struct clearing_policy *policy = policies_on(books, month_day(month, 31));
    *record = books->months[month];
    if (record->state != CLEARING_NONE)
        return true;
    for (unsigned pair = 0; pair < PAIRS; pair++)
        if (record->posted[pair] != 0)
            record->state = CLEARING_OPEN;
    if (record->state == CLEARING_OPEN && policy != NULL)
        record->dates = clearing_dates_of(month, policy);
    return record->state == CLEARING_OPEN;
}

void month_views_months(struct books *books, const struct question *question, struct buffer *answer)
{
    month_t first = question->month != 0 ? question->month : 1;
    month_t last = question->month != 0 ? question->month : MONTHS_COUNT_MAX;
    struct month_record record;
    struct turns turns;
    for (month_t month = first; month <= last; month++) {
        if (!month_has(books, month, &record))
            continue;
        struct clearing_month view = view_month(books, question, month, &record, &turns);
        books_answer_put_months(answer, &view);
    }
}

struct month_late month_views_late(struct books *books)
{
    const struct question everyone = {.viewer = REGIONS};
    struct month_late late = {0};
    struct month_record record;
    struct turns turns;
    for (month_t month = 1; month <= MONTHS_COUNT_MAX && late.month == 0; month++) {
        if (!month_has(books, month, &record))
            continue;
        (void)view_month(books, &everyone, month, &record, &turns);
        for (uint32_t i = 0; i < turns.count; i++)
            if (turns.taken[i].late && (late.month == 0 || turns.taken[i].until < late.until))
                late = (struct month_late){month_number(month), turns.taken[i].task, turns.taken[i].until};
    }
    return late;
}

/* ---- replies ---- */

static void put_kept_reply(uint64_t position, unsigned side, const struct clearing_reply *reply, struct buffer *answer)
{
    struct clearing_reply_kept kept = {.position = position,
                                       .month = reply->month,
                                       .insured_region = reply->insured_region,
                                       .care_region = reply->care_region,
                                       .region = side == 0 ? reply->care_region : reply->insured_region,
                                       .action = reply->action,
                                       .rows = reply->number_count,
                                       .numbers = reply->numbers,
                                       .number_count = reply->number_count};
    if (kept.number_count > CLEARING_REPLY_KEPT_NUMBERS_MAX)
        kept.number_count = CLEARING_REPLY_KEPT_NUMBERS_MAX;
    books_answer_put_replies(answer, &kept);
}

void month_views_replies(struct books *books, const struct question *question, struct buffer *answer)
{
    struct page page;
    bool more = page_start(&page, books, REPLIES, question, span_of(NULL, 0), answer);
    for (; more; more = page_next(&page)) {
        struct replies_key key;
        struct replies_value kept;
        struct clearing_reply reply;
        arena_reset(&books->memory);
        INVARIANT(replies_key_read(page.walk.key, &key) && replies_value_read(page.walk.value, &kept) &&
                  clearing_reply_decode(kept.clearingreply, &books->memory, &reply) == OK);
        unsigned pair =
            clearing_region_index(reply.insured_region) * REGIONS + clearing_region_index(reply.care_region);
        if (month_of_number(reply.month) != question->month || !question_sees(question, pair))
            continue;
        put_kept_reply(key.number, kept.side, &reply, answer);
        page.found++;
    }
    page_end(&page);
}
