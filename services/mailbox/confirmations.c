/* SPDX-License-Identifier: Apache-2.0
 * What has been confirmed. */
#include "services/mailbox/confirmations.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/store/rows/confirmed.h"

enum { MAP_SIZE = 16 * 1024 * 1024 };

static const struct store_table tables[] = {
#define CONFIRMED(place, name, seen, ...) {name, seen},
#include "common/store/store.def"
};

struct confirmations {
    struct store *store;
};

static struct row_bytes key_of(uint32_t box, const char *party)
{
    return box == BOX_BOOKS ? confirmed_books_key(span_text(party)) : row_copy(span_text(party));
}

/* Nothing makes a confirmation again, so an older copy is not taken up in silence. The cursor counts them. */
static enum status check_seen(struct store *store, const char *directory, struct buffer *why)
{
    struct store_txn *txn;
    TRY(store_begin(store, false, &txn));
    uint64_t count = store_cursor(txn), seen = store_seen(store);
    store_abort(&txn);
    if (seen <= count)
        return OK;
    buffer_printf(why,
                  "%s holds %llu confirmations and has held %llu: put back what was there, or remove %s.seen to go on "
                  "with what is, and what was confirmed since is delivered again",
                  directory, (unsigned long long)count, (unsigned long long)seen, directory);
    return FATAL_CORRUPT;
}

enum status confirmations_open(const struct config *config, struct confirmations **out, struct buffer *why)
{
    struct buffer state;
    struct confirmations *confirmations = calloc(1, sizeof *confirmations);
    INVARIANT(confirmations != NULL);
    buffer_init(&state);
    config_state_directory(config, "confirmed", 0, &state);
    struct store_options options = {buffer_text(&state), MAP_SIZE, 8000, tables, 1,
                                    FORMAT_CONFIRMED,    false,    0,    0,      "confirmed-0"};
    enum status status = store_open(&options, &confirmations->store, why);
    if (status == OK)
        status = check_seen(confirmations->store, buffer_text(&state), why);
    buffer_fini(&state);
    *out = confirmations;
    return status == FATAL_DAMAGED ? FATAL_CORRUPT : status; /* nothing makes it again */
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
    struct row_bytes key = key_of(box, party);
    struct confirmed_outcomes_value kept = {0};
    struct store_txn *txn;
    struct span value;
    if (store_begin(confirmations->store, false, &txn) != OK)
        return 0;
    if (store_get(txn, 0, row_span(&key), &value))
        (void)confirmed_outcomes_value_read(value, &kept);
    store_abort(&txn);
    return kept.through;
}

enum status confirmations_keep(struct confirmations *confirmations, uint32_t box, const char *party, uint64_t through)
{
    struct row_bytes key = key_of(box, party), value = confirmed_outcomes_value(through);
    struct store_txn *txn;
    TRY(store_begin(confirmations->store, true, &txn));
    store_put(txn, 0, row_span(&key), row_span(&value));
    return store_commit(&txn, store_cursor(txn) + 1);
}
