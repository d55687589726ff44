/* SPDX-License-Identifier: Apache-2.0
 * Signatures of receipts. */
#include "services/ingest/receipt_signing.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/signing/signed_tree.h"
#include "common/pb/wire.h"

enum { SIGNATURE_FIELD = 2 }; /* of Receipts */

struct receipt_signing {
    struct sign_pair *pair;
    struct digest *digest;
    struct signed_tree tree;
    struct buffer signature, message;
    uint8_t key_id[SIGNED_KEY_ID_SIZE];
};

enum status receipt_signing_open(const char *key_directory, struct receipt_signing **out, struct buffer *why)
{
    struct sign_pair *pair = NULL;
    struct sign_public key;
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
    signing->pair = pair;
    signing->digest = digest_new();
    sign_pair_public(pair, &key);
    signed_key_id(signing->digest, &key, signing->key_id);
    *out = signing;
    return OK;
}

void receipt_signing_close(struct receipt_signing **signing)
{
    if (*signing == NULL)
        return;
    sign_pair_destroy(&(*signing)->pair);
    digest_destroy(&(*signing)->digest);
    signed_tree_fini(&(*signing)->tree);
    buffer_fini(&(*signing)->signature);
    buffer_fini(&(*signing)->message);
    free(*signing);
    *signing = NULL;
}

static struct receipts_signature sign(struct receipt_signing *signing)
{
    struct signed_statement statement;
    signed_tree_close(&signing->tree, signing->digest, SIGNED_RECEIPTS, &statement);
    buffer_reset(&signing->signature);
    sign_make(signing->pair, signed_bytes(&statement), &signing->signature);
    return (struct receipts_signature){span_of(signing->key_id, sizeof signing->key_id),
                                       buffer_span(&signing->signature)};
}

void receipt_signing_add(struct receipt_signing *signing, struct buffer *receipts)
{
    struct wire_reader reader = wire_read(buffer_span(receipts));
    struct wire_field field;
    signed_tree_start(&signing->tree);
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK)
        signed_tree_add(&signing->tree, signing->digest, field.bytes);
    struct receipts_signature made = sign(signing);
    buffer_reset(&signing->message);
    receipts_signature_encode(&made, &signing->message);
    wire_put_bytes(receipts, SIGNATURE_FIELD, buffer_span(&signing->message));
}

struct receipts_signature receipt_signing_of(struct receipt_signing *signing, struct span receipt)
{
    signed_tree_start(&signing->tree);
    signed_tree_add(&signing->tree, signing->digest, receipt);
    return sign(signing);
}
