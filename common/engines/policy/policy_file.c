/* SPDX-License-Identifier: Apache-2.0
 * Policies from YAML: every key, in the order in which sources are noted. */
#include "common/engines/policy/policy_file.h"

#include "common/engines/checked_file/checked_file.h"
#include "common/engines/policy/policy_check.h"

static const char *const cares[] = {"ordinary", "emergency", "chronic", "pharmacy", "maternity", NULL};
static const char *const categories[] = {"extreme_poverty", "subsistence", "marginal", "poor_through_illness", NULL};

#define FIELD(type, name, member, kind, needed) SCHEMA_FIELD(type, #name, member, SCHEMA_##kind, needed),
#define CARE(type) SCHEMA_WORD_OF(struct type, "care", care, cares, CARE_ORDINARY, false)
#define BANDS(type, bands, count) SCHEMA_ROWS_OF(struct type, "bands", bands, count, band)
#define END                                                                                                            \
    {                                                                                                                  \
        .key = NULL                                                                                                    \
    }

static const struct schema_field band[] = {
#define BAND(key, member, kind, needed) FIELD(struct policy_band, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    END,
};
static const struct schema_field inpatient[] = {
    CARE(policy_inpatient),
#define INPATIENT(key, member, kind, needed) FIELD(struct policy_inpatient, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    BANDS(policy_inpatient, bands, band_count),
    END,
};
static const struct schema_field outpatient[] = {
    CARE(policy_outpatient),
#define OUTPATIENT(key, member, kind, needed) FIELD(struct policy_outpatient, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    BANDS(policy_outpatient, bands, band_count),
    END,
};
static const struct schema_field retired[] = {
#define RETIRED(key, member, kind, needed) FIELD(struct policy, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    END,
};
static const struct schema_field large_amount[] = {
#define LARGE_AMOUNT(key, member, kind, needed) FIELD(struct policy, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    END,
};
static const struct schema_field poor[] = {
    SCHEMA_WORD_OF(struct policy_poor, "category", category, categories, POVERTY_EXTREME, true),
    END,
};
static const struct schema_field catastrophic[] = {
#define CATASTROPHIC(key, member, kind, needed) FIELD(struct policy, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    SCHEMA_ROWS_OF(struct policy, "poor_categories", catastrophic_poor, catastrophic_poor_count, poor),
    BANDS(policy, catastrophic_bands, catastrophic_band_count),
    END,
};
static const struct schema_field class[] = {
    SCHEMA_WORD_OF(struct policy_assistance, "category", category, categories, POVERTY_EXTREME, true),
#define CLASS(key, member, kind, needed) FIELD(struct policy_assistance, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    END,
};
static const struct schema_field assistance[] = {
#define ASSISTANCE(key, member, kind, needed) FIELD(struct policy, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    SCHEMA_ROWS_OF(struct policy, "classes", assistance, assistance_count, class),
    END,
};
static const struct schema_field away[] = {
#define AWAY(key, member, kind, needed) FIELD(struct policy, key, member, kind, needed)
#include "common/engines/policy/policy.def"
    END,
};
static const struct schema_field applied[] = {
    FIELD(struct policy_applied, area, area, TEXT, true) END,
};
static const struct schema_field keys[] = {
    FIELD(struct policy, area, area, TEXT, false) FIELD(struct policy, insurance_type, insurance_type, TEXT, false)
        FIELD(struct policy, source, source, TEXT, false) FIELD(struct policy, grade, grade, TEXT, false)
            FIELD(struct policy, valid_from, valid_from, DATE, false)
                FIELD(struct policy, valid_to, valid_to, DATE, false)
                    SCHEMA_ROWS_OF(struct policy, "applies_to", applies_to, applies_to_count, applied),
    FIELD(struct policy, period_days, period_days_max, WHOLE, false)
        FIELD(struct policy, pool_cap, pool_cap, YUAN, false)
#define POLICY(key, member, kind, needed) FIELD(struct policy, key, member, kind, needed)
#include "common/engines/policy/policy.def"
            SCHEMA_ROWS_OF(struct policy, "inpatient", inpatient, inpatient_count, inpatient),
    SCHEMA_GROUP_OF("retired", retired),
    SCHEMA_GROUP_OF("large_amount", large_amount),
    SCHEMA_ROWS_OF(struct policy, "outpatient", outpatient, outpatient_count, outpatient),
    SCHEMA_GROUP_OF("catastrophic", catastrophic),
    SCHEMA_GROUP_OF("assistance", assistance),
    SCHEMA_GROUP_OF("away", away),
    END,
};

struct noting {
    const struct policy *policy;
    struct policy_sources *sources;
};

/* Where a number has no grade of its own, it has the file's. */
static bool note(void *self, const char *key, char grade, const char *source, size_t source_size)
{
    const struct noting *noting = self;
    struct policy_sources *sources = noting->sources;
    if (sources->count == POLICY_SOURCES_MAX || strlen(key) >= sizeof sources->items[0].path ||
        source_size >= sizeof sources->items[0].source)
        return false;
    struct policy_source *item = &sources->items[sources->count++];
    *item = (struct policy_source){.grade = {grade != 0 ? grade : noting->policy->grade[0]}};
    memcpy(item->path, key, strlen(key) + 1);
    memcpy(item->source, source, source_size);
    return true;
}

static void check(const void *policy, struct findings *findings)
{
    policy_check(policy, NULL, "policy", findings);
}

enum status policy_file_load(const char *path, struct policy *policy, struct policy_sources *sources,
                             struct buffer *why)
{
    struct noting noting = {policy, sources};
    struct schema_reading reading = {path, "policy", why, sources != NULL ? note : NULL, &noting};
    memset(policy, 0, sizeof *policy);
    if (sources != NULL)
        sources->count = 0;
    return checked_file_read(&reading, keys, policy, check);
}

static bool source_of(void *self, const char *key, char *grade, const char **source)
{
    const struct policy_sources *sources = self;
    for (uint32_t i = 0; i < sources->count; i++)
        if (strcmp(sources->items[i].path, key) == 0) {
            *grade = sources->items[i].grade[0];
            *source = sources->items[i].source;
            return true;
        }
    return false;
}

void policy_file_describe(const struct policy *policy, struct policy_sources *sources, struct buffer *out)
{
    schema_write(&(struct schema_writing){out, source_of, sources}, keys, policy);
}
