/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/gazettes.h"

#include "common/codes/insurance.h"
#include "common/engines/gazette/published.h"

static const char *const beijing[] = {"11"}, *const tianjin[] = {"12"}, *const shijiazhuang[] = {"1301"};
static const struct published_area areas[] = {{.code = "110000",
                                               .region = "110000",
                                               .name_zh = "北京",
                                               .name_en = "Beijing",
                                               .divisions = beijing,
                                               .division_count = 1,
                                               .office_of = ""},
                                              {.code = "120000",
                                               .region = "120000",
                                               .name_zh = "天津",
                                               .name_en = "Tianjin",
                                               .divisions = tianjin,
                                               .division_count = 1,
                                               .office_of = ""},
                                              {.code = "130100",
                                               .region = "130000",
                                               .name_zh = "石家庄",
                                               .name_en = "Shijiazhuang",
                                               .divisions = shijiazhuang,
                                               .division_count = 1,
                                               .office_of = ""}};
static const struct published_care_kind care_kinds[] = {
#define INSURANCE_TYPE(...)
#define CARE_KIND(code, class, inpatient, urgent, clearing, zh, en)                                                    \
    {code, CARE_##class, inpatient, urgent, clearing, zh, en},
#define CREDENTIAL(...)
#include "common/codes/insurance.def"
#undef INSURANCE_TYPE
#undef CARE_KIND
#undef CREDENTIAL
};
static const struct published_item_shape shapes[] = {{"X", 23, 1, "西药", "western drug"},
                                                     {"Z", 20, 1, "中成药", "Chinese patent drug"},
                                                     {"C", 20, 2, "耗材", "consumable"},
                                                     {"C", 27, 2, "耗材", "consumable"},
                                                     {"", 15, 3, "服务", "service"}};

enum { ROWS_MAX = 128 };
static struct published_parameter parameters[ROWS_MAX];
static char grades[ROWS_MAX][2];

static const char *const names[PARAMETERS_COUNT] = {
#define PARAMETER(name, ...) #name,
#include "common/engines/gazette/parameter.def"
#undef PARAMETER
};

static struct transfer_parameters first_parameters(void)
{
    const struct published *first = published_first();
    for (uint32_t i = 0; i < first->parameter_count; i++) {
        const struct parameter_row *row = &first->parameters[i];
        grades[i][0] = row->grade;
        parameters[i] = (struct published_parameter){names[row->parameter], row->valid_from, (uint32_t)row->value,
                                                     grades[i], row->source};
    }
    return (struct transfer_parameters){.rows = parameters,
                                        .row_count = first->parameter_count,
                                        .benefit_months = first->benefit_months,
                                        .benefit_month_count = first->benefit_months_count};
}

#define COUNT(rows) ((uint32_t)(sizeof(rows) / sizeof(rows)[0]))

const struct gazette *gazette_wanted(unsigned index)
{
    static struct gazette wanted[GAZETTES_WANTED] = {
        {.region = "", .source = "test", .kind = GAZETTE_AREAS, .table.areas = {areas, COUNT(areas)}},
        {.region = "",
         .source = "test",
         .kind = GAZETTE_CARE_KINDS,
         .table.care_kinds = {care_kinds, COUNT(care_kinds)}},
        {.region = "", .source = "test", .kind = GAZETTE_ITEM_SHAPES, .table.item_shapes = {shapes, COUNT(shapes)}},
        {.region = "", .source = "test", .kind = GAZETTE_TRANSFER_PARAMETERS}};
    wanted[3].table.transfer_parameters = first_parameters();
    return &wanted[index];
}
