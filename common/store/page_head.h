/* SPDX-License-Identifier: Apache-2.0
 * The two heads of pages.sums (page_sums.h), written in turns, so that a torn one leaves the one before. */
#ifndef HUTONG_COMMON_STORE_PAGE_HEAD_H
#define HUTONG_COMMON_STORE_PAGE_HEAD_H
#include <stdbool.h>
#include <stddef.h>

#include "common/store/page_walk.h"

enum { PAGE_HEAD_SIZE = 4096 };

struct page_meta_sum {
    uint64_t transaction, sum;
};

uint64_t page_head_newest(const struct page_meta_sum told[PAGE_META_COUNT]); /* transaction */
bool page_head_write(int fd, size_t page_size, const struct page_meta_sum told[PAGE_META_COUNT]);
/* False: there is none that is whole. */
bool page_head_read(int fd, size_t page_size, struct page_meta_sum told[PAGE_META_COUNT]);
#endif
