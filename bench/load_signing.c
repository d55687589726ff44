/* SPDX-License-Identifier: Apache-2.0
 * Signatures under load. */
#include "bench/load_signing.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/engines/signing/signed_tree.h"

struct load_signing {
    struct sign_pair *pair;
    struct digest *digest;
    struct signed_tree tree;
    struct buffer signature;
    uint8_t key_id[SIGNED_KEY_ID_SIZE];
};

struct load_signing *load_signing_open(const char *key_directory, const char *region, const char *name)
{
    char path[4096 + 100];
    struct buffer why = {0};
    struct sign_public key;
    struct load_signing *signing = calloc(1, sizeof *signing);
    INVARIANT(signing != NULL);
    (void)snprintf(path, sizeof path, "%s/clients/%s-%s.pem_secret", key_directory, region, name);
    if (sign_pair_load(path, &signing->pair, &why) != OK) {
        (void)fprintf(stderr, "hutong-load: no signing key %s\n", path);
        exit(1);
    }
    signing->digest = digest_new();
    sign_pair_public(signing->pair, &key);
    signed_key_id(signing->digest, &key, signing->key_id);
    return signing;
}

void load_signing_sign(struct load_signing *signing, struct submit *submit)
{
    struct signed_statement statement;
    if (signing == NULL)
        return;
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
