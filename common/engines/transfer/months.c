/* SPDX-License-Identifier: Apache-2.0
 * Calendar months and sets of them. */
#include "common/engines/transfer/months.h"

#include "common/base/check.h"

enum { WORD_BITS = 64 };

bool month_exists(month_t month)
{
    uint32_t year = month / 100, in_year = month % 100;
    return year >= MONTH_YEAR_FIRST && year <= MONTH_YEAR_LAST && in_year >= 1 && in_year <= MONTHS_A_YEAR;
}

uint32_t month_index(month_t month)
{
    PRE(month_exists(month));
    return (month / 100 - MONTH_YEAR_FIRST) * MONTHS_A_YEAR + month % 100 - 1;
}

month_t month_at(uint32_t index)
{
    PRE(index < MONTHS_COUNT);
    return (MONTH_YEAR_FIRST + index / MONTHS_A_YEAR) * 100 + index % MONTHS_A_YEAR + 1;
}

civil_date_t month_first_day(month_t month)
{
    PRE(month_exists(month));
    return month * 100 + 1;
}

uint32_t months_gap(month_t last_covered, month_t first_new)
{
    uint32_t last = month_index(last_covered), first = month_index(first_new);
    return first > last + 1 ? first - last - 1 : 0;
}

void month_set_add(struct month_set *set, month_t from, month_t to)
{
    PRE(from <= to);
    for (uint32_t i = month_index(from); i <= month_index(to); i++)
        set->words[i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
}

bool month_set_has(const struct month_set *set, month_t month)
{
    uint32_t index = month_index(month);
    return (set->words[index / WORD_BITS] >> index % WORD_BITS & 1) != 0;
}

uint32_t month_set_count(const struct month_set *set)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < MONTH_WORDS_COUNT; i++)
        count += (uint32_t)__builtin_popcountll(set->words[i]);
    return count;
}

void month_set_both(const struct month_set *a, const struct month_set *b, struct month_set *both)
{
    for (uint32_t i = 0; i < MONTH_WORDS_COUNT; i++)
        both->words[i] = a->words[i] & b->words[i];
}

month_t month_set_first(const struct month_set *set)
{
    for (uint32_t i = 0; i < MONTH_WORDS_COUNT; i++)
        if (set->words[i] != 0)
            return month_at(i * WORD_BITS + (uint32_t)__builtin_ctzll(set->words[i]));
    return 0;
}

month_t month_set_last(const struct month_set *set)
{
    for (uint32_t i = MONTH_WORDS_COUNT; i > 0; i--)
        if (set->words[i - 1] != 0)
            return month_at(i * WORD_BITS - 1 - (uint32_t)__builtin_clzll(set->words[i - 1]));
    return 0;
}
