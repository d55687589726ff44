/* SPDX-License-Identifier: Apache-2.0
 * The money and the terms of transfers against a second, deliberately simple implementation, written from the rules
 * (DOMAIN 4) and not from the engine: one month at a time, with the rules' own numbers. Random forms, sound and broken;
 * every difference is shown with its seed. HUTONG_PROPERTY_TRANSFERS sets how many (120,000 by default);
 * HUTONG_PROPERTY_SEED runs one alone. */
#include "common/engines/transfer/pension_funds.h"
#include "common/engines/transfer/pension_place.h"
#include "common/engines/transfer/unemployment.h"
#include "common/engines/transfer/waiting.h"
#include "tests/support/test.h"

/* The random forms lie within. */
enum { FIRST = 196001, LAST = 202912 };

static uint64_t random_state;

static uint64_t any(uint64_t below) /* splitmix64 */
{
    uint64_t mixed = random_state += UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return (mixed ^ mixed >> 31) % below;
}

static unsigned show(const char *what, int64_t found, int64_t wanted, uint64_t seed)
{
    if (found == wanted)
        return 0;
    print_error("seed %llu: %s is %lld, the rules say %lld\n", (unsigned long long)seed, what, (long long)found,
                (long long)wanted);
    return 1;
}

/* Hundredths of a per cent of fen, all positive here. */
static fen_t half_up(__int128 exact)
{
    return (fen_t)((exact + 5000) / 10000);
}

static month_t later(month_t month, uint32_t by)
{
    while (by-- > 0)
        month += month % 100 == 12 ? 89 : 1;
    return month;
}

/* ---- random forms ---- */

static struct contribution_row random_row(uint32_t year, uint32_t from, uint32_t to)
{
    struct contribution_row row = {.from = year * 100 + from, .to = year * 100 + to, .months = to - from + 1};
    row.base = (fen_t)any(3000000);
    row.kind = (enum contribution_kind)any(3);
    row.unit_rate = any(3) == 0 ? 0 : (basis_points_t)any(2500);
    row.account_rate = any(3) > 0 ? 0 : (basis_points_t)(1 + any(1999));
    row.one_off = any(5) == 0;
    row.one_off_documented = any(2) == 0;
    return row;
}

/* Up to three rows a year, no overlaps, years in any order. */
static void random_rows(struct contribution_rows *rows, uint32_t running_year)
{
    uint32_t year = running_year - (uint32_t)any(35);
    rows->count = 0;
    for (; year <= running_year; year++) {
        uint32_t month = 1 + (uint32_t)any(8);
        for (unsigned n = 0; n < 3 && month <= 12 && any(4) > 0; n++) {
            uint32_t to = month + (uint32_t)any(13 - month);
            struct contribution_row row = random_row(year, month, to);
            if (year >= 1998 && year < running_year && any(2) == 0)
                row.interest = (fen_t)any(50000);
            rows->items[rows->count++] = row;
            month = to + 1 + (uint32_t)any(3);
        }
    }
    for (uint32_t i = rows->count; i > 1; i--) {
        uint32_t other = (uint32_t)any(i);
        struct contribution_row held = rows->items[i - 1];
        rows->items[i - 1] = rows->items[other];
        rows->items[other] = held;
    }
}

/* ---- funds ---- */

static int64_t account_rate_of(month_t month)
{
    return month < 199801 ? 0 : month < 200601 ? 1100 : 800;
}

static void funds_simply(const struct pension_funds_input *in, struct pension_funds *out)
{
    __int128 closed = 0, running = 0, pooled = 0, excess = 0, raised = 0, interest = 0;
    memset(out, 0, sizeof *out);
    for (month_t month = FIRST; month <= LAST; month = later(month, 1)) {
        for (uint32_t i = 0; i < in->rows->count; i++) {
            const struct contribution_row *row = &in->rows->items[i];
            if (month < row->from || month > row->to || (in->staying != NULL && month_set_has(in->staying, month)))
                continue;
            int64_t rate = account_rate_of(month), recorded = row->account_rate == 0 ? rate : row->account_rate;
            int64_t unit = row->kind == CONTRIBUTION_TEMPORARY && row->unit_rate > 1200 ? row->unit_rate : 1200;
            out->months_moved++;
            if (month < 199801)
                continue;
            if (month / 100 == in->running_year)
                running += (__int128)row->base * rate;
            else
                closed += (__int128)row->base * rate;
            if (recorded > rate)
                excess += (__int128)row->base * (recorded - rate);
            else
                raised += (__int128)row->base * (rate - recorded);
            pooled += (__int128)row->base * unit;
        }
    }
    for (uint32_t i = 0; i < in->rows->count; i++) {
        const struct contribution_row *row = &in->rows->items[i];
        int64_t moving = 0, months = row->to % 100 - row->from % 100 + 1;
        for (month_t month = row->from; month <= row->to; month++)
            moving += in->staying == NULL || !month_set_has(in->staying, month);
        interest += (row->interest * moving * 2 + months) / (months * 2);
    }
    bool from_residents = in->direction == PENSION_RESIDENTS_TO_EMPLOYEES;
    out->before_1998 = in->before_1998;
    out->account_closed = from_residents ? in->residents_account : half_up(closed) + (fen_t)interest;
    out->account_running = from_residents ? 0 : half_up(running);
    out->account_total = out->before_1998 + out->account_closed + out->account_running;
    out->pooled = in->direction == PENSION_EMPLOYEES_TO_EMPLOYEES ? half_up(pooled) : 0;
    out->total = out->account_total + out->pooled;
    out->excess_stays = from_residents ? 0 : half_up(excess);
    out->raised = from_residents ? 0 : half_up(raised);
    out->months_counting = from_residents ? 0 : out->months_moved;
}

static unsigned one_funds(uint64_t seed)
{
    static struct contribution_rows rows;
    struct month_set staying = {0};
    struct pension_funds is, want;
    struct transfer_steps steps = {0};
    struct pension_funds_input in = {.rows = &rows, .running_year = 1995 + (uint32_t)any(35)};
    in.direction = any(4) > 0 ? PENSION_EMPLOYEES_TO_EMPLOYEES : (enum pension_direction)(1 + any(2));
    random_rows(&rows, in.running_year);
    for (uint64_t n = any(4); n > 0; n--) {
        month_t from = (in.running_year - (uint32_t)any(20)) * 100 + 1 + (uint32_t)any(12);
        month_set_add(&staying, from, later(from, (uint32_t)any(20)));
    }
    if (any(2) == 0)
        in.staying = &staying;
    if (in.direction == PENSION_RESIDENTS_TO_EMPLOYEES)
        in.residents_account = (fen_t)any(10000000);
    else
        in.before_1998 = (fen_t)any(1000000);
    unsigned wrong = show("ruling", pension_funds_compute(published_first(), &in, &is, &steps), RULE_NONE, seed);
    if (wrong > 0)
        return wrong;
    funds_simply(&in, &want);
    wrong += show("②", is.account_closed, want.account_closed, seed);
    wrong += show("③", is.account_running, want.account_running, seed);
    wrong += show("④", is.account_total, want.account_total, seed);
    wrong += show("⑤", is.pooled, want.pooled, seed);
    wrong += show("⑥", is.total, want.total, seed);
    wrong += show("excess", is.excess_stays, want.excess_stays, seed);
    wrong += show("raised", is.raised, want.raised, seed);
    wrong += show("months", is.months_moved, want.months_moved, seed);
    wrong += show("counting", is.months_counting, want.months_counting, seed);
    wrong += show("last step", steps.items[steps.count - 1].after, want.total, seed);
    return wrong;
}

/* ---- rows ---- */

static bool real_month(month_t month)
{
    return month / 100 >= 1950 && month / 100 <= 2099 && month % 100 >= 1 && month % 100 <= 12;
}

/* Is anything wrong with the form, whatever it be? */
static bool sound_simply(const struct contribution_rows *rows, uint32_t stated)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct contribution_row *row = &rows->items[i];
        sum += row->months;
        if (!real_month(row->from) || !real_month(row->to) || row->to < row->from || row->to / 100 != row->from / 100 ||
            row->months != row->to - row->from + 1 || row->base < 0 || row->base > CONTRIBUTION_BASE_MAX_FEN)
            return false;
        for (uint32_t other = 0; other < i; other++)
            if (rows->items[other].from <= row->to && row->from <= rows->items[other].to)
                return false;
    }
    return sum == stated;
}

static unsigned one_check(uint64_t seed)
{
    static struct contribution_rows rows;
    static struct findings findings;
    uint32_t months = 0;
    memset(&findings, 0, sizeof findings);
    random_rows(&rows, 2024);
    for (uint32_t i = 0; i < rows.count; i++)
        months += rows.items[i].months;
    if (rows.count > 0 && any(2) == 0) {
        struct contribution_row *row = &rows.items[any(rows.count)];
        uint64_t kind = any(6);
        row->from += kind == 0 ? (month_t)any(14) : 0;
        row->to += kind == 1 ? (month_t)any(100) : 0;
        row->to -= kind == 2 ? (month_t)any(3) : 0;
        row->months += kind == 3 ? (uint32_t)any(3) : 0;
        row->base = kind == 4 ? (fen_t)any(3) - 1 : row->base;
        months += kind == 5 ? (uint32_t)any(2) : 0;
    }
    bool is = contribution_check(&rows, months, "form", &findings);
    return show("sound", is, sound_simply(&rows, months), seed) + show("findings", findings.count == 0, is, seed);
}

static const struct contribution_row *row_with(const struct contribution_rows *rows, month_t month)
{
    for (uint32_t i = 0; i < rows->count; i++)
        if (rows->items[i].from <= month && month <= rows->items[i].to)
            return &rows->items[i];
    return NULL;
}

static month_t first_of(const struct contribution_rows *rows)
{
    month_t first = 0;
    for (uint32_t i = 0; i < rows->count; i++)
        first = first == 0 || rows->items[i].from < first ? rows->items[i].from : first;
    return first;
}

/* Month after month; a stretch ends where a month is not paid twice, or another row of the refunding place begins. */
static unsigned one_refund(uint64_t seed)
{
    static struct contribution_rows source, target;
    static struct refund is;
    struct transfer_steps steps = {0};
    fen_t amount = 0;
    uint32_t months = 0, stretches = 0;
    random_rows(&source, 2020 + (uint32_t)any(5));
    random_rows(&target, 2020 + (uint32_t)any(5));
    contribution_refund(published_first(), &source, &target, &is, &steps);
    bool from_target = first_of(&target) >= first_of(&source);
    const struct contribution_row *open = NULL;
    __int128 exact = 0;
    for (month_t month = FIRST; month <= LAST; month = later(month, 1)) {
        const struct contribution_row *at_source = row_with(&source, month), *at_target = row_with(&target, month);
        const struct contribution_row *gives = from_target ? at_target : at_source;
        if (at_source == NULL || at_target == NULL)
            gives = NULL;
        if (gives != open) {
            amount += half_up(exact);
            stretches += open != NULL;
            exact = 0;
        }
        open = gives;
        if (gives == NULL)
            continue;
        months++;
        if (month >= 199801)
            exact += (__int128)gives->base * (gives->account_rate != 0 ? gives->account_rate : account_rate_of(month));
    }
    unsigned wrong = show("refund: amount", is.amount, amount, seed) + show("refund: months", is.months, months, seed);
    wrong += show("refund: stretches", is.stretch_count, stretches, seed);
    wrong += show("refund: set", month_set_count(&is.refunded), months, seed);
    wrong += show("refund: from target", is.from_target, from_target, seed);
    return wrong;
}

/* ---- terms ---- */

static fen_t monthly(const char *region, uint32_t class, uint32_t years, uint32_t month)
{
    static const fen_t hebei[] = {0, 1520, 1432, 1344, 1264};
    if (region[1] == '1')
        return month > 12 ? 2124 : years < 5 ? 2124 : years < 10 ? 2151 : years < 15 ? 2178 : years < 20 ? 2205 : 2233;
    if (region[1] == '2')
        return month > 12 ? 1560 : 1600;
    return hebei[class];
}

static unsigned one_unemployment(uint64_t seed)
{
    static const char *const regions[] = {"110000", "120000", "130000"};
    struct unemployment_input in = {(uint32_t)any(400), 0, regions[any(3)], 0, 20240101 + (civil_date_t)any(28)};
    struct unemployment_funds is;
    struct transfer_steps steps = {0};
    uint32_t years = in.contribution_months / 12, due = years < 5 ? years * 3 : years + 8;
    fen_t benefit = 0;
    due = due > 24 ? 24 : due;
    in.area_class = in.source_region[1] == '3' ? 1 + (uint32_t)any(4) : 0;
    in.months_drawn = any(2) == 0 ? (uint32_t)any(due + 1) : 0;
    for (uint32_t month = in.months_drawn + 1; month <= due; month++)
        benefit += monthly(in.source_region, in.area_class, years, month) * 100;
    unsigned wrong = show("ruling", unemployment_compute(published_first(), &in, &is, &steps), RULE_NONE, seed);
    if (wrong > 0)
        return wrong;
    wrong += show("months due", is.months_due, due, seed) + show("moved", is.months_moved, due - in.months_drawn, seed);
    wrong += show("benefit", is.benefit, benefit, seed) + show("total", is.total, benefit / 2 * 3, seed);
    return wrong + show("relation only", is.relation_only, in.contribution_months < 12, seed);
}

static unsigned one_waiting(uint64_t seed)
{
    struct waiting_employees in = {later(202001, (uint32_t)any(60)), later(202001, (uint32_t)any(72)), any(2) == 0,
                                   (uint32_t)any(7)};
    struct waiting is;
    struct transfer_steps steps = {0};
    uint32_t gap = 0;
    for (month_t month = later(in.last_covered, 1); month < in.first_new; month = later(month, 1))
        gap++;
    bool through = gap == 0 || (gap <= 3 && in.paid_up);
    uint32_t months = through ? 0 : in.target_waiting;
    month_t from = through && gap > 0 ? later(in.last_covered, 1) : later(in.first_new, months);
    unsigned wrong = show("ruling", waiting_employees(published_first(), &in, &is, &steps), RULE_NONE, seed);
    wrong += show("gap", is.gap_months, gap, seed) + show("waiting", is.months, months, seed);
    wrong += show("benefits from", is.benefits_from, from * 100 + 1, seed);
    struct waiting_residents home = {
        later(202312, (uint32_t)any(30)), any(2) == 0, any(6) == 0, (uint32_t)any(12), 0, (uint32_t)any(7)};
    home.years_paid_up = (uint32_t)any(home.years_missed + 1);
    months = 3 + home.years_missed - home.years_paid_up;
    if (home.years_missed >= 4 && months < 6)
        months = 6;
    if (home.exempt || (home.years_missed == 0 && home.in_enrolment_period))
        months = 0;
    if (home.first_new < 202501)
        months = home.target_waiting;
    wrong += show("ruling", waiting_residents(published_first(), &home, &is, &steps), RULE_NONE, seed);
    wrong += show("residents' waiting", is.months, months, seed);
    return wrong + show("benefits from", is.benefits_from, later(home.first_new, months) * 100 + 1, seed);
}

/* The ladder over a calendar of who was paid to in each month. */
static unsigned one_place(uint64_t seed)
{
    static const char *const provinces[] = {"110000", "120000", "130000", "440000"};
    struct pension_stay stays[12] = {0};
    uint32_t count = (uint32_t)any(13), months[4] = {0}, last[4] = {0};
    uint32_t home = (uint32_t)any(4), relation = (uint32_t)any(4);
    struct pension_place is;
    struct transfer_steps steps = {0};
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(stays[i].province, sizeof stays[i].province, "%s", provinces[any(4)]);
        stays[i].from = later(199501, (uint32_t)any(240));
        stays[i].to = later(stays[i].from, (uint32_t)any(130));
        stays[i].temporary = any(6) == 0;
    }
    for (month_t month = 199501; month <= 203012; month = later(month, 1))
        for (uint32_t p = 0; p < 4; p++) {
            bool paid = false;
            for (uint32_t i = 0; i < count; i++)
                paid = paid || (!stays[i].temporary && strcmp(stays[i].province, provinces[p]) == 0 &&
                                stays[i].from <= month && month <= stays[i].to);
            months[p] += paid;
            last[p] = paid ? month : last[p];
        }
    bool at_home = relation == home, ten_here = months[relation] >= 120;
    uint32_t best = 4, ties = 0;
    for (uint32_t p = 0; p < 4; p++)
        if (months[p] >= 120 && (best == 4 || last[p] >= last[best])) {
            ties += best != 4 && last[p] == last[best];
            best = p;
        }
    if (ties > 0 && !at_home && !ten_here) /* left in the same month: either may be said to be the last */
        return 0;
    uint32_t want = at_home || ten_here ? relation : best != 4 ? best : home;
    unsigned wrong = show("ruling",
                          pension_place_find(published_first(), stays, count, provinces[home], provinces[relation],
                                             20250601, &is, &steps),
                          RULE_NONE, seed);
    wrong += show("place", strtol(is.province, NULL, 10), strtol(provinces[want], NULL, 10), seed);
    return wrong + show("months there", is.months, months[want], seed);
}

TEST(the_engines_do_what_the_rules_say)
{
    static unsigned (*const properties[])(uint64_t) = {one_funds,        one_check,   one_refund,
                                                       one_unemployment, one_waiting, one_place};
    const char *wanted = getenv("HUTONG_PROPERTY_TRANSFERS"), *alone = getenv("HUTONG_PROPERTY_SEED");
    uint64_t first = alone != NULL ? strtoull(alone, NULL, 10) : 1;
    uint64_t last = alone != NULL ? first : wanted != NULL ? strtoull(wanted, NULL, 10) : 120000;
    unsigned wrong = 0;
    for (uint64_t seed = first; seed <= last && wrong < 20; seed++)
        for (unsigned p = 0; p < sizeof properties / sizeof properties[0]; p++) {
            random_state = seed * 8 + p;
            wrong += properties[p](seed);
        }
    print_message("seeds %llu to %llu, six properties each, %u differences\n", (unsigned long long)first,
                  (unsigned long long)last, wrong);
    assert_int_equal(wrong, 0);
}
