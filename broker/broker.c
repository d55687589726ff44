/* SPDX-License-Identifier: Apache-2.0
 * Protocol and group commit: broker.h, docs/PROTOCOL-BUS.md. */
#include "broker/broker.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/bus/bus_zmq.h"
#include "common/bus/log_full.h"
#include "common/observe/build.h"
#include "common/observe/diary.h"
#include "hutong/v1/messages.h"

enum {
    READERS_COUNT_MAX = 256,
    PENDING_COUNT_MAX = 4096,
    SESSION_SILENCE_US = 15 * 1000 * 1000,
    DELIVER_ROUNDS_MAX = 64,
    USAGE_INTERVAL_MS = 200,
    CHECK_INTERVAL_MS = 5000,
    STATUS_READERS_MAX = 64,       /* of one stream: a reader a partition and service */
    REQUEST_TEXTS_SIZE = 16 * 1024 /* names: at most a bound a stream */
};

struct reader {
    bool open;
    uint32_t number;
    int origin; /* which server the session belongs to */
    uint64_t session;
    int stream;
    uint64_t next;
    int64_t credit;
    char name[STREAM_NAME_SIZE_MAX + 1];
    int64_t heard_us;
};

struct pending {
    int origin;
    uint64_t session;
    uint64_t request;
    int stream;
    uint64_t position; /* or the epoch, of a writer being opened */
    uint32_t count;
    bool opens_writer;
};

struct front {
    struct broker *broker;
    int index;
    struct server *server;
};

struct broker {
    struct broker_options options;
    struct log *log;
    struct front fronts[2];
    struct reader readers[READERS_COUNT_MAX];
    uint32_t next_reader;
    struct pending pending[PENDING_COUNT_MAX];
    unsigned pending_count;
    size_t pending_bytes;
    struct log_usage usage;
    _Atomic enum log_full full; /* written by the loop's thread, read by HTTP's */
    struct buffer out;
    enum status status;
    struct metric *appends, *records, *bytes, *commits, *commit_us, *refusals[BUS_CODE_CORRUPT + 1], *used, *limit,
        *full_metric, *disk_free, *disk_reserve, *segments, *deliveries;
};

static enum status reply(struct broker *broker, int origin, uint64_t session, const struct bus_reply *reply)
{
    buffer_reset(&broker->out);
    bus_reply_encode(reply, &broker->out);
    return server_reply(broker->fronts[origin].server, session, buffer_span(&broker->out));
}

/* To a request. */
static void answer(struct broker *broker, const struct pending *from, enum bus_reply_kind kind,
                   union bus_reply_body body)
{
    (void)reply(broker, from->origin, from->session, &(struct bus_reply){BUS_PROTOCOL, from->request, kind, body});
}

static void refuse(struct broker *broker, const struct pending *from, enum bus_code code, int stream,
                   const char *detail)
{
    struct bus_error error = {.code = code, .detail = detail};
    metric_count(broker->refusals[code], 1);
    if (stream >= 0) {
        error.stream = log_name(broker->log, stream);
        error.end = log_state(broker->log, stream)->end;
        error.epoch = log_state(broker->log, stream)->epoch;
    }
    answer(broker, from, BUS_REPLY_ERROR, (union bus_reply_body){.error = error});
}

static void answer_appended(struct broker *broker, const struct pending *append, bool already)
{
    const char *stream = log_name(broker->log, append->stream);
    if (append->opens_writer)
        answer(broker, append, BUS_REPLY_WRITER_OPENED,
               (union bus_reply_body){
                   .writer_opened = {stream, append->position, log_state(broker->log, append->stream)->end}});
    else
        answer(broker, append, BUS_REPLY_APPENDED,
               (union bus_reply_body){.appended = {stream, append->position, append->count, already}});
}

/* A commit failed: whether it was written is unknown (L1, L2). Say so to all who wait, then stop. */
static void stop(struct broker *broker, enum status status)
{
    diary_event(DIARY_FATAL, "commit_failed", "status=%s detail=%s", status_name(status), status_text(status));
    for (unsigned i = 0; i < broker->pending_count; i++)
        refuse(broker, &broker->pending[i], BUS_CODE_UNKNOWN_OUTCOME, broker->pending[i].stream,
               "the storage failed; ask again after the restart");
    broker->pending_count = 0;
    broker->status = status;
    loop_stop(broker->options.loop);
}

static bool ensure_open(struct broker *broker)
{
    if (log_is_open_for_writing(broker->log))
        return true;
    enum status status = log_begin(broker->log);
    if (status != OK)
        stop(broker, status);
    return status == OK;
}

static void commit_group(struct broker *broker)
{
    if (!log_is_open_for_writing(broker->log))
        return;
    int64_t before = loop_monotonic_us();
    enum status status = log_commit(broker->log);
    if (status != OK) {
        stop(broker, status);
        return;
    }
    metric_observe_us(broker->commit_us, (uint64_t)(loop_monotonic_us() - before));
    metric_count(broker->commits, 1);
    for (unsigned i = 0; i < broker->pending_count; i++)
        answer_appended(broker, &broker->pending[i], false);
    broker->pending_count = 0;
    broker->pending_bytes = 0;
}

static bool wait_for_commit(struct broker *broker, const struct pending *pending)
{
    broker->pending[broker->pending_count++] = *pending;
    if (broker->pending_count == PENDING_COUNT_MAX || broker->pending_bytes > (size_t)32 * 1024 * 1024)
        commit_group(broker);
    return broker->status == OK;
}

/* Equal bytes at that position, durable or in the group that is being gathered. */
static void compare(struct broker *broker, const struct pending *append, struct span batch)
{
    struct log_batch stored;
    struct buffer why;
    buffer_init(&why);
    commit_group(broker); /* the position may lie in this very group */
    enum status status =
        broker->status == OK ? log_read(broker->log, append->stream, append->position, &stored, &why) : broker->status;
    if (status == OK && stored.position == append->position && stored.count == append->count &&
        span_equal(stored.bytes, batch))
        answer_appended(broker, append, true);
    else if (status == FATAL_CORRUPT)
        refuse(broker, append, BUS_CODE_CORRUPT, append->stream, buffer_text(&why));
    else
        refuse(broker, append, BUS_CODE_CONFLICT, append->stream, "other bytes stand at this position");
    log_read_end(broker->log);
    buffer_fini(&why);
}

static void on_append(struct broker *broker, struct pending *append, const struct bus_append *request)
{
    append->stream = log_find(broker->log, request->stream);
    append->position = request->position;
    append->count = request->count;
    if (append->stream < 0) {
        refuse(broker, append, BUS_CODE_UNKNOWN_STREAM, -1, "open the writer first");
        return;
    }
    enum bus_code code = BUS_CODE_CONFLICT;
    const char *detail = "the position lies beyond the end";
    if (append->count == 0 || request->batch.size == 0 || request->batch.size > FRAME_SIZE_MAX) {
        refuse(broker, append, BUS_CODE_TOO_LARGE, append->stream, "1 record at least, FRAME_SIZE_MAX bytes at most");
        return;
    }
    switch (stream_decide(log_state(broker->log, append->stream), request->epoch, append->position)) {
    case APPEND_WRITE:
        if (atomic_load(&broker->full) != LOG_FULL_NOT) {
            code = BUS_CODE_FULL;
            detail = "no room; reads go on";
            break;
        }
        if (!ensure_open(broker))
            return;
        enum status status = log_append(broker->log, append->stream, append->count, loop_wall_ms(), request->batch);
        if (status != OK) {
            (void)wait_for_commit(broker, append);
            stop(broker, status);
            return;
        }
        metric_count(broker->appends, 1);
        metric_count(broker->records, append->count);
        metric_count(broker->bytes, (int64_t)request->batch.size);
        broker->pending_bytes += request->batch.size;
        (void)wait_for_commit(broker, append);
        return;
    case APPEND_COMPARE:
        compare(broker, append, request->batch);
        return;
    case APPEND_FENCED:
        code = BUS_CODE_FENCED;
        detail = "a newer epoch holds the stream";
        break;
    case APPEND_CONFLICT:
        break;
    }
    commit_group(broker); /* answers go in the order of the appends: what came before is acknowledged first */
    refuse(broker, append, code, append->stream, detail);
}

static void on_open_writer(struct broker *broker, struct pending *open, const struct open_writer *request)
{
    open->stream = log_stream(broker->log, request->stream);
    if (open->stream < 0) {
        refuse(broker, open, BUS_CODE_MALFORMED, -1, "a stream needs a name of 1-48 bytes");
        return;
    }
    if (!ensure_open(broker))
        return;
    open->opens_writer = true;
    open->position = ++log_state(broker->log, open->stream)->epoch;
    log_touch(broker->log, open->stream);
    diary_event(DIARY_INFO, "writer_opened", "stream=%s epoch=%llu writer=%s", request->stream,
                (unsigned long long)open->position, request->writer);
    (void)wait_for_commit(broker, open);
}

static struct reader *reader_of(struct broker *broker, int origin, uint64_t session, uint64_t number)
{
    for (unsigned i = 0; i < READERS_COUNT_MAX; i++) {
        struct reader *reader = &broker->readers[i];
        if (reader->open && reader->number == number && reader->session == session && reader->origin == origin)
            return reader;
    }
    return NULL;
}

static void on_open_reader(struct broker *broker, const struct pending *from, const struct open_reader *request)
{
    int stream = log_stream(broker->log, request->stream);
    struct reader *reader = NULL;
    for (unsigned i = 0; i < READERS_COUNT_MAX && reader == NULL; i++)
        if (!broker->readers[i].open)
            reader = &broker->readers[i];
    if (stream < 0 || reader == NULL) {
        refuse(broker, from, stream < 0 ? BUS_CODE_MALFORMED : BUS_CODE_NO_READER, -1, "no such reader can be opened");
        return;
    }
    if (request->from < log_first(broker->log, stream)) {
        refuse(broker, from, BUS_CODE_TRIMMED, stream, "trimmed away");
        return;
    }
    *reader = (struct reader){.open = true,
                              .number = ++broker->next_reader,
                              .origin = from->origin,
                              .session = from->session,
                              .stream = stream,
                              .next = request->from,
                              .credit = request->credit,
                              .heard_us = loop_monotonic_us()};
    (void)snprintf(reader->name, sizeof reader->name, "%s", request->reader);
    if (reader->name[0] != 0)
        log_reader_set(broker->log, stream, reader->name, request->from);
    answer(broker, from, BUS_REPLY_READER_OPENED,
           (union bus_reply_body){
               .reader_opened = {request->stream, reader->number, log_state(broker->log, stream)->end}});
}

static void on_credit(struct broker *broker, const struct pending *from, const struct credit *credit)
{
    struct reader *reader = reader_of(broker, from->origin, from->session, credit->reader);
    if (reader == NULL) {
        refuse(broker, from, BUS_CODE_NO_READER, -1, "open the reader again");
        return;
    }
    reader->credit += credit->bytes;
    if (credit->cursor != 0 && reader->name[0] != 0)
        log_reader_set(broker->log, reader->stream, reader->name, credit->cursor);
}

static struct batch_delivery delivery(const struct broker *broker, int stream, const struct log_batch *batch,
                                      uint32_t reader)
{
    return (struct batch_delivery){reader,           log_name(broker->log, stream),       batch->position, batch->count,
                                   batch->stored_at, log_state(broker->log, stream)->end, batch->bytes};
}

static void on_read_once(struct broker *broker, const struct pending *from, const struct read_once *request)
{
    struct log_batch batch;
    struct buffer why;
    int stream = log_find(broker->log, request->stream);
    buffer_init(&why);
    commit_group(broker);
    enum status status = stream < 0 ? REJECT_NOT_FOUND : log_read(broker->log, stream, request->position, &batch, &why);
    if (status == OK) {
        answer(broker, from, BUS_REPLY_READ_ANSWER,
               (union bus_reply_body){.read_answer = delivery(broker, stream, &batch, 0)});
    } else {
        enum bus_code code = status == REJECT_RANGE    ? BUS_CODE_TRIMMED
                             : status == FATAL_CORRUPT ? BUS_CODE_CORRUPT
                                                       : BUS_CODE_UNKNOWN_STREAM;
        refuse(broker, from, code, stream, why.size > 0 ? buffer_text(&why) : "no such stream, or not written yet");
    }
    log_read_end(broker->log);
    buffer_fini(&why);
}

static void on_last(struct broker *broker, const struct pending *from, const struct last_position *request)
{
    int stream = log_find(broker->log, request->stream);
    struct last_position_answer last = {.stream = request->stream};
    commit_group(broker);
    if (stream >= 0) {
        last.first = log_first(broker->log, stream);
        last.end = log_state(broker->log, stream)->end;
        last.epoch = log_state(broker->log, stream)->epoch;
    }
    answer(broker, from, BUS_REPLY_LAST_POSITION, (union bus_reply_body){.last_position = last});
}

/* The disk first: more room in the log would not help there. */
static void look_at_usage(struct broker *broker)
{
    log_usage(broker->log, &broker->usage);
    atomic_store(&broker->full, broker->usage.disk_low        ? LOG_FULL_DISK
                                : broker->usage.limit_reached ? LOG_FULL_LIMIT
                                                              : LOG_FULL_NOT);
}

/* The operator's word for each stream; false: it was refused. */
static bool read_bounds(struct broker *broker, const struct pending *from, const struct trim *request, uint64_t *below)
{
    for (unsigned i = 0; i < request->bound_count; i++) {
        const struct trim_bound *bound = &request->bounds[i];
        int stream = log_find(broker->log, bound->stream);
        uint64_t cursor;
        if (stream < 0) {
            refuse(broker, from, BUS_CODE_UNKNOWN_STREAM, -1, "no such stream");
            return false;
        }
        if (log_reader_lowest(broker->log, stream, &cursor) && bound->below > cursor) {
            char detail[80];
            (void)snprintf(detail, sizeof detail, "a registered reader needs what stands from %llu on",
                           (unsigned long long)cursor);
            refuse(broker, from, BUS_CODE_IN_USE, stream, detail);
            return false;
        }
        below[stream] = bound->below;
    }
    return true;
}

static void on_trim(struct broker *broker, const struct pending *from, const struct trim *request)
{
    uint64_t below[LOG_STREAMS_COUNT_MAX] = {0};
    struct trimmed_stream streams[LOG_STREAMS_COUNT_MAX];
    unsigned count = log_stream_count(broker->log);
    commit_group(broker);
    if (broker->status != OK || !read_bounds(broker, from, request, below))
        return;
    uint32_t segments = log_trim_reach(broker->log, below);
    for (unsigned i = 0; i < count; i++)
        streams[i] = (struct trimmed_stream){log_name(broker->log, (int)i), log_first(broker->log, (int)i),
                                             log_first_without(broker->log, (int)i, segments)};
    if (!request->dry_run && log_trim(broker->log, segments) != OK) {
        stop(broker, FATAL_IO);
        return;
    }
    if (!request->dry_run && segments > 0)
        diary_event(DIARY_INFO, "trimmed", "segments=%u", segments);
    look_at_usage(broker);
    answer(broker, from, BUS_REPLY_TRIMMED, (union bus_reply_body){.trimmed = {segments, streams, count}});
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

static void on_status(struct broker *broker, const struct pending *from)
{
    unsigned count = log_stream_count(broker->log);
    struct stream_status *streams = calloc(count + 1, sizeof *streams);
    struct reader_status *readers = calloc((size_t)count * STATUS_READERS_MAX + 1, sizeof *readers);
    INVARIANT(streams != NULL && readers != NULL);
    for (unsigned i = 0; i < count; i++)
        streams[i] = stream_status(broker, (int)i, readers + (size_t)i * STATUS_READERS_MAX);
    look_at_usage(broker);
    enum log_full full = atomic_load(&broker->full);
    answer(broker, from, BUS_REPLY_STATUS,
           (union bus_reply_body){.status = {.streams = streams,
                                             .stream_count = count,
                                             .segments = broker->usage.segments,
                                             .used_bytes = broker->usage.used,
                                             .limit_bytes = broker->usage.limit,
                                             .full = full != LOG_FULL_NOT,
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

static void heard(struct broker *broker, int origin, uint64_t session)
{
    int64_t now = loop_monotonic_us();
    for (unsigned i = 0; i < READERS_COUNT_MAX; i++)
        if (broker->readers[i].open && broker->readers[i].session == session && broker->readers[i].origin == origin)
            broker->readers[i].heard_us = now;
}

static void on_close_reader(struct broker *broker, const struct pending *from, const struct close_reader *request)
{
    struct reader *reader = reader_of(broker, from->origin, from->session, request->reader);
    if (reader == NULL)
        return;
    if (request->forget)
        log_reader_forget(broker->log, reader->stream, reader->name);
    reader->open = false;
}

/* `fresh` tells the client that this broker knew nothing of its session: what it had in flight may be lost. */
static void greet(struct broker *broker, const struct pending *from, bool fresh)
{
    answer(broker, from, BUS_REPLY_HEARTBEAT, (union bus_reply_body){.heartbeat = {fresh, atomic_load(&broker->full)}});
}

static void dispatch(struct broker *broker, struct pending *from, const struct bus_request *request)
{
    switch (request->kind) {
    case BUS_OPEN_WRITER:
        on_open_writer(broker, from, &request->body.open_writer);
        break;
    case BUS_APPEND:
        on_append(broker, from, &request->body.append);
        break;
    case BUS_OPEN_READER:
        on_open_reader(broker, from, &request->body.open_reader);
        break;
    case BUS_CREDIT:
        on_credit(broker, from, &request->body.credit);
        break;
    case BUS_CLOSE_READER:
        on_close_reader(broker, from, &request->body.close_reader);
        break;
    case BUS_LAST_POSITION:
        on_last(broker, from, &request->body.last_position);
        break;
    case BUS_READ_ONCE:
        on_read_once(broker, from, &request->body.read_once);
        break;
    case BUS_HEARTBEAT:
        greet(broker, from, false);
        break;
    case BUS_TRIM:
        on_trim(broker, from, &request->body.trim);
        break;
    case BUS_STATUS:
        on_status(broker, from);
        break;
    case BUS_NONE:
        refuse(broker, from, BUS_CODE_MALFORMED, -1, "no such request");
        break;
    }
}

static void message(void *self, const struct peer *peer, struct span bytes)
{
    struct front *front = self;
    struct broker *broker = front->broker;
    struct bus_request request;
    struct pending from = {.origin = front->index, .session = peer->session, .stream = -1};
    uint8_t memory[REQUEST_TEXTS_SIZE];
    struct arena arena;
    if (broker->status != OK || peer->revoked || (peer->role != PARTY_LOCAL && peer->role != PARTY_SERVICE))
        return;
    arena_init(&arena, memory, sizeof memory);
    if (bus_request_decode(bytes, &arena, &request) != OK) {
        refuse(broker, &from, BUS_CODE_MALFORMED, -1, "not a BusRequest");
        return;
    }
    from.request = request.request;
    if (peer->first)
        greet(broker, &from, true);
    if (request.version != BUS_PROTOCOL) {
        refuse(broker, &from, BUS_CODE_VERSION, -1, "version 1 is spoken here");
        return;
    }
    heard(broker, from.origin, from.session);
    dispatch(broker, &from, &request);
}

/* One batch to one reader. True: it may have more. */
static bool deliver(struct broker *broker, struct reader *reader)
{
    struct log_batch batch;
    struct buffer why;
    if (!reader->open || reader->credit <= 0 || reader->next >= log_state(broker->log, reader->stream)->end)
        return false;
    buffer_init(&why);
    enum status status = log_read(broker->log, reader->stream, reader->next, &batch, &why);
    if (status == OK) {
        status = reply(broker, reader->origin, reader->session,
                       &(struct bus_reply){BUS_PROTOCOL,
                                           0,
                                           BUS_REPLY_DELIVERY,
                                           {.delivery = delivery(broker, reader->stream, &batch, reader->number)}});
        if (status == OK) {
            reader->next = batch.position + batch.count;
            reader->credit -= (int64_t)batch.bytes.size;
            metric_count(broker->deliveries, 1);
        } else if (status == RETRY_DISCONNECTED) {
            reader->open = false;
        }
    } else {
        diary_event(DIARY_ERROR, "read_failed", "stream=%s position=%llu detail=%s",
                    log_name(broker->log, reader->stream), (unsigned long long)reader->next, buffer_text(&why));
        refuse(broker, &(struct pending){.origin = reader->origin, .session = reader->session},
               status == REJECT_RANGE ? BUS_CODE_TRIMMED : BUS_CODE_CORRUPT, reader->stream, buffer_text(&why));
        reader->open = false;
    }
    buffer_fini(&why);
    return status == OK;
}

static void turn(void *self)
{
    struct broker *broker = self;
    if (broker->status != OK)
        return;
    commit_group(broker);
    bool more = broker->status == OK;
    for (int round = 0; more && round < DELIVER_ROUNDS_MAX; round++) {
        more = false;
        for (unsigned i = 0; i < READERS_COUNT_MAX; i++)
            more = deliver(broker, &broker->readers[i]) || more;
    }
    log_read_end(broker->log);
    if (more)
        loop_again(broker->options.loop);
}

static void watch_usage(void *self)
{
    struct broker *broker = self;
    enum log_full before = atomic_load(&broker->full);
    look_at_usage(broker);
    enum log_full now = atomic_load(&broker->full);
    metric_set(broker->used, (int64_t)broker->usage.used);
    metric_set(broker->limit, (int64_t)broker->usage.limit);
    metric_set(broker->full_metric, now != LOG_FULL_NOT);
    metric_set(broker->disk_free, (int64_t)broker->usage.disk_free);
    metric_set(broker->disk_reserve, (int64_t)broker->usage.disk_reserve);
    metric_set(broker->segments, broker->usage.segments);
    if (before != now)
        diary_event(now != LOG_FULL_NOT ? DIARY_ERROR : DIARY_INFO, now != LOG_FULL_NOT ? "log_full" : "log_has_room",
                    "used=%llu limit=%llu free=%llu reserve=%llu detail=%s", (unsigned long long)broker->usage.used,
                    (unsigned long long)broker->usage.limit, (unsigned long long)broker->usage.disk_free,
                    (unsigned long long)broker->usage.disk_reserve,
                    now != LOG_FULL_NOT ? log_full_text(now) : "appends are taken again");
}

static void watch_sessions(void *self)
{
    struct broker *broker = self;
    int64_t now = loop_monotonic_us();
    log_check_readers(broker->log);
    for (unsigned i = 0; i < READERS_COUNT_MAX; i++)
        if (broker->readers[i].open && now - broker->readers[i].heard_us > SESSION_SILENCE_US)
            broker->readers[i].open = false;
}

static void add_metrics(struct broker *broker)
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
                                        "code=\"corrupt\""};
    struct metrics *metrics = broker->options.metrics;
    broker->appends = metrics_add(metrics, METRIC_COUNTER, "hutong_broker_appends_total", "Batches appended.", NULL);
    broker->records = metrics_add(metrics, METRIC_COUNTER, "hutong_broker_records_total", "Records appended.", NULL);
    broker->bytes =
        metrics_add(metrics, METRIC_COUNTER, "hutong_broker_bytes_total", "Bytes of batches appended.", NULL);
    broker->commits =
        metrics_add(metrics, METRIC_COUNTER, "hutong_broker_commits_total", "Durable group commits.", NULL);
    broker->commit_us =
        metrics_add(metrics, METRIC_HISTOGRAM, "hutong_broker_commit_seconds", "Time of a group commit.", NULL);
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
    for (unsigned i = 1; i <= BUS_CODE_CORRUPT; i++)
        broker->refusals[i] =
            metrics_add(metrics, METRIC_COUNTER, "hutong_broker_refusals_total", "Refused requests by code.", codes[i]);
}

static enum status open_front(struct broker *broker, int index, const char *endpoint, struct buffer *why)
{
    struct front *front = &broker->fronts[index];
    *front = (struct front){.broker = broker, .index = index};
    struct server_options options = {
        .endpoint = endpoint, .zap = broker->options.zap, .message = message, .self = front, .bounded_by_credit = true};
    return server_open(broker->options.loop, &options, &front->server, why);
}

enum status broker_open(const struct broker_options *options, struct broker **out, struct buffer *why)
{
    struct broker *broker = calloc(1, sizeof *broker);
    INVARIANT(broker != NULL);
    broker->options = *options;
    broker->log = options->log;
    buffer_init(&broker->out);
    add_metrics(broker);
    watch_usage(broker);
    enum status status = open_front(broker, 0, options->ipc_endpoint, why);
    if (status == OK && options->tcp_endpoint != NULL)
        status = open_front(broker, 1, options->tcp_endpoint, why);
    if (status != OK) {
        broker_close(&broker);
        return status;
    }
    loop_add_turn(options->loop, turn, broker);
    loop_add_timer(options->loop, USAGE_INTERVAL_MS, watch_usage, broker);
    loop_add_timer(options->loop, CHECK_INTERVAL_MS, watch_sessions, broker);
    *out = broker;
    return OK;
}

void broker_close(struct broker **broker)
{
    if (*broker == NULL)
        return;
    if ((*broker)->status == OK)
        commit_group(*broker);
    loop_remove((*broker)->options.loop, *broker);
    server_close(&(*broker)->fronts[0].server);
    server_close(&(*broker)->fronts[1].server);
    buffer_fini(&(*broker)->out);
    free(*broker);
    *broker = NULL;
}

const char *broker_why_full(const struct broker *broker)
{
    return log_full_text(atomic_load(&broker->full));
}

enum status broker_status(const struct broker *broker)
{
    return broker->status;
}
