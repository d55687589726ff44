/* SPDX-License-Identifier: Apache-2.0
 * A sum for each page of a store's data file, in DIRECTORY/pages.sums: LMDB has none, and serves a page in which a bit
 * has flipped as if it were what was written.
 *
 *   a page is written    its sum is written first, in the same lock (pages_hook.h)
 *   a commit syncs       the sums are synced before the pages, and so before the meta page that leads to them
 *   a commit is done     the sums of both meta pages go into the file's head, without a sync of their own
 *   a store is opened    every page is read and held against its sum, before anything else is read
 *   while it serves      page_sums_scrub goes round, a little at a time
 *
 * So a page that a tree holds always has the sum that was written with it, also after a kill or a power cut. A free
 * page may not: then, and only then, a difference means nothing. Where a power cut came after the last commit's meta
 * page and before its sum, that one meta page is not held against anything.
 *
 * File: two heads of 512 bytes, written in turns: 'HTPS' | page size (4, LE) | twice: transaction (8, LE), XXH3-64 of
 * the meta page's data (8, LE) | XXH3-64 of what stands before (8, LE); then, from byte 4,096 on, for each page XXH3-64
 * (8, LE) with the page's number as seed.
 * A store without the file, of an older build or a copy, gets it when it is opened: nothing is known of it before. */
#ifndef HUTONG_COMMON_STORE_PAGE_SUMS_H
#define HUTONG_COMMON_STORE_PAGE_SUMS_H
#include <lmdb.h>

#include "common/store/store.h"

struct page_sums;

/* Before the environment is opened: LMDB would follow a damaged meta page anywhere. */
MUST_USE enum status page_sums_look(const char *directory, struct buffer *why);
/* After the environment was opened for writing and before any of its pages is read. FATAL_DAMAGED: `why` says which
 * page of which table is not what was written. */
MUST_USE enum status page_sums_open(MDB_env *env, const char *directory, struct page_sums **sums, struct buffer *why);
void page_sums_close(struct page_sums **sums); /* before the environment is closed */
/* The meta pages are what the last commit made them. */
MUST_USE enum status page_sums_committed(struct page_sums *sums);

/* The next `bytes` of the file, at least one page. From any thread. FATAL_DAMAGED as above. */
MUST_USE enum status page_sums_scrub(struct page_sums *sums, size_t bytes, struct store_scrub *scrub,
                                     struct buffer *why);
/* All of it, of a store that this process need not own: whoever does may write meanwhile. REJECT_NOT_FOUND: it has no
 * sums. */
MUST_USE enum status page_sums_check(const char *directory, uint64_t *pages, struct buffer *why);
#endif
