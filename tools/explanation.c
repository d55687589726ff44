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

/* Of 10^-8, with the decimals that it has, two at least. */
static void describe_exact_ratio(int64_t ratio, char text[32])
{
    int size = snprintf(text, 26, "%lld.%06lld", (long long)ratio / 1000000, (long long)ratio % 1000000);
    while (size > 5 && text[size - 1] == '0' && text[size - 3] != '.')
        size--;
    memcpy(text + size, " %", sizeof " %");
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
    case UNIT_RATIO:
        describe_exact_ratio(step->parameter, text);
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
    const char *said = "";
    (void)printf("%s\n", english ? "        before    parameter          after  step"
                                 : "          之前         参数           之后  步骤");
    for (uint32_t i = 0; i < count; i++) {
        const struct transfer_step_text *text = transfer_step_find(steps[i].rule);
        char before[32], parameter[32], after[32];
        money_describe(steps[i].before, before);
        money_describe(steps[i].after, after);
        describe_transfer_parameter(&steps[i], parameter);
        if (steps[i].before == 0 && steps[i].after == 0 && parameter[0] != 0) /* months, ages, days: no money */
            before[0] = after[0] = 0;
        (void)printf("%14s %12s %14s  %s", before, parameter, after, step_words(steps[i].rule, english));
        if (steps[i].index > 0)
            (void)printf(" %u", steps[i].index);
        if (text != NULL && strcmp(said, text->source) != 0 && text->source[0] != 0)
            (void)printf("; %s", said = text->source);
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

/* "inpatient[0].bands[1].ratio [O art. 36]"; what has no source of its own rests on the policy's, if that is of its
 * grade. */
static void print_source(const char *path, const struct policy *policy, const struct policy_sources *sources)
{
    const struct policy_source *source = source_of(sources, path);
    if (path[0] == 0)
        return;
    (void)printf("  %s", path);
    if (source == NULL)
        return;
    bool own = source->source[0] != 0 || policy == NULL || strcmp(source->grade, policy->grade) != 0;
    const char *document = own ? source->source : policy->source;
    (void)printf(" [%s%s%s]", source->grade, document[0] != 0 ? " " : "", document);
}

/* What stands between the amount before and the parameter; "": more went into it. */
static const char *sign_of(enum step_form form)
{
    switch (form) {
    case FORM_TIMES:
        return "×";
    case FORM_DIVIDED:
        return "÷";
    case FORM_PLUS:
    case FORM_POINTS_MORE:
        return "+";
    case FORM_LESS:
    case FORM_POINTS_LESS:
        return "-";
    case FORM_AT_MOST:
        return "≤";
    case FORM_AT_LEAST:
        return "≥";
    default:
        return "";
    }
}

/* "18700.00 × 85.00 % = 15895.00": what a calculator is told, and what it says. */
static void print_reckoning(const struct step *step, enum step_form form)
{
    bool of_ratios = form == FORM_OWN_SHARE || form == FORM_POINTS_MORE || form == FORM_POINTS_LESS;
    void (*describe)(fen_t, char[32]) = of_ratios ? describe_exact_ratio : money_describe;
    char before[32], parameter[32], after[32], own[sizeof before + sizeof parameter + sizeof "1 - (1 - ) × "];
    describe(step->before, before);
    describe(step->after, after);
    describe_parameter(step, parameter);
    if (form == FORM_OWN_SHARE) {
        (void)snprintf(own, sizeof own, "1 - (1 - %s) × %s", before, parameter);
        (void)printf("%32s = %14s", own, after); /* the sign is of two bytes */
    } else if (form == FORM_SHOWN) {
        (void)printf("%14s   %14s   %14s", before, parameter, after);
    } else if (form == FORM_STATED || form == FORM_SUM) {
        (void)printf("%48s", after);
    } else if (form == FORM_PARAMETER) {
        (void)printf("%31s%17s", parameter, "");
    } else {
        (void)printf("%14s %s %14s = %14s", before, sign_of(form), parameter, after);
    }
}

/* The words, with the step's index for "#", and of a band where it begins and ends. */
static void describe_words(const struct step *step, bool english, struct buffer *text)
{
    char lower[32], upper[32];
    for (const char *words = step_words(step->rule, english); *words != 0; words++)
        if (*words == '#')
            buffer_printf(text, "%u", step->index);
        else
            buffer_append(text, words, 1);
    if (step->upper == 0)
        return;
    money_describe(step->lower, lower);
    money_describe(step->upper, upper);
    buffer_printf(text, english ? " (%s to %s)" : "(%s 至 %s)", lower, upper);
}

void explanation_print_bill(const struct step *steps, uint32_t count, const struct policy_reference *reference,
                            const struct policy *policy, const struct policy_sources *sources, bool english)
{
    const char *said = "";
    struct buffer words = {0};
    (void)printf("%s\n", english ? "        before        parameter            after  step"
                                 : "          之前             参数             之后  步骤");
    for (uint32_t i = 0; i < count; i++) {
        const struct benefit_step_text *text = benefit_step_find(steps[i].rule);
        char path[PARAMETER_SOURCE_PATH_MAX + 1];
        benefit_step_path(&steps[i], reference->row, reference->outpatient, path);
        print_reckoning(&steps[i], text == NULL ? FORM_SHOWN : text->form);
        buffer_reset(&words);
        describe_words(&steps[i], english, &words);
        (void)printf("  %s", buffer_text(&words));
        print_source(path, policy, sources);
        if (text != NULL && (path[0] != 0 || strcmp(said, text->source) != 0)) /* what rests on the same, once */
            (void)printf("; %s", said = text->source);
        (void)printf("\n");
    }
    buffer_fini(&words);
}

/* ---- as JSON ---- */

static void set_words(json_t *to, const struct step *step)
{
    struct buffer words = {0};
    for (unsigned english = 0; english < 2; english++) {
        buffer_reset(&words);
        describe_words(step, english != 0, &words);
        json_object_set_new(to, english ? "en" : "zh", json_string(buffer_text(&words)));
    }
    buffer_fini(&words);
}

static void set_text(json_t *to, const char *key, const char *text)
{
    if (text[0] != 0)
        json_object_set_new(to, key, json_string(text));
}

/* "18700.00", "×", "85.00 %", "15895.00", as print_reckoning has them. */
static void set_reckoning(json_t *to, const struct step *step, enum step_form form)
{
    bool of_ratios = form == FORM_OWN_SHARE || form == FORM_POINTS_MORE || form == FORM_POINTS_LESS;
    void (*describe)(fen_t, char[32]) = of_ratios ? describe_exact_ratio : money_describe;
    char before[32], parameter[32], after[32];
    describe(step->before, before);
    describe(step->after, after);
    describe_parameter(step, parameter);
    bool alone = form == FORM_STATED || form == FORM_SUM || form == FORM_PARAMETER;
    set_text(to, "before", alone ? "" : before);
    set_text(to, "sign", form == FORM_OWN_SHARE ? "1-(1-a)×b" : sign_of(form));
    set_text(to, "parameter", form == FORM_STATED || form == FORM_SUM ? "" : parameter);
    set_text(to, "after", form == FORM_PARAMETER ? "" : after);
}

static void set_source(json_t *to, const char *path, const struct policy *policy, const struct policy_sources *sources)
{
    const struct policy_source *source = source_of(sources, path);
    set_text(to, "path", path);
    if (path[0] == 0 || source == NULL)
        return;
    bool own = source->source[0] != 0 || policy == NULL || strcmp(source->grade, policy->grade) != 0;
    set_text(to, "grade", source->grade);
    set_text(to, "source", own ? source->source : policy->source);
}

static json_t *amounts_json(const struct amounts *amounts)
{
    json_t *rows = json_array();
#define AMOUNT(member, national, chinese, english)                                                                     \
    json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:I}", "name", #member, "zh", chinese, "en", english, "fen",   \
                                          (json_int_t)amounts->member));
#include "common/codes/amount.def"
#undef AMOUNT
    return rows;
}

json_t *explanation_bill_json(const struct step *steps, uint32_t count, const struct policy_reference *reference,
                              const struct policy *policy, const struct policy_sources *sources,
                              const struct amounts *amounts)
{
    json_t *rows = json_array();
    json_t *of = json_pack("{s:s,s:s,s:I,s:I}", "area", reference->area, "insuranceType", reference->insurance_type,
                           "validFrom", (json_int_t)reference->valid_from, "position", (json_int_t)reference->position);
    for (uint32_t i = 0; i < count; i++) {
        const struct benefit_step_text *text = benefit_step_find(steps[i].rule);
        char path[PARAMETER_SOURCE_PATH_MAX + 1];
        json_t *row = json_object();
        benefit_step_path(&steps[i], reference->row, reference->outpatient, path);
        set_words(row, &steps[i]);
        set_reckoning(row, &steps[i], text == NULL ? FORM_SHOWN : text->form);
        set_source(row, path, policy, sources);
        set_text(row, "document", text == NULL ? "" : text->source);
        json_array_append_new(rows, row);
    }
    set_text(of, "grade", policy == NULL ? "" : policy->grade);
    set_text(of, "source", policy == NULL ? "" : policy->source);
    return json_pack("{s:o,s:o,s:o}", "policy", of, "steps", rows, "amounts", amounts_json(amounts));
}

json_t *explanation_steps_json(const struct step *steps, uint32_t count)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; i < count; i++) {
        const struct transfer_step_text *text = transfer_step_find(steps[i].rule);
        char before[32], parameter[32], after[32];
        json_t *row = json_object();
        money_describe(steps[i].before, before);
        money_describe(steps[i].after, after);
        describe_transfer_parameter(&steps[i], parameter);
        bool money = steps[i].before != 0 || steps[i].after != 0 || parameter[0] == 0;
        set_words(row, &steps[i]);
        set_text(row, "before", money ? before : "");
        set_text(row, "parameter", parameter);
        set_text(row, "after", money ? after : "");
        set_text(row, "document", text == NULL ? "" : text->source);
        json_array_append_new(rows, row);
    }
    return rows;
}
