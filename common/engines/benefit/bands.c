/* SPDX-License-Identifier: Apache-2.0
 * The pool, band by band. */
#include "common/engines/benefit/bands.h"

#include "common/engines/benefit/reckoning.h"

/* As a stay of the retired has it: their own share times a factor, or points added. */
static wide_t ratio_of_retired(struct work *work, wide_t ratio, uint32_t band)
{
    const struct policy *policy = work->in->policy;
    bool level_one = work->in->facts->hospital_level == 1 && policy->retired_added_level_one > 0;
    if (policy->retired_own_share_factor > 0)
        return reckon_own_share(work, STEP_BAND_RETIRED_FACTOR, ratio, policy->retired_own_share_factor, band);
    if (level_one)
        return reckon_points_more(work, STEP_BAND_RETIRED_POINTS_LEVEL_ONE, ratio, policy->retired_added_level_one,
                                  band);
    return policy->retired_added == 0
               ? ratio
               : reckon_points_more(work, STEP_BAND_RETIRED_POINTS, ratio, policy->retired_added, band);
}

/* This person's ratio of a band, RATIO_UNIT. */
static wide_t ratio_of(struct work *work, basis_points_t stated, uint32_t band)
{
    wide_t ratio = (wide_t)stated * BASIS_POINTS_ONE;
    if (work->retired && !work->out->outpatient)
        ratio = ratio_of_retired(work, ratio, band);
    enum benefit_step cut = work->urgent ? STEP_BAND_REFERRAL_CUT : STEP_BAND_OTHER_CUT;
    return work->cut == 0 ? ratio : reckon_points_less(work, cut, ratio, work->cut, band);
}

fen_t climb_bands(struct work *work, struct climb *climb)
{
    wide_t whole = 0, lower = climb->from;
    fen_t shares = 0;
    climb->rest_ratio = 1;
    for (uint32_t i = 0; i < climb->band_count && lower < climb->to && climb->cap_band == 0; i++) {
        wide_t end = (wide_t)climb->bands[i].upper * SCOPE_UNIT;
        wide_t upper = end == 0 || end > climb->to ? climb->to : end;
        if (upper <= lower)
            continue;
        wide_t ratio = ratio_of(work, climb->bands[i].ratio, i + 1), part = (upper - lower) * ratio;
        fen_t lower_shown = lower == climb->from ? climb->from_shown : to_fen(lower, SCOPE_UNIT);
        fen_t upper_shown = upper == climb->to ? climb->to_shown : to_fen(upper, SCOPE_UNIT);
        version_one_explain(work, STEP_BAND, to_fen(upper - lower, SCOPE_UNIT), (int64_t)(ratio / BASIS_POINTS_ONE),
                            to_fen(part, POOL_UNIT), i + 1);
        climb->shares[i] = reckon_band(work, STEP_BAND_SHARE, ratio, lower_shown, upper_shown, i + 1);
        shares += climb->shares[i];
        if (whole + part > climb->cap) {
            climb->cap_band = i + 1;
            climb->cap_band_lower = lower_shown;
            climb->rest = (climb->to - lower) * ratio - (climb->cap - whole);
            climb->rest_ratio = ratio;
        }
        whole += part;
        lower = upper;
    }
    climb->paid = climb->cap_band > 0 ? climb->cap : whole;
    reckon_stated(work, STEP_BANDS, shares);
    return reckon_crumbs(work, shares, least(to_fen(whole, POOL_UNIT), work->out->amounts.in_scope));
}
