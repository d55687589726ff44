/* SPDX-License-Identifier: Apache-2.0
 * SHA-256 through OpenSSL's EVP. A failure here is a broken library, not bad input: it stops the process. */
#include "common/base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

enum { BLOCK_SIZE = 64 }; /* of SHA-256 */

struct digest {
    EVP_MD *algorithm;
    EVP_MD_CTX *context;
};

struct digest *digest_new(void)
{
    struct digest *digest = calloc(1, sizeof *digest);
    INVARIANT(digest != NULL);
    digest->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    digest->context = EVP_MD_CTX_new();
    INVARIANT(digest->algorithm != NULL && digest->context != NULL);
    return digest;
}

void digest_destroy(struct digest **digest)
{
    if (*digest == NULL)
        return;
    EVP_MD_CTX_free((*digest)->context);
    EVP_MD_free((*digest)->algorithm);
    free(*digest);
    *digest = NULL;
}

void digest_start(struct digest *digest)
{
    INVARIANT(EVP_DigestInit_ex2(digest->context, digest->algorithm, NULL) == 1);
}

void digest_add(struct digest *digest, struct span bytes)
{
    INVARIANT(EVP_DigestUpdate(digest->context, bytes.data, bytes.size) == 1);
}

void digest_finish(struct digest *digest, uint8_t out[DIGEST_SIZE])
{
    unsigned size = 0;
    INVARIANT(EVP_DigestFinal_ex(digest->context, out, &size) == 1 && size == DIGEST_SIZE);
}

void digest_once(struct digest *digest, struct span bytes, uint8_t out[DIGEST_SIZE])
{
    digest_start(digest);
    digest_add(digest, bytes);
    digest_finish(digest, out);
}

void digest_keyed(struct digest *digest, struct span key, struct span bytes, uint8_t out[DIGEST_SIZE])
{
    uint8_t block[BLOCK_SIZE] = {0};
    if (key.size > BLOCK_SIZE)
        digest_once(digest, key, block);
    else if (key.size > 0)
        memcpy(block, key.data, key.size);
    for (unsigned i = 0; i < BLOCK_SIZE; i++)
        block[i] ^= 0x36;
    digest_start(digest);
    digest_add(digest, span_of(block, BLOCK_SIZE));
    digest_add(digest, bytes);
    digest_finish(digest, out);
    for (unsigned i = 0; i < BLOCK_SIZE; i++)
        block[i] ^= 0x36 ^ 0x5c;
    digest_start(digest);
    digest_add(digest, span_of(block, BLOCK_SIZE));
    digest_add(digest, span_of(out, DIGEST_SIZE));
    digest_finish(digest, out);
}

void digest_hex(const uint8_t *bytes, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * size] = 0;
}
