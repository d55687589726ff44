/* SPDX-License-Identifier: Apache-2.0
 * Protocol and group commit: broker.h, docs/PROTOCOL-BUS.md. */
#include "broker/broker.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/bus/bus_frame.h"
#include "common/observe/diary.h"

enum {
    READERS_COUNT_MAX = 256,
    PENDING_COUNT_MAX = 4096,
    SESSION_SILENCE_US = 15 * 1000 * 1000,
    DELIVER_ROUNDS_MAX = 64,
    USAGE_INTERVAL_MS = 200,
    CHECK_INTERVAL_MS = 5000
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
    struct buffer out;
    enum status status;
    struct metric *appends, *records, *bytes, *commits, *commit_us, *refusals[BUS_CORRUPT + 1], *used, *limit, *full,
        *segments, *deliveries;
};

static enum status send_frame(struct broker *broker, int origin, uint64_t session, size_t mark)
{
    wire_end(&broker->out, mark);
    return server_reply(broker->fronts[origin].server, session, buffer_span(&broker->out));
}

static void refuse(struct broker *broker, int origin, uint64_t session, uint64_t request, enum bus_code code,
                   int stream, const char *detail)
{
    metric_count(broker->refusals[code], 1);
    size_t mark = bus_frame_begin(&broker->out, request, BUS_ERROR);
    wire_put_uint(&broker->out, 1, (uint64_t)code);
    wire_put_text(&broker->out, 2, detail);
    if (stream >= 0) {
        wire_put_text(&broker->out, 3, log_name(broker->log, stream));
        wire_put_uint(&broker->out, 4, log_state(broker->log, stream)->end);
        wire_put_uint(&broker->out, 5, log_state(broker->log, stream)->epoch);
    }
    (void)send_frame(broker, origin, session, mark);
}

static void answer_appended(struct broker *broker, const struct pending *append, bool already)
{
    size_t mark =
        bus_frame_begin(&broker->out, append->request, append->opens_writer ? BUS_WRITER_OPENED : BUS_APPENDED);
    wire_put_text(&broker->out, 1, log_name(broker->log, append->stream));
    if (append->opens_writer) {
        wire_put_uint(&broker->out, 2, append->position);
        wire_put_uint(&broker->out, 3, log_state(broker->log, append->stream)->end);
    } else {
        wire_put_uint(&broker->out, 2, append->position);
        wire_put_uint(&broker->out, 3, append->count);
        wire_put_uint(&broker->out, 4, already);
    }
    (void)send_frame(broker, append->origin, append->session, mark);
}

/* A commit failed: whether it was written is unknown (L1, L2). Say so to all who wait, then stop. */
static void stop(struct broker *broker, enum status status)
{
    diary_event(DIARY_FATAL, "commit_failed", "status=%s detail=%s", status_name(status), status_text(status));
    for (unsigned i = 0; i < broker->pending_count; i++)
        refuse(broker, broker->pending[i].origin, broker->pending[i].session, broker->pending[i].request,
               BUS_UNKNOWN_OUTCOME, broker->pending[i].stream, "the storage failed; ask again after the restart");
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
        refuse(broker, append->origin, append->session, append->request, BUS_CORRUPT, append->stream,
               buffer_text(&why));
    else
        refuse(broker, append->origin, append->session, append->request, BUS_CONFLICT, append->stream,
               "other bytes stand at this position");
    log_read_end(broker->log);
    buffer_fini(&why);
}

static void on_append(struct broker *broker, struct pending *append, const struct bus_body *body)
{
    append->stream = log_find(broker->log, body->text);
    append->position = body->numbers[3];
    append->count = (uint32_t)body->numbers[4];
    if (append->stream < 0) {
        refuse(broker, append->origin, append->session, append->request, BUS_UNKNOWN_STREAM, -1,
               "open the writer first");
        return;
    }
    enum bus_code code = BUS_CONFLICT;
    const char *detail = "the position lies beyond the end";
    if (append->count == 0 || body->batch.size == 0 || body->batch.size > FRAME_SIZE_MAX) {
        refuse(broker, append->origin, append->session, append->request, BUS_TOO_LARGE, append->stream,
               "1 record at least, FRAME_SIZE_MAX bytes at most");
        return;
    }
    switch (stream_decide(log_state(broker->log, append->stream), body->numbers[2], append->position)) {
    case APPEND_WRITE:
        if (broker->usage.full) {
            code = BUS_FULL;
            detail = "no room; reads go on";
            break;
        }
        if (!ensure_open(broker))
            return;
        enum status status = log_append(broker->log, append->stream, append->count, loop_wall_ms(), body->batch);
        if (status != OK) {
            (void)wait_for_commit(broker, append);
            stop(broker, status);
            return;
        }
        metric_count(broker->appends, 1);
        metric_count(broker->records, append->count);
        metric_count(broker->bytes, (int64_t)body->batch.size);
        broker->pending_bytes += body->batch.size;
        (void)wait_for_commit(broker, append);
        return;
    case APPEND_COMPARE:
        compare(broker, append, body->batch);
        return;
    case APPEND_FENCED:
        code = BUS_FENCED;
        detail = "a newer epoch holds the stream";
        break;
    case APPEND_CONFLICT:
        break;
    }
    commit_group(broker); /* answers go in the order of the appends: what came before is acknowledged first */
    refuse(broker, append->origin, append->session, append->request, code, append->stream, detail);
}

static void on_open_writer(struct broker *broker, struct pending *open, const struct bus_body *body)
{
    open->stream = log_stream(broker->log, body->text);
    if (open->stream < 0) {
        refuse(broker, open->origin, open->session, open->request, BUS_MALFORMED, -1,
               "a stream needs a name of 1-48 bytes");
        return;
    }
    if (!ensure_open(broker))
        return;
    open->opens_writer = true;
    open->position = ++log_state(broker->log, open->stream)->epoch;
    log_touch(broker->log, open->stream);
    diary_event(DIARY_INFO, "writer_opened", "stream=%s epoch=%llu writer=%s", body->text,
                (unsigned long long)open->position, body->text2);
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

static void on_open_reader(struct broker *broker, const struct pending *from, const struct bus_body *body)
{
    int stream = log_stream(broker->log, body->text);
    struct reader *reader = NULL;
    for (unsigned i = 0; i < READERS_COUNT_MAX && reader == NULL; i++)
        if (!broker->readers[i].open)
            reader = &broker->readers[i];
    if (stream < 0 || reader == NULL) {
        refuse(broker, from->origin, from->session, from->request, stream < 0 ? BUS_MALFORMED : BUS_NO_READER, -1,
               "no such reader can be opened");
        return;
    }
    if (body->numbers[3] < log_first(broker->log, stream)) {
        refuse(broker, from->origin, from->session, from->request, BUS_IS_TRIMMED, stream, "trimmed away");
        return;
    }
    *reader = (struct reader){.open = true,
                              .number = ++broker->next_reader,
                              .origin = from->origin,
                              .session = from->session,
                              .stream = stream,
                              .next = body->numbers[3],
                              .credit = (int64_t)body->numbers[4],
                              .heard_us = loop_monotonic_us()};
    memcpy(reader->name, body->text2, sizeof reader->name);
    if (reader->name[0] != 0)
        log_reader_set(broker->log, stream, reader->name, body->numbers[3]);
    size_t mark = bus_frame_begin(&broker->out, from->request, BUS_READER_OPENED);
    wire_put_text(&broker->out, 1, body->text);
    wire_put_uint(&broker->out, 2, reader->number);
    wire_put_uint(&broker->out, 3, log_state(broker->log, stream)->end);
    (void)send_frame(broker, from->origin, from->session, mark);
}

static void on_credit(struct broker *broker, const struct pending *from, const struct bus_body *body)
{
    struct reader *reader = reader_of(broker, from->origin, from->session, body->numbers[1]);
    if (reader == NULL) {
        refuse(broker, from->origin, from->session, from->request, BUS_NO_READER, -1, "open the reader again");
        return;
    }
    reader->credit += (int64_t)body->numbers[2];
    if (body->numbers[3] != 0 && reader->name[0] != 0)
        log_reader_set(broker->log, reader->stream, reader->name, body->numbers[3]);
}

static void put_batch(struct broker *broker, int stream, const struct log_batch *batch, uint32_t reader)
{
    struct buffer *out = &broker->out;
    wire_put_uint(out, 1, reader);
    wire_put_text(out, 2, log_name(broker->log, stream));
    wire_put_uint(out, 3, batch->position);
    wire_put_uint(out, 4, batch->count);
    wire_put_int(out, 5, batch->stored_at);
    wire_put_uint(out, 6, log_state(broker->log, stream)->end);
    wire_put_bytes(out, 15, batch->bytes);
}

static void on_read_once(struct broker *broker, const struct pending *from, const struct bus_body *body)
{
    struct log_batch batch;
    struct buffer why;
    int stream = log_find(broker->log, body->text);
    buffer_init(&why);
    commit_group(broker);
    enum status status = stream < 0 ? REJECT_NOT_FOUND : log_read(broker->log, stream, body->numbers[2], &batch, &why);
    if (status == OK) {
        size_t mark = bus_frame_begin(&broker->out, from->request, BUS_READ_ANSWER);
        put_batch(broker, stream, &batch, 0);
        (void)send_frame(broker, from->origin, from->session, mark);
    } else {
        enum bus_code code = status == REJECT_RANGE    ? BUS_IS_TRIMMED
                             : status == FATAL_CORRUPT ? BUS_CORRUPT
                                                       : BUS_UNKNOWN_STREAM;
        refuse(broker, from->origin, from->session, from->request, code, stream,
               why.size > 0 ? buffer_text(&why) : "no such stream, or not written yet");
    }
    log_read_end(broker->log);
    buffer_fini(&why);
}

static void on_last(struct broker *broker, const struct pending *from, const struct bus_body *body)
{
    int stream = log_find(broker->log, body->text);
    commit_group(broker);
    size_t mark = bus_frame_begin(&broker->out, from->request, BUS_LAST_ANSWER);
    wire_put_text(&broker->out, 1, body->text);
    if (stream >= 0) {
        wire_put_uint(&broker->out, 2, log_first(broker->log, stream));
        wire_put_uint(&broker->out, 3, log_state(broker->log, stream)->end);
        wire_put_uint(&broker->out, 4, log_state(broker->log, stream)->epoch);
    }
    (void)send_frame(broker, from->origin, from->session, mark);
}

static void on_trim(struct broker *broker, const struct pending *from, const struct bus_body *body)
{
    int stream = log_find(broker->log, body->text);
    uint32_t removed = 0;
    uint64_t cursor;
    commit_group(broker);
    if (stream >= 0 && log_reader_lowest(broker->log, stream, &cursor) && body->numbers[2] > cursor) {
        refuse(broker, from->origin, from->session, from->request, BUS_IN_USE, stream, "a registered reader needs it");
        return;
    }
    if (broker->status == OK && stream >= 0 && log_trim(broker->log, stream, body->numbers[2], &removed) != OK) {
        stop(broker, FATAL_IO);
        return;
    }
    log_usage(broker->log, &broker->usage);
    size_t mark = bus_frame_begin(&broker->out, from->request, BUS_TRIMMED);
    wire_put_uint(&broker->out, 1, removed);
    (void)send_frame(broker, from->origin, from->session, mark);
}

static bool reader_is_connected(const struct broker *broker, int stream, const char *name)
{
    for (unsigned i = 0; i < READERS_COUNT_MAX; i++)
        if (broker->readers[i].open && broker->readers[i].stream == stream &&
            strcmp(broker->readers[i].name, name) == 0)
            return true;
    return false;
}

static void on_status(struct broker *broker, const struct pending *from)
{
    struct buffer *out = &broker->out;
    log_usage(broker->log, &broker->usage);
    size_t mark = bus_frame_begin(out, from->request, BUS_STATUS_ANSWER);
    for (unsigned i = 0; i < log_stream_count(broker->log); i++) {
        size_t row = wire_begin(out, 1);
        wire_put_text(out, 1, log_name(broker->log, (int)i));
        wire_put_uint(out, 2, log_first(broker->log, (int)i));
        wire_put_uint(out, 3, log_state(broker->log, (int)i)->end);
        wire_put_uint(out, 4, log_state(broker->log, (int)i)->epoch);
        const char *name;
        uint64_t cursor;
        for (unsigned k = 0; log_reader_at(broker->log, (int)i, k, &name, &cursor); k++) {
            size_t reader = wire_begin(out, 5);
            wire_put_text(out, 1, name);
            wire_put_uint(out, 2, cursor);
            wire_put_uint(out, 3, reader_is_connected(broker, (int)i, name));
            wire_end(out, reader);
        }
        wire_end(out, row);
    }
    wire_put_uint(out, 2, broker->usage.segments);
    wire_put_uint(out, 3, broker->usage.used);
    wire_put_uint(out, 4, broker->usage.limit);
    wire_put_uint(out, 5, broker->usage.full);
    (void)send_frame(broker, from->origin, from->session, mark);
}

static void heard(struct broker *broker, int origin, uint64_t session)
{
    int64_t now = loop_monotonic_us();
    for (unsigned i = 0; i < READERS_COUNT_MAX; i++)
        if (broker->readers[i].open && broker->readers[i].session == session && broker->readers[i].origin == origin)
            broker->readers[i].heard_us = now;
}

static void on_close_reader(struct broker *broker, const struct pending *from, const struct bus_body *body)
{
    struct reader *reader = reader_of(broker, from->origin, from->session, body->numbers[1]);
    if (reader == NULL)
        return;
    if (body->numbers[2] != 0)
        log_reader_forget(broker->log, reader->stream, reader->name);
    reader->open = false;
}

/* `fresh` tells the client that this broker knew nothing of its session: what it had in flight may be lost. */
static void greet(struct broker *broker, const struct pending *from, bool fresh)
{
    size_t mark = bus_frame_begin(&broker->out, from->request, BUS_HEARTBEAT_REPLY);
    wire_put_uint(&broker->out, 1, fresh);
    (void)send_frame(broker, from->origin, from->session, mark);
}

static void dispatch(struct broker *broker, struct pending *from, uint32_t kind, const struct bus_body *body)
{
    switch (kind) {
    case BUS_OPEN_WRITER:
        on_open_writer(broker, from, body);
        break;
    case BUS_APPEND:
        on_append(broker, from, body);
        break;
    case BUS_OPEN_READER:
        on_open_reader(broker, from, body);
        break;
    case BUS_CREDIT:
        on_credit(broker, from, body);
        break;
    case BUS_CLOSE_READER:
        on_close_reader(broker, from, body);
        break;
    case BUS_LAST_POSITION:
        on_last(broker, from, body);
        break;
    case BUS_READ_ONCE:
        on_read_once(broker, from, body);
        break;
    case BUS_HEARTBEAT:
        greet(broker, from, false);
        break;
    case BUS_TRIM:
        on_trim(broker, from, body);
        break;
    case BUS_STATUS:
        on_status(broker, from);
        break;
    default:
        refuse(broker, from->origin, from->session, from->request, BUS_MALFORMED, -1, "no such request");
        break;
    }
}

static void message(void *self, const struct peer *peer, struct span bytes)
{
    struct front *front = self;
    struct broker *broker = front->broker;
    struct bus_frame frame;
    struct bus_body body;
    struct pending from = {.origin = front->index, .session = peer->session, .stream = -1};
    if (broker->status != OK || peer->revoked || (peer->role != PARTY_LOCAL && peer->role != PARTY_SERVICE))
        return;
    if (bus_frame_read(bytes, &frame) != OK || bus_body_read(frame.body, &body) != OK) {
        refuse(broker, from.origin, from.session, 0, BUS_MALFORMED, -1, "not a BusRequest");
        return;
    }
    from.request = frame.request;
    if (peer->first)
        greet(broker, &from, true);
    if (frame.version != BUS_VERSION) {
        refuse(broker, from.origin, from.session, frame.request, BUS_BAD_VERSION, -1, "version 1 is spoken here");
        return;
    }
    heard(broker, from.origin, from.session);
    dispatch(broker, &from, frame.kind, &body);
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
        size_t mark = bus_frame_begin(&broker->out, 0, BUS_DELIVERY);
        put_batch(broker, reader->stream, &batch, reader->number);
        status = send_frame(broker, reader->origin, reader->session, mark);
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
        refuse(broker, reader->origin, reader->session, 0, status == REJECT_RANGE ? BUS_IS_TRIMMED : BUS_CORRUPT,
               reader->stream, buffer_text(&why));
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
    bool was_full = broker->usage.full;
    log_usage(broker->log, &broker->usage);
    metric_set(broker->used, (int64_t)broker->usage.used);
    metric_set(broker->limit, (int64_t)broker->usage.limit);
    metric_set(broker->full, broker->usage.full);
    metric_set(broker->segments, broker->usage.segments);
    if (was_full != broker->usage.full)
        diary_event(broker->usage.full ? DIARY_ERROR : DIARY_INFO, broker->usage.full ? "log_full" : "log_has_room",
                    "used=%llu limit=%llu", (unsigned long long)broker->usage.used,
                    (unsigned long long)broker->usage.limit);
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
    broker->full =
        metrics_add(metrics, METRIC_GAUGE, "hutong_broker_full", "1: appends are refused for want of room.", NULL);
    broker->segments = metrics_add(metrics, METRIC_GAUGE, "hutong_broker_segments", "Segments of the log.", NULL);
    for (unsigned i = 1; i <= BUS_CORRUPT; i++)
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

bool broker_is_full(const struct broker *broker)
{
    return atomic_load_explicit(&broker->full->value, memory_order_relaxed) != 0;
}

enum status broker_status(const struct broker *broker)
{
    return broker->status;
}
