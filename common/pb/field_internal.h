/* SPDX-License-Identifier: Apache-2.0
 * Decoding in place, field by field into domain structs: by hand over wire_reader, since it runs twice a bill
 * and protobuf-c's unpack allocates per field. bench/pb_bench prints both. */
#ifndef HUTONG_COMMON_PB_FIELD_INTERNAL_H
#define HUTONG_COMMON_PB_FIELD_INTERNAL_H
#include "common/base/arena.h"
#include "common/pb/wire.h"

/* A NUL-terminated copy in the arena; NULL when it is full. */
static inline const char *field_text(struct arena *arena, struct span bytes)
{
    char *text = arena_take(arena, bytes.size + 1);
    if (text == NULL)
        return NULL;
    if (bytes.size > 0)
        memcpy(text, bytes.data, bytes.size);
    text[bytes.size] = 0;
    return text;
}

/* A fixed-size copy; false when it does not fit. */
static inline bool field_copy(char *to, size_t size, struct span bytes)
{
    if (bytes.size >= size)
        return false;
    if (bytes.size > 0)
        memcpy(to, bytes.data, bytes.size);
    to[bytes.size] = 0;
    return true;
}
#endif
