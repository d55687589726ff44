/* SPDX-License-Identifier: Apache-2.0
 * The tables of version 1 of logic, and looking up. */
#include "common/engines/gazette/published.h"

#include <string.h>

#include "common/base/check.h"
#include "common/codes/insurance.h"

#define COUNT(rows) ((uint32_t)(sizeof(rows) / sizeof(rows)[0]))

static const struct workday_exception first_exceptions[] = {
#include "first_workdays.inc"
};
static const struct parameter_row first_parameters[] = {
#include "first_parameters.inc"
};
static const struct benefit_months first_benefit_months[] = {
#include "first_unemployment_months.inc"
};
static const struct benefit_standard first_standards[] = {
#include "first_unemployment_benefit.inc"
};

/* Divisions that begin with `begins` lie in it. */
#define AREA(area, begins, of, zh, en)                                                                                 \
    {                                                                                                                  \
        .code = (area), .region = (of), .name_zh = (zh), .name_en = (en), .divisions = (const char *const[]){begins},  \
        .division_count = 1, .office_of = "",                                                                          \
    }
static const struct published_area first_areas[] = {
    AREA("110000", "11", "110000", "北京市", "Beijing"),
    AREA("120000", "12", "120000", "天津市", "Tianjin"),
    AREA("130100", "1301", "130000", "石家庄市", "Shijiazhuang"),
    AREA("130200", "1302", "130000", "唐山市", "Tangshan"),
    AREA("130300", "1303", "130000", "秦皇岛市", "Qinhuangdao"),
    AREA("130400", "1304", "130000", "邯郸市", "Handan"),
    AREA("130500", "1305", "130000", "邢台市", "Xingtai"),
    AREA("130600", "1306", "130000", "保定市", "Baoding"),
    AREA("130700", "1307", "130000", "张家口市", "Zhangjiakou"),
    AREA("130800", "1308", "130000", "承德市", "Chengde"),
    AREA("130900", "1309", "130000", "沧州市", "Cangzhou"),
    AREA("131000", "1310", "130000", "廊坊市", "Langfang"),
    AREA("131100", "1311", "130000", "衡水市", "Hengshui"),
    AREA("133100", "1331", "130000", "雄安新区", "Xiong'an"),
};
#undef AREA

#define INSURANCE_TYPE(...)
#define CREDENTIAL(...)
#define CARE_KIND(kind, class, stay, hurry, clearing, zh, en) {kind, CARE_##class, stay, hurry, clearing, zh, en},
static const struct published_care_kind first_care_kinds[] = {
#include "common/codes/insurance.def"
};
#undef CARE_KIND
#undef CREDENTIAL
#undef INSURANCE_TYPE

static const struct published_item_shape first_item_shapes[] = {
    {"X", 23, ITEM_DRUG + 1, "西药", "western drug"},      {"Z", 20, ITEM_DRUG + 1, "中成药", "Chinese patent drug"},
    {"C", 20, ITEM_CONSUMABLE + 1, "耗材", "consumable"},  {"C", 27, ITEM_CONSUMABLE + 1, "耗材", "consumable"},
    {"", 15, ITEM_SERVICE + 1, "医疗服务项目", "service"},
};

void published_take_care_kinds(struct published *published, const struct care_kinds *kinds)
{
    published->care_kinds = *kinds;
    memset(published->care_kind_at, 0, sizeof published->care_kind_at);
    for (uint32_t i = 0; i < kinds->row_count; i++) {
        const char *code = kinds->rows[i].code;
        published->care_kind_at[(code[0] - '0') * 10 + (code[1] - '0')] = (uint8_t)(i + 1);
    }
}

const struct published *published_first(void)
{
    static const struct published first = {.logic = LOGIC_VERSION_FIRST,
                                           .calendar = {.exceptions = first_exceptions,
                                                        .count = COUNT(first_exceptions),
                                                        .years = {[2024 - CALENDAR_YEAR_FIRST] = 1,
                                                                  [2025 - CALENDAR_YEAR_FIRST] = 1,
                                                                  [2026 - CALENDAR_YEAR_FIRST] = 1}},
                                           .parameters = first_parameters,
                                           .parameter_count = COUNT(first_parameters),
                                           .benefit_months = first_benefit_months,
                                           .benefit_months_count = COUNT(first_benefit_months),
                                           .standards = first_standards,
                                           .standard_count = COUNT(first_standards),
                                           .areas = {first_areas, COUNT(first_areas)},
                                           .care_kinds = {first_care_kinds, COUNT(first_care_kinds)},
                                           .care_kind_at = {[11] = 1,
                                                            [12] = 2,
                                                            [13] = 3,
                                                            [14] = 4,
                                                            [21] = 5,
                                                            [22] = 6,
                                                            [23] = 7,
                                                            [24] = 8,
                                                            [41] = 9,
                                                            [51] = 10,
                                                            [52] = 11}, /* the rows of insurance.def */
                                           .item_shapes = {first_item_shapes, COUNT(first_item_shapes)}};
    return &first;
}

const struct calendar *calendar_first(void)
{
    return &published_first()->calendar;
}

/* A name of the table, in capitals there, in either case. */
static bool same_word(const char *capitals, const char *word)
{
    size_t at = 0;
    while (capitals[at] != 0 &&
           (word[at] >= 'a' && word[at] <= 'z' ? word[at] - ('a' - 'A') : word[at]) == capitals[at])
        at++;
    return capitals[at] == 0 && word[at] == 0;
}

enum parameter parameter_of(const char *name)
{
    static const char *const names[PARAMETERS_COUNT] = {
#define PARAMETER(name, ...) #name,
#include "common/engines/gazette/parameter.def"
#undef PARAMETER
    };
    uint32_t at = 0;
    while (at < PARAMETERS_COUNT && !same_word(names[at], name))
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
