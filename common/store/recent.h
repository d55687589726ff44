/* SPDX-License-Identifier: Apache-2.0
 * The latest commits of an overlaid store, one record each, appended to files DIRECTORY/recent-N and synced. Derived,
 * and soon written into the trees: then the file is removed.
 *
 *   record   'HTRC' | size of the changes (4) | number of the commit (8) | cursor (8) | XXH3-64 of the changes (8) |
 *            XXH3-64 of these 32 bytes (8) | changes
 *   change   table (1) | 0 (1) | size of the key (2) | size of the value (4), all ones: deleted | key | value
 *
 * Numbers are little-endian. Commits are numbered without a gap. A record at the end of the newest file that is not
 * whole was being written when the power went, and nobody was told of it: it is cut off. One that others follow was
 * whole once: FATAL_CORRUPT.
 *
 * Files, and not a second LMDB environment: LMDB writes what is left of its list of free pages at each commit, 400 kB
 * after 200 MB were given back, and syncs twice. */
#ifndef HUTONG_COMMON_STORE_RECENT_H
#define HUTONG_COMMON_STORE_RECENT_H
#include "common/base/buffer.h"
#include "common/base/status.h"

enum { RECENT_GENERATIONS_MAX = 64 };

struct recent_change {
    unsigned table;
    bool deleted;
    struct span key;
    struct span value;
};
typedef void recent_taker(void *self, const struct recent_change *change);

/* What was found: the last whole commit, the files, and where the last one's whole records end. */
struct recent_found {
    uint64_t number;
    uint64_t cursor;
    uint64_t generations[RECENT_GENERATIONS_MAX];
    unsigned generation_count;
    unsigned live; /* files before this one hold nothing above what was asked for */
    uint64_t end;
    bool torn;
};

/* Gives every change of the commits above `number` to `take`, in order; tables from `table_count` on are FATAL_CORRUPT.
 * `found->number` and `cursor` are `number` and `cursor` where there is none. FATAL_CORRUPT: damaged, or commits are
 * missing. RETRY_BUSY: a file went away meanwhile. */
MUST_USE enum status recent_read(const char *directory, uint64_t number, uint64_t cursor, unsigned table_count,
                                 recent_taker *take, void *self, struct recent_found *found, struct buffer *why);

struct recent {
    char directory[4096];
    int fd;
    uint64_t generation; /* of the file that is written; those before it, from `oldest` on, are there still */
    uint64_t oldest;
    uint64_t end;
};

/* To write on behind what was found: cuts off what is not whole, removes what nobody needs. `fd` is -1 before. */
MUST_USE enum status recent_open(struct recent *recent, const char *directory, const struct recent_found *found);
void recent_close(struct recent *recent);

void recent_begin(struct buffer *record);
void recent_add(struct buffer *record, const struct recent_change *change);
/* Durable when it returns OK. */
MUST_USE enum status recent_append(struct recent *recent, struct buffer *record, uint64_t number, uint64_t cursor);
MUST_USE enum status recent_roll(struct recent *recent);                              /* begins the next file */
MUST_USE enum status recent_forget(struct recent *recent, uint64_t below_generation); /* removes those before */
#endif
