/* SPDX-License-Identifier: Apache-2.0
 * Benefit policies: proto/hutong/v1/reference.proto, Policy. Rows beyond the fixed bounds are REJECT_TOO_LARGE. */
#include "common/base/check.h"
#include "common/pb/event.h"
#include "common/pb/field_internal.h"

static enum status band_decode(struct span bytes, struct policy_band *bands, uint32_t *count)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    if (*count == POLICY_BANDS_MAX)
        return REJECT_TOO_LARGE;
    struct policy_band *band = &bands[(*count)++];
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            band->upper = (fen_t)field.value;
        else if (field.number == 2)
            band->ratio = (basis_points_t)field.value;
    }
    return OK;
}

static enum status inpatient_decode(struct span bytes, struct policy *policy)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    if (policy->inpatient_count == POLICY_INPATIENT_MAX)
        return REJECT_TOO_LARGE;
    struct policy_inpatient *rule = &policy->inpatient[policy->inpatient_count++];
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            rule->level = (uint32_t)field.value;
        else if (field.number == 2)
            rule->municipal = field.value != 0;
        else if (field.number == 3)
            rule->deductible_first = (fen_t)field.value;
        else if (field.number == 4)
            rule->deductible_later = (fen_t)field.value;
        else if (field.number == 5)
            TRY(band_decode(field.bytes, rule->bands, &rule->band_count));
        else if (field.number == 6)
            rule->care = (enum care_class)field.value;
    }
    return OK;
}

static enum status outpatient_decode(struct span bytes, struct policy *policy)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    if (policy->outpatient_count == POLICY_OUTPATIENT_MAX)
        return REJECT_TOO_LARGE;
    struct policy_outpatient *rule = &policy->outpatient[policy->outpatient_count++];
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            rule->community = field.value != 0;
        else if (field.number == 2)
            rule->retired = field.value != 0;
        else if (field.number == 3)
            rule->age_min = (uint32_t)field.value;
        else if (field.number == 4)
            rule->deductible = (fen_t)field.value;
        else if (field.number == 5)
            TRY(band_decode(field.bytes, rule->bands, &rule->band_count));
        else if (field.number == 6)
            rule->cap = (fen_t)field.value;
        else if (field.number == 7)
            rule->care = (enum care_class)field.value;
        else if (field.number == 8)
            rule->level = (uint32_t)field.value;
        else if (field.number == 9)
            rule->counts_to_pool_cap = field.value != 0;
    }
    return OK;
}

static enum status class_decode(struct span bytes, struct policy *policy)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    if (policy->assistance_count == POLICY_CLASSES_MAX)
        return REJECT_TOO_LARGE;
    uint32_t at = policy->assistance_count++;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            policy->assistance[at].category = (uint32_t)field.value;
        else if (field.number == 2)
            policy->assistance[at].deductible = (fen_t)field.value;
        else if (field.number == 3)
            policy->assistance[at].ratio = (basis_points_t)field.value;
    }
    return OK;
}

/* The one-row messages: large amount, catastrophic, assistance, retired, away. */
static enum status part_decode(uint32_t part, struct span bytes, struct policy *policy)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (part * 100 + field.number) {
        case 1001:
            policy->large_amount_ratio = (basis_points_t)field.value;
            break;
        case 1002:
            policy->large_amount_cap = (fen_t)field.value;
            break;
        case 1101:
            policy->catastrophic_deductible = (fen_t)field.value;
            break;
        case 1102:
            TRY(band_decode(field.bytes, policy->catastrophic_bands, &policy->catastrophic_band_count));
            break;
        case 1103:
            policy->catastrophic_cap = (fen_t)field.value;
            break;
        case 1104:
            policy->catastrophic_poor_deductible = (basis_points_t)field.value;
            break;
        case 1105:
            policy->catastrophic_poor_added = (basis_points_t)field.value;
            break;
        case 1201:
            TRY(class_decode(field.bytes, policy));
            break;
        case 1202:
            policy->assistance_cap = (fen_t)field.value;
            break;
        case 1401:
            policy->retired_own_share_factor = (basis_points_t)field.value;
            break;
        case 1402:
            policy->retired_added = (basis_points_t)field.value;
            break;
        case 1403:
            policy->retired_added_level_one = (basis_points_t)field.value;
            break;
        case 1404:
            policy->retired_deductible_less = (fen_t)field.value;
            break;
        case 1405:
            policy->retired_deductible_min = (fen_t)field.value;
            break;
        case 1701:
            policy->away_filed_from = (civil_date_t)field.value;
            break;
        case 1702:
            policy->away_other_cut = (basis_points_t)field.value;
            break;
        case 1703:
            policy->away_referral_cut = (basis_points_t)field.value;
            break;
        case 1406:
            policy->retired_large_amount_ratio = (basis_points_t)field.value;
            break;
        default:
            break;
        }
    }
    return OK;
}

enum status policy_decode(struct span bytes, struct policy *policy)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(policy, 0, sizeof *policy);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        bool fits = true;
        switch (field.number) {
        case 1:
            fits = field_copy(policy->area, sizeof policy->area, field.bytes);
            break;
        case 2:
            fits = field_copy(policy->insurance_type, sizeof policy->insurance_type, field.bytes);
            break;
        case 3:
            policy->valid_from = (civil_date_t)field.value;
            break;
        case 4:
            policy->valid_to = (civil_date_t)field.value;
            break;
        case 5:
            fits = field_copy(policy->source, sizeof policy->source, field.bytes);
            break;
        case 6:
            fits = field_copy(policy->grade, sizeof policy->grade, field.bytes);
            break;
        case 7:
            policy->period_days_max = (uint32_t)field.value;
            break;
        case 8:
            TRY(inpatient_decode(field.bytes, policy));
            break;
        case 9:
            policy->pool_cap = (fen_t)field.value;
            break;
        case 10:
        case 11:
        case 12:
        case 14:
        case 17:
            TRY(part_decode(field.number, field.bytes, policy));
            break;
        case 13:
            TRY(outpatient_decode(field.bytes, policy));
            break;
        case 15:
            policy->minor_deductible = (basis_points_t)field.value;
            break;
        case 16:
            policy->civil_servant_aid = (basis_points_t)field.value;
            break;
        case 18:
            policy->year_split_by_days = field.value != 0;
            break;
        default:
            break;
        }
        if (!fits)
            return REJECT_TOO_LARGE;
    }
    return OK;
}

static void bands_encode(struct buffer *out, uint32_t number, const struct policy_band *bands, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t mark = wire_begin(out, number);
        wire_put_int(out, 1, bands[i].upper);
        wire_put_uint(out, 2, (uint32_t)bands[i].ratio);
        wire_end(out, mark);
    }
}

static void extras_encode(const struct policy *policy, struct buffer *out)
{
    size_t mark;
    if (policy->large_amount_ratio != 0) {
        mark = wire_begin(out, 10);
        wire_put_uint(out, 1, (uint32_t)policy->large_amount_ratio);
        wire_put_int(out, 2, policy->large_amount_cap);
        wire_end(out, mark);
    }
    if (policy->catastrophic_band_count != 0) {
        mark = wire_begin(out, 11);
        wire_put_int(out, 1, policy->catastrophic_deductible);
        bands_encode(out, 2, policy->catastrophic_bands, policy->catastrophic_band_count);
        wire_put_int(out, 3, policy->catastrophic_cap);
        wire_put_uint(out, 4, (uint32_t)policy->catastrophic_poor_deductible);
        wire_put_uint(out, 5, (uint32_t)policy->catastrophic_poor_added);
        wire_end(out, mark);
    }
    if (policy->assistance_count != 0) {
        mark = wire_begin(out, 12);
        for (uint32_t i = 0; i < policy->assistance_count; i++) {
            size_t row = wire_begin(out, 1);
            wire_put_uint(out, 1, policy->assistance[i].category);
            wire_put_int(out, 2, policy->assistance[i].deductible);
            wire_put_uint(out, 3, (uint32_t)policy->assistance[i].ratio);
            wire_end(out, row);
        }
        wire_put_int(out, 2, policy->assistance_cap);
        wire_end(out, mark);
    }
}

static void outpatient_encode(const struct policy *policy, struct buffer *out)
{
    for (uint32_t i = 0; i < policy->outpatient_count; i++) {
        const struct policy_outpatient *rule = &policy->outpatient[i];
        size_t mark = wire_begin(out, 13);
        wire_put_uint(out, 1, rule->community);
        wire_put_uint(out, 2, rule->retired);
        wire_put_uint(out, 3, rule->age_min);
        wire_put_int(out, 4, rule->deductible);
        bands_encode(out, 5, rule->bands, rule->band_count);
        wire_put_int(out, 6, rule->cap);
        wire_put_uint(out, 7, (uint64_t)rule->care);
        wire_put_uint(out, 8, rule->level);
        wire_put_uint(out, 9, rule->counts_to_pool_cap);
        wire_end(out, mark);
    }
}

static void retired_encode(const struct policy *policy, struct buffer *out)
{
    size_t before = out->size;
    size_t mark = wire_begin(out, 14);
    size_t empty = out->size;
    wire_put_uint(out, 1, (uint32_t)policy->retired_own_share_factor);
    wire_put_uint(out, 2, (uint32_t)policy->retired_added);
    wire_put_uint(out, 3, (uint32_t)policy->retired_added_level_one);
    wire_put_int(out, 4, policy->retired_deductible_less);
    wire_put_int(out, 5, policy->retired_deductible_min);
    wire_put_uint(out, 6, (uint32_t)policy->retired_large_amount_ratio);
    if (out->size == empty)
        out->size = before;
    else
        wire_end(out, mark);
}

static void away_encode(const struct policy *policy, struct buffer *out)
{
    if (policy->away_filed_from == 0 && policy->away_other_cut == 0 && policy->away_referral_cut == 0)
        return;
    size_t mark = wire_begin(out, 17);
    wire_put_uint(out, 1, policy->away_filed_from);
    wire_put_uint(out, 2, (uint32_t)policy->away_other_cut);
    wire_put_uint(out, 3, (uint32_t)policy->away_referral_cut);
    wire_end(out, mark);
}

void policy_encode(const struct policy *policy, const struct policy_sources *sources, struct buffer *out)
{
    wire_put_text(out, 1, policy->area);
    wire_put_text(out, 2, policy->insurance_type);
    wire_put_uint(out, 3, policy->valid_from);
    wire_put_uint(out, 4, policy->valid_to);
    wire_put_text(out, 5, policy->source);
    wire_put_text(out, 6, policy->grade);
    wire_put_uint(out, 7, policy->period_days_max);
    for (uint32_t i = 0; i < policy->inpatient_count; i++) {
        const struct policy_inpatient *rule = &policy->inpatient[i];
        size_t mark = wire_begin(out, 8);
        wire_put_uint(out, 1, rule->level);
        wire_put_uint(out, 2, rule->municipal);
        wire_put_int(out, 3, rule->deductible_first);
        wire_put_int(out, 4, rule->deductible_later);
        bands_encode(out, 5, rule->bands, rule->band_count);
        wire_put_uint(out, 6, (uint64_t)rule->care);
        wire_end(out, mark);
    }
    wire_put_int(out, 9, policy->pool_cap);
    extras_encode(policy, out);
    outpatient_encode(policy, out);
    retired_encode(policy, out);
    wire_put_uint(out, 15, (uint32_t)policy->minor_deductible);
    wire_put_uint(out, 16, (uint32_t)policy->civil_servant_aid);
    away_encode(policy, out);
    wire_put_uint(out, 18, policy->year_split_by_days);
    for (uint32_t i = 0; sources != NULL && i < sources->count; i++) {
        size_t mark = wire_begin(out, 19);
        wire_put_text(out, 1, sources->items[i].path);
        wire_put_text(out, 2, sources->items[i].grade);
        wire_put_text(out, 3, sources->items[i].source);
        wire_end(out, mark);
    }
}

static enum status source_decode(struct span bytes, struct policy_source *source)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    bool fits = true;
    memset(source, 0, sizeof *source);
    while (!wire_at_end(&reader) && fits) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            fits = field_copy(source->path, sizeof source->path, field.bytes);
        else if (field.number == 2)
            fits = field_copy(source->grade, sizeof source->grade, field.bytes);
        else if (field.number == 3)
            fits = field_copy(source->source, sizeof source->source, field.bytes);
    }
    return fits ? OK : REJECT_TOO_LARGE;
}

enum status policy_sources_decode(struct span policy, struct policy_sources *sources)
{
    struct wire_reader reader = wire_read(policy);
    struct wire_field field;
    sources->count = 0;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number != 19)
            continue;
        if (sources->count == POLICY_SOURCES_MAX)
            return REJECT_TOO_LARGE;
        TRY(source_decode(field.bytes, &sources->items[sources->count++]));
    }
    return OK;
}
