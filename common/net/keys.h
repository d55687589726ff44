/* SPDX-License-Identifier: Apache-2.0
 * Key pairs on disk, in the format of CZMQ's certificates: a public file (with `party` and `role`) that the server's
 * store takes, and a secret file beside it, mode 600, that its owner keeps. Read and written here and not by zcert,
 * which leaves the secret in memory that it gave back. */
#ifndef HUTONG_COMMON_NET_KEYS_H
#define HUTONG_COMMON_NET_KEYS_H
#include "common/base/buffer.h"
#include "common/base/limits.h"
#include "common/base/status.h"

/* Whoever holds a secret in it wipes it (explicit_bzero), or has it in memory of common/secret. */
struct key_pair {
    char public_key[41];
    char secret_key[41]; /* "" when the file held the public part alone */
    char party[PARTY_SIZE_MAX + 1];
    char role[16];
};

/* Makes a pair; writes PUBLIC_PATH and SECRET_PATH. FATAL_IO. */
MUST_USE enum status keys_make(const char *public_path, const char *secret_path, const char *party, const char *role);
/* REJECT_NOT_FOUND: no such file, or not a certificate. FATAL_CONFIG: it holds a secret that others may read, or lies
 * where anybody may write; `why` (may be NULL) gets a sentence. */
MUST_USE enum status keys_load(const char *path, struct key_pair *pair, struct buffer *why);
#endif
