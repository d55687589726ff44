/* SPDX-License-Identifier: Apache-2.0
 * Which of the oldest segments may go, and their removal. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "broker/log_internal.h"
#include "common/base/check.h"
#include "common/store/store_check.h"

static void remove_oldest(struct log *log)
{
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    char path[LOG_PATH_SIZE], file[LOG_PATH_SIZE + 16];
    log_segment_path(log, log->segments[0].number, path, sizeof path);
    log_read_end(log);
    mdb_env_close(log->segments[0].env);
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(file, sizeof file, "%s/%s", path, files[i]);
        (void)unlink(file);
    }
    (void)rmdir(path);
    log->segment_count--;
    memmove(&log->segments[0], &log->segments[1], log->segment_count * sizeof log->segments[0]);
}

uint32_t log_trim_reach(const struct log *log, const uint64_t below[LOG_STREAMS_COUNT_MAX])
{
    uint32_t reach = 0;
    for (bool may_go = true; may_go && reach + 1 < log->segment_count; reach += may_go) {
        struct trim_view views[LOG_STREAMS_COUNT_MAX];
        for (unsigned i = 0; i < log->stream_count; i++) {
            views[i] = (struct trim_view){.start = log->segments[reach].start[i],
                                          .next_start = log->segments[reach + 1].start[i],
                                          .below = below[i]};
            views[i].has_readers = log_reader_lowest(log, (int)i, &views[i].cursor);
        }
        may_go = stream_segment_may_go(views, log->stream_count);
    }
    return reach;
}

uint64_t log_first_without(const struct log *log, int stream, uint32_t segments)
{
    PRE(segments < log->segment_count);
    return log->segments[segments].start[stream];
}

/* A newest segment that a crash left empty knows no stream: what the older ones know goes into it before they go. */
enum status log_trim(struct log *log, uint32_t segments)
{
    PRE(log->txn == NULL && segments < log->segment_count);
    if (segments == 0)
        return OK;
    log->words.oldest = log->segments[segments].number;
    log_touch_all(log);
    TRY(log_begin(log));
    TRY(log_commit(log));
    for (uint32_t i = 0; i < segments; i++)
        remove_oldest(log);
    return store_sync_directory(log->options.directory);
}
