/* SPDX-License-Identifier: Apache-2.0
 * The working-day calendar. */
#include "common/codes/workday.h"

#include <stddef.h>

static const struct {
    civil_date_t date;
    bool workday;
} exceptions[] = {
#include "workdays.inc"
};

enum { EXCEPTIONS_COUNT = sizeof exceptions / sizeof exceptions[0], DAYS_A_WEEK = 7 };

enum status workday_is(civil_date_t date, bool *workday)
{
    if (!civil_date_exists(date) || date / 10000 < exceptions[0].date / 10000 ||
        date / 10000 > exceptions[EXCEPTIONS_COUNT - 1].date / 10000)
        return REJECT_RANGE;
    for (size_t i = 0; i < EXCEPTIONS_COUNT; i++)
        if (exceptions[i].date == date) {
            *workday = exceptions[i].workday;
            return OK;
        }
    int32_t weekday = (civil_date_to_day(date) + 3) % DAYS_A_WEEK; /* 1970-01-01 was a Thursday; 0 is Monday */
    *workday = weekday < 5;
    return OK;
}

enum status workday_add(civil_date_t date, uint32_t count, civil_date_t *deadline)
{
    if (!civil_date_exists(date))
        return REJECT_RANGE;
    int32_t day = civil_date_to_day(date);
    while (count > 0) {
        bool workday;
        day++;
        TRY(workday_is(civil_date_from_day(day), &workday));
        count -= workday;
    }
    *deadline = civil_date_from_day(day);
    return OK;
}
