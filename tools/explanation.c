/* SPDX-License-Identifier: Apache-2.0
 * Explanations as tables. */
#include "tools/explanation.h"

#include <stdio.h>
#include <string.h>

#include "common/engines/benefit/benefit.h"
#include "common/engines/transfer/steps.h"

/* Of a bill's calculation, or of a transfer's: their numbers do not meet. */
static const char *step_words(uint32_t number, bool english)
{
    const struct benefit_step_text *benefit = benefit_step_find(number);
    const struct transfer_step_text *transfer = transfer_step_find(number);
    if (benefit != NULL)
        return english ? benefit->en : benefit->zh;
    return transfer == NULL ? "?" : english ? transfer->en : transfer->zh;
}

static void describe_ratio(int64_t basis_points, char text[32])
{
    (void)snprintf(text, 32, "%lld.%02lld %%", (long long)basis_points / 100, (long long)basis_points % 100);
}

/* A parameter as people write it: per cent, yuan, or a plain number. */
static void describe_parameter(const struct step *step, char text[32])
{
    text[0] = 0;
    switch (benefit_step_unit(step->rule)) {
    case UNIT_NONE:
        break;
    case UNIT_NUMBER:
        (void)snprintf(text, 32, "%lld", (long long)step->parameter);
        break;
    case UNIT_FEN:
        money_describe(step->parameter, text);
        break;
    case UNIT_BASIS_POINTS:
        describe_ratio(step->parameter, text);
        break;
    }
}

static void describe_transfer_parameter(const struct step *step, char text[32])
{
    const struct transfer_step_text *known = transfer_step_find(step->rule);
    text[0] = 0;
    switch (known == NULL ? TRANSFER_NUMBER : known->unit) {
    case TRANSFER_NONE:
        break;
    case TRANSFER_NUMBER:
        (void)snprintf(text, 32, "%lld", (long long)step->parameter);
        break;
    case TRANSFER_PROVINCE:
        (void)snprintf(text, 32, "%06lld", (long long)step->parameter);
        break;
    case TRANSFER_FEN:
        money_describe(step->parameter, text);
        break;
    case TRANSFER_BASIS_POINTS:
        describe_ratio(step->parameter, text);
        break;
    case TRANSFER_DAY:
        (void)snprintf(text, 32, "%04lld-%02lld-%02lld", (long long)step->parameter / 10000,
                       (long long)step->parameter / 100 % 100, (long long)step->parameter % 100);
        break;
    }
}

void explanation_print_steps(const struct step *steps, uint32_t count, bool english)
{
    (void)printf(english ? "%14s %12s %14s  %s\n" : "%14s %12s %14s  %s\n", english ? "before" : "之前",
                 english ? "parameter" : "参数", english ? "after" : "之后", english ? "step" : "步骤");
    for (uint32_t i = 0; i < count; i++) {
        const char *words = step_words(steps[i].rule, english);
        char before[32], parameter[32], after[32];
        money_describe(steps[i].before, before);
        money_describe(steps[i].after, after);
        describe_transfer_parameter(&steps[i], parameter);
        (void)printf("%14s %12s %14s  %s", before, parameter, after, words);
        if (steps[i].index > 0)
            (void)printf(" %u", steps[i].index);
        (void)printf("\n");
    }
}

void explanation_print_amounts(const struct amounts *amounts, bool english)
{
    const struct {
        const char *zh, *en;
        fen_t amount;
    } rows[] = {
#define AMOUNT(member, national, zh, en) {zh, en, amounts->member},
#include "common/codes/amount.def"
#undef AMOUNT
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[32];
        money_describe(rows[i].amount, text);
        (void)printf("%14s  %s\n", text, english ? rows[i].en : rows[i].zh);
    }
}

void explanation_print_transfer(const struct transfer_view *transfer, bool english)
{
    const struct {
        const char *zh, *en;
        fen_t amount;
    } rows[] = {{"④个人账户部分", "④ account part", transfer->account_total},
                {"⑤统筹部分", "⑤ pooled part", transfer->pooled_total},
                {"⑥转移总额", "⑥ total", transfer->transfer_total}};
    (void)printf("%s %s  %s  %s -> %s\n", english ? "transfer" : "转移", transfer->transfer_id,
                 transfer_state_name(transfer->state), transfer->source_area, transfer->target_area);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[32];
        money_describe(rows[i].amount, text);
        if (rows[i].amount != 0)
            (void)printf("%14s  %s\n", text, english ? rows[i].en : rows[i].zh);
    }
}

/* The policy's version, and the file's own source. `policy` NULL: not to be had here. */
void explanation_print_policy(const struct policy_reference *reference, const struct policy *policy, bool english)
{
    (void)printf(english ? "policy %s %s from %u" : "待遇政策 %s %s 自 %u 起", reference->area,
                 reference->insurance_type, reference->valid_from);
    if (reference->position != 0)
        (void)printf(english ? ", published at position %llu" : ",发布于位置 %llu",
                     (unsigned long long)reference->position);
    if (policy != NULL)
        (void)printf("  [%s %s]", policy->grade, policy->source);
    (void)printf("\n");
}

static const struct policy_source *source_of(const struct policy_sources *sources, const char *path)
{
    for (uint32_t i = 0; sources != NULL && i < sources->count; i++)
        if (strcmp(sources->items[i].path, path) == 0)
            return &sources->items[i];
    return NULL;
}

/* "inpatient[0].bands[1].ratio [O art. 36]" */
static void print_source(const char *path, const struct policy_source *source)
{
    if (path[0] == 0)
        return;
    (void)printf("  %s", path);
    if (source != NULL)
        (void)printf(" [%s%s%s]", source->grade, source->source[0] != 0 ? " " : "", source->source);
}

void explanation_print_bill(const struct step *steps, uint32_t count, const struct policy_reference *reference,
                            const struct policy_sources *sources, bool english)
{
    (void)printf("%14s %14s %14s  %s\n", english ? "before" : "之前", english ? "parameter" : "参数",
                 english ? "after" : "之后", english ? "step" : "步骤");
    for (uint32_t i = 0; i < count; i++) {
        char before[32], after[32], parameter[32], path[PARAMETER_SOURCE_PATH_MAX + 1];
        money_describe(steps[i].before, before);
        money_describe(steps[i].after, after);
        describe_parameter(&steps[i], parameter);
        benefit_step_path(&steps[i], reference->row, reference->outpatient, path);
        (void)printf("%14s %14s %14s  %s", before, parameter, after, step_words(steps[i].rule, english));
        if (steps[i].index > 0)
            (void)printf(" %u", steps[i].index);
        print_source(path, source_of(sources, path));
        (void)printf("\n");
    }
}
