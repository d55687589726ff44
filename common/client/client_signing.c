/* SPDX-License-Identifier: Apache-2.0
 * Signatures of a client. */
#include "common/client/client_signing.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/signing/tree_signer.h"

struct client_signing {
    struct tree_signer signer; /* without a pair nothing is signed */
    bool proofs;
};

struct client_signing *client_signing_new(void)
{
    struct client_signing *signing = calloc(1, sizeof *signing);
    INVARIANT(signing != NULL);
    tree_signer_init(&signing->signer);
    return signing;
}

void client_signing_destroy(struct client_signing **signing)
{
    if (*signing == NULL)
        return;
    tree_signer_fini(&(*signing)->signer);
    free(*signing);
    *signing = NULL;
}

enum ht_result client_signing_load(struct client_signing *signing, const char *path, char *why, size_t why_size)
{
    struct sign_pair *pair = NULL;
    struct buffer fault = {0};
    enum status status = sign_pair_load(path, &pair, &fault);
    (void)snprintf(why, why_size, "%s", buffer_text(&fault));
    buffer_fini(&fault);
    if (status != OK)
        return status == REJECT_NOT_FOUND ? HT_NOT_FOUND : HT_INVALID;
    tree_signer_use(&signing->signer, &pair);
    return HT_OK;
}

/* Leaves of the tree. */
static void add_all(struct tree_signer *signer, const struct span *items, uint32_t count)
{
    signed_tree_start(&signer->tree);
    for (uint32_t i = 0; i < count; i++)
        signed_tree_add(&signer->tree, signer->digest, items[i]);
}

void client_signing_sign(struct client_signing *signing, struct submit *submit)
{
    struct tree_signer *signer = &signing->signer;
    if (signer->pair == NULL || submit->accepted_at_count > 0)
        return; /* a trace brings its own */
    add_all(signer, submit->envelopes, submit->envelope_count);
    submit->has_signature = true;
    submit->signature = (struct frame_signature){tree_signer_key(signer), tree_signer_sign(signer, SIGNED_ENVELOPES)};
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
    unsigned length = signed_tree_path(&signing->signer.tree, index, hashes);
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
    add_all(&signing->signer, list->receipts, list->receipt_count);
    signed_tree_close(&signing->signer.tree, signing->signer.digest, SIGNED_RECEIPTS, &statement);
    for (uint32_t i = 0; i < list->receipt_count; i++)
        prove_one(signing, list, i, &receipts[i]);
}
