/* SPDX-License-Identifier: Apache-2.0
 * Readers that are registered with a stream. */
#include <stdio.h>
#include <stdlib.h>

#include "broker/log_internal.h"
#include "common/base/check.h"

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

bool log_reader_at(const struct log *log, int stream, unsigned index, const char **reader, uint64_t *cursor)
{
    const struct stream *there = &log->streams[stream];
    if (index >= there->reader_count)
        return false;
    *reader = there->readers[index].name;
    *cursor = there->readers[index].cursor;
    return true;
}
