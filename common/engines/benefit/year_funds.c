/* SPDX-License-Identifier: Apache-2.0
 * What looks at the whole year: catastrophic insurance, assistance, and stays across new year. */
#include "common/engines/benefit/year_funds.h"

/* ---- on the year's accumulated base ---- */

/* Entitlement of the year on the base with this bill, less what has been paid; never more than is left to pay. */
static fen_t due_now(fen_t entitlement, fen_t cap, fen_t paid_before, fen_t left)
{
    if (cap > 0 && entitlement > cap)
        entitlement = cap;
    fen_t due = entitlement - paid_before;
    return due < 0 ? 0 : least(due, left);
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
    wide_t base = work->in->year->catastrophic_base + left;
    wide_t lower = policy->catastrophic_deductible, entitled = 0;
    if (poor && policy->catastrophic_poor_deductible > 0)
        lower = to_fen(lower * policy->catastrophic_poor_deductible, BASIS_POINTS_ONE);
    fen_t deductible = (fen_t)lower;
    for (uint32_t i = 0; i < policy->catastrophic_band_count && lower < base; i++) {
        const struct policy_band *band = &policy->catastrophic_bands[i];
        wide_t upper = band->upper == 0 || band->upper > base ? base : band->upper;
        if (upper <= lower)
            continue;
        basis_points_t ratio = band->ratio + (poor ? policy->catastrophic_poor_added : 0);
        entitled += (upper - lower) * (ratio > BASIS_POINTS_ONE ? BASIS_POINTS_ONE : ratio);
        lower = upper;
    }
    fen_t cap = poor && policy->catastrophic_poor_deductible > 0 ? 0 : policy->catastrophic_cap;
    fen_t pay = due_now(to_fen(entitled, BASIS_POINTS_ONE), cap, work->in->year->catastrophic_paid, left);
    work->out->added.catastrophic_base = left;
    work->out->added.catastrophic_paid = pay;
    amounts->catastrophic_pay = pay;
    if (pay > 0)
        benefit_explain(work, STEP_CATASTROPHIC, (fen_t)base, deductible, pay, 0);
}

static void pay_assistance(struct work *work)
{
    const struct policy *policy = work->in->policy;
    uint32_t category = work->in->facts->poverty;
    for (uint32_t i = 0; i < policy->assistance_count; i++) {
        if (category == POVERTY_NONE || policy->assistance[i].category != category)
            continue;
        fen_t left = own_in_scope(&work->out->amounts);
        wide_t base = work->in->year->assistance_base + left - policy->assistance[i].deductible;
        fen_t entitled = base > 0 ? to_fen(base * policy->assistance[i].ratio, BASIS_POINTS_ONE) : 0;
        fen_t pay = due_now(entitled, policy->assistance_cap, work->in->year->assistance_paid, left);
        work->out->added.assistance_base = left;
        work->out->added.assistance_paid = pay;
        work->out->amounts.assistance_pay = pay;
        benefit_explain(work, STEP_ASSISTANCE, work->in->year->assistance_base + left, policy->assistance[i].ratio, pay,
                        i + 1);
        return;
    }
}

void year_funds_pay(struct work *work)
{
    pay_catastrophic(work);
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
    benefit_explain(work, STEP_YEAR_SPLIT, 0, before, 0, 0);
}
