/* SPDX-License-Identifier: Apache-2.0
 * The LMDB environment of a store: tables by index, and "store.system", whose values are 8 bytes, little-endian:
 *   "format"   store.def
 *   "cursor"   of the last commit that is whole in the trees
 *   "number"   of an overlaid store: of that commit
 *   "towards"  of an overlaid store: the commit up to which the trees are being written; some of its changes, and of
 *              those before it, may be there already
 *   "log"      the number of the log of which it is made
 *   "belongs"  a text: whose state it is
 *   "reached"  of an overlaid store, longer: that commit (8) | table (1) | key: all up to there is there already
 * LMDB's types end in the files of this directory. */
#ifndef HUTONG_COMMON_STORE_TREES_H
#define HUTONG_COMMON_STORE_TREES_H
#include <lmdb.h>

#include "common/store/page_sums.h"
#include "common/store/store.h"

struct trees {
    MDB_env *env;
    struct page_sums *sums; /* NULL: opened to read alone */
    MDB_dbi tables[STORE_TABLES_COUNT_MAX];
    MDB_dbi system;
};

enum status trees_status(int code); /* of LMDB's */
uint64_t trees_number(const struct trees *trees, MDB_txn *txn, const char *name, uint64_t absent);
int trees_set_number(const struct trees *trees, MDB_txn *txn, const char *name, uint64_t number);
/* FATAL_CORRUPT: it belongs to somebody else. Where it says nothing yet, it is written if `write`. */
MUST_USE enum status trees_belong(const struct trees *trees, MDB_txn *txn, const char *whose, bool write,
                                  struct buffer *why);
MUST_USE enum status trees_open_environment(struct trees *trees, const char *directory, size_t map_size, unsigned flags,
                                            struct buffer *why);
void trees_close(struct trees *trees);
MUST_USE enum status trees_commit(const struct trees *trees, MDB_txn *txn);
int trees_open_system(struct trees *trees, MDB_txn *txn, bool create, uint32_t format); /* `format`: of a new one */
int trees_open_tables(struct trees *trees, MDB_txn *txn, const struct store_table *tables, unsigned count, bool create);
#endif
