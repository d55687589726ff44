/* SPDX-License-Identifier: Apache-2.0
 * Signatures of receipts. */
#include "services/ingest/receipt_signing.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/signing/tree_signer.h"
#include "common/pb/wire.h"

enum { SIGNATURE_FIELD = 2 }; /* of Receipts */

struct receipt_signing {
    struct tree_signer signer;
    struct buffer message;
};

enum status receipt_signing_open(const char *key_directory, struct receipt_signing **out, struct buffer *why)
{
    struct sign_pair *pair = NULL;
    struct buffer path = {0};
    buffer_printf(&path, "%s/exchange-signing.pem_secret", key_directory);
    enum status status = sign_pair_load(buffer_text(&path), &pair, why);
    if (status == REJECT_NOT_FOUND)
        buffer_printf(why, "%s is not there: receipts could not be signed; `hutong up` and hutong-prepare make it",
                      buffer_text(&path));
    buffer_fini(&path);
    if (status != OK)
        return FATAL_CONFIG;
    struct receipt_signing *signing = calloc(1, sizeof *signing);
    INVARIANT(signing != NULL);
    tree_signer_init(&signing->signer);
    tree_signer_use(&signing->signer, &pair);
    *out = signing;
    return OK;
}

void receipt_signing_close(struct receipt_signing **signing)
{
    if (*signing == NULL)
        return;
    tree_signer_fini(&(*signing)->signer);
    buffer_fini(&(*signing)->message);
    free(*signing);
    *signing = NULL;
}

static struct receipts_signature sign(struct tree_signer *signer)
{
    return (struct receipts_signature){tree_signer_key(signer), tree_signer_sign(signer, SIGNED_RECEIPTS)};
}

void receipt_signing_add(struct receipt_signing *signing, struct buffer *receipts)
{
    struct wire_reader reader = wire_read(buffer_span(receipts));
    struct wire_field field;
    signed_tree_start(&signing->signer.tree);
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK)
        signed_tree_add(&signing->signer.tree, signing->signer.digest, field.bytes);
    struct receipts_signature made = sign(&signing->signer);
    buffer_reset(&signing->message);
    receipts_signature_encode(&made, &signing->message);
    wire_put_bytes(receipts, SIGNATURE_FIELD, buffer_span(&signing->message));
}

struct receipts_signature receipt_signing_of(struct receipt_signing *signing, struct span receipt)
{
    signed_tree_start(&signing->signer.tree);
    signed_tree_add(&signing->signer.tree, signing->signer.digest, receipt);
    return sign(&signing->signer);
}
