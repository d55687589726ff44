/* SPDX-License-Identifier: Apache-2.0
 * The client side of docs/PROTOCOL-BUS.md.
 *
 *   CONNECTING --(any reply)--> CONNECTED --(2.9 s of silence)--> QUIET --(10 s of silence)--> CONNECTING (new socket)
 *   the broker greets every new session (Heartbeat.fresh): a second greeting on one socket means that the connection,
 * or the broker, was lost in between. Then readers are opened again where they stood, and appends in flight are sent
 * again, in order (bus_zmq_session.c). Positions keep that from writing twice. */
#include "common/bus/bus_zmq.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/bus/bus_zmq_session.h"
#include "common/bus/log_full.h"
#include "common/observe/diary.h"

enum {
    SILENCE_US = 10 * 1000 * 1000,
    HEARTBEAT_MS = 1000,
    QUIET_US = 2900 * 1000, /* three heartbeats; whoever asks /readyz hears of it within 5 s (O4) */
    DRAIN_MESSAGES_MAX = 64,
    REPLY_TEXTS_SIZE = 1024 /* a detail and a stream's name */
};

static void send_credit(struct bus_zmq *bus, struct bus_reader *reader, uint32_t bytes)
{
    session_send(bus, 0, BUS_CREDIT, (union bus_request_body){.credit = {reader->number, bytes, reader->cursor}});
}

static void disconnected(struct bus_zmq *bus)
{
    if (bus->connected && bus->bus.handlers.disconnected != NULL)
        bus->bus.handlers.disconnected(bus->bus.handlers.self);
    bus->connected = false;
    bus->bus.why_full = NULL; /* what it said last is not known to hold */
}

static void heartbeat(void *self)
{
    struct bus_zmq *bus = self;
    int64_t silence_us = loop_monotonic_us() - bus->heard_us;
    if (silence_us > QUIET_US)
        disconnected(bus);
    if (silence_us > SILENCE_US) {
        session_connect(bus);
        return;
    }
    session_send(bus, 0, BUS_HEARTBEAT, (union bus_request_body){.heartbeat = {.fresh = false}});
}

static void pop_inflight(struct bus_zmq *bus)
{
    struct inflight *done = &bus->inflight[bus->first];
    bus->inflight_bytes -= done->frame.size;
    buffer_reset(&done->frame);
    bus->first = (bus->first + 1) % INFLIGHT_COUNT_MAX;
    bus->count--;
}

/* Replies to appends come in order; anything else belongs to an append that has been given up. */
static void complete(struct bus_zmq *bus, uint64_t request, bool already, enum status status)
{
    const struct bus_handlers *handlers = &bus->bus.handlers;
    if (bus->count == 0 || bus->inflight[bus->first].request != request)
        return;
    struct bus_writer *writer = bus->inflight[bus->first].writer;
    do { /* a refusal for want of room takes everything behind it along: nothing of that was written */
        struct inflight *done = &bus->inflight[bus->first];
        if (done->writer != writer)
            break;
        position_t position = done->position;
        uint32_t count = done->count;
        pop_inflight(bus);
        handlers->appended(handlers->self, writer, position, count, already, status);
    } while (status == RETRY_FULL && bus->count > 0);
}

static struct bus_reader *reader_by(struct bus_zmq *bus, uint64_t request, uint32_t number)
{
    for (unsigned i = 0; i < bus->reader_count; i++) {
        struct bus_reader *reader = &bus->readers[i];
        if (reader->open && (request != 0 ? reader->request == request : reader->number == number && number != 0))
            return reader;
    }
    return NULL;
}

static struct bus_batch as_batch(const struct batch_delivery *delivery)
{
    return (struct bus_batch){delivery->stream,    delivery->position, delivery->count,
                              delivery->stored_at, delivery->end,      delivery->batch};
}

static void on_delivery(struct bus_zmq *bus, const struct batch_delivery *delivery)
{
    struct bus_reader *reader = reader_by(bus, 0, delivery->reader);
    struct bus_batch batch = as_batch(delivery);
    if (reader == NULL)
        return;
    if (batch.position > reader->next || batch.position + batch.count <= reader->next) {
        diary_event(DIARY_ERROR, "delivery_out_of_order", "stream=%s wanted=%llu got=%llu", reader->stream,
                    (unsigned long long)reader->next, (unsigned long long)batch.position);
        session_send_reader(bus, reader);
        return;
    }
    reader->credit -= (int64_t)delivery->batch.size;
    reader->next = batch.position + batch.count;
    bus->bus.handlers.batch(bus->bus.handlers.self, reader, &batch);
}

/* `reply`: BUS_REPLY_LAST_POSITION or BUS_REPLY_READ_ANSWER where status is OK. */
static void answer(struct bus_zmq *bus, uint64_t request, enum status status, const union bus_reply_body *reply)
{
    const struct bus_handlers *handlers = &bus->bus.handlers;
    for (unsigned i = 0; i < bus->question_count; i++) {
        if (bus->questions[i].request != request)
            continue;
        struct question question = bus->questions[i];
        bus->questions[i] = bus->questions[--bus->question_count];
        if (status != OK) {
            handlers->answer(handlers->self, question.token, status, 0, 0, NULL);
        } else if (question.wants_batch) {
            struct bus_batch batch = as_batch(&reply->read_answer);
            handlers->answer(handlers->self, question.token, OK, 0, batch.end, &batch);
        } else {
            handlers->answer(handlers->self, question.token, OK, reply->last_position.began, reply->last_position.end,
                             NULL);
        }
        return;
    }
}

static enum status status_of(uint32_t code)
{
    switch (code) {
    case BUS_CODE_FENCED:
        return FATAL_FENCED;
    case BUS_CODE_CONFLICT:
        return REJECT_CONFLICT;
    case BUS_CODE_FULL:
    case BUS_CODE_AHEAD:
        return RETRY_FULL;
    case BUS_CODE_UNKNOWN_OUTCOME:
        return FATAL_IO;
    case BUS_CODE_CORRUPT:
        return FATAL_CORRUPT;
    case BUS_CODE_TOO_LARGE:
        return REJECT_TOO_LARGE;
    case BUS_CODE_MALFORMED:
    case BUS_CODE_VERSION:
        return REJECT_MALFORMED;
    default:
        return REJECT_NOT_FOUND;
    }
}

/* Nobody asked: a reader of this stream cannot be given what comes next, and is not served any more. */
static void on_reader_refused(struct bus_zmq *bus, const struct bus_error *error)
{
    for (unsigned i = 0; i < bus->reader_count; i++)
        if (bus->readers[i].open && bus->readers[i].number != 0 && strcmp(bus->readers[i].stream, error->stream) == 0)
            bus->bus.handlers.reader_failed(bus->bus.handlers.self, &bus->readers[i], status_of(error->code));
}

/* An unknown outcome is not passed on: the broker restarts, and the append is sent again with its position; then the
 * truth comes. Nor is that an append was meant for the broker before: what holds of it is sent again. */
static void on_error(struct bus_zmq *bus, uint64_t request, const struct bus_error *error)
{
    uint32_t code = error->code;
    struct bus_reader *reader = request != 0 ? reader_by(bus, request, 0) : NULL;
    if (code == BUS_CODE_UNKNOWN_OUTCOME || code == BUS_CODE_STALE)
        return;
    if (code == BUS_CODE_NO_READER && reader == NULL) {
        for (unsigned i = 0; i < bus->reader_count; i++)
            if (bus->readers[i].open && bus->readers[i].number != 0) /* the others are being opened */
                session_send_reader(bus, &bus->readers[i]);
        return;
    }
    if (status_of(code) != RETRY_FULL)
        diary_event(DIARY_WARN, "bus_refusal", "code=%u detail=%s", code, error->detail);
    if (reader != NULL && bus->bus.handlers.reader_failed != NULL)
        bus->bus.handlers.reader_failed(bus->bus.handlers.self, reader, status_of(code));
    if (request == 0 && (code == BUS_CODE_CORRUPT || code == BUS_CODE_TRIMMED))
        on_reader_refused(bus, error);
    complete(bus, request, false, status_of(code));
    answer(bus, request, status_of(code), NULL);
}

static void on_writer_opened(struct bus_zmq *bus, uint64_t request, const struct writer_opened *opened)
{
    for (unsigned i = 0; i < bus->writer_count; i++) {
        struct bus_writer *writer = &bus->writers[i];
        if (writer->request != request || writer->epoch != 0)
            continue;
        writer->epoch = opened->epoch;
        bus->bus.handlers.writer_opened(bus->bus.handlers.self, writer, OK, opened->end);
    }
}

static void dispatch(struct bus_zmq *bus, const struct bus_reply *reply)
{
    struct bus_reader *reader;
    switch (reply->kind) {
    case BUS_REPLY_WRITER_OPENED:
        on_writer_opened(bus, reply->request, &reply->body.writer_opened);
        break;
    case BUS_REPLY_APPENDED:
        complete(bus, reply->request, reply->body.appended.already, OK);
        break;
    case BUS_REPLY_READER_OPENED:
        reader = reader_by(bus, reply->request, 0);
        if (reader != NULL)
            session_reader_opened(bus, reader, &reply->body.reader_opened);
        break;
    case BUS_REPLY_DELIVERY:
        on_delivery(bus, &reply->body.delivery);
        break;
    case BUS_REPLY_LAST_POSITION:
    case BUS_REPLY_READ_ANSWER:
        if (bus->standing) /* else it speaks of a log of which it is not known whether it is the one that was read */
            answer(bus, reply->request, OK, &reply->body);
        break;
    case BUS_REPLY_ERROR:
        on_error(bus, reply->request, &reply->body.error);
        break;
    case BUS_REPLY_HEARTBEAT:
        bus->bus.why_full = log_full_text((enum log_full)reply->body.heartbeat.full);
        if (reply->body.heartbeat.fresh)
            session_greeted(bus, &reply->body.heartbeat);
        break;
    default:
        break;
    }
}

static void readable(void *self)
{
    struct bus_zmq *bus = self;
    if (dealer_has_connected(bus->dealer)) { /* to a broker that was started again: it answers that it knows us not */
        bus->heard_us = loop_monotonic_us();
        heartbeat(bus);
    }
    for (int i = 0; i < DRAIN_MESSAGES_MAX; i++) {
        struct bus_reply reply;
        struct span message;
        uint8_t memory[REPLY_TEXTS_SIZE];
        struct arena arena;
        if (dealer_take(bus->dealer, &message) != OK)
            return;
        bus->heard_us = loop_monotonic_us();
        if (!bus->connected && bus->bus.handlers.connected != NULL)
            bus->bus.handlers.connected(bus->bus.handlers.self);
        bus->connected = true;
        arena_init(&arena, memory, sizeof memory);
        if (bus_reply_decode(message, &arena, &reply) == OK)
            dispatch(bus, &reply);
    }
}

static struct bus_writer *open_writer(struct bus *self, const char *stream, const char *name, const char *follows)
{
    struct bus_zmq *bus = (struct bus_zmq *)self;
    INVARIANT(bus->writer_count < BUS_WRITERS_COUNT_MAX && strlen(stream) <= STREAM_NAME_SIZE_MAX);
    struct bus_writer *writer = &bus->writers[bus->writer_count++];
    (void)snprintf(writer->stream, sizeof writer->stream, "%s", stream);
    (void)snprintf(writer->name, sizeof writer->name, "%s", name);
    (void)snprintf(writer->follows, sizeof writer->follows, "%s", follows);
    session_send_writer(bus, writer);
    return writer;
}

static enum status append(struct bus *self, struct bus_writer *writer, position_t position, uint32_t count,
                          struct span batch, bool durable_first)
{
    struct bus_zmq *bus = (struct bus_zmq *)self;
    PRE(writer->epoch != 0 && count > 0);
    if (bus->count == INFLIGHT_COUNT_MAX || bus->inflight_bytes + batch.size > BUS_INFLIGHT_SIZE_MAX)
        return RETRY_BUSY;
    struct inflight *flight = &bus->inflight[(bus->first + bus->count++) % INFLIGHT_COUNT_MAX];
    flight->writer = writer;
    flight->request = ++bus->next_request;
    flight->position = position;
    flight->count = count;
    buffer_reset(&flight->frame);
    struct bus_append body = {writer->stream, writer->epoch, position, count, bus->incarnation, durable_first, batch};
    bus_request_encode(&(struct bus_request){BUS_PROTOCOL, flight->request, BUS_APPEND, {.append = body}},
                       &flight->frame);
    bus->inflight_bytes += flight->frame.size;
    session_send_append(bus, flight);
    return OK;
}

static struct bus_reader *open_reader(struct bus *self, const char *stream, const char *name, position_t from,
                                      uint32_t credit, bool ahead)
{
    struct bus_zmq *bus = (struct bus_zmq *)self;
    struct bus_reader *reader = NULL;
    for (unsigned i = 0; i < bus->reader_count && reader == NULL; i++)
        if (!bus->readers[i].open)
            reader = &bus->readers[i];
    if (reader == NULL) {
        INVARIANT(bus->reader_count < BUS_READERS_COUNT_MAX);
        reader = &bus->readers[bus->reader_count++];
    }
    *reader = (struct bus_reader){.next = from, .credit = credit, .open = true, .ahead = ahead};
    (void)snprintf(reader->stream, sizeof reader->stream, "%s", stream);
    (void)snprintf(reader->name, sizeof reader->name, "%s", name);
    session_send_reader(bus, reader);
    return reader;
}

static void give_credit(struct bus *self, struct bus_reader *reader, uint32_t bytes, position_t cursor)
{
    struct bus_zmq *bus = (struct bus_zmq *)self;
    reader->credit += bytes;
    if (cursor != 0)
        reader->cursor = cursor;
    if (reader->number != 0)
        send_credit(bus, reader, bytes);
}

static void close_reader(struct bus *self, struct bus_reader **reader)
{
    struct bus_zmq *bus = (struct bus_zmq *)self;
    if (*reader == NULL)
        return;
    session_send(bus, 0, BUS_CLOSE_READER, (union bus_request_body){.close_reader = {(*reader)->number, false}});
    (*reader)->open = false;
    *reader = NULL;
    session_stand(bus);
}

static void ask(struct bus_zmq *bus, const char *stream, position_t position, uint64_t token, bool wants_batch)
{
    PRE(bus->question_count < BUS_QUESTIONS_COUNT_MAX);
    struct question *question = &bus->questions[bus->question_count++];
    *question = (struct question){++bus->next_request, token, "", position, wants_batch};
    (void)snprintf(question->stream, sizeof question->stream, "%s", stream);
    session_send_question(bus, question);
}

static void last(struct bus *self, const char *stream, uint64_t token)
{
    ask((struct bus_zmq *)self, stream, 0, token, false);
}

static void read_once(struct bus *self, const char *stream, position_t position, uint64_t token)
{
    ask((struct bus_zmq *)self, stream, position, token, true);
}

static void close_bus(struct bus **self)
{
    struct bus_zmq *bus = (struct bus_zmq *)*self;
    loop_remove(bus->loop, bus);
    dealer_close(&bus->dealer);
    for (unsigned i = 0; i < INFLIGHT_COUNT_MAX; i++)
        buffer_fini(&bus->inflight[i].frame);
    buffer_fini(&bus->out);
    free(bus->endpoint);
    free(bus);
    *self = NULL;
}

static const struct bus_ops ops = {open_writer,  append, open_reader, give_credit,
                                   close_reader, last,   read_once,   close_bus};

enum status bus_zmq_open(struct loop *loop, const char *endpoint, const struct bus_handlers *handlers, struct bus **out)
{
    struct bus_zmq *bus = calloc(1, sizeof *bus);
    INVARIANT(bus != NULL);
    bus->bus.ops = &ops;
    bus->bus.handlers = *handlers;
    bus->loop = loop;
    bus->endpoint = strdup(endpoint);
    INVARIANT(bus->endpoint != NULL);
    loop_add_timer(loop, HEARTBEAT_MS, heartbeat, bus);
    bus->readable = readable;
    session_connect(bus);
    *out = &bus->bus;
    return OK;
}
