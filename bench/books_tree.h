/* SPDX-License-Identifier: Apache-2.0
 * How long the books take over questions of the sum tree; microseconds. */
#ifndef HUTONG_BENCH_BOOKS_TREE_H
#define HUTONG_BENCH_BOOKS_TREE_H
#include "services/books/keep/books.h"

struct tree_times {
    int64_t nothing; /* the asker has nothing: the first cut of all rows */
    int64_t equal;   /* it has what the books have */
    int64_t one;     /* one tile of its first cut differs: the tile is cut again */
    int64_t all;     /* each tile differs */
    int64_t down;    /* the longest of the questions from one tile down to single rows */
};

/* Of this region's side; "": of all rows. PRE: sums were flushed. */
struct tree_times tree_times_of(struct books *books, struct store_txn *txn, uint32_t side, const char *region);
#endif
