/* SPDX-License-Identifier: Apache-2.0
 * Segments into the archive. */
#include "tools/archiving.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/base/check.h"

enum { PATH_SIZE = 4096 + 64 };

uint64_t archiving_end(const struct kept_segment *segment)
{
    uint64_t end = 0;
    for (unsigned i = 0; i < segment->stream_count; i++)
        end = segment->streams[i].end > end ? segment->streams[i].end : end;
    return end;
}

void archiving_tell(const struct segment_seen *seen, struct kept_segment *segment)
{
    segment->stream_count = seen->stream_count;
    for (unsigned i = 0; i < seen->stream_count; i++) {
        (void)snprintf(segment->streams[i].name, sizeof segment->streams[i].name, "%s", seen->streams[i].name);
        segment->streams[i].start = seen->streams[i].start;
        segment->streams[i].end = seen->streams[i].end;
    }
}

static bool look(const char *log, uint32_t number, struct kept_segment *segment, struct buffer *why)
{
    struct segment_seen *seen = calloc(1, sizeof *seen);
    struct log_check check = {.directory = log, .segment = number, .look = LOOK_META};
    char path[PATH_SIZE];
    struct stat stat_;
    INVARIANT(seen != NULL);
    (void)snprintf(path, sizeof path, "%s/seg-%08u/data.mdb", log, number);
    bool read = stat(path, &stat_) == 0 && log_check_segment(&check, seen, why) == OK;
    segment->number = number;
    if (read)
        archiving_tell(seen, segment);
    if (read) {
        segment->size = (uint64_t)stat_.st_size;
        segment->changed_ns = (uint64_t)stat_.st_mtim.tv_sec * UINT64_C(1000000000) + (uint64_t)stat_.st_mtim.tv_nsec;
    }
    free(seen);
    return read;
}

/* When the newest batch of any stream was stored. */
static enum status ask_time(struct log *log, struct kept_segment *segment, struct buffer *why)
{
    for (unsigned i = 0; i < segment->stream_count; i++) {
        struct log_batch batch;
        int stream = log_find(log, segment->streams[i].name);
        if (segment->streams[i].start == segment->streams[i].end || stream < 0)
            continue;
        TRY(log_read(log, stream, segment->streams[i].end - 1, &batch, why));
        if ((uint64_t)batch.stored_at > segment->stored_at_ms)
            segment->stored_at_ms = (uint64_t)batch.stored_at;
        log_read_end(log);
    }
    return OK;
}

enum status archiving_sealed(const char *directory, uint64_t below, struct kept_segments *segments, struct buffer *why)
{
    uint32_t *numbers = calloc(LOG_SEGMENTS_COUNT_MAX, sizeof *numbers);
    struct log_options options = {.directory = directory, .segment_size = UINT64_C(1) << 30, .read_only = true};
    struct log *log = NULL;
    INVARIANT(numbers != NULL);
    enum status status = log_open(&options, &log, why);
    int count = status == OK ? log_segment_numbers(directory, numbers) : 0;
    for (int i = 0; status == OK && i + 1 < count; i++) {
        struct kept_segment *segment = kept_segments_add(segments);
        if (!look(directory, numbers[i], segment, why))
            status = FATAL_CORRUPT;
        else if (archiving_end(segment) > below || segment->stream_count == 0) {
            segments->count--;
            break;
        } else {
            status = ask_time(log, segment, why);
        }
    }
    log_close(&log);
    free(numbers);
    return status;
}

/* Never over a sound one without being sound itself. */
static enum status put(struct archiving *archiving, struct archive *archive, const struct kept_segment *segment,
                       struct buffer *why)
{
    char path[PATH_SIZE];
    struct segment_seen *seen = calloc(1, sizeof *seen);
    struct log_check check = {.directory = archiving->log, .segment = segment->number, .look = LOOK_BATCHES};
    INVARIANT(seen != NULL);
    enum status status = log_check_segment(&check, seen, why);
    free(seen);
    TRY(status);
    (void)snprintf(path, sizeof path, "%s/seg-%08u/data.mdb", archiving->log, segment->number);
    TRY(archive_put(archive, path, segment, archiving->pace, why));
    const struct kept_segment *kept = kept_segments_find(archive_segments(archive), segment->number);
    archiving->plain += kept->size;
    archiving->packed += kept->packed_size;
    return OK;
}

/* Another file of the same number may be the same bytes (put back from a backup), or a rewritten log's. */
static enum status is_same(const struct archiving *archiving, const struct kept_segment *kept,
                           const struct kept_segment *segment, bool *same, struct buffer *why)
{
    char path[PATH_SIZE];
    struct file_sum sum;
    *same = kept->size == segment->size && kept->changed_ns == segment->changed_ns;
    if (*same)
        return OK;
    (void)snprintf(path, sizeof path, "%s/seg-%08u/data.mdb", archiving->log, segment->number);
    TRY(file_sum(path, archiving->pace, &sum, why));
    *same = memcmp(sum.sha256, kept->sha256, sizeof sum.sha256) == 0;
    return OK;
}

static enum status put_all(struct archiving *archiving, struct archive *archive, const struct kept_segments *sealed,
                           struct buffer *why)
{
    for (unsigned i = 0; i < sealed->count; i++) {
        const struct kept_segment *segment = &sealed->list[i],
                                  *kept = kept_segments_find(archive_segments(archive), segment->number);
        bool same = false;
        if (kept != NULL)
            TRY(is_same(archiving, kept, segment, &same, why));
        bool rewritten = kept != NULL && !same;
        if (!same)
            TRY(put(archiving, archive, segment, why));
        archiving->there += same;
        archiving->rewritten += rewritten;
        archiving->added += kept == NULL;
    }
    return OK;
}

static enum status identity_of(const char *directory, uint64_t *identity, struct buffer *why)
{
    struct log_options options = {.directory = directory, .segment_size = UINT64_C(1) << 30, .read_only = true};
    struct log *log = NULL;
    TRY(log_open(&options, &log, why));
    *identity = log_identity(log);
    log_close(&log);
    return OK;
}

enum status archiving_run(struct archiving *archiving, struct buffer *why)
{
    struct kept_segments sealed = {0};
    struct archive *archive = NULL;
    uint64_t identity;
    TRY(identity_of(archiving->log, &identity, why));
    enum status status = archiving_sealed(archiving->log, archiving->below, &sealed, why);
    if (status == OK)
        status = archive_make(archiving->directory, identity, &archive, why);
    if (status == OK)
        status = put_all(archiving, archive, &sealed, why);
    archive_close(&archive);
    kept_segments_fini(&sealed);
    return status;
}
