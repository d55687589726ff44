/* SPDX-License-Identifier: Apache-2.0
 * Fixed-width integers to and from bytes. Big-endian for keys (so that byte order is number order), little for records.
 */
#ifndef HUTONG_COMMON_BASE_BYTES_H
#define HUTONG_COMMON_BASE_BYTES_H
#include <endian.h>
#include <stdint.h>
#include <string.h>

/* By memcpy, which becomes a load or a store where the width is known: gcc 12 leaves a loop over the bytes a loop, and
 * every number of a message and of a key comes through here. Widths are of 8 at most. */
static inline void bytes_put_be(uint8_t *to, uint64_t value, unsigned width)
{
    uint64_t ordered = htobe64(value);
    memcpy(to, (const uint8_t *)&ordered + (sizeof ordered - width), width);
}

static inline uint64_t bytes_get_be(const uint8_t *from, unsigned width)
{
    uint64_t ordered = 0;
    memcpy((uint8_t *)&ordered + (sizeof ordered - width), from, width);
    return be64toh(ordered);
}

static inline void bytes_put_le(uint8_t *to, uint64_t value, unsigned width)
{
    uint64_t ordered = htole64(value);
    memcpy(to, &ordered, width);
}

static inline uint64_t bytes_get_le(const uint8_t *from, unsigned width)
{
    uint64_t ordered = 0;
    memcpy(&ordered, from, width);
    return le64toh(ordered);
}
#endif
