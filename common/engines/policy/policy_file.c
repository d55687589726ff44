/* SPDX-License-Identifier: Apache-2.0
 * Policies from YAML. */
#include "common/engines/policy/policy_file.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/rule.h"
#include "common/engines/policy/policy_check.h"
#include "common/engines/policy/policy_line.h"
#include "common/pb/outcome.h"

/* As libcyaml reads it: everything is text first, so that numbers stay exact and carry their grade. */
struct file_band {
    char *upper, *ratio;
};
struct file_inpatient {
    char *care, *level, *municipal, *deductible_first, *deductible_later;
    struct file_band *bands;
    unsigned bands_count;
};
struct file_outpatient {
    char *care, *level, *community, *retired, *age_min, *deductible, *cap, *counts_to_pool_cap;
    struct file_band *bands;
    unsigned bands_count;
};
struct file_class {
    char *category, *deductible, *ratio;
};
struct file_retired {
    char *own_share_factor, *added, *added_level_one, *deductible_less, *deductible_min, *large_amount_ratio;
};
struct file_large {
    char *ratio, *cap;
};
struct file_catastrophic {
    char *deductible, *cap, *poor_deductible, *poor_added;
    struct file_band *bands;
    unsigned bands_count;
};
struct file_away {
    char *counts_as_filed_from, *other_cut, *referral_cut;
};
struct file_assistance {
    char *cap;
    struct file_class *classes;
    unsigned classes_count;
};
struct file {
    char *area, *insurance_type, *valid_from, *valid_to, *source, *grade, *period_days, *pool_cap, *minor_deductible,
        *civil_servant, *year_split_by_days;
    struct file_inpatient *inpatient;
    unsigned inpatient_count;
    struct file_outpatient *outpatient;
    unsigned outpatient_count;
    struct file_retired *retired;
    struct file_large *large_amount;
    struct file_catastrophic *catastrophic;
    struct file_assistance *assistance;
    struct file_away *away;
};

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(type, key) CYAML_FIELD_STRING_PTR(#key, OPTIONAL, struct type, key, 0, 400)
#define ROWS(type, key, schema, most) CYAML_FIELD_SEQUENCE(#key, OPTIONAL, struct type, key, &schema, 0, most)

static const cyaml_schema_field_t band_fields[] = {TEXT(file_band, upper), TEXT(file_band, ratio), CYAML_FIELD_END};
static const cyaml_schema_value_t band = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_band, band_fields)};
static const cyaml_schema_field_t inpatient_fields[] = {TEXT(file_inpatient, care),
                                                        TEXT(file_inpatient, level),
                                                        TEXT(file_inpatient, municipal),
                                                        TEXT(file_inpatient, deductible_first),
                                                        TEXT(file_inpatient, deductible_later),
                                                        ROWS(file_inpatient, bands, band, INPATIENT_RULE_BANDS_MAX),
                                                        CYAML_FIELD_END};
static const cyaml_schema_value_t inpatient = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_inpatient, inpatient_fields)};
static const cyaml_schema_field_t outpatient_fields[] = {TEXT(file_outpatient, care),
                                                         TEXT(file_outpatient, level),
                                                         TEXT(file_outpatient, counts_to_pool_cap),
                                                         TEXT(file_outpatient, community),
                                                         TEXT(file_outpatient, retired),
                                                         TEXT(file_outpatient, age_min),
                                                         TEXT(file_outpatient, deductible),
                                                         TEXT(file_outpatient, cap),
                                                         ROWS(file_outpatient, bands, band, INPATIENT_RULE_BANDS_MAX),
                                                         CYAML_FIELD_END};
static const cyaml_schema_value_t outpatient = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_outpatient, outpatient_fields)};
static const cyaml_schema_field_t class_fields[] = {TEXT(file_class, category), TEXT(file_class, deductible),
                                                    TEXT(file_class, ratio), CYAML_FIELD_END};
static const cyaml_schema_value_t class = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct file_class, class_fields)};
static const cyaml_schema_field_t retired_fields[] = {TEXT(file_retired, own_share_factor),
                                                      TEXT(file_retired, added),
                                                      TEXT(file_retired, added_level_one),
                                                      TEXT(file_retired, deductible_less),
                                                      TEXT(file_retired, deductible_min),
                                                      TEXT(file_retired, large_amount_ratio),
                                                      CYAML_FIELD_END};
static const cyaml_schema_field_t large_fields[] = {TEXT(file_large, ratio), TEXT(file_large, cap), CYAML_FIELD_END};
static const cyaml_schema_field_t catastrophic_fields[] = {
    TEXT(file_catastrophic, deductible),
    TEXT(file_catastrophic, cap),
    TEXT(file_catastrophic, poor_deductible),
    TEXT(file_catastrophic, poor_added),
    ROWS(file_catastrophic, bands, band, INPATIENT_RULE_BANDS_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_field_t assistance_fields[] = {
    TEXT(file_assistance, cap), ROWS(file_assistance, classes, class, ASSISTANCE_RULE_CLASSES_MAX), CYAML_FIELD_END};
static const cyaml_schema_field_t away_fields[] = {TEXT(file_away, counts_as_filed_from), TEXT(file_away, other_cut),
                                                   TEXT(file_away, referral_cut), CYAML_FIELD_END};
static const cyaml_schema_field_t fields[] = {
    TEXT(file, area),
    TEXT(file, insurance_type),
    TEXT(file, valid_from),
    TEXT(file, valid_to),
    TEXT(file, source),
    TEXT(file, grade),
    TEXT(file, period_days),
    TEXT(file, pool_cap),
    TEXT(file, minor_deductible),
    TEXT(file, civil_servant),
    TEXT(file, year_split_by_days),
    ROWS(file, inpatient, inpatient, POLICY_INPATIENT_MAX),
    ROWS(file, outpatient, outpatient, POLICY_OUTPATIENT_MAX),
    CYAML_FIELD_MAPPING_PTR("retired", OPTIONAL, struct file, retired, retired_fields),
    CYAML_FIELD_MAPPING_PTR("large_amount", OPTIONAL, struct file, large_amount, large_fields),
    CYAML_FIELD_MAPPING_PTR("catastrophic", OPTIONAL, struct file, catastrophic, catastrophic_fields),
    CYAML_FIELD_MAPPING_PTR("assistance", OPTIONAL, struct file, assistance, assistance_fields),
    CYAML_FIELD_MAPPING_PTR("away", OPTIONAL, struct file, away, away_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct file, fields)};

/* ---- numbers ---- */

struct reading {
    struct findings *findings;
    struct policy_sources *sources; /* NULL: nobody asks */
    const char *grade;              /* the file's, where a number has none of its own */
};

static void complain(struct reading *reading, const char *path, const char *wanted)
{
    findings_add(reading->findings, RULE_POLICY_INVALID, path, wanted);
}

/* Behind a number: nothing, " [S]", or " [S document and article]". */
static bool take_source(struct reading *reading, const char *path, const char *text)
{
    size_t size = strlen(text);
    bool graded = size >= 4 && text[0] == ' ' && text[1] == '[' && strchr("ORPSM", text[2]) != NULL &&
                  text[size - 1] == ']' && (size == 4 || text[3] == ' ');
    if (size > 0 && !graded)
        return false;
    if (reading->sources == NULL || reading->sources->count == POLICY_SOURCES_MAX)
        return reading->sources == NULL;
    struct policy_source *source = &reading->sources->items[reading->sources->count];
    *source = (struct policy_source){0};
    const char *below = strchr(path, '.') == NULL ? path : strchr(path, '.') + 1; /* without "policy." */
    if (strlen(below) >= sizeof source->path || (size > 5 && size - 5 >= sizeof source->source))
        return false;
    memcpy(source->path, below, strlen(below) + 1);
    source->grade[0] = size > 0 ? text[2] : reading->grade == NULL ? 0 : reading->grade[0];
    if (size > 5)
        memcpy(source->source, text + 4, size - 5);
    reading->sources->count++;
    return true;
}

/* "1300", "0.50", "85 [S]" -> value x 100; absent: 0. */
static int64_t hundredths(struct reading *reading, const char *text, const char *path)
{
    int64_t value = 0;
    int decimals = -1;
    const char *at = text;
    if (text == NULL)
        return 0;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && decimals < 0); at++) {
        if (*at == '.') {
            decimals = 0;
            continue;
        }
        if (decimals == 2 || value > INT64_C(100000000000)) {
            complain(reading, path, "a number with at most two decimals");
            return 0;
        }
        value = value * 10 + (*at - '0');
        decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 2; i++)
        value *= 10;
    if (at == text || !take_source(reading, path, at))
        complain(reading, path, "a number, its grade and perhaps its own source: 1300 [O art. 36]");
    return value;
}

/* What a policy cannot do without: absent is not zero. */
static const char *needed(struct reading *reading, const char *text, const char *path)
{
    if (text == NULL)
        complain(reading, path, "this key is missing");
    return text;
}

static fen_t amount(struct reading *reading, const char *text, const char *path)
{
    return hundredths(reading, text, path);
}

static basis_points_t ratio(struct reading *reading, const char *text, const char *path)
{
    int64_t value = hundredths(reading, text, path);
    return value > INT32_MAX ? INT32_MAX : (basis_points_t)value;
}

static uint32_t whole(struct reading *reading, const char *text, const char *path)
{
    int64_t value = hundredths(reading, text, path);
    if (value % 100 != 0)
        complain(reading, path, "a whole number");
    return (uint32_t)(value / 100);
}

static bool truth(struct reading *reading, const char *text, const char *path)
{
    if (text == NULL || strcmp(text, "false") == 0)
        return false;
    if (strcmp(text, "true") != 0)
        complain(reading, path, "true or false");
    return true;
}

/* "2025-01-01" */
static civil_date_t date(struct reading *reading, const char *text, const char *path)
{
    unsigned year, month, day;
    int end = 0;
    if (text == NULL)
        return 0;
    if (sscanf(text, "%4u-%2u-%2u%n", &year, &month, &day, &end) != 3 || end != 10 ||
        !take_source(reading, path, text + end)) {
        complain(reading, path, "a date: 2025-01-01");
        return 0;
    }
    return year * 10000 + month * 100 + day;
}

static void copy(struct reading *reading, char *to, size_t size, const char *text, const char *path)
{
    if (text != NULL && strlen(text) < size)
        memcpy(to, text, strlen(text) + 1);
    else if (text != NULL)
        complain(reading, path, "a shorter text");
}

/* ---- from file to policy ---- */

static void take_bands(struct reading *reading, const struct file_band *rows, unsigned count, const char *root,
                       struct policy_band *bands, uint32_t *band_count)
{
    char path[FINDING_PATH_MAX + 1];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s.bands[%u].upper", root, i);
        bands[i].upper = amount(reading, rows[i].upper, path);
        (void)snprintf(path, sizeof path, "%s.bands[%u].ratio", root, i);
        bands[i].ratio = ratio(reading, needed(reading, rows[i].ratio, path), path);
    }
    *band_count = count;
}

static enum care_class care(struct reading *reading, const char *text, const char *path)
{
    static const char *const names[] = {"ordinary", "emergency", "chronic", "pharmacy", "maternity"};
    for (unsigned i = 0; text != NULL && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], text) == 0)
            return (enum care_class)i;
    if (text != NULL)
        complain(reading, path, "ordinary, emergency, chronic, pharmacy or maternity");
    return CARE_ORDINARY;
}

static void take_inpatient(struct reading *reading, const struct file *file, struct policy *policy)
{
    char root[32], path[FINDING_PATH_MAX + 1];
    for (unsigned i = 0; i < file->inpatient_count; i++) {
        const struct file_inpatient *row = &file->inpatient[i];
        struct policy_inpatient *rule = &policy->inpatient[i];
        (void)snprintf(root, sizeof root, "policy.inpatient[%u]", i);
        (void)snprintf(path, sizeof path, "%s.care", root);
        rule->care = care(reading, row->care, path);
        (void)snprintf(path, sizeof path, "%s.level", root);
        rule->level =
            whole(reading, rule->care == CARE_MATERNITY ? row->level : needed(reading, row->level, path), path);
        (void)snprintf(path, sizeof path, "%s.municipal", root);
        rule->municipal = truth(reading, row->municipal, path);
        (void)snprintf(path, sizeof path, "%s.deductible_first", root);
        rule->deductible_first = amount(reading, needed(reading, row->deductible_first, path), path);
        (void)snprintf(path, sizeof path, "%s.deductible_later", root);
        rule->deductible_later = amount(reading, needed(reading, row->deductible_later, path), path);
        take_bands(reading, row->bands, row->bands_count, root, rule->bands, &rule->band_count);
    }
    policy->inpatient_count = file->inpatient_count;
}

static void take_outpatient(struct reading *reading, const struct file *file, struct policy *policy)
{
    char root[32], path[FINDING_PATH_MAX + 1];
    for (unsigned i = 0; i < file->outpatient_count; i++) {
        const struct file_outpatient *row = &file->outpatient[i];
        struct policy_outpatient *rule = &policy->outpatient[i];
        (void)snprintf(root, sizeof root, "policy.outpatient[%u]", i);
        (void)snprintf(path, sizeof path, "%s.care", root);
        rule->care = care(reading, row->care, path);
        (void)snprintf(path, sizeof path, "%s.level", root);
        rule->level = whole(reading, row->level, path);
        (void)snprintf(path, sizeof path, "%s.counts_to_pool_cap", root);
        rule->counts_to_pool_cap = truth(reading, row->counts_to_pool_cap, path);
        (void)snprintf(path, sizeof path, "%s.community", root);
        rule->community = truth(reading, row->community, path);
        (void)snprintf(path, sizeof path, "%s.retired", root);
        rule->retired = truth(reading, row->retired, path);
        (void)snprintf(path, sizeof path, "%s.age_min", root);
        rule->age_min = whole(reading, row->age_min, path);
        (void)snprintf(path, sizeof path, "%s.deductible", root);
        rule->deductible = amount(reading, needed(reading, row->deductible, path), path);
        (void)snprintf(path, sizeof path, "%s.cap", root);
        rule->cap = amount(reading, row->cap, path);
        take_bands(reading, row->bands, row->bands_count, root, rule->bands, &rule->band_count);
    }
    policy->outpatient_count = file->outpatient_count;
}

static uint32_t category(struct reading *reading, const char *text, const char *path)
{
    static const char *const names[] = {"extreme_poverty", "subsistence", "marginal", "poor_through_illness"};
    for (uint32_t i = 0; text != NULL && i < 4; i++)
        if (strcmp(names[i], text) == 0)
            return i + 1;
    complain(reading, path, "extreme_poverty, subsistence, marginal or poor_through_illness");
    return 0;
}

static void take_assistance(struct reading *reading, const struct file_assistance *row, struct policy *policy)
{
    char path[FINDING_PATH_MAX + 1];
    if (row == NULL)
        return;
    policy->assistance_cap = amount(reading, row->cap, "policy.assistance.cap");
    for (unsigned i = 0; i < row->classes_count; i++) {
        (void)snprintf(path, sizeof path, "policy.assistance.classes[%u].category", i);
        policy->assistance[i].category = category(reading, row->classes[i].category, path);
        (void)snprintf(path, sizeof path, "policy.assistance.classes[%u].deductible", i);
        policy->assistance[i].deductible = amount(reading, row->classes[i].deductible, path);
        (void)snprintf(path, sizeof path, "policy.assistance.classes[%u].ratio", i);
        policy->assistance[i].ratio = ratio(reading, needed(reading, row->classes[i].ratio, path), path);
    }
    policy->assistance_count = row->classes_count;
}

static void take_retired(struct reading *reading, const struct file_retired *row, struct policy *policy)
{
    if (row == NULL)
        return;
    policy->retired_own_share_factor = ratio(reading, row->own_share_factor, "policy.retired.own_share_factor");
    policy->retired_added = ratio(reading, row->added, "policy.retired.added");
    policy->retired_added_level_one = ratio(reading, row->added_level_one, "policy.retired.added_level_one");
    policy->retired_deductible_less = amount(reading, row->deductible_less, "policy.retired.deductible_less");
    policy->retired_deductible_min = amount(reading, row->deductible_min, "policy.retired.deductible_min");
    policy->retired_large_amount_ratio = ratio(reading, row->large_amount_ratio, "policy.retired.large_amount_ratio");
}

static void take_beyond(struct reading *reading, const struct file *file, struct policy *policy)
{
    const struct file_catastrophic *row = file->catastrophic;
    if (file->large_amount != NULL) {
        policy->large_amount_ratio =
            ratio(reading, needed(reading, file->large_amount->ratio, "policy.large_amount.ratio"),
                  "policy.large_amount.ratio");
        policy->large_amount_cap = amount(reading, file->large_amount->cap, "policy.large_amount.cap");
    }
    if (row == NULL)
        return;
    policy->catastrophic_deductible = amount(
        reading, needed(reading, row->deductible, "policy.catastrophic.deductible"), "policy.catastrophic.deductible");
    policy->catastrophic_cap = amount(reading, row->cap, "policy.catastrophic.cap");
    policy->catastrophic_poor_deductible = ratio(reading, row->poor_deductible, "policy.catastrophic.poor_deductible");
    policy->catastrophic_poor_added = ratio(reading, row->poor_added, "policy.catastrophic.poor_added");
    take_bands(reading, row->bands, row->bands_count, "policy.catastrophic", policy->catastrophic_bands,
               &policy->catastrophic_band_count);
}

static void take_away(struct reading *reading, const struct file_away *row, struct policy *policy)
{
    if (row == NULL)
        return;
    policy->away_filed_from = date(reading, row->counts_as_filed_from, "policy.away.counts_as_filed_from");
    policy->away_other_cut = ratio(reading, row->other_cut, "policy.away.other_cut");
    policy->away_referral_cut = ratio(reading, row->referral_cut, "policy.away.referral_cut");
}

static void take(struct reading *reading, const struct file *file, struct policy *policy)
{
    copy(reading, policy->area, sizeof policy->area, file->area, "policy.area");
    copy(reading, policy->insurance_type, sizeof policy->insurance_type, file->insurance_type, "policy.insurance_type");
    copy(reading, policy->source, sizeof policy->source, file->source, "policy.source");
    copy(reading, policy->grade, sizeof policy->grade, file->grade, "policy.grade");
    policy->valid_from = date(reading, file->valid_from, "policy.valid_from");
    policy->valid_to = date(reading, file->valid_to, "policy.valid_to");
    policy->period_days_max = whole(reading, file->period_days, "policy.period_days");
    policy->pool_cap = amount(reading, file->pool_cap, "policy.pool_cap");
    policy->minor_deductible = ratio(reading, file->minor_deductible, "policy.minor_deductible");
    policy->civil_servant_aid = ratio(reading, file->civil_servant, "policy.civil_servant");
    take_inpatient(reading, file, policy);
    take_outpatient(reading, file, policy);
    take_retired(reading, file->retired, policy);
    take_beyond(reading, file, policy);
    take_assistance(reading, file->assistance, policy);
    take_away(reading, file->away, policy);
    policy->year_split_by_days = truth(reading, file->year_split_by_days, "policy.year_split_by_days");
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

static enum status judge(const char *path, const struct findings *findings, struct buffer *why)
{
    for (uint32_t i = 0; i < findings->count; i++)
        buffer_printf(why, "%s:%zu: %s: %s\n", path, policy_line_of(path, findings->items[i].path),
                      findings->items[i].path, findings->items[i].detail);
    return findings->refused ? REJECT_MALFORMED : OK;
}

enum status policy_file_load(const char *path, struct policy *policy, struct policy_sources *sources,
                             struct buffer *why)
{
    struct file *file = NULL;
    struct buffer complaints;
    buffer_init(&complaints);
    cyaml_config_t config = {
        .log_fn = take_complaint, .log_ctx = &complaints, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_WARNING};
    cyaml_err_t error = cyaml_load_file(path, &config, &schema, (cyaml_data_t **)&file, NULL);
    if (error != CYAML_OK) {
        buffer_printf(why, "%s: %s (%s)\n", path, buffer_text(&complaints), cyaml_strerror(error));
        buffer_fini(&complaints);
        return REJECT_MALFORMED;
    }
    buffer_fini(&complaints);
    struct findings *findings = calloc(1, sizeof *findings);
    INVARIANT(findings != NULL);
    struct reading reading = {findings, sources, file->grade};
    memset(policy, 0, sizeof *policy);
    if (sources != NULL)
        sources->count = 0;
    take(&reading, file, policy);
    if (!findings->refused)
        policy_check(policy, "policy", findings);
    enum status status = judge(path, findings, why);
    free(findings);
    (void)cyaml_free(&config, &schema, file, 0);
    return status;
}
