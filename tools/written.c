/* SPDX-License-Identifier: Apache-2.0
 * Numbers and dates as they are written. */
#include "tools/written.h"

#include <stdlib.h>
#include <string.h>

/* Digit by digit, never as floating point. */
bool written_number(const char *text, int decimals_max, int64_t *value)
{
    bool negative = *text == '-';
    const char *at = text + negative;
    int decimals = -1;
    *value = 0;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && decimals < 0); at++) {
        if (*at == '.') {
            decimals = 0;
            continue;
        }
        if (decimals == decimals_max || *value > INT64_C(100000000000000000))
            return false;
        *value = *value * 10 + (*at - '0');
        decimals += decimals >= 0;
    }
    bool whole = *at == 0 && at > text + negative && at[-1] != '.';
    for (int i = decimals < 0 ? 0 : decimals; i < decimals_max; i++) {
        if (*value > INT64_C(100000000000000000))
            return false;
        *value *= 10;
    }
    if (negative)
        *value = -*value;
    return whole;
}

bool written_whole(const char *text, uint64_t *value)
{
    const char *at = text;
    for (*value = 0; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (*value > (UINT64_MAX - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    return *at == 0 && at > text;
}

bool written_date(const char *text, int64_t *value)
{
    char digits[9];
    size_t size = 0;
    bool dashed = strlen(text) == 10 && text[4] == '-' && text[7] == '-';
    for (const char *at = text; *at != 0 && size < 9; at++)
        if (!(dashed && *at == '-'))
            digits[size++] = *at;
    if (size != 8 || (!dashed && text[8] != 0) || strspn(digits, "0123456789") < 8)
        return false;
    digits[8] = 0;
    *value = strtoll(digits, NULL, 10);
    return true;
}
