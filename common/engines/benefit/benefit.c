/* SPDX-License-Identifier: Apache-2.0
 * The benefit engine. */
#include "common/engines/benefit/benefit.h"

#include <stddef.h>
#include <string.h>

#include "common/base/check.h"
#include "common/engines/benefit/year_funds.h"
#include "common/engines/gazette/care_kinds.h"

/* A band with its ratio as this person has it, in RATIO_UNIT. */
struct slope {
    wide_t upper; /* SCOPE_UNIT; 0: open */
    wide_t ratio;
};

/* ---- what is in scope ---- */

/* A line's amount is rounded to the fen, its parts are not: a part may come out below zero, or above the whole, by a
 * fen a line at most. More is a return of what was never given. */
static bool lies_within(wide_t *part, wide_t whole, uint32_t lines)
{
    wide_t crumbs = lines * SCOPE_UNIT;
    if (*part < -crumbs || *part > whole + crumbs)
        return false;
    if (*part < 0)
        *part = 0;
    else if (*part > whole)
        *part = whole;
    return true;
}

static void explain_scope(struct work *work)
{
    const struct amounts *amounts = &work->out->amounts;
    benefit_explain(work, STEP_TOTAL, 0, 0, amounts->total, 0);
    benefit_explain(work, STEP_WHOLLY_OWN, amounts->total, 0, amounts->wholly_own, 0);
    benefit_explain(work, STEP_ABOVE_LIMIT, amounts->total, 0, amounts->above_limit, 0);
    benefit_explain(work, STEP_FIRST_OWN_SHARE, amounts->total, 0, amounts->first_own_share, 0);
    benefit_explain(work, STEP_IN_SCOPE, amounts->total, 0, amounts->in_scope, 0);
}

/* Level 丙: all own. Above the limit: (price - limit) x quantity. Level 乙: ratio x (amount - above the limit). */
static enum rule sum_items(struct work *work)
{
    const struct bill *bill = work->in->bill;
    struct amounts *amounts = &work->out->amounts;
    wide_t wholly_own = 0, above_limit = 0, first_own = 0;
    for (uint32_t i = 0; i < bill->item_count; i++) {
        const struct bill_item *item = &bill->items[i];
        if (item->level == 3) {
            wholly_own += item->amount;
            continue;
        }
        wide_t above = 0;
        if (item->price_limit_micro > 0 && item->unit_price_micro > item->price_limit_micro)
            above = (wide_t)(item->unit_price_micro - item->price_limit_micro) * item->quantity_e4;
        above_limit += above * BASIS_POINTS_ONE;
        if (item->level == 2)
            first_own += (item->amount * ITEM_UNIT - above) * (wide_t)item->first_own_share_bp;
    }
    if (wholly_own < 0 && -wholly_own <= bill->item_count)
        wholly_own = 0; /* returns of level 丙, each part rounded by itself */
    wide_t rest = (bill->total - wholly_own) * SCOPE_UNIT;
    if (wholly_own < 0 || rest < 0 || !lies_within(&above_limit, rest, bill->item_count) ||
        !lies_within(&first_own, rest - above_limit, bill->item_count))
        return RULE_BILL_ITEM_NET_NEGATIVE;
    work->in_scope = rest - above_limit - first_own;
    amounts->total = bill->total;
    amounts->wholly_own = (fen_t)wholly_own;
    amounts->above_limit = to_fen(above_limit, SCOPE_UNIT);
    fen_t left = bill->total - amounts->wholly_own - amounts->above_limit;
    /* Two halves of a fen round up to two fen, of a bill that may have only one. */
    amounts->first_own_share = least(to_fen(first_own, SCOPE_UNIT), left);
    amounts->in_scope = left - amounts->first_own_share;
    explain_scope(work);
    return RULE_NONE;
}

/* ---- the pool ---- */

/* Points off, away from home; never below nothing. */
static wide_t less_cut(const struct work *work, wide_t ratio)
{
    wide_t rest = ratio - (wide_t)work->cut * BASIS_POINTS_ONE;
    return rest > 0 ? rest : 0;
}

/* This person's ratio: points added for the retired, or their own share times a factor. */
static wide_t ratio_of(const struct work *work, basis_points_t ratio, uint32_t level)
{
    const struct policy *policy = work->in->policy;
    basis_points_t added = 0;
    if (!work->retired)
        return less_cut(work, (wide_t)ratio * BASIS_POINTS_ONE);
    if (policy->retired_own_share_factor > 0)
        return less_cut(work, RATIO_UNIT - (wide_t)(BASIS_POINTS_ONE - ratio) * policy->retired_own_share_factor);
    added = level == 1 && policy->retired_added_level_one > 0 ? policy->retired_added_level_one : policy->retired_added;
    return less_cut(work,
                    (wide_t)(ratio + added > BASIS_POINTS_ONE ? BASIS_POINTS_ONE : ratio + added) * BASIS_POINTS_ONE);
}

/* Paid between `from` and `to` (SCOPE_UNIT), in POOL_UNIT. Where the payment passes `cap` (POOL_UNIT), *rest gets what
 * of the amount lies beyond the point where it did, as the exact fraction *rest / (*rest_ratio x SCOPE_UNIT). */
static wide_t climb(struct work *work, const struct slope *slopes, uint32_t count, wide_t from, wide_t to, wide_t cap,
                    wide_t *rest, wide_t *rest_ratio)
{
    wide_t paid = 0, lower = from;
    *rest = 0;
    *rest_ratio = 1;
    for (uint32_t i = 0; i < count && lower < to; i++) {
        wide_t upper = slopes[i].upper == 0 || slopes[i].upper > to ? to : slopes[i].upper;
        if (upper <= lower)
            continue;
        wide_t part = (upper - lower) * slopes[i].ratio;
        benefit_explain(work, STEP_BAND, to_fen(upper - lower, SCOPE_UNIT),
                        (int64_t)(slopes[i].ratio / BASIS_POINTS_ONE), to_fen(part, POOL_UNIT), i + 1);
        if (paid + part > cap) {
            *rest = (to - lower) * slopes[i].ratio - (cap - paid);
            *rest_ratio = slopes[i].ratio;
            return cap;
        }
        paid += part;
        lower = upper;
    }
    return paid;
}

/* A row of this class of care for the hospital: its own level before any, a municipal row before a plain one. */
static const struct policy_inpatient *inpatient_row(const struct policy *policy, const struct bill_facts *facts,
                                                    enum care_class care)
{
    const struct policy_inpatient *found = NULL;
    for (uint32_t i = 0; i < policy->inpatient_count; i++) {
        const struct policy_inpatient *rule = &policy->inpatient[i];
        if (rule->care != care || (rule->level != facts->hospital_level && rule->level != 0) ||
            (rule->municipal && !facts->hospital_municipal))
            continue;
        if (found == NULL || (rule->level != 0) > (found->level != 0) ||
            ((rule->level != 0) == (found->level != 0) && rule->municipal && !found->municipal))
            found = rule;
    }
    return found;
}

static const struct policy_inpatient *inpatient_rule(const struct work *work)
{
    const struct policy *policy = work->in->policy;
    const struct policy_inpatient *own = inpatient_row(policy, work->in->facts, work->care);
    return own != NULL ? own : inpatient_row(policy, work->in->facts, CARE_ORDINARY);
}

/* By level and number of the stay; less for the retired and for minors; never more than is in scope. */
static fen_t deductible_of(const struct work *work, const struct policy_inpatient *rule, uint32_t stay)
{
    const struct policy *policy = work->in->policy;
    fen_t deductible = stay == 1 ? rule->deductible_first : rule->deductible_later;
    if (work->retired && policy->retired_deductible_less > 0) {
        fen_t reduced = deductible - policy->retired_deductible_less;
        fen_t floor = least(policy->retired_deductible_min, deductible);
        deductible = reduced < floor ? floor : reduced;
    }
    if (work->minor && policy->minor_deductible > 0) {
        fen_t half = to_fen((wide_t)rule->deductible_first * policy->minor_deductible, BASIS_POINTS_ONE);
        deductible = least(deductible, half);
    }
    return deductible;
}

/* `own` / (`own_ratio` x POOL_UNIT): own share in the bands. Split before it is multiplied: the product takes more than
 * 128 bits. */
static void pay_civil_servant(struct work *work, wide_t own, wide_t own_ratio)
{
    const struct policy *policy = work->in->policy;
    const struct amounts *amounts = &work->out->amounts;
    basis_points_t aid = policy->civil_servant_aid;
    if (!work->in->facts->civil_servant || aid == 0 || own <= 0)
        return;
    wide_t unit = own_ratio * POOL_UNIT * BASIS_POINTS_ONE;
    wide_t pay = own / unit * aid + money_round_half_up(own % unit * aid, unit);
    fen_t left = amounts->in_scope - amounts->pool_pay;
    work->out->amounts.civil_servant_pay = pay < left ? (fen_t)pay : left;
    benefit_explain(work, STEP_CIVIL_SERVANT, to_fen(own, own_ratio * POOL_UNIT), aid, amounts->civil_servant_pay, 0);
}

/* Employees: beyond the pool's cap. `rest` / (`rest_ratio` x SCOPE_UNIT) is what the pool left over. */
static void pay_large_amount(struct work *work, wide_t rest, wide_t rest_ratio)
{
    const struct policy *policy = work->in->policy;
    basis_points_t ratio = work->retired && policy->retired_large_amount_ratio > 0 ? policy->retired_large_amount_ratio
                                                                                   : policy->large_amount_ratio;
    if (rest <= 0 || ratio == 0 || insurance_class_of(work->in->bill->insurance_type) == INSURANCE_RESIDENTS)
        return;
    fen_t before = to_fen(rest, SCOPE_UNIT * rest_ratio);
    fen_t pay = to_fen(rest * ratio, SCOPE_UNIT * rest_ratio * BASIS_POINTS_ONE);
    if (policy->large_amount_cap > 0) {
        fen_t left = policy->large_amount_cap - work->in->year->large_amount_paid;
        pay = least(pay, left > 0 ? left : 0);
    }
    pay = least(pay, own_in_scope(&work->out->amounts));
    work->out->amounts.large_amount_pay = pay;
    work->out->added.large_amount_paid = pay;
    benefit_explain(work, STEP_LARGE_AMOUNT, before, ratio, pay, 0);
}

static enum rule pay_inpatient(struct work *work)
{
    const struct policy *policy = work->in->policy;
    const struct policy_inpatient *rule = inpatient_rule(work);
    struct amounts *amounts = &work->out->amounts;
    struct slope slopes[INPATIENT_RULE_BANDS_MAX];
    wide_t rest, rest_ratio;
    if (rule == NULL)
        return RULE_POLICY_UNKNOWN;
    bool counts = rule->care == CARE_ORDINARY; /* maternity under rows of its own is no stay */
    work->out->row = (uint32_t)(rule - policy->inpatient) + 1;
    amounts->stay_number = counts ? work->in->year->stays + 1 : 0;
    wide_t deductible = deductible_of(work, rule, counts ? amounts->stay_number : 1) * SCOPE_UNIT;
    if (deductible > work->in_scope)
        deductible = work->in_scope;
    amounts->deductible = least(to_fen(deductible, SCOPE_UNIT), amounts->in_scope);
    benefit_explain(work, STEP_DEDUCTIBLE, amounts->in_scope, amounts->stay_number, amounts->deductible, 0);
    for (uint32_t i = 0; i < rule->band_count; i++)
        slopes[i] = (struct slope){rule->bands[i].upper * SCOPE_UNIT,
                                   ratio_of(work, rule->bands[i].ratio, work->in->facts->hospital_level)};
    if (work->retired && policy->retired_own_share_factor > 0)
        benefit_explain(work, STEP_RETIRED_FACTOR, 0, policy->retired_own_share_factor, 0, 0);
    fen_t left = policy->pool_cap - work->in->year->pool_paid;
    wide_t cap = (left > 0 ? left : 0) * POOL_UNIT;
    wide_t paid = climb(work, slopes, rule->band_count, deductible, work->in_scope, cap, &rest, &rest_ratio);
    amounts->pool_pay = least(to_fen(paid, POOL_UNIT), amounts->in_scope);
    benefit_explain(work, rest > 0 ? STEP_POOL_CAP : STEP_POOL, amounts->in_scope, policy->pool_cap, amounts->pool_pay,
                    0);
    work->out->added.pool_paid = amounts->pool_pay;
    work->out->added.stays = counts;
    /* Own share in the bands: what the pool consumed above the deductible, less what it paid. */
    wide_t above = (work->in_scope - deductible) * RATIO_UNIT - paid;
    pay_civil_servant(work, above * rest_ratio - rest * RATIO_UNIT, rest_ratio);
    pay_large_amount(work, rest, rest_ratio);
    return RULE_NONE;
}

/* ---- outpatient: the year's in-scope amount climbs through deductible and bands ---- */

static bool row_fits(const struct work *work, const struct policy_outpatient *rule, enum care_class care)
{
    const struct bill_facts *facts = work->in->facts;
    return rule->care == care && (!rule->community || facts->hospital_community) && (!rule->retired || work->retired) &&
           (rule->level == 0 || rule->level == facts->hospital_level) && rule->age_min <= work->in->age;
}

/* What a row says of the case, the most telling first: institution, retirement, level, age. */
static uint32_t closeness(const struct policy_outpatient *rule)
{
    return (uint32_t)rule->community << 18 | (uint32_t)rule->retired << 17 | (uint32_t)(rule->level != 0) << 16 |
           rule->age_min;
}

static const struct policy_outpatient *outpatient_row(const struct work *work, enum care_class care)
{
    const struct policy *policy = work->in->policy;
    const struct policy_outpatient *found = NULL;
    for (uint32_t i = 0; i < policy->outpatient_count; i++) {
        const struct policy_outpatient *rule = &policy->outpatient[i];
        if (row_fits(work, rule, care) && (found == NULL || closeness(rule) > closeness(found)))
            found = rule;
    }
    return found;
}

/* Emergency and maternity without rows of their own are ordinary; chronic disease and pharmacies are not. */
static const struct policy_outpatient *outpatient_rule(const struct work *work)
{
    const struct policy_outpatient *own = outpatient_row(work, work->care);
    bool falls_back = work->care == CARE_EMERGENCY || work->care == CARE_MATERNITY;
    return own != NULL || !falls_back ? own : outpatient_row(work, CARE_ORDINARY);
}

/* Deductible and cap of the year are shared within a group: chronic disease and maternity have their own. */
struct group {
    fen_t *in_scope;
    fen_t *paid;
};

static struct group group_of(struct accumulators *year, enum care_class care)
{
    if (care == CARE_CHRONIC)
        return (struct group){&year->chronic_in_scope, &year->chronic_paid};
    if (care == CARE_MATERNITY)
        return (struct group){&year->maternity_in_scope, &year->maternity_paid};
    return (struct group){&year->outpatient_in_scope, &year->outpatient_paid};
}

static fen_t left_of(fen_t cap, fen_t paid)
{
    return cap > paid ? cap - paid : 0;
}

static enum rule pay_outpatient(struct work *work)
{
    const struct policy *policy = work->in->policy;
    const struct policy_outpatient *rule = outpatient_rule(work);
    struct amounts *amounts = &work->out->amounts;
    struct accumulators year = *work->in->year;
    struct slope slopes[INPATIENT_RULE_BANDS_MAX];
    wide_t rest, rest_ratio;
    work->out->outpatient = true;
    if (rule == NULL)
        return RULE_POLICY_UNKNOWN;
    work->out->row = (uint32_t)(rule - policy->outpatient) + 1;
    struct group before = group_of(&year, rule->care), added = group_of(&work->out->added, rule->care);
    wide_t from = *before.in_scope * SCOPE_UNIT, to = from + work->in_scope;
    wide_t deductible = rule->deductible * SCOPE_UNIT;
    wide_t start = from > deductible ? from : deductible < to ? deductible : to;
    amounts->deductible = least(to_fen(start - from, SCOPE_UNIT), amounts->in_scope);
    benefit_explain(work, STEP_OUTPATIENT, amounts->in_scope, rule->deductible, amounts->deductible, 0);
    for (uint32_t i = 0; i < rule->band_count; i++)
        slopes[i] = (struct slope){rule->bands[i].upper * SCOPE_UNIT,
                                   less_cut(work, (wide_t)rule->bands[i].ratio * BASIS_POINTS_ONE)};
    fen_t row_left = rule->cap > 0 ? left_of(rule->cap, *before.paid) : BILL_TOTAL_MAX_FEN;
    fen_t pool_left = rule->counts_to_pool_cap ? left_of(policy->pool_cap, year.pool_paid) : BILL_TOTAL_MAX_FEN;
    wide_t cap = least(row_left, pool_left) * POOL_UNIT;
    wide_t paid = climb(work, slopes, rule->band_count, start, to, cap, &rest, &rest_ratio);
    amounts->pool_pay = least(to_fen(paid, POOL_UNIT), amounts->in_scope);
    bool at_pool_cap = rest > 0 && pool_left <= row_left;
    benefit_explain(work,
                    at_pool_cap ? STEP_POOL_CAP
                    : rest > 0  ? STEP_OUTPATIENT_CAP
                                : STEP_POOL,
                    amounts->in_scope, rest > 0 && !at_pool_cap ? rule->cap : policy->pool_cap, amounts->pool_pay, 0);
    *added.in_scope = amounts->in_scope;
    *added.paid = amounts->pool_pay;
    if (rule->counts_to_pool_cap)
        work->out->added.pool_paid = amounts->pool_pay;
    if (at_pool_cap)
        pay_large_amount(work, rest, rest_ratio);
    return RULE_NONE;
}

static void pay_person(struct work *work)
{
    struct amounts *amounts = &work->out->amounts;
    amounts->fund_pay_total = amounts->pool_pay + amounts->civil_servant_pay + amounts->large_amount_pay +
                              amounts->catastrophic_pay + amounts->assistance_pay + amounts->other_pay;
    amounts->person_pay_total = amounts->total - amounts->fund_pay_total;
    if (work->in->bill->use_personal_account && work->in->account_balance > 0)
        amounts->account_pay = least(work->in->account_balance, amounts->person_pay_total);
    amounts->cash_pay = amounts->person_pay_total - amounts->account_pay;
    if (amounts->account_pay > 0)
        benefit_explain(work, STEP_ACCOUNT, amounts->person_pay_total, work->in->account_balance, amounts->account_pay,
                        0);
    benefit_explain(work, STEP_CASH, amounts->person_pay_total, 0, amounts->cash_pay, 0);
}

static void check_identities(const struct amounts *amounts)
{
    POST(amounts->total == amounts->wholly_own + amounts->above_limit + amounts->first_own_share + amounts->in_scope);
    POST(amounts->total == amounts->fund_pay_total + amounts->person_pay_total);
    POST(amounts->person_pay_total == amounts->account_pay + amounts->cash_pay);
    POST(amounts->person_pay_total >= 0 && amounts->cash_pay >= 0 && own_in_scope(amounts) >= 0);
}

/* ---- away from home ---- */

/* 医保发〔2022〕22号: what is filed for the long term is not cut, nor anybody once everybody counts as filed; referral
 * and emergency are cut less than other temporary care, filed or not. */
static void look_at_filing(struct work *work)
{
    const struct policy *policy = work->in->policy;
    const struct bill *bill = work->in->bill;
    uint32_t standing = work->in->facts->filing;
    bool counts_as_filed = policy->away_filed_from != 0 && bill->discharge_date >= policy->away_filed_from;
    if (counts_as_filed || standing == STANDING_NONE || standing == STANDING_LONG_TERM)
        return;
    bool urgent = care_kind_is_urgent(work->published, bill->care_kind) || standing == STANDING_REFERRAL_OR_EMERGENCY;
    work->cut = urgent ? policy->away_referral_cut : policy->away_other_cut;
    if (work->cut > 0)
        benefit_explain(work, STEP_AWAY_CUT, 0, work->cut, 0, urgent ? 1 : 0);
}

static enum rule pay_funds(struct work *work, bool inpatient)
{
    enum rule rule = inpatient ? pay_inpatient(work) : pay_outpatient(work);
    if (rule == RULE_POLICY_UNKNOWN && work->care == CARE_PHARMACY) {
        benefit_explain(work, STEP_NO_FUND, work->out->amounts.in_scope, 0, 0, 0);
        return RULE_NONE;
    }
    if (rule != RULE_NONE)
        return rule;
    year_funds_pay(work);
    if (inpatient)
        year_split(work);
    return RULE_NONE;
}

enum rule benefit_compute(const struct published *published, const struct benefit_input *input,
                          struct benefit_result *result)
{
    struct work work = {.published = published, .in = input, .out = result};
    enum person_class class = person_class_of(input->facts->category);
    const struct bill *bill = input->bill;
    memset(result, 0, offsetof(struct benefit_result, steps));
    result->step_count = 0;
    work.retired = class == PERSON_RETIRED;
    work.minor = class == PERSON_MINOR;
    work.care = care_class_of(published, bill->care_kind);
    if (bill->total < 0 || bill->total > BILL_TOTAL_MAX_FEN)
        return RULE_BILL_AMOUNT_RANGE;
    bool inpatient = care_kind_is_inpatient(published, bill->care_kind);
    int32_t days = civil_date_to_day(bill->discharge_date) - civil_date_to_day(bill->admission_date);
    if (inpatient && input->policy->period_days_max > 0 && days > (int32_t)input->policy->period_days_max)
        return RULE_BILL_PERIOD_TOO_LONG;
    enum rule rule = sum_items(&work);
    if (rule != RULE_NONE)
        return rule;
    look_at_filing(&work);
    rule = pay_funds(&work, inpatient);
    if (rule != RULE_NONE)
        return rule;
    pay_person(&work);
    check_identities(&result->amounts);
    return RULE_NONE;
}
