/* SPDX-License-Identifier: Apache-2.0
 * The ladder of the place of the pension. */
#include "common/engines/transfer/pension_place.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/engines/gazette/published.h"

/* Provinces of GB/T 2260 with their two digits; 0: none. */
static uint32_t province_of(const char *division)
{
    static const uint8_t provinces[] = {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42,
                                        43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82};
    if (strnlen(division, 2) < 2 || division[0] < '0' || division[0] > '9' || division[1] < '0' || division[1] > '9')
        return 0;
    uint32_t digits = (uint32_t)(division[0] - '0') * 10 + (uint32_t)(division[1] - '0');
    for (unsigned i = 0; i < sizeof provinces / sizeof provinces[0]; i++)
        if (provinces[i] == digits)
            return digits;
    return 0;
}

struct place_months {
    uint32_t months;
    month_t last;
};

static struct place_months months_at(const struct pension_stay *stays, uint32_t count, uint32_t province)
{
    struct month_set set = {0};
    for (uint32_t i = 0; i < count; i++)
        if (!stays[i].temporary && province_of(stays[i].province) == province)
            month_set_add(&set, stays[i].from, stays[i].to);
    return (struct place_months){month_set_count(&set), month_set_last(&set)};
}

/* Of the places with enough months the one that was left last; 0: none. */
static uint32_t last_earlier(const struct pension_stay *stays, uint32_t count, uint32_t enough,
                             struct transfer_steps *steps)
{
    uint32_t found = 0;
    month_t found_last = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t province = province_of(stays[i].province);
        bool seen = stays[i].temporary;
        for (uint32_t before = 0; before < i && !seen; before++)
            seen = !stays[before].temporary && province_of(stays[before].province) == province;
        if (seen)
            continue;
        struct place_months at = months_at(stays, count, province);
        transfer_steps_add(steps, STEP_PLACE_MONTHS, 0, province * 10000, 0, at.months);
        if (at.months >= enough && at.last > found_last) {
            found = province;
            found_last = at.last;
        }
    }
    return found;
}

const char *pension_place_reason_name(enum pension_place_reason reason)
{
    static const char *const names[] = {"relation_at_home", "relation_ten_years", "last_earlier_ten_years",
                                        "home_nowhere_ten_years"};
    return names[reason];
}

static enum rule check_stays(const struct pension_stay *stays, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!month_exists(stays[i].from) || !month_exists(stays[i].to) || stays[i].to < stays[i].from)
            return RULE_CONTRIBUTION_MONTH_INVALID;
        if (province_of(stays[i].province) == 0)
            return RULE_TRANSFER_PROVINCE_UNKNOWN;
    }
    return RULE_NONE;
}

enum rule pension_place_find(const struct published *published, const struct pension_stay *stays, uint32_t count,
                             const char *home, const char *relation, civil_date_t day, struct pension_place *place,
                             struct transfer_steps *steps)
{
    static const enum transfer_step reasons[] = {STEP_PLACE_RELATION_AT_HOME, STEP_PLACE_RELATION_TEN,
                                                 STEP_PLACE_EARLIER_TEN, STEP_PLACE_HOME};
    uint32_t enough = (uint32_t)parameter_value(published, PARAMETER_PLACE_MONTHS, day);
    uint32_t home_province = province_of(home), relation_province = province_of(relation), found = relation_province;
    enum rule rule = check_stays(stays, count);
    if (rule != RULE_NONE)
        return rule;
    if (home_province == 0 || relation_province == 0)
        return RULE_TRANSFER_PROVINCE_UNKNOWN;
    uint32_t earlier = last_earlier(stays, count, enough, steps);
    if (relation_province == home_province) {
        place->reason = PLACE_RELATION_AT_HOME;
    } else if (months_at(stays, count, relation_province).months >= enough) {
        place->reason = PLACE_RELATION_TEN_YEARS;
    } else if (earlier != 0) {
        place->reason = PLACE_LAST_EARLIER_TEN_YEARS;
        found = earlier;
    } else {
        place->reason = PLACE_HOME_NOWHERE_TEN_YEARS;
        found = home_province;
    }
    place->months = months_at(stays, count, found).months;
    (void)snprintf(place->province, sizeof place->province, "%02u0000", found % 100);
    transfer_steps_total(steps, reasons[place->reason], 0, found * 10000, 0);
    return RULE_NONE;
}
