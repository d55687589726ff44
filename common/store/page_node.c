/* SPDX-License-Identifier: Apache-2.0
 * Nodes of a page. */
#include "common/store/page_node.h"

#include "common/base/bytes.h"

unsigned page_flags_of(const uint8_t *bytes)
{
    return (unsigned)bytes_get_le(bytes + FLAGS_OFFSET, 2);
}

unsigned page_nodes_of(const uint8_t *bytes, size_t page_size)
{
    size_t lower = bytes_get_le(bytes + LOWER_OFFSET, 2);
    return lower < PAGE_HEADER_SIZE || lower > page_size ? 0 : (unsigned)((lower - PAGE_HEADER_SIZE) / 2);
}

bool page_node_read(const uint8_t *bytes, size_t page_size, unsigned index, struct page_node *node)
{
    size_t at = bytes_get_le(bytes + PAGE_HEADER_SIZE + 2 * index, 2);
    if (at < bytes_get_le(bytes + UPPER_OFFSET, 2) || at + NODE_HEADER_SIZE > page_size)
        return false;
    const uint8_t *header = bytes + at;
    size_t low = bytes_get_le(header, 2), high = bytes_get_le(header + 2, 2), key = bytes_get_le(header + 6, 2);
    size_t left = page_size - at - NODE_HEADER_SIZE;
    *node = (struct page_node){.flags = (unsigned)bytes_get_le(header + 4, 2), .page = PAGE_NONE};
    if (key > left)
        return false;
    node->key = span_of(header + NODE_HEADER_SIZE, key);
    if (page_flags_of(bytes) & PAGE_BRANCH) {
        node->page = low | high << 16 | (uint64_t)node->flags << 32;
        return true;
    }
    node->size = low | high << 16;
    size_t here = node->flags & NODE_BIG ? 8 : node->size;
    if (here > left - key)
        return false;
    node->data = span_of(header + NODE_HEADER_SIZE + key, here);
    if (node->flags & NODE_BIG)
        node->page = bytes_get_le(node->data.data, 8);
    return true;
}
