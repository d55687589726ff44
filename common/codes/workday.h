/* SPDX-License-Identifier: Apache-2.0
 * Statutory working days: Monday to Friday and not a holiday, or a make-up day (State Council notices). */
#ifndef HUTONG_COMMON_CODES_WORKDAY_H
#define HUTONG_COMMON_CODES_WORKDAY_H
#include <stddef.h>

#include "common/base/instant.h"
#include "common/base/status.h"

/* A day that does not follow the week. */
struct workday_exception {
    civil_date_t date;
    bool workday;
};

enum { CALENDAR_YEAR_FIRST = 1990, CALENDAR_YEARS_COUNT = 128 };

/* Exceptions ascend. A year that is not published has no answer (version 1 of logic), or follows the week until it is
 * (`provisional`). */
struct calendar {
    const struct workday_exception *exceptions;
    size_t count;
    uint8_t years[CALENDAR_YEARS_COUNT]; /* 1: published */
    bool provisional;
};

bool calendar_has(const struct calendar *calendar, civil_date_t date); /* its year is published */
/* The first year that is not published, of the days after `from` up to `to`; 0: all are. PRE: both exist. */
uint32_t calendar_lacks(const struct calendar *calendar, civil_date_t from, civil_date_t to);
/* REJECT_RANGE where there is no answer. */
MUST_USE enum status workday_is(const struct calendar *calendar, civil_date_t date, bool *workday);
/* The count-th working day after `date`; the day itself is not counted. REJECT_RANGE as above. */
MUST_USE enum status workday_add(const struct calendar *calendar, civil_date_t date, uint32_t count,
                                 civil_date_t *deadline);
#endif
