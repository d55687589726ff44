/* SPDX-License-Identifier: Apache-2.0
 * Clearing policies from YAML. */
#include "common/engines/clearing_policy/clearing_policy_file.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/rule.h"
#include "common/engines/clearing_policy/clearing_policy_check.h"
#include "common/pb/outcome.h"

/* As libcyaml reads it: everything is text first, so that numbers stay exact and carry their grade. */
struct file {
    char *valid_from, *source, *grade, *insured_statement_needed, *investigation_holds;
#define PARAMETER(key, member, unit, least, most) char *key;
#include "common/engines/clearing_policy/parameter.def"
#undef PARAMETER
};

#define TEXT(key) CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct file, key, 0, 400)
static const cyaml_schema_field_t fields[] = {
    TEXT(valid_from), TEXT(source), TEXT(grade), TEXT(insured_statement_needed), TEXT(investigation_holds),
#define PARAMETER(key, member, unit, least, most) TEXT(key),
#include "common/engines/clearing_policy/parameter.def"
#undef PARAMETER
    CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file, fields)};

enum unit { WHOLE, YUAN, PERCENT };

static void complain(struct findings *findings, const char *key, const char *wanted)
{
    findings_add(findings, RULE_CLEARING_POLICY_INVALID, key, wanted);
}

/* "20", "0.50", "70 [S]" -> value x 100 */
static int64_t hundredths(struct findings *findings, const char *text, const char *key)
{
    int64_t value = 0;
    int decimals = -1;
    const char *at = text;
    if (text == NULL) {
        complain(findings, key, "this key is missing");
        return 0;
    }
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && decimals < 0); at++) {
        if (*at == '.') {
            decimals = 0;
            continue;
        }
        if (decimals == 2 || value > INT64_C(100000000000)) {
            complain(findings, key, "a number with at most two decimals");
            return 0;
        }
        value = value * 10 + (*at - '0');
        decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 2; i++)
        value *= 10;
    bool graded =
        at[0] == ' ' && at[1] == '[' && at[2] != 0 && strchr("ORPSM", at[2]) != NULL && at[3] == ']' && at[4] == 0;
    if (at == text || (*at != 0 && !graded))
        complain(findings, key, "a number, and its grade: 70 [S]");
    return value;
}

static int64_t number(struct findings *findings, const char *text, const char *key, enum unit unit)
{
    int64_t value = hundredths(findings, text, key);
    if (unit == WHOLE && value % 100 != 0)
        complain(findings, key, "a whole number");
    value = unit == WHOLE ? value / 100 : value;
    if (unit != YUAN && value > INT32_MAX) {
        complain(findings, key, "a smaller number");
        return 0;
    }
    return value;
}

static bool truth(struct findings *findings, const char *text, const char *key)
{
    if (text == NULL || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
        complain(findings, key, "true or false");
    return text != NULL && text[0] == 't';
}

/* "2025-01-01" */
static civil_date_t date(struct findings *findings, const char *text, const char *key)
{
    unsigned year, month, day;
    int end = 0;
    if (text == NULL || strlen(text) != 10 || sscanf(text, "%4u-%2u-%2u%n", &year, &month, &day, &end) != 3 ||
        end != 10) {
        complain(findings, key, "a date: 2025-01-01");
        return 0;
    }
    return year * 10000 + month * 100 + day;
}

static void copy(struct findings *findings, char *to, size_t size, const char *text, const char *key)
{
    if (text == NULL || strlen(text) >= size)
        complain(findings, key, "a text that is there, and shorter");
    else
        memcpy(to, text, strlen(text) + 1);
}

static void take(struct findings *findings, const struct file *file, struct clearing_policy *policy)
{
    policy->valid_from = date(findings, file->valid_from, "valid_from");
    copy(findings, policy->source, sizeof policy->source, file->source, "source");
    copy(findings, policy->grade, sizeof policy->grade, file->grade, "grade");
    policy->insured_statement_needed = truth(findings, file->insured_statement_needed, "insured_statement_needed");
    policy->investigation_holds = truth(findings, file->investigation_holds, "investigation_holds");
#define PARAMETER(key, member, unit, least, most)                                                                      \
    policy->member = (__typeof__(policy->member))number(findings, file->key, #key, unit);
#include "common/engines/clearing_policy/parameter.def"
#undef PARAMETER
}

__attribute__((format(printf, 3, 0))) static void take_complaint(cyaml_log_t level, void *context, const char *format,
                                                                 va_list arguments)
{
    char line[512];
    (void)level;
    (void)vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = 0;
    buffer_printf(context, "%s; ", line);
}

enum status clearing_policy_file_load(const char *path, struct clearing_policy *policy, struct buffer *why)
{
    struct file *file = NULL;
    struct buffer complaints;
    buffer_init(&complaints);
    cyaml_config_t config = {
        .log_fn = take_complaint, .log_ctx = &complaints, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_WARNING};
    cyaml_err_t error = cyaml_load_file(path, &config, &schema, (cyaml_data_t **)&file, NULL);
    if (error != CYAML_OK)
        buffer_printf(why, "%s: %s (%s)\n", path, buffer_text(&complaints), cyaml_strerror(error));
    buffer_fini(&complaints);
    if (error != CYAML_OK)
        return REJECT_MALFORMED;
    struct findings *findings = calloc(1, sizeof *findings);
    INVARIANT(findings != NULL);
    memset(policy, 0, sizeof *policy);
    take(findings, file, policy);
    if (!findings->refused)
        clearing_policy_check(policy, "policy", findings);
    for (uint32_t i = 0; i < findings->count; i++)
        buffer_printf(why, "%s: %s: %s\n", path, findings->items[i].path, findings->items[i].detail);
    enum status status = findings->refused ? REJECT_MALFORMED : OK;
    free(findings);
    (void)cyaml_free(&config, &schema, file, 0);
    return status;
}
