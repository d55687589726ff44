/* SPDX-License-Identifier: Apache-2.0
 * Opening the log: its segments, and what they say of streams and readers. */
#include "broker/log.h"

#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "broker/log_internal.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/store/store.h"
#include "common/store/store_check.h"

static enum status gone(const struct log *log, unsigned long long number, struct buffer *why)
{
    buffer_printf(why, "segment seg-%08llu of %s is gone", number, log->options.directory);
    return FATAL_CORRUPT;
}

/* Before LMDB sees it, and against the one before it. Who only reads may be beside the one who writes, and would see
 * what is on its way. */
static enum status look(struct log *log, uint32_t number, bool newest, struct segment_seen seen[2], struct buffer *why)
{
    struct log_check check = {
        .directory = log->options.directory, .segment = number, .look = newest ? LOOK_BATCHES : LOOK_META};
    if (log->options.read_only)
        return OK;
    enum status status = log_check_segment(&check, &seen[1], why);
    if (status == REJECT_NOT_FOUND)
        return newest ? OK : gone(log, number, why); /* the newest: cross_check knows whether there was something */
    if (status == FATAL_CORRUPT) {
        buffer_append(&log->damage, why->data, why->size);
        buffer_reset(why);
    } else if (status != OK) {
        return status == FATAL_DAMAGED ? FATAL_CORRUPT : status;
    }
    TRY(log_check_follows(&seen[0], &seen[1], number, why));
    seen[0] = seen[1];
    return OK;
}

/* A trim that was killed leaves a directory without its file; whether one is lacking, the newest segment knows. */
static unsigned skip_leftovers(struct log *log, const uint32_t *numbers, unsigned count)
{
    char path[LOG_PATH_SIZE], file[LOG_PATH_SIZE + 16];
    unsigned first = 0;
    for (; first + 1 < count; first++) {
        log_segment_path(log, numbers[first], path, sizeof path);
        (void)snprintf(file, sizeof file, "%s/data.mdb", path);
        if (access(file, F_OK) == 0)
            break;
        if (log->options.read_only)
            continue;
        (void)snprintf(file, sizeof file, "%s/lock.mdb", path);
        (void)unlink(file);
        (void)rmdir(path);
    }
    return first;
}

static enum status segments_open(struct log *log, struct buffer *why)
{
    struct segment_seen seen[2] = {0}; /* the one before, and this one */
    uint32_t numbers[LOG_SEGMENTS_COUNT_MAX];
    int found = log_segment_numbers(log->options.directory, numbers);
    if (found < 0 || (found == 0 && log->options.read_only)) {
        buffer_printf(why, found < 0 ? "cannot read %s" : "%s holds no segments", log->options.directory);
        return FATAL_CONFIG;
    }
    unsigned count = (unsigned)found, first = skip_leftovers(log, numbers, count);
    for (unsigned i = first; i < count; i++) {
        bool newest = i + 1 == count;
        if (i > first && numbers[i] != numbers[i - 1] + 1)
            return gone(log, numbers[i - 1] + 1ULL, why);
        TRY(look(log, numbers[i], newest, seen, why));
        TRY(log_segment_add(log, numbers[i], why));
        TRY(log_segment_load(log, log_newest(log)));
        log_newest(log)->checked = log_newest(log)->checked || newest;
    }
    if (count == 0)
        TRY(log_segment_add(log, 0, why));
    if (!log->options.piece && log->words.oldest != OLDEST_UNKNOWN && log->segments[0].number > log->words.oldest)
        return gone(log, log->words.oldest, why);
    return OK;
}

/* What a log of before these words lacks. */
static enum status complete_words(struct log *log, struct buffer *why)
{
    if (log->words.oldest == OLDEST_UNKNOWN || log->words.identity == 0)
        log->words_dirty = true;
    if (log->words.oldest == OLDEST_UNKNOWN)
        log->words.oldest = log->segments[0].number;
    while (log->words.identity == 0)
        if (getrandom(&log->words.identity, sizeof log->words.identity, 0) != sizeof log->words.identity) {
            buffer_append_text(why, "no number can be drawn for the log");
            return FATAL_IO;
        }
    return OK;
}

/* L4, L10: the newest segment may not be older than what a checkpoint outside of LMDB has seen. */
static enum status cross_check(struct log *log, struct buffer *why)
{
    struct checkpoint seen;
    MDB_envinfo info;
    TRY(store_checkpoint_open(log->options.directory, &log->checkpoint_fd, &seen, why));
    TRY(log_status_of(mdb_env_info(log_newest(log)->env, &info)));
    if (log_newest(log)->number > seen.cursor ||
        (log_newest(log)->number == seen.cursor && info.me_last_txnid >= seen.transaction))
        return OK;
    buffer_printf(why, "segment %u is at transaction %llu, but %llu of segment %llu has been seen: older than it was",
                  log_newest(log)->number, (unsigned long long)info.me_last_txnid, (unsigned long long)seen.transaction,
                  (unsigned long long)seen.cursor);
    return FATAL_CORRUPT;
}

/* Each partition's stream of outcomes holds a record for every position. 0: nothing was decided yet. */
static uint32_t partitions_shown(const struct log *log)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < log->stream_count; i++) {
        unsigned number;
        if (sscanf(log->streams[i].name, "outcomes.%2u", &number) == 1 && log->streams[i].state.end > 0 &&
            number + 1 > count)
            count = number + 1;
    }
    return count;
}

/* An empty log takes the configuration's number, one of before it was kept the number that it shows. */
static enum status check_partitions(struct log *log, struct buffer *why)
{
    uint32_t wanted = log->options.partitions;
    if (log->words.partitions == 0) {
        uint32_t shown = partitions_shown(log);
        log->words.partitions = shown != 0 ? shown : wanted;
        log->words_dirty = true;
    }
    if (log->words.partitions == wanted)
        return OK;
    buffer_printf(
        why, "partitions is %u in the configuration, but the log in %s was begun with %u: put `partitions: %u` back",
        wanted, log->options.directory, log->words.partitions, log->words.partitions);
    return FATAL_CONFIG;
}

bool log_is_half_rewritten(const char *directory)
{
    char marker[LOG_PATH_SIZE + 64];
    (void)snprintf(marker, sizeof marker, "%s/%s", directory, LOG_REWRITING);
    return access(marker, F_OK) == 0;
}

static enum status refuse_half_rewritten(const struct log *log, struct buffer *why)
{
    if (!log_is_half_rewritten(log->options.directory))
        return OK;
    buffer_printf(why, "an erasure of the log in %s stopped half way: hutong person erase --apply goes on with it",
                  log->options.directory);
    return FATAL_CONFIG;
}

static enum status open_all(struct log *log, struct buffer *why)
{
    if (!log->options.read_only) {
        TRY(store_make_directory(log->options.directory, why));
        TRY(store_lock_directory(log->options.directory, &log->lock_fd, why));
        TRY(refuse_half_rewritten(log, why));
    }
    TRY(segments_open(log, why));
    log_check_readers(log);
    TRY(complete_words(log, why));
    if (log->options.partitions != 0)
        TRY(check_partitions(log, why));
    return log->options.read_only ? OK : cross_check(log, why);
}

enum status log_open(const struct log_options *options, struct log **out, struct buffer *why)
{
    struct log *log = calloc(1, sizeof *log);
    INVARIANT(log != NULL);
    log->options = *options;
    log->options.directory = strdup(options->directory);
    INVARIANT(log->options.directory != NULL);
    log->lock_fd = log->checkpoint_fd = -1;
    log->words.oldest = OLDEST_UNKNOWN;
    INVARIANT(pthread_mutex_init(&log->lock, NULL) == 0);
    enum status status = open_all(log, why);
    if (status != OK) {
        log_close(&log);
        return status;
    }
    *out = log;
    return OK;
}

enum status log_next_incarnation(struct log *log, uint64_t incarnation, uint64_t *previous)
{
    char path[LOG_PATH_SIZE];
    uint8_t bytes[8];
    (void)snprintf(path, sizeof path, "%s/incarnation", log->options.directory);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return FATAL_IO;
    *previous = pread(fd, bytes, sizeof bytes, 0) == sizeof bytes ? bytes_get_le(bytes, 8) : 0;
    bytes_put_le(bytes, incarnation, 8);
    bool written = pwrite(fd, bytes, sizeof bytes, 0) == sizeof bytes && fdatasync(fd) == 0;
    (void)close(fd);
    return written ? store_sync_directory(log->options.directory) : FATAL_IO;
}

uint64_t log_identity(const struct log *log)
{
    return log->words.identity;
}

const char *log_damage(struct log *log)
{
    return buffer_text(&log->damage);
}

void log_close(struct log **out)
{
    struct log *log = *out;
    if (log == NULL)
        return;
    log_read_end(log);
    log_abort(log);
    for (unsigned i = 0; i < log->segment_count; i++)
        if (log->segments[i].env != NULL)
            mdb_env_close(log->segments[i].env);
    if (log->checkpoint_fd >= 0)
        (void)close(log->checkpoint_fd);
    if (log->lock_fd >= 0)
        (void)close(log->lock_fd);
    for (unsigned i = 0; i < LOG_STREAMS_COUNT_MAX; i++)
        free(log->streams[i].readers);
    (void)pthread_mutex_destroy(&log->lock);
    buffer_fini(&log->damage);
    free((void *)(uintptr_t)log->options.directory);
    free(log);
    *out = NULL;
}
