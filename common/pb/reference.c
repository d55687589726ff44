/* SPDX-License-Identifier: Apache-2.0
 * Reference data: proto/hutong/v1/reference.proto, but for policies (policy.c). */
#include "common/pb/field_internal.h"
#include "common/pb/reference_internal.h"

fen_t *accumulators_at(struct accumulators *year, uint32_t index)
{
    fen_t *const order[] = {
#define ACCUMULATOR(member, option, json) &year->member,
#include "common/codes/accumulator.def"
#undef ACCUMULATOR
    };
    return index < sizeof order / sizeof order[0] ? order[index] : NULL;
}

enum status institution_decode(struct span bytes, struct arena *arena, struct institution *institution)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *institution = (struct institution){.code = "", .name = "", .area = "", .reason = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 1:
            TEXT(institution->code);
            break;
        case 2:
            TEXT(institution->name);
            break;
        case 3:
            TEXT(institution->area);
            break;
        case 4:
            institution->level = (uint32_t)field.value;
            break;
        case 5:
            institution->municipal = field.value != 0;
            break;
        case 6:
            institution->community = field.value != 0;
            break;
        case 7:
            institution->status = (uint32_t)field.value;
            break;
        case 8:
            institution->effective_date = (civil_date_t)field.value;
            break;
        case 20:
            TEXT(institution->reason);
            break;
        default:
            break;
        }
    }
    return OK;
}

enum status enrolment_decode(struct span bytes, struct arena *arena, struct enrolment *enrolment)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *enrolment = (struct enrolment){.area = "", .insurance_type = "", .category = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 1:
            TEXT(enrolment->area);
            break;
        case 2:
            TEXT(enrolment->insurance_type);
            break;
        case 3:
            TEXT(enrolment->category);
            break;
        case 4:
            enrolment->effective_date = (civil_date_t)field.value;
            break;
        case 5:
            enrolment->end_date = (civil_date_t)field.value;
            break;
        case 6:
            enrolment->account_balance = (fen_t)field.value;
            break;
        case 7:
            enrolment->poverty = (uint32_t)field.value;
            break;
        case 8:
            enrolment->civil_servant = field.value != 0;
            break;
        default:
            break;
        }
    }
    return OK;
}

enum status filing_decode(struct span bytes, struct arena *arena, struct filing *filing)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *filing = (struct filing){.filing_id = "", .insured_area = "", .insurance_type = "", .care_area = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 1:
            TEXT(filing->filing_id);
            break;
        case 2:
            filing->kind = (uint32_t)field.value;
            break;
        case 3:
            TEXT(filing->insured_area);
            break;
        case 4:
            TEXT(filing->insurance_type);
            break;
        case 5:
            TEXT(filing->care_area);
            break;
        case 6:
            filing->valid_from = (civil_date_t)field.value;
            break;
        case 7:
            filing->valid_to = (civil_date_t)field.value;
            break;
        default:
            break;
        }
    }
    return OK;
}

enum status qualification_decode(struct span bytes, struct arena *arena, struct qualification *qualification)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *qualification = (struct qualification){.insured_area = "", .insurance_type = "", .special_disease = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 1:
            TEXT(qualification->insured_area);
            break;
        case 2:
            TEXT(qualification->insurance_type);
            break;
        case 3:
            TEXT(qualification->special_disease);
            break;
        case 4:
            qualification->valid_from = (civil_date_t)field.value;
            break;
        case 5:
            qualification->valid_to = (civil_date_t)field.value;
            break;
        default:
            break;
        }
    }
    return OK;
}

enum status catalogue_item_decode(struct span bytes, struct arena *arena, struct catalogue_item *item)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *item = (struct catalogue_item){.region = "", .code = "", .name = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        switch (field.number) {
        case 1:
            TEXT(item->region);
            break;
        case 2:
            TEXT(item->code);
            break;
        case 3:
            TEXT(item->name);
            break;
        case 4:
            item->level = field_level(field.bytes);
            break;
        case 5:
            item->first_own_share_bp = (uint32_t)field.value;
            break;
        case 6:
        case 7:
        case 8:
            item->price_limit_micro[field.number - 6] = (int64_t)field.value;
            break;
        case 9:
            item->effective_date = (civil_date_t)field.value;
            break;
        case 10:
            item->end_date = (civil_date_t)field.value;
            break;
        default:
            break;
        }
    }
    return OK;
}

enum { LOCAL_STAYS = 6, LOCAL_FIRST_FEN = 7 };

enum status local_care_decode(struct span bytes, struct arena *arena, struct local_care *care)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *care = (struct local_care){.local_id = "", .insured_area = "", .insurance_type = ""};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        fen_t *amount =
            field.number >= LOCAL_FIRST_FEN ? accumulators_at(&care->added, field.number - LOCAL_FIRST_FEN) : NULL;
        if (amount != NULL)
            *amount = (fen_t)field.value;
        else if (field.number == 1)
            TEXT(care->local_id);
        else if (field.number == 2)
            TEXT(care->insured_area);
        else if (field.number == 3)
            TEXT(care->insurance_type);
        else if (field.number == 4)
            care->discharge_date = (civil_date_t)field.value;
        else if (field.number == 5)
            care->cancels = field.value != 0;
        else if (field.number == LOCAL_STAYS)
            care->added.stays = (uint32_t)field.value;
    }
    return OK;
}

void institution_encode(struct buffer *out, const struct institution *institution)
{
    wire_put_text(out, 1, institution->code);
    wire_put_text(out, 2, institution->name);
    wire_put_text(out, 3, institution->area);
    wire_put_uint(out, 4, institution->level);
    wire_put_uint(out, 5, institution->municipal);
    wire_put_uint(out, 6, institution->community);
    wire_put_uint(out, 7, institution->status);
    wire_put_uint(out, 8, institution->effective_date);
    wire_put_text(out, 20, institution->reason == NULL ? "" : institution->reason);
}

void enrolment_encode(struct buffer *out, const struct enrolment *enrolment)
{
    wire_put_text(out, 1, enrolment->area);
    wire_put_text(out, 2, enrolment->insurance_type);
    wire_put_text(out, 3, enrolment->category);
    wire_put_uint(out, 4, enrolment->effective_date);
    wire_put_uint(out, 5, enrolment->end_date);
    wire_put_int(out, 6, enrolment->account_balance);
    wire_put_uint(out, 7, enrolment->poverty);
    wire_put_uint(out, 8, enrolment->civil_servant);
}

void filing_encode(struct buffer *out, const struct filing *filing)
{
    wire_put_text(out, 1, filing->filing_id);
    wire_put_uint(out, 2, filing->kind);
    wire_put_text(out, 3, filing->insured_area);
    wire_put_text(out, 4, filing->insurance_type);
    wire_put_text(out, 5, filing->care_area);
    wire_put_uint(out, 6, filing->valid_from);
    wire_put_uint(out, 7, filing->valid_to);
}

void qualification_encode(struct buffer *out, const struct qualification *qualification)
{
    wire_put_text(out, 1, qualification->insured_area);
    wire_put_text(out, 2, qualification->insurance_type);
    wire_put_text(out, 3, qualification->special_disease);
    wire_put_uint(out, 4, qualification->valid_from);
    wire_put_uint(out, 5, qualification->valid_to);
}

void catalogue_item_encode(struct buffer *out, const struct catalogue_item *item)
{
    wire_put_text(out, 1, item->region);
    wire_put_text(out, 2, item->code);
    wire_put_text(out, 3, item->name);
    wire_put_text(out, 4, field_level_text(item->level));
    wire_put_uint(out, 5, item->first_own_share_bp);
    for (uint32_t i = 0; i < HOSPITAL_LEVELS; i++)
        wire_put_int(out, 6 + i, item->price_limit_micro[i]);
    wire_put_uint(out, 9, item->effective_date);
    wire_put_uint(out, 10, item->end_date);
}

void local_care_encode(struct buffer *out, const struct local_care *care)
{
    struct accumulators added = care->added;
    wire_put_text(out, 1, care->local_id);
    wire_put_text(out, 2, care->insured_area);
    wire_put_text(out, 3, care->insurance_type);
    wire_put_uint(out, 4, care->discharge_date);
    wire_put_uint(out, 5, care->cancels);
    wire_put_uint(out, LOCAL_STAYS, added.stays);
    for (uint32_t i = 0; accumulators_at(&added, i) != NULL; i++)
        wire_put_int(out, LOCAL_FIRST_FEN + i, *accumulators_at(&added, i));
}
