/* SPDX-License-Identifier: Apache-2.0
 * What a store has changed and not yet written into its trees: ordered tables in memory, newest value of each key. Keys
 * are only added: what was deleted is an entry that says so, since it hides what lies below. One owner changes it; once
 * nobody does, any thread may read it.
 *
 * A table is a B+tree. A node keeps what its keys share once, and of each the eight bytes after that as one number, so
 * that a search reads a few lines of the node and, mostly, one key. The leaf that was found last is tried before the
 * way down: what belongs together is asked for together. */
#ifndef HUTONG_COMMON_STORE_OVERLAY_H
#define HUTONG_COMMON_STORE_OVERLAY_H
#include "common/base/span.h"

struct overlay;
struct overlay_leaf;

enum { OVERLAY_DELETED = -1 };

struct overlay_entry {
    uint8_t *value;
    int64_t value_size; /* or OVERLAY_DELETED */
    uint32_t capacity;
    uint16_t key_size;
    uint8_t table;
    bool touched; /* for who uses it; false in a new entry */
    uint8_t key[];
};

struct overlay *overlay_new(unsigned table_count);
void overlay_destroy(struct overlay **overlay);
size_t overlay_size(const struct overlay *overlay); /* bytes in use */
uint64_t overlay_entries(const struct overlay *overlay);
uint64_t overlay_count(const struct overlay *overlay, unsigned table);

/* NULL: there is none. */
struct overlay_entry *overlay_find(const struct overlay *overlay, unsigned table, struct span key);
/* The value may lie in this overlay; what the entry lent before is gone. */
struct overlay_entry *overlay_put(struct overlay *overlay, unsigned table, struct span key, struct span value);
struct overlay_entry *overlay_delete(struct overlay *overlay, unsigned table, struct span key);
struct overlay_entry *overlay_last(const struct overlay *overlay, unsigned table); /* NULL: the table is empty */

/* An ordered walk, which entries that are added meanwhile do not disturb. NULL: at the end. */
struct overlay_walk {
    const struct overlay *overlay;
    unsigned table;
    unsigned at;
    const struct overlay_leaf *leaf;
    uint64_t added; /* entries of the table when leaf and at were found */
    struct overlay_entry *entry;
};
struct overlay_entry *overlay_seek(struct overlay_walk *walk, const struct overlay *overlay, unsigned table,
                                   struct span from);
struct overlay_entry *overlay_next(struct overlay_walk *walk);

static inline struct span overlay_key(const struct overlay_entry *entry)
{
    return span_of(entry->key, entry->key_size);
}

static inline struct span overlay_value(const struct overlay_entry *entry)
{
    return span_of(entry->value, entry->value_size > 0 ? (size_t)entry->value_size : 0);
}

/* As LMDB orders keys: by bytes, and what ends first comes first. */
static inline int overlay_order(struct span a, struct span b)
{
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}
#endif
