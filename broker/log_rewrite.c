/* SPDX-License-Identifier: Apache-2.0
 * Segments written anew. */
#include "broker/log_rewrite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/log_internal.h"
#include "broker/log_row.h"
#include "broker/log_words.h"
#include "common/base/bytes.h"
#include "common/pb/batch.h"
#include "common/store/store.h"
#include "common/store/store_check.h"

enum { COMMIT_BYTES = 64 << 20, MARKER_PATH_SIZE = LOG_PATH_SIZE + 64 };

/* ---- every record ---- */

static enum status visit_batch(const char *stream, const struct log_batch *batch, log_visit_fn *visit, void *self)
{
    struct batch_reader reader = batch_read(batch->bytes);
    struct span record;
    for (uint32_t i = 0; i < batch->count; i++) {
        if (batch_next(&reader, &record) != OK)
            return FATAL_CORRUPT;
        TRY(visit(self, stream, batch->position + i, record));
    }
    return OK;
}

static enum status visit_stream(struct log *log, int stream, log_visit_fn *visit, void *self, struct buffer *why)
{
    struct log_batch batch;
    for (uint64_t position = log_first(log, stream); position < log_state(log, stream)->end;
         position = batch.position + batch.count) {
        TRY(log_read(log, stream, position, &batch, why));
        TRY(visit_batch(log_name(log, stream), &batch, visit, self));
    }
    return OK;
}

enum status log_visit(const char *directory, log_visit_fn *visit, void *self, struct buffer *why)
{
    struct log_options options = {.directory = directory, .segment_size = UINT64_C(1) << 30, .read_only = true};
    struct log *log;
    TRY(log_open(&options, &log, why));
    enum status status = OK;
    for (unsigned i = 0; status == OK && i < log_stream_count(log); i++)
        status = visit_stream(log, (int)i, visit, self, why);
    log_close(&log);
    return status;
}

/* ---- one segment ---- */

struct copying {
    const struct log *log;
    const struct segment *from;
    struct segment to;
    log_reword_fn *reword;
    void *self;
    MDB_txn *txn; /* of `to` */
    size_t written;
    bool changed;
    struct buffer record, batch;
};

/* The batch in other words; false: it stays. */
static bool reword_batch(struct copying *copying, const struct batches_key *at, const struct batches_value *kept)
{
    struct batch_reader reader = batch_read(kept->batch);
    struct span record;
    bool changed = false;
    buffer_reset(&copying->batch);
    for (uint32_t i = 0; i < kept->count && batch_next(&reader, &record) == OK; i++) {
        buffer_reset(&copying->record);
        bool other = record.size > 0 && copying->reword(copying->self, copying->log->streams[at->stream].name,
                                                        at->first_position + i, record, &copying->record);
        batch_put_records(&copying->batch, other ? buffer_span(&copying->record) : record);
        changed = changed || other;
    }
    return changed;
}

static int put_batch(struct copying *copying, MDB_val *key, MDB_val *value)
{
    struct batches_key at;
    struct batches_value kept;
    if (!batches_key_read(log_row_span(*key), &at) || at.stream >= copying->log->stream_count ||
        !batches_value_read(log_row_span(*value), &kept) ||
        kept.xxh3_64 != log_batch_checksum(value->mv_data, kept.batch))
        return MDB_CORRUPTED;
    if (!reword_batch(copying, &at, &kept))
        return mdb_put(copying->txn, copying->to.batches, key, value, MDB_APPEND);
    copying->changed = true;
    struct row_bytes header = batches_value(kept.count, kept.stored_at_ms, copying->batch.size, 0, span_of(NULL, 0));
    MDB_val place = {header.size + copying->batch.size, NULL};
    int code = mdb_put(copying->txn, copying->to.batches, key, &place, MDB_APPEND | MDB_RESERVE);
    if (code != 0)
        return code;
    bytes_put_le(header.bytes + BATCHES_VALUE_XXH3_64_AT,
                 log_batch_checksum(header.bytes, buffer_span(&copying->batch)), 8);
    memcpy(place.mv_data, header.bytes, header.size);
    memcpy((uint8_t *)place.mv_data + header.size, copying->batch.data, copying->batch.size);
    return 0;
}

static int put_meta(struct copying *copying, MDB_val *key, MDB_val *value)
{
    return mdb_put(copying->txn, copying->to.meta, key, value, MDB_APPEND);
}

/* A transaction keeps what it writes in memory, so it is ended now and then. */
static int commit_now_and_then(struct copying *copying, size_t size)
{
    copying->written += size;
    if (copying->written < COMMIT_BYTES)
        return 0;
    copying->written = 0;
    int code = mdb_txn_commit(copying->txn);
    copying->txn = NULL;
    return code != 0 ? code : mdb_txn_begin(copying->to.env, NULL, 0, &copying->txn);
}

static int copy_table(struct copying *copying, MDB_txn *from, MDB_dbi table,
                      int (*put)(struct copying *copying, MDB_val *key, MDB_val *value))
{
    MDB_cursor *cursor;
    MDB_val key, value;
    int code = mdb_cursor_open(from, table, &cursor);
    if (code != 0)
        return code;
    for (code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST); code == 0;
         code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        size_t size = value.mv_size;
        code = put(copying, &key, &value);
        code = code != 0 ? code : commit_now_and_then(copying, size);
        if (code != 0)
            break;
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
}

static int open_target(struct copying *copying, const char *path, size_t map_size)
{
    int code = mdb_env_create(&copying->to.env);
    code = code != 0 ? code : mdb_env_set_mapsize(copying->to.env, map_size);
    code = code != 0 ? code : mdb_env_set_maxdbs(copying->to.env, 2);
    code = code != 0 ? code : mdb_env_open(copying->to.env, path, MDB_NOTLS | MDB_NOSYNC, 0600);
    code = code != 0 ? code : mdb_txn_begin(copying->to.env, NULL, 0, &copying->txn);
    code = code != 0 ? code : mdb_dbi_open(copying->txn, "batches", MDB_CREATE, &copying->to.batches);
    return code != 0 ? code : mdb_dbi_open(copying->txn, "meta", MDB_CREATE, &copying->to.meta);
}

/* `meta` last, and its sum in the last transaction of all (log_words.h). */
static int copy_rows(struct copying *copying)
{
    MDB_txn *from;
    int code = mdb_txn_begin(copying->from->env, NULL, MDB_RDONLY, &from);
    if (code != 0)
        return code;
    code = copy_table(copying, from, copying->from->batches, put_batch);
    code = code != 0 ? code : copy_table(copying, from, copying->from->meta, put_meta);
    mdb_txn_abort(from);
    code = code != 0 ? code : log_sum_put(copying->txn, copying->to.meta);
    if (code == 0) {
        code = mdb_txn_commit(copying->txn);
        copying->txn = NULL;
    }
    return code != 0 ? code : mdb_env_sync(copying->to.env, 1);
}

static int copy_segment(struct copying *copying, const char *path)
{
    MDB_envinfo info;
    copying->changed = false;
    copying->written = 0;
    int code = mdb_env_info(copying->from->env, &info);
    code = code != 0 ? code : open_target(copying, path, info.me_mapsize);
    code = code != 0 ? code : copy_rows(copying);
    if (copying->txn != NULL)
        mdb_txn_abort(copying->txn);
    if (copying->to.env != NULL)
        mdb_env_close(copying->to.env);
    copying->txn = NULL;
    copying->to = (struct segment){0};
    return code;
}

/* ---- directories ---- */

static bool remove_segment(const char *path)
{
    char file[MARKER_PATH_SIZE];
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(file, sizeof file, "%s/%s", path, files[i]);
        (void)unlink(file);
    }
    return rmdir(path) == 0 || errno == ENOENT;
}

/* The numbers of the segments in a directory whose names begin so, in no order; how many. */
static unsigned numbers_of(const char *directory, const char *prefix, uint32_t numbers[LOG_SEGMENTS_COUNT_MAX])
{
    unsigned count = 0;
    size_t size = strlen(prefix);
    DIR *open = opendir(directory);
    if (open == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(open)) != NULL && count < LOG_SEGMENTS_COUNT_MAX;)
        if (strncmp(entry->d_name, prefix, size) == 0 && sscanf(entry->d_name + size, "%8u", &numbers[count]) == 1)
            count++;
    (void)closedir(open);
    return count;
}

static void path_of(char path[MARKER_PATH_SIZE], const char *directory, const char *prefix, uint32_t number)
{
    (void)snprintf(path, MARKER_PATH_SIZE, "%s/%s%08u", directory, prefix, number);
}

static void marker_of(char path[MARKER_PATH_SIZE], const char *directory)
{
    (void)snprintf(path, MARKER_PATH_SIZE, "%s/%s", directory, LOG_REWRITING);
}

static enum status set_marker(const char *directory)
{
    char marker[MARKER_PATH_SIZE];
    marker_of(marker, directory);
    int fd = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return FATAL_IO;
    (void)close(fd);
    return store_sync_directory(directory);
}

static enum status clear_marker(const char *directory)
{
    char marker[MARKER_PATH_SIZE];
    marker_of(marker, directory);
    return unlink(marker) == 0 || errno == ENOENT ? store_sync_directory(directory) : FATAL_IO;
}

/* seg-N of `from` takes the place of seg-N here, which goes to `to`. Each step is seen in what lies where. */
static enum status exchange(const char *directory, const char *from, const char *prefix, const char *to)
{
    uint32_t numbers[LOG_SEGMENTS_COUNT_MAX];
    unsigned count = numbers_of(from, prefix, numbers);
    for (unsigned i = 0; i < count; i++) {
        char old[MARKER_PATH_SIZE], new[MARKER_PATH_SIZE], kept[MARKER_PATH_SIZE];
        path_of(old, directory, "seg-", numbers[i]);
        path_of(new, from, prefix, numbers[i]);
        path_of(kept, to, "seg-", numbers[i]);
        if (rename(old, kept) != 0 && errno != ENOENT)
            return FATAL_IO;
        TRY(store_sync_directory(to));
        if (rename(new, old) != 0)
            return FATAL_IO;
        TRY(store_sync_directory(directory));
    }
    return OK;
}

/* The file beside the log says how far its newest segment had come; that one is another now. */
static enum status tell_checkpoint(const char *directory, struct buffer *why)
{
    struct log_options options = {.directory = directory, .segment_size = UINT64_C(1) << 30, .read_only = true};
    struct log *log;
    struct checkpoint seen;
    MDB_envinfo info;
    int fd = -1;
    TRY(log_open(&options, &log, why));
    enum status status = log_status_of(mdb_env_info(log_newest(log)->env, &info));
    if (status == OK)
        status = store_checkpoint_open(directory, &fd, &seen, why);
    if (status == OK)
        status = store_checkpoint_write(fd, &(struct checkpoint){info.me_last_txnid, log_newest(log)->number});
    if (fd >= 0)
        (void)close(fd);
    log_close(&log);
    return status;
}

static enum status write_anew(struct log *log, log_reword_fn *reword, void *self, struct buffer *why)
{
    struct copying copying = {.log = log, .reword = reword, .self = self};
    int code = 0;
    for (unsigned i = 0; code == 0 && i < log->segment_count; i++) {
        char path[MARKER_PATH_SIZE];
        path_of(path, log->options.directory, "new-seg-", log->segments[i].number);
        copying.from = &log->segments[i];
        code = !remove_segment(path) || mkdir(path, 0700) != 0 ? errno : copy_segment(&copying, path);
        if (code != 0)
            buffer_printf(why, "cannot write %s: %s", path, mdb_strerror(code));
        else if (!copying.changed)
            (void)remove_segment(path);
        else
            code = store_sync_directory(path) == OK ? 0 : EIO;
    }
    buffer_fini(&copying.record);
    buffer_fini(&copying.batch);
    return log_status_of(code);
}

static enum status prepare(const char *directory, log_reword_fn *reword, void *self, struct buffer *why)
{
    struct log_options options = {.directory = directory, .segment_size = UINT64_C(1) << 30, .read_only = true};
    struct log *log;
    TRY(log_open(&options, &log, why));
    enum status status = write_anew(log, reword, self, why);
    log_close(&log);
    TRY(status);
    TRY(store_sync_directory(directory));
    return set_marker(directory);
}

/* With the log's lock, which a broker would hold. */
static enum status locked(const char *directory, const char *kept, int *lock, struct buffer *why)
{
    TRY(store_make_directory(kept, why));
    return store_lock_directory(directory, lock, why);
}

enum status log_rewrite(const char *directory, const char *kept, log_reword_fn *reword, void *self, unsigned *segments,
                        struct buffer *why)
{
    uint32_t numbers[LOG_SEGMENTS_COUNT_MAX];
    int lock = -1;
    TRY(locked(directory, kept, &lock, why));
    enum status status = log_is_half_rewritten(directory) ? OK : prepare(directory, reword, self, why);
    if (status == OK)
        status = exchange(directory, directory, "new-seg-", kept);
    if (status == OK)
        status = clear_marker(directory);
    if (status == OK)
        status = tell_checkpoint(directory, why);
    *segments = numbers_of(kept, "seg-", numbers);
    (void)close(lock);
    return status;
}

enum status log_unwrite(const char *directory, const char *kept, struct buffer *why)
{
    int lock = -1;
    char aside[MARKER_PATH_SIZE];
    (void)snprintf(aside, sizeof aside, "%s/rewritten", kept);
    TRY(locked(directory, kept, &lock, why));
    enum status status = store_make_directory(aside, why);
    if (status == OK)
        status = set_marker(directory);
    if (status == OK)
        status = exchange(directory, kept, "seg-", aside);
    if (status == OK)
        status = clear_marker(directory);
    if (status == OK)
        status = tell_checkpoint(directory, why);
    if (status == OK)
        status = log_forget(kept, why);
    (void)close(lock);
    return status;
}

static bool remove_all(const char *directory, const char *prefix)
{
    uint32_t numbers[LOG_SEGMENTS_COUNT_MAX];
    unsigned count = numbers_of(directory, prefix, numbers);
    bool gone = true;
    for (unsigned i = 0; i < count; i++) {
        char path[MARKER_PATH_SIZE];
        path_of(path, directory, prefix, numbers[i]);
        gone = remove_segment(path) && gone;
    }
    return gone;
}

enum status log_forget(const char *kept, struct buffer *why)
{
    char aside[MARKER_PATH_SIZE];
    (void)snprintf(aside, sizeof aside, "%s/rewritten", kept);
    bool gone = remove_all(aside, "seg-") && (rmdir(aside) == 0 || errno == ENOENT) && remove_all(kept, "seg-") &&
                (rmdir(kept) == 0 || errno == ENOENT);
    if (!gone)
        buffer_printf(why, "cannot remove %s: %s", kept, strerror(errno));
    return gone ? OK : FATAL_IO;
}
