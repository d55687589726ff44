/* SPDX-License-Identifier: Apache-2.0
 * SHA-256 by OpenSSL, the algorithm fetched once (a fetch per message costs more than the hash). Not thread-safe per
 * context; one context per thread. */
#ifndef HUTONG_COMMON_BASE_DIGEST_H
#define HUTONG_COMMON_BASE_DIGEST_H
#include "common/base/span.h"

enum { DIGEST_SIZE = 32 };

struct digest; /* private */

struct digest *digest_new(void);
void digest_destroy(struct digest **digest);
void digest_start(struct digest *digest);
void digest_add(struct digest *digest, struct span bytes);
void digest_finish(struct digest *digest, uint8_t out[DIGEST_SIZE]);
void digest_once(struct digest *digest, struct span bytes, uint8_t out[DIGEST_SIZE]);
/* HMAC-SHA-256 (RFC 2104). */
void digest_keyed(struct digest *digest, struct span key, struct span bytes, uint8_t out[DIGEST_SIZE]);
void digest_hex(const uint8_t *bytes, size_t size, char *out); /* writes 2 * size + 1 characters */
#endif
