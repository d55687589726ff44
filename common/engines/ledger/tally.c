/* SPDX-License-Identifier: Apache-2.0
 * Running sums by key. Open addressing; emptied whole when it gets full, since everything in it is in the store too. */
#include "common/engines/ledger/tally.h"

#include <stdlib.h>
#include <xxhash.h>

#include "common/base/bytes.h"
#include "common/base/check.h"

enum { CACHE_SIZE = 1 << 14, CACHE_FILL_MAX = CACHE_SIZE / 4 * 3 };

struct slot {
    bool dirty;
    uint8_t size; /* 0: free */
    uint8_t key[TALLY_KEY_SIZE_MAX];
    int64_t values[]; /* as many as the table has */
};

struct tally {
    unsigned table;
    unsigned values;
    unsigned count, dirty_count;
    struct slot *dirty[CACHE_SIZE]; /* a flush visits these alone: it runs at every commit and question */
    size_t slot_size;
    _Alignas(struct slot) uint8_t slots[];
};

struct tally *tally_new(unsigned table, unsigned values)
{
    size_t slot_size = sizeof(struct slot) + values * sizeof(int64_t);
    PRE(values <= TALLY_VALUES_MAX);
    struct tally *tally = calloc(1, sizeof *tally + CACHE_SIZE * slot_size);
    INVARIANT(tally != NULL);
    tally->table = table;
    tally->values = values;
    tally->slot_size = slot_size;
    return tally;
}

void tally_destroy(struct tally **tally)
{
    free(*tally);
    *tally = NULL;
}

void tally_read(const struct tally *tally, struct span value, int64_t values[TALLY_VALUES_MAX])
{
    INVARIANT(value.size == 8 * (size_t)tally->values);
    for (unsigned i = 0; i < tally->values; i++)
        values[i] = (int64_t)bytes_get_le(value.data + 8 * (size_t)i, 8);
}

int64_t *tally_at(struct tally *tally, struct store_txn *txn, struct span key)
{
    struct span value;
    PRE(key.size > 0 && key.size <= TALLY_KEY_SIZE_MAX);
    if (tally->count >= CACHE_FILL_MAX) {
        tally_flush(tally, txn);
        memset(tally->slots, 0, CACHE_SIZE * tally->slot_size);
        tally->count = 0;
    }
    for (uint64_t at = XXH64(key.data, key.size, 0);; at++) {
        struct slot *slot = (struct slot *)(tally->slots + (at & (CACHE_SIZE - 1)) * tally->slot_size);
        bool found = slot->size == key.size && memcmp(slot->key, key.data, key.size) == 0;
        if (slot->size != 0 && !found)
            continue;
        if (!found) {
            tally->count++;
            slot->size = (uint8_t)key.size;
            memcpy(slot->key, key.data, key.size);
            if (store_get(txn, tally->table, key, &value))
                tally_read(tally, value, slot->values);
        }
        if (!slot->dirty)
            tally->dirty[tally->dirty_count++] = slot;
        slot->dirty = true;
        return slot->values;
    }
}

static int by_key(const void *a, const void *b)
{
    const struct slot *left = *(const struct slot *const *)a, *right = *(const struct slot *const *)b;
    size_t size = left->size < right->size ? left->size : right->size;
    int order = memcmp(left->key, right->key, size);
    return order != 0 ? order : (int)left->size - (int)right->size;
}

/* In the order of keys: pages are touched once each. */
void tally_flush(struct tally *tally, struct store_txn *txn)
{
    uint8_t value[8 * TALLY_VALUES_MAX];
    qsort(tally->dirty, tally->dirty_count, sizeof tally->dirty[0], by_key);
    for (unsigned i = 0; i < tally->dirty_count; i++) {
        struct slot *slot = tally->dirty[i];
        for (unsigned j = 0; j < tally->values; j++)
            bytes_put_le(value + 8 * (size_t)j, (uint64_t)slot->values[j], 8);
        store_put(txn, tally->table, span_of(slot->key, slot->size), span_of(value, 8 * (size_t)tally->values));
        slot->dirty = false;
    }
    tally->dirty_count = 0;
}
