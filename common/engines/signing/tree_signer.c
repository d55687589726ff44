/* SPDX-License-Identifier: Apache-2.0
 * Signing trees. */
#include "common/engines/signing/tree_signer.h"

void tree_signer_init(struct tree_signer *signer)
{
    *signer = (struct tree_signer){.digest = digest_new()};
}

void tree_signer_fini(struct tree_signer *signer)
{
    sign_pair_destroy(&signer->pair);
    digest_destroy(&signer->digest);
    signed_tree_fini(&signer->tree);
    buffer_fini(&signer->signature);
}

void tree_signer_use(struct tree_signer *signer, struct sign_pair **pair)
{
    struct sign_public key;
    sign_pair_destroy(&signer->pair);
    signer->pair = *pair;
    *pair = NULL;
    sign_pair_public(signer->pair, &key);
    signed_key_id(signer->digest, &key, signer->key_id);
}

struct span tree_signer_sign(struct tree_signer *signer, enum signed_kind kind)
{
    struct signed_statement statement;
    signed_tree_close(&signer->tree, signer->digest, kind, &statement);
    buffer_reset(&signer->signature);
    sign_make(signer->pair, signed_bytes(&statement), &signer->signature);
    return buffer_span(&signer->signature);
}
