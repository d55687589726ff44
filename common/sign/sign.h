/* SPDX-License-Identifier: Apache-2.0
 * Signatures: Ed25519 (RFC 8032) and SM2 with SM3 (GB/T 32918.2, GM/T 0009), by OpenSSL. The only place that sees its
 * keys; hashes are common/base/digest.h's. Pairs are not thread-safe: one of each a thread.
 *
 * SM2 signs with the standard's user id "1234567812345678" always: without one OpenSSL takes an empty id, and nobody
 * else's signature would hold. Its signatures are DER and random: one that was given out is kept, never made again. */
#ifndef HUTONG_COMMON_SIGN_SIGN_H
#define HUTONG_COMMON_SIGN_SIGN_H
#include "common/base/buffer.h"
#include "common/base/span.h"
#include "common/base/status.h"

/* Numbers on the log: none is ever given another meaning. */
enum sign_algorithm { SIGN_NONE = 0, SIGN_ED25519 = 1, SIGN_SM2 = 2 };

enum {
    SIGN_KEY_SIZE_MAX = 65,      /* Ed25519: 32; SM2: 04 X Y */
    SIGN_SIGNATURE_SIZE_MAX = 72 /* Ed25519: 64; SM2: DER, 70 to 72 */
};

struct sign_public {
    enum sign_algorithm algorithm;
    uint8_t size;
    uint8_t bytes[SIGN_KEY_SIZE_MAX];
};

struct sign_pair; /* a secret key and its public one */

MUST_USE enum status sign_pair_new(enum sign_algorithm algorithm, struct sign_pair **pair);
void sign_pair_destroy(struct sign_pair **pair);
/* Of and to a file: PKCS #8 in PEM, not encrypted, mode 600. REJECT_NOT_FOUND: there is none. FATAL_CONFIG, with a
 * sentence in `why`: it is no such key, or others than its owner may read it, or its owner is neither this process's
 * user nor root. */
MUST_USE enum status sign_pair_load(const char *path, struct sign_pair **pair, struct buffer *why);
/* The same; where there is no file, a new pair is made and saved: FATAL_IO, nothing in `why`, where it cannot be. */
MUST_USE enum status sign_pair_load_or_make(const char *path, enum sign_algorithm algorithm, struct sign_pair **pair,
                                            bool *made, struct buffer *why);
/* FATAL_IO; a file that is there already is one. The file and its directory are synced. */
MUST_USE enum status sign_pair_save(const struct sign_pair *pair, const char *path);
void sign_pair_public(const struct sign_pair *pair, struct sign_public *key);
/* Appends the signature of the message's exact bytes. */
void sign_make(struct sign_pair *pair, struct span message, struct buffer *signature);

/* RFC 8032 keys of 32 bytes and uncompressed points of SM2's curve; REJECT_MALFORMED otherwise. */
MUST_USE enum status sign_public_read(enum sign_algorithm algorithm, struct span bytes, struct sign_public *key);
/* "ed25519:BASE64", "sm2:BASE64": what people hand each other. */
void sign_public_describe(const struct sign_public *key, struct buffer *text);
MUST_USE enum status sign_public_parse(const char *text, struct sign_public *key);
const char *sign_algorithm_name(enum sign_algorithm algorithm); /* "ed25519", "sm2"; "" otherwise */
enum sign_algorithm sign_algorithm_of(const char *name);        /* SIGN_NONE: no such name */

struct sign_verifier; /* one public key, ready to be used many times */
/* REJECT_MALFORMED: no point of the curve. */
MUST_USE enum status sign_verifier_new(const struct sign_public *key, struct sign_verifier **verifier);
void sign_verifier_destroy(struct sign_verifier **verifier);
bool sign_verify(struct sign_verifier *verifier, struct span message, struct span signature);
#endif
