/* SPDX-License-Identifier: Apache-2.0
 * The check of a published table. */
#include "common/engines/gazette/gazette_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/codes/area.h"
#include "common/codes/insurance.h"
#include "common/codes/rule.h"
#include "common/engines/gazette/published.h"

enum { DIGITS_MAX = 6, ITEM_CODE_SIZE_MAX = 30, BENEFIT_MONTHS_MAX = 60, MONTHLY_FEN_MAX = 10000000 };

struct check {
    const char *root;
    struct findings *findings;
};

__attribute__((format(printf, 4, 5))) static void want(const struct check *check, bool holds, const char *wanted,
                                                       const char *format, ...)
{
    char path[FINDING_PATH_MAX + 1], field[FINDING_PATH_MAX + 1];
    va_list arguments;
    if (holds)
        return;
    va_start(arguments, format);
    (void)vsnprintf(field, sizeof field, format, arguments);
    va_end(arguments);
    (void)snprintf(path, sizeof path, "%.12s.%.50s", check->root, field);
    findings_add(check->findings, RULE_GAZETTE_INVALID, path, wanted);
}

static bool is_digits(const char *text, size_t least, size_t most)
{
    size_t size = text_digits(text);
    return text[size] == 0 && size >= least && size <= most;
}

static bool is_grade(const char *grade)
{
    return strlen(grade) == 1 && strchr("ORPSM", grade[0]) != NULL;
}

static void check_calendar(const struct check *check, const struct calendar_year *calendar)
{
    want(check, calendar->year >= CALENDAR_YEAR_FIRST && calendar->year < CALENDAR_YEAR_FIRST + CALENDAR_YEARS_COUNT,
         "a year within 1990..2117", "calendar.year");
    want(check, calendar->day_count > 0, "the days that do not follow the week", "calendar.days");
    for (uint32_t i = 0; i < calendar->day_count; i++) {
        const struct calendar_day *day = &calendar->days[i];
        want(check, civil_date_exists(day->date) && day->date / 10000 == calendar->year, "a day of the year",
             "calendar.days[%u].date", i);
        want(check, i == 0 || day->date > day[-1].date, "ascending days, each once", "calendar.days[%u].date", i);
    }
}

static void check_divisions(const struct check *check, const struct divisions *divisions)
{
    want(check, divisions->row_count > 0, "at least one", "divisions.rows");
    for (uint32_t i = 0; i < divisions->row_count; i++) {
        uint32_t code = divisions->rows[i].code;
        want(check, code >= 100000 && code <= 999999, "six digits", "divisions.rows[%u].code", i);
        want(check, i == 0 || code > divisions->rows[i - 1].code, "ascending codes, each once",
             "divisions.rows[%u].code", i);
    }
}

static bool area_stands(const struct areas *areas, const char *code)
{
    for (uint32_t i = 0; i < areas->row_count; i++)
        if (strcmp(areas->rows[i].code, code) == 0 && areas->rows[i].office_of[0] == 0)
            return true;
    return false;
}

static void check_areas(const struct check *check, const struct areas *areas)
{
    want(check, areas->row_count > 0, "at least one", "areas.rows");
    for (uint32_t i = 0; i < areas->row_count; i++) {
        const struct published_area *area = &areas->rows[i];
        const char *region = region_of(area->code);
        want(check, is_digits(area->code, DIGITS_MAX, DIGITS_MAX), "six digits", "areas.rows[%u].code", i);
        want(check, i == 0 || strcmp(area->code, area[-1].code) > 0, "ascending codes, each once",
             "areas.rows[%u].code", i);
        want(check, region != NULL && strcmp(region, area->region) == 0, "the region its code begins with",
             "areas.rows[%u].region", i);
        want(check, area->name_zh[0] != 0 && area->name_en[0] != 0, "a name", "areas.rows[%u].name", i);
        want(check, area->office_of[0] == 0 || area_stands(areas, area->office_of), "an area of this table",
             "areas.rows[%u].office_of", i);
        for (uint32_t j = 0; j < area->division_count; j++)
            want(check, is_digits(area->divisions[j], 2, DIGITS_MAX), "two to six digits",
                 "areas.rows[%u].divisions[%u]", i, j);
    }
}

static void check_standard(const struct check *check, const struct unemployment_standard *standard)
{
    want(check, standard->row_count > 0, "at least one", "unemployment_standard.rows");
    for (uint32_t i = 0; i < standard->row_count; i++) {
        const struct published_benefit *row = &standard->rows[i];
        want(check, civil_date_exists(row->valid_from), "a day", "unemployment_standard.rows[%u].valid_from", i);
        want(check, row->valid_to == 0 || (civil_date_exists(row->valid_to) && row->valid_to >= row->valid_from),
             "0, or not before its first day", "unemployment_standard.rows[%u].valid_to", i);
        want(check, row->month_from >= 1 && row->month_from <= BENEFIT_MONTHS_MAX, "a month from 1 on",
             "unemployment_standard.rows[%u].month_from", i);
        want(check, row->monthly > 0 && row->monthly <= MONTHLY_FEN_MAX, "fen a month",
             "unemployment_standard.rows[%u].monthly_fen", i);
        want(check, is_grade(row->grade), "O, R, P, S or M", "unemployment_standard.rows[%u].grade", i);
    }
}

static void check_parameters(const struct check *check, const struct transfer_parameters *parameters)
{
    bool there[PARAMETERS_COUNT + 1] = {false};
    for (uint32_t i = 0; i < parameters->row_count; i++) {
        const struct published_parameter *row = &parameters->rows[i];
        enum parameter parameter = parameter_of(row->name);
        there[parameter] = true;
        want(check, parameter < PARAMETERS_COUNT, "the name of a parameter", "transfer_parameters.rows[%u].name", i);
        want(check, civil_date_exists(row->valid_from), "a day", "transfer_parameters.rows[%u].valid_from", i);
        want(check, row->value <= (parameter == PARAMETER_REMIND_DAYS ? REMIND_DAYS_MAX : INT32_MAX),
             "a smaller number", "transfer_parameters.rows[%u].value", i);
        want(check, is_grade(row->grade), "O, R, P, S or M", "transfer_parameters.rows[%u].grade", i);
    }
    for (uint32_t i = 0; i < PARAMETERS_COUNT; i++)
        want(check, there[i], "every parameter has a row", "transfer_parameters.rows");
    want(check, parameters->benefit_month_count > 0, "at least one", "transfer_parameters.benefit_months");
    for (uint32_t i = 0; i < parameters->benefit_month_count; i++) {
        const struct benefit_months *row = &parameters->benefit_months[i];
        want(check, row->months <= BENEFIT_MONTHS_MAX && (i == 0 || row->years > row[-1].years), "ascending years",
             "transfer_parameters.benefit_months[%u]", i);
    }
}

static void check_care_kinds(const struct check *check, const struct care_kinds *kinds)
{
    want(check, kinds->row_count > 0, "at least one", "care_kinds.rows");
    for (uint32_t i = 0; i < kinds->row_count; i++) {
        const struct published_care_kind *kind = &kinds->rows[i];
        want(check, is_digits(kind->code, 2, 2) && (i == 0 || strcmp(kind->code, kind[-1].code) > 0),
             "ascending codes of two digits, each once", "care_kinds.rows[%u].code", i);
        want(check, kind->care_class <= CARE_MATERNITY, "a class of care", "care_kinds.rows[%u].care_class", i);
        want(check, is_digits(kind->clearing_type, 2, 2), "two digits", "care_kinds.rows[%u].clearing_type", i);
        want(check, kind->name_zh[0] != 0 && kind->name_en[0] != 0, "a name", "care_kinds.rows[%u].name", i);
    }
}

static void check_item_shapes(const struct check *check, const struct item_shapes *shapes)
{
    want(check, shapes->row_count > 0, "at least one", "item_shapes.rows");
    for (uint32_t i = 0; i < shapes->row_count; i++) {
        const struct published_item_shape *shape = &shapes->rows[i];
        want(check,
             strlen(shape->first) <= 1 && strspn(shape->first, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(shape->first),
             "one capital, or nothing", "item_shapes.rows[%u].first", i);
        want(check, shape->size > 1 && shape->size <= ITEM_CODE_SIZE_MAX, "2 to 30 characters",
             "item_shapes.rows[%u].size", i);
        want(check, shape->kind >= 1 && shape->kind <= 3, "a drug, a consumable or a service",
             "item_shapes.rows[%u].kind", i);
    }
}

void gazette_check(const struct gazette *gazette, const char *root, struct findings *findings)
{
    const struct check check = {root, findings};
    bool of_region = gazette->kind == GAZETTE_UNEMPLOYMENT_STANDARD;
    want(&check, gazette->source[0] != 0, "what a clerk can cite", "source");
    want(&check, of_region ? region_is_known(gazette->region) : gazette->region[0] == 0,
         of_region ? "a region" : "nothing: the table is the exchange's", "region");
    switch (gazette->kind) {
    case GAZETTE_CALENDAR:
        check_calendar(&check, &gazette->table.calendar);
        break;
    case GAZETTE_DIVISIONS:
        check_divisions(&check, &gazette->table.divisions);
        break;
    case GAZETTE_AREAS:
        check_areas(&check, &gazette->table.areas);
        break;
    case GAZETTE_UNEMPLOYMENT_STANDARD:
        check_standard(&check, &gazette->table.unemployment_standard);
        break;
    case GAZETTE_TRANSFER_PARAMETERS:
        check_parameters(&check, &gazette->table.transfer_parameters);
        break;
    case GAZETTE_CARE_KINDS:
        check_care_kinds(&check, &gazette->table.care_kinds);
        break;
    case GAZETTE_ITEM_SHAPES:
        check_item_shapes(&check, &gazette->table.item_shapes);
        break;
    case GAZETTE_NONE:
        want(&check, false, "a table", "table");
        break;
    }
}
