/* SPDX-License-Identifier: Apache-2.0
 * The archive. */
#include "tools/archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/store/store_check.h"
#include "tools/packed.h"

enum { PATH_SIZE = 4096 + 64, FORMAT = 1, LIST_SIZE_MAX = 64 << 20, UNPACKED_MAX = 2 };

struct archive {
    char directory[4096];
    uint64_t log;
    struct kept_segments segments;
    struct unpacked {
        struct log *log; /* that segment alone */
        uint32_t number;
        uint64_t used;
    } unpacked[UNPACKED_MAX];
    uint64_t uses;
};

static void list_path(const struct archive *archive, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/archive.json", archive->directory);
}

static void packed_path(const struct archive *archive, uint32_t number, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/seg-%08u.mdb.zst", archive->directory, number);
}

static struct archive *archive_new(const char *directory, uint64_t log)
{
    struct archive *archive = calloc(1, sizeof *archive);
    INVARIANT(archive != NULL);
    (void)snprintf(archive->directory, sizeof archive->directory, "%s", directory);
    archive->log = log;
    return archive;
}

static enum status load(struct archive *archive, struct buffer *why)
{
    char path[PATH_SIZE];
    struct buffer text = {0};
    list_path(archive, path);
    enum status status = file_read(path, LIST_SIZE_MAX, &text, why);
    if (status != OK)
        return status;
    json_t *json = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    bool read = json_integer_value(json_object_get(json, "format")) == FORMAT &&
                kept_number(json_object_get(json, "log"), &archive->log) &&
                kept_segments_read(json_object_get(json, "segments"), &archive->segments);
    json_decref(json);
    buffer_fini(&text);
    if (!read)
        buffer_printf(why, "%s: not as this build writes it", path);
    return read ? OK : FATAL_CORRUPT;
}

static enum status save(const struct archive *archive, struct buffer *why)
{
    char path[PATH_SIZE];
    list_path(archive, path);
    json_t *json = json_pack("{s:i,s:o,s:o}", "format", FORMAT, "log", kept_number_json(archive->log), "segments",
                             kept_segments_json(&archive->segments));
    char *text = json_dumps(json, JSON_INDENT(1));
    INVARIANT(text != NULL);
    enum status status = file_write(path, span_text(text), 0600, why);
    free(text);
    json_decref(json);
    return status;
}

enum status archive_open(const char *directory, struct archive **out, struct buffer *why)
{
    struct archive *archive = archive_new(directory, 0);
    enum status status = load(archive, why);
    if (status == OK)
        *out = archive;
    else
        archive_close(&archive);
    return status;
}

enum status archive_make(const char *directory, uint64_t log, struct archive **out, struct buffer *why)
{
    enum status status = archive_open(directory, out, why);
    if (status == OK && (*out)->log != log) {
        buffer_printf(why, "%s is of another log", directory);
        archive_close(out);
        return REJECT_CONFLICT;
    }
    if (status != REJECT_NOT_FOUND)
        return status;
    buffer_reset(why);
    TRY(store_make_directory(directory, why));
    *out = archive_new(directory, log);
    return save(*out, why); /* where nothing is sealed yet there is an archive all the same */
}

void archive_close(struct archive **out)
{
    if (*out == NULL)
        return;
    for (unsigned i = 0; i < UNPACKED_MAX; i++)
        log_close(&(*out)->unpacked[i].log);
    kept_segments_fini(&(*out)->segments);
    free(*out);
    *out = NULL;
}

uint64_t archive_log(const struct archive *archive)
{
    return archive->log;
}

const struct kept_segments *archive_segments(const struct archive *archive)
{
    return &archive->segments;
}

/* ---- in ---- */

enum status archive_put(struct archive *archive, const char *data, const struct kept_segment *segment,
                        struct pace *pace, struct buffer *why)
{
    char path[PATH_SIZE], fresh[PATH_SIZE + 8];
    struct file_sum plain, packed;
    struct kept_segment *kept =
        (struct kept_segment *)(uintptr_t)kept_segments_find(&archive->segments, segment->number);
    const struct kept_segments *all = &archive->segments;
    if (kept == NULL && all->count > 0 && all->list[all->count - 1].number + 1 != segment->number) {
        buffer_printf(why, "%s goes on with segment %u, not %u", archive->directory,
                      all->list[all->count - 1].number + 1, segment->number);
        return REJECT_RANGE;
    }
    packed_path(archive, segment->number, path);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    (void)unlink(fresh);
    TRY(packed_write(data, fresh, pace, &plain, &packed, why));
    if (rename(fresh, path) != 0 || store_sync_directory(archive->directory) != OK) {
        buffer_printf(why, "%s: %s", path, strerror(errno));
        return FATAL_IO;
    }
    if (kept == NULL)
        kept = kept_segments_add(&archive->segments);
    *kept = *segment;
    kept->size = plain.size;
    kept->packed_size = packed.size;
    memcpy(kept->sha256, plain.sha256, sizeof kept->sha256);
    memcpy(kept->packed_sha256, packed.sha256, sizeof kept->packed_sha256);
    return save(archive, why);
}

/* ---- out ---- */

bool archive_holds(const struct archive *archive, const char *stream, uint64_t from, uint64_t to)
{
    uint64_t reached = from;
    for (unsigned i = 0; i < archive->segments.count && reached < to; i++) {
        const struct kept_segment *segment = &archive->segments.list[i];
        for (unsigned k = 0; k < segment->stream_count; k++)
            if (strcmp(segment->streams[k].name, stream) == 0 && segment->streams[k].start <= reached &&
                segment->streams[k].end > reached)
                reached = segment->streams[k].end;
    }
    return reached >= to;
}

static enum status is_as_told(const struct archive *archive, const struct kept_segment *segment,
                              const struct file_sum *plain, const struct file_sum *packed, struct buffer *why)
{
    if (strcmp(plain->sha256, segment->sha256) == 0 && strcmp(packed->sha256, segment->packed_sha256) == 0)
        return OK;
    buffer_printf(why, "%s/seg-%08u.mdb.zst: its SHA-256 is not that of archive.json", archive->directory,
                  segment->number);
    return FATAL_CORRUPT;
}

enum status archive_check(struct archive *archive, const struct kept_segment *segment, struct pace *pace,
                          struct buffer *why)
{
    char path[PATH_SIZE];
    struct file_sum plain, packed;
    packed_path(archive, segment->number, path);
    TRY(packed_read(path, NULL, pace, &plain, &packed, why));
    return is_as_told(archive, segment, &plain, &packed, why);
}

/* Its file's name goes as soon as it is open: nothing is left, however this process ends. */
static enum status unpack_into(struct archive *archive, const struct kept_segment *segment, const char *place,
                               struct log **log, struct buffer *why)
{
    char from[PATH_SIZE], directory[PATH_SIZE], to[PATH_SIZE + 16];
    struct file_sum plain, packed;
    struct log_options options = {
        .directory = place, .segment_size = UINT64_C(1) << 30, .read_only = true, .piece = true};
    packed_path(archive, segment->number, from);
    (void)snprintf(directory, sizeof directory, "%s/seg-%08u", place, segment->number);
    (void)snprintf(to, sizeof to, "%s/data.mdb", directory);
    TRY(store_make_directory(directory, why));
    TRY(packed_read(from, to, NULL, &plain, &packed, why));
    TRY(is_as_told(archive, segment, &plain, &packed, why));
    return log_open(&options, log, why);
}

static enum status unpack(struct archive *archive, const struct kept_segment *segment, struct log **log,
                          struct buffer *why)
{
    char place[4096];
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(place, sizeof place, "%s/hutong-archive-XXXXXX", temporary == NULL ? "/tmp" : temporary);
    if (mkdtemp(place) == NULL) {
        buffer_printf(why, "%s: %s", place, strerror(errno));
        return FATAL_IO;
    }
    enum status status = unpack_into(archive, segment, place, log, why);
    (void)directory_remove(place);
    return status;
}

static const struct kept_segment *segment_at(const struct archive *archive, const char *stream, uint64_t position)
{
    for (unsigned i = 0; i < archive->segments.count; i++) {
        const struct kept_segment *segment = &archive->segments.list[i];
        for (unsigned k = 0; k < segment->stream_count; k++)
            if (strcmp(segment->streams[k].name, stream) == 0 && position >= segment->streams[k].start &&
                position < segment->streams[k].end)
                return segment;
    }
    return NULL;
}

/* The one that was used longest ago makes room. */
static enum status unpacked_of(struct archive *archive, const struct kept_segment *segment, struct log **log,
                               struct buffer *why)
{
    struct unpacked *chosen = &archive->unpacked[0];
    for (unsigned i = 0; i < UNPACKED_MAX; i++) {
        struct unpacked *each = &archive->unpacked[i];
        if (each->log != NULL)
            log_read_end(each->log);
        if (each->log != NULL && each->number == segment->number) {
            chosen = each;
            break;
        }
        if (each->used < chosen->used)
            chosen = each;
    }
    chosen->used = ++archive->uses;
    if (chosen->log == NULL || chosen->number != segment->number) {
        log_close(&chosen->log);
        chosen->number = segment->number;
        TRY(unpack(archive, segment, &chosen->log, why));
    }
    *log = chosen->log;
    return OK;
}

enum status archive_read(struct archive *archive, const char *stream, uint64_t position, struct log_batch *batch,
                         struct buffer *why)
{
    const struct kept_segment *segment = segment_at(archive, stream, position);
    struct log *log;
    if (segment == NULL)
        return REJECT_RANGE;
    TRY(unpacked_of(archive, segment, &log, why));
    int found = log_find(log, stream);
    return found < 0 ? FATAL_CORRUPT : log_read(log, found, position, batch, why);
}
