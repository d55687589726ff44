/* SPDX-License-Identifier: Apache-2.0
 * A growing byte buffer for shells and encoders. Reset keeps the memory, so a warm buffer allocates nothing.
 * Running out of memory stops the process (check_failed): there is no caller who could do better. */
#ifndef HUTONG_COMMON_BASE_BUFFER_H
#define HUTONG_COMMON_BASE_BUFFER_H
#include "common/base/span.h"

struct buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

void buffer_init(struct buffer *buffer);              /* empty; owns nothing yet */
void buffer_fini(struct buffer *buffer);              /* frees; the struct is zero again */
void buffer_reset(struct buffer *buffer);             /* size 0, memory kept */
void buffer_grow(struct buffer *buffer, size_t size); /* until `size` more bytes fit */

/* Room for `size` more bytes; returns where they go. The caller then adds what it wrote to buffer->size. */
static inline uint8_t *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (size > buffer->capacity - buffer->size || buffer->capacity == 0)
        buffer_grow(buffer, size);
    return buffer->data + buffer->size;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_text(struct buffer *buffer, const char *text); /* without the terminating NUL */
__attribute__((format(printf, 2, 3))) void buffer_printf(struct buffer *buffer, const char *format, ...);
const char *buffer_text(struct buffer *buffer); /* NUL-terminated view; valid until the next change */

static inline struct span buffer_span(const struct buffer *buffer)
{
    return (struct span){buffer->data, buffer->size};
}
#endif
