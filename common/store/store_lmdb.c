/* SPDX-License-Identifier: Apache-2.0
 * The store over LMDB 0.9.24. The only file of the state's side that sees lmdb.h. */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/store/store.h"
#include "common/store/store_check.h"

enum { READERS_COUNT_MAX = 64, PATH_SIZE = 4096 + 64 };

struct store {
    MDB_env *env;
    MDB_dbi tables[STORE_TABLES_COUNT_MAX];
    MDB_dbi system; /* "store.system": "cursor", "format" -> 8 bytes, little-endian */
    struct store_table described[STORE_TABLES_COUNT_MAX];
    unsigned table_count;
    unsigned soft_limit_bp;
    uint32_t format;
    bool read_only;
    int lock_fd;
    int checkpoint_fd;
    bool failed; /* an I/O error is final (L1, L2): LMDB itself would let the next commit through */
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;
    MDB_cursor *cursors[STORE_TABLES_COUNT_MAX]; /* of a write transaction, made when first used */
    enum status status;
    bool write;
};

static enum status status_of(int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return OK;
    case MDB_NOTFOUND:
        return REJECT_NOT_FOUND;
    case MDB_KEYEXIST:
        return REJECT_CONFLICT;
    case MDB_MAP_FULL:
        return RETRY_FULL;
    case MDB_READERS_FULL:
        return RETRY_BUSY;
    case ENOMEM:
        return FATAL_MEMORY;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        return FATAL_CORRUPT;
    default:
        return FATAL_IO;
    }
}

static uint64_t system_get(struct store *store, MDB_txn *txn, const char *name, uint64_t absent)
{
    MDB_val key = {strlen(name), (void *)(uintptr_t)name}, value;
    if (mdb_get(txn, store->system, &key, &value) != 0 || value.mv_size != 8)
        return absent;
    return bytes_get_le(value.mv_data, 8);
}

static int system_put(struct store *store, MDB_txn *txn, const char *name, uint64_t number)
{
    uint8_t bytes[8];
    bytes_put_le(bytes, number, 8);
    MDB_val key = {strlen(name), (void *)(uintptr_t)name}, value = {sizeof bytes, bytes};
    return mdb_put(txn, store->system, &key, &value, 0);
}

static int open_system(struct store *store, MDB_txn *txn)
{
    int code = mdb_dbi_open(txn, "store.system", 0, &store->system);
    if (code != MDB_NOTFOUND || store->read_only)
        return code;
    code = mdb_dbi_open(txn, "store.system", MDB_CREATE, &store->system);
    return code == 0 ? system_put(store, txn, "format", store->format) : code;
}

static enum status open_tables(struct store *store, const char *directory, struct buffer *why)
{
    MDB_txn *txn;
    TRY(status_of(mdb_txn_begin(store->env, NULL, store->read_only ? MDB_RDONLY : 0, &txn)));
    int code = open_system(store, txn);
    uint64_t format = code == 0 ? system_get(store, txn, "format", FORMAT_UNNUMBERED) : store->format;
    if (format != store->format) {
        mdb_txn_abort(txn);
        buffer_printf(why, "%s is of format %llu, this build reads format %u", directory, (unsigned long long)format,
                      store->format);
        return FATAL_FORMAT;
    }
    for (unsigned i = 0; i < store->table_count && code == 0; i++)
        code = mdb_dbi_open(txn, store->described[i].name, store->read_only ? 0 : MDB_CREATE, &store->tables[i]);
    if (code == 0)
        return status_of(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    buffer_printf(why, "cannot open the tables of %s: %s", directory, mdb_strerror(code));
    return status_of(code);
}

/* L4: a torn meta page makes LMDB serve an older tree without a word. The checkpoint outside says how far it had come.
 */
static enum status cross_check(struct store *store, const struct checkpoint *seen, const char *directory,
                               struct buffer *why)
{
    MDB_envinfo info;
    TRY(status_of(mdb_env_info(store->env, &info)));
    MDB_txn *txn;
    TRY(status_of(mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn)));
    uint64_t cursor = system_get(store, txn, "cursor", 0);
    mdb_txn_abort(txn);
    if (info.me_last_txnid >= seen->transaction && cursor >= seen->cursor)
        return OK;
    buffer_printf(why, "%s is at transaction %llu, cursor %llu, but has been at %llu, %llu: older than it was",
                  directory, (unsigned long long)info.me_last_txnid, (unsigned long long)cursor,
                  (unsigned long long)seen->transaction, (unsigned long long)seen->cursor);
    return FATAL_CORRUPT;
}

static enum status open_environment(struct store *store, const struct store_options *options, struct buffer *why)
{
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | (options->read_only ? MDB_RDONLY : 0);
    int code = mdb_env_create(&store->env);
    if (code == 0 && !options->read_only) /* else as large as it was made */
        code = mdb_env_set_mapsize(store->env, options->map_size);
    if (code == 0)
        code = mdb_env_set_maxdbs(store->env, STORE_TABLES_COUNT_MAX + 1);
    if (code == 0)
        code = mdb_env_set_maxreaders(store->env, READERS_COUNT_MAX);
    if (code == 0)
        code = mdb_env_open(store->env, options->directory, flags, 0600);
    if (code != 0)
        buffer_printf(why, "cannot open %s: %s", options->directory, mdb_strerror(code));
    return status_of(code);
}

static enum status open_all(struct store *store, const struct store_options *options, struct buffer *why)
{
    struct checkpoint seen;
    if (options->read_only) {
        TRY(store_check_file(options->directory, why));
        TRY(open_environment(store, options, why));
        return open_tables(store, options->directory, why);
    }
    TRY(store_make_directory(options->directory, why));
    TRY(store_lock_directory(options->directory, &store->lock_fd, why));
    TRY(store_check_file(options->directory, why));
    TRY(store_checkpoint_open(options->directory, &store->checkpoint_fd, &seen, why));
    TRY(open_environment(store, options, why));
    int dead = 0;
    (void)mdb_reader_check(store->env, &dead);
    TRY(open_tables(store, options->directory, why));
    TRY(store_sync_directory(options->directory));
    return cross_check(store, &seen, options->directory, why);
}

enum status store_open(const struct store_options *options, struct store **out, struct buffer *why)
{
    PRE(options->table_count <= STORE_TABLES_COUNT_MAX);
    struct store *store = calloc(1, sizeof *store);
    INVARIANT(store != NULL);
    store->lock_fd = store->checkpoint_fd = -1;
    store->soft_limit_bp = options->soft_limit_bp;
    store->format = options->format;
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
    if ((*store)->env != NULL)
        mdb_env_close((*store)->env);
    if ((*store)->checkpoint_fd >= 0)
        (void)close((*store)->checkpoint_fd);
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
    if (mdb_env_info(store->env, &info) == 0 && mdb_env_stat(store->env, &stat) == 0) {
        *used = (info.me_last_pgno + 1) * stat.ms_psize;
        *limit = info.me_mapsize;
    }
}

bool store_is_full(const struct store *store)
{
    uint64_t used, limit;
    store_usage(store, &used, &limit);
    return used > limit / 10000 * store->soft_limit_bp;
}

/* One line of mdb_reader_list: process, thread, transaction; "-" for a place that is kept and not in use. */
static int oldest_reader(const char *line, void *self)
{
    size_t *oldest = self;
    char thread[32];
    int pid;
    size_t number;
    if (sscanf(line, "%d %31s %zu", &pid, thread, &number) == 3 && number < *oldest)
        *oldest = number;
    return 0;
}

void store_check_readers(struct store *store, uint64_t *lag)
{
    int dead = 0;
    size_t oldest = SIZE_MAX;
    MDB_envinfo info;
    (void)mdb_reader_check(store->env, &dead);
    (void)mdb_reader_list(store->env, oldest_reader, &oldest);
    *lag = mdb_env_info(store->env, &info) == 0 && info.me_last_txnid > oldest ? info.me_last_txnid - oldest : 0;
}

enum status store_begin(struct store *store, bool write, struct store_txn **out)
{
    if (store->failed)
        return FATAL_IO;
    struct store_txn *txn = calloc(1, sizeof *txn);
    INVARIANT(txn != NULL);
    txn->store = store;
    txn->write = write;
    int dead = 0, code = mdb_txn_begin(store->env, NULL, write ? 0 : MDB_RDONLY, &txn->txn);
    if (code == MDB_READERS_FULL && mdb_reader_check(store->env, &dead) == 0) /* of processes that died (L10) */
        code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn->txn);
    if (code != 0) {
        free(txn);
        return status_of(code);
    }
    *out = txn;
    return OK;
}

static void end(struct store_txn **txn)
{
    free(*txn);
    *txn = NULL;
}

void store_abort(struct store_txn **txn)
{
    if (*txn == NULL)
        return;
    for (unsigned i = 0; i < (*txn)->store->table_count; i++)
        if ((*txn)->cursors[i] != NULL)
            mdb_cursor_close((*txn)->cursors[i]);
    mdb_txn_abort((*txn)->txn);
    end(txn);
}

enum status store_commit(struct store_txn **txn, uint64_t cursor)
{
    struct store *store = (*txn)->store;
    if ((*txn)->status == OK)
        (*txn)->status = status_of(system_put(store, (*txn)->txn, "cursor", cursor));
    enum status status = (*txn)->status;
    if (status != OK) {
        store_abort(txn);
        return status;
    }
    size_t number = mdb_txn_id((*txn)->txn);
    for (unsigned i = 0; i < store->table_count; i++)
        if ((*txn)->cursors[i] != NULL)
            mdb_cursor_close((*txn)->cursors[i]);
    status = status_of(mdb_txn_commit((*txn)->txn));
    end(txn);
    if (status == OK)
        status = store_checkpoint_write(store->checkpoint_fd, &(struct checkpoint){number, cursor});
    if (status_is_fatal(status))
        store->failed = true;
    return status;
}

uint64_t store_cursor(struct store_txn *txn)
{
    return system_get(txn->store, txn->txn, "cursor", 0);
}

enum status store_status(const struct store_txn *txn)
{
    return txn->status;
}

static bool keep(struct store_txn *txn, int code)
{
    if (code == 0)
        return true;
    if (code != MDB_NOTFOUND && txn->status == OK)
        txn->status = status_of(code);
    return false;
}

bool store_get(struct store_txn *txn, unsigned table, struct span key, struct span *value)
{
    if (txn->status != OK)
        return false;
    MDB_val wanted = {key.size, (void *)(uintptr_t)key.data}, found;
    if (!keep(txn, mdb_get(txn->txn, txn->store->tables[table], &wanted, &found)))
        return false;
    *value = span_of(found.mv_data, found.mv_size);
    return true;
}

static void put(struct store_txn *txn, unsigned table, struct span key, struct span value, unsigned flags)
{
    PRE(txn->write && key.size > 0 && key.size <= STORE_KEY_SIZE_MAX);
    if (txn->status != OK)
        return;
    if (txn->cursors[table] == NULL &&
        !keep(txn, mdb_cursor_open(txn->txn, txn->store->tables[table], &txn->cursors[table])))
        return;
    MDB_val at = {key.size, (void *)(uintptr_t)key.data}, what = {value.size, (void *)(uintptr_t)value.data};
    (void)keep(txn, mdb_cursor_put(txn->cursors[table], &at, &what, flags));
}

void store_put(struct store_txn *txn, unsigned table, struct span key, struct span value)
{
    put(txn, table, key, value, 0);
}

void store_append(struct store_txn *txn, unsigned table, struct span key, struct span value)
{
    put(txn, table, key, value, MDB_APPEND);
}

void store_delete(struct store_txn *txn, unsigned table, struct span key)
{
    PRE(txn->write);
    if (txn->status != OK)
        return;
    MDB_val at = {key.size, (void *)(uintptr_t)key.data};
    (void)keep(txn, mdb_del(txn->txn, txn->store->tables[table], &at, NULL));
}

static bool move(struct store_walk *walk, MDB_cursor_op operation)
{
    MDB_val key = {walk->key.size, (void *)(uintptr_t)walk->key.data}, value;
    if (walk->txn->status != OK || !keep(walk->txn, mdb_cursor_get(walk->cursor, &key, &value, operation)))
        return false;
    walk->key = span_of(key.mv_data, key.mv_size);
    walk->value = span_of(value.mv_data, value.mv_size);
    return true;
}

bool store_walk_start(struct store_walk *walk, struct store_txn *txn, unsigned table, struct span from)
{
    *walk = (struct store_walk){.txn = txn, .table = table, .key = from};
    MDB_cursor *cursor;
    if (txn->status != OK || !keep(txn, mdb_cursor_open(txn->txn, txn->store->tables[table], &cursor)))
        return false;
    walk->cursor = cursor;
    return move(walk, from.size > 0 ? MDB_SET_RANGE : MDB_FIRST);
}

bool store_walk_next(struct store_walk *walk)
{
    return move(walk, MDB_NEXT);
}

void store_walk_end(struct store_walk *walk)
{
    if (walk->cursor != NULL)
        mdb_cursor_close(walk->cursor);
    walk->cursor = NULL;
}

uint64_t store_count(struct store_txn *txn, unsigned table)
{
    MDB_stat stat;
    return txn->status == OK && keep(txn, mdb_stat(txn->txn, txn->store->tables[table], &stat)) ? stat.ms_entries : 0;
}

static void digest_number(struct digest *digest, uint64_t number)
{
    uint8_t bytes[8];
    bytes_put_be(bytes, number, 8);
    digest_add(digest, span_of(bytes, sizeof bytes));
}

enum status store_digest(struct store_txn *txn, struct digest *digest, uint8_t out[DIGEST_SIZE])
{
    digest_start(digest);
    for (unsigned i = 0; i < txn->store->table_count; i++) {
        const struct store_table *table = &txn->store->described[i];
        if (table->kind == OBSERVED || table->kind == COUNTED || (table->kind == LATE && store_count(txn, i) == 0))
            continue;
        digest_add(digest, span_text(table->name));
        digest_number(digest, store_count(txn, i));
        struct store_walk walk;
        for (bool more = store_walk_start(&walk, txn, i, span_of(NULL, 0)); more; more = store_walk_next(&walk)) {
            digest_number(digest, walk.key.size);
            digest_add(digest, walk.key);
            digest_number(digest, walk.value.size);
            digest_add(digest, walk.value);
        }
        store_walk_end(&walk);
    }
    digest_finish(digest, out);
    return txn->status;
}

enum status store_copy(struct store *store, const char *to_directory)
{
    char path[PATH_SIZE];
    struct buffer why;
    buffer_init(&why);
    enum status status = store_make_directory(to_directory, &why);
    buffer_fini(&why);
    TRY(status);
    int dead = 0;
    TRY(status_of(mdb_reader_check(store->env, &dead))); /* the copy is a reader (L10) */
    TRY(status_of(mdb_env_copy2(store->env, to_directory, MDB_CP_COMPACT)));
    (void)snprintf(path, sizeof path, "%s/data.mdb", to_directory);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) {
        if (fd >= 0)
            (void)close(fd);
        return FATAL_IO;
    }
    (void)close(fd);
    return store_sync_directory(to_directory);
}
