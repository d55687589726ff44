/* SPDX-License-Identifier: Apache-2.0
 * Fixed-width integers to and from bytes. Big-endian for keys (so that byte order is number order), little for records.
 */
#ifndef HUTONG_COMMON_BASE_BYTES_H
#define HUTONG_COMMON_BASE_BYTES_H
#include <stdint.h>
#include <string.h>

static inline void bytes_put_be(uint8_t *to, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        to[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

static inline uint64_t bytes_get_be(const uint8_t *from, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value = value << 8 | from[i];
    return value;
}

static inline void bytes_put_le(uint8_t *to, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t bytes_get_le(const uint8_t *from, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}
#endif
