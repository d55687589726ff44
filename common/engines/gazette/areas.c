/* SPDX-License-Identifier: Apache-2.0
 * Looking up areas and divisions. */
#include "common/engines/gazette/areas.h"

#include <string.h>

#include "common/base/check.h"

enum { DIVISION_DIGITS = 6, DIVISIONS_A_PROVINCE = 10000 };

static const struct published_area *row_find(const struct published *published, const char *code)
{
    for (uint32_t i = 0; i < published->areas.row_count; i++)
        if (strcmp(published->areas.rows[i].code, code) == 0)
            return &published->areas.rows[i];
    return NULL;
}

const struct published_area *area_find(const struct published *published, const char *code)
{
    const struct published_area *row = row_find(published, code);
    return row != NULL && row->office_of[0] == 0 ? row : NULL;
}

const char *area_itself(const struct published *published, const char *code)
{
    const struct published_area *row = row_find(published, code);
    return row != NULL && row->office_of[0] != 0 ? row->office_of : code;
}

const struct published_area *area_of_division(const struct published *published, const char *division)
{
    const struct published_area *found = NULL;
    size_t longest = 0;
    if (strnlen(division, DIVISION_DIGITS) < DIVISION_DIGITS)
        return NULL;
    for (uint32_t i = 0; i < published->areas.row_count; i++) {
        const struct published_area *row = &published->areas.rows[i];
        for (uint32_t j = 0; j < row->division_count; j++) {
            size_t size = strlen(row->divisions[j]);
            if (size > longest && strncmp(division, row->divisions[j], size) == 0) {
                longest = size;
                found = row;
            }
        }
    }
    return found != NULL && found->office_of[0] != 0 ? area_find(published, found->office_of) : found;
}

static void without_office(const struct published *published, const char **code)
{
    *code = area_itself(published, *code);
}

static void letter_without_offices(const struct published *published, struct arena *arena, struct event *event)
{
    const struct transfer_letter *letter = event->body.transfer;
    struct transfer_letter *own = arena_take(arena, sizeof *own);
    INVARIANT(own != NULL); /* a letter leaves the arena nearly empty */
    *own = *letter;
    without_office(published, &own->source_area);
    without_office(published, &own->target_area);
    event->body.transfer = own;
}

void areas_without_offices(const struct published *published, struct arena *arena, struct event *event)
{
    if (!logic_has(published->logic, LOGIC_AREAS))
        return;
    switch (event->kind) {
    case EVENT_INSTITUTION:
        without_office(published, &event->body.institution.area);
        break;
    case EVENT_ENROLMENT:
        without_office(published, &event->body.enrolment.area);
        break;
    case EVENT_BILL_TRIAL:
    case EVENT_BILL_SETTLE:
        without_office(published, &event->body.bill.insured_area);
        break;
    case EVENT_FILING:
        without_office(published, &event->body.filing.insured_area);
        without_office(published, &event->body.filing.care_area);
        break;
    case EVENT_QUALIFICATION:
        without_office(published, &event->body.qualification.insured_area);
        break;
    case EVENT_LOCAL_CARE:
        without_office(published, &event->body.local_care.insured_area);
        break;
    case EVENT_TRANSFER:
        letter_without_offices(published, arena, event);
        break;
    case EVENT_CERTIFICATION:
        without_office(published, &event->body.certification.paying_area);
        without_office(published, &event->body.certification.residence_area);
        break;
    default:
        break;
    }
}

/* The first published division from `least` on; 0: none. */
static uint32_t division_from(const struct published *published, uint32_t least)
{
    uint32_t low = 0, high = published->division_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (published->divisions[middle] < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low < published->division_count ? published->divisions[low] : 0;
}

bool division_is_published(const struct published *published, uint32_t division)
{
    bool permit = division == 810000 || division == 820000 || division == 830000;
    return permit || division_from(published, division) == division;
}

bool province_is_published(const struct published *published, uint32_t province)
{
    return division_from(published, province * DIVISIONS_A_PROVINCE) / DIVISIONS_A_PROVINCE == province;
}
