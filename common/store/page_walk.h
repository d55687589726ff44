/* SPDX-License-Identifier: Apache-2.0
 * A data file of LMDB 0.9 read without LMDB, which trusts what it reads and would follow a damaged page anywhere: which
 * pages are free, and where a page stands. Every offset and number is held against the page and the file. The layout is
 * that of mdb.c: MDB_page, MDB_node, MDB_db, MDB_meta. */
#ifndef HUTONG_COMMON_STORE_PAGE_WALK_H
#define HUTONG_COMMON_STORE_PAGE_WALK_H
#include "common/base/buffer.h"
#include "common/base/status.h"

enum {
    PAGE_META_COUNT = 2,
    PAGE_META_DATA = 16,
    PAGE_META_SIZE = 152
}; /* of a meta page: where its data begins, ends */

struct page_meta {
    uint64_t transaction, last_page, free_root, main_root;
};

struct page_file {
    int fd;
    size_t page_size;
    uint64_t last_page; /* of the newest meta page */
};

/* FATAL_CORRUPT: no meta page of LMDB 0.9. */
MUST_USE enum status page_meta_read(int fd, size_t page_size, unsigned number, struct page_meta *meta);

/* Sets a byte in `free_pages` (last_page + 1 of them) for each page that no tree holds. FATAL_CORRUPT: the list of free
 * pages cannot be read. */
MUST_USE enum status page_free_list(const struct page_file *file, const struct page_meta *meta, uint8_t *free_pages);

/* Appends where the page stands: "table `ids`, keys from 0001ab to 0001ff", "the list of free pages", or "no tree that
 * can be read". Keys in hexadecimal, eight bytes of each: they may be of persons, and say where, not who. */
void page_place(const struct page_file *file, const struct page_meta *meta, uint64_t page, struct buffer *place);
#endif
