/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/gazettes.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/insurance.h"

static struct areas areas(void)
{
    static struct published_area rows[64];
    static const char *prefixes[64][1];
    static char digits[64][7];
    uint32_t count = 0;
    for (const struct area *area; (area = area_at(count)) != NULL; count++) {
        (void)snprintf(digits[count], sizeof digits[count], "%.*s",
                       area->code[0] == '1' && area->code[1] == '3' ? 4 : 2, area->code);
        prefixes[count][0] = digits[count];
        rows[count] = (struct published_area){.code = area->code,
                                              .region = region_of(area->code),
                                              .name_zh = area->name_zh,
                                              .name_en = area->name_en,
                                              .divisions = prefixes[count],
                                              .division_count = 1,
                                              .office_of = ""};
    }
    return (struct areas){rows, count};
}

static struct care_kinds care_kinds(void)
{
#define INSURANCE_TYPE(...)
#define CREDENTIAL(...)
#define CARE_KIND(code, class, inpatient, urgent, clearing, zh, en)                                                    \
    {code, CARE_##class, inpatient, urgent, clearing, zh, en},
    static const struct published_care_kind rows[] = {
#include "common/codes/insurance.def"
    };
#undef CARE_KIND
#undef CREDENTIAL
#undef INSURANCE_TYPE
    return (struct care_kinds){rows, sizeof rows / sizeof rows[0]};
}

static struct item_shapes item_shapes(void)
{
    static const struct published_item_shape rows[] = {
        {"X", 23, 1, "西药", "western drug"},     {"Z", 20, 1, "中成药", "Chinese patent drug"},
        {"C", 20, 2, "耗材", "consumable"},       {"C", 27, 2, "耗材", "consumable"},
        {"T", 10, 1, "中药饮片", "herbal piece"}, {"T", 20, 1, "配方颗粒", "herbal granules"},
        {"", 15, 3, "医疗服务", "service"}};
    return (struct item_shapes){rows, sizeof rows / sizeof rows[0]};
}

static struct transfer_parameters parameters(void)
{
    static const char *const names[PARAMETERS_COUNT] = {
#define PARAMETER(name, ...) #name,
#include "common/engines/gazette/parameter.def"
#undef PARAMETER
    };
    static struct published_parameter rows[512];
    static char grades[512][2];
    const struct published *first = published_first();
    for (uint32_t i = 0; i < first->parameter_count; i++) {
        const struct parameter_row *row = &first->parameters[i];
        grades[i][0] = row->grade;
        rows[i] = (struct published_parameter){names[row->parameter], row->valid_from, (uint32_t)row->value, grades[i],
                                               row->source};
    }
    return (struct transfer_parameters){rows, first->parameter_count, first->benefit_months,
                                        first->benefit_months_count};
}

const struct gazette *test_gazette(unsigned index)
{
    static struct gazette gazette;
    gazette = (struct gazette){.region = "", .source = "tests"};
    PRE(index < TEST_GAZETTES);
    if (index == 0) {
        gazette.kind = GAZETTE_AREAS;
        gazette.table.areas = areas();
    } else if (index == 1) {
        gazette.kind = GAZETTE_CARE_KINDS;
        gazette.table.care_kinds = care_kinds();
    } else if (index == 2) {
        gazette.kind = GAZETTE_ITEM_SHAPES;
        gazette.table.item_shapes = item_shapes();
    } else {
        gazette.kind = GAZETTE_TRANSFER_PARAMETERS;
        gazette.table.transfer_parameters = parameters();
    }
    return &gazette;
}
