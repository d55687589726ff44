/* SPDX-License-Identifier: Apache-2.0
 * Segments on LMDB. Format and rules: log.h. */
#include "broker/log.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "broker/log_format.h"
#include "broker/log_internal.h"
#include "broker/log_row.h"
#include "broker/log_words.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/store/store.h"
#include "common/store/store_check.h"

enum status log_status_of(int code)
{
    if (code == 0)
        return OK;
    if (code == MDB_NOTFOUND)
        return REJECT_NOT_FOUND;
    if (code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID)
        return FATAL_CORRUPT;
    return FATAL_IO; /* MDB_MAP_FULL too: the soft limit keeps it away, so it is a broken promise */
}

struct segment *log_newest(struct log *log)
{
    return &log->segments[log->segment_count - 1];
}

void log_segment_path(const struct log *log, uint32_t number, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/seg-%08u", log->options.directory, number);
}

static int segment_open_tables(struct log *log, struct segment *segment, uint64_t *format)
{
    MDB_txn *txn;
    unsigned create = log->options.read_only ? 0 : MDB_CREATE;
    int code = mdb_txn_begin(segment->env, NULL, log->options.read_only ? MDB_RDONLY : 0, &txn);
    if (code != 0)
        return code;
    code = mdb_dbi_open(txn, "batches", create, &segment->batches);
    if (code == 0)
        code = mdb_dbi_open(txn, "meta", create, &segment->meta);
    if (code == 0)
        code = log_format(txn, segment->meta, log->options.read_only, format);
    if (code == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}

static enum status segment_open_environment(struct log *log, struct segment *segment, struct buffer *why)
{
    char path[LOG_PATH_SIZE];
    log_segment_path(log, segment->number, path, sizeof path);
    TRY(store_check_file(path, why));
    uint64_t format;
    /* Twice the size at which a segment is closed: a group of batches may overrun it, the map may not. */
    size_t map_size = (size_t)(log->options.segment_size * 2 + (UINT64_C(256) << 20));
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | (log->options.read_only ? MDB_RDONLY : 0);
    int code = mdb_env_create(&segment->env);
    code = code != 0 ? code : mdb_env_set_mapsize(segment->env, map_size);
    code = code != 0 ? code : mdb_env_set_maxdbs(segment->env, 2);
    code = code != 0 ? code : mdb_env_open(segment->env, path, flags, 0600);
    code = code != 0 ? code : segment_open_tables(log, segment, &format);
    if (code == 0 && format == FORMAT_LOG)
        return OK;
    if (code != 0)
        buffer_printf(why, "cannot open segment %s: %s", path, mdb_strerror(code));
    else
        buffer_printf(why, "segment %s is of format %llu, this build reads format %u: it needs another build", path,
                      (unsigned long long)format, FORMAT_LOG);
    if (segment->env != NULL)
        mdb_env_close(segment->env);
    segment->env = NULL;
    return code != 0 ? log_status_of(code) : FATAL_FORMAT;
}

static void load_stream(struct log *log, struct segment *segment, struct span key, struct span value)
{
    struct meta_stream_key at;
    struct meta_stream_value kept;
    if (!meta_stream_key_read(key, &at) || !meta_stream_value_read(value, &kept) ||
        at.stream >= LOG_STREAMS_COUNT_MAX || kept.name.size > STREAM_NAME_SIZE_MAX)
        return;
    segment->start[at.stream] = kept.start_here;
    struct stream *loaded = &log->streams[at.stream];
    loaded->state.epoch = kept.epoch;
    loaded->state.end = kept.end;
    atomic_store(&loaded->durable, kept.end);
    memcpy(loaded->name, kept.name.data, kept.name.size);
    if (at.stream >= log->stream_count)
        log->stream_count = at.stream + 1u;
}

static void load_reader(struct log *log, struct span key, struct span value)
{
    struct meta_reader_key at;
    struct meta_reader_value kept;
    char name[STREAM_NAME_SIZE_MAX + 1] = "";
    if (!meta_reader_key_read(key, &at) || !meta_reader_value_read(value, &kept) ||
        at.stream >= LOG_STREAMS_COUNT_MAX || at.reader.size > STREAM_NAME_SIZE_MAX)
        return;
    memcpy(name, at.reader.data, at.reader.size);
    log_reader_set(log, at.stream, name, kept.cursor);
}

/* Segments are loaded oldest first; the newest word on a stream stands. A segment that was made but never committed to
 * (a crash in between) knows nothing: it begins where the streams end. */
enum status log_segment_load(struct log *log, struct segment *segment)
{
    for (unsigned i = 0; i < log->stream_count; i++)
        segment->start[i] = log->streams[i].state.end;
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, value;
    TRY(log_status_of(mdb_txn_begin(segment->env, NULL, MDB_RDONLY, &txn)));
    int code = mdb_cursor_open(txn, segment->meta, &cursor);
    for (int more = code == 0 ? mdb_cursor_get(cursor, &key, &value, MDB_FIRST) : code; more == 0;
         more = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        load_stream(log, segment, log_row_span(key), log_row_span(value));
        load_reader(log, log_row_span(key), log_row_span(value));
        (void)log_words_take(log_row_span(key), log_row_span(value), &log->words);
    }
    if (code == 0)
        mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return log_status_of(code);
}

enum status log_segment_add(struct log *log, uint32_t number, struct buffer *why)
{
    if (log->segment_count == LOG_SEGMENTS_COUNT_MAX) {
        buffer_append_text(why, "too many segments");
        return FATAL_CONFIG;
    }
    struct segment *segment = &log->segments[log->segment_count];
    memset(segment, 0, sizeof *segment);
    segment->number = number;
    segment->checked = log->options.read_only; /* whoever writes it looked, or made it */
    char path[LOG_PATH_SIZE];
    log_segment_path(log, number, path, sizeof path);
    if (!log->options.read_only)
        TRY(store_make_directory(path, why));
    TRY(segment_open_environment(log, segment, why));
    log->segment_count++;
    return log->options.read_only ? OK : store_sync_directory(path);
}

int log_find(const struct log *log, const char *name)
{
    for (unsigned i = 0; i < log->stream_count; i++)
        if (strcmp(log->streams[i].name, name) == 0)
            return (int)i;
    return -1;
}

int log_stream(struct log *log, const char *name)
{
    int found = log_find(log, name);
    size_t size = strlen(name);
    if (found >= 0)
        return found;
    if (log->stream_count == LOG_STREAMS_COUNT_MAX || size == 0 || size > STREAM_NAME_SIZE_MAX)
        return -1;
    found = (int)log->stream_count++;
    memcpy(log->streams[found].name, name, size + 1);
    log->streams[found].dirty = true;
    return found;
}

const char *log_name(const struct log *log, int stream)
{
    return log->streams[stream].name;
}

struct stream_state *log_state(struct log *log, int stream)
{
    return &log->streams[stream].state;
}

uint64_t log_first(const struct log *log, int stream)
{
    return log->segments[0].start[stream];
}

unsigned log_stream_count(const struct log *log)
{
    return log->stream_count;
}

void log_touch(struct log *log, int stream)
{
    log->streams[stream].dirty = true;
}

static uint64_t segment_used(const struct segment *segment)
{
    MDB_envinfo info;
    MDB_stat stat;
    if (mdb_env_info(segment->env, &info) != 0 || mdb_env_stat(segment->env, &stat) != 0)
        return 0;
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

void log_touch_all(struct log *log)
{
    log->words_dirty = true;
    for (unsigned i = 0; i < log->stream_count; i++) {
        log->streams[i].dirty = true;
        for (unsigned k = 0; k < log->streams[i].reader_count; k++)
            log->streams[i].readers[k].dirty = true;
    }
}

/* A new segment begins as a copy of the streams' state; its `start` is where each stream ends now. */
static enum status roll(struct log *log)
{
    struct buffer why;
    buffer_init(&why);
    (void)pthread_mutex_lock(&log->lock);
    enum status status = log_segment_add(log, log_newest(log)->number + 1, &why);
    if (status == OK)
        log_newest(log)->checked = true;
    for (unsigned i = 0; status == OK && i < log->stream_count; i++)
        log_newest(log)->start[i] = log->streams[i].state.end;
    (void)pthread_mutex_unlock(&log->lock);
    buffer_fini(&why);
    TRY(status);
    log_touch_all(log);
    return OK;
}

enum status log_begin(struct log *log)
{
    PRE(log->txn == NULL);
    if (segment_used(log_newest(log)) >= log->options.segment_size)
        TRY(roll(log));
    return log_status_of(mdb_txn_begin(log_newest(log)->env, NULL, 0, &log->txn));
}

enum status log_append(struct log *log, int stream, uint32_t count, instant_ms_t now, struct span batch)
{
    PRE(log->txn != NULL && count > 0);
    struct row_bytes place = batches_key((unsigned)stream, log->streams[stream].state.end),
                     header = batches_value(count, (uint64_t)now, batch.size, 0, span_of(NULL, 0));
    MDB_val key = log_row_val(&place), value = {header.size + batch.size, NULL};
    TRY(log_status_of(mdb_put(log->txn, log_newest(log)->batches, &key, &value, MDB_RESERVE | MDB_NOOVERWRITE)));
    bytes_put_le(header.bytes + BATCHES_VALUE_XXH3_64_AT, log_batch_checksum(header.bytes, batch), 8);
    memcpy(value.mv_data, header.bytes, header.size);
    memcpy((uint8_t *)value.mv_data + header.size, batch.data, batch.size);
    log->streams[stream].state.end += count;
    log->streams[stream].dirty = true;
    return OK;
}

static enum status put_meta(struct log *log, const struct row_bytes *name, const struct row_bytes *what)
{
    MDB_val key = log_row_val(name), value = log_row_val(what);
    log->meta_changed = true;
    return log_status_of(mdb_put(log->txn, log_newest(log)->meta, &key, &value, 0));
}

static enum status write_stream(struct log *log, unsigned index)
{
    struct stream *stream = &log->streams[index];
    struct row_bytes key = meta_stream_key(index), value;
    if (stream->dirty) {
        value = meta_stream_value(stream->state.epoch, stream->state.end, log_newest(log)->start[index],
                                  span_text(stream->name));
        TRY(put_meta(log, &key, &value));
        stream->dirty = false;
    }
    for (unsigned i = 0; i < stream->reader_count; i++) {
        struct log_reader *reader = &stream->readers[i];
        if (!reader->dirty)
            continue;
        key = meta_reader_key(index, span_text(reader->name));
        value = meta_reader_value(reader->cursor);
        TRY(put_meta(log, &key, &value));
        reader->dirty = false;
    }
    return OK;
}

enum status log_commit(struct log *log)
{
    PRE(log->txn != NULL);
    for (unsigned i = 0; i < log->stream_count; i++)
        TRY(write_stream(log, i));
    if (log->words_dirty)
        TRY(log_status_of(log_words_put(log->txn, log_newest(log)->meta, &log->words)));
    if (log->words_dirty || log->meta_changed)
        TRY(log_status_of(log_sum_put(log->txn, log_newest(log)->meta)));
    log->words_dirty = log->meta_changed = false;
    MDB_envinfo info;
    enum status status = log_status_of(mdb_txn_commit(log->txn));
    log->txn = NULL;
    TRY(status);
    /* Not the transaction's own number: one that changed nothing is none on disk. */
    TRY(log_status_of(mdb_env_info(log_newest(log)->env, &info)));
    TRY(store_checkpoint_write(log->checkpoint_fd, &(struct checkpoint){info.me_last_txnid, log_newest(log)->number}));
    for (unsigned i = 0; i < log->stream_count; i++)
        atomic_store(&log->streams[i].durable, log->streams[i].state.end);
    return OK;
}

void log_abort(struct log *log)
{
    if (log->txn != NULL)
        mdb_txn_abort(log->txn);
    log->txn = NULL;
}

static struct segment *segment_with(struct log *log, int stream, uint64_t position)
{
    struct segment *found = NULL;
    (void)pthread_mutex_lock(&log->lock);
    for (unsigned i = log->segment_count; found == NULL && i-- > 0;)
        if (log->segments[i].start[stream] <= position)
            found = &log->segments[i];
    (void)pthread_mutex_unlock(&log->lock);
    return found;
}

static enum status check_batch(struct log *log, const struct segment *segment, int stream, uint64_t position,
                               MDB_val value, struct log_batch *batch, struct buffer *why)
{
    struct batches_value kept;
    if (!batches_value_read(log_row_span(value), &kept) || kept.size != kept.batch.size ||
        kept.xxh3_64 != log_batch_checksum(value.mv_data, kept.batch)) {
        buffer_printf(why, "stream %s, batch at %llu in seg-%08u fails its checksum", log->streams[stream].name,
                      (unsigned long long)position, segment->number);
        return FATAL_CORRUPT;
    }
    *batch = (struct log_batch){position, kept.count, (instant_ms_t)kept.stored_at_ms, kept.batch};
    return OK;
}

/* LMDB follows the pages of a sealed segment only after they were found sound; a damaged one is looked at again. */
static enum status look_first(struct log *log, struct segment *segment, struct buffer *why)
{
    struct log_check check = {.directory = log->options.directory, .segment = segment->number, .look = LOOK_TREES};
    struct segment_seen seen;
    if (segment->checked)
        return OK;
    segment->checked = log_check_segment(&check, &seen, why) != FATAL_DAMAGED;
    return segment->checked ? OK : FATAL_CORRUPT;
}

/* A read transaction is kept for the turn and renewed when the segment changes. */
static enum status read_transaction(struct log *log, struct segment *segment)
{
    if (log->read_segment == segment)
        return OK;
    log_read_end(log);
    TRY(log_status_of(mdb_txn_begin(segment->env, NULL, MDB_RDONLY, &log->read_txn)));
    log->read_segment = segment;
    return log_status_of(mdb_cursor_open(log->read_txn, segment->batches, &log->read_cursor));
}

enum status log_read(struct log *log, int stream, uint64_t position, struct log_batch *batch, struct buffer *why)
{
    if (position >= atomic_load(&log->streams[stream].durable))
        return REJECT_NOT_FOUND;
    struct segment *segment = segment_with(log, stream, position);
    if (segment == NULL)
        return REJECT_RANGE;
    TRY(look_first(log, segment, why));
    TRY(read_transaction(log, segment));
    struct row_bytes wanted = batches_key((unsigned)stream, position);
    struct batches_key at;
    MDB_val key = log_row_val(&wanted), value;
    int code = mdb_cursor_get(log->read_cursor, &key, &value, MDB_SET_RANGE);
    if (code != 0 || !span_equal(log_row_span(key), row_span(&wanted)))
        code = code == MDB_NOTFOUND ? mdb_cursor_get(log->read_cursor, &key, &value, MDB_LAST)
                                    : mdb_cursor_get(log->read_cursor, &key, &value, MDB_PREV);
    if (code == 0 && batches_key_read(log_row_span(key), &at) && at.stream == stream) {
        TRY(check_batch(log, segment, stream, at.first_position, value, batch, why));
        if (position < at.first_position + batch->count)
            return OK;
    }
    buffer_printf(why, "stream %s has no batch that holds %llu", log->streams[stream].name,
                  (unsigned long long)position);
    return FATAL_CORRUPT;
}

void log_read_end(struct log *log)
{
    if (log->read_cursor != NULL)
        mdb_cursor_close(log->read_cursor);
    if (log->read_txn != NULL)
        mdb_txn_abort(log->read_txn);
    log->read_cursor = NULL;
    log->read_txn = NULL;
    log->read_segment = NULL;
}

static struct log_reader *reader_find(const struct log *log, int stream, const char *name)
{
    const struct stream *there = &log->streams[stream];
    for (unsigned i = 0; i < there->reader_count; i++)
        if (strcmp(there->readers[i].name, name) == 0)
            return &there->readers[i];
    return NULL;
}

void log_reader_set(struct log *log, int stream, const char *name, uint64_t cursor)
{
    struct stream *there = &log->streams[stream];
    struct log_reader *reader = reader_find(log, stream, name);
    if (reader == NULL) {
        there->readers = realloc(there->readers, (there->reader_count + 1) * sizeof *reader);
        INVARIANT(there->readers != NULL);
        reader = &there->readers[there->reader_count++];
        memset(reader, 0, sizeof *reader);
        (void)snprintf(reader->name, sizeof reader->name, "%s", name);
    }
    reader->dirty = reader->dirty || reader->cursor != cursor;
    reader->cursor = cursor;
}

void log_reader_forget(struct log *log, int stream, const char *name)
{
    struct log_reader *reader = reader_find(log, stream, name);
    if (reader == NULL)
        return;
    /* On disk it stays at the highest position: it holds nothing back. */
    reader->cursor = UINT64_MAX;
    reader->dirty = true;
}

bool log_reader_lowest(const struct log *log, int stream, uint64_t *cursor)
{
    const struct stream *there = &log->streams[stream];
    *cursor = UINT64_MAX;
    for (unsigned i = 0; i < there->reader_count; i++)
        if (there->readers[i].cursor < *cursor)
            *cursor = there->readers[i].cursor;
    return *cursor != UINT64_MAX;
}

bool log_cursor_at(const struct log *log, int stream, unsigned index, const char **reader, uint64_t *cursor)
{
    const struct stream *there = &log->streams[stream];
    if (index >= there->reader_count)
        return false;
    *reader = there->readers[index].name;
    *cursor = there->readers[index].cursor;
    return true;
}

void log_usage(struct log *log, struct log_usage *usage)
{
    struct statvfs disk;
    (void)pthread_mutex_lock(&log->lock);
    *usage = (struct log_usage){.segments = log->segment_count,
                                .damaged_segments = log->damaged_segments,
                                .limit = log->options.size_limit,
                                .disk_free = UINT64_MAX,
                                .disk_reserve = log->options.disk_reserve};
    for (unsigned i = 0; i < log->segment_count; i++)
        usage->used += segment_used(&log->segments[i]);
    (void)pthread_mutex_unlock(&log->lock);
    if (statvfs(log->options.directory, &disk) == 0)
        usage->disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
    usage->limit_reached = usage->used >= usage->limit;
    usage->disk_low = usage->disk_free < usage->disk_reserve;
}

void log_check_readers(struct log *log)
{
    int dead = 0;
    (void)pthread_mutex_lock(&log->lock);
    for (unsigned i = 0; i < log->segment_count; i++)
        (void)mdb_reader_check(log->segments[i].env, &dead);
    (void)pthread_mutex_unlock(&log->lock);
}
