/* SPDX-License-Identifier: Apache-2.0
 * Instants and civil dates. Inside: milliseconds since 1970-01-01 UTC. Legal dates: Asia/Shanghai (UTC+8 since 1991,
 * and for every date that the exchange settles). A civil date travels as the number YYYYMMDD. Pure: nothing here asks
 * a clock. */
#ifndef HUTONG_COMMON_BASE_INSTANT_H
#define HUTONG_COMMON_BASE_INSTANT_H
#include <stdbool.h>
#include <stdint.h>

typedef int64_t instant_ms_t;
typedef uint32_t civil_date_t; /* YYYYMMDD, e.g. 20250228; 0 means absent */

bool civil_date_exists(civil_date_t date);    /* Gregorian, years 1900..9998 */
int32_t civil_date_to_day(civil_date_t date); /* days since 1970-01-01. PRE: exists */
civil_date_t civil_date_from_day(int32_t day);
civil_date_t civil_date_add_days(civil_date_t date, int32_t days); /* or before, negative. PRE: exists */
/* The same day so many months later, or the last day of that month. PRE: exists, the year stays below 9999. */
civil_date_t civil_date_add_months(civil_date_t date, uint32_t months);
civil_date_t civil_date_of_instant(instant_ms_t instant); /* in Asia/Shanghai */
instant_ms_t civil_date_start(civil_date_t date);         /* 00:00 Asia/Shanghai. PRE: exists */
/* RFC 3339 with +08:00 and milliseconds; `out` holds at least 32 characters. */
void instant_describe(instant_ms_t instant, char out[32]);
#endif
