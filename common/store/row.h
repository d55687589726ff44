/* SPDX-License-Identifier: Apache-2.0
 * What the builders of keys and values stand on, which are made of store.def (rows.py). */
#ifndef HUTONG_COMMON_STORE_ROW_H
#define HUTONG_COMMON_STORE_ROW_H
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/store/store.h"

enum { ROW_SIZE_MAX = 248 }; /* more than any row needs; where a builder is inlined, all of this is copied */

/* A key, or a value that is not a message. */
struct row_bytes {
    size_t size;
    uint8_t bytes[ROW_SIZE_MAX];
};

static inline struct span row_span(const struct row_bytes *row)
{
    return span_of(row->bytes, row->size);
}

/* Do both begin with these `size` bytes? */
static inline bool row_shares(struct span key, const struct row_bytes *with, size_t size)
{
    return key.size >= size && memcmp(key.data, with->bytes, size) == 0;
}

/* The key itself: a walk does not outlive a change. */
static inline struct row_bytes row_copy(struct span key)
{
    struct row_bytes row;
    PRE(key.size <= sizeof row.bytes);
    row.size = key.size;
    memcpy(row.bytes, key.data, key.size);
    return row;
}

/* As much as there is room for, padded with NUL. */
static inline void row_put_text(uint8_t *to, const char *text, size_t width)
{
    size_t at = 0;
    for (; at < width && text[at] != 0; at++)
        to[at] = (uint8_t)text[at];
    for (; at < width; at++)
        to[at] = 0;
}

static inline void row_put_rest(struct row_bytes *row, struct span rest)
{
    PRE(rest.size <= sizeof row->bytes - row->size);
    if (rest.size > 0)
        memcpy(row->bytes + row->size, rest.data, rest.size);
    row->size += rest.size;
}
#endif
