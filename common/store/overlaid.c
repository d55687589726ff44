/* SPDX-License-Identifier: Apache-2.0
 * The two overlays of a store, their commits, and when they change places. */
#include "common/store/overlaid.h"

#include <stdlib.h>
#include <time.h>

#include "common/base/check.h"

enum { BESIDE_TRIES_MAX = 100, BESIDE_WAIT_MS = 20, COPY_SLICE_ENTRIES = 1 << 16, ENTRIES_MAX = 2 << 20 };

struct overlay_entry *overlaid_find(const struct overlaid *overlaid, unsigned table, struct span key)
{
    struct overlay_entry *entry = overlay_find(overlaid->active, table, key);
    return entry == NULL && overlaid->frozen != NULL ? overlay_find(overlaid->frozen, table, key) : entry;
}

unsigned overlaid_layers(const struct overlaid *overlaid, unsigned table, const struct overlay *layers[LAYERS_MAX])
{
    unsigned count = 0;
    if (overlay_count(overlaid->active, table) > 0)
        layers[count++] = overlaid->active;
    if (overlaid->frozen != NULL && overlay_count(overlaid->frozen, table) > 0)
        layers[count++] = overlaid->frozen;
    return count;
}

static bool is_there(struct store_txn *txn, unsigned table, struct span key)
{
    const struct overlay_entry *entry = overlaid_find(txn->store->overlaid, table, key);
    MDB_val wanted = {key.size, (void *)(uintptr_t)key.data}, found;
    return entry != NULL ? entry->value_size != OVERLAY_DELETED
                         : store_keep(txn, mdb_get(txn->txn, txn->store->trees.tables[table], &wanted, &found));
}

static void touch(struct overlaid *overlaid, struct overlay_entry *entry)
{
    if (entry->touched)
        return;
    if (overlaid->touched_count == overlaid->touched_capacity) {
        overlaid->touched_capacity = overlaid->touched_capacity * 2 + 1024;
        overlaid->touched = realloc(overlaid->touched, overlaid->touched_capacity * sizeof(struct overlay_entry *));
        INVARIANT(overlaid->touched != NULL);
    }
    entry->touched = true;
    overlaid->touched[overlaid->touched_count++] = entry;
}

static void forget_touched(struct overlaid *overlaid)
{
    for (size_t i = 0; i < overlaid->touched_count; i++)
        overlaid->touched[i]->touched = false;
    overlaid->touched_count = 0;
}

void overlaid_put(struct store_txn *txn, unsigned table, struct span key, struct span value)
{
    struct overlaid *overlaid = txn->store->overlaid;
    if (overlaid->counts[table].age > 0 && !is_there(txn, table, key))
        overlaid->counts[table].rows++;
    touch(overlaid, overlay_put(overlaid->active, table, key, value));
}

void overlaid_delete(struct store_txn *txn, unsigned table, struct span key)
{
    struct overlaid *overlaid = txn->store->overlaid;
    if (overlaid->counts[table].age > 0 && is_there(txn, table, key))
        overlaid->counts[table].rows--;
    touch(overlaid, overlay_delete(overlaid->active, table, key));
}

bool overlaid_is_above(struct store_txn *txn, unsigned table, struct span key)
{
    struct overlaid *overlaid = txn->store->overlaid;
    const struct overlay *layers[LAYERS_MAX];
    for (unsigned i = overlaid_layers(overlaid, table, layers); i > 0; i--)
        if (overlay_order(overlay_key(overlay_last(layers[i - 1], table)), key) >= 0)
            return false;
    if (overlaid->tops[table].size == 0) {
        MDB_cursor *cursor;
        MDB_val last = {0, NULL}, value;
        if (!store_keep(txn, mdb_cursor_open(txn->txn, txn->store->trees.tables[table], &cursor)))
            return false;
        bool found = store_keep(txn, mdb_cursor_get(cursor, &last, &value, MDB_LAST));
        mdb_cursor_close(cursor);
        if (!found)
            return true;
        PRE(last.mv_size <= STORE_KEY_SIZE_MAX);
        overlaid->tops[table].size = (uint16_t)last.mv_size;
        memcpy(overlaid->tops[table].bytes, last.mv_data, last.mv_size);
    }
    return overlay_order(span_of(overlaid->tops[table].bytes, overlaid->tops[table].size), key) < 0;
}

/* What the layer's entries add to the rows of the tree, and take away, but for those that `above` hides. */
static int64_t layer_rows(struct store_txn *txn, unsigned table, const struct overlay *layer,
                          const struct overlay *above)
{
    struct overlay_walk walk;
    int64_t more = 0;
    for (struct overlay_entry *entry = overlay_seek(&walk, layer, table, span_of(NULL, 0)); entry != NULL;
         entry = overlay_next(&walk)) {
        if (above != NULL && overlay_find(above, table, overlay_key(entry)) != NULL)
            continue;
        MDB_val wanted = {entry->key_size, entry->key}, found;
        bool stored = store_keep(txn, mdb_get(txn->txn, txn->store->trees.tables[table], &wanted, &found));
        more += (entry->value_size != OVERLAY_DELETED) - stored;
    }
    return more;
}

uint64_t overlaid_rows(struct store_txn *txn, unsigned table)
{
    MDB_stat stat;
    const struct overlay *layers[LAYERS_MAX];
    if (txn->status != OK || !store_keep(txn, mdb_stat(txn->txn, txn->store->trees.tables[table], &stat)))
        return 0;
    int64_t rows = (int64_t)stat.ms_entries;
    unsigned count = txn->store->overlaid == NULL ? 0 : overlaid_layers(txn->store->overlaid, table, layers);
    for (unsigned i = 0; i < count; i++)
        rows += layer_rows(txn, table, layers[i], i == 0 ? NULL : layers[0]);
    return (uint64_t)rows;
}

uint64_t overlaid_count(struct store_txn *txn, unsigned table)
{
    struct overlaid *overlaid = txn->store->overlaid;
    if (overlaid->counts[table].age == 0)
        overlaid->counts[table].rows = overlaid_rows(txn, table);
    overlaid->counts[table].age = 1;
    return overlaid->counts[table].rows;
}

static void age_counts(struct store *store)
{
    struct overlaid *overlaid = store->overlaid;
    for (unsigned i = 0; i < store->table_count; i++)
        if (overlaid->counts[i].age > 0 && overlaid->counts[i].age++ == COUNT_KEPT_COMMITS)
            overlaid->counts[i].age = 0;
}

/* The trees as they are now. What was lent from them before is gone. */
static enum status look_anew(struct store *store)
{
    struct overlaid *overlaid = store->overlaid;
    mdb_txn_reset(overlaid->reader);
    overlaid->looks++;
    for (unsigned i = 0; i < store->table_count; i++)
        overlaid->tops[i].size = 0;
    return trees_status(mdb_txn_renew(overlaid->reader));
}

/* Both overlays from the records above `number`. RETRY_BUSY: the trees are of another time than they. */
static enum status load(struct store *store, const char *directory, uint64_t number, uint64_t cursor,
                        struct buffer *why)
{
    struct overlaid *overlaid = store->overlaid;
    struct recent_wanted wanted = {directory, number, store->table_count};
    struct apply_reached reached;
    overlay_destroy(&overlaid->active);
    if (!overlaid->apply.running)
        overlay_destroy(&overlaid->frozen);
    apply_look(&store->trees, overlaid->reader, &reached);
    enum status status = filled_read(&wanted, cursor, &reached, &overlaid->filled, why);
    overlaid->active = overlaid->filled.active;
    if (overlaid->filled.frozen != NULL)
        overlaid->frozen = overlaid->filled.frozen;
    TRY(status);
    overlaid->number = overlaid->filled.number;
    overlaid->cursor = overlaid->filled.cursor;
    uint64_t towards = trees_number(&store->trees, overlaid->reader, "towards", 0);
    if (overlaid->number >= towards)
        return OK;
    buffer_printf(why, "%s: its trees are being written up to commit %llu, its recent-N end with commit %llu",
                  directory, (unsigned long long)towards, (unsigned long long)overlaid->number);
    return FATAL_CORRUPT;
}

static enum status load_above_trees(struct store *store, const char *directory, struct buffer *why)
{
    MDB_txn *reader = store->overlaid->reader;
    return load(store, directory, trees_number(&store->trees, reader, "number", 0),
                trees_number(&store->trees, reader, "cursor", 0), why);
}

/* Beside the owner: first the trees, then the records, which therefore reach as far as the trees do; unless a file went
 * away in between. */
static enum status load_beside(struct store *store, const char *directory, struct buffer *why)
{
    enum status status = load_above_trees(store, directory, why);
    for (unsigned i = 0; status != OK && i < BESIDE_TRIES_MAX; i++) {
        (void)nanosleep(&(struct timespec){0, BESIDE_WAIT_MS * 1000000}, NULL);
        buffer_reset(why);
        TRY(look_anew(store));
        status = load_above_trees(store, directory, why);
    }
    return status == RETRY_BUSY ? FATAL_IO : status;
}

enum status overlaid_open(struct store *store, const char *directory, size_t size, struct buffer *why)
{
    struct overlaid *overlaid = store->overlaid = calloc(1, sizeof *overlaid);
    INVARIANT(overlaid != NULL);
    overlaid->size = size;
    overlaid->recent.fd = -1;
    apply_init(&overlaid->apply);
    buffer_init(&overlaid->record);
    TRY(trees_status(mdb_txn_begin(store->trees.env, NULL, MDB_RDONLY, &overlaid->reader)));
    return store->read_only ? load_beside(store, directory, why) : load_above_trees(store, directory, why);
}

static void write_frozen(struct store *store, uint64_t number, uint64_t cursor)
{
    struct apply_job job = {
        .trees = &store->trees, .table_count = store->table_count, .number = number, .cursor = cursor};
    apply_start(&store->overlaid->apply, &job, store->overlaid->frozen);
}

enum status overlaid_write_on(struct store *store, const char *directory, struct buffer *why)
{
    struct overlaid *overlaid = store->overlaid;
    const struct recent_files *files = &overlaid->filled.files;
    if (recent_open(&overlaid->recent, directory, files, &overlaid->filled.newest) != OK) {
        buffer_printf(why, "cannot write on in %s", directory);
        return FATAL_IO;
    }
    if (overlaid->frozen != NULL) {
        overlaid->frozen_generation = files->generations[files->count - 2];
        write_frozen(store, overlaid->filled.older.number, overlaid->filled.older.cursor);
    }
    return OK;
}

void overlaid_close(struct store *store)
{
    struct overlaid *overlaid = store->overlaid;
    if (overlaid == NULL)
        return;
    if (!overlaid->apply.running)
        overlay_destroy(&overlaid->frozen);
    apply_fini(&overlaid->apply);
    for (unsigned i = 0; i < store->table_count; i++)
        if (overlaid->cursors[i].cursor != NULL)
            mdb_cursor_close(overlaid->cursors[i].cursor);
    if (overlaid->reader != NULL)
        mdb_txn_abort(overlaid->reader);
    overlay_destroy(&overlaid->active);
    recent_close(&overlaid->recent);
    buffer_fini(&overlaid->record);
    free(overlaid->touched);
    free(overlaid);
    store->overlaid = NULL;
}

size_t overlaid_size(const struct overlaid *overlaid)
{
    return overlay_size(overlaid->active) + (overlaid->frozen == NULL ? 0 : overlay_size(overlaid->frozen));
}

/* What a transaction changed that was given up lies among what others did: the overlay is filled anew. */
static enum status clean(struct store *store)
{
    struct overlaid *overlaid = store->overlaid;
    struct buffer why;
    overlaid->stale = false;
    for (unsigned i = 0; i < store->table_count; i++)
        overlaid->counts[i].age = 0;
    buffer_init(&why);
    enum status status;
    if (overlaid->frozen == NULL)
        status = load_above_trees(store, overlaid->recent.directory, &why);
    else
        status = load(store, overlaid->recent.directory, overlaid->apply.job.number, overlaid->apply.job.cursor, &why);
    buffer_fini(&why);
    return status;
}

enum status overlaid_begin(struct store *store, MDB_txn **reader)
{
    if (store->overlaid->stale)
        TRY(clean(store));
    *reader = store->overlaid->reader;
    return OK;
}

void overlaid_abort(struct store *store)
{
    struct overlaid *overlaid = store->overlaid;
    overlaid->stale = overlaid->stale || overlaid->touched_count > 0;
    overlaid->touched_count = 0;
}

static void write_record(struct overlaid *overlaid)
{
    recent_begin(&overlaid->record);
    for (size_t i = 0; i < overlaid->touched_count; i++) {
        const struct overlay_entry *entry = overlaid->touched[i];
        struct recent_change change = {.table = entry->table,
                                       .deleted = entry->value_size == OVERLAY_DELETED,
                                       .key = overlay_key(entry),
                                       .value = overlay_value(entry)};
        recent_add(&overlaid->record, &change);
    }
    forget_touched(overlaid);
}

/* The frozen overlay is whole in the trees: reads go there. */
static enum status thaw(struct store *store)
{
    struct overlaid *overlaid = store->overlaid;
    TRY(look_anew(store));
    overlaid->frozen = NULL;
    apply_release(&overlaid->apply);
    return recent_forget(&overlaid->recent, overlaid->frozen_generation + 1);
}

static enum status freeze(struct store *store)
{
    struct overlaid *overlaid = store->overlaid;
    overlaid->frozen_generation = overlaid->recent.generation;
    TRY(recent_roll(&overlaid->recent));
    overlaid->frozen = overlaid->active;
    overlaid->active = overlay_new(store->table_count);
    write_frozen(store, overlaid->number, overlaid->cursor);
    return OK;
}

static bool is_full(const struct overlaid *overlaid, unsigned parts)
{
    return overlay_size(overlaid->active) / parts * 4 > overlaid->size ||
           overlay_entries(overlaid->active) / parts * 4 > ENTRIES_MAX;
}

static enum status change_places(struct store *store)
{
    struct overlaid *overlaid = store->overlaid;
    if (overlaid->frozen != NULL) {
        enum status status = OK;
        bool ended = apply_has_ended(&overlaid->apply, &status);
        if (!ended && is_full(overlaid, 4)) {
            status = apply_wait(&overlaid->apply);
            ended = true;
        } else if (!ended && is_full(overlaid, 3)) {
            apply_hurry(&overlaid->apply);
        }
        TRY(status);
        if (ended)
            TRY(thaw(store));
    }
    return overlaid->frozen == NULL && is_full(overlaid, 4) ? freeze(store) : OK;
}

enum status overlaid_commit(struct store *store, uint64_t cursor, uint64_t *number)
{
    struct overlaid *overlaid = store->overlaid;
    enum status status = OK;
    if (overlaid->frozen != NULL && apply_has_ended(&overlaid->apply, &status))
        TRY(status);
    write_record(overlaid);
    TRY(recent_append(&overlaid->recent, &overlaid->record, overlaid->number + 1, cursor));
    *number = ++overlaid->number;
    overlaid->cursor = cursor;
    age_counts(store);
    TRY(change_places(store));
    return look_anew(store);
}

static enum status complete(const struct apply_job *job)
{
    return job->overlay == NULL ? OK : apply_all(job);
}

enum status overlaid_complete(struct store *store, const char *directory)
{
    struct overlaid *overlaid = store->overlaid;
    struct store copy = *store;
    MDB_txn *txn;
    struct buffer why;
    MDB_envinfo info;
    TRY(overlaid_begin(store, &txn));
    copy.trees.env = NULL;
    copy.trees.sums = NULL; /* these are the store's */
    buffer_init(&why);
    int code = mdb_env_info(store->trees.env, &info);
    enum status status = code != 0 ? trees_status(code)
                                   : trees_open_environment(&copy.trees, directory, info.me_mapsize, MDB_NOLOCK, &why);
    buffer_fini(&why);
    if (status == OK)
        status = trees_status(mdb_txn_begin(copy.trees.env, NULL, 0, &txn));
    if (status == OK) {
        code = trees_open_system(&copy.trees, txn, false, 0);
        if (code == 0)
            code = trees_open_tables(&copy.trees, txn, copy.described, copy.table_count, false);
        status = code == 0 ? trees_commit(&copy.trees, txn) : trees_status(code);
        if (code != 0)
            mdb_txn_abort(txn);
    }
    struct apply_job job = {&copy.trees,      store->table_count, overlaid->frozen,
                            overlaid->number, overlaid->cursor,   COPY_SLICE_ENTRIES};
    if (status == OK)
        status = complete(&job);
    job.overlay = overlaid->active;
    if (status == OK)
        status = complete(&job);
    trees_close(&copy.trees);
    return status;
}
