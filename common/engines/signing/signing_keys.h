/* SPDX-License-Identifier: Apache-2.0
 * Signing keys of parties, and who must sign: what the operator's events say of them (proto signing.proto), kept in one
 * table `signing`. Validation decides by it; the gate keeps the same rows by the same function, so that both agree on
 * every position. A key speaks from the position after its registration up to its revocation, itself included, and for
 * records that were accepted no later than its end: so an old signature is judged by the keys of its position, for
 * ever. */
#ifndef HUTONG_COMMON_ENGINES_SIGNING_SIGNING_KEYS_H
#define HUTONG_COMMON_ENGINES_SIGNING_SIGNING_KEYS_H
#include "common/bus/bus.h"
#include "common/codes/rule.h"
#include "common/engines/signing/signed_tree.h"
#include "common/pb/event.h"
#include "common/store/store.h"

/* The keys in a store. */
struct signing_keys {
    struct store_txn *txn;
    unsigned table;
    struct digest *digest;
};

struct signing_key_row {
    char party[PARTY_SIZE_MAX + 1];
    struct sign_public key;
    position_t from, until;            /* until 0: not revoked */
    instant_ms_t from_ms, valid_until; /* valid_until 0: open */
};

/* False: there never was such a key. */
bool signing_key_find(const struct signing_keys *keys, struct span id, struct signing_key_row *row);
/* Of a party's keys: how many there ever were, and what it must do. */
struct signing_party {
    uint32_t demand; /* enum signing_demand; 0: nothing was said */
    uint32_t keys;
};
struct signing_party signing_party_find(const struct signing_keys *keys, struct span party);

/* Whether a key may sign for the party what stands, or is to stand, at this position and time: RULE_NONE, or why not.
 * `row` NULL: there is none. What the signature says is not looked at. */
enum rule signing_key_speaks(const struct signing_key_row *row, struct span party, position_t position,
                             instant_ms_t accepted_at);

bool signing_is_event(uint32_t kind);
/* What is wrong with one of the three events: field and rule of each fault. */
struct signing_faults {
    struct {
        enum rule rule;
        const char *field;
    } items[4];
    unsigned count;
};
/* Judges one of the three events, and keeps it where nothing is wrong with it. */
void signing_take(const struct signing_keys *keys, const struct event *event, position_t position,
                  instant_ms_t accepted_at, struct signing_faults *faults);

/* An encoded SigningList: all of it, for people. */
void signing_list(const struct signing_keys *keys, struct buffer *out);

/* Each key, in the order of ids. False: no more. */
struct signing_walk {
    struct store_walk rows;
    bool begun;
};
bool signing_next(const struct signing_keys *keys, struct signing_walk *walk, struct span *id,
                  struct signing_key_row *row);
#endif
