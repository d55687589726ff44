/* SPDX-License-Identifier: Apache-2.0
 * Civil calendar by the days-from-civil algorithm (proleptic Gregorian). */
#include "common/base/instant.h"

#include <stdio.h>

#include "common/base/check.h"

enum { SHANGHAI_OFFSET_MS = 8 * 3600 * 1000, DAY_MS = 86400 * 1000 };

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool civil_date_exists(civil_date_t date)
{
    unsigned year = date / 10000, month = date / 100 % 100, day = date % 100;
    return year >= 1900 && year <= 9998 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

int32_t civil_date_to_day(civil_date_t date)
{
    PRE(civil_date_exists(date));
    int32_t year = (int32_t)(date / 10000), month = (int32_t)(date / 100 % 100), day = (int32_t)(date % 100);
    year -= month <= 2;
    int32_t era = year / 400;
    int32_t year_of_era = year - era * 400;
    int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

civil_date_t civil_date_from_day(int32_t day)
{
    int32_t shifted = day + 719468;
    int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int32_t day_of_era = shifted - era * 146097;
    int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t shifted_month = (5 * day_of_year + 2) / 153;
    int32_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
    int32_t year = year_of_era + era * 400 + (month <= 2);
    return (civil_date_t)(year * 10000 + month * 100 + day_of_year - (153 * shifted_month + 2) / 5 + 1);
}

civil_date_t civil_date_add_days(civil_date_t date, int32_t days)
{
    return civil_date_from_day(civil_date_to_day(date) + days);
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

civil_date_t civil_date_add_months(civil_date_t date, uint32_t months)
{
    uint32_t month = date / 10000 * 12 + date / 100 % 100 - 1 + months;
    civil_date_t first = month / 12 * 10000 + (month % 12 + 1) * 100;
    civil_date_t later = first + date % 100;
    PRE(civil_date_exists(date));
    while (!civil_date_exists(later))
        later--;
    return later;
}

civil_date_t civil_date_of_instant(instant_ms_t instant)
{
    return civil_date_from_day((int32_t)floor_divide(instant + SHANGHAI_OFFSET_MS, DAY_MS));
}

instant_ms_t civil_date_start(civil_date_t date)
{
    return (instant_ms_t)civil_date_to_day(date) * DAY_MS - SHANGHAI_OFFSET_MS;
}

void instant_describe(instant_ms_t instant, char out[32])
{
    int64_t local = instant + SHANGHAI_OFFSET_MS;
    int64_t day = floor_divide(local, DAY_MS);
    int64_t in_day = local - day * DAY_MS;
    civil_date_t date = civil_date_from_day((int32_t)day);
    (void)snprintf(out, 32, "%04u-%02u-%02uT%02u:%02u:%02u.%03u+08:00", date / 10000 % 10000, date / 100 % 100,
                   date % 100, (unsigned)(in_day / 3600000) % 24u, (unsigned)(in_day / 60000 % 60),
                   (unsigned)(in_day / 1000 % 60), (unsigned)(in_day % 1000));
}
