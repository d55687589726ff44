/* SPDX-License-Identifier: Apache-2.0
 * Borrowed bytes: a pointer and a size. A span never owns; the comment at each use says until when it is valid. */
#ifndef HUTONG_COMMON_BASE_SPAN_H
#define HUTONG_COMMON_BASE_SPAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *data;
    size_t size;
};

static inline struct span span_of(const void *data, size_t size)
{
    return (struct span){(const uint8_t *)data, size};
}

static inline struct span span_text(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
#endif
