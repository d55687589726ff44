/* SPDX-License-Identifier: Apache-2.0
 * Advance funds. */
#include "services/books/decide/advances.h"

#include "common/engines/advance/advance.h"
#include "services/books/keep/due.h"
#include "services/books/keep/journal.h"
#include "services/books/keep/months.h"
#include "services/books/keep/policies.h"
#include "services/books/keep/record.h"

enum { DEPOSIT_SIZE = 1 + 8 + 1 };

static void use(struct books *books, unsigned pair, fen_t amount)
{
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    if (pair / REGIONS == pair % REGIONS)
        return; /* a region keeps no advance with itself */
    journal_add(books, amount, "advance_used", insured, care);
    journal_add(books, -amount, "advance", insured, care);
}

static fen_t bound_by(const struct books *books, month_t month, unsigned pair)
{
    fen_t clearing = books->pairs[month][pair].amount;
    return clearing > 0 ? clearing : 0;
}

void advances_bind(struct books *books, month_t month, unsigned pair)
{
    use(books, pair, bound_by(books, month, pair));
}

void advances_free(struct books *books, month_t month, unsigned pair)
{
    use(books, pair, -bound_by(books, month, pair));
}

/* Once when it was not announced in time, once when it has not arrived in time; none beyond the calendar. */
static void watch_top_up(struct books *books, month_t month, unsigned pair, const struct clearing_limits *limits)
{
    uint64_t subject = due_pair(month, pair);
    if (limits->ask_by != 0)
        due_add(books, civil_date_add_days(limits->ask_by, 1), DUE_TOP_UP_ASKED, subject);
    if (limits->confirm_by != 0)
        due_add(books, civil_date_add_days(limits->confirm_by, 1), DUE_TOP_UP_PAID, subject);
}

/* At issue a red month opens a top-up, whose limits begin today; overdue, what is lacking still is said in any colour.
 */
enum advance_view { AS_IT_STANDS, AT_ISSUE, OVERDUE };

static void put_advance(struct books *books, unsigned pair, month_t month, enum advance_view view, uint32_t number,
                        struct buffer *out)
{
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    const struct clearing_policy *policy = policies_on(books, books->today);
    fen_t deposits = -journal_balance(books, "advance_deposit", insured, care);
    fen_t transit = journal_balance(books, "advance_transit", insured, care);
    size_t mark = wire_begin(out, number);
    wire_put_text(out, 1, insured);
    wire_put_text(out, 2, care);
    wire_put_int(out, 3, deposits);
    wire_put_int(out, 4, journal_balance(books, "advance", insured, care));
    wire_put_int(out, 5, journal_balance(books, "advance_used", insured, care));
    wire_put_int(out, 6, transit);
    if (policy != NULL && month != 0) {
        fen_t clearing = books->pairs[month][pair].amount, quarter[3], arrived = deposits - transit;
        enum advance_colour colour = advance_colour_of(clearing, arrived, policy);
        struct clearing_limits limits = {0};
        months_quarter_of_last_year(books, pair, books->today, quarter);
        wire_put_uint(out, 7, month_number(month));
        wire_put_int(out, 8, clearing);
        wire_put_int(out, 9, advance_use_rate(clearing, arrived));
        wire_put_uint(out, 10, (uint64_t)colour);
        wire_put_int(out, 11, advance_quota(quarter, policy->advance_quota));
        if (colour == ADVANCE_RED || view == OVERDUE)
            wire_put_int(out, 12, advance_top_up(clearing, arrived, policy));
        if (colour == ADVANCE_RED && view == AT_ISSUE) {
            due_limits(books, policy->top_up_days, &limits);
            watch_top_up(books, month, pair, &limits);
        }
        wire_put_uint(out, 13, limits.ask_by);
        wire_put_uint(out, 14, limits.pay_by);
        wire_put_uint(out, 15, limits.confirm_by);
    }
    wire_end(out, mark);
}

void advances_encode(struct books *books, month_t month, unsigned pair, uint32_t number, struct buffer *out)
{
    put_advance(books, pair, month, AS_IT_STANDS, number, out);
}

void advances_say(struct books *books, month_t month, unsigned pair)
{
    record_say_pair(books, BOOKS_ADVANCE, pair);
    put_advance(books, pair, month, AT_ISSUE, 21, &books->answer.body);
}

void advances_overdue(struct books *books, month_t month, unsigned pair, bool arrived)
{
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    const struct clearing_policy *policy = policies_on(books, books->today);
    fen_t fund = -journal_balance(books, "advance_deposit", insured, care);
    if (arrived)
        fund -= journal_balance(books, "advance_transit", insured, care);
    if (policy == NULL || advance_top_up(books->pairs[month][pair].amount, fund, policy) == 0)
        return;
    record_say_pair(books, BOOKS_OVERDUE, pair);
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

void advances_deposit(struct books *books, const struct advance_deposit *deposit)
{
    const char *insured = clearing_region(clearing_region_index(deposit->insured_region)),
               *care = clearing_region(clearing_region_index(deposit->care_region));
    unsigned pair = clearing_region_index(insured) * REGIONS + clearing_region_index(care);
    record_say_pair(books, BOOKS_ADVANCE, pair);
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
        record_find(books, RULE_DEPOSIT_UNKNOWN, "advance_deposit.deposit", NULL);
    put_advance(books, pair, 0, AS_IT_STANDS, 21, &books->answer.body);
}
