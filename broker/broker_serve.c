/* SPDX-License-Identifier: Apache-2.0
 * The protocol: broker.h, docs/PROTOCOL-BUS.md. */
#include "broker/broker_internal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "common/base/check.h"
#include "common/bus/bus_protocol.h"
#include "common/bus/log_full.h"
#include "common/observe/diary.h"

/* In its turn: what came before it is acknowledged first. */
static void refuse_append(struct broker *broker, struct pending *append, enum bus_code code, const char *detail)
{
    append->kind = PENDING_REFUSAL;
    append->code = code;
    append->detail = detail;
    broker_answer_later(broker, append);
}

/* Equal bytes at that position, on disk or on their way there. */
static void compare(struct broker *broker, struct pending *append, struct span batch)
{
    struct log_batch stored;
    struct buffer why;
    buffer_init(&why);
    enum status status = broker_read(broker, append->stream, append->position, &stored, &why);
    if (status == OK && stored.position == append->position && stored.count == append->count &&
        span_equal(stored.bytes, batch)) {
        append->kind = PENDING_ALREADY;
        broker_answer_later(broker, append);
    } else if (status == FATAL_CORRUPT) {
        broker_drain(broker);
        broker_refuse(broker, append, BUS_CODE_CORRUPT, append->stream, buffer_text(&why));
    } else {
        refuse_append(broker, append, BUS_CODE_CONFLICT, "other bytes stand at this position");
    }
    log_read_end(broker->log);
    buffer_fini(&why);
}

static void take_in(struct broker *broker, struct pending *append, const struct bus_append *request)
{
    if (atomic_load(&broker->full) != LOG_FULL_NONE) {
        refuse_append(broker, append, BUS_CODE_FULL, "no room; reads go on");
        return;
    }
    tail_append(broker->tail, append->stream, append->count, loop_wall_ms(), request->durable_first, request->batch);
    metric_count(broker->appends, 1);
    metric_count(broker->records, append->count);
    metric_count(broker->bytes, (int64_t)request->batch.size);
    append->kind = PENDING_APPENDED;
    append->durable_first = request->durable_first;
    broker_answer_later(broker, append);
}

static void on_append(struct broker *broker, struct pending *append, const struct bus_append *request)
{
    append->stream = tail_find(broker->tail, request->stream);
    append->position = request->position;
    append->count = request->count;
    if (append->stream < 0) {
        broker_refuse(broker, append, BUS_CODE_UNKNOWN_STREAM, -1, "open the writer first");
        return;
    }
    if (append->count == 0 || request->batch.size == 0 || request->batch.size > FRAME_SIZE_MAX) {
        broker_refuse(broker, append, BUS_CODE_TOO_LARGE, append->stream,
                      "1 record at least, FRAME_SIZE_MAX bytes at most");
        return;
    }
    if (request->incarnation != broker->incarnation) {
        refuse_append(broker, append, BUS_CODE_STALE, "meant for another incarnation of the broker");
        return;
    }
    switch (stream_decide(tail_state(broker->tail, append->stream), request->epoch, append->position, append->count,
                          tail_bound(broker->tail, append->stream))) {
    case APPEND_WRITE:
        take_in(broker, append, request);
        break;
    case APPEND_COMPARE:
        compare(broker, append, request->batch);
        break;
    case APPEND_FENCED:
        refuse_append(broker, append, BUS_CODE_FENCED, "a newer epoch holds the stream");
        break;
    case APPEND_CONFLICT:
        refuse_append(broker, append, BUS_CODE_CONFLICT, "the position lies beyond the end");
        break;
    case APPEND_AHEAD:
        refuse_append(broker, append, BUS_CODE_AHEAD, "longer than the stream that it follows");
        break;
    }
}

static void on_open_writer(struct broker *broker, struct pending *open, const struct open_writer *request)
{
    bool follows = request->follows[0] != 0;
    int followed = follows ? tail_stream(broker->tail, request->follows) : -1;
    open->stream = tail_stream(broker->tail, request->stream);
    if (open->stream < 0 || (follows && (followed < 0 || followed == open->stream))) {
        broker_refuse(broker, open, BUS_CODE_MALFORMED, -1, "a stream needs a name of 1-48 bytes");
        return;
    }
    open->kind = PENDING_WRITER;
    open->epoch = tail_open_writer(broker->tail, open->stream, followed);
    open->end = tail_state(broker->tail, open->stream)->end;
    diary_event(DIARY_INFO, "writer_opened", "stream=%s epoch=%llu writer=%s", request->stream,
                (unsigned long long)open->epoch, request->writer);
    broker_answer_later(broker, open);
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
    int stream = tail_stream(broker->tail, request->stream);
    struct reader *reader = NULL;
    for (unsigned i = 0; i < READERS_COUNT_MAX && reader == NULL; i++)
        if (!broker->readers[i].open)
            reader = &broker->readers[i];
    if (stream < 0 || reader == NULL) {
        broker_refuse(broker, from, stream < 0 ? BUS_CODE_MALFORMED : BUS_CODE_NO_READER, -1,
                      "no such reader can be opened");
        return;
    }
    if (request->from < log_first(broker->log, stream)) {
        broker_refuse(broker, from, BUS_CODE_TRIMMED, stream, "trimmed away");
        return;
    }
    *reader = (struct reader){.open = true,
                              .number = ++broker->next_reader,
                              .origin = from->origin,
                              .session = from->session,
                              .stream = stream,
                              .next = request->from,
                              .credit = request->credit,
                              .ahead = request->ahead,
                              .heard_us = loop_monotonic_us()};
    (void)snprintf(reader->name, sizeof reader->name, "%s", request->reader);
    if (reader->name[0] != 0)
        tail_cursor(broker->tail, stream, reader->name, request->from);
    broker_answer(
        broker, from, BUS_REPLY_READER_OPENED,
        (union bus_reply_body){.reader_opened = {request->stream, reader->number, tail_state(broker->tail, stream)->end,
                                                 tail_began(broker->tail, stream)}});
}

static void on_credit(struct broker *broker, const struct pending *from, const struct credit *credit)
{
    struct reader *reader = reader_of(broker, from->origin, from->session, credit->reader);
    if (reader == NULL) {
        broker_refuse(broker, from, BUS_CODE_NO_READER, -1, "open the reader again");
        return;
    }
    reader->credit += credit->bytes;
    if (credit->cursor != 0 && reader->name[0] != 0)
        tail_cursor(broker->tail, reader->stream, reader->name, credit->cursor);
}

/* Of what is durable, so it waits where the position is on its way to the disk. */
static void on_read_once(struct broker *broker, struct pending *from, const struct read_once *request)
{
    from->stream = tail_find(broker->tail, request->stream);
    from->position = request->position;
    from->kind = PENDING_READ;
    if (from->stream < 0 || from->position < tail_durable(broker->tail, from->stream))
        broker_answer_read(broker, from);
    else
        broker_answer_later(broker, from);
}

/* The end as it is now, once it is durable. */
static void on_last(struct broker *broker, struct pending *from, const struct last_position *request)
{
    from->stream = tail_find(broker->tail, request->stream);
    from->kind = PENDING_LAST;
    if (from->stream < 0) {
        broker_answer(broker, from, BUS_REPLY_LAST_POSITION,
                      (union bus_reply_body){.last_position = {.stream = request->stream}});
        return;
    }
    from->epoch = tail_state(broker->tail, from->stream)->epoch;
    from->end = tail_state(broker->tail, from->stream)->end;
    broker_answer_later(broker, from);
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
        tail_forget(broker->tail, reader->stream, reader->name);
    reader->open = false;
}

/* `fresh` tells the client that this broker knew nothing of its session: what it had in flight may be lost. */
static void greet(struct broker *broker, const struct pending *from, bool fresh)
{
    struct heartbeat heartbeat = {.fresh = fresh, .full = atomic_load(&broker->full)};
    if (fresh) {
        heartbeat.incarnation = broker->incarnation;
        heartbeat.previous = broker->previous;
        heartbeat.log = log_identity(broker->log);
    }
    broker_answer(broker, from, BUS_REPLY_HEARTBEAT, (union bus_reply_body){.heartbeat = heartbeat});
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
        broker_on_trim(broker, from, &request->body.trim);
        break;
    case BUS_STATUS:
        broker_on_status(broker, from);
        break;
    case BUS_NONE:
        broker_refuse(broker, from, BUS_CODE_MALFORMED, -1, "no such request");
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
        broker_refuse(broker, &from, BUS_CODE_MALFORMED, -1, "not a BusRequest");
        return;
    }
    from.request = request.request;
    if (peer->first)
        greet(broker, &from, true);
    if (request.version != BUS_PROTOCOL) {
        broker_refuse(broker, &from, BUS_CODE_VERSION, -1, "version 2 is spoken here");
        return;
    }
    heard(broker, from.origin, from.session);
    dispatch(broker, &from, &request);
}

/* Up to where this reader may have the stream now. */
static uint64_t reach_of(const struct broker *broker, const struct reader *reader)
{
    return reader->ahead ? tail_written(broker->tail, reader->stream) : tail_durable(broker->tail, reader->stream);
}

/* One batch to one reader. True: it may have more. */
static bool deliver(struct broker *broker, struct reader *reader)
{
    struct log_batch batch;
    struct buffer why;
    if (!reader->open || reader->credit <= 0 || reader->next >= reach_of(broker, reader))
        return false;
    buffer_init(&why);
    enum status status = broker_read(broker, reader->stream, reader->next, &batch, &why);
    if (status == OK) {
        status = broker_reply(
            broker, reader->origin, reader->session,
            &(struct bus_reply){BUS_PROTOCOL,
                                0,
                                BUS_REPLY_DELIVERY,
                                {.delivery = broker_delivery(broker, reader->stream, &batch, reader->number)}});
        if (status == OK) {
            reader->next = batch.position + batch.count;
            reader->credit -= (int64_t)batch.bytes.size;
            metric_count(broker->deliveries, 1);
        } else if (status == RETRY_DISCONNECTED) {
            reader->open = false;
        }
    } else {
        diary_event(DIARY_ERROR, "read_failed", "stream=%s position=%llu detail=%s",
                    tail_name(broker->tail, reader->stream), (unsigned long long)reader->next, buffer_text(&why));
        broker_refuse(broker, &(struct pending){.origin = reader->origin, .session = reader->session},
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
    broker_hand_over_in_time(broker);
    bool more = true;
    for (int round = 0; more && round < DELIVER_ROUNDS_MAX; round++) {
        more = false;
        for (unsigned i = 0; i < READERS_COUNT_MAX; i++)
            more = deliver(broker, &broker->readers[i]) || more;
    }
    log_read_end(broker->log);
    if (more)
        loop_again(broker->options.loop);
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

static enum status open_front(struct broker *broker, int index, const char *endpoint, struct buffer *why)
{
    struct front *front = &broker->fronts[index];
    *front = (struct front){.broker = broker, .index = index};
    struct server_options options = {
        .endpoint = endpoint, .zap = broker->options.zap, .message = message, .self = front, .bounded_by_credit = true};
    return server_open(broker->options.loop, &options, &front->server, why);
}

/* Drawn by lot, so that no two are ever taken for each other. */
static enum status draw_incarnation(struct broker *broker, struct buffer *why)
{
    enum status status = OK;
    if (getrandom(&broker->incarnation, sizeof broker->incarnation, 0) != sizeof broker->incarnation)
        status = FATAL_IO;
    if (status == OK)
        status = log_next_incarnation(broker->log, broker->incarnation, &broker->previous);
    if (status != OK)
        buffer_append_text(why, "the number of this incarnation cannot be kept");
    return status;
}

enum status broker_open(const struct broker_options *options, struct broker **out, struct buffer *why)
{
    struct broker *broker = calloc(1, sizeof *broker);
    INVARIANT(broker != NULL);
    broker->options = *options;
    broker->log = options->log;
    broker->tail = tail_new(options->log);
    broker->syncer = syncer_start(options->log, options->metrics);
    buffer_init(&broker->out);
    broker_add_metrics(broker);
    broker_watch_usage(broker);
    enum status status = draw_incarnation(broker, why);
    if (status == OK)
        status = open_front(broker, 0, options->ipc_endpoint, why);
    if (status == OK && options->tcp_endpoint != NULL)
        status = open_front(broker, 1, options->tcp_endpoint, why);
    if (status != OK) {
        broker_close(&broker);
        return status;
    }
    loop_add_fd(options->loop, syncer_fd(broker->syncer), broker_on_settled, broker);
    loop_add_turn(options->loop, turn, broker);
    loop_add_timer(options->loop, USAGE_INTERVAL_MS, broker_watch_usage, broker);
    loop_add_timer(options->loop, CHECK_INTERVAL_MS, watch_sessions, broker);
    *out = broker;
    return OK;
}

void broker_close(struct broker **broker)
{
    if (*broker == NULL)
        return;
    broker_drain(*broker);
    syncer_stop(&(*broker)->syncer);
    tail_destroy(&(*broker)->tail);
    loop_remove((*broker)->options.loop, *broker);
    server_close(&(*broker)->fronts[0].server);
    server_close(&(*broker)->fronts[1].server);
    buffer_fini(&(*broker)->out);
    free(*broker);
    *broker = NULL;
}
