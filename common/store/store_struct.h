/* SPDX-License-Identifier: Apache-2.0
 * What the files of the store share. */
#ifndef HUTONG_COMMON_STORE_STORE_STRUCT_H
#define HUTONG_COMMON_STORE_STORE_STRUCT_H
#include "common/store/trees.h"

struct overlaid;

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
    int seen_fd; /* -1: nothing is kept beside it */
    uint64_t seen;
    const char *belongs;       /* of the options, while it is opened */
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

/* Sticks to the transaction: anything but success and MDB_NOTFOUND. True: success. */
static inline bool store_keep(struct store_txn *txn, int code)
{
    if (code != 0 && code != MDB_NOTFOUND && txn->status == OK)
        txn->status = trees_status(code);
    return code == 0;
}
#endif
