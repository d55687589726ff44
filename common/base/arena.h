/* SPDX-License-Identifier: Apache-2.0
 * A bump allocator over memory that the shell allocates once. Cores and decoders take from it; it is reset whole.
 * A full arena returns NULL: the caller answers REJECT_TOO_LARGE. */
#ifndef HUTONG_COMMON_BASE_ARENA_H
#define HUTONG_COMMON_BASE_ARENA_H
#include <stddef.h>
#include <stdint.h>

struct arena {
    uint8_t *memory;
    size_t used;
    size_t capacity;
};

static inline void arena_init(struct arena *arena, void *memory, size_t capacity)
{
    arena->memory = (uint8_t *)memory;
    arena->used = 0;
    arena->capacity = capacity;
}

static inline void arena_reset(struct arena *arena)
{
    arena->used = 0;
}

/* 16-byte aligned, not zeroed; NULL when full, or where there is no arena. */
static inline void *arena_take(struct arena *arena, size_t size)
{
    size_t need = (size + 15u) & ~(size_t)15u;
    if (arena == NULL || need < size || need > arena->capacity - arena->used)
        return NULL;
    void *taken = arena->memory + arena->used;
    arena->used += need;
    return taken;
}
#endif
