/* SPDX-License-Identifier: Apache-2.0
 * Heads of pages.sums. */
#include "common/store/page_head.h"

#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "common/base/bytes.h"

enum { HEADS_COUNT = 2, HEAD_EACH = 512, HEAD_USED = 48 };
static const uint8_t magic[4] = {'H', 'T', 'P', 'S'};

uint64_t page_head_newest(const struct page_meta_sum metas[PAGE_META_COUNT])
{
    return metas[0].transaction > metas[1].transaction ? metas[0].transaction : metas[1].transaction;
}

bool page_head_write(int fd, size_t page_size, const struct page_meta_sum told[PAGE_META_COUNT])
{
    uint8_t head[HEAD_USED];
    memcpy(head, magic, sizeof magic);
    bytes_put_le(head + 4, page_size, 4);
    for (unsigned i = 0; i < PAGE_META_COUNT; i++) {
        bytes_put_le(head + 8 + 16 * i, told[i].transaction, 8);
        bytes_put_le(head + 16 + 16 * i, told[i].sum, 8);
    }
    bytes_put_le(head + 40, XXH3_64bits(head, 40), 8);
    off_t at = (off_t)(page_head_newest(told) % HEADS_COUNT * HEAD_EACH);
    return pwrite(fd, head, sizeof head, at) == (ssize_t)sizeof head;
}

bool page_head_read(int fd, size_t page_size, struct page_meta_sum told[PAGE_META_COUNT])
{
    uint8_t head[HEAD_USED];
    bool whole = false;
    for (unsigned each = 0; each < HEADS_COUNT; each++) {
        struct page_meta_sum metas[PAGE_META_COUNT];
        if (pread(fd, head, sizeof head, each * HEAD_EACH) != (ssize_t)sizeof head ||
            memcmp(head, magic, sizeof magic) != 0 || bytes_get_le(head + 4, 4) != page_size ||
            bytes_get_le(head + 40, 8) != XXH3_64bits(head, 40))
            continue;
        for (unsigned i = 0; i < PAGE_META_COUNT; i++)
            metas[i] = (struct page_meta_sum){bytes_get_le(head + 8 + 16 * i, 8), bytes_get_le(head + 16 + 16 * i, 8)};
        if (!whole || page_head_newest(metas) > page_head_newest(told))
            memcpy(told, metas, sizeof metas);
        whole = true;
    }
    return whole;
}
