/* SPDX-License-Identifier: Apache-2.0
 * All that the trees of a data file of LMDB 0.9 lead to, read without LMDB and held against LMDB's own rules, for files
 * that have no sums (page_sums.h): every page bears its own number and is reached once, its nodes lie within it, keys
 * rise and stay within what the branch above says, depth and counts are those that were noted, a free page is in no
 * tree. What LMDB is led by is so either as it was written or found. What the rows say is their reader's to judge. */
#ifndef HUTONG_COMMON_STORE_PAGE_TREES_H
#define HUTONG_COMMON_STORE_PAGE_TREES_H
#include "common/base/buffer.h"
#include "common/base/span.h"
#include "common/base/status.h"

enum { PAGE_VALUE_BEGINS = 64, PAGE_TABLE_NAME_MAX = 15 };

struct page_trees_watch {
    void *self;
    const char *only; /* this table alone; NULL: all, and the list of free pages */
    bool values;      /* read also where they lie on pages of their own; else PAGE_VALUE_BEGINS bytes of them */
    /* In order of tables and keys. `value` may be less than `size`, as above; `page`: where it begins. */
    void (*row)(void *self, struct span table, uint64_t page, struct span key, struct span value, size_t size);
    bool (*read)(void *self, size_t bytes); /* what was read: room to wait; false: that is enough. May be NULL */
};

/* What does not hold, and where it stands. */
struct page_fault {
    uint64_t page;
    char table[PAGE_TABLE_NAME_MAX + 1]; /* "": none */
    uint8_t first[16], end[16];          /* keys beside it, begun; `end` of size 0: the table's */
    size_t first_size, end_size;
    const char *what;
};

/* FATAL_DAMAGED: `fault` says where. RETRY_BUSY: `read` said that it is enough. REJECT_NOT_FOUND: the file was never
 * written. Of a file that is written meanwhile: the caller holds a reader's transaction, so that what is seen stays. */
MUST_USE enum status page_trees_check(int fd, const struct page_trees_watch *watch, struct page_fault *fault);
#endif
