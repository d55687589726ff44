/* SPDX-License-Identifier: Apache-2.0
 * Numbers and dates as they are written. */
#include "tools/written.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/text.h"

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

enum { GROUPED_SIZE_MAX = 32 };

bool written_yuan(const char *text, int64_t *fen)
{
    char plain[GROUPED_SIZE_MAX];
    size_t size = 0, group = 0;
    bool grouped = strchr(text, ',') != NULL, point = false;
    const char *at = text;
    if (strlen(text) >= sizeof plain)
        return false;
    if (*at == '-')
        plain[size++] = *at++;
    for (bool first = true; *at != 0; at++) {
        bool ends = *at == ',' || *at == '.';
        if (grouped && !point && ends && (first ? group == 0 || group > 3 : group != 3))
            return false;
        if (*at == ',' && point)
            return false;
        point = point || *at == '.';
        first = first && *at != ',';
        group = ends ? 0 : group + 1;
        if (*at != ',')
            plain[size++] = *at;
    }
    plain[size] = 0;
    return (!grouped || point || group == 3) && written_number(plain, 2, fen);
}

/* Digits, so many at most, as a number; the text behind them. NULL: there are none. */
static const char *read_part(const char *text, size_t digits_max, int64_t *part)
{
    size_t digits = text_digits(text);
    if (digits == 0 || digits > digits_max)
        return NULL;
    *part = strtoll(text, NULL, 10);
    return text + digits;
}

static bool is_midnight(const char *text)
{
    if (*text == 0)
        return true;
    if (*text != ' ' && *text != 'T')
        return false;
    text++;
    return *text != 0 && strspn(text, "0:.") == strlen(text);
}

bool written_date(const char *text, int64_t *value)
{
    static const char *const separators[] = {"-", "-", "", "/", "/", "", ".", ".", "", "年", "月", "日"};
    int64_t parts[3];
    if (text_digits(text) == 8) {
        *value = strtoll(text, NULL, 10);
        return is_midnight(text + 8);
    }
    for (unsigned form = 0; form < sizeof separators / sizeof separators[0]; form += 3) {
        const char *at = text;
        for (unsigned i = 0; at != NULL && i < 3; i++) {
            size_t size = strlen(separators[form + i]);
            at = read_part(at, i == 0 ? 4 : 2, &parts[i]);
            at = at != NULL && strncmp(at, separators[form + i], size) == 0 ? at + size : NULL;
        }
        if (at == NULL || parts[0] < 1000 || !is_midnight(at))
            continue;
        *value = parts[0] * 10000 + parts[1] * 100 + parts[2];
        return true;
    }
    return false;
}

bool written_truth(const char *text, bool *value)
{
    *value = strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0 || strcmp(text, "是") == 0;
    return *value || strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0 || strcmp(text, "否") == 0;
}

bool written_rounded(const char *text)
{
    size_t digits = strspn(text, "0123456789.");
    return digits > 0 && (text[digits] == 'E' || text[digits] == 'e') && text[digits + 1] == '+' &&
           text[digits + 2] != 0 && text_digits(text + digits + 2) == strlen(text + digits + 2);
}
