/* SPDX-License-Identifier: Apache-2.0
 * The money of an unemployment transfer. */
#include "common/engines/transfer/unemployment.h"

#include <stddef.h>
#include <string.h>

#include "common/base/check.h"
#include "common/engines/gazette/published.h"

uint32_t unemployment_months_due(const struct published *published, uint32_t contribution_months)
{
    uint32_t years = contribution_months / 12, months = 0;
    for (uint32_t i = 0; i < published->benefit_months_count && published->benefit_months[i].years <= years; i++)
        months = published->benefit_months[i].months;
    return months;
}

static bool of_table(const struct benefit_standard *row, const struct unemployment_input *input)
{
    return strcmp(row->region, input->source_region) == 0 && row->area_class == input->area_class &&
           row->valid_from <= input->contact_letter_day &&
           (row->valid_to == 0 || input->contact_letter_day <= row->valid_to);
}

/* First day of the table in force; 0: none. */
static civil_date_t table_of(const struct published *published, const struct unemployment_input *input)
{
    civil_date_t latest = 0;
    for (uint32_t i = 0; i < published->standard_count; i++)
        if (of_table(&published->standards[i], input) && published->standards[i].valid_from > latest)
            latest = published->standards[i].valid_from;
    return latest;
}

/* The row of the table with the greatest month_from, then years_from, that applies. NULL: none. */
static const struct benefit_standard *benefit_row_of(const struct published *published,
                                                     const struct unemployment_input *input, civil_date_t table,
                                                     uint32_t years, uint32_t month)
{
    const struct benefit_standard *found = NULL;
    for (uint32_t i = 0; i < published->standard_count; i++) {
        const struct benefit_standard *row = &published->standards[i];
        if (!of_table(row, input) || row->valid_from != table || row->month_from > month || row->years_from > years)
            continue;
        if (found == NULL || row->month_from > found->month_from ||
            (row->month_from == found->month_from && row->years_from > found->years_from))
            found = row;
    }
    return found;
}

static enum rule sum_benefit(const struct published *published, const struct unemployment_input *input,
                             struct unemployment_funds *funds, struct transfer_steps *steps)
{
    civil_date_t table = table_of(published, input);
    uint32_t years = input->contribution_months / 12, stretch_months = 0;
    fen_t stretch_monthly = 0;
    for (uint32_t month = input->months_drawn + 1; month <= funds->months_due; month++) {
        const struct benefit_standard *row = benefit_row_of(published, input, table, years, month);
        if (row == NULL)
            return RULE_UNEMPLOYMENT_STANDARD_UNKNOWN;
        fen_t monthly = row->monthly;
        if (monthly != stretch_monthly && stretch_months > 0) {
            transfer_steps_add(steps, STEP_BENEFIT_MONTHLY, stretch_monthly, stretch_months,
                               stretch_monthly * stretch_months, 0);
            stretch_months = 0;
        }
        stretch_monthly = monthly;
        stretch_months++;
        funds->benefit += monthly;
    }
    if (stretch_months > 0)
        transfer_steps_add(steps, STEP_BENEFIT_MONTHLY, stretch_monthly, stretch_months,
                           stretch_monthly * stretch_months, 0);
    return RULE_NONE;
}

enum rule unemployment_compute(const struct published *published, const struct unemployment_input *input,
                               struct unemployment_funds *funds, struct transfer_steps *steps)
{
    struct transfer_steps added = *steps;
    struct unemployment_funds result = {.months_due = unemployment_months_due(published, input->contribution_months)};
    int32_t factor = parameter_value(published, PARAMETER_BENEFIT_FACTOR, input->contact_letter_day);
    PRE(civil_date_exists(input->contact_letter_day));
    if (input->months_drawn > result.months_due)
        return RULE_UNEMPLOYMENT_DRAWN_MORE;
    result.months_moved = result.months_due - input->months_drawn;
    result.relation_only = result.months_due == 0;
    transfer_steps_total(&added, STEP_BENEFIT_YEARS, 0, input->contribution_months / 12, 0);
    if (result.relation_only) {
        transfer_steps_total(&added, STEP_RELATION_ONLY, 0, input->contribution_months, 0);
    } else {
        transfer_steps_total(&added, STEP_BENEFIT_MONTHS_DUE, 0, result.months_due, 0);
        enum rule rule = sum_benefit(published, input, &result, &added);
        if (rule != RULE_NONE)
            return rule;
        enum status shared = money_share(result.benefit, factor, &result.total);
        INVARIANT(shared == OK); /* 24 monthly benefits of our own table */
        transfer_steps_total(&added, STEP_BENEFIT_SUM, 0, result.months_moved, result.benefit);
        transfer_steps_total(&added, STEP_BENEFIT_WITH_HALF, result.benefit, factor, result.total);
    }
    *funds = result;
    *steps = added;
    return RULE_NONE;
}
