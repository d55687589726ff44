/* SPDX-License-Identifier: Apache-2.0
 * The plan's floors: 冀政发〔2018〕12号 附件1, items 19-25. */
#include "common/engines/policy/policy_floors.h"

/* What an ordinary stay of 20,000 yuan in scope at this row comes to, in basis points: the plan speaks of the average.
 */
static basis_points_t typical_ratio(const struct policy_inpatient *rule)
{
    enum { TYPICAL_FEN = 2000000 };
    fen_t lower = rule->deductible_first, paid = 0;
    for (uint32_t i = 0; i < rule->band_count && lower < TYPICAL_FEN; i++) {
        fen_t upper =
            rule->bands[i].upper == 0 || rule->bands[i].upper > TYPICAL_FEN ? TYPICAL_FEN : rule->bands[i].upper;
        if (upper <= lower)
            continue;
        paid += (upper - lower) * rule->bands[i].ratio;
        lower = upper;
    }
    return (basis_points_t)(paid / TYPICAL_FEN);
}

void policy_floors_check(const struct policy *policy, struct buffer *warnings)
{
    enum { INPATIENT_FLOOR = 7500, CATASTROPHIC_FLOOR = 5000, ASSISTANCE_FLOOR = 7000 };
    basis_points_t sum = 0, count = 0;
    for (uint32_t i = 0; i < policy->inpatient_count; i++)
        if (policy->inpatient[i].care == CARE_ORDINARY) {
            sum += typical_ratio(&policy->inpatient[i]);
            count++;
        }
    if (count > 0 && sum / count < INPATIENT_FLOOR)
        buffer_printf(
            warnings,
            "inpatient: %d.%02d %% of a stay of 20,000 yuan on average over its rows; the plan wants about 75 %%\n",
            sum / count / 100, sum / count % 100);
    for (uint32_t i = 0; i < policy->catastrophic_band_count; i++)
        if (policy->catastrophic_bands[i].ratio < CATASTROPHIC_FLOOR)
            buffer_printf(warnings, "catastrophic.bands[%u]: the plan wants at least 50 %%\n", i);
    for (uint32_t i = 0; i < policy->assistance_count; i++)
        if (policy->assistance[i].ratio < ASSISTANCE_FLOOR)
            buffer_printf(warnings, "assistance.classes[%u]: the plan wants at least 70 %%\n", i);
}
