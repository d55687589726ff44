/* SPDX-License-Identifier: Apache-2.0
 * Pages of LMDB. */
#include "common/store/page_walk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/span.h"
#include "common/store/page_node.h"

enum {
    META_MAGIC_OFFSET = 16,
    META_FREE_OFFSET = 40,
    META_MAIN_OFFSET = 88,
    META_LAST_PAGE_OFFSET = 136,
    META_TRANSACTION_OFFSET = 144,
    KEY_SHOWN_MAX = 8
};
#define META_MAGIC 0xBEEFC0DEu

enum status page_meta_read(int fd, size_t page_size, unsigned number, struct page_meta *meta)
{
    uint8_t bytes[PAGE_META_SIZE];
    if (pread(fd, bytes, sizeof bytes, (off_t)(page_size * number)) != (ssize_t)sizeof bytes ||
        bytes_get_le(bytes + META_MAGIC_OFFSET, 4) != META_MAGIC)
        return FATAL_CORRUPT;
    *meta = (struct page_meta){bytes_get_le(bytes + META_TRANSACTION_OFFSET, 8),
                               bytes_get_le(bytes + META_LAST_PAGE_OFFSET, 8),
                               bytes_get_le(bytes + META_FREE_OFFSET + DB_ROOT_OFFSET, 8),
                               bytes_get_le(bytes + META_MAIN_OFFSET + DB_ROOT_OFFSET, 8)};
    return OK;
}

static bool page_read(const struct page_file *file, uint64_t page, uint8_t *bytes)
{
    return page >= PAGE_META_COUNT && page <= file->last_page &&
           pread(file->fd, bytes, file->page_size, (off_t)(page * file->page_size)) == (ssize_t)file->page_size &&
           bytes_get_le(bytes, 8) == page;
}

/* One number of a list of free pages, wherever it lies. */
static bool list_number(const struct page_file *file, const struct page_node *node, size_t index, uint64_t *number)
{
    uint8_t bytes[8];
    if ((node->flags & NODE_BIG) == 0) {
        *number = bytes_get_le(node->data.data + 8 * index, 8);
        return true;
    }
    off_t at = (off_t)(node->page * file->page_size + PAGE_HEADER_SIZE + 8 * index);
    if (node->page > file->last_page || pread(file->fd, bytes, sizeof bytes, at) != (ssize_t)sizeof bytes)
        return false;
    *number = bytes_get_le(bytes, 8);
    return true;
}

static bool take_list(const struct page_file *file, const struct page_node *node, uint8_t *free_pages)
{
    uint64_t count, page;
    if (node->size < 8 || !list_number(file, node, 0, &count) || count > node->size / 8 - 1)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!list_number(file, node, i + 1, &page) || page < PAGE_META_COUNT || page > file->last_page)
            return false;
        free_pages[page] = 1;
    }
    return true;
}

static bool take_lists(const struct page_file *file, uint64_t page, unsigned depth, uint8_t *free_pages)
{
    uint8_t *bytes = malloc(file->page_size);
    struct page_node node;
    INVARIANT(bytes != NULL);
    bool whole = depth < DEPTH_MAX && page_read(file, page, bytes);
    for (unsigned i = 0; whole && i < page_nodes_of(bytes, file->page_size); i++) {
        whole = page_node_read(bytes, file->page_size, i, &node);
        if (whole && page_flags_of(bytes) & PAGE_BRANCH)
            whole = take_lists(file, node.page, depth + 1, free_pages);
        else if (whole)
            whole = take_list(file, &node, free_pages);
    }
    free(bytes);
    return whole;
}

enum status page_free_list(const struct page_file *file, const struct page_meta *meta, uint8_t *free_pages)
{
    if (meta->free_root == PAGE_NONE)
        return OK;
    return take_lists(file, meta->free_root, 0, free_pages) ? OK : FATAL_CORRUPT;
}

struct search {
    const struct page_file *file;
    uint64_t page; /* that is looked for */
    struct span table;
    struct buffer *place;
};

static void tell_key(struct buffer *place, const char *word, struct span key)
{
    buffer_append_text(place, word);
    for (size_t i = 0; i < key.size && i < KEY_SHOWN_MAX; i++)
        buffer_printf(place, "%02x", key.data[i]);
}

static void tell(const struct search *search, struct span first, struct span end)
{
    if (search->table.size > 0)
        buffer_printf(search->place, "table `%.*s`", (int)search->table.size, (const char *)search->table.data);
    else
        buffer_append_text(search->place, "the table of tables");
    if (first.size > 0)
        tell_key(search->place, ", keys from ", first);
    if (end.size > 0)
        tell_key(search->place, ", before ", end);
}

static bool is_within(const struct search *search, const struct page_node *node)
{
    uint64_t pages = (PAGE_HEADER_SIZE + node->size + search->file->page_size - 1) / search->file->page_size;
    return node->page != PAGE_NONE && search->page >= node->page && search->page - node->page < pages;
}

static bool find(const struct search *search, uint64_t page, unsigned depth, struct span first, struct span end);

static bool find_in_node(const struct search *search, const struct page_node *node, bool branch, unsigned depth,
                         const struct span range[2])
{
    if (branch)
        return find(search, node->page, depth + 1, range[0], range[1]);
    if (node->flags & NODE_BIG && is_within(search, node)) {
        tell(search, node->key, range[1]);
        return true;
    }
    if ((node->flags & NODE_TREE) == 0 || node->data.size < DB_SIZE)
        return false;
    struct search below = *search;
    below.table = node->key;
    return find(&below, bytes_get_le(node->data.data + DB_ROOT_OFFSET, 8), 0, span_of(NULL, 0), span_of(NULL, 0));
}

/* The damaged page itself may not be readable: it is named before it is looked into. */
static bool find(const struct search *search, uint64_t page, unsigned depth, struct span first, struct span end)
{
    if (page == search->page) {
        tell(search, first, end);
        return true;
    }
    uint8_t *bytes = malloc(search->file->page_size);
    struct page_node node, next;
    INVARIANT(bytes != NULL);
    bool found = false, whole = depth < DEPTH_MAX && page_read(search->file, page, bytes);
    unsigned count = whole ? page_nodes_of(bytes, search->file->page_size) : 0;
    for (unsigned i = 0; i < count && !found; i++) {
        if (!page_node_read(bytes, search->file->page_size, i, &node))
            continue;
        bool has_next = i + 1 < count && page_node_read(bytes, search->file->page_size, i + 1, &next);
        found = find_in_node(search, &node, page_flags_of(bytes) & PAGE_BRANCH, depth,
                             (struct span[2]){node.key.size > 0 ? node.key : first, has_next ? next.key : end});
    }
    free(bytes);
    return found;
}

void page_place(const struct page_file *file, const struct page_meta *meta, uint64_t page, struct buffer *place)
{
    struct search search = {.file = file, .page = page, .place = place};
    if (find(&search, meta->main_root, 0, span_of(NULL, 0), span_of(NULL, 0)))
        return;
    struct buffer nowhere;
    buffer_init(&nowhere);
    search.place = &nowhere;
    bool free_list = find(&search, meta->free_root, 0, span_of(NULL, 0), span_of(NULL, 0));
    buffer_fini(&nowhere);
    buffer_append_text(place, free_list ? "the list of free pages" : "no tree that can be read");
}
