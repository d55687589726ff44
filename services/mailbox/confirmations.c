/* SPDX-License-Identifier: Apache-2.0
 * What has been confirmed. */
#include "services/mailbox/confirmations.h"

#include <stdlib.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/store/store.h"

enum { MAP_SIZE = 16 * 1024 * 1024, KEY_SIZE_MAX = PARTY_SIZE_MAX + 1 };

static const struct store_table tables[] = {
#define CONFIRMED(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

struct confirmations {
    struct store *store;
};

/* A party's name, marked where the box is not that of outcomes. */
static struct span key_of(char key[KEY_SIZE_MAX], uint32_t box, const char *party)
{
    size_t size = strlen(party), mark = box == BOX_BOOKS;
    PRE(size <= PARTY_SIZE_MAX);
    key[0] = '+';
    memcpy(key + mark, party, size);
    return span_of(key, mark + size);
}

enum status confirmations_open(const struct config *config, struct confirmations **out, struct buffer *why)
{
    struct buffer state;
    struct confirmations *confirmations = calloc(1, sizeof *confirmations);
    INVARIANT(confirmations != NULL);
    buffer_init(&state);
    config_state_directory(config, "confirmed", 0, &state);
    struct store_options options = {buffer_text(&state), MAP_SIZE, 8000, tables, 1, FORMAT_CONFIRMED, false};
    enum status status = store_open(&options, &confirmations->store, why);
    buffer_fini(&state);
    *out = confirmations;
    return status;
}

void confirmations_close(struct confirmations **confirmations)
{
    if (*confirmations == NULL)
        return;
    store_close(&(*confirmations)->store);
    free(*confirmations);
    *confirmations = NULL;
}

uint64_t confirmations_through(struct confirmations *confirmations, uint32_t box, const char *party)
{
    char key[KEY_SIZE_MAX];
    struct store_txn *txn;
    struct span value;
    uint64_t through = 0;
    if (store_begin(confirmations->store, false, &txn) != OK)
        return 0;
    if (store_get(txn, 0, key_of(key, box, party), &value) && value.size == 8)
        through = bytes_get_le(value.data, 8);
    store_abort(&txn);
    return through;
}

enum status confirmations_keep(struct confirmations *confirmations, uint32_t box, const char *party, uint64_t through)
{
    char key[KEY_SIZE_MAX];
    struct store_txn *txn;
    uint8_t value[8];
    TRY(store_begin(confirmations->store, true, &txn));
    bytes_put_le(value, through, 8);
    store_put(txn, 0, key_of(key, box, party), span_of(value, sizeof value));
    return store_commit(&txn, 0);
}
