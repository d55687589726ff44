/* SPDX-License-Identifier: Apache-2.0
 * Whose pension relation may move. */
#include "common/engines/transfer/pension_admission.h"

#include <stdio.h>
#include <string.h>

#include "common/base/check.h"
#include "common/codes/identity.h"
#include "common/engines/gazette/published.h"

struct place {
    struct findings *findings;
    const char *prefix;
};

static void report(const struct place *place, enum rule rule, const char *field)
{
    char path[FINDING_PATH_MAX + 1];
    (void)snprintf(path, sizeof path, "%.36s.%s", place->prefix, field);
    findings_add(place->findings, rule, path, NULL);
}

static bool same_province(const char *a, const char *b)
{
    return strncmp(a, b, 2) == 0;
}

/* A number may be well-formed and name a day that has not been. */
static bool born_later(const struct pension_applicant *applicant, civil_date_t day, const struct place *place)
{
    if (applicant->birth_date > day)
        report(place, RULE_PERSON_BORN_LATER, "person_id");
    return applicant->birth_date > day;
}

/* At pension age the relation moves once more, to where the pension is drawn (六). The form shows whether that is so.
 */
static bool moves_to_be_drawn(const struct published *published, const struct pension_applicant *applicant,
                              civil_date_t day, struct transfer_steps *steps)
{
    civil_date_t reached =
        pension_age_reached(published, applicant->birth_date, applicant->male, applicant->woman_in_management);
    if (!applicant->target_holds_relation || day < reached)
        return false;
    transfer_steps_total(steps, STEP_PENSION_AGE_REACHED, 0, reached, 0);
    return true;
}

enum pension_admission pension_admit(const struct published *published, const struct pension_applicant *applicant,
                                     civil_date_t day, const char *prefix, struct findings *findings,
                                     struct transfer_steps *steps)
{
    struct place place = {findings, prefix};
    bool goes_home = same_province(applicant->household, applicant->target);
    if (born_later(applicant, day, &place))
        return ADMISSION_REFUSED;
    if (applicant->draws_pension)
        report(&place, RULE_PENSION_DRAWN, "draws_pension");
    if (!applicant->enrolled_at_target)
        report(&place, RULE_PENSION_NOT_ENROLLED, "enrolled_at_target");
    if (applicant->draws_pension || !applicant->enrolled_at_target)
        return ADMISSION_REFUSED;
    if (applicant->source_is_temporary && !goes_home && !applicant->target_holds_relation) {
        report(&place, RULE_PENSION_ACCOUNT_SEALED, "source_is_temporary");
        transfer_steps_total(steps, STEP_SEALED, 0, 0, 0);
        return ADMISSION_SEALED;
    }
    if (applicant->source_is_temporary || goes_home || applicant->approved_posting)
        return ADMISSION_MOVES;
    uint32_t age = identity_age_on(applicant->birth_date, day);
    int32_t limit =
        parameter_value(published, applicant->male ? PARAMETER_TEMPORARY_AGE_MEN : PARAMETER_TEMPORARY_AGE_WOMEN, day);
    transfer_steps_total(steps, STEP_AGE, 0, age, 0);
    if (age < (uint32_t)limit || moves_to_be_drawn(published, applicant, day, steps))
        return ADMISSION_MOVES;
    report(&place, RULE_PENSION_TEMPORARY_ACCOUNT, "birth_date");
    transfer_steps_total(steps, STEP_TEMPORARY_ACCOUNT, 0, limit, 0);
    return ADMISSION_TEMPORARY_ACCOUNT;
}

/* ---- between schemes ---- */

struct age_rule {
    enum parameter base, step, rise_max;
};

static struct age_rule age_rule_of(bool male, bool woman_in_management)
{
    if (male)
        return (struct age_rule){PARAMETER_PENSION_AGE_MEN, PARAMETER_PENSION_AGE_STEP_MEN,
                                 PARAMETER_PENSION_AGE_RISE_MEN};
    if (woman_in_management)
        return (struct age_rule){PARAMETER_PENSION_AGE_WOMEN_MANAGEMENT, PARAMETER_PENSION_AGE_STEP_WOMEN_MANAGEMENT,
                                 PARAMETER_PENSION_AGE_RISE_WOMEN_MANAGEMENT};
    return (struct age_rule){PARAMETER_PENSION_AGE_WOMEN, PARAMETER_PENSION_AGE_STEP_WOMEN,
                             PARAMETER_PENSION_AGE_RISE_WOMEN};
}

/* Months since year 0: any date, not those of contributions alone. */
static uint32_t months_since_zero(civil_date_t day)
{
    return day / 10000 * 12 + day / 100 % 100 - 1;
}

static civil_date_t first_of(uint32_t months)
{
    return months / 12 * 10000 + (months % 12 + 1) * 100 + 1;
}

/* The annex fixes the month, so a day that the month lacks is its last one. But the birthday of 29 February is 1 March
 * in common years (DOMAIN 4, M). */
static civil_date_t day_in_month(uint32_t months, civil_date_t birth_date)
{
    civil_date_t date = first_of(months) - 1 + birth_date % 100;
    if (!civil_date_exists(date) && birth_date % 10000 == 229 && months % 12 == 1)
        return first_of(months + 1);
    while (!civil_date_exists(date))
        date--;
    return date;
}

civil_date_t pension_age_reached(const struct published *published, civil_date_t birth_date, bool male,
                                 bool woman_in_management)
{
    struct age_rule rule = age_rule_of(male, woman_in_management);
    PRE(civil_date_exists(birth_date) && birth_date < PENSION_AGE_BIRTH_END);
    uint32_t reached = months_since_zero(birth_date) + (uint32_t)parameter_value(published, rule.base, birth_date);
    civil_date_t old_day = first_of(reached);
    const struct parameter_row *step = parameter_on(published, rule.step, old_day);
    if (step != NULL) {
        uint32_t rise = (reached - months_since_zero(step->valid_from)) / (uint32_t)step->value + 1;
        uint32_t most = (uint32_t)parameter_value(published, rule.rise_max, old_day);
        reached += rise < most ? rise : most;
    }
    return day_in_month(reached, birth_date);
}

bool pension_admit_between(const struct published *published, const struct pension_applicant *applicant,
                           enum pension_direction direction, civil_date_t day, const char *prefix,
                           struct findings *findings, struct transfer_steps *steps)
{
    struct place place = {findings, prefix};
    uint32_t enough = (uint32_t)parameter_value(published, PARAMETER_EMPLOYEES_MONTHS_MIN, day),
             before = findings->count;
    PRE(direction != PENSION_EMPLOYEES_TO_EMPLOYEES);
    if (born_later(applicant, day, &place))
        return false;
    civil_date_t reached =
        pension_age_reached(published, applicant->birth_date, applicant->male, applicant->woman_in_management);
    transfer_steps_total(steps, STEP_PENSION_AGE_REACHED, 0, reached, 0);
    transfer_steps_total(steps, STEP_EMPLOYEES_MONTHS, 0, applicant->employees_months, 0);
    if (applicant->draws_pension)
        report(&place, RULE_PENSION_DRAWN, "draws_pension");
    if (day < reached)
        report(&place, RULE_PENSION_AGE_NOT_REACHED, "birth_date");
    if ((applicant->employees_months >= enough) != (direction == PENSION_RESIDENTS_TO_EMPLOYEES))
        report(&place, RULE_PENSION_EMPLOYEES_YEARS, "employees_months");
    return findings->count == before && !findings->overflow;
}
