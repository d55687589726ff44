/* SPDX-License-Identifier: Apache-2.0
 * Warnings of numbers. */
#include "services/settlement/numbers.h"

#include <stdio.h>

#include "common/engines/benefit/step.h"

/* Names in a finding's detail: as many as fit, then how many more. */
struct names {
    char text[FINDING_DETAIL_MAX + 1];
    unsigned more;
};

static bool is_named(const struct names *names, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = strstr(names->text, name); at != NULL; at = strstr(at + 1, name))
        if ((at == names->text || at[-1] == ' ') && (at[size] == 0 || at[size] == ','))
            return true;
    return false;
}

static void add_name(struct names *names, const char *name)
{
    enum { ROOM_FOR_MORE = sizeof ", and 64 more" };
    size_t size = strlen(names->text);
    if (is_named(names, name))
        return;
    if (size + 2 + strlen(name) + ROOM_FOR_MORE < sizeof names->text)
        (void)snprintf(names->text + size, sizeof names->text - size, "%s%s", size > 0 ? ", " : "", name);
    else
        names->more++;
}

static void warn(struct deciding *deciding, enum rule rule, const char *field, struct names *names)
{
    char path[FINDING_PATH_MAX + 1];
    size_t size = strlen(names->text);
    if (size == 0)
        return;
    if (names->more > 0)
        (void)snprintf(names->text + size, sizeof names->text - size, ", and %u more", names->more);
    (void)snprintf(path, sizeof path, "%s.%s", deciding->outcome.event, field);
    findings_add(&deciding->self->findings, rule, path, names->text);
}

/* Of the parameters that took part, by the steps that they gave. */
static void warn_of_unstated(struct deciding *deciding)
{
    const struct benefit_result *result = &deciding->self->result;
    struct names names = {.more = 0};
    for (uint32_t i = 0; i < result->step_count; i++) {
        char path[PARAMETER_SOURCE_PATH_MAX + 1];
        benefit_step_path(&result->steps[i], result->row, result->outpatient, path);
        if (path[0] != 0 && policy_book_is_unstated(deciding->policy, path))
            add_name(&names, path);
    }
    warn(deciding, RULE_PARAMETER_UNSTATED, "insured_area", &names);
}

static bool assists(const struct policy *policy, uint32_t category)
{
    bool stated = false;
    for (uint32_t i = 0; i < policy->assistance_count; i++)
        stated = stated || policy->assistance[i].category == category;
    return stated;
}

/* Where something is left to pay. */
static void warn_of_silence(struct deciding *deciding)
{
    const struct bill_facts *facts = &deciding->verdict->facts;
    const struct amounts *amounts = &deciding->self->result.amounts;
    struct names names = {.more = 0};
    if (amounts->in_scope == amounts->fund_pay_total)
        return;
    if (facts->civil_servant && deciding->policy->civil_servant_aid == 0)
        add_name(&names, "civil_servant");
    if (facts->poverty != POVERTY_NONE && !assists(deciding->policy, facts->poverty))
        add_name(&names, "assistance.classes");
    warn(deciding, RULE_POLICY_SILENT, "insured_area", &names);
}

static void warn_of_end(struct deciding *deciding)
{
    const struct policy *policy = deciding->policy;
    struct names names = {.more = 0};
    if (policy->valid_to == 0 || deciding->event->body.bill.discharge_date <= policy->valid_to)
        return;
    (void)snprintf(names.text, sizeof names.text, "%s %s to %u", policy->area, policy->insurance_type,
                   policy->valid_to);
    warn(deciding, RULE_POLICY_ENDED, "discharge_date", &names);
}

void warn_of_numbers(struct deciding *deciding)
{
    if (logic_has(deciding->published->logic, LOGIC_NUMBERS_NAMED)) {
        warn_of_unstated(deciding);
        warn_of_silence(deciding);
    }
    warn_of_end(deciding);
}
