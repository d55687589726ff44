/* SPDX-License-Identifier: Apache-2.0
 * Advance funds. */
#include "services/books/decide/advances.h"

#include "common/engines/advance/advance.h"
#include "services/books/keep/due.h"
#include "services/books/keep/journal.h"
#include "services/books/keep/months.h"
#include "services/books/keep/policies.h"
#include "services/books/keep/provisional.h"
#include "services/books/keep/record.h"

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

static void put_limits(struct books *books, month_t month, unsigned pair, const struct clearing_limits *limits,
                       struct advance_state *state)
{
    state->ask_by = limits->ask_by;
    state->agree_by = limits->pay_by;
    state->pay_by = limits->confirm_by;
    state->provisional = limits->ask_by != 0 && provisional_is(books, PROVISIONAL_TOP_UP, due_pair(month, pair));
}

/* At issue a red month opens a top-up, whose limits begin today; overdue, what is lacking still is said in any colour.
 */
enum advance_view { AS_IT_STANDS, AT_ISSUE, OVERDUE };

static struct advance_state state_of(struct books *books, unsigned pair, month_t month, enum advance_view view)
{
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    const struct clearing_policy *policy = policies_on(books, books->today);
    struct advance_state state = {.insured_region = insured,
                                  .care_region = care,
                                  .deposits = -journal_balance(books, "advance_deposit", insured, care),
                                  .available = journal_balance(books, "advance", insured, care),
                                  .used = journal_balance(books, "advance_used", insured, care),
                                  .in_transit = journal_balance(books, "advance_transit", insured, care)};
    if (policy == NULL || month == 0)
        return state;
    fen_t clearing = books->pairs[month][pair].amount, quarter[3], arrived = state.deposits - state.in_transit;
    enum advance_colour colour = advance_colour_of(clearing, arrived, policy);
    struct clearing_limits limits = {0};
    months_quarter_of_last_year(books, pair, books->today, quarter);
    if (colour == ADVANCE_RED && view == AT_ISSUE) {
        due_limits(books, policy->top_up_days, "", &limits);
        watch_top_up(books, month, pair, &limits);
        if (limits.confirm_by != 0)
            provisional_keep(books, PROVISIONAL_TOP_UP, due_pair(month, pair), policy->top_up_days, &limits);
    }
    state.month = month_number(month);
    state.month_clearing = clearing;
    state.use_rate_bp = advance_use_rate(clearing, arrived);
    state.colour = colour;
    state.quota = advance_quota(quarter, policy->advance_quota);
    state.top_up = colour == ADVANCE_RED || view == OVERDUE ? advance_top_up(clearing, arrived, policy) : 0;
    put_limits(books, month, pair, &limits, &state);
    return state;
}

static void say(struct books *books, enum books_kind kind, unsigned pair, month_t month, enum advance_view view)
{
    struct advance_state *state = record_part(books, sizeof *state);
    record_say_pair(books, kind, pair);
    *state = state_of(books, pair, month, view);
    books->answer.advance = state;
}

struct advance_state advances_state(struct books *books, month_t month, unsigned pair)
{
    return state_of(books, pair, month, AS_IT_STANDS);
}

void advances_say(struct books *books, month_t month, unsigned pair)
{
    say(books, BOOKS_ADVANCE, pair, month, AT_ISSUE);
}

bool advances_lack(struct books *books, month_t month, unsigned pair, bool arrived)
{
    const char *insured = clearing_region(pair / REGIONS), *care = clearing_region(pair % REGIONS);
    const struct clearing_policy *policy = policies_on(books, books->today);
    fen_t fund = -journal_balance(books, "advance_deposit", insured, care);
    if (arrived)
        fund -= journal_balance(books, "advance_transit", insured, care);
    return policy != NULL && advance_top_up(books->pairs[month][pair].amount, fund, policy) != 0;
}

void advances_say_overdue(struct books *books, month_t month, unsigned pair)
{
    say(books, BOOKS_OVERDUE, pair, month, OVERDUE);
}

void advances_move(struct books *books, month_t month, unsigned pair, const struct clearing_limits *was,
                   const struct clearing_limits *limits)
{
    uint64_t subject = due_pair(month, pair);
    due_move(books, civil_date_add_days(was->ask_by, 1), civil_date_add_days(limits->ask_by, 1), DUE_TOP_UP_ASKED,
             subject);
    due_move(books, civil_date_add_days(was->confirm_by, 1), civil_date_add_days(limits->confirm_by, 1),
             DUE_TOP_UP_PAID, subject);
}

void advances_say_limits(struct books *books, month_t month, unsigned pair, const struct clearing_limits *limits)
{
    struct advance_state *state = record_part(books, sizeof *state);
    record_say_pair(books, BOOKS_ADVANCE, pair);
    *state = state_of(books, pair, month, AS_IT_STANDS);
    put_limits(books, month, pair, limits, state);
    books->answer.advance = state;
}

static void deposit_store(struct books *books, uint64_t number, unsigned pair, fen_t amount, bool arrived)
{
    struct row_bytes key = deposits_key(number), value = deposits_value(pair, amount, arrived);
    store_put(books->txn, DEPOSITS, row_span(&key), row_span(&value));
}

static bool deposit_waits(struct books *books, const struct advance_deposit *deposit, unsigned pair)
{
    struct row_bytes key = deposits_key(deposit->deposit);
    struct deposits_value kept;
    struct span value;
    return store_get(books->txn, DEPOSITS, row_span(&key), &value) && deposits_value_read(value, &kept) &&
           kept.pair == pair && kept.amount == deposit->amount && kept.arrived == 0;
}

void advances_deposit(struct books *books, const struct advance_deposit *deposit)
{
    const char *insured = clearing_region(clearing_region_index(deposit->insured_region)),
               *care = clearing_region(clearing_region_index(deposit->care_region));
    unsigned pair = clearing_region_index(insured) * REGIONS + clearing_region_index(care);
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
    say(books, BOOKS_ADVANCE, pair, 0, AS_IT_STANDS);
}
