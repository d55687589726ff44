/* SPDX-License-Identifier: Apache-2.0
 * What a signature of a frame or of its receipts covers (docs/PROTOCOL.md, 13): a line of text that says what it is,
 * and the root of the Merkle tree (RFC 6962) whose leaves' data are the SHA-256 of each envelope, or receipt, in order.
 * With the hashes of its neighbours one of them is provable alone. */
#ifndef HUTONG_COMMON_ENGINES_SIGNING_SIGNED_TREE_H
#define HUTONG_COMMON_ENGINES_SIGNING_SIGNED_TREE_H
#include "common/base/buffer.h"
#include "common/base/merkle.h"
#include "common/sign/sign.h"

enum { SIGNED_KEY_ID_SIZE = 8 };
/* What names a key: the first bytes of SHA-256(algorithm, one byte | public key). */
void signed_key_id(struct digest *digest, const struct sign_public *key, uint8_t id[SIGNED_KEY_ID_SIZE]);

enum signed_kind { SIGNED_ENVELOPES, SIGNED_RECEIPTS };
enum { SIGNED_STATEMENT_SIZE_MAX = 64 };

struct signed_statement {
    size_t size;
    uint8_t bytes[SIGNED_STATEMENT_SIZE_MAX];
};
static inline struct span signed_bytes(const struct signed_statement *statement)
{
    return span_of(statement->bytes, statement->size);
}

/* What is signed. */
void signed_statement_of(enum signed_kind kind, const struct merkle_hash *root, struct signed_statement *statement);

/* A tree under way; zeros: empty. Its memory is kept from one to the next. */
struct signed_tree {
    struct buffer hashes; /* leaves, and once it is closed all above them */
    uint32_t count;
};
void signed_tree_fini(struct signed_tree *tree);
void signed_tree_start(struct signed_tree *tree);
void signed_tree_add(struct signed_tree *tree, struct digest *digest, struct span bytes);
/* PRE: something was added. */
void signed_tree_close(struct signed_tree *tree, struct digest *digest, enum signed_kind kind,
                       struct signed_statement *statement);
/* The path of one of a closed tree; `siblings` borrows from the tree. How long it is. */
unsigned signed_tree_path(const struct signed_tree *tree, uint32_t index, struct merkle_hash path[MERKLE_PATH_MAX]);

/* One of a tree, and where in it: as it stands in an EnvelopeSignature or a SignedReceipt. */
struct signed_place {
    uint32_t index, count;
    const struct span *path; /* from the leaf upwards, each of 32 bytes */
    uint32_t path_count;
};
/* What was signed, if these bytes stood there. False: there is no such place. */
bool signed_fold(struct digest *digest, enum signed_kind kind, struct span bytes, const struct signed_place *place,
                 struct signed_statement *statement);
#endif
