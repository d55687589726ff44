/* SPDX-License-Identifier: Apache-2.0
 * Who may speak: the ZAP handler of this process (RFC 27), over a directory of certificates (CZMQ's zcert format,
 * public part only, with metadata `party` and `role`). A key is a party. The directory is read again when it changes,
 * at most once in 500 ms: adding or removing a file is all that `hutong keys new` and `revoke` do on the server's side.
 * Unknown keys and plaintext are refused in the handshake, counted, and named in the log. Readiness (Z1): zap_self_test
 * proves that an unknown key is refused before any endpoint is bound, and again every minute. */
#ifndef HUTONG_COMMON_NET_ZAP_H
#define HUTONG_COMMON_NET_ZAP_H
#include "common/base/buffer.h"
#include "common/base/limits.h"
#include "common/base/status.h"
#include "common/net/party.h"

struct zap;
struct zap_counts {
    uint64_t accepted;
    uint64_t unknown_key;
    uint64_t not_curve;
    uint64_t too_many;         /* cut at the door: too often, or a handshake too slow while there are many */
    uint64_t handshake_failed; /* seen by the socket monitors: plaintext peers, wrong server key, garbage */
};

/* `server_certificate`: path of this exchange's own certificate with its secret part. */
MUST_USE enum status zap_open(const char *certificate_directory, const char *server_certificate, struct zap **zap,
                              struct buffer *why);
void zap_close(struct zap **zap);
void zap_counts(const struct zap *zap, struct zap_counts *counts);
/* Party of a public key, from the store as it is now; false: unknown or revoked. Thread-safe. */
bool zap_lookup(struct zap *zap, const char *public_key_z85, enum party_role *role, char party[PARTY_SIZE_MAX + 1]);
/* Whether anybody may speak, and this exchange could start again (O4): a party's key can be read, our own too. A
 * sentence otherwise. Thread-safe. */
bool zap_has_keys(struct zap *zap, const char **why_not);
MUST_USE enum status zap_self_test(struct zap *zap);
const char *zap_server_public_key(const struct zap *zap);
#endif
