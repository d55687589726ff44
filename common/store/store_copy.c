/* SPDX-License-Identifier: Apache-2.0
 * A whole store: its digest, and a copy of it. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/store/overlaid.h"
#include "common/store/store_check.h"

enum { PATH_SIZE = 4096 + 64 };

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
        if (table->kind == OBSERVED || table->kind == COUNTED)
            continue;
        uint64_t rows = overlaid_rows(txn, i);
        if (table->kind == LATE && rows == 0)
            continue;
        digest_add(digest, span_text(table->name));
        digest_number(digest, rows);
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
    TRY(trees_status(mdb_reader_check(store->trees.env, &dead))); /* the copy is a reader (L10) */
    TRY(trees_status(mdb_env_copy2(store->trees.env, to_directory, MDB_CP_COMPACT)));
    if (store->overlaid != NULL)
        TRY(overlaid_complete(store, to_directory));
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
