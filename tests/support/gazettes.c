/* SPDX-License-Identifier: Apache-2.0
 * Tables to be published. */
#include "tests/support/gazettes.h"

#include <stdio.h>
#include <string.h>

#include "common/base/check.h"
#include "common/engines/gazette/published.h"

enum { ROWS_MAX = 256, NAME_SIZE = 48 };

static struct published_parameter parameters[ROWS_MAX];
static struct benefit_months months[ROWS_MAX];
static struct published_benefit benefits[ROWS_MAX];
static struct calendar_day days[ROWS_MAX];

static const char *const parameter_names[PARAMETERS_COUNT] = {
#define PARAMETER(name, ...) #name,
#include "common/engines/gazette/parameter.def"
#undef PARAMETER
};

static void take_parameters(struct transfer_parameters *table)
{
    static char names[PARAMETERS_COUNT][NAME_SIZE], grades[ROWS_MAX][2];
    const struct published *first = published_first();
    PRE(first->parameter_count <= ROWS_MAX && first->benefit_months_count <= ROWS_MAX);
    for (uint32_t i = 0; i < PARAMETERS_COUNT; i++)
        for (size_t j = 0; j == 0 || parameter_names[i][j - 1] != 0; j++)
            names[i][j] = parameter_names[i][j] >= 'A' && parameter_names[i][j] <= 'Z'
                              ? (char)(parameter_names[i][j] + 'a' - 'A')
                              : parameter_names[i][j];
    for (uint32_t i = 0; i < first->parameter_count; i++) {
        const struct parameter_row *row = &first->parameters[i];
        grades[i][0] = row->grade;
        parameters[i] = (struct published_parameter){names[row->parameter], row->valid_from, (uint32_t)row->value,
                                                     grades[i], row->source};
    }
    memcpy(months, first->benefit_months, first->benefit_months_count * sizeof *months);
    *table = (struct transfer_parameters){parameters, first->parameter_count, months, first->benefit_months_count};
}

static void take_standard(const char *region, struct unemployment_standard *table)
{
    const struct published *first = published_first();
    table->rows = benefits;
    for (uint32_t i = 0; i < first->standard_count; i++) {
        const struct benefit_standard *row = &first->standards[i];
        if (strcmp(row->region, region) == 0)
            benefits[table->row_count++] =
                (struct published_benefit){row->area_class, row->valid_from, row->valid_to, row->years_from,
                                           row->month_from, row->monthly,    "S",           ""};
    }
}

static struct published_area areas[] = {
    {.code = "110000", .region = "110000", .name_zh = "北京", .name_en = "Beijing"},
    {.code = "120000", .region = "120000", .name_zh = "天津", .name_en = "Tianjin"},
    {.code = "130100", .region = "130000", .name_zh = "石家庄", .name_en = "Shijiazhuang"},
    {.code = "131000", .region = "130000", .name_zh = "廊坊", .name_en = "Langfang"}};
static const char *const of_beijing[] = {"11"}, *const of_tianjin[] = {"12"}, *const of_shijiazhuang[] = {"1301"},
                         *const of_langfang[] = {"1310"};
static const char *const *const of_areas[] = {of_beijing, of_tianjin, of_shijiazhuang, of_langfang};
static struct published_division divisions[] = {{110101, "东城区"}, {120101, "和平区"}, {130102, "长安区"}};
static struct published_care_kind kinds[] = {
    {.code = "11", .clearing_type = "11", .name_zh = "普通门诊", .name_en = "outpatient"},
    {.code = "14", .care_class = CARE_CHRONIC, .clearing_type = "11", .name_zh = "门诊慢特病", .name_en = "chronic"},
    {.code = "21", .inpatient = true, .clearing_type = "21", .name_zh = "普通住院", .name_en = "inpatient"},
    {.code = "41", .clearing_type = "41", .name_zh = "定点药店购药", .name_en = "pharmacy"},
    {.code = "52",
     .care_class = CARE_MATERNITY,
     .inpatient = true,
     .clearing_type = "21",
     .name_zh = "生育住院",
     .name_en = "maternity"}};
static struct published_item_shape shapes[] = {{.first = "", .size = 15, .kind = 3},
                                               {.first = "C", .size = 20, .kind = 2},
                                               {.first = "X", .size = 23, .kind = 1},
                                               {.first = "Z", .size = 20, .kind = 1}};

#define ROWS(table) table, sizeof(table) / sizeof(table)[0]

struct gazette gazette_sound(enum gazette_kind kind, const char *region)
{
    struct gazette gazette = {.region = region, .source = "a notice", .kind = kind};
    switch (kind) {
    case GAZETTE_CALENDAR:
        return gazette_calendar_first(2026);
    case GAZETTE_DIVISIONS:
        gazette.table.divisions = (struct divisions){ROWS(divisions)};
        break;
    case GAZETTE_AREAS:
        for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++) {
            areas[i].office_of = "";
            areas[i].divisions = of_areas[i];
            areas[i].division_count = 1;
        }
        gazette.table.areas = (struct areas){ROWS(areas)};
        break;
    case GAZETTE_UNEMPLOYMENT_STANDARD:
        take_standard(region, &gazette.table.unemployment_standard);
        break;
    case GAZETTE_TRANSFER_PARAMETERS:
        take_parameters(&gazette.table.transfer_parameters);
        break;
    case GAZETTE_CARE_KINDS:
        gazette.table.care_kinds = (struct care_kinds){ROWS(kinds)};
        break;
    case GAZETTE_ITEM_SHAPES:
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
            shapes[i].name_zh = shapes[i].name_en = "";
        gazette.table.item_shapes = (struct item_shapes){ROWS(shapes)};
        break;
    case GAZETTE_NONE:
        break;
    }
    return gazette;
}

static struct gazette calendar(uint32_t year, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        days[i].name = "";
    return (struct gazette){
        .region = "", .source = "a notice", .kind = GAZETTE_CALENDAR, .table.calendar = {year, days, count}};
}

struct gazette gazette_calendar_first(uint32_t year)
{
    const struct calendar *first = calendar_first();
    uint32_t count = 0;
    for (size_t i = 0; i < first->count; i++)
        if (first->exceptions[i].date / 10000 == year)
            days[count++] =
                (struct calendar_day){.date = first->exceptions[i].date, .workday = first->exceptions[i].workday};
    return calendar(year, count);
}

struct gazette gazette_calendar_2027(void)
{
    static const struct workday_exception of_2027[] = {{20270101, false}, {20270208, false}, {20270209, false},
                                                       {20270210, false}, {20270211, false}, {20270212, false},
                                                       {20270213, true}};
    uint32_t count = sizeof of_2027 / sizeof of_2027[0];
    for (uint32_t i = 0; i < count; i++)
        days[i] = (struct calendar_day){.date = of_2027[i].date, .workday = of_2027[i].workday};
    return calendar(2027, count);
}

void gazettes_publish(void (*publish)(void *rig, const struct gazette *gazette), void *rig)
{
    static const char *const regions[] = {"110000", "120000", "130000"};
    static const enum gazette_kind of_all[] = {GAZETTE_DIVISIONS, GAZETTE_AREAS, GAZETTE_TRANSFER_PARAMETERS,
                                               GAZETTE_CARE_KINDS, GAZETTE_ITEM_SHAPES};
    struct gazette gazette;
    for (uint32_t year = 2024; year <= 2026; year++) {
        gazette = gazette_calendar_first(year);
        publish(rig, &gazette);
    }
    for (size_t i = 0; i < sizeof of_all / sizeof of_all[0]; i++) {
        gazette = gazette_sound(of_all[i], "");
        publish(rig, &gazette);
    }
    for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++) {
        gazette = gazette_sound(GAZETTE_UNEMPLOYMENT_STANDARD, regions[i]);
        publish(rig, &gazette);
    }
}

const struct gazette *gazette_wanted(unsigned index)
{
    static const enum gazette_kind wanted[GAZETTES_WANTED] = {GAZETTE_AREAS, GAZETTE_CARE_KINDS, GAZETTE_ITEM_SHAPES,
                                                              GAZETTE_TRANSFER_PARAMETERS};
    static struct gazette gazette;
    PRE(index < GAZETTES_WANTED);
    gazette = gazette_sound(wanted[index], "");
    return &gazette;
}
