/* SPDX-License-Identifier: Apache-2.0
 * Advance funds. */
#include "common/engines/advance/advance.h"

#include "common/base/check.h"

fen_t advance_quota(const fen_t quarter[3], basis_points_t quota_factor)
{
    fen_t quota;
    wide_t sum = (wide_t)quarter[0] + quarter[1] + quarter[2];
    if (sum <= 0)
        return 0;
    INVARIANT(money_narrow(money_round_half_up(sum * quota_factor, (wide_t)3 * BASIS_POINTS_ONE), &quota) == OK);
    return quota;
}

static bool reaches(fen_t month_clearing, fen_t advance, basis_points_t threshold)
{
    return (wide_t)month_clearing * BASIS_POINTS_ONE >= (wide_t)advance * threshold;
}

enum advance_colour advance_colour_of(fen_t month_clearing, fen_t advance, const struct clearing_policy *policy)
{
    if (month_clearing <= 0)
        return ADVANCE_GREEN;
    if (advance <= 0 || reaches(month_clearing, advance, policy->advance_red))
        return ADVANCE_RED;
    return reaches(month_clearing, advance, policy->advance_yellow) ? ADVANCE_YELLOW : ADVANCE_GREEN;
}

int64_t advance_use_rate(fen_t month_clearing, fen_t advance)
{
    return advance <= 0 ? -1 : (int64_t)((wide_t)month_clearing * BASIS_POINTS_ONE / advance);
}

fen_t advance_top_up(fen_t month_clearing, fen_t advance, const struct clearing_policy *policy)
{
    fen_t top_up;
    if (advance_colour_of(month_clearing, advance, policy) == ADVANCE_GREEN)
        return 0;
    fen_t held = advance > 0 ? advance : 0;
    wide_t needed = (wide_t)month_clearing * BASIS_POINTS_ONE / policy->advance_yellow + 1;
    INVARIANT(money_narrow(needed - held, &top_up) == OK);
    return top_up;
}
