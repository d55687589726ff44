/* SPDX-License-Identifier: Apache-2.0
 * A key pair, and what it takes to sign frames or receipts by it: one signature over a signed_tree. */
#ifndef HUTONG_COMMON_ENGINES_SIGNING_TREE_SIGNER_H
#define HUTONG_COMMON_ENGINES_SIGNING_TREE_SIGNER_H
#include "common/engines/signing/signed_tree.h"

struct tree_signer {
    struct sign_pair *pair; /* NULL: nothing can be signed */
    uint8_t key_id[SIGNED_KEY_ID_SIZE];
    struct digest *digest;
    struct signed_tree tree; /* of what was added since signed_tree_start */
    struct buffer signature;
};

void tree_signer_init(struct tree_signer *signer); /* without a pair */
void tree_signer_fini(struct tree_signer *signer);
/* Takes the pair, in place of the one before. */
void tree_signer_use(struct tree_signer *signer, struct sign_pair **pair);
/* Closes the tree and signs it; borrowed until the next. PRE: there is a pair, and something was added. */
struct span tree_signer_sign(struct tree_signer *signer, enum signed_kind kind);
static inline struct span tree_signer_key(const struct tree_signer *signer)
{
    return span_of(signer->key_id, SIGNED_KEY_ID_SIZE);
}
#endif
