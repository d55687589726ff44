/* SPDX-License-Identifier: Apache-2.0
 * Steps that can be reckoned again. */
#include "common/engines/benefit/reckoning.h"

#include "common/codes/logic.h"

static bool is_in_full(const struct work *work)
{
    return logic_has(work->published->logic, LOGIC_STEPS_IN_FULL);
}

static void add(struct work *work, enum benefit_step rule, fen_t before, int64_t parameter, fen_t after, uint32_t index)
{
    if (is_in_full(work))
        benefit_explain(work, rule, before, parameter, after, index);
}

void version_one_explain(struct work *work, enum benefit_step rule, fen_t before, int64_t parameter, fen_t after,
                         uint32_t index)
{
    if (!is_in_full(work))
        benefit_explain(work, rule, before, parameter, after, index);
}

void reckon_stated(struct work *work, enum benefit_step rule, fen_t amount)
{
    add(work, rule, 0, 0, amount, 0);
}

void reckon_parameter(struct work *work, enum benefit_step rule, int64_t parameter, uint32_t index)
{
    add(work, rule, 0, parameter, 0, index);
}

fen_t reckon_times(struct work *work, enum benefit_step rule, fen_t before, wide_t ratio, uint32_t index)
{
    fen_t after = to_fen(before * ratio, RATIO_UNIT);
    add(work, rule, before, (int64_t)ratio, after, index);
    return after;
}

fen_t reckon_divided(struct work *work, enum benefit_step rule, fen_t before, wide_t ratio, uint32_t index)
{
    fen_t after = to_fen(before * RATIO_UNIT, ratio);
    add(work, rule, before, (int64_t)ratio, after, index);
    return after;
}

fen_t reckon_plus(struct work *work, enum benefit_step rule, fen_t before, fen_t more)
{
    add(work, rule, before, more, before + more, 0);
    return before + more;
}

fen_t reckon_less(struct work *work, enum benefit_step rule, fen_t before, fen_t less, uint32_t index)
{
    fen_t after = before > less ? before - less : 0;
    add(work, rule, before, less, after, index);
    return after;
}

fen_t reckon_at_most(struct work *work, enum benefit_step rule, fen_t before, fen_t most)
{
    add(work, rule, before, most, least(before, most), 0);
    return least(before, most);
}

fen_t reckon_at_least(struct work *work, enum benefit_step rule, fen_t before, fen_t least)
{
    fen_t after = before < least ? least : before;
    add(work, rule, before, least, after, 0);
    return after;
}

wide_t reckon_points_more(struct work *work, enum benefit_step rule, wide_t ratio, basis_points_t points,
                          uint32_t index)
{
    wide_t more = ratio + (wide_t)points * BASIS_POINTS_ONE;
    wide_t after = more > RATIO_UNIT ? RATIO_UNIT : more;
    add(work, rule, (fen_t)ratio, points, (fen_t)after, index);
    return after;
}

wide_t reckon_points_less(struct work *work, enum benefit_step rule, wide_t ratio, basis_points_t points,
                          uint32_t index)
{
    wide_t less = ratio - (wide_t)points * BASIS_POINTS_ONE;
    wide_t after = less > 0 ? less : 0;
    add(work, rule, (fen_t)ratio, points, (fen_t)after, index);
    return after;
}

wide_t reckon_own_share(struct work *work, enum benefit_step rule, wide_t ratio, basis_points_t factor, uint32_t index)
{
    wide_t after = RATIO_UNIT - (RATIO_UNIT - ratio) / BASIS_POINTS_ONE * factor; /* of basis points: divides */
    add(work, rule, (fen_t)ratio, factor, (fen_t)after, index);
    return after;
}

fen_t reckon_band(struct work *work, enum benefit_step rule, wide_t ratio, fen_t lower, fen_t upper, uint32_t index)
{
    struct benefit_result *out = work->out;
    uint32_t before = out->step_count;
    if (upper <= lower)
        return 0;
    fen_t part = reckon_times(work, rule, upper - lower, ratio, index);
    if (out->step_count > before) {
        out->steps[before].lower = lower;
        out->steps[before].upper = upper;
    }
    return part;
}

fen_t reckon_crumbs(struct work *work, fen_t reckoned, fen_t exact)
{
    return reckoned == exact ? exact : reckon_plus(work, STEP_CRUMBS, reckoned, exact - reckoned);
}
