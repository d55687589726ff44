/* SPDX-License-Identifier: Apache-2.0
 * LMDB's environment of a store. */
#include "common/store/trees.h"

#include <errno.h>

#include "common/base/bytes.h"

enum { READERS_COUNT_MAX = 64 };

enum status trees_status(int code)
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

uint64_t trees_number(const struct trees *trees, MDB_txn *txn, const char *name, uint64_t absent)
{
    MDB_val key = {strlen(name), (void *)(uintptr_t)name}, value;
    if (mdb_get(txn, trees->system, &key, &value) != 0 || value.mv_size != 8)
        return absent;
    return bytes_get_le(value.mv_data, 8);
}

int trees_set_number(const struct trees *trees, MDB_txn *txn, const char *name, uint64_t number)
{
    uint8_t bytes[8];
    bytes_put_le(bytes, number, 8);
    MDB_val key = {strlen(name), (void *)(uintptr_t)name}, value = {sizeof bytes, bytes};
    return mdb_put(txn, trees->system, &key, &value, 0);
}

enum status trees_belong(const struct trees *trees, MDB_txn *txn, const char *whose, bool write, struct buffer *why)
{
    MDB_val key = {7, (void *)(uintptr_t) "belongs"}, value, wanted = {strlen(whose), (void *)(uintptr_t)whose};
    int code = mdb_get(txn, trees->system, &key, &value);
    if (code == MDB_NOTFOUND && write)
        return trees_status(mdb_put(txn, trees->system, &key, &wanted, 0));
    if (code == MDB_NOTFOUND)
        return OK;
    TRY(trees_status(code));
    if (value.mv_size == wanted.mv_size && memcmp(value.mv_data, whose, value.mv_size) == 0)
        return OK;
    buffer_printf(why, "the state of %.*s stands where that of %s belongs",
                  (int)(value.mv_size < 48 ? value.mv_size : 48), (const char *)value.mv_data, whose);
    return FATAL_CORRUPT;
}

int trees_open_system(struct trees *trees, MDB_txn *txn, bool create, uint32_t format)
{
    int code = mdb_dbi_open(txn, "store.system", 0, &trees->system);
    if (code != MDB_NOTFOUND || !create)
        return code;
    code = mdb_dbi_open(txn, "store.system", MDB_CREATE, &trees->system);
    return code == 0 ? trees_set_number(trees, txn, "format", format) : code;
}

int trees_open_tables(struct trees *trees, MDB_txn *txn, const struct store_table *tables, unsigned count, bool create)
{
    int code = 0;
    for (unsigned i = 0; i < count && code == 0; i++)
        code = mdb_dbi_open(txn, tables[i].name, create ? MDB_CREATE : 0, &trees->tables[i]);
    return code;
}

enum status trees_open_environment(struct trees *trees, const char *directory, size_t map_size, unsigned flags,
                                   struct buffer *why)
{
    if ((flags & MDB_RDONLY) == 0)
        TRY(page_sums_look(directory, why));
    int code = mdb_env_create(&trees->env);
    if (code == 0 && (flags & MDB_RDONLY) == 0) /* else as large as it was made */
        code = mdb_env_set_mapsize(trees->env, map_size);
    if (code == 0)
        code = mdb_env_set_maxdbs(trees->env, STORE_TABLES_COUNT_MAX + 1);
    if (code == 0)
        code = mdb_env_set_maxreaders(trees->env, READERS_COUNT_MAX);
    if (code == 0)
        code = mdb_env_open(trees->env, directory, MDB_NOTLS | MDB_NORDAHEAD | flags, 0600);
    if (code != 0)
        buffer_printf(why, "cannot open %s: %s", directory, mdb_strerror(code));
    TRY(trees_status(code));
    return flags & MDB_RDONLY ? OK : page_sums_open(trees->env, directory, &trees->sums, why);
}

void trees_close(struct trees *trees)
{
    page_sums_close(&trees->sums);
    if (trees->env != NULL)
        mdb_env_close(trees->env);
    trees->env = NULL;
}

enum status trees_commit(const struct trees *trees, MDB_txn *txn)
{
    TRY(trees_status(mdb_txn_commit(txn)));
    return page_sums_committed(trees->sums);
}
