/* SPDX-License-Identifier: Apache-2.0
 * What the files of the store share: LMDB's types end here. */
#ifndef HUTONG_COMMON_STORE_STORE_INTERNAL_H
#define HUTONG_COMMON_STORE_STORE_INTERNAL_H
#include <lmdb.h>

#include "common/store/store.h"

struct overlaid;

/* The trees of a store: tables by index, and "store.system", whose values are 8 bytes, little-endian:
 *   "format"   store.def
 *   "cursor"   of the last commit that is whole in the trees
 *   "number"   of an overlaid store: of that commit
 *   "towards"  of an overlaid store: the commit up to which the trees are being written; some of its changes, and of
 *              those before it, may be there already */
struct trees {
    MDB_env *env;
    MDB_dbi tables[STORE_TABLES_COUNT_MAX];
    MDB_dbi system;
};

struct store {
    struct trees trees;
    struct store_table described[STORE_TABLES_COUNT_MAX];
    unsigned table_count;
    unsigned soft_limit_bp;
    uint32_t format;
    uint32_t older_format;
    bool read_only;
    int lock_fd;
    int checkpoint_fd;
    bool failed;               /* an I/O error is final (L1, L2): LMDB itself would let the next commit through */
    struct overlaid *overlaid; /* NULL: what is committed is in the trees */
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;                                /* of an overlaid store: the one reader of the trees */
    MDB_cursor *cursors[STORE_TABLES_COUNT_MAX]; /* of a write transaction, made when first used */
    enum status status;
    bool write;
};

enum status store_status_of(int code); /* of LMDB's */
/* Sticks to the transaction: anything but success and MDB_NOTFOUND. True: success. */
bool store_keep(struct store_txn *txn, int code);
uint64_t store_system_get(const struct trees *trees, MDB_txn *txn, const char *name, uint64_t absent);
int store_system_put(const struct trees *trees, MDB_txn *txn, const char *name, uint64_t number);
int store_open_trees(struct store *store, MDB_txn *txn, bool create);
MUST_USE enum status store_open_environment(struct trees *trees, const char *directory, size_t map_size, unsigned flags,
                                            struct buffer *why);

/* Rows of the table in its tree and in what lies over it; of one that is not kept count of, by going through the
 * latter. */
uint64_t store_rows(struct store_txn *txn, unsigned table);
#endif
