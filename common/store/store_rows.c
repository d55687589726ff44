/* SPDX-License-Identifier: Apache-2.0
 * Rows of a transaction: from the trees, and from what lies over them. */
#include <stdlib.h>

#include "common/base/check.h"
#include "common/store/overlaid.h"

static MDB_val val_of(struct span span)
{
    return (MDB_val){span.size, (void *)(uintptr_t)span.data};
}

static struct span span_of_val(MDB_val val)
{
    return span_of(val.mv_data, val.mv_size);
}

/* A cursor on the table's tree; of an overlaid store the one that was kept, which stands where it was left: what is
 * near it is found without going down the tree. */
static bool take_cursor(struct store_txn *txn, unsigned table, MDB_cursor **cursor)
{
    MDB_dbi tree = txn->store->trees.tables[table];
    if (txn->store->overlaid == NULL)
        return store_keep(txn, mdb_cursor_open(txn->txn, tree, cursor));
    struct kept_cursor *kept = &txn->store->overlaid->cursors[table];
    int code = 0;
    if (kept->cursor == NULL)
        code = mdb_cursor_open(txn->txn, tree, &kept->cursor);
    else if (kept->looks != txn->store->overlaid->looks)
        code = mdb_cursor_renew(txn->txn, kept->cursor);
    if (!store_keep(txn, code))
        return false;
    *cursor = kept->cursor;
    *kept = (struct kept_cursor){NULL, 0};
    return true;
}

/* Where two were used at once, one is kept. */
static void give_cursor(struct store_txn *txn, unsigned table, MDB_cursor *cursor)
{
    struct overlaid *overlaid = txn->store->overlaid;
    if (overlaid == NULL || overlaid->cursors[table].cursor != NULL)
        mdb_cursor_close(cursor);
    else
        overlaid->cursors[table] = (struct kept_cursor){cursor, overlaid->looks};
}

static bool get_from_tree(struct store_txn *txn, unsigned table, MDB_val *key, MDB_val *found)
{
    MDB_cursor *cursor;
    if (txn->store->overlaid == NULL)
        return store_keep(txn, mdb_get(txn->txn, txn->store->trees.tables[table], key, found));
    if (!take_cursor(txn, table, &cursor))
        return false;
    bool got = store_keep(txn, mdb_cursor_get(cursor, key, found, MDB_SET));
    give_cursor(txn, table, cursor);
    return got;
}

bool store_get(struct store_txn *txn, unsigned table, struct span key, struct span *value)
{
    if (txn->status != OK)
        return false;
    if (txn->store->overlaid != NULL) {
        const struct overlay_entry *entry = overlaid_find(txn->store->overlaid, table, key);
        if (entry != NULL && entry->value_size != OVERLAY_DELETED)
            *value = overlay_value(entry);
        if (entry != NULL)
            return entry->value_size != OVERLAY_DELETED;
    }
    MDB_val wanted = val_of(key), found;
    if (!get_from_tree(txn, table, &wanted, &found))
        return false;
    *value = span_of_val(found);
    return true;
}

static void put(struct store_txn *txn, unsigned table, struct span key, struct span value, unsigned flags)
{
    if (txn->cursors[table] == NULL &&
        !store_keep(txn, mdb_cursor_open(txn->txn, txn->store->trees.tables[table], &txn->cursors[table])))
        return;
    MDB_val at = val_of(key), what = val_of(value);
    (void)store_keep(txn, mdb_cursor_put(txn->cursors[table], &at, &what, flags));
}

void store_put(struct store_txn *txn, unsigned table, struct span key, struct span value)
{
    PRE(txn->write && key.size > 0 && key.size <= STORE_KEY_SIZE_MAX);
    if (txn->status != OK)
        return;
    if (txn->store->overlaid != NULL)
        overlaid_put(txn, table, key, value);
    else
        put(txn, table, key, value, 0);
}

/* Where deletions stand at the table's end, the key may be above every other and below them. */
static void append_overlaid(struct store_txn *txn, unsigned table, struct span key, struct span value)
{
    struct store_walk walk;
    bool above = overlaid_is_above(txn, table, key);
    if (!above) {
        above = !store_walk_start(&walk, txn, table, key);
        store_walk_end(&walk);
    }
    if (!above && txn->status == OK)
        txn->status = REJECT_CONFLICT;
    if (txn->status == OK)
        overlaid_put(txn, table, key, value);
}

void store_append(struct store_txn *txn, unsigned table, struct span key, struct span value)
{
    PRE(txn->write && key.size > 0 && key.size <= STORE_KEY_SIZE_MAX);
    if (txn->status != OK)
        return;
    if (txn->store->overlaid != NULL)
        append_overlaid(txn, table, key, value);
    else
        put(txn, table, key, value, MDB_APPEND);
}

void store_delete(struct store_txn *txn, unsigned table, struct span key)
{
    PRE(txn->write);
    if (txn->status != OK)
        return;
    MDB_val at = val_of(key);
    if (txn->store->overlaid != NULL)
        overlaid_delete(txn, table, key);
    else
        (void)store_keep(txn, mdb_del(txn->txn, txn->store->trees.tables[table], &at, NULL));
}

/* A walk goes along the table's tree and along each overlay, side by side. */
struct course {
    MDB_cursor *cursor;
    MDB_val key, value;
    bool more; /* in the tree */
    unsigned layer_count;
    struct overlay_walk layers[LAYERS_MAX]; /* the upper one first */
};

static void step_tree(struct store_walk *walk, MDB_cursor_op operation)
{
    struct course *course = walk->cursor;
    course->more = store_keep(walk->txn, mdb_cursor_get(course->cursor, &course->key, &course->value, operation));
}

/* The layer whose key comes first, of equal ones the uppermost; NULL: none does before the tree's. */
static struct overlay_entry *first_entry(const struct course *course)
{
    struct overlay_entry *first = NULL;
    for (unsigned i = 0; i < course->layer_count; i++) {
        struct overlay_entry *entry = course->layers[i].entry;
        if (entry != NULL && (first == NULL || overlay_order(overlay_key(entry), overlay_key(first)) < 0))
            first = entry;
    }
    if (first != NULL && course->more && overlay_order(span_of_val(course->key), overlay_key(first)) < 0)
        first = NULL;
    return first;
}

/* All that stand at this entry's key move on. */
static void pass(struct store_walk *walk, struct span key)
{
    struct course *course = walk->cursor;
    for (unsigned i = 0; i < course->layer_count; i++) {
        struct overlay_walk *layer = &course->layers[i];
        if (layer->entry != NULL && overlay_order(overlay_key(layer->entry), key) == 0)
            (void)overlay_next(layer);
    }
    if (course->more && overlay_order(span_of_val(course->key), key) == 0)
        step_tree(walk, MDB_NEXT);
}

static bool settle(struct store_walk *walk)
{
    struct course *course = walk->cursor;
    struct overlay_entry *entry = first_entry(course);
    while (entry != NULL && entry->value_size == OVERLAY_DELETED) {
        pass(walk, overlay_key(entry));
        entry = first_entry(course);
    }
    if (walk->txn->status != OK || (entry == NULL && !course->more))
        return false;
    walk->key = entry != NULL ? overlay_key(entry) : span_of_val(course->key);
    walk->value = entry != NULL ? overlay_value(entry) : span_of_val(course->value);
    return true;
}

bool store_walk_start(struct store_walk *walk, struct store_txn *txn, unsigned table, struct span from)
{
    *walk = (struct store_walk){.txn = txn, .table = table, .key = from};
    if (txn->status != OK)
        return false;
    struct course *course = malloc(sizeof *course);
    const struct overlay *layers[LAYERS_MAX];
    INVARIANT(course != NULL);
    if (!take_cursor(txn, table, &course->cursor)) {
        free(course);
        return false;
    }
    walk->cursor = course;
    course->key = val_of(from);
    course->layer_count = txn->store->overlaid == NULL ? 0 : overlaid_layers(txn->store->overlaid, table, layers);
    for (unsigned i = 0; i < course->layer_count; i++)
        (void)overlay_seek(&course->layers[i], layers[i], table, from);
    step_tree(walk, from.size > 0 ? MDB_SET_RANGE : MDB_FIRST);
    return settle(walk);
}

bool store_walk_next(struct store_walk *walk)
{
    struct course *course = walk->cursor;
    if (walk->txn->status != OK)
        return false;
    if (course->layer_count == 0)
        step_tree(walk, MDB_NEXT);
    else
        pass(walk, walk->key);
    return settle(walk);
}

void store_walk_end(struct store_walk *walk)
{
    struct course *course = walk->cursor;
    if (course == NULL)
        return;
    give_cursor(walk->txn, walk->table, course->cursor);
    free(course);
    walk->cursor = NULL;
}

uint64_t store_count(struct store_txn *txn, unsigned table)
{
    if (txn->status != OK)
        return 0;
    return txn->store->overlaid == NULL ? overlaid_rows(txn, table) : overlaid_count(txn, table);
}
