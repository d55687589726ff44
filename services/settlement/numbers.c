/* SPDX-License-Identifier: Apache-2.0
 * Warnings of numbers. */
#include "services/settlement/numbers.h"

#include <stdio.h>

#include "common/engines/benefit/step.h"

static const char ratio[] = ".ratio", upper[] = ".upper"; /* of one size */

/* What one rule names, in findings of as many names as fit. */
struct naming {
    struct findings *findings;
    enum rule rule;
    char path[FINDING_PATH_MAX + 1];
    char text[FINDING_DETAIL_MAX + 1];
};

static struct naming naming_of(const struct deciding *deciding, enum rule rule, const char *field)
{
    struct naming naming = {.findings = &deciding->self->findings, .rule = rule};
    (void)snprintf(naming.path, sizeof naming.path, "%s.%s", deciding->outcome.event, field);
    return naming;
}

static void finish(struct naming *naming)
{
    if (naming->text[0] != 0)
        findings_add(naming->findings, naming->rule, naming->path, naming->text);
    naming->text[0] = 0;
}

static bool holds(const char *text, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name))
        if ((at == text || at[-1] == ' ') && (at[size] == 0 || at[size] == ','))
            return true;
    return false;
}

static bool is_named(const struct naming *naming, const char *name)
{
    bool named = holds(naming->text, name);
    for (uint32_t i = 0; i < naming->findings->count && !named; i++)
        named = naming->findings->items[i].rule == naming->rule && holds(naming->findings->items[i].detail, name);
    return named;
}

static void add_name(struct naming *naming, const char *name)
{
    if (is_named(naming, name))
        return;
    if (naming->text[0] != 0 && strlen(naming->text) + 2 + strlen(name) > FINDING_DETAIL_MAX)
        finish(naming);
    size_t size = strlen(naming->text);
    (void)snprintf(naming->text + size, sizeof naming->text - size, "%s%s", size > 0 ? ", " : "", name);
}

/* The band whose ratio this path names; NULL: it names something else. */
static const struct policy_band *band_of(const struct policy *policy, const struct benefit_result *result,
                                         const struct step *step, const char *path)
{
    size_t size = strlen(path);
    if (strstr(path, "bands[") == NULL || size < sizeof ratio || strcmp(path + size - (sizeof ratio - 1), ratio) != 0)
        return NULL;
    const struct policy_band *bands = strncmp(path, "catastrophic.", 13) == 0 ? policy->catastrophic_bands
                                      : result->outpatient ? policy->outpatient[result->row - 1].bands
                                                           : policy->inpatient[result->row - 1].bands;
    return &bands[step->index - 1];
}

/* Of the parameters that gave a step, those that nobody stated: its own, and where that is a band's ratio, the band's
 * upper end. */
static void note_unstated(struct deciding *deciding, const struct step *step, struct unstated_memo *memo)
{
    const struct benefit_result *result = &deciding->self->result;
    char path[PARAMETER_SOURCE_PATH_MAX + 1];
    benefit_step_path(step, result->row, result->outpatient, path);
    if (path[0] == 0)
        return;
    if (policy_book_is_unstated(deciding->policy, path))
        memcpy(memo->names[0], path, sizeof path);
    const struct policy_band *band = band_of(deciding->policy, result, step, path);
    if (band == NULL || band->upper == 0)
        return;
    memcpy(path + strlen(path) - (sizeof ratio - 1), upper, sizeof upper);
    if (policy_book_is_unstated(deciding->policy, path))
        memcpy(memo->names[1], path, sizeof path);
}

/* They are the same for the same step of the same row of a version, and are written down: a bill has a dozen. */
static const struct unstated_memo *unstated_of(struct deciding *deciding, const struct step *step)
{
    const struct benefit_result *result = &deciding->self->result;
    position_t policy = policy_book_position(deciding->policy);
    uint32_t row = (uint32_t)result->row * 2 + result->outpatient;
    uint64_t mixed = (policy << 32 ^ (uint64_t)step->rule << 24 ^ (uint64_t)step->index << 8 ^ row) *
                     UINT64_C(0x9E3779B97F4A7C15); /* Fibonacci hashing: the upper bits are even */
    struct unstated_memo *memo = &deciding->self->unstated[mixed >> (64 - UNSTATED_MEMO_BITS)];
    if (memo->policy != policy || memo->step != step->rule || memo->index != step->index || memo->row != row) {
        *memo = (struct unstated_memo){.policy = policy, .step = step->rule, .index = step->index, .row = row};
        note_unstated(deciding, step, memo);
    }
    return memo;
}

static void warn_of_unstated(struct deciding *deciding)
{
    const struct benefit_result *result = &deciding->self->result;
    struct naming naming = naming_of(deciding, RULE_PARAMETER_UNSTATED, "insured_area");
    for (uint32_t i = 0; i < result->step_count; i++) {
        const struct unstated_memo *memo = unstated_of(deciding, &result->steps[i]);
        for (unsigned name = 0; name < 2; name++)
            if (memo->names[name][0] != 0)
                add_name(&naming, memo->names[name]);
    }
    if (deciding->verdict->facts.civil_servant && deciding->policy->civil_servant_aid == 0 &&
        policy_book_is_unstated(deciding->policy, "civil_servant"))
        add_name(&naming, "civil_servant"); /* 0 is a number too */
    finish(&naming);
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
    struct naming naming = naming_of(deciding, RULE_POLICY_SILENT, "insured_area");
    if (amounts->in_scope == amounts->fund_pay_total)
        return;
    if (facts->civil_servant && !policy_book_states_civil_servant(deciding->policy))
        add_name(&naming, "civil_servant");
    if (facts->poverty != POVERTY_NONE && !assists(deciding->policy, facts->poverty))
        add_name(&naming, "assistance.classes");
    finish(&naming);
}

static void warn_of_end(struct deciding *deciding)
{
    const struct policy *policy = deciding->policy;
    struct naming naming = naming_of(deciding, RULE_POLICY_ENDED, "discharge_date");
    if (policy->valid_to == 0 || deciding->event->body.bill.discharge_date <= policy->valid_to)
        return;
    (void)snprintf(naming.text, sizeof naming.text, "%s %s to %u", policy->area, policy->insurance_type,
                   policy->valid_to);
    finish(&naming);
}

void warn_of_numbers(struct deciding *deciding)
{
    if (logic_has(deciding->published->logic, LOGIC_NUMBERS_NAMED)) {
        warn_of_unstated(deciding);
        warn_of_silence(deciding);
    }
    warn_of_end(deciding);
}
