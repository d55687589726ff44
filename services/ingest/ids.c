/* SPDX-License-Identifier: Apache-2.0
 * The index of ids. */
#include "services/ingest/ids.h"

#include "common/base/check.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "common/store/rows/ids.h"

enum {
#define IDS(place, ...) place,
#include "common/store/store.def"
    IDS_TABLES_COUNT
};

static const struct store_table tables[IDS_TABLES_COUNT] = {
#define IDS(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

static enum status open_parties(void *self, struct store_txn *txn, struct core_partition partition)
{
    struct ids *ids = self;
    struct store_walk walk;
    (void)partition;
    ids->digest = digest_new();
    for (bool more = store_walk_start(&walk, txn, PARTIES_TABLE, span_of(NULL, 0)); more;
         more = store_walk_next(&walk)) {
        if (ids->party_count == ID_PARTIES_COUNT_MAX || walk.value.size > PARTY_SIZE_MAX)
            return FATAL_CORRUPT;
        memcpy(ids->parties[ids->party_count], walk.value.data, walk.value.size);
        ids->parties[ids->party_count++][walk.value.size] = 0;
    }
    store_walk_end(&walk);
    return store_status(txn);
}

enum status ids_party(struct ids *ids, struct store_txn *txn, struct span party, uint16_t *number)
{
    for (uint16_t i = 0; i < ids->party_count; i++)
        if (span_equal(span_text(ids->parties[i]), party)) {
            *number = i;
            return OK;
        }
    if (ids->party_count == ID_PARTIES_COUNT_MAX || party.size > PARTY_SIZE_MAX)
        return RETRY_FULL;
    struct row_bytes key = parties_key(ids->party_count);
    store_put(txn, PARTIES_TABLE, row_span(&key), party);
    memcpy(ids->parties[ids->party_count], party.data, party.size);
    ids->parties[ids->party_count][party.size] = 0;
    *number = ids->party_count++;
    return OK;
}

static struct row_bytes key_of(const struct id_key *key)
{
    uint8_t last_first[12];
    for (unsigned i = 0; i < 12; i++)
        last_first[i] = key->id[15 - i];
    return ids_key(key->party, key->id, last_first);
}

bool ids_find(struct store_txn *txn, const struct id_key *key, struct id_entry *entry)
{
    struct row_bytes row = key_of(key);
    struct ids_value kept;
    struct span value;
    if (!store_get(txn, IDS_TABLE, row_span(&row), &value) || !ids_value_read(value, &kept))
        return false;
    entry->position = kept.position;
    entry->accepted_at = (instant_ms_t)kept.accepted_at_ms;
    memcpy(entry->hash, kept.sha_256_begins, ID_HASH_SIZE);
    return true;
}

static void add(struct store_txn *txn, const struct id_key *key, const struct id_entry *entry)
{
    struct row_bytes row = key_of(key), value = ids_value(entry->position, (uint64_t)entry->accepted_at, entry->hash);
    PRE(entry->position < UINT64_C(1) << 48 && entry->accepted_at >= 0);
    store_put(txn, IDS_TABLE, row_span(&row), row_span(&value));
}

static struct ids_placed *placed_at(struct ids *ids, position_t position)
{
    return &ids->placed[position & (ORDERER_INFLIGHT_MAX - 1)];
}

void ids_expect(struct ids *ids, const struct id_entry *entry)
{
    struct ids_placed *placed = placed_at(ids, entry->position);
    placed->next = entry->position + 1;
    memcpy(placed->hash, entry->hash, ID_HASH_SIZE);
}

static void hash_of(struct ids *ids, position_t position, const struct submission *submission,
                    uint8_t hash[ID_HASH_SIZE])
{
    const struct ids_placed *placed = placed_at(ids, position);
    uint8_t sha256[DIGEST_SIZE];
    if (placed->next == position + 1) {
        memcpy(hash, placed->hash, ID_HASH_SIZE);
        return;
    }
    submission_sha256(submission, ids->digest, sha256);
    memcpy(hash, sha256, ID_HASH_SIZE);
}

struct signing_keys ids_signing(struct ids *ids, struct store_txn *txn)
{
    return (struct signing_keys){txn, SIGNING_TABLE, ids->digest};
}

/* By validation's own judgement: what it refuses is nothing here. */
static void take_signing(struct ids *ids, struct store_txn *txn, const struct core_input *input,
                         const struct submission *submission)
{
    struct signing_keys keys = ids_signing(ids, txn);
    struct signing_faults faults;
    struct event event;
    if (event_decode(submission->envelope, input->arena, &event) == OK)
        signing_take(&keys, &event, input->position, submission->accepted_at, &faults);
}

/* Whoever placed the record has read all of it before: one that cannot be read is not what was placed. */
static enum status take(void *self, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    struct ids *ids = self;
    struct submission submission;
    struct envelope_head head;
    struct id_key key;
    (void)output;
    memset(&key, 0, sizeof key);
    if (submission_decode(input->records[0], NULL, &submission) != OK ||
        envelope_head_read(submission.envelope, &head) != OK || message_id_parse(head.message_id, key.id) != OK ||
        ids_party(ids, txn, head.sender, &key.party) != OK)
        return FATAL_CORRUPT;
    struct id_entry entry = {.position = input->position, .accepted_at = submission.accepted_at};
    hash_of(ids, input->position, &submission, entry.hash);
    add(txn, &key, &entry);
    if (signing_is_event(head.body_number))
        take_signing(ids, txn, input, &submission);
    return store_status(txn);
}

static void close_ids(void *self)
{
    struct ids *ids = self;
    digest_destroy(&ids->digest);
}

const struct core ids_core = {.name = "ids",
                              .tables = tables,
                              .table_count = IDS_TABLES_COUNT,
                              .format = FORMAT_IDS,
                              .overlaid = true,
                              .self_size = sizeof(struct ids),
                              .takes_all = true,
                              .open = open_parties,
                              .apply = take,
                              .close = close_ids};
