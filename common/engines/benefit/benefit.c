/* SPDX-License-Identifier: Apache-2.0
 * The benefit engine. */
#include "common/engines/benefit/benefit.h"

#include <stddef.h>
#include <string.h>

#include "common/base/check.h"
#include "common/engines/benefit/bands.h"
#include "common/engines/benefit/reckoning.h"
#include "common/engines/benefit/year_funds.h"
#include "common/engines/gazette/care_kinds.h"

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
    fen_t left = amounts->total;
    benefit_explain(work, STEP_TOTAL, 0, 0, amounts->total, 0);
    version_one_explain(work, STEP_WHOLLY_OWN, amounts->total, 0, amounts->wholly_own, 0);
    version_one_explain(work, STEP_ABOVE_LIMIT, amounts->total, 0, amounts->above_limit, 0);
    version_one_explain(work, STEP_FIRST_OWN_SHARE, amounts->total, 0, amounts->first_own_share, 0);
    version_one_explain(work, STEP_IN_SCOPE, amounts->total, 0, amounts->in_scope, 0);
    if (amounts->wholly_own > 0)
        left = reckon_less(work, STEP_LESS_WHOLLY_OWN, left, amounts->wholly_own, 0);
    if (amounts->above_limit > 0)
        left = reckon_less(work, STEP_LESS_ABOVE_LIMIT, left, amounts->above_limit, 0);
    if (amounts->first_own_share > 0)
        left = reckon_less(work, STEP_LESS_FIRST_OWN_SHARE, left, amounts->first_own_share, 0);
    reckon_stated(work, STEP_IN_SCOPE, left);
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

/* By level and number of the stay, 0 for care that is none; less for the retired and for minors. */
static fen_t deductible_of(struct work *work, const struct policy_inpatient *rule, uint32_t stay)
{
    const struct policy *policy = work->in->policy;
    fen_t deductible = stay > 1 ? rule->deductible_later : rule->deductible_first;
    reckon_parameter(work, stay > 0 ? STEP_STAY_DEDUCTIBLE : STEP_NO_STAY_DEDUCTIBLE, deductible, stay);
    if (work->retired && policy->retired_deductible_less > 0) {
        fen_t most = deductible, floor = policy->retired_deductible_min;
        deductible = reckon_less(work, STEP_RETIRED_DEDUCTIBLE_LESS, deductible, policy->retired_deductible_less, 0);
        if (floor > 0)
            deductible = reckon_at_least(work, STEP_RETIRED_DEDUCTIBLE_MIN, deductible, floor);
        if (floor > most)
            deductible = reckon_at_most(work, STEP_RETIRED_DEDUCTIBLE_MAX, deductible, most);
    }
    if (work->minor && policy->minor_deductible > 0) {
        wide_t share = (wide_t)policy->minor_deductible * BASIS_POINTS_ONE;
        fen_t part = reckon_times(work, STEP_MINOR_DEDUCTIBLE, rule->deductible_first, share, 0);
        deductible = reckon_at_most(work, STEP_MINOR_AT_MOST, deductible, part);
    }
    return deductible;
}

static basis_points_t civil_servant_aid_of(const struct work *work)
{
    return work->in->facts->civil_servant ? work->in->policy->civil_servant_aid : 0;
}

/* Own share in the bands: what the pool consumed above the deductible, less what it paid. `beyond`: the cap. */
static void pay_civil_servant(struct work *work, const struct climb *climb, fen_t beyond)
{
    struct amounts *amounts = &work->out->amounts;
    basis_points_t aid = civil_servant_aid_of(work);
    wide_t consumed = (climb->to - climb->from) * RATIO_UNIT - climb->paid;
    wide_t own = consumed * climb->rest_ratio - climb->rest * RATIO_UNIT; /* rest_ratio x POOL_UNIT */
    if (aid == 0 || own <= 0)
        return;
    /* Split before it is multiplied: the product takes more than 128 bits. */
    wide_t unit = climb->rest_ratio * POOL_UNIT * BASIS_POINTS_ONE;
    wide_t pay = own / unit * aid + money_round_half_up(own % unit * aid, unit);
    fen_t left = amounts->in_scope - amounts->pool_pay, lies = climb->to_shown;
    if (beyond > 0)
        lies = reckon_less(work, STEP_UP_TO_CAP, lies, beyond, 0);
    lies = reckon_less(work, STEP_ABOVE_DEDUCTIBLE, lies, climb->from_shown, 0);
    lies = reckon_less(work, STEP_OWN_IN_BANDS, lies, amounts->pool_pay, 0);
    fen_t share = reckon_times(work, STEP_CIVIL_SERVANT_SHARE, lies, (wide_t)aid * BASIS_POINTS_ONE, 0);
    share = reckon_crumbs(work, share, (fen_t)pay);
    amounts->civil_servant_pay = share > left ? reckon_at_most(work, STEP_CIVIL_SERVANT_LEFT, share, left) : share;
    version_one_explain(work, STEP_CIVIL_SERVANT, to_fen(own, climb->rest_ratio * POOL_UNIT), aid,
                        amounts->civil_servant_pay, 0);
}

static basis_points_t large_amount_ratio_of(const struct work *work)
{
    const struct policy *policy = work->in->policy;
    if (insurance_class_of(work->in->bill->insurance_type) == INSURANCE_RESIDENTS)
        return 0;
    return work->retired && policy->retired_large_amount_ratio > 0 ? policy->retired_large_amount_ratio
                                                                   : policy->large_amount_ratio;
}

/* Employees: `beyond` the pool's cap, as shown. */
static void pay_large_amount(struct work *work, const struct climb *climb, fen_t beyond)
{
    const struct policy *policy = work->in->policy;
    basis_points_t ratio = large_amount_ratio_of(work);
    bool own = work->retired && policy->retired_large_amount_ratio > 0;
    if (climb->rest <= 0 || ratio == 0)
        return;
    fen_t pay = to_fen(climb->rest * ratio, SCOPE_UNIT * climb->rest_ratio * BASIS_POINTS_ONE);
    fen_t share = reckon_times(work, STEP_LARGE_SHARE, beyond, (wide_t)ratio * BASIS_POINTS_ONE, own ? 1 : 0);
    pay = reckon_crumbs(work, share, pay);
    if (policy->large_amount_cap > 0) {
        fen_t left =
            reckon_less(work, STEP_LARGE_CAP_LEFT, policy->large_amount_cap, work->in->year->large_amount_paid, 0);
        pay = reckon_at_most(work, STEP_LARGE_AT_MOST, pay, left);
    }
    if (pay > own_in_scope(&work->out->amounts))
        pay = reckon_at_most(work, STEP_LARGE_LEFT, pay, own_in_scope(&work->out->amounts));
    work->out->amounts.large_amount_pay = pay;
    work->out->added.large_amount_paid = pay;
    version_one_explain(work, STEP_LARGE_AMOUNT, beyond, ratio, pay, 0);
}

/* What lies beyond the pool's cap, where somebody pays for it; `left`: of the cap, before this bill. */
static fen_t reckon_beyond(struct work *work, const struct climb *climb, fen_t left)
{
    fen_t exact = to_fen(climb->rest, SCOPE_UNIT * climb->rest_ratio);
    if (climb->cap_band == 0 || (civil_servant_aid_of(work) == 0 && large_amount_ratio_of(work) == 0))
        return exact;
    for (uint32_t i = 0; i + 1 < climb->cap_band; i++)
        if (climb->shares[i] > 0)
            left = reckon_less(work, STEP_CAP_LEFT_AFTER_BAND, left, climb->shares[i], i + 1);
    fen_t consumed = reckon_divided(work, STEP_CAP_CONSUMED, left, climb->rest_ratio, climb->cap_band);
    fen_t point = reckon_plus(work, STEP_CAP_POINT, climb->cap_band_lower, consumed);
    return reckon_crumbs(work, reckon_less(work, STEP_BEYOND_CAP, climb->to_shown, point, 0), exact);
}

static enum rule pay_inpatient(struct work *work)
{
    const struct policy *policy = work->in->policy;
    const struct policy_inpatient *rule = inpatient_rule(work);
    struct amounts *amounts = &work->out->amounts;
    if (rule == NULL)
        return RULE_POLICY_UNKNOWN;
    bool counts = rule->care == CARE_ORDINARY; /* maternity under rows of its own is no stay */
    work->out->row = (uint32_t)(rule - policy->inpatient) + 1;
    amounts->stay_number = counts ? work->in->year->stays + 1 : 0;
    fen_t due = deductible_of(work, rule, amounts->stay_number);
    wide_t deductible = due * SCOPE_UNIT < work->in_scope ? due * SCOPE_UNIT : work->in_scope;
    amounts->deductible = least(to_fen(deductible, SCOPE_UNIT), amounts->in_scope);
    (void)reckon_crumbs(work, reckon_at_most(work, STEP_DEDUCTIBLE_TAKEN, due, amounts->in_scope), amounts->deductible);
    version_one_explain(work, STEP_DEDUCTIBLE, amounts->in_scope, amounts->stay_number, amounts->deductible, 0);
    if (work->retired && policy->retired_own_share_factor > 0)
        version_one_explain(work, STEP_RETIRED_FACTOR, 0, policy->retired_own_share_factor, 0, 0);
    fen_t left = reckon_less(work, STEP_POOL_CAP_LEFT, policy->pool_cap, work->in->year->pool_paid, 0);
    struct climb climb = {.bands = rule->bands,
                          .band_count = rule->band_count,
                          .from = deductible,
                          .to = work->in_scope,
                          .from_shown = amounts->deductible,
                          .to_shown = amounts->in_scope,
                          .cap = left * POOL_UNIT};
    amounts->pool_pay = reckon_at_most(work, STEP_POOL_AT_MOST, climb_bands(work, &climb), left);
    version_one_explain(work, climb.rest > 0 ? STEP_POOL_CAP : STEP_POOL, amounts->in_scope, policy->pool_cap,
                        amounts->pool_pay, 0);
    work->out->added.pool_paid = amounts->pool_pay;
    work->out->added.stays = counts;
    fen_t beyond = reckon_beyond(work, &climb, left);
    pay_civil_servant(work, &climb, beyond);
    pay_large_amount(work, &climb, beyond);
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

/* The year's deductible, and where the bill lies in the year. */
static void reckon_year(struct work *work, fen_t deductible, fen_t before)
{
    const struct amounts *amounts = &work->out->amounts;
    fen_t due = reckon_less(work, STEP_YEAR_DEDUCTIBLE, deductible, before, 0);
    due = reckon_at_most(work, STEP_DEDUCTIBLE_TAKEN, due, amounts->in_scope);
    due = reckon_crumbs(work, due, amounts->deductible);
    if (before == 0)
        return;
    (void)reckon_plus(work, STEP_YEAR_FROM, before, due);
    (void)reckon_plus(work, STEP_YEAR_TO, before, amounts->in_scope);
}

static enum rule pay_outpatient(struct work *work)
{
    const struct policy *policy = work->in->policy;
    const struct policy_outpatient *rule = outpatient_rule(work);
    struct amounts *amounts = &work->out->amounts;
    struct accumulators year = *work->in->year;
    work->out->outpatient = true;
    if (rule == NULL)
        return RULE_POLICY_UNKNOWN;
    work->out->row = (uint32_t)(rule - policy->outpatient) + 1;
    struct group before = group_of(&year, rule->care), added = group_of(&work->out->added, rule->care);
    wide_t from = *before.in_scope * SCOPE_UNIT, to = from + work->in_scope;
    wide_t deductible = rule->deductible * SCOPE_UNIT;
    wide_t start = from > deductible ? from : deductible < to ? deductible : to;
    amounts->deductible = least(to_fen(start - from, SCOPE_UNIT), amounts->in_scope);
    version_one_explain(work, STEP_OUTPATIENT, amounts->in_scope, rule->deductible, amounts->deductible, 0);
    reckon_year(work, rule->deductible, *before.in_scope);
    fen_t row_left = BILL_TOTAL_MAX_FEN, pool_left = BILL_TOTAL_MAX_FEN;
    if (rule->cap > 0)
        row_left = reckon_less(work, STEP_OUTPATIENT_CAP_LEFT, rule->cap, *before.paid, 0);
    if (rule->counts_to_pool_cap)
        pool_left = reckon_less(work, STEP_POOL_CAP_LEFT, policy->pool_cap, year.pool_paid, 0);
    struct climb climb = {.bands = rule->bands,
                          .band_count = rule->band_count,
                          .from = start,
                          .to = to,
                          .from_shown = *before.in_scope + amounts->deductible,
                          .to_shown = *before.in_scope + amounts->in_scope,
                          .cap = least(row_left, pool_left) * POOL_UNIT};
    amounts->pool_pay = climb_bands(work, &climb);
    if (rule->cap > 0)
        amounts->pool_pay = reckon_at_most(work, STEP_OUTPATIENT_AT_MOST, amounts->pool_pay, row_left);
    if (rule->counts_to_pool_cap)
        amounts->pool_pay = reckon_at_most(work, STEP_POOL_AT_MOST, amounts->pool_pay, pool_left);
    bool at_cap = climb.cap_band > 0, at_pool_cap = at_cap && pool_left <= row_left;
    version_one_explain(work,
                        at_pool_cap ? STEP_POOL_CAP
                        : at_cap    ? STEP_OUTPATIENT_CAP
                                    : STEP_POOL,
                        amounts->in_scope, at_cap && !at_pool_cap ? rule->cap : policy->pool_cap, amounts->pool_pay, 0);
    *added.in_scope = amounts->in_scope;
    *added.paid = amounts->pool_pay;
    if (rule->counts_to_pool_cap)
        work->out->added.pool_paid = amounts->pool_pay;
    if (at_pool_cap)
        pay_large_amount(work, &climb, reckon_beyond(work, &climb, pool_left));
    return RULE_NONE;
}

/* The total, less each fund that pays. */
static void reckon_person(struct work *work)
{
    const struct amounts *amounts = &work->out->amounts;
    const fen_t funds[] = {amounts->pool_pay, amounts->civil_servant_pay, amounts->large_amount_pay,
                           amounts->catastrophic_pay, amounts->assistance_pay};
    fen_t left = amounts->total;
    for (unsigned i = 0; i < sizeof funds / sizeof funds[0]; i++)
        if (funds[i] > 0)
            left = reckon_less(work, STEP_PERSON_LESS_FUND, left, funds[i], 0);
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
    reckon_person(work);
    if (amounts->account_pay > 0)
        benefit_explain(work, STEP_ACCOUNT, amounts->person_pay_total, work->in->account_balance, amounts->account_pay,
                        0);
    version_one_explain(work, STEP_CASH, amounts->person_pay_total, 0, amounts->cash_pay, 0);
    (void)reckon_less(work, STEP_CASH_LEFT, amounts->person_pay_total, amounts->account_pay, 0);
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
    work->urgent = care_kind_is_urgent(work->published, bill->care_kind) || standing == STANDING_REFERRAL_OR_EMERGENCY;
    work->cut = work->urgent ? policy->away_referral_cut : policy->away_other_cut;
    if (work->cut > 0)
        benefit_explain(work, STEP_AWAY_CUT, 0, work->cut, 0, work->urgent ? 1 : 0);
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
