/* SPDX-License-Identifier: Apache-2.0
 * A store whose trees are written seldom, and much at a time, so that a page is written once for thousands of commits:
 *
 *   changes --> active overlay --commit--> recent-N           each commit: one record, one sync
 *                    | full
 *                    v
 *               frozen overlay --apply.c--> trees             in the background; then recent-N is removed
 *
 * A read looks into the active overlay, the frozen one, the trees. At open both are filled as they were, side by side,
 * from the records of the commits that the trees do not hold, and the frozen one is written on from where that had come
 * to. Memory: two overlays of the size asked for, and what one commit changes; where the active one is full before
 * the frozen one is written, the commit waits. */
#ifndef HUTONG_COMMON_STORE_OVERLAID_H
#define HUTONG_COMMON_STORE_OVERLAID_H
#include "common/store/filled.h"
#include "common/store/store_struct.h"

enum { LAYERS_MAX = 2, COUNT_KEPT_COMMITS = 64 };

/* Of the reader, from one read to the next. NULL: there is none, or it is in use. */
struct kept_cursor {
    MDB_cursor *cursor;
    uint64_t looks; /* when it was given back */
};

struct overlaid {
    struct overlay *active;
    struct overlay *frozen; /* NULL: there is none; `apply` owns it */
    struct apply apply;
    uint64_t frozen_generation; /* files up to this one hold it */
    MDB_txn *reader;            /* of the trees, begun anew after each commit */
    uint64_t looks;             /* how often */
    struct kept_cursor cursors[STORE_TABLES_COUNT_MAX];
    struct recent recent;
    struct filled filled; /* when it was last filled; its overlays have been taken over */
    struct buffer record;
    struct overlay_entry **touched; /* since the last commit */
    size_t touched_count, touched_capacity;
    size_t size;             /* at which an overlay is frozen */
    uint64_t number, cursor; /* of the last commit */
    bool stale;              /* a transaction was given up: what it changed must go */
    /* Rows of tables that somebody asked for of late, kept by each change. */
    struct {
        uint64_t rows;
        unsigned age; /* commits since; 0: not kept */
    } counts[STORE_TABLES_COUNT_MAX];
    /* The last key in each tree, as the reader sees it; size 0: not looked at. */
    struct {
        uint16_t size;
        uint8_t bytes[STORE_KEY_SIZE_MAX];
    } tops[STORE_TABLES_COUNT_MAX];
};

/* Changes nothing on disk: that is for overlaid_write_on, once it is known that nothing is missing. */
MUST_USE enum status overlaid_open(struct store *store, const char *directory, size_t size, struct buffer *why);
MUST_USE enum status overlaid_write_on(struct store *store, const char *directory, struct buffer *why);
void overlaid_close(struct store *store);
size_t overlaid_size(const struct overlaid *overlaid);                      /* of both */
MUST_USE enum status overlaid_begin(struct store *store, MDB_txn **reader); /* which stays the store's */
MUST_USE enum status overlaid_commit(struct store *store, uint64_t cursor, uint64_t *number);
void overlaid_abort(struct store *store); /* what was changed since the last commit is gone at the next begin */
/* What the overlays hold, on top of a copy of the trees. */
MUST_USE enum status overlaid_complete(struct store *store, const char *directory);

/* From the active one down; the entry may be a deletion. NULL: the trees decide. */
struct overlay_entry *overlaid_find(const struct overlaid *overlaid, unsigned table, struct span key);
unsigned overlaid_layers(const struct overlaid *overlaid, unsigned table, const struct overlay *layers[LAYERS_MAX]);
void overlaid_put(struct store_txn *txn, unsigned table, struct span key, struct span value);
void overlaid_delete(struct store_txn *txn, unsigned table, struct span key);
bool overlaid_is_above(struct store_txn *txn, unsigned table, struct span key); /* every key; false: maybe not */
/* Of a plain store as well; by going through the overlays. */
uint64_t overlaid_rows(struct store_txn *txn, unsigned table);
uint64_t overlaid_count(struct store_txn *txn, unsigned table); /* and keeps count for a while */
#endif
