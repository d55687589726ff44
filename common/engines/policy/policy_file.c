/* SPDX-License-Identifier: Apache-2.0
 * Policies from YAML: every key, in the order in which sources are noted. */
#include "common/engines/policy/policy_file.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/config/schema.h"
#include "common/engines/policy/policy_check.h"
#include "common/pb/outcome.h"

static const char *const cares[] = {"ordinary", "emergency", "chronic", "pharmacy", "maternity", NULL};
static const char *const categories[] = {"extreme_poverty", "subsistence", "marginal", "poor_through_illness", NULL};

#define KEY(type, name, kind) SCHEMA_FIELD(struct type, #name, name, SCHEMA_##kind, false)
#define NEEDED(type, name, kind) SCHEMA_FIELD(struct type, #name, name, SCHEMA_##kind, true)
#define CARE(type) SCHEMA_WORD_OF(struct type, "care", care, cares, CARE_ORDINARY, false)
#define BANDS(type, bands, count) SCHEMA_ROWS_OF(struct type, "bands", bands, count, band)
/* A key of a group, whose member is called otherwise. */
#define OWN(name, member, kind) SCHEMA_FIELD(struct policy, #name, member, SCHEMA_##kind, false)
#define OWN_NEEDED(name, member, kind) SCHEMA_FIELD(struct policy, #name, member, SCHEMA_##kind, true)
#define END                                                                                                            \
    {                                                                                                                  \
        .key = NULL                                                                                                    \
    }

static const struct schema_field band[] = {KEY(policy_band, upper, YUAN), NEEDED(policy_band, ratio, PERCENT), END};
static const struct schema_field inpatient[] = {
    CARE(policy_inpatient),
    KEY(policy_inpatient, level, WHOLE),
    KEY(policy_inpatient, municipal, TRUTH),
    NEEDED(policy_inpatient, deductible_first, YUAN),
    NEEDED(policy_inpatient, deductible_later, YUAN),
    BANDS(policy_inpatient, bands, band_count),
    END,
};
static const struct schema_field outpatient[] = {
    CARE(policy_outpatient),
    KEY(policy_outpatient, level, WHOLE),
    KEY(policy_outpatient, counts_to_pool_cap, TRUTH),
    KEY(policy_outpatient, community, TRUTH),
    KEY(policy_outpatient, retired, TRUTH),
    KEY(policy_outpatient, age_min, WHOLE),
    NEEDED(policy_outpatient, deductible, YUAN),
    KEY(policy_outpatient, cap, YUAN),
    BANDS(policy_outpatient, bands, band_count),
    END,
};
static const struct schema_field retired[] = {
    OWN(own_share_factor, retired_own_share_factor, PERCENT),
    OWN(added, retired_added, PERCENT),
    OWN(added_level_one, retired_added_level_one, PERCENT),
    OWN(deductible_less, retired_deductible_less, YUAN),
    OWN(deductible_min, retired_deductible_min, YUAN),
    OWN(large_amount_ratio, retired_large_amount_ratio, PERCENT),
    END,
};
static const struct schema_field large_amount[] = {
    OWN_NEEDED(ratio, large_amount_ratio, PERCENT),
    OWN(cap, large_amount_cap, YUAN),
    END,
};
static const struct schema_field catastrophic[] = {
    OWN_NEEDED(deductible, catastrophic_deductible, YUAN),       OWN(cap, catastrophic_cap, YUAN),
    OWN(poor_deductible, catastrophic_poor_deductible, PERCENT), OWN(poor_added, catastrophic_poor_added, PERCENT),
    BANDS(policy, catastrophic_bands, catastrophic_band_count),  END,
};
#define CLASS __typeof__(((struct policy *)0)->assistance[0])
static const struct schema_field class[] = {
    SCHEMA_WORD_OF(CLASS, "category", category, categories, POVERTY_EXTREME, true),
    SCHEMA_FIELD(CLASS, "deductible", deductible, SCHEMA_YUAN, false),
    SCHEMA_FIELD(CLASS, "ratio", ratio, SCHEMA_PERCENT, true),
    END,
};
static const struct schema_field assistance[] = {
    OWN(cap, assistance_cap, YUAN),
    SCHEMA_ROWS_OF(struct policy, "classes", assistance, assistance_count, class),
    END,
};
static const struct schema_field away[] = {
    OWN(counts_as_filed_from, away_filed_from, DATE),
    OWN(other_cut, away_other_cut, PERCENT),
    OWN(referral_cut, away_referral_cut, PERCENT),
    END,
};
static const struct schema_field applied[] = {NEEDED(policy_applied, area, TEXT), END};
static const struct schema_field keys[] = {
    KEY(policy, area, TEXT),
    KEY(policy, insurance_type, TEXT),
    KEY(policy, source, TEXT),
    KEY(policy, grade, TEXT),
    KEY(policy, valid_from, DATE),
    KEY(policy, valid_to, DATE),
    OWN(period_days, period_days_max, WHOLE),
    KEY(policy, pool_cap, YUAN),
    KEY(policy, minor_deductible, PERCENT),
    OWN(civil_servant, civil_servant_aid, PERCENT),
    SCHEMA_ROWS_OF(struct policy, "inpatient", inpatient, inpatient_count, inpatient),
    SCHEMA_ROWS_OF(struct policy, "outpatient", outpatient, outpatient_count, outpatient),
    SCHEMA_GROUP_OF("retired", retired),
    SCHEMA_GROUP_OF("large_amount", large_amount),
    SCHEMA_GROUP_OF("catastrophic", catastrophic),
    SCHEMA_GROUP_OF("assistance", assistance),
    SCHEMA_GROUP_OF("away", away),
    KEY(policy, year_split_by_days, TRUTH),
    SCHEMA_ROWS_OF(struct policy, "applies_to", applies_to, applies_to_count, applied),
    KEY(policy, care_after_death_settled, TRUTH),
    KEY(policy, second_payment_refused, TRUTH),
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

enum status policy_file_load(const char *path, struct policy *policy, struct policy_sources *sources,
                             struct buffer *why)
{
    struct noting noting = {policy, sources};
    struct schema_reading reading = {path, "policy", why, sources != NULL ? note : NULL, &noting};
    struct schema_file *file;
    struct findings *findings = calloc(1, sizeof *findings);
    INVARIANT(findings != NULL);
    memset(policy, 0, sizeof *policy);
    if (sources != NULL)
        sources->count = 0;
    enum status status = schema_read(&reading, keys, policy, &file);
    if (status == OK)
        policy_check(policy, NULL, "policy", findings);
    for (uint32_t i = 0; i < findings->count; i++)
        buffer_printf(why, "%s:%zu: %s: %s\n", path, schema_line(file, findings->items[i].path),
                      findings->items[i].path, findings->items[i].detail);
    if (findings->refused)
        status = REJECT_MALFORMED;
    schema_close(&file);
    free(findings);
    return status;
}
