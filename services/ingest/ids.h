/* SPDX-License-Identifier: Apache-2.0
 * The index of ids: (sender, message id) -> where and when it was accepted, and which bytes. A core over
 * `submissions`: it takes each record's id from the record, and nothing else is ever written into it but the number of
 * a party, at first sight, and the parties' signing keys.
 *
 * The table `ids`: 42 bytes a row and LMDB's 10 of overhead. Why the order of bytes: the first four of a UUIDv7 are its
 * time in steps of 65 s, so old pages grow cold; within a step the random end comes first, since LMDB leaves pages half
 * empty behind keys that only rise, and 69 % full behind keys that come in any order. Kept for ever. */
#ifndef HUTONG_SERVICES_INGEST_IDS_H
#define HUTONG_SERVICES_INGEST_IDS_H
#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/base/limits.h"
#include "common/engines/signing/signing_keys.h"
#include "common/runtime/core.h"

enum { ID_HASH_SIZE = 12, ID_PARTIES_COUNT_MAX = 256 };
#define ID_ACCEPTED_AT_MAX ((INT64_C(1) << 48) - 1)

extern const struct core ids_core;

struct id_key {
    uint16_t party;
    uint8_t id[16];
};

struct id_entry {
    position_t position;
    instant_ms_t accepted_at;
    uint8_t hash[ID_HASH_SIZE];
};

/* What the hash of a record that was just placed is known to be; `next` its position + 1, 0: of none. */
struct ids_placed {
    position_t next;
    uint8_t hash[ID_HASH_SIZE];
};

/* The core's self. */
struct ids {
    char parties[ID_PARTIES_COUNT_MAX][PARTY_SIZE_MAX + 1];
    uint16_t party_count;
    struct digest *digest;
    struct ids_placed placed[ORDERER_INFLIGHT_MAX]; /* by position modulo this */
};

/* Number of a party, given out at first sight. RETRY_FULL: more than ID_PARTIES_COUNT_MAX. */
MUST_USE enum status ids_party(struct ids *ids, struct store_txn *txn, struct span party, uint16_t *number);
/* The record that will come from the log at `entry`'s position has its hash: it is not reckoned a second time. */
void ids_expect(struct ids *ids, const struct id_entry *entry);
/* The parties' signing keys, as of the records that came. */
struct signing_keys ids_signing(struct ids *ids, struct store_txn *txn);
bool ids_find(struct store_txn *txn, const struct id_key *key, struct id_entry *entry);
#endif
