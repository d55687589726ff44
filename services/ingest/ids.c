/* SPDX-License-Identifier: Apache-2.0
 * The index of ids. */
#include "services/ingest/ids.h"

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"

enum {
#define IDS(place, ...) place,
#include "common/store/store.def"
    IDS_TABLES_COUNT
};
enum { KEY_SIZE = 18, VALUE_SIZE = 24 };

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
    uint8_t key[2];
    bytes_put_be(key, ids->party_count, 2);
    store_put(txn, PARTIES_TABLE, span_of(key, sizeof key), party);
    memcpy(ids->parties[ids->party_count], party.data, party.size);
    ids->parties[ids->party_count][party.size] = 0;
    *number = ids->party_count++;
    return OK;
}

static void key_encode(const struct id_key *key, uint8_t out[KEY_SIZE])
{
    bytes_put_be(out, key->party, 2);
    memcpy(out + 2, key->id, 4);
    for (unsigned i = 0; i < 12; i++)
        out[6 + i] = key->id[15 - i];
}

bool ids_find(struct store_txn *txn, const struct id_key *key, struct id_entry *entry)
{
    uint8_t bytes[KEY_SIZE];
    struct span value;
    key_encode(key, bytes);
    if (!store_get(txn, IDS_TABLE, span_of(bytes, sizeof bytes), &value) || value.size != VALUE_SIZE)
        return false;
    entry->position = bytes_get_le(value.data, 6);
    entry->accepted_at = (instant_ms_t)bytes_get_le(value.data + 6, 6);
    memcpy(entry->hash, value.data + 12, ID_HASH_SIZE);
    return true;
}

static void add(struct store_txn *txn, const struct id_key *key, const struct id_entry *entry)
{
    uint8_t key_bytes[KEY_SIZE], value[VALUE_SIZE];
    PRE(entry->position < UINT64_C(1) << 48 && entry->accepted_at >= 0);
    key_encode(key, key_bytes);
    bytes_put_le(value, entry->position, 6);
    bytes_put_le(value + 6, (uint64_t)entry->accepted_at, 6);
    memcpy(value + 12, entry->hash, ID_HASH_SIZE);
    store_put(txn, IDS_TABLE, span_of(key_bytes, sizeof key_bytes), span_of(value, sizeof value));
}

/* Whoever placed the record has read all of it before: one that cannot be read is not what was placed. */
static enum status take(void *self, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    struct ids *ids = self;
    struct submission submission;
    struct envelope_head head;
    struct id_key key;
    uint8_t sha256[DIGEST_SIZE];
    (void)output;
    memset(&key, 0, sizeof key);
    if (submission_decode(input->records[0], NULL, &submission) != OK ||
        envelope_head_read(submission.envelope, &head) != OK || message_id_parse(head.message_id, key.id) != OK ||
        ids_party(ids, txn, head.sender, &key.party) != OK)
        return FATAL_CORRUPT;
    struct id_entry entry = {.position = input->position, .accepted_at = submission.accepted_at};
    digest_once(ids->digest, submission.envelope, sha256);
    memcpy(entry.hash, sha256, ID_HASH_SIZE);
    add(txn, &key, &entry);
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
                              .self_size = sizeof(struct ids),
                              .takes_all = true,
                              .open = open_parties,
                              .apply = take,
                              .close = close_ids};
