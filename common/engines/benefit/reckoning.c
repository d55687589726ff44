/* SPDX-License-Identifier: Apache-2.0
 * Steps that can be reckoned again. */
#include "common/engines/benefit/reckoning.h"

#include "common/codes/logic.h"

static bool is_in_full(const struct work *work)
{
    return logic_has(work->published->logic, LOGIC_STEPS_IN_FULL);
}

static fen_t reckon(struct work *work, enum benefit_step rule, fen_t before, int64_t parameter, fen_t after,
                    uint32_t index)
{
    if (is_in_full(work))
        benefit_explain(work, rule, before, parameter, after, index);
    return after;
}

void version_one_explain(struct work *work, enum benefit_step rule, fen_t before, int64_t parameter, fen_t after,
                         uint32_t index)
{
    if (!is_in_full(work))
        benefit_explain(work, rule, before, parameter, after, index);
}

void reckon_stated(struct work *work, enum benefit_step rule, fen_t amount)
{
    (void)reckon(work, rule, amount, 0, amount, 0);
}

void reckon_parameter(struct work *work, enum benefit_step rule, int64_t parameter, uint32_t index)
{
    (void)reckon(work, rule, 0, parameter, 0, index);
}

fen_t reckon_times(struct work *work, enum benefit_step rule, fen_t before, wide_t ratio, uint32_t index)
{
    return reckon(work, rule, before, (int64_t)ratio, to_fen(before * ratio, RATIO_UNIT), index);
}

fen_t reckon_divided(struct work *work, enum benefit_step rule, fen_t before, wide_t ratio, uint32_t index)
{
    return reckon(work, rule, before, (int64_t)ratio, to_fen(before * RATIO_UNIT, ratio), index);
}

fen_t reckon_plus(struct work *work, enum benefit_step rule, fen_t before, fen_t more)
{
    return reckon(work, rule, before, more, before + more, 0);
}

fen_t reckon_less(struct work *work, enum benefit_step rule, fen_t before, fen_t less, uint32_t index)
{
    return reckon(work, rule, before, less, before > less ? before - less : 0, index);
}

fen_t reckon_at_most(struct work *work, enum benefit_step rule, fen_t before, fen_t most)
{
    return reckon(work, rule, before, most, least(before, most), 0);
}

fen_t reckon_at_least(struct work *work, enum benefit_step rule, fen_t before, fen_t least)
{
    return reckon(work, rule, before, least, before < least ? least : before, 0);
}

fen_t reckon_band(struct work *work, enum benefit_step rule, enum benefit_step stated_rule, const struct policy_band *band,
                  wide_t ratio, fen_t lower, fen_t upper, uint32_t index)
{
    struct benefit_result *out = work->out;
    uint32_t before = out->step_count;
    if (upper <= lower)
        return 0;
    if (ratio != (wide_t)band->ratio * BASIS_POINTS_ONE)
        reckon_parameter(work, stated_rule, band->ratio, index);
    fen_t part = reckon_times(work, rule, upper - lower, ratio, index);
    if (out->step_count > before) {
        out->steps[out->step_count - 1].lower = lower;
        out->steps[out->step_count - 1].upper = upper;
    }
    return part;
}

void reckon_crumbs(struct work *work, fen_t reckoned, fen_t exact)
{
    if (reckoned != exact)
        (void)reckon_plus(work, STEP_CRUMBS, reckoned, exact - reckoned);
}
