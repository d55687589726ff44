/* SPDX-License-Identifier: Apache-2.0
 * What looks at the whole year: catastrophic insurance, assistance, and stays across new year. */
#include "common/engines/benefit/year_funds.h"

#include "common/engines/benefit/reckoning.h"

/* ---- on the year's accumulated base ---- */

/* A fund of the year: its cap, 0 for none, what it paid before, and what explains them. */
struct year_fund {
    fen_t cap;
    fen_t paid_before;
    enum benefit_step cap_step, due_step, left_step;
};

/* Entitlement of the year on the base with this bill, less what has been paid; never more than is left to pay. */
static fen_t due_now(struct work *work, const struct year_fund *fund, fen_t entitlement, fen_t left)
{
    if (fund->cap > 0)
        entitlement = reckon_at_most(work, fund->cap_step, entitlement, fund->cap);
    fen_t due = reckon_less(work, fund->due_step, entitlement, fund->paid_before, 0);
    return due > left ? reckon_at_most(work, fund->left_step, due, left) : due;
}

/* What of the base lies above the deductible, by bands: the entitlement of the year. */
static fen_t climb_catastrophic(struct work *work, fen_t deductible, fen_t base, bool poor)
{
    const struct policy *policy = work->in->policy;
    fen_t lower = deductible, shares = 0;
    wide_t entitled = 0;
    for (uint32_t i = 0; i < policy->catastrophic_band_count && lower < base; i++) {
        const struct policy_band *band = &policy->catastrophic_bands[i];
        fen_t upper = band->upper == 0 || band->upper > base ? base : band->upper;
        if (upper <= lower)
            continue;
        wide_t ratio = (wide_t)band->ratio * BASIS_POINTS_ONE;
        if (poor && policy->catastrophic_poor_added > 0)
            ratio =
                reckon_points_more(work, STEP_CATASTROPHIC_POOR_POINTS, ratio, policy->catastrophic_poor_added, i + 1);
        entitled += (upper - lower) * ratio;
        shares += reckon_band(work, STEP_CATASTROPHIC_BAND, ratio, lower, upper, i + 1);
        lower = upper;
    }
    reckon_stated(work, STEP_CATASTROPHIC_BANDS, shares);
    return reckon_crumbs(work, shares, to_fen(entitled, RATIO_UNIT));
}

/* Whom the policy lists; every category of poverty where it lists none, or the logic does not know such a list yet. */
static bool is_poor(const struct work *work)
{
    const struct policy *policy = work->in->policy;
    uint32_t category = work->in->facts->poverty;
    bool listed = policy->catastrophic_poor_count == 0 || !logic_has(work->published->logic, LOGIC_POOR_AS_STATED);
    for (uint32_t i = 0; i < policy->catastrophic_poor_count && !listed; i++)
        listed = policy->catastrophic_poor[i].category == category;
    return category != POVERTY_NONE && listed;
}

static void pay_catastrophic(struct work *work)
{
    const struct policy *policy = work->in->policy;
    struct amounts *amounts = &work->out->amounts;
    if (policy->catastrophic_band_count == 0 ||
        insurance_class_of(work->in->bill->insurance_type) != INSURANCE_RESIDENTS)
        return;
    bool poor = is_poor(work);
    fen_t left = own_in_scope(amounts);
    fen_t base = reckon_plus(work, STEP_CATASTROPHIC_BASE, left, work->in->year->catastrophic_base);
    fen_t deductible = policy->catastrophic_deductible, pay = 0;
    bool lowered = poor && policy->catastrophic_poor_deductible > 0;
    reckon_parameter(work, STEP_CATASTROPHIC_DEDUCTIBLE, deductible, 0);
    if (lowered)
        deductible = reckon_times(work, STEP_CATASTROPHIC_POOR_DEDUCTIBLE, deductible,
                                  (wide_t)policy->catastrophic_poor_deductible * BASIS_POINTS_ONE, 0);
    if (reckon_less(work, STEP_CATASTROPHIC_ABOVE, base, deductible, 0) > 0) {
        const struct year_fund fund = {lowered ? 0 : policy->catastrophic_cap, work->in->year->catastrophic_paid,
                                       STEP_CATASTROPHIC_CAP, STEP_CATASTROPHIC_DUE, STEP_CATASTROPHIC_LEFT};
        pay = due_now(work, &fund, climb_catastrophic(work, deductible, base, poor), left);
    }
    work->out->added.catastrophic_base = left;
    work->out->added.catastrophic_paid = pay;
    amounts->catastrophic_pay = pay;
    if (pay > 0)
        version_one_explain(work, STEP_CATASTROPHIC, base, deductible, pay, 0);
}

static const struct policy_assistance *assistance_of(const struct work *work, uint32_t *index)
{
    const struct policy *policy = work->in->policy;
    uint32_t category = work->in->facts->poverty;
    for (*index = 1; category != POVERTY_NONE && *index <= policy->assistance_count; ++*index)
        if (policy->assistance[*index - 1].category == category)
            return &policy->assistance[*index - 1];
    return NULL;
}

static void pay_assistance(struct work *work)
{
    const struct accumulators *year = work->in->year;
    uint32_t index;
    const struct policy_assistance *class = assistance_of(work, &index);
    if (class == NULL)
        return;
    const struct year_fund fund = {work->in->policy->assistance_cap, year->assistance_paid, STEP_ASSISTANCE_CAP,
                                   STEP_ASSISTANCE_DUE, STEP_ASSISTANCE_LEFT};
    fen_t left = own_in_scope(&work->out->amounts);
    fen_t base = reckon_plus(work, STEP_ASSISTANCE_BASE, left, year->assistance_base);
    fen_t above = reckon_less(work, STEP_ASSISTANCE_DEDUCTIBLE, base, class->deductible, index);
    wide_t ratio = (wide_t) class->ratio * BASIS_POINTS_ONE;
    fen_t pay = due_now(work, &fund, reckon_times(work, STEP_ASSISTANCE_SHARE, above, ratio, index), left);
    work->out->added.assistance_base = left;
    work->out->added.assistance_paid = pay;
    work->out->amounts.assistance_pay = pay;
    version_one_explain(work, STEP_ASSISTANCE, base, class->ratio, pay, index);
}

/* What is in scope, less `paid` of a fund, where it paid. */
static fen_t reckon_own(struct work *work, fen_t left, fen_t paid)
{
    return paid > 0 ? reckon_less(work, STEP_OWN_LESS_FUND, left, paid, 0) : left;
}

void year_funds_pay(struct work *work)
{
    const struct amounts *amounts = &work->out->amounts;
    uint32_t index;
    bool residents = insurance_class_of(work->in->bill->insurance_type) == INSURANCE_RESIDENTS;
    fen_t left = amounts->in_scope;
    if ((residents && work->in->policy->catastrophic_band_count > 0) || assistance_of(work, &index) != NULL) {
        left = reckon_own(work, left, amounts->pool_pay);
        left = reckon_own(work, left, amounts->civil_servant_pay);
        left = reckon_own(work, left, amounts->large_amount_pay);
    }
    pay_catastrophic(work);
    if (assistance_of(work, &index) != NULL)
        (void)reckon_own(work, left, amounts->catastrophic_pay);
    pay_assistance(work);
}

/* ---- across new year ---- */

/* The share of the old year: both days, of admission and of discharge, count. Stays count in the year of discharge. */
void year_split(struct work *work)
{
    const struct bill *bill = work->in->bill;
    struct benefit_result *out = work->out;
    uint32_t year = bill->discharge_date / 10000;
    if (!work->in->policy->year_split_by_days || bill->admission_date / 10000 >= year)
        return;
    int32_t admission = civil_date_to_day(bill->admission_date), discharge = civil_date_to_day(bill->discharge_date);
    int32_t before = civil_date_to_day(year * 10000 + 101) - admission, all = discharge - admission + 1;
    out->split = true;
    for (uint32_t i = 0; accumulators_at(&out->added, i) != NULL; i++) {
        fen_t *added = accumulators_at(&out->added, i), *old = accumulators_at(&out->added_before, i);
        *old = to_fen((wide_t)*added * before, all);
        *added -= *old;
    }
    version_one_explain(work, STEP_YEAR_SPLIT, 0, before, 0, 0);
    reckon_parameter(work, STEP_YEAR_SPLIT_DAYS, before, (uint32_t)all);
}
