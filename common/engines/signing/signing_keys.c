/* SPDX-License-Identifier: Apache-2.0
 * Signing keys. */
#include "common/engines/signing/signing_keys.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/store/rows/validation.h" /* the gate's rows are the same */

/* ---- rows ---- */

static bool row_read(struct span value, struct signing_key_row *row)
{
    struct signing_key_value kept;
    if (!signing_key_value_read(value, &kept) || kept.public_key.size > SIGN_KEY_SIZE_MAX)
        return false;
    *row = (struct signing_key_row){
        .key = {.algorithm = (enum sign_algorithm)kept.algorithm, .size = (uint8_t)kept.public_key.size},
        .from = kept.from,
        .until = kept.until,
        .from_ms = (instant_ms_t)kept.from_ms,
        .valid_until = (instant_ms_t)kept.valid_until_ms};
    (void)snprintf(row->party, sizeof row->party, "%s", kept.party);
    memcpy(row->key.bytes, kept.public_key.data, kept.public_key.size);
    return true;
}

static void row_put(const struct signing_keys *keys, const uint8_t *id, const struct signing_key_row *row)
{
    struct row_bytes key = signing_key_key(id),
                     value = signing_key_value((uint64_t)row->key.algorithm, row->from, (uint64_t)row->from_ms,
                                               row->until, (uint64_t)row->valid_until, row->party,
                                               span_of(row->key.bytes, row->key.size));
    store_put(keys->txn, keys->table, row_span(&key), row_span(&value));
}

bool signing_key_find(const struct signing_keys *keys, struct span id, struct signing_key_row *row)
{
    struct span value;
    if (id.size != SIGNED_KEY_ID_SIZE)
        return false;
    struct row_bytes key = signing_key_key(id.data);
    return store_get(keys->txn, keys->table, row_span(&key), &value) && row_read(value, row);
}

struct signing_party signing_party_find(const struct signing_keys *keys, struct span party)
{
    struct signing_party found = {0};
    struct signing_party_value kept;
    struct span value;
    if (party.size > PARTY_SIZE_MAX)
        return found;
    struct row_bytes key = signing_party_key(party);
    if (store_get(keys->txn, keys->table, row_span(&key), &value) && signing_party_value_read(value, &kept))
        found = (struct signing_party){kept.demand, kept.keys};
    return found;
}

static void party_put(const struct signing_keys *keys, const char *party, struct signing_party what)
{
    struct row_bytes key = signing_party_key(span_text(party)), value = signing_party_value(what.demand, what.keys);
    store_put(keys->txn, keys->table, row_span(&key), row_span(&value));
}

bool signing_next(const struct signing_keys *keys, struct signing_walk *walk, struct span *id,
                  struct signing_key_row *row)
{
    bool more = walk->begun ? store_walk_next(&walk->rows)
                            : store_walk_start(&walk->rows, keys->txn, keys->table, span_text("K"));
    struct signing_key_key key;
    walk->begun = true;
    if (more && signing_key_key_read(walk->rows.key, &key) && row_read(walk->rows.value, row)) {
        *id = span_of(key.key_id, SIGNED_KEY_ID_SIZE);
        return true;
    }
    store_walk_end(&walk->rows);
    return false;
}

/* ---- what holds ---- */

enum rule signing_key_speaks(const struct signing_key_row *row, struct span party, position_t position,
                             instant_ms_t accepted_at)
{
    if (row == NULL || !span_equal(span_text(row->party), party) || position <= row->from)
        return RULE_SIGNING_KEY_UNKNOWN;
    if (row->until != 0 && position > row->until)
        return RULE_SIGNING_KEY_REVOKED;
    return row->valid_until != 0 && accepted_at > row->valid_until ? RULE_SIGNING_KEY_EXPIRED : RULE_NONE;
}

/* Whether the party has a key that could sign the next record. */
static bool has_key(const struct signing_keys *keys, const char *party, position_t position, instant_ms_t accepted_at)
{
    struct signing_walk walk = {0};
    struct signing_key_row row;
    struct span id;
    bool has = false;
    while (signing_next(keys, &walk, &id, &row))
        has = has || signing_key_speaks(&row, span_text(party), position + 1, accepted_at) == RULE_NONE;
    return has;
}

/* ---- events ---- */

bool signing_is_event(uint32_t kind)
{
    return kind >= EVENT_SIGNING_KEY && kind <= EVENT_SIGNING_POLICY;
}

static void want(struct signing_faults *faults, bool holds, enum rule rule, const char *field)
{
    if (holds)
        return;
    faults->items[faults->count].rule = rule;
    faults->items[faults->count++].field = field;
}

static bool party_is_known(const char *party)
{
    return region_is_known(party) || strcmp(party, "operator") == 0;
}

/* Of its shape: whether an SM2 point lies on the curve is seen where it is made, and where it is used. */
static bool key_read(const struct signing_key *event, struct sign_public *key)
{
    size_t size = event->public_key.size;
    bool shaped = (event->algorithm == SIGN_ED25519 && size == 32) ||
                  (event->algorithm == SIGN_SM2 && size == 65 && event->public_key.data[0] == 4);
    *key = (struct sign_public){.algorithm = (enum sign_algorithm)event->algorithm};
    if (!shaped)
        return false;
    key->size = (uint8_t)size;
    memcpy(key->bytes, event->public_key.data, size);
    return true;
}

static void take_key(const struct signing_keys *keys, const struct signing_key *event, position_t position,
                     instant_ms_t accepted_at, struct signing_faults *faults)
{
    struct signing_key_row row = {.from = position, .from_ms = accepted_at, .valid_until = event->valid_until_ms},
                           there;
    uint8_t id[SIGNED_KEY_ID_SIZE];
    bool shaped = key_read(event, &row.key);
    want(faults, party_is_known(event->party), RULE_SIGNING_PARTY_UNKNOWN, "party");
    want(faults, shaped, RULE_SIGNING_KEY_MALFORMED, "public_key");
    want(faults, event->valid_until_ms == 0 || event->valid_until_ms > accepted_at, RULE_SIGNING_KEY_MALFORMED,
         "valid_until_ms");
    signed_key_id(keys->digest, &row.key, id);
    want(faults, !signing_key_find(keys, span_of(id, sizeof id), &there), RULE_SIGNING_KEY_TAKEN, "public_key");
    if (faults->count > 0)
        return;
    (void)snprintf(row.party, sizeof row.party, "%s", event->party);
    struct signing_party party = signing_party_find(keys, span_text(event->party));
    party.keys++;
    row_put(keys, id, &row);
    party_put(keys, event->party, party);
}

static void take_revocation(const struct signing_keys *keys, const struct signing_key_revocation *event,
                            position_t position, struct signing_faults *faults)
{
    struct signing_key_row row;
    bool there = signing_key_find(keys, event->key_id, &row) && strcmp(row.party, event->party) == 0 && row.until == 0;
    want(faults, party_is_known(event->party), RULE_SIGNING_PARTY_UNKNOWN, "party");
    want(faults, there, RULE_SIGNING_KEY_NOT_THERE, "key_id");
    if (faults->count > 0)
        return;
    row.until = position;
    row_put(keys, event->key_id.data, &row);
}

/* Nobody is locked out by a demand that it has no key for. */
static void take_policy(const struct signing_keys *keys, const struct signing_policy *event, position_t position,
                        instant_ms_t accepted_at, struct signing_faults *faults)
{
    bool known = event->demand >= SIGNING_OFF && event->demand <= SIGNING_REQUIRED;
    want(faults, party_is_known(event->party), RULE_SIGNING_PARTY_UNKNOWN, "party");
    want(faults, known && (event->demand != SIGNING_REQUIRED || has_key(keys, event->party, position, accepted_at)),
         RULE_SIGNING_DEMAND, "demand");
    if (faults->count > 0)
        return;
    struct signing_party party = signing_party_find(keys, span_text(event->party));
    party.demand = (uint32_t)event->demand;
    party_put(keys, event->party, party);
}

void signing_take(const struct signing_keys *keys, const struct event *event, position_t position,
                  instant_ms_t accepted_at, struct signing_faults *faults)
{
    *faults = (struct signing_faults){0};
    if (event->person_id[0] != 0) {
        want(faults, false, RULE_PERSON_ID_UNEXPECTED, "person_id");
        return;
    }
    if (event->kind == EVENT_SIGNING_KEY)
        take_key(keys, &event->body.signing_key, position, accepted_at, faults);
    else if (event->kind == EVENT_SIGNING_KEY_REVOCATION)
        take_revocation(keys, &event->body.signing_key_revocation, position, faults);
    else if (event->kind == EVENT_SIGNING_POLICY)
        take_policy(keys, &event->body.signing_policy, position, accepted_at, faults);
}

/* ---- for people ---- */

void signing_list(const struct signing_keys *keys, struct buffer *out)
{
    static const char *const parties[] = {"110000", "120000", "130000", "operator"};
    struct signing_walk walk = {0};
    struct signing_key_row row;
    struct span id;
    while (signing_next(keys, &walk, &id, &row)) {
        struct signing_key_state state = {.key_id = id,
                                          .algorithm = row.key.algorithm,
                                          .public_key = span_of(row.key.bytes, row.key.size),
                                          .from = row.from,
                                          .from_ms = row.from_ms,
                                          .until = row.until,
                                          .valid_until_ms = row.valid_until};
        (void)snprintf(state.party, sizeof state.party, "%s", row.party);
        signing_list_put_keys(out, &state);
    }
    for (unsigned i = 0; i < sizeof parties / sizeof parties[0]; i++) {
        struct signing_party party = signing_party_find(keys, span_text(parties[i]));
        if (party.demand != 0)
            signing_list_put_policies(out, &(struct signing_policy){.party = parties[i], .demand = party.demand});
    }
}
