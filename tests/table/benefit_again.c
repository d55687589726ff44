/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/table/benefit_again.h"

#include <stdio.h>
#include <string.h>

#include "common/codes/logic.h"

enum { KNOWN_MAX = 512 };
#define ONE ((wide_t)100000000) /* 100 % */

/* Amounts, and ratios in 10^-8, that may be used. */
struct known {
    int64_t amounts[KNOWN_MAX], ratios[KNOWN_MAX];
    unsigned amount_count, ratio_count;
};

const struct published *published_in_full(void)
{
    static struct published full;
    full = *published_first();
    full.logic = LOGIC_VERSION_KNOWN;
    return &full;
}

static void know(struct known *known, fen_t amount)
{
    known->amounts[known->amount_count++] = amount;
}

static void know_ratio(struct known *known, int64_t basis_points)
{
    known->ratios[known->ratio_count++] = basis_points * 10000;
}

static bool holds(const int64_t *values, unsigned count, int64_t value)
{
    for (unsigned i = 0; i < count; i++)
        if (values[i] == value)
            return true;
    return false;
}

static void know_bands(struct known *known, const struct policy_band *bands, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        know(known, bands[i].upper);
        know_ratio(known, bands[i].ratio);
    }
}

/* The policy, as far as it governs this bill, and the year so far. */
static void know_inputs(struct known *known, const struct benefit_input *in, const struct benefit_result *result)
{
    const struct policy *policy = in->policy;
    struct accumulators year = *in->year;
    const fen_t amounts[] = {0,
                             policy->pool_cap,
                             policy->large_amount_cap,
                             policy->catastrophic_deductible,
                             policy->catastrophic_cap,
                             policy->assistance_cap,
                             policy->retired_deductible_less,
                             policy->retired_deductible_min,
                             in->account_balance,
                             result->amounts.wholly_own,
                             result->amounts.above_limit,
                             result->amounts.first_own_share};
    const int64_t ratios[] = {policy->large_amount_ratio, policy->retired_large_amount_ratio, policy->minor_deductible,
                              policy->civil_servant_aid, policy->catastrophic_poor_deductible};
    for (unsigned i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        know(known, amounts[i]);
    for (unsigned i = 0; i < sizeof ratios / sizeof ratios[0]; i++)
        know_ratio(known, ratios[i]);
    for (uint32_t i = 0; accumulators_at(&year, i) != NULL; i++)
        know(known, *accumulators_at(&year, i));
    for (uint32_t i = 0; i < policy->assistance_count; i++) {
        know(known, policy->assistance[i].deductible);
        know_ratio(known, policy->assistance[i].ratio);
    }
    know_bands(known, policy->catastrophic_bands, policy->catastrophic_band_count);
    if (result->row == 0)
        return;
    if (result->outpatient) {
        const struct policy_outpatient *rule = &policy->outpatient[result->row - 1];
        know(known, rule->deductible);
        know(known, rule->cap);
        know_bands(known, rule->bands, rule->band_count);
    } else {
        const struct policy_inpatient *rule = &policy->inpatient[result->row - 1];
        know(known, rule->deductible_first);
        know(known, rule->deductible_later);
        know_bands(known, rule->bands, rule->band_count);
    }
}

static int64_t rounded(wide_t top, wide_t bottom)
{
    return (int64_t)((2 * top + bottom) / (2 * bottom));
}

/* By the form alone; *sum is what bands came to. */
static int64_t again(enum step_form form, int64_t before, int64_t parameter, int64_t after, int64_t sum)
{
    wide_t points = (wide_t)parameter * 10000;
    switch (form) {
    case FORM_SUM:
        return sum;
    case FORM_TIMES:
        return rounded((wide_t)before * parameter, ONE);
    case FORM_DIVIDED:
        return rounded(before * ONE, parameter);
    case FORM_PLUS:
        return before + parameter;
    case FORM_LESS:
        return before > parameter ? before - parameter : 0;
    case FORM_AT_MOST:
        return before < parameter ? before : parameter;
    case FORM_AT_LEAST:
        return before > parameter ? before : parameter;
    case FORM_OWN_SHARE:
        return (int64_t)(ONE - (ONE - before) * parameter / 10000);
    case FORM_POINTS_MORE:
        return (int64_t)(before + points > ONE ? ONE : before + points);
    case FORM_POINTS_LESS:
        return (int64_t)(before > points ? before - points : 0);
    default:
        return after;
    }
}

static bool is_of_ratios(enum step_form form)
{
    return form == FORM_OWN_SHARE || form == FORM_POINTS_MORE || form == FORM_POINTS_LESS;
}

/* Was every operand to be seen? Crumbs and points are their own; a band's amount is the way between its ends. */
static bool operands_are_known(const struct known *known, const struct step *step, enum step_form form)
{
    bool amount = holds(known->amounts, known->amount_count, step->before);
    bool parameter = holds(known->amounts, known->amount_count, step->parameter);
    bool ratio = holds(known->ratios, known->ratio_count, step->parameter);
    bool is_band = step->upper > 0;
    switch (form) {
    case FORM_SHOWN:
        return false;
    case FORM_STATED:
    case FORM_PARAMETER:
    case FORM_SUM:
        return true;
    case FORM_TIMES:
        if (is_band)
            amount = step->before == step->upper - step->lower &&
                     holds(known->amounts, known->amount_count, step->lower) &&
                     holds(known->amounts, known->amount_count, step->upper);
        return amount && ratio;
    case FORM_DIVIDED:
        return amount && ratio;
    case FORM_OWN_SHARE:
    case FORM_POINTS_MORE:
    case FORM_POINTS_LESS:
        return holds(known->ratios, known->ratio_count, step->before);
    default:
        /* The part before the cap in its band starts where that band was printed to start. */
        return amount && (parameter || step->rule == STEP_CRUMBS);
    }
}

/* Which amount a step leads to: the last of each group is that amount. */
enum group { NO_GROUP, DEDUCTIBLE, POOL, CIVIL, LARGE, CATASTROPHIC, ASSISTANCE, ACCOUNT, CASH, GROUPS };

static enum group group_of(const struct step *step, enum group current)
{
    static const struct {
        uint32_t first, last;
        enum group group;
    } groups[] = {{STEP_STAY_DEDUCTIBLE, STEP_DEDUCTIBLE_TAKEN, DEDUCTIBLE},
                  {STEP_OUTPATIENT_CAP_LEFT, STEP_BANDS, POOL},
                  {STEP_OUTPATIENT_AT_MOST, STEP_POOL_AT_MOST, POOL},
                  {STEP_UP_TO_CAP, STEP_CIVIL_SERVANT_LEFT, CIVIL},
                  {STEP_LARGE_SHARE, STEP_LARGE_LEFT, LARGE},
                  {STEP_CATASTROPHIC_BASE, STEP_CATASTROPHIC_LEFT, CATASTROPHIC},
                  {STEP_ASSISTANCE_BASE, STEP_ASSISTANCE_LEFT, ASSISTANCE},
                  {STEP_ACCOUNT, STEP_ACCOUNT, ACCOUNT},
                  {STEP_CASH_LEFT, STEP_CASH_LEFT, CASH}};
    if (step->rule == STEP_CRUMBS)
        return current;
    for (unsigned i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (step->rule >= groups[i].first && step->rule <= groups[i].last)
            return groups[i].group;
    return NO_GROUP;
}

static const char *say(const char *what, unsigned step, int64_t is, int64_t wanted)
{
    static char text[128];
    (void)snprintf(text, sizeof text, "%s, step %u: %lld, not %lld", what, step, (long long)is, (long long)wanted);
    return text;
}

static const char *compare_last(const struct amounts *amounts, const int64_t last[GROUPS])
{
    const fen_t wanted[GROUPS] = {[DEDUCTIBLE] = amounts->deductible,         [POOL] = amounts->pool_pay,
                                  [CIVIL] = amounts->civil_servant_pay,       [LARGE] = amounts->large_amount_pay,
                                  [CATASTROPHIC] = amounts->catastrophic_pay, [ASSISTANCE] = amounts->assistance_pay,
                                  [ACCOUNT] = amounts->account_pay,           [CASH] = amounts->cash_pay};
    for (unsigned i = DEDUCTIBLE; i < GROUPS; i++)
        if (last[i] != wanted[i])
            return say("the last of group", i, last[i], wanted[i]);
    return NULL;
}

const char *steps_again(const struct benefit_input *in, const struct benefit_result *result)
{
    static struct known known;
    int64_t last[GROUPS] = {0}, sum = 0;
    enum group group = NO_GROUP;
    known = (struct known){0};
    know_inputs(&known, in, result);
    for (unsigned i = 0; i < result->step_count; i++) {
        const struct step *step = &result->steps[i];
        const struct benefit_step_text *text = benefit_step_find(step->rule);
        if (text == NULL || !operands_are_known(&known, step, text->form))
            return say("operands", step->rule, step->before, step->parameter);
        int64_t after = again(text->form, step->before, step->parameter, step->after, sum);
        if (after != step->after)
            return say("after", step->rule, step->after, after);
        sum = step->upper > 0 ? sum + after : text->form == FORM_SUM ? 0 : sum;
        group = group_of(step, group);
        last[group] = after;
        if (is_of_ratios(text->form))
            known.ratios[known.ratio_count++] = after;
        else
            know(&known, after);
    }
    if (result->step_count >= BENEFIT_STEPS_MAX)
        return say("too many steps", result->step_count, 0, 0);
    return compare_last(&result->amounts, last);
}
