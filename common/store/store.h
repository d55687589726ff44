/* SPDX-License-Identifier: Apache-2.0
 * A service's state: named ordered tables of byte keys and values in one LMDB environment, one write transaction at a
 * time. Calls inside a transaction are sticky: after the first failure the rest do nothing and store_commit returns it.
 * Cores see this header; LMDB's types appear below trees.h.
 *
 * House rules (FAILURES 6.1): no WRITEMAP, NOSYNC, NOMETASYNC; no DUPSORT; map sized once; file length checked against
 * the meta page before the first read (L5); an own flock (L23); reader check at open and on a timer (L8); directory
 * synced at creation (L17); a checkpoint file beside the map, written after each commit batch, holds transaction number
 * and cursor, and must agree at open (L4). Any EIO or MDB_PANIC is FATAL_IO: the process stops.
 *
 * What lies in which store: store.def. A store carries the number of its format, outside of the digest. */
#ifndef HUTONG_COMMON_STORE_STORE_H
#define HUTONG_COMMON_STORE_STORE_H
#include "common/base/buffer.h"
#include "common/base/digest.h"
#include "common/base/span.h"
#include "common/base/status.h"

struct store;
struct store_txn;

enum { STORE_TABLES_COUNT_MAX = 32, STORE_KEY_SIZE_MAX = 500 };

enum store_table_kind {
    DECIDED,  /* counts in the digest */
    OBSERVED, /* what was seen (times, attempts), not what was decided: left out of the digest */
    LATE,     /* decided, but younger than the first release: left out of the digest while it is empty */
    COUNTED   /* what other tables hold, added up, and made again from them: left out of the digest */
};

/* Of each row STORE of store.def. Absent in a store: 1, as before stores had a number. */
enum {
#define STORE(row, name, directory, format, origin, what) FORMAT_##row = (format),
#include "common/store/store.def"
    FORMAT_UNNUMBERED = 1,
    FORMAT_BEFORE_OVERLAYS = 1 /* of those that are 2: the same rows, all of them in the trees */
};

struct store_table {
    const char *name;
    enum store_table_kind kind;
};

struct store_options {
    const char *directory;
    size_t map_size;        /* sized once */
    unsigned soft_limit_bp; /* above this share of the map, store_is_full: admission stops (L7) */
    const struct store_table *tables;
    size_t table_count;
    uint32_t format;
    bool read_only; /* beside its owner, or of a copy: makes and locks nothing */
    /* More than 0: overlaid (overlaid.h): changes are kept in memory, and in one record a commit on disk, until they
     * are as large as this; then they are written into the trees. Twice this is the memory it takes. */
    size_t overlay_size;
    uint32_t older_format; /* a store of this one is taken up, and becomes one of `format`; 0: none is */
    /* Whose state it is, as "settlement-0": written into it when it has none, and held against it. How far it has come
     * is then also kept beside the directory, in DIRECTORY.seen. NULL: neither. */
    const char *belongs;
};

/* For a map of this size. Where the map is small, so are the overlays: they hold what the map must take. */
static inline size_t store_overlay_size(size_t map_size)
{
    size_t most = (size_t)256 << 20, share = map_size / 64;
    return share < most ? share : most;
}

/* FATAL_FORMAT: of another format, `why` names both numbers. FATAL_DAMAGED: a page is not what was written; `why` says
 * where it stands. FATAL_CORRUPT: older than it was, or somebody else's. */
MUST_USE enum status store_open(const struct store_options *options, struct store **store, struct buffer *why);
void store_close(struct store **store);
bool store_is_full(const struct store *store);
void store_usage(const struct store *store, uint64_t *used, uint64_t *limit);
/* Clears readers of dead processes; by how many transactions the oldest reader lies behind (0: there is none). A
 * process that lives and stands still cannot be cleared, and every page that is written over is kept for it (L9). */
void store_check_readers(struct store *store, uint64_t *lag);

/* Holds some of the file's pages against their sums (page_sums.h), round and round. FATAL_DAMAGED: `why` says where. */
struct store_scrub {
    uint64_t pages;  /* that a round goes over */
    uint64_t rounds; /* that have ended since it was opened; the opening itself is none */
};
MUST_USE enum status store_scrub(struct store *store, size_t bytes, struct store_scrub *scrub, struct buffer *why);

/* A transaction for writing (one at a time, of the thread that opened it) or for reading (a bounded time only). */
MUST_USE enum status store_begin(struct store *store, bool write, struct store_txn **txn);
/* Durable when it returns OK. `cursor` goes into the checkpoint. The txn is gone in any case. */
MUST_USE enum status store_commit(struct store_txn **txn, uint64_t cursor);
void store_abort(struct store_txn **txn);
uint64_t store_cursor(struct store_txn *txn);          /* as given to the last commit; 0 in a new store */
enum status store_status(const struct store_txn *txn); /* the sticky status */
/* The cursor that it has been seen to have, beside it. More than its cursor: an older copy of it was put into place. */
uint64_t store_seen(const struct store *store);
/* Of which log it is made: kept with the commit after the first call, and held against it. FATAL_CORRUPT: of another
 * one. In a transaction for writing. */
MUST_USE enum status store_of_log(struct store_txn *txn, uint64_t log);

/* `table` is the index into options.tables. What a read lends is valid until the next write or the end of the txn. */
bool store_get(struct store_txn *txn, unsigned table, struct span key, struct span *value);
void store_put(struct store_txn *txn, unsigned table, struct span key, struct span value);
/* Like put, for a key above every other: an append to the end of the tree. REJECT_CONFLICT (sticky) if it is not. */
void store_append(struct store_txn *txn, unsigned table, struct span key, struct span value);
void store_delete(struct store_txn *txn, unsigned table, struct span key); /* absent: no effect */

/* Ordered walk: the first key >= `from`, then each next one. Do not write the table while walking it. */
struct store_walk {
    struct store_txn *txn;
    unsigned table;
    void *cursor;
    struct span key;
    struct span value;
};
bool store_walk_start(struct store_walk *walk, struct store_txn *txn, unsigned table, struct span from);
bool store_walk_next(struct store_walk *walk);
void store_walk_end(struct store_walk *walk);
uint64_t store_count(struct store_txn *txn, unsigned table);

/* SHA-256 over all tables that are not `observed`, in order of index: name, count, then each length-prefixed key and
 * value. Equal on any machine after the same log. */
MUST_USE enum status store_digest(struct store_txn *txn, struct digest *digest, uint8_t out[DIGEST_SIZE]);
/* A copy that survives power loss (copy, fsync, rename, fsync of the directory: L15), for snapshots. */
MUST_USE enum status store_copy(struct store *store, const char *to_directory);
#endif
