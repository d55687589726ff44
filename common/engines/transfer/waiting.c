/* SPDX-License-Identifier: Apache-2.0
 * Waiting periods of medical insurance. */
#include "common/engines/transfer/waiting.h"

#include "common/engines/gazette/published.h"

static uint32_t value_on(const struct published *published, enum parameter parameter, month_t month)
{
    return (uint32_t)parameter_value(published, parameter, month_first_day(month));
}

/* Benefits from the first of the month that lies `months` after `first_new`. */
static enum rule begin(month_t first_new, uint64_t months, struct waiting *waiting, struct transfer_steps *steps)
{
    if (month_index(first_new) + months >= MONTHS_COUNT)
        return RULE_WAITING_MONTH_INVALID;
    waiting->months = (uint32_t)months;
    waiting->benefits_from = month_first_day(month_at(month_index(first_new) + waiting->months));
    transfer_steps_total(steps, STEP_WAITING, 0, waiting->months, 0);
    transfer_steps_total(steps, STEP_BENEFITS_FROM, 0, waiting->benefits_from, 0);
    return RULE_NONE;
}

enum rule waiting_employees(const struct published *published, const struct waiting_employees *input,
                            struct waiting *waiting, struct transfer_steps *steps)
{
    struct transfer_steps added = *steps;
    struct waiting result = {0};
    month_t cover_from = input->first_new;
    uint32_t months = 0;
    if (!month_exists(input->last_covered) || !month_exists(input->first_new))
        return RULE_WAITING_MONTH_INVALID;
    if (input->target_waiting > value_on(published, PARAMETER_WAITING_MONTHS_MAX, input->first_new))
        return RULE_WAITING_TOO_LONG;
    uint32_t gap_max = value_on(published, PARAMETER_GAP_MONTHS, input->first_new);
    result.gap_months = months_gap(input->last_covered, input->first_new);
    transfer_steps_total(&added, STEP_GAP, 0, result.gap_months, 0);
    if (result.gap_months == 0 || (result.gap_months <= gap_max && input->paid_up)) {
        result.runs_through = true;
        if (result.gap_months > 0)
            cover_from = month_at(month_index(input->last_covered) + 1);
        transfer_steps_total(&added, STEP_RUNS_THROUGH, 0, gap_max, 0);
    } else {
        months = input->target_waiting;
        transfer_steps_total(&added, STEP_TARGET_WAITING, 0, months, 0);
    }
    enum rule rule = begin(cover_from, months, &result, &added);
    if (rule != RULE_NONE)
        return rule;
    *waiting = result;
    *steps = added;
    return RULE_NONE;
}

/* By the national rule, in force since 2025. */
static uint64_t residents_months(const struct published *published, const struct waiting_residents *input,
                                 struct transfer_steps *steps)
{
    uint32_t a_year = value_on(published, PARAMETER_RESIDENTS_WAITING_YEAR, input->first_new);
    uint32_t least = value_on(published, PARAMETER_RESIDENTS_WAITING_LEAST, input->first_new);
    uint64_t months = value_on(published, PARAMETER_RESIDENTS_WAITING_FIXED, input->first_new);
    if (input->exempt || (input->years_missed == 0 && input->in_enrolment_period))
        return 0;
    transfer_steps_total(steps, STEP_WAITING_FIXED, 0, (int64_t)months, 0);
    months += (uint64_t)(input->years_missed - input->years_paid_up) * a_year;
    transfer_steps_total(steps, STEP_WAITING_MISSED, 0, (int64_t)input->years_missed * a_year, 0);
    transfer_steps_total(steps, STEP_WAITING_PAID_UP, 0, (int64_t)input->years_paid_up * a_year, 0);
    if (input->years_missed >= value_on(published, PARAMETER_RESIDENTS_MISSED_LONG, input->first_new) &&
        months < least) {
        months = least;
        transfer_steps_total(steps, STEP_WAITING_LEAST, 0, least, 0);
    }
    return months;
}

enum rule waiting_residents(const struct published *published, const struct waiting_residents *input,
                            struct waiting *waiting, struct transfer_steps *steps)
{
    struct transfer_steps added = *steps;
    struct waiting result = {0};
    uint64_t months = input->target_waiting;
    if (!month_exists(input->first_new))
        return RULE_WAITING_MONTH_INVALID;
    if (input->years_paid_up > input->years_missed)
        return RULE_WAITING_PAID_UP_MORE;
    if (input->target_waiting > value_on(published, PARAMETER_WAITING_MONTHS_MAX, input->first_new))
        return RULE_WAITING_TOO_LONG;
    if (parameter_on(published, PARAMETER_RESIDENTS_WAITING_FIXED, month_first_day(input->first_new)) != NULL)
        months = residents_months(published, input, &added);
    else
        transfer_steps_total(&added, STEP_TARGET_WAITING, 0, (int64_t)months, 0);
    enum rule rule = begin(input->first_new, months, &result, &added);
    if (rule != RULE_NONE)
        return rule;
    *waiting = result;
    *steps = added;
    return RULE_NONE;
}
