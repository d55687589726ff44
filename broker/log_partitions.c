/* SPDX-License-Identifier: Apache-2.0
 * A log's number of partitions. */
#include "broker/log_partitions.h"

#include <stdio.h>

#include "common/base/bytes.h"

static const char key_text[] = "partitions";
enum { KEY_SIZE = sizeof key_text - 1, VALUE_SIZE = 4 };

void log_load_partitions(struct log *log, MDB_val key, MDB_val value)
{
    if (key.mv_size == KEY_SIZE && memcmp(key.mv_data, key_text, KEY_SIZE) == 0 && value.mv_size == VALUE_SIZE)
        log->partitions = (uint32_t)bytes_get_le(value.mv_data, VALUE_SIZE);
}

/* Each partition's stream of outcomes holds a record for every position. 0: nothing was decided yet. */
static uint32_t shown_by_streams(const struct log *log)
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

enum status log_check_partitions(struct log *log, struct buffer *why)
{
    uint32_t wanted = log->options.partitions;
    if (log->partitions == 0) {
        uint32_t shown = shown_by_streams(log);
        log->partitions = shown != 0 ? shown : wanted;
        log->partitions_dirty = true;
    }
    if (log->partitions == wanted)
        return OK;
    buffer_printf(
        why, "partitions is %u in the configuration, but the log in %s was begun with %u: put `partitions: %u` back",
        wanted, log->options.directory, log->partitions, log->partitions);
    return FATAL_CONFIG;
}

enum status log_write_partitions(struct log *log)
{
    uint8_t bytes[VALUE_SIZE];
    MDB_val key = {KEY_SIZE, (void *)(uintptr_t)key_text}, value = {VALUE_SIZE, bytes};
    if (!log->partitions_dirty)
        return OK;
    bytes_put_le(bytes, log->partitions, VALUE_SIZE);
    if (mdb_put(log->txn, log->segments[log->segment_count - 1].meta, &key, &value, 0) != 0)
        return FATAL_IO;
    log->partitions_dirty = false;
    return OK;
}
