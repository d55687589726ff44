/* SPDX-License-Identifier: Apache-2.0
 * Shapes of short texts: codes and numbers. A bill has a dozen of them, and each is looked at in every service, so that
 * this is a loop over a few bytes and not strspn, which builds a table of its set first. */
#ifndef HUTONG_COMMON_BASE_TEXT_H
#define HUTONG_COMMON_BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>

static inline bool text_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* How many digits the text begins with. */
static inline size_t text_digits(const char *text)
{
    size_t size = 0;
    while (text_is_digit(text[size]))
        size++;
    return size;
}

/* How many digits and capital letters it begins with. */
static inline size_t text_capitals(const char *text)
{
    size_t size = 0;
    while (text_is_digit(text[size]) || (text[size] >= 'A' && text[size] <= 'Z'))
        size++;
    return size;
}
#endif
