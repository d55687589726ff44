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
typedef void recent_taker(void *self, uint64_t number, const struct recent_change *change);

/* The files there are, oldest first. */
struct recent_files {
    uint64_t generations[RECENT_GENERATIONS_MAX];
    unsigned count;
};
MUST_USE enum status recent_list(const char *directory, struct recent_files *files, struct buffer *why);

/* Which commits are wanted, and of which tables; others are FATAL_CORRUPT. */
struct recent_wanted {
    const char *directory;
    uint64_t above;
    unsigned table_count;
};

/* Of some of the files: what was found there. */
struct recent_found {
    uint64_t first;  /* commit above the wanted one; 0: there is none */
    uint64_t number; /* of the last one, and its cursor */
    uint64_t cursor;
    uint64_t end;  /* of the whole records of the newest file; 0 of others */
    unsigned live; /* files before this one hold nothing that is wanted */
    bool torn;
};

/* Gives every change of the wanted commits in the files from `from` to before `to` to `take`, in order, with the
 * commit's number. FATAL_CORRUPT: damaged, or commits are missing. RETRY_BUSY: a file went away meanwhile. May go on
 * beside another, of other files. */
MUST_USE enum status recent_read(const struct recent_wanted *wanted, const struct recent_files *files, unsigned from,
                                 unsigned to, recent_taker *take, void *self, struct recent_found *found,
                                 struct buffer *why);

struct recent {
    char directory[4096];
    int fd;
    uint64_t generation; /* of the file that is written; those before it, from `oldest` on, are there still */
    uint64_t oldest;
    uint64_t end;
};

/* To write on behind what was found: cuts off what is not whole, removes what nobody needs. `fd` is -1 before. */
MUST_USE enum status recent_open(struct recent *recent, const char *directory, const struct recent_files *files,
                                 const struct recent_found *found);
void recent_close(struct recent *recent);

void recent_begin(struct buffer *record);
void recent_add(struct buffer *record, const struct recent_change *change);
/* Durable when it returns OK. */
MUST_USE enum status recent_append(struct recent *recent, struct buffer *record, uint64_t number, uint64_t cursor);
MUST_USE enum status recent_roll(struct recent *recent);                              /* begins the next file */
MUST_USE enum status recent_forget(struct recent *recent, uint64_t below_generation); /* removes those before */
#endif
