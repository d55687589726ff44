/* SPDX-License-Identifier: Apache-2.0
 * Key pairs on disk, in CZMQ's zcert format: a public file (with `party` and `role`) that the server's store takes, and
 * a secret file beside it, mode 600, that its owner keeps. */
#ifndef HUTONG_COMMON_NET_KEYS_H
#define HUTONG_COMMON_NET_KEYS_H
#include "common/base/limits.h"
#include "common/base/status.h"

struct key_pair {
    char public_key[41];
    char secret_key[41]; /* "" when the file held the public part alone */
    char party[PARTY_SIZE_MAX + 1];
    char role[16];
};

/* Makes a pair; writes PUBLIC_PATH and SECRET_PATH. FATAL_IO. */
MUST_USE enum status keys_make(const char *public_path, const char *secret_path, const char *party, const char *role);
/* REJECT_NOT_FOUND: no such file, or not a certificate. */
MUST_USE enum status keys_load(const char *path, struct key_pair *pair);
#endif
