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

/* Copies field.bytes into the arena; leaves the function with REJECT_TOO_LARGE when it is full. */
#define TEXT(member)                                                                                                   \
    do {                                                                                                               \
        const char *text_ = field_text(arena, field.bytes);                                                            \
        if (text_ == NULL)                                                                                             \
            return REJECT_TOO_LARGE;                                                                                   \
        (member) = text_;                                                                                              \
    } while (0)

/* Levels travel as text; anything but 01, 02, 03 becomes 0 and is refused by validation. */
static inline const char *field_level_text(uint8_t level)
{
    return level == 1 ? "01" : level == 2 ? "02" : level == 3 ? "03" : "";
}

static inline uint8_t field_level(struct span text)
{
    bool shaped = text.size == 2 && text.data[0] == '0' && text.data[1] >= '1' && text.data[1] <= '3';
    return shaped ? (uint8_t)(text.data[1] - '0') : 0;
}
#endif
