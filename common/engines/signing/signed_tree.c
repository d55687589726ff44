/* SPDX-License-Identifier: Apache-2.0
 * Trees that are signed. */
#include "common/engines/signing/signed_tree.h"

#include "common/base/check.h"

void signed_key_id(struct digest *digest, const struct sign_public *key, uint8_t id[SIGNED_KEY_ID_SIZE])
{
    uint8_t algorithm = (uint8_t)key->algorithm, sha256[DIGEST_SIZE];
    digest_start(digest);
    digest_add(digest, span_of(&algorithm, 1));
    digest_add(digest, span_of(key->bytes, key->size));
    digest_finish(digest, sha256);
    memcpy(id, sha256, SIGNED_KEY_ID_SIZE);
}

void signed_statement_of(enum signed_kind kind, const struct merkle_hash *root, struct signed_statement *statement)
{
    static const char *const names[] = {
        [SIGNED_ENVELOPES] = "hutong/envelopes/v1\n", [SIGNED_RECEIPTS] = "hutong/receipts/v1\n"};
    size_t size = strlen(names[kind]);
    memcpy(statement->bytes, names[kind], size);
    memcpy(statement->bytes + size, root->bytes, DIGEST_SIZE);
    statement->size = size + DIGEST_SIZE;
}

void signed_tree_fini(struct signed_tree *tree)
{
    buffer_fini(&tree->hashes);
    tree->count = 0;
}

void signed_tree_start(struct signed_tree *tree)
{
    buffer_reset(&tree->hashes);
    tree->count = 0;
}

static void leaf_of(struct digest *digest, struct span bytes, struct merkle_hash *leaf)
{
    uint8_t sha256[DIGEST_SIZE];
    digest_once(digest, bytes, sha256);
    merkle_leaf(digest, span_of(sha256, sizeof sha256), leaf);
}

void signed_tree_add(struct signed_tree *tree, struct digest *digest, struct span bytes)
{
    struct merkle_hash leaf;
    leaf_of(digest, bytes, &leaf);
    buffer_append(&tree->hashes, &leaf, sizeof leaf);
    tree->count++;
}

/* A hash is bytes alone, so it may lie anywhere. */
static struct merkle_hash *hashes_of(const struct signed_tree *tree)
{
    return (struct merkle_hash *)tree->hashes.data;
}

void signed_tree_close(struct signed_tree *tree, struct digest *digest, enum signed_kind kind,
                       struct signed_statement *statement)
{
    PRE(tree->count > 0);
    size_t size = merkle_tree_size(tree->count);
    (void)buffer_reserve(&tree->hashes, size * sizeof(struct merkle_hash) - tree->hashes.size);
    tree->hashes.size = size * sizeof(struct merkle_hash);
    merkle_tree_build(digest, hashes_of(tree), tree->count);
    signed_statement_of(kind, &hashes_of(tree)[size - 1], statement);
}

unsigned signed_tree_path(const struct signed_tree *tree, uint32_t index, struct merkle_hash path[MERKLE_PATH_MAX])
{
    return merkle_path(hashes_of(tree), tree->count, index, path);
}

bool signed_fold(struct digest *digest, enum signed_kind kind, struct span bytes, const struct signed_place *place,
                 struct signed_statement *statement)
{
    struct merkle_hash leaf, root, path[MERKLE_PATH_MAX];
    if (place->path_count > MERKLE_PATH_MAX)
        return false;
    for (uint32_t i = 0; i < place->path_count; i++) {
        if (place->path[i].size != DIGEST_SIZE)
            return false;
        memcpy(path[i].bytes, place->path[i].data, DIGEST_SIZE);
    }
    leaf_of(digest, bytes, &leaf);
    if (!merkle_fold(digest, &leaf, place->index, place->count, path, place->path_count, &root))
        return false;
    signed_statement_of(kind, &root, statement);
    return true;
}
