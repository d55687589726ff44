/* SPDX-License-Identifier: Apache-2.0
 * The tables of version 1 of logic, and looking up. */
#include "common/engines/gazette/published.h"

#include <string.h>
#include <strings.h>

#include "common/base/check.h"

#define COUNT(rows) ((uint32_t)(sizeof(rows) / sizeof(rows)[0]))

static const struct parameter_row first_parameters[] = {
#include "first_parameters.inc"
};
static const struct benefit_months first_benefit_months[] = {
#include "first_unemployment_months.inc"
};
static const struct benefit_standard first_standards[] = {
#include "first_unemployment_benefit.inc"
};

const struct published *published_first(void)
{
    static struct published first = {.logic = LOGIC_VERSION_FIRST,
                                     .parameters = first_parameters,
                                     .parameter_count = COUNT(first_parameters),
                                     .benefit_months = first_benefit_months,
                                     .benefit_months_count = COUNT(first_benefit_months),
                                     .standards = first_standards,
                                     .standard_count = COUNT(first_standards)};
    first.calendar = *calendar_first();
    return &first;
}

enum parameter parameter_of(const char *name)
{
    static const char *const names[PARAMETERS_COUNT] = {
#define PARAMETER(name, ...) #name,
#include "common/engines/gazette/parameter.def"
#undef PARAMETER
    };
    uint32_t at = 0;
    while (at < PARAMETERS_COUNT && strcasecmp(names[at], name) != 0)
        at++;
    return (enum parameter)at;
}

const struct parameter_row *parameter_on(const struct published *published, enum parameter parameter, civil_date_t day)
{
    const struct parameter_row *found = NULL;
    for (uint32_t i = 0; i < published->parameter_count; i++)
        if (published->parameters[i].parameter == parameter && published->parameters[i].valid_from <= day)
            found = &published->parameters[i];
    return found;
}

civil_date_t parameter_next(const struct published *published, enum parameter parameter, civil_date_t day)
{
    for (uint32_t i = 0; i < published->parameter_count; i++)
        if (published->parameters[i].parameter == parameter && published->parameters[i].valid_from > day)
            return published->parameters[i].valid_from;
    return 0;
}

int32_t parameter_value(const struct published *published, enum parameter parameter, civil_date_t day)
{
    const struct parameter_row *row = parameter_on(published, parameter, day);
    if (row == NULL)
        row = parameter_on(published, parameter, parameter_next(published, parameter, day));
    INVARIANT(row != NULL); /* the check of what is published: every parameter has a row */
    return row->value;
}

civil_date_t published_calendar_end(const struct published *published)
{
    for (uint32_t i = CALENDAR_YEARS_COUNT; i > 0; i--)
        if (published->calendar.years[i - 1])
            return (CALENDAR_YEAR_FIRST + i - 1) * 10000 + 1231;
    return 0;
}

/* The last day of any row of this row's class; 0: one is open. */
static civil_date_t class_end(const struct published *published, const struct benefit_standard *of)
{
    civil_date_t last = of->valid_to;
    for (uint32_t i = 0; i < published->standard_count && last != 0; i++) {
        const struct benefit_standard *row = &published->standards[i];
        if (row->area_class == of->area_class && strcmp(row->region, of->region) == 0 &&
            (row->valid_to == 0 || row->valid_to > last))
            last = row->valid_to;
    }
    return last;
}

civil_date_t published_standard_end(const struct published *published, const char *region)
{
    civil_date_t first = 0;
    for (uint32_t i = 0; i < published->standard_count; i++) {
        const struct benefit_standard *row = &published->standards[i];
        civil_date_t end = strcmp(row->region, region) == 0 ? class_end(published, row) : 0;
        if (end != 0 && (first == 0 || end < first))
            first = end;
    }
    return first;
}
