/* SPDX-License-Identifier: Apache-2.0
 * The check of a policy. */
#include "common/engines/policy/policy_check.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/text.h"
#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "common/codes/rule.h"
#include "common/engines/gazette/areas.h"

struct check {
    const char *root;
    struct findings *findings;
};

__attribute__((format(printf, 4, 5))) static void want(const struct check *check, bool holds, const char *wanted,
                                                       const char *format, ...)
{
    char path[FINDING_PATH_MAX + 1], field[FINDING_PATH_MAX + 1];
    va_list arguments;
    if (holds)
        return;
    va_start(arguments, format);
    (void)vsnprintf(field, sizeof field, format, arguments);
    va_end(arguments);
    (void)snprintf(path, sizeof path, "%.24s.%.38s", check->root, field);
    findings_add(check->findings, RULE_POLICY_INVALID, path, wanted);
}

static bool is_ratio(basis_points_t ratio)
{
    return ratio >= 0 && ratio <= BASIS_POINTS_ONE;
}

static bool is_amount(fen_t amount)
{
    return amount >= 0 && amount <= BILL_TOTAL_MAX_FEN;
}

/* ---- the range of each number of policy.def; `where`: "inpatient[0]." ---- */

static void hold_amount(const struct check *check, const char *where, const char *key, fen_t amount)
{
    want(check, is_amount(amount), "an amount", "%s%s_fen", where, key);
}

static void hold_ratio(const struct check *check, const char *where, const char *key, basis_points_t ratio)
{
    want(check, is_ratio(ratio), "0-10,000 basis points", "%s%s_bp", where, key);
}

#define HELD_YUAN(where, key, value) hold_amount(check, where, key, value);
#define HELD_PERCENT(where, key, value) hold_ratio(check, where, key, value);
#define HELD_WHOLE(where, key, value)
#define HELD_TRUTH(where, key, value)
#define HELD_DATE(where, key, value)

/* ---- what holds between them ---- */

static void check_bands(const struct check *check, const struct policy_band *bands, uint32_t count, const char *where)
{
    want(check, count > 0, "at least one band", "%sbands", where);
    for (uint32_t i = 0; i < count; i++) {
        bool last = i + 1 == count;
        want(check, is_ratio(bands[i].ratio), "0-10,000 basis points", "%sbands[%u].ratio_bp", where, i);
        if (last)
            want(check, bands[i].upper == 0, "the last band is open", "%sbands[%u].upper_fen", where, i);
        else
            want(check, bands[i].upper > (i > 0 ? bands[i - 1].upper : 0) && is_amount(bands[i].upper),
                 "rising upper ends", "%sbands[%u].upper_fen", where, i);
    }
}

static void check_inpatient(const struct check *check, const struct policy *policy)
{
    bool level[4] = {false};
    char where[32];
    want(check, policy->inpatient_count > 0, "a rule for each level", "inpatient");
    for (uint32_t i = 0; i < policy->inpatient_count; i++) {
        const struct policy_inpatient *rule = &policy->inpatient[i];
        bool ordinary = rule->care == CARE_ORDINARY, known = rule->level >= 1 && rule->level <= 3;
        want(check, known || (!ordinary && rule->level == 0), "level 1, 2 or 3", "inpatient[%u].level", i);
        want(check, ordinary || rule->care == CARE_MATERNITY, "ordinary or maternity", "inpatient[%u].care", i);
        if (known && ordinary && !rule->municipal)
            level[rule->level] = true;
        (void)snprintf(where, sizeof where, "inpatient[%u].", i);
#define INPATIENT(key, member, kind, needed) HELD_##kind(where, #key, rule->member)
#include "common/engines/policy/policy.def"
        check_bands(check, rule->bands, rule->band_count, where);
        for (uint32_t j = 0; j < i; j++)
            want(check,
                 policy->inpatient[j].level != rule->level || policy->inpatient[j].municipal != rule->municipal ||
                     policy->inpatient[j].care != rule->care,
                 "one rule a class of hospital", "inpatient[%u]", i);
    }
    bool maternity_alone = insurance_class_of(policy->insurance_type) == INSURANCE_MATERNITY;
    for (uint32_t i = 0; i < policy->inpatient_count && maternity_alone; i++)
        want(check, policy->inpatient[i].care == CARE_MATERNITY, "maternity: 510 settles nothing else",
             "inpatient[%u].care", i);
    for (unsigned i = 1; i <= 3 && !maternity_alone; i++)
        want(check, level[i], "a rule for hospitals of this level", "inpatient.level_%u", i);
}

static void check_outpatient(const struct check *check, const struct policy *policy)
{
    char where[32];
    for (uint32_t i = 0; i < policy->outpatient_count; i++) {
        const struct policy_outpatient *rule = &policy->outpatient[i];
        want(check, rule->care <= CARE_MATERNITY, "a class of care", "outpatient[%u].care", i);
        want(check, rule->care == CARE_MATERNITY || insurance_class_of(policy->insurance_type) != INSURANCE_MATERNITY,
             "maternity: 510 settles nothing else", "outpatient[%u].care", i);
        want(check, rule->level <= 3, "level 1, 2 or 3, or none", "outpatient[%u].level", i);
        want(check, rule->age_min <= 150, "an age", "outpatient[%u].age_min", i);
        (void)snprintf(where, sizeof where, "outpatient[%u].", i);
#define OUTPATIENT(key, member, kind, needed) HELD_##kind(where, #key, rule->member)
#include "common/engines/policy/policy.def"
        check_bands(check, rule->bands, rule->band_count, where);
        for (uint32_t j = 0; j < i; j++) {
            const struct policy_outpatient *other = &policy->outpatient[j];
            want(check,
                 other->community != rule->community || other->retired != rule->retired ||
                     other->age_min != rule->age_min || other->care != rule->care || other->level != rule->level,
                 "one rule a class of person and institution", "outpatient[%u]", i);
        }
    }
}

static bool is_poverty(uint32_t category)
{
    return category >= POVERTY_EXTREME && category <= POVERTY_ILLNESS;
}

static void check_poor(const struct check *check, const struct policy *policy)
{
    for (uint32_t i = 0; i < policy->catastrophic_poor_count; i++) {
        uint32_t category = policy->catastrophic_poor[i].category;
        want(check, is_poverty(category), "a category of poverty", "catastrophic.poor_categories[%u]", i);
        for (uint32_t j = 0; j < i; j++)
            want(check, policy->catastrophic_poor[j].category != category, "each category once",
                 "catastrophic.poor_categories[%u]", i);
    }
}

static void check_beyond(const struct check *check, const struct policy *policy)
{
    char where[32];
#define LARGE_AMOUNT(key, member, kind, needed) HELD_##kind("large_amount.", #key, policy->member)
#include "common/engines/policy/policy.def"
#define CATASTROPHIC(key, member, kind, needed) HELD_##kind("catastrophic.", #key, policy->member)
#include "common/engines/policy/policy.def"
    want(check, policy->catastrophic_band_count > 0 || policy->catastrophic_deductible == 0, "bands to its deductible",
         "catastrophic.bands");
    if (policy->catastrophic_band_count > 0)
        check_bands(check, policy->catastrophic_bands, policy->catastrophic_band_count, "catastrophic.");
#define ASSISTANCE(key, member, kind, needed) HELD_##kind("assistance.", #key, policy->member)
#include "common/engines/policy/policy.def"
    for (uint32_t i = 0; i < policy->assistance_count; i++) {
        want(check, is_poverty(policy->assistance[i].category), "a category of poverty",
             "assistance.classes[%u].category", i);
        (void)snprintf(where, sizeof where, "assistance.classes[%u].", i);
#define CLASS(key, member, kind, needed) HELD_##kind(where, #key, policy->assistance[i].member)
#include "common/engines/policy/policy.def"
        for (uint32_t j = 0; j < i; j++)
            want(check, policy->assistance[j].category != policy->assistance[i].category, "one class a category",
                 "assistance.classes[%u].category", i);
    }
}

static void check_retired(const struct check *check, const struct policy *policy)
{
#define RETIRED(key, member, kind, needed) HELD_##kind("retired.", #key, policy->member)
#include "common/engines/policy/policy.def"
#define POLICY(key, member, kind, needed) HELD_##kind("", #key, policy->member)
#include "common/engines/policy/policy.def"
}

static void check_away(const struct check *check, const struct policy *policy)
{
    want(check, policy->away_filed_from == 0 || civil_date_exists(policy->away_filed_from),
         "0, or a day of the calendar", "away.counts_as_filed_from");
#define AWAY(key, member, kind, needed) HELD_##kind("away.", #key, policy->member)
#include "common/engines/policy/policy.def"
}

static bool is_code_of_area(const char *area)
{
    return text_digits(area) == 6 && region_of(area) != NULL;
}

/* Before LOGIC_POLICY_APPLIES it has no effect yet, and no such policy was on any log. */
static bool may_apply(const struct published *published, const char *area)
{
    return published != NULL && logic_has(published->logic, LOGIC_POLICY_APPLIES)
               ? area_find(published, area_itself(published, area)) != NULL
               : is_code_of_area(area);
}

bool policy_area_is_known(const struct policy *policy, const struct published *published)
{
    bool own = published != NULL ? area_find(published, policy->area) != NULL : is_code_of_area(policy->area);
    return own || (policy->applies_to_count > 0 && region_is_known(policy->area));
}

/* Of the same region: nobody states another region's policy. */
static void check_applied(const struct check *check, const struct policy *policy, const struct published *published)
{
    for (uint32_t i = 0; i < policy->applies_to_count; i++) {
        const char *area = policy->applies_to[i].area;
        want(check, may_apply(published, area) && strncmp(area, policy->area, 2) == 0,
             "a pooling area of the same region", "applies_to[%u]", i);
        for (uint32_t j = 0; j < i; j++)
            want(check, strcmp(policy->applies_to[j].area, area) != 0, "each area once", "applies_to[%u]", i);
    }
}

void policy_check(const struct policy *policy, const struct published *published, const char *root,
                  struct findings *findings)
{
    struct check check = {root, findings};
    bool from = civil_date_exists(policy->valid_from);
    want(&check, policy_area_is_known(policy, published), "a pooling area", "area");
    check_applied(&check, policy, published);
    want(&check, insurance_type_is_settled(policy->insurance_type), "310, 390 or 510", "insurance_type");
    want(&check, from, "a day of the calendar", "valid_from");
    want(&check,
         policy->valid_to == 0 || (civil_date_exists(policy->valid_to) && policy->valid_to >= policy->valid_from),
         "0, or a day not before valid_from", "valid_to");
    want(&check, policy->source[0] != 0, "where the numbers come from", "source");
    want(&check, strlen(policy->grade) == 1 && strchr("ORPSM", policy->grade[0]) != NULL, "O, R, P, S or M", "grade");
    want(&check, policy->period_days_max <= 3660, "at most 3,660 days", "period_days_max");
    want(&check, policy->pool_cap > 0 && is_amount(policy->pool_cap), "an amount above zero", "pool_cap_fen");
    check_inpatient(&check, policy);
    check_outpatient(&check, policy);
    check_beyond(&check, policy);
    check_poor(&check, policy);
    check_retired(&check, policy);
    check_away(&check, policy);
}
