/* SPDX-License-Identifier: Apache-2.0
 * Merkle trees, level by level. */
#include "common/base/merkle.h"

#include "common/base/check.h"

void merkle_leaf(struct digest *digest, struct span data, struct merkle_hash *leaf)
{
    digest_start(digest);
    digest_add(digest, span_of("\0", 1));
    digest_add(digest, data);
    digest_finish(digest, leaf->bytes);
}

void merkle_node(struct digest *digest, const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *node)
{
    uint8_t joined[1 + 2 * DIGEST_SIZE] = {1};
    memcpy(joined + 1, left->bytes, DIGEST_SIZE);
    memcpy(joined + 1 + DIGEST_SIZE, right->bytes, DIGEST_SIZE);
    digest_once(digest, span_of(joined, sizeof joined), node->bytes);
}

void merkle_empty(struct digest *digest, struct merkle_hash *root)
{
    digest_once(digest, span_of("", 0), root->bytes);
}

static uint64_t level_above(uint64_t count)
{
    return count / 2 + count % 2;
}

uint64_t merkle_tree_size(uint64_t count)
{
    uint64_t size = count;
    for (uint64_t level = count; level > 1; size += level)
        level = level_above(level);
    return size;
}

void merkle_tree_build(struct digest *digest, struct merkle_hash *tree, uint64_t count)
{
    PRE(count > 0);
    for (uint64_t level = count; level > 1; level = level_above(level)) {
        struct merkle_hash *above = tree + level;
        for (uint64_t i = 0; i + 1 < level; i += 2)
            merkle_node(digest, &tree[i], &tree[i + 1], &above[i / 2]);
        if (level % 2 != 0)
            above[level / 2] = tree[level - 1];
        tree = above;
    }
}

unsigned merkle_path(const struct merkle_hash *tree, uint64_t count, uint64_t index,
                     struct merkle_hash path[MERKLE_PATH_MAX])
{
    PRE(index < count);
    unsigned length = 0;
    for (uint64_t level = count; level > 1; level = level_above(level), index /= 2) {
        if ((index ^ 1) < level)
            path[length++] = tree[index ^ 1];
        tree += level;
    }
    return length;
}

bool merkle_fold(struct digest *digest, const struct merkle_hash *leaf, uint64_t index, uint64_t count,
                 const struct merkle_hash *path, unsigned path_count, struct merkle_hash *root)
{
    unsigned used = 0;
    struct merkle_hash at = *leaf;
    if (index >= count)
        return false;
    for (uint64_t level = count; level > 1; level = level_above(level), index /= 2) {
        if ((index ^ 1) >= level)
            continue;
        if (used == path_count)
            return false;
        if (index % 2 == 0)
            merkle_node(digest, &at, &path[used++], &at);
        else
            merkle_node(digest, &path[used++], &at, &at);
    }
    *root = at;
    return used == path_count;
}
