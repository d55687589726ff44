/* SPDX-License-Identifier: Apache-2.0
 * Log and archive, as one. */
#include "tools/log_source.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "tools/archive.h"

struct log_source {
    struct log *log;
    struct archive *archive;
};

static enum status open_archive(struct log_source *source, const char *directory, struct buffer *why)
{
    if (directory == NULL || directory[0] == 0)
        return OK;
    enum status status = archive_open(directory, &source->archive, why);
    if (status == REJECT_NOT_FOUND) {
        buffer_reset(why);
        return OK;
    }
    TRY(status);
    if (source->log == NULL || log_identity(source->log) == archive_log(source->archive))
        return OK;
    buffer_printf(why, "%s is of another log", directory);
    return FATAL_CORRUPT;
}

enum status log_source_open(const char *directory, const char *archive, struct log_source **out, struct buffer *why)
{
    struct log_source *source = calloc(1, sizeof *source);
    INVARIANT(source != NULL);
    struct log_options options = {.directory = directory, .segment_size = UINT64_C(1) << 30, .read_only = true};
    enum status status = directory == NULL ? OK : log_open(&options, &source->log, why);
    if (status == OK)
        status = open_archive(source, archive, why);
    if (status == OK)
        *out = source;
    else
        log_source_close(&source);
    return status;
}

void log_source_close(struct log_source **source)
{
    if (*source == NULL)
        return;
    log_close(&(*source)->log);
    archive_close(&(*source)->archive);
    free(*source);
    *source = NULL;
}

enum status log_source_read(struct log_source *source, const char *stream, uint64_t position, struct log_batch *batch,
                            struct buffer *why)
{
    int found = source->log == NULL ? -1 : log_find(source->log, stream);
    enum status status = source->log == NULL ? REJECT_RANGE : REJECT_NOT_FOUND;
    if (source->log != NULL)
        log_read_end(source->log); /* the newest segment is written meanwhile: no page is held longer than a look */
    if (found >= 0)
        status = position < log_first(source->log, found) ? REJECT_RANGE
                                                          : log_read(source->log, found, position, batch, why);
    return status == REJECT_RANGE && source->archive != NULL
               ? archive_read(source->archive, stream, position, batch, why)
               : status;
}

uint64_t log_source_end(const struct log_source *source, const char *stream)
{
    int found = source->log == NULL ? -1 : log_find(source->log, stream);
    return found < 0 ? 0 : log_state(source->log, found)->end;
}

uint64_t log_source_identity(const struct log_source *source)
{
    return source->log == NULL ? 0 : log_identity(source->log);
}
