/* SPDX-License-Identifier: Apache-2.0
 * The working-day calendar. */
#include "common/codes/workday.h"

enum { DAYS_A_WEEK = 7 };

bool calendar_has(const struct calendar *calendar, civil_date_t date)
{
    uint32_t year = date / 10000;
    return year >= CALENDAR_YEAR_FIRST && year < CALENDAR_YEAR_FIRST + CALENDAR_YEARS_COUNT &&
           calendar->years[year - CALENDAR_YEAR_FIRST];
}

uint32_t calendar_lacks(const struct calendar *calendar, civil_date_t from, civil_date_t to)
{
    for (uint32_t year = civil_date_add_days(from, 1) / 10000; year <= to / 10000; year++)
        if (!calendar_has(calendar, year * 10000 + 101))
            return year;
    return 0;
}

enum status workday_is(const struct calendar *calendar, civil_date_t date, bool *workday)
{
    if (!civil_date_exists(date) || (!calendar->provisional && !calendar_has(calendar, date)))
        return REJECT_RANGE;
    for (size_t i = 0; i < calendar->count; i++)
        if (calendar->exceptions[i].date == date) {
            *workday = calendar->exceptions[i].workday;
            return OK;
        }
    int32_t weekday =
        (civil_date_to_day(date) % DAYS_A_WEEK + DAYS_A_WEEK + 3) % DAYS_A_WEEK; /* 1970-01-01: Thursday */
    *workday = weekday < 5;
    return OK;
}

enum status workday_add(const struct calendar *calendar, civil_date_t date, uint32_t count, civil_date_t *deadline)
{
    if (!civil_date_exists(date))
        return REJECT_RANGE;
    int32_t day = civil_date_to_day(date);
    while (count > 0) {
        bool workday;
        day++;
        TRY(workday_is(calendar, civil_date_from_day(day), &workday));
        count -= workday;
    }
    *deadline = civil_date_from_day(day);
    return OK;
}
