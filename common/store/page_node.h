/* SPDX-License-Identifier: Apache-2.0
 * A page of LMDB 0.9 in memory, every offset in it held against its size: MDB_page, MDB_node, MDB_db of mdb.c. */
#ifndef HUTONG_COMMON_STORE_PAGE_NODE_H
#define HUTONG_COMMON_STORE_PAGE_NODE_H
#include <stdbool.h>
#include <stdint.h>

#include "common/base/span.h"

enum {
    PAGE_HEADER_SIZE = 16,
    FLAGS_OFFSET = 10,
    LOWER_OFFSET = 12, /* of an overflow page: how many there are (4) */
    UPPER_OFFSET = 14,
    NODE_HEADER_SIZE = 8,
    DB_SIZE = 48,
    DB_ROOT_OFFSET = 40,
    PAGE_BRANCH = 1,
    PAGE_LEAF = 2,
    PAGE_OVERFLOW = 4,
    NODE_BIG = 1,  /* its data is the number of an overflow page */
    NODE_TREE = 2, /* its data is an MDB_db */
    DEPTH_MAX = 32
};
#define PAGE_NONE UINT64_MAX

struct page_node {
    struct span key, data;
    uint64_t page; /* of a branch: below it; of a leaf: its first overflow page, or PAGE_NONE */
    unsigned flags;
    size_t size; /* of the data, also where it lies on overflow pages */
};

unsigned page_flags_of(const uint8_t *bytes);
unsigned page_nodes_of(const uint8_t *bytes, size_t page_size); /* how many */
/* False: it does not lie within the page. */
bool page_node_read(const uint8_t *bytes, size_t page_size, unsigned index, struct page_node *node);
#endif
