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
    const char *event, *field;
    size_t size; /* of the text */
    char text[FINDING_DETAIL_MAX + 1];
};

/* Most bills have nothing to be named: what is made here is little. */
static void naming_start(struct naming *naming, const struct deciding *deciding, enum rule rule, const char *field)
{
    naming->findings = &deciding->self->findings;
    naming->rule = rule;
    naming->event = deciding->outcome.event;
    naming->field = field;
    naming->size = 0;
    naming->text[0] = 0;
}

static void finish(struct naming *naming)
{
    char path[FINDING_PATH_MAX + 1];
    if (naming->size == 0)
        return;
    (void)snprintf(path, sizeof path, "%s.%s", naming->event, naming->field);
    findings_add(naming->findings, naming->rule, path, naming->text);
    naming->size = 0;
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
    size_t size = strlen(name);
    if (is_named(naming, name))
        return;
    if (naming->size != 0 && naming->size + 2 + size > FINDING_DETAIL_MAX)
        finish(naming);
    if (naming->size != 0) {
        memcpy(naming->text + naming->size, ", ", 2);
        naming->size += 2;
    }
    size = size < FINDING_DETAIL_MAX - naming->size ? size : FINDING_DETAIL_MAX - naming->size;
    memcpy(naming->text + naming->size, name, size);
    naming->size += size;
    naming->text[naming->size] = 0;
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
static void note_unstated(struct deciding *deciding, const struct step *step, struct unstated_names *unstated)
{
    const struct benefit_result *result = &deciding->self->result;
    char path[PARAMETER_SOURCE_PATH_MAX + 1];
    benefit_step_path(step, result->row, result->outpatient, path);
    if (path[0] == 0)
        return;
    if (policy_book_is_unstated(deciding->policy, path))
        memcpy(unstated->names[0], path, sizeof path);
    const struct policy_band *band = band_of(deciding->policy, result, step, path);
    if (band == NULL || band->upper == 0)
        return;
    memcpy(path + strlen(path) - (sizeof ratio - 1), upper, sizeof upper);
    if (policy_book_is_unstated(deciding->policy, path))
        memcpy(unstated->names[1], path, sizeof path);
}

/* They are the same for the same step of the same row of a version, and are written down: a bill has a dozen. NULL:
 * there are none. */
static const struct unstated_names *unstated_of(struct deciding *deciding, const struct step *step)
{
    const struct benefit_result *result = &deciding->self->result;
    position_t policy = policy_book_position(deciding->policy);
    uint32_t row = (uint32_t)result->row * 2 + result->outpatient;
    uint64_t mixed = (policy << 32 ^ (uint64_t)step->rule << 24 ^ (uint64_t)step->index << 8 ^ row) *
                     UINT64_C(0x9E3779B97F4A7C15); /* Fibonacci hashing: the upper bits are even */
    uint64_t at = mixed >> (64 - UNSTATED_MEMO_BITS);
    struct unstated_memo *memo = &deciding->self->unstated[at];
    struct unstated_names *unstated = &deciding->self->unstated_names[at];
    if (memo->policy != policy || memo->step != step->rule || memo->index != step->index || memo->row != row) {
        *memo = (struct unstated_memo){.policy = policy, .step = step->rule, .index = step->index, .row = row};
        *unstated = (struct unstated_names){0};
        note_unstated(deciding, step, unstated);
        memo->any = unstated->names[0][0] != 0 || unstated->names[1][0] != 0;
    }
    return memo->any ? unstated : NULL;
}

static void warn_of_unstated(struct deciding *deciding)
{
    const struct benefit_result *result = &deciding->self->result;
    struct naming naming;
    naming_start(&naming, deciding, RULE_PARAMETER_UNSTATED, "insured_area");
    for (uint32_t i = 0; i < result->step_count; i++) {
        const struct unstated_names *unstated = unstated_of(deciding, &result->steps[i]);
        for (unsigned name = 0; unstated != NULL && name < 2; name++)
            if (unstated->names[name][0] != 0)
                add_name(&naming, unstated->names[name]);
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
    struct naming naming;
    if (amounts->in_scope == amounts->fund_pay_total)
        return;
    naming_start(&naming, deciding, RULE_POLICY_SILENT, "insured_area");
    if (facts->civil_servant && !policy_book_states_civil_servant(deciding->policy))
        add_name(&naming, "civil_servant");
    if (facts->poverty != POVERTY_NONE && !assists(deciding->policy, facts->poverty))
        add_name(&naming, "assistance.classes");
    finish(&naming);
}

static void warn_of_end(struct deciding *deciding)
{
    const struct policy *policy = deciding->policy;
    char path[FINDING_PATH_MAX + 1], detail[FINDING_DETAIL_MAX + 1];
    if (policy->valid_to == 0 || deciding->event->body.bill.discharge_date <= policy->valid_to)
        return;
    (void)snprintf(path, sizeof path, "%s.discharge_date", deciding->outcome.event);
    (void)snprintf(detail, sizeof detail, "%s %s to %u", policy->area, policy->insurance_type, policy->valid_to);
    findings_add(&deciding->self->findings, RULE_POLICY_ENDED, path, detail);
}

void warn_of_numbers(struct deciding *deciding)
{
    if (logic_has(deciding->published->logic, LOGIC_NUMBERS_NAMED)) {
        warn_of_unstated(deciding);
        warn_of_silence(deciding);
    }
    warn_of_end(deciding);
}
