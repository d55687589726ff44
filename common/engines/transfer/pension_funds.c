/* SPDX-License-Identifier: Apache-2.0
 * The funds of a pension transfer. Exact sums are kept in fen x basis points. */
#include "common/engines/transfer/pension_funds.h"

#include <stdio.h>

#include "common/engines/gazette/published.h"

/* Neighbouring rows at one rate are one step of the explanation. */
struct rate_stretch {
    enum transfer_step step;
    basis_points_t rate;
    wide_t bases;
    uint32_t months;
};

struct work {
    const struct published *published;
    const struct pension_funds_input *in;
    struct transfer_steps *steps;
    struct rate_stretch account_stretch, pooled_stretch;
    wide_t closed, running, pooled, excess, raised; /* fen x basis points */
    wide_t interest;                                /* fen */
    uint32_t months, pooled_months;
};

static fen_t to_fen(wide_t exact)
{
    return (fen_t)money_round_half_up(exact, BASIS_POINTS_ONE);
}

static void rate_stretch_close(struct work *work, struct rate_stretch *rate_stretch)
{
    if (rate_stretch->months > 0)
        transfer_steps_add(work->steps, rate_stretch->step, (fen_t)rate_stretch->bases, rate_stretch->rate,
                           to_fen(rate_stretch->bases * rate_stretch->rate), rate_stretch->months);
    rate_stretch->bases = 0;
    rate_stretch->months = 0;
}

static void rate_stretch_extend(struct work *work, struct rate_stretch *rate_stretch, basis_points_t rate, fen_t base,
                                uint32_t months)
{
    if (rate != rate_stretch->rate)
        rate_stretch_close(work, rate_stretch);
    rate_stretch->rate = rate;
    rate_stretch->bases += (wide_t)base * months;
    rate_stretch->months += months;
}

static uint32_t moving_months(const struct work *work, month_t from, month_t to)
{
    uint32_t months = 0;
    for (month_t month = from; month <= to; month++)
        months += work->in->staying == NULL || !month_set_has(work->in->staying, month);
    return months;
}

static void add_account(struct work *work, const struct contribution_row *row, basis_points_t rate, uint32_t months)
{
    wide_t bases = (wide_t)row->base * months;
    if (row->from / 100 == work->in->running_year)
        work->running += bases * rate;
    else
        work->closed += bases * rate;
    if (row->account_rate > rate)
        work->excess += bases * (row->account_rate - rate);
    else if (row->account_rate > 0)
        work->raised += bases * (rate - row->account_rate);
    rate_stretch_extend(work, &work->account_stretch, rate, row->base, months);
}

/* 12 %, and for a temporary account what the unit paid where that was more; flexible workers have no unit. */
static void add_pooled(struct work *work, const struct contribution_row *row, basis_points_t rate, uint32_t months)
{
    if (row->kind == CONTRIBUTION_TEMPORARY && row->unit_rate > rate)
        rate = row->unit_rate;
    work->pooled += (wide_t)row->base * months * rate;
    work->pooled_months += months;
    rate_stretch_extend(work, &work->pooled_stretch, rate, row->base, months);
}

static void add_interest(struct work *work, const struct contribution_row *row)
{
    uint32_t moving = moving_months(work, row->from, row->to), months = row->to - row->from + 1;
    work->interest += money_round_half_up((wide_t)row->interest * moving, months);
}

static enum rule add_row(struct work *work, const struct contribution_row *row)
{
    /* A row lies in one calendar year, and rates change at new year: transfer_waiting.c holds the data to it. */
    const struct parameter_row *account =
        parameter_on(work->published, PARAMETER_ACCOUNT_RATE, month_first_day(row->from));
    const struct parameter_row *pooled =
        parameter_on(work->published, PARAMETER_POOLED_RATE, month_first_day(row->from));
    bool pooled_moves = work->in->direction == PENSION_EMPLOYEES_TO_EMPLOYEES;
    if (row->from / 100 > work->in->running_year)
        return RULE_TRANSFER_ROW_AFTER_YEAR;
    if (row->interest > 0 && row->from / 100 == work->in->running_year)
        return RULE_TRANSFER_RUNNING_INTEREST;
    if (row->interest > 0 && account == NULL)
        return RULE_CONTRIBUTION_AMOUNT_RANGE;
    add_interest(work, row);
    uint32_t months = moving_months(work, row->from, row->to);
    work->months += months;
    if (account != NULL)
        add_account(work, row, account->value, months);
    if (pooled != NULL && pooled_moves)
        add_pooled(work, row, pooled->value, months);
    return RULE_NONE;
}

static void explain(const struct work *work, const struct pension_funds *funds)
{
    const struct pension_funds_input *in = work->in;
    transfer_steps_total(work->steps, STEP_BEFORE_1998, 0, 0, funds->before_1998);
    transfer_steps_total(work->steps, STEP_ACCOUNT_CLOSED, 0, (int64_t)work->interest, funds->account_closed);
    transfer_steps_total(work->steps, STEP_ACCOUNT_RUNNING, 0, in->running_year, funds->account_running);
    if (funds->excess_stays > 0)
        transfer_steps_total(work->steps, STEP_EXCESS_STAYS, 0, 0, funds->excess_stays);
    if (funds->raised > 0)
        transfer_steps_total(work->steps, STEP_RAISED, 0, 0, funds->raised);
    transfer_steps_total(work->steps, STEP_ACCOUNT_TOTAL, 0, 0, funds->account_total);
    if (in->direction == PENSION_EMPLOYEES_TO_EMPLOYEES)
        transfer_steps_total(work->steps, STEP_POOLED, 0, work->pooled_months, funds->pooled);
    if (in->direction == PENSION_EMPLOYEES_TO_RESIDENTS)
        transfer_steps_total(work->steps, STEP_NO_POOLED, 0, work->months, 0);
    if (in->direction == PENSION_RESIDENTS_TO_EMPLOYEES)
        transfer_steps_total(work->steps, STEP_YEARS_DO_NOT_COUNT, 0, work->months, 0);
    transfer_steps_total(work->steps, STEP_FUNDS_TOTAL, funds->account_total, 0, funds->total);
}

/* Of the employees' scheme: every row at its rates. Of the residents' scheme the account moves as it stands. */
static enum rule add_rows(struct work *work)
{
    const struct contribution_rows *rows = work->in->rows;
    for (uint32_t i = 0; i < rows->count; i++) {
        if (work->in->direction == PENSION_RESIDENTS_TO_EMPLOYEES) {
            if (rows->items[i].from / 100 > work->in->running_year)
                return RULE_TRANSFER_ROW_AFTER_YEAR;
            work->months += moving_months(work, rows->items[i].from, rows->items[i].to);
            continue;
        }
        enum rule rule = add_row(work, &rows->items[i]);
        if (rule != RULE_NONE)
            return rule;
    }
    rate_stretch_close(work, &work->account_stretch);
    rate_stretch_close(work, &work->pooled_stretch);
    return RULE_NONE;
}

static enum status sum_up(const struct work *work, struct pension_funds *funds)
{
    const struct pension_funds_input *in = work->in;
    wide_t closed = to_fen(work->closed) + work->interest + in->residents_account;
    *funds = (struct pension_funds){
        .before_1998 = in->before_1998,
        .account_running = to_fen(work->running),
        .pooled = to_fen(work->pooled),
        .excess_stays = to_fen(work->excess),
        .raised = to_fen(work->raised),
        .months_moved = work->months,
        .months_counting = in->direction == PENSION_RESIDENTS_TO_EMPLOYEES ? 0 : work->months,
    };
    TRY(money_narrow(closed, &funds->account_closed));
    TRY(money_narrow(closed + funds->before_1998 + funds->account_running, &funds->account_total));
    return money_add(funds->account_total, funds->pooled, &funds->total);
}

enum rule pension_funds_compute(const struct published *published, const struct pension_funds_input *input,
                                struct pension_funds *funds, struct transfer_steps *steps)
{
    struct transfer_steps added = *steps;
    struct work work = {.published = published,
                        .in = input,
                        .steps = &added,
                        .account_stretch = {.step = STEP_ACCOUNT_AT_RATE},
                        .pooled_stretch = {.step = STEP_POOLED_AT_RATE}};
    struct pension_funds result;
    bool from_residents = input->direction == PENSION_RESIDENTS_TO_EMPLOYEES;
    if (input->before_1998 < 0 || input->before_1998 > FEN_MAX || input->residents_account < 0 ||
        input->residents_account > FEN_MAX || (from_residents ? input->before_1998 : input->residents_account) != 0)
        return RULE_TRANSFER_AMOUNT_RANGE;
    enum rule rule = add_rows(&work);
    if (rule != RULE_NONE)
        return rule;
    if (sum_up(&work, &result) != OK)
        return RULE_TRANSFER_AMOUNT_RANGE;
    explain(&work, &result);
    *funds = result;
    *steps = added;
    return RULE_NONE;
}

bool pension_funds_agree(const struct pension_funds *stated, const struct pension_funds *due, const char *prefix,
                         struct findings *findings)
{
    const struct {
        const char *field;
        fen_t stated, due;
    } pairs[] = {
        {"before_1998", stated->before_1998, due->before_1998},
        {"account_closed", stated->account_closed, due->account_closed},
        {"account_running", stated->account_running, due->account_running},
        {"account_total", stated->account_total, due->account_total},
        {"pooled", stated->pooled, due->pooled},
        {"total", stated->total, due->total},
    };
    bool agree = true;
    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char path[FINDING_PATH_MAX + 1], detail[FINDING_DETAIL_MAX + 1], says[32], is[32];
        if (pairs[i].stated == pairs[i].due)
            continue;
        money_describe(pairs[i].stated, says);
        money_describe(pairs[i].due, is);
        (void)snprintf(path, sizeof path, "%.36s.%s", prefix, pairs[i].field);
        (void)snprintf(detail, sizeof detail, "stated %s, due %s", says, is);
        findings_add(findings, RULE_PENSION_FUNDS_DIFFER, path, detail);
        agree = false;
    }
    return agree;
}

bool pension_funds_match(const struct pension_funds *due, fen_t received)
{
    return due->total == received;
}
