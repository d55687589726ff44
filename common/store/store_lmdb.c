/* SPDX-License-Identifier: Apache-2.0
 * The store over LMDB 0.9.24. Opening it, and its transactions. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/store/overlaid.h"
#include "common/store/store_check.h"

/* A store that becomes an overlaid one: its commits are numbered on from here, above those of the checkpoint. */
static int take_up(struct store *store, MDB_txn *txn, uint64_t format, bool overlaid)
{
    int code = 0;
    if (format != store->format)
        code = trees_set_number(&store->trees, txn, "format", store->format);
    if (code == 0 && overlaid && trees_number(&store->trees, txn, "number", 0) == 0)
        code = trees_set_number(&store->trees, txn, "number", mdb_txn_id(txn));
    return code;
}

/* `*overlaid`: whether it is to be; beside its owner, whether it is. */
static enum status open_tables(struct store *store, const char *directory, bool *overlaid, struct buffer *why)
{
    MDB_txn *txn;
    TRY(trees_status(mdb_txn_begin(store->trees.env, NULL, store->read_only ? MDB_RDONLY : 0, &txn)));
    int code = trees_open_system(&store->trees, txn, !store->read_only, store->format);
    uint64_t format = code == 0 ? trees_number(&store->trees, txn, "format", FORMAT_UNNUMBERED) : store->format;
    if (format != store->format && (store->older_format == 0 || format != store->older_format)) {
        mdb_txn_abort(txn);
        buffer_printf(why, "%s is of format %llu, this build reads format %u", directory, (unsigned long long)format,
                      store->format);
        return FATAL_FORMAT;
    }
    enum status belongs = code != 0 || store->belongs == NULL
                              ? OK
                              : trees_belong(&store->trees, txn, store->belongs, !store->read_only, why);
    if (belongs != OK) {
        mdb_txn_abort(txn);
        return belongs;
    }
    if (code == 0)
        code = trees_open_tables(&store->trees, txn, store->described, store->table_count, !store->read_only);
    if (code == 0 && !store->read_only)
        code = take_up(store, txn, format, *overlaid);
    if (code == 0 && store->read_only)
        *overlaid = trees_number(&store->trees, txn, "number", 0) != 0;
    if (code == 0)
        return trees_commit(&store->trees, txn);
    mdb_txn_abort(txn);
    buffer_printf(why, "cannot open the tables of %s: %s", directory, mdb_strerror(code));
    return trees_status(code);
}

static enum status how_far(struct store *store, struct checkpoint *now)
{
    if (store->overlaid != NULL) {
        *now = (struct checkpoint){store->overlaid->number, store->overlaid->cursor};
        return OK;
    }
    MDB_envinfo info;
    TRY(trees_status(mdb_env_info(store->trees.env, &info)));
    MDB_txn *txn;
    TRY(trees_status(mdb_txn_begin(store->trees.env, NULL, MDB_RDONLY, &txn)));
    *now = (struct checkpoint){info.me_last_txnid, trees_number(&store->trees, txn, "cursor", 0)};
    mdb_txn_abort(txn);
    return OK;
}

/* L4: a torn meta page makes LMDB serve an older tree without a word. The checkpoint outside says how far it had come.
 */
static enum status cross_check(struct store *store, const struct checkpoint *seen, const char *directory,
                               struct buffer *why)
{
    struct checkpoint now;
    TRY(how_far(store, &now));
    if (now.transaction >= seen->transaction && now.cursor >= seen->cursor)
        return OK;
    buffer_printf(why, "%s is at transaction %llu, cursor %llu, but has been at %llu, %llu: older than it was",
                  directory, (unsigned long long)now.transaction, (unsigned long long)now.cursor,
                  (unsigned long long)seen->transaction, (unsigned long long)seen->cursor);
    return FATAL_CORRUPT;
}

static enum status open_seen(struct store *store, const struct store_options *options, struct buffer *why)
{
    struct checkpoint seen;
    if (options->belongs == NULL)
        return OK;
    TRY(store_seen_open(options->directory, &store->seen_fd, &seen, why));
    store->seen = seen.cursor;
    return OK;
}

static enum status open_all(struct store *store, const struct store_options *options, struct buffer *why)
{
    struct checkpoint seen;
    bool overlaid = options->overlay_size > 0;
    if (!options->read_only) {
        TRY(store_make_directory(options->directory, why));
        TRY(store_lock_directory(options->directory, &store->lock_fd, why));
    }
    TRY(store_check_file(options->directory, why));
    if (!options->read_only)
        TRY(store_checkpoint_open(options->directory, &store->checkpoint_fd, &seen, why));
    TRY(trees_open_environment(&store->trees, options->directory, options->map_size,
                               options->read_only ? MDB_RDONLY : 0, why));
    int dead = 0;
    if (!options->read_only)
        (void)mdb_reader_check(store->trees.env, &dead);
    TRY(open_tables(store, options->directory, &overlaid, why));
    if (!options->read_only)
        TRY(store_sync_directory(options->directory));
    if (overlaid)
        TRY(overlaid_open(store, options->directory, options->overlay_size, why));
    if (options->read_only)
        return OK;
    TRY(cross_check(store, &seen, options->directory, why));
    TRY(open_seen(store, options, why));
    return overlaid ? overlaid_write_on(store, options->directory, why) : OK;
}

enum status store_open(const struct store_options *options, struct store **out, struct buffer *why)
{
    PRE(options->table_count <= STORE_TABLES_COUNT_MAX);
    struct store *store = calloc(1, sizeof *store);
    INVARIANT(store != NULL);
    store->lock_fd = store->checkpoint_fd = store->seen_fd = -1;
    store->belongs = options->belongs;
    store->soft_limit_bp = options->soft_limit_bp;
    store->format = options->format;
    store->older_format = options->older_format;
    store->read_only = options->read_only;
    store->table_count = (unsigned)options->table_count;
    memcpy(store->described, options->tables, options->table_count * sizeof *options->tables);
    enum status status = open_all(store, options, why);
    if (status != OK) {
        store_close(&store);
        return status;
    }
    *out = store;
    return OK;
}

void store_close(struct store **store)
{
    if (*store == NULL)
        return;
    overlaid_close(*store);
    trees_close(&(*store)->trees);
    if ((*store)->checkpoint_fd >= 0)
        (void)close((*store)->checkpoint_fd);
    if ((*store)->seen_fd >= 0)
        (void)close((*store)->seen_fd);
    if ((*store)->lock_fd >= 0)
        (void)close((*store)->lock_fd);
    free(*store);
    *store = NULL;
}

void store_usage(const struct store *store, uint64_t *used, uint64_t *limit)
{
    MDB_envinfo info;
    MDB_stat stat;
    *used = *limit = 0;
    if (mdb_env_info(store->trees.env, &info) == 0 && mdb_env_stat(store->trees.env, &stat) == 0) {
        *used = (info.me_last_pgno + 1) * stat.ms_psize;
        *limit = info.me_mapsize;
    }
}

enum status store_scrub(struct store *store, size_t bytes, struct store_scrub *scrub, struct buffer *why)
{
    PRE(!store->read_only);
    return page_sums_scrub(store->trees.sums, bytes, scrub, why);
}

bool store_is_full(const struct store *store)
{
    uint64_t used, limit;
    store_usage(store, &used, &limit);
    if (store->overlaid != NULL)
        used += overlaid_size(store->overlaid);
    return used > limit / 10000 * store->soft_limit_bp;
}

/* One line of mdb_reader_list: process, thread, transaction; "-" for a place that is kept and not in use. Our own
 * reader, of an overlaid store, is begun anew with each commit. */
static int oldest_reader(const char *line, void *self)
{
    size_t *oldest = self;
    char thread[32];
    int pid;
    size_t number;
    if (sscanf(line, "%d %31s %zu", &pid, thread, &number) == 3 && pid != getpid() && number < *oldest)
        *oldest = number;
    return 0;
}

void store_check_readers(struct store *store, uint64_t *lag)
{
    int dead = 0;
    size_t oldest = SIZE_MAX;
    MDB_envinfo info;
    (void)mdb_reader_check(store->trees.env, &dead);
    (void)mdb_reader_list(store->trees.env, oldest_reader, &oldest);
    *lag = mdb_env_info(store->trees.env, &info) == 0 && info.me_last_txnid > oldest ? info.me_last_txnid - oldest : 0;
}

static int begin(struct store *store, bool write, MDB_txn **txn)
{
    int dead = 0, code = mdb_txn_begin(store->trees.env, NULL, write ? 0 : MDB_RDONLY, txn);
    if (code == MDB_READERS_FULL && mdb_reader_check(store->trees.env, &dead) == 0) /* of processes that died (L10) */
        code = mdb_txn_begin(store->trees.env, NULL, MDB_RDONLY, txn);
    return code;
}

enum status store_begin(struct store *store, bool write, struct store_txn **out)
{
    if (store->failed)
        return FATAL_IO;
    struct store_txn *txn = calloc(1, sizeof *txn);
    INVARIANT(txn != NULL);
    txn->store = store;
    txn->write = write;
    enum status status =
        store->overlaid != NULL ? overlaid_begin(store, &txn->txn) : trees_status(begin(store, write, &txn->txn));
    if (status != OK)
        free(txn);
    else
        *out = txn;
    return status;
}

static void end(struct store_txn **txn)
{
    free(*txn);
    *txn = NULL;
}

static void close_cursors(struct store_txn *txn)
{
    for (unsigned i = 0; i < txn->store->table_count; i++)
        if (txn->cursors[i] != NULL)
            mdb_cursor_close(txn->cursors[i]);
}

void store_abort(struct store_txn **txn)
{
    if (*txn == NULL)
        return;
    close_cursors(*txn);
    if ((*txn)->store->overlaid == NULL)
        mdb_txn_abort((*txn)->txn);
    else if ((*txn)->write)
        overlaid_abort((*txn)->store);
    end(txn);
}

static enum status commit_trees(struct store_txn *txn, uint64_t cursor, uint64_t *number)
{
    int code = trees_set_number(&txn->store->trees, txn->txn, "cursor", cursor);
    *number = mdb_txn_id(txn->txn);
    close_cursors(txn);
    if (code == 0)
        return trees_commit(&txn->store->trees, txn->txn);
    mdb_txn_abort(txn->txn);
    return trees_status(code);
}

enum status store_commit(struct store_txn **txn, uint64_t cursor)
{
    struct store *store = (*txn)->store;
    enum status status = (*txn)->status;
    uint64_t number;
    if (status != OK) {
        store_abort(txn);
        return status;
    }
    status = store->overlaid != NULL ? overlaid_commit(store, cursor, &number) : commit_trees(*txn, cursor, &number);
    end(txn);
    if (status == OK)
        status = store_checkpoint_write(store->checkpoint_fd, &(struct checkpoint){number, cursor});
    if (status == OK && store->seen_fd >= 0)
        status = store_checkpoint_write(store->seen_fd, &(struct checkpoint){number, cursor});
    if (status_is_fatal(status))
        store->failed = true;
    return status;
}

uint64_t store_cursor(struct store_txn *txn)
{
    struct store *store = txn->store;
    return store->overlaid != NULL ? store->overlaid->cursor : trees_number(&store->trees, txn->txn, "cursor", 0);
}

uint64_t store_seen(const struct store *store)
{
    return store->seen;
}

/* An overlaid store has its transaction in memory; this row goes into the trees by one of its own, once. */
enum status store_of_log(struct store_txn *txn, uint64_t log)
{
    struct trees *trees = &txn->store->trees;
    uint64_t kept = trees_number(trees, txn->txn, "log", 0);
    MDB_txn *own = txn->txn;
    PRE(txn->write);
    if (kept != 0)
        return kept == log ? OK : FATAL_CORRUPT;
    bool overlaid = txn->store->overlaid != NULL;
    if (overlaid)
        TRY(trees_status(mdb_txn_begin(trees->env, NULL, 0, &own)));
    int code = trees_set_number(trees, own, "log", log);
    if (code == 0 && overlaid)
        return trees_commit(trees, own);
    if (overlaid)
        mdb_txn_abort(own);
    return trees_status(code);
}

enum status store_status(const struct store_txn *txn)
{
    return txn->status;
}
