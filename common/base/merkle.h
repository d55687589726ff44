/* SPDX-License-Identifier: Apache-2.0
 * Merkle trees of RFC 6962, 2.1, over SHA-256: a leaf is SHA-256(0x00 | data), a node SHA-256(0x01 | left | right), and
 * the tree over n leaves is that of its first 2^k (the largest power of two below n) beside that of the others. It is
 * built level by level, in which a last one without a neighbour goes up as it is: the same tree, without recursion.
 *
 * A tree in memory is an array: the leaves, then each level above them, the root last. */
#ifndef HUTONG_COMMON_BASE_MERKLE_H
#define HUTONG_COMMON_BASE_MERKLE_H
#include "common/base/digest.h"

enum { MERKLE_PATH_MAX = 64 }; /* of 2^64 leaves */

struct merkle_hash {
    uint8_t bytes[DIGEST_SIZE];
};

void merkle_leaf(struct digest *digest, struct span data, struct merkle_hash *leaf);
void merkle_node(struct digest *digest, const struct merkle_hash *left, const struct merkle_hash *right,
                 struct merkle_hash *node);
/* What a tree without leaves has for its root: SHA-256 of nothing. */
void merkle_empty(struct digest *digest, struct merkle_hash *root);

/* How many hashes the tree of `count` leaves, one at least, takes. */
uint64_t merkle_tree_size(uint64_t count);
/* `tree` holds the leaves; the others are written behind them. The root is tree[merkle_tree_size(count) - 1]. */
void merkle_tree_build(struct digest *digest, struct merkle_hash *tree, uint64_t count);
/* The siblings from the leaf at `index` upwards; how many there are. */
unsigned merkle_path(const struct merkle_hash *tree, uint64_t count, uint64_t index,
                     struct merkle_hash path[MERKLE_PATH_MAX]);
/* The root that a leaf and its path come to. False: a path of another length than this place in such a tree has, or no
 * such place. */
bool merkle_fold(struct digest *digest, const struct merkle_hash *leaf, uint64_t index, uint64_t count,
                 const struct merkle_hash *path, unsigned path_count, struct merkle_hash *root);
#endif
