/* SPDX-License-Identifier: Apache-2.0
 * Calendar months and sets of them. A month counts when it was paid, once, wherever it was paid; a year is twelve of
 * them, and a gap counts whole months (DOMAIN 4, M). */
#ifndef HUTONG_COMMON_ENGINES_TRANSFER_MONTHS_H
#define HUTONG_COMMON_ENGINES_TRANSFER_MONTHS_H
#include "common/base/instant.h"

typedef uint32_t month_t; /* YYYYMM, 195001..209912; 0: absent */

enum {
    MONTH_YEAR_FIRST = 1950, /* the pension scheme began in 1951 */
    MONTH_YEAR_LAST = 2099,
    MONTHS_A_YEAR = 12,
    MONTHS_COUNT = (MONTH_YEAR_LAST - MONTH_YEAR_FIRST + 1) * MONTHS_A_YEAR,
    MONTH_WORDS_COUNT = (MONTHS_COUNT + 63) / 64,
};

bool month_exists(month_t month);
uint32_t month_index(month_t month);         /* months since 1950-01. PRE: exists */
month_t month_at(uint32_t index);            /* PRE: index < MONTHS_COUNT */
civil_date_t month_first_day(month_t month); /* PRE: exists */
/* Whole calendar months without cover between the last covered and the first newly covered month; 0 when they are
 * neighbours, the same, or overlap. PRE: both exist. */
uint32_t months_gap(month_t last_covered, month_t first_new);

struct month_set {
    uint64_t words[MONTH_WORDS_COUNT];
};
void month_set_add(struct month_set *set, month_t from, month_t to); /* both included. PRE: exist, from <= to */
bool month_set_has(const struct month_set *set, month_t month);
uint32_t month_set_count(const struct month_set *set);
void month_set_both(const struct month_set *a, const struct month_set *b, struct month_set *both);
month_t month_set_first(const struct month_set *set); /* 0: empty */
month_t month_set_last(const struct month_set *set);  /* 0: empty */
#endif
