/* SPDX-License-Identifier: Apache-2.0
 * Signatures of a client. */
#include "common/client/client_signing.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/signing/signed_tree.h"

struct client_signing {
    struct sign_pair *pair; /* NULL: nothing is signed */
    uint8_t key_id[SIGNED_KEY_ID_SIZE];
    bool proofs;
    struct digest *digest;
    struct signed_tree tree;
    struct buffer signature;
};

struct client_signing *client_signing_new(void)
{
    struct client_signing *signing = calloc(1, sizeof *signing);
    INVARIANT(signing != NULL);
    signing->digest = digest_new();
    return signing;
}

void client_signing_destroy(struct client_signing **signing)
{
    if (*signing == NULL)
        return;
    sign_pair_destroy(&(*signing)->pair);
    digest_destroy(&(*signing)->digest);
    signed_tree_fini(&(*signing)->tree);
    buffer_fini(&(*signing)->signature);
    free(*signing);
    *signing = NULL;
}

enum ht_result client_signing_load(struct client_signing *signing, const char *path, char *why, size_t why_size)
{
    struct sign_public key;
    struct sign_pair *pair = NULL;
    struct buffer fault = {0};
    enum status status = sign_pair_load(path, &pair, &fault);
    (void)snprintf(why, why_size, "%s", buffer_text(&fault));
    buffer_fini(&fault);
    if (status != OK)
        return status == REJECT_NOT_FOUND ? HT_NOT_FOUND : HT_INVALID;
    sign_pair_destroy(&signing->pair);
    signing->pair = pair;
    sign_pair_public(pair, &key);
    signed_key_id(signing->digest, &key, signing->key_id);
    return HT_OK;
}

void client_signing_sign(struct client_signing *signing, struct submit *submit)
{
    struct signed_statement statement;
    if (signing->pair == NULL || submit->accepted_at_count > 0)
        return; /* a trace brings its own */
    signed_tree_start(&signing->tree);
    for (uint32_t i = 0; i < submit->envelope_count; i++)
        signed_tree_add(&signing->tree, signing->digest, submit->envelopes[i]);
    signed_tree_close(&signing->tree, signing->digest, SIGNED_ENVELOPES, &statement);
    buffer_reset(&signing->signature);
    sign_make(signing->pair, signed_bytes(&statement), &signing->signature);
    submit->has_signature = true;
    submit->signature =
        (struct frame_signature){span_of(signing->key_id, sizeof signing->key_id), buffer_span(&signing->signature)};
}

void client_signing_keep_proofs(struct client_signing *signing, bool keep)
{
    signing->proofs = keep;
}

static void prove_one(const struct client_signing *signing, const struct receipts *list, uint32_t index,
                      struct ht_receipt *receipt)
{
    struct merkle_hash hashes[MERKLE_PATH_MAX];
    struct span path[MERKLE_PATH_MAX];
    struct buffer proof = {0};
    unsigned length = signed_tree_path(&signing->tree, index, hashes);
    for (unsigned i = 0; i < length; i++)
        path[i] = span_of(hashes[i].bytes, DIGEST_SIZE);
    signed_receipt_encode(&(struct signed_receipt){.receipt = list->receipts[index],
                                                   .key_id = list->signature.key_id,
                                                   .signature = list->signature.signature,
                                                   .index = index,
                                                   .count = list->receipt_count,
                                                   .path = path,
                                                   .path_count = length},
                          &proof);
    receipt->proof = proof.data;
    receipt->proof_size = proof.size;
}

void client_signing_prove(struct client_signing *signing, const struct receipts *list, struct ht_receipt *receipts)
{
    struct signed_statement statement;
    if (!signing->proofs || !list->has_signature || list->receipt_count == 0)
        return;
    signed_tree_start(&signing->tree);
    for (uint32_t i = 0; i < list->receipt_count; i++)
        signed_tree_add(&signing->tree, signing->digest, list->receipts[i]);
    signed_tree_close(&signing->tree, signing->digest, SIGNED_RECEIPTS, &statement);
    for (uint32_t i = 0; i < list->receipt_count; i++)
        prove_one(signing, list, i, &receipts[i]);
}
