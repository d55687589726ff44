/* SPDX-License-Identifier: Apache-2.0
 * What an operator asks of the broker and sees of it: status, trim, room, metrics. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/broker_internal.h"
#include "common/base/check.h"
#include "common/bus/log_full.h"
#include "common/observe/build.h"
#include "common/observe/diary.h"

/* The disk first: more room in the log would not help there. */
static void look_at_usage(struct broker *broker)
{
    log_usage(broker->log, &broker->usage);
    atomic_store(&broker->full, broker->usage.disk_low        ? LOG_FULL_DISK
                                : broker->usage.limit_reached ? LOG_FULL_LIMIT
                                                              : LOG_FULL_NONE);
}

/* The operator's word for each stream; false: it was refused. */
static bool read_bounds(struct broker *broker, const struct pending *from, const struct trim *request, uint64_t *below)
{
    for (unsigned i = 0; i < request->bound_count; i++) {
        const struct trim_bound *bound = &request->bounds[i];
        int stream = log_find(broker->log, bound->stream);
        uint64_t cursor;
        if (stream < 0) {
            broker_refuse(broker, from, BUS_CODE_UNKNOWN_STREAM, -1, "no such stream");
            return false;
        }
        if (log_reader_lowest(broker->log, stream, &cursor) && bound->below > cursor) {
            char detail[80];
            (void)snprintf(detail, sizeof detail, "a registered reader needs what stands from %llu on",
                           (unsigned long long)cursor);
            broker_refuse(broker, from, BUS_CODE_IN_USE, stream, detail);
            return false;
        }
        below[stream] = bound->below;
    }
    return true;
}

void broker_on_trim(struct broker *broker, const struct pending *from, const struct trim *request)
{
    uint64_t below[LOG_STREAMS_COUNT_MAX] = {0};
    struct trimmed_stream streams[LOG_STREAMS_COUNT_MAX];
    unsigned count = log_stream_count(broker->log);
    broker_drain(broker);
    if (broker->status != OK || !read_bounds(broker, from, request, below))
        return;
    uint32_t segments = log_trim_reach(broker->log, below);
    for (unsigned i = 0; i < count; i++)
        streams[i] = (struct trimmed_stream){log_name(broker->log, (int)i), log_first(broker->log, (int)i),
                                             log_first_without(broker->log, (int)i, segments)};
    if (!request->dry_run && log_trim(broker->log, segments) != OK) {
        broker_stop(broker, FATAL_IO);
        return;
    }
    if (!request->dry_run && segments > 0)
        diary_event(DIARY_INFO, "trimmed", "segments=%u", segments);
    look_at_usage(broker);
    broker_answer(broker, from, BUS_REPLY_TRIMMED, (union bus_reply_body){.trimmed = {segments, streams, count}});
}

static bool reader_is_connected(const struct broker *broker, int stream, const char *name)
{
    for (unsigned i = 0; i < READERS_COUNT_MAX; i++)
        if (broker->readers[i].open && broker->readers[i].stream == stream &&
            strcmp(broker->readers[i].name, name) == 0)
            return true;
    return false;
}

static struct stream_status stream_status(struct broker *broker, int stream, struct reader_status *readers)
{
    struct stream_status status = {.stream = log_name(broker->log, stream),
                                   .first = log_first(broker->log, stream),
                                   .end = log_state(broker->log, stream)->end,
                                   .epoch = log_state(broker->log, stream)->epoch,
                                   .readers = readers};
    const char *name;
    uint64_t cursor;
    while (status.reader_count < STATUS_READERS_MAX &&
           log_cursor_at(broker->log, stream, status.reader_count, &name, &cursor))
        readers[status.reader_count++] =
            (struct reader_status){name, cursor, reader_is_connected(broker, stream, name)};
    return status;
}

void broker_on_status(struct broker *broker, const struct pending *from)
{
    broker_drain(broker);
    unsigned count = log_stream_count(broker->log);
    struct stream_status *streams = calloc(count + 1, sizeof *streams);
    struct reader_status *readers = calloc((size_t)count * STATUS_READERS_MAX + 1, sizeof *readers);
    INVARIANT(streams != NULL && readers != NULL);
    for (unsigned i = 0; i < count; i++)
        streams[i] = stream_status(broker, (int)i, readers + (size_t)i * STATUS_READERS_MAX);
    look_at_usage(broker);
    enum log_full full = atomic_load(&broker->full);
    broker_answer(broker, from, BUS_REPLY_STATUS,
                  (union bus_reply_body){.status = {.streams = streams,
                                                    .stream_count = count,
                                                    .segments = broker->usage.segments,
                                                    .damaged_segments = broker->usage.damaged_segments,
                                                    .used_bytes = broker->usage.used,
                                                    .limit_bytes = broker->usage.limit,
                                                    .full = full != LOG_FULL_NONE,
                                                    .full_cause = full,
                                                    .free_bytes = broker->usage.disk_free,
                                                    .reserve_bytes = broker->usage.disk_reserve,
                                                    .started_at = broker->options.started_at,
                                                    .restarts = broker->options.restarts,
                                                    .version = build_version(),
                                                    .build = build_commit()}});
    free(streams);
    free(readers);
}

/* When the newest backup was made, as `hutong backup` notes it; 0: none. */
static int64_t backup_seconds(const char *path)
{
    long long at_ms = 0;
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    if (file == NULL)
        return 0;
    if (fscanf(file, "{\"at\":%lld", &at_ms) != 1)
        at_ms = 0;
    (void)fclose(file);
    return at_ms / 1000;
}

void broker_watch_usage(void *self)
{
    struct broker *broker = self;
    enum log_full before = atomic_load(&broker->full);
    look_at_usage(broker);
    enum log_full now = atomic_load(&broker->full);
    metric_set(broker->used, (int64_t)broker->usage.used);
    metric_set(broker->limit, (int64_t)broker->usage.limit);
    metric_set(broker->full_metric, now != LOG_FULL_NONE);
    metric_set(broker->disk_free, (int64_t)broker->usage.disk_free);
    metric_set(broker->disk_reserve, (int64_t)broker->usage.disk_reserve);
    metric_set(broker->segments, broker->usage.segments);
    metric_set(broker->backup_at, backup_seconds(broker->options.last_backup));
    if (before != now)
        diary_event(now != LOG_FULL_NONE ? DIARY_ERROR : DIARY_INFO, now != LOG_FULL_NONE ? "log_full" : "log_has_room",
                    "used=%llu limit=%llu free=%llu reserve=%llu detail=%s", (unsigned long long)broker->usage.used,
                    (unsigned long long)broker->usage.limit, (unsigned long long)broker->usage.disk_free,
                    (unsigned long long)broker->usage.disk_reserve,
                    now != LOG_FULL_NONE ? log_full_text(now) : "appends are taken again");
}

void broker_add_metrics(struct broker *broker)
{
    static const char *const codes[] = {"",
                                        "code=\"malformed\"",
                                        "code=\"version\"",
                                        "code=\"unknown_stream\"",
                                        "code=\"fenced\"",
                                        "code=\"conflict\"",
                                        "code=\"full\"",
                                        "code=\"too_large\"",
                                        "code=\"trimmed\"",
                                        "code=\"no_reader\"",
                                        "code=\"in_use\"",
                                        "code=\"unknown_outcome\"",
                                        "code=\"corrupt\"",
                                        "code=\"stale\"",
                                        "code=\"ahead\""};
    struct metrics *metrics = broker->options.metrics;
    broker->appends = metrics_add(metrics, METRIC_COUNTER, "hutong_broker_appends_total", "Batches appended.", NULL);
    broker->records = metrics_add(metrics, METRIC_COUNTER, "hutong_broker_records_total", "Records appended.", NULL);
    broker->bytes =
        metrics_add(metrics, METRIC_COUNTER, "hutong_broker_bytes_total", "Bytes of batches appended.", NULL);
    broker->deliveries =
        metrics_add(metrics, METRIC_COUNTER, "hutong_broker_deliveries_total", "Batches sent to readers.", NULL);
    broker->used = metrics_add(metrics, METRIC_GAUGE, "hutong_broker_log_used_bytes", "Bytes of all segments.", NULL);
    broker->limit = metrics_add(metrics, METRIC_GAUGE, "hutong_broker_log_limit_bytes", "Soft limit of the log.", NULL);
    broker->disk_free =
        metrics_add(metrics, METRIC_GAUGE, "hutong_broker_disk_free_bytes", "Free on the log's disk.", NULL);
    broker->disk_reserve = metrics_add(metrics, METRIC_GAUGE, "hutong_broker_disk_reserve_bytes",
                                       "With less than this free nothing is accepted.", NULL);
    broker->full_metric =
        metrics_add(metrics, METRIC_GAUGE, "hutong_broker_full", "1: appends are refused for want of room.", NULL);
    broker->segments = metrics_add(metrics, METRIC_GAUGE, "hutong_broker_segments", "Segments of the log.", NULL);
    broker->backup_at = metrics_add(metrics, METRIC_GAUGE, "hutong_backup_timestamp_seconds",
                                    "When the newest backup was made; 0: none is known.", NULL);
    for (unsigned i = 1; i <= BUS_CODE_AHEAD; i++)
        broker->refusals[i] =
            metrics_add(metrics, METRIC_COUNTER, "hutong_broker_refusals_total", "Refused requests by code.", codes[i]);
}
