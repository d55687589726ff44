/* SPDX-License-Identifier: Apache-2.0
 * Contribution rows. */
#include "common/engines/transfer/contribution.h"

#include <stdio.h>
#include <string.h>

#include "common/codes/rule.h"
#include "common/engines/gazette/published.h"

struct place {
    struct findings *findings;
    const char *prefix;
};

static void report(const struct place *place, enum rule rule, uint32_t row, const char *field)
{
    char path[FINDING_PATH_MAX + 1];
    (void)snprintf(path, sizeof path, "%.36s.rows[%u].%s", place->prefix, row, field);
    findings_add(place->findings, rule, path, NULL);
}

static bool amounts_in_domain(const struct contribution_row *row)
{
    return row->base >= 0 && row->base <= CONTRIBUTION_BASE_MAX_FEN && row->unit_rate >= 0 &&
           row->unit_rate <= BASIS_POINTS_ONE && row->account_rate >= 0 && row->account_rate <= BASIS_POINTS_ONE &&
           row->interest >= 0 && row->interest <= FEN_MAX && row->kind < CONTRIBUTION_KINDS_COUNT;
}

/* Of one row, without regard to the others. True: its months may be asked for. */
static bool check_row(const struct contribution_row *row, const struct place *place, uint32_t index)
{
    if (!amounts_in_domain(row))
        report(place, RULE_CONTRIBUTION_AMOUNT_RANGE, index, "base");
    if (!month_exists(row->from))
        report(place, RULE_CONTRIBUTION_MONTH_INVALID, index, "from");
    if (!month_exists(row->to))
        report(place, RULE_CONTRIBUTION_MONTH_INVALID, index, "to");
    if (!month_exists(row->from) || !month_exists(row->to))
        return false;
    if (row->to < row->from) {
        report(place, RULE_CONTRIBUTION_END_BEFORE_START, index, "to");
        return false;
    }
    if (row->from / 100 != row->to / 100)
        report(place, RULE_CONTRIBUTION_ROW_TWO_YEARS, index, "to");
    if (row->months != month_index(row->to) - month_index(row->from) + 1)
        report(place, RULE_CONTRIBUTION_MONTHS_WRONG, index, "months");
    return true;
}

static bool overlaps(const struct month_set *seen, const struct contribution_row *row)
{
    for (uint32_t i = month_index(row->from); i <= month_index(row->to); i++)
        if (month_set_has(seen, month_at(i)))
            return true;
    return false;
}

bool contribution_check(const struct contribution_rows *rows, uint32_t stated_months, const char *prefix,
                        struct findings *findings)
{
    struct place place = {findings, prefix};
    struct month_set seen = {0};
    uint64_t months = 0;
    uint32_t before = findings->count;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct contribution_row *row = &rows->items[i];
        months += row->months;
        if (!check_row(row, &place, i))
            continue;
        if (overlaps(&seen, row))
            report(&place, RULE_CONTRIBUTION_OVERLAP, i, "from");
        month_set_add(&seen, row->from, row->to);
    }
    if (months != stated_months) {
        char path[FINDING_PATH_MAX + 1], detail[FINDING_DETAIL_MAX + 1];
        (void)snprintf(path, sizeof path, "%.36s.months", prefix);
        (void)snprintf(detail, sizeof detail, "stated %u, rows %llu", stated_months, (unsigned long long)months);
        findings_add(findings, RULE_CONTRIBUTION_TOTAL_WRONG, path, detail);
    }
    return findings->count == before && !findings->overflow;
}

void contribution_months(const struct contribution_rows *rows, struct month_set *set)
{
    memset(set, 0, sizeof *set);
    for (uint32_t i = 0; i < rows->count; i++)
        month_set_add(set, rows->items[i].from, rows->items[i].to);
}

/* ---- paid in both places ---- */

static basis_points_t recorded_rate(const struct published *published, const struct contribution_row *row,
                                    month_t month)
{
    const struct parameter_row *statutory = parameter_on(published, PARAMETER_ACCOUNT_RATE, month_first_day(month));
    if (statutory == NULL)
        return 0;
    return row->account_rate > 0 ? row->account_rate : statutory->value;
}

static void close_stretch(struct refund *refund, struct refund_stretch *stretch, wide_t exact,
                          struct transfer_steps *steps)
{
    if (stretch->months == 0)
        return;
    stretch->amount = (fen_t)money_round_half_up(exact, BASIS_POINTS_ONE); /* 12 x base x 100 % at most */
    refund->months += stretch->months;
    refund->amount += stretch->amount;
    refund->stretches[refund->stretch_count++] = *stretch;
    transfer_steps_add(steps, STEP_REFUND, 0, stretch->from, stretch->amount, stretch->months);
    month_set_add(&refund->refunded, stretch->from, stretch->to);
    *stretch = (struct refund_stretch){0};
}

static void refund_row(const struct published *published, const struct contribution_row *row,
                       const struct month_set *both, struct refund *refund, struct transfer_steps *steps)
{
    struct refund_stretch stretch = {0};
    wide_t exact = 0;
    for (month_t month = row->from; month <= row->to; month++) { /* one calendar year: YYYYMM counts on */
        if (!month_set_has(both, month)) {
            close_stretch(refund, &stretch, exact, steps);
            exact = 0;
            continue;
        }
        if (stretch.months++ == 0)
            stretch.from = month;
        stretch.to = month;
        exact += (wide_t)row->base * recorded_rate(published, row, month);
    }
    close_stretch(refund, &stretch, exact, steps);
}

void contribution_refund(const struct published *published, const struct contribution_rows *source,
                         const struct contribution_rows *target, struct refund *refund, struct transfer_steps *steps)
{
    struct month_set at_source, at_target, both;
    contribution_months(source, &at_source);
    contribution_months(target, &at_target);
    month_set_both(&at_source, &at_target, &both);
    memset(refund, 0, sizeof *refund);
    refund->from_target = month_set_first(&at_target) >= month_set_first(&at_source);
    const struct contribution_rows *later = refund->from_target ? target : source;
    for (uint32_t i = 0; i < later->count; i++)
        refund_row(published, &later->items[i], &both, refund, steps);
    if (refund->months > 0)
        transfer_steps_total(steps, STEP_REFUND_TOTAL, 0, refund->months, refund->amount);
}

/* ---- one-off contributions ---- */

void contribution_undocumented(const struct published *published, const struct contribution_rows *rows,
                               civil_date_t day, const char *prefix, struct findings *findings,
                               struct month_set *carved, struct transfer_steps *steps)
{
    uint32_t months = 0, threshold = (uint32_t)parameter_value(published, PARAMETER_ONE_OFF_MONTHS, day);
    memset(carved, 0, sizeof *carved);
    for (uint32_t i = 0; i < rows->count; i++)
        months += rows->items[i].one_off ? rows->items[i].months : 0;
    if (months < threshold)
        return;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct contribution_row *row = &rows->items[i];
        if (!row->one_off || row->one_off_documented)
            continue;
        char path[FINDING_PATH_MAX + 1];
        (void)snprintf(path, sizeof path, "%.36s.rows[%u]", prefix, i);
        findings_add(findings, RULE_PENSION_ONE_OFF_UNDOCUMENTED, path, NULL);
        month_set_add(carved, row->from, row->to);
    }
    if (month_set_count(carved) > 0)
        transfer_steps_total(steps, STEP_ONE_OFF_CARVED, 0, month_set_count(carved), 0);
}
