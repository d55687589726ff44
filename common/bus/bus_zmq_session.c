/* SPDX-License-Identifier: Apache-2.0
 * A connection to the broker, from its greeting until everything is as it was.
 *
 *   GREETING --(Heartbeat.fresh)--> READERS are opened again --(all are, and what they had read holds)--> STANDING
 *
 * Writers, appends and questions wait until it stands: an append may be made of what a reader has read, and an answer
 * may be taken to speak of it. What a reader has read holds if the broker is still the same, or is the next one over
 * this log and began with no less than that. A reader for which neither is so has failed for good. */
#include "common/bus/bus_zmq_session.h"

#include "common/base/arena.h"
#include "common/base/check.h"
#include "common/net/loop.h"
#include "common/observe/diary.h"

enum { REQUEST_TEXTS_SIZE = 1024 };

static void transmit(struct bus_zmq *bus, struct buffer *frame)
{
    /* A full queue means a broker that is away: everything is sent again on the next connection. */
    enum status status = dealer_send(bus->dealer, buffer_span(frame));
    (void)status;
}

void session_send(struct bus_zmq *bus, uint64_t number, enum bus_request_kind kind, union bus_request_body body)
{
    buffer_reset(&bus->out);
    bus_request_encode(&(struct bus_request){BUS_PROTOCOL, number, kind, body}, &bus->out);
    transmit(bus, &bus->out);
}

void session_send_writer(struct bus_zmq *bus, struct bus_writer *writer)
{
    if (!bus->standing)
        return;
    writer->request = ++bus->next_request;
    session_send(bus, writer->request, BUS_OPEN_WRITER,
                 (union bus_request_body){.open_writer = {writer->stream, writer->name, writer->follows}});
}

void session_send_append(struct bus_zmq *bus, struct inflight *flight)
{
    if (bus->standing)
        transmit(bus, &flight->frame);
}

void session_send_question(struct bus_zmq *bus, const struct question *question)
{
    if (!bus->standing)
        return;
    if (question->wants_batch)
        session_send(bus, question->request, BUS_READ_ONCE,
                     (union bus_request_body){.read_once = {question->stream, question->position}});
    else
        session_send(bus, question->request, BUS_LAST_POSITION,
                     (union bus_request_body){.last_position = {question->stream}});
}

void session_send_reader(struct bus_zmq *bus, struct bus_reader *reader)
{
    if (!bus->greeted)
        return;
    reader->request = ++bus->next_request;
    reader->number = 0;
    session_send(bus, reader->request, BUS_OPEN_READER,
                 (union bus_request_body){.open_reader = {.stream = reader->stream,
                                                          .reader = reader->name,
                                                          .from = reader->next,
                                                          .credit = reader->credit > 0 ? (uint32_t)reader->credit : 0,
                                                          .ahead = reader->ahead}});
}

void session_stand(struct bus_zmq *bus)
{
    if (bus->standing || !bus->greeted)
        return;
    for (unsigned i = 0; i < bus->reader_count; i++)
        if (bus->readers[i].open && bus->readers[i].number == 0)
            return;
    bus->standing = true;
    bus->bus.incarnation = bus->incarnation;
    for (unsigned i = 0; i < bus->writer_count; i++)
        if (bus->writers[i].epoch == 0)
            session_send_writer(bus, &bus->writers[i]);
    for (unsigned i = 0; i < bus->count; i++)
        session_send_append(bus, &bus->inflight[(bus->first + i) % INFLIGHT_COUNT_MAX]);
    for (unsigned i = 0; i < bus->question_count; i++)
        session_send_question(bus, &bus->questions[i]);
}

/* An append that waits is meant for the broker that is there now, once the readers stand. */
static void address_again(struct bus_zmq *bus, struct inflight *flight)
{
    uint8_t memory[REQUEST_TEXTS_SIZE];
    struct arena arena;
    struct bus_request request;
    arena_init(&arena, memory, sizeof memory);
    INVARIANT(bus_request_decode(buffer_span(&flight->frame), &arena, &request) == OK && request.kind == BUS_APPEND);
    request.body.append.incarnation = bus->incarnation;
    buffer_reset(&bus->out);
    bus_request_encode(&request, &bus->out);
    INVARIANT(bus->out.size == flight->frame.size);
    struct buffer old = flight->frame;
    flight->frame = bus->out;
    bus->out = old;
}

void session_greeted(struct bus_zmq *bus, const struct heartbeat *greeting)
{
    bool other = bus->incarnation != greeting->incarnation;
    bus->incarnation = greeting->incarnation;
    bus->previous = greeting->previous;
    bus->bus.log = greeting->log;
    bus->greeted = true;
    bus->standing = false;
    for (unsigned i = 0; other && i < bus->count; i++)
        address_again(bus, &bus->inflight[(bus->first + i) % INFLIGHT_COUNT_MAX]);
    for (unsigned i = 0; i < bus->reader_count; i++)
        if (bus->readers[i].open)
            session_send_reader(bus, &bus->readers[i]);
    session_stand(bus);
}

void session_reader_opened(struct bus_zmq *bus, struct bus_reader *reader, const struct reader_opened *opened)
{
    bool same = reader->incarnation == 0 || reader->incarnation == bus->incarnation;
    if (!same && (reader->incarnation != bus->previous || reader->next > opened->began)) {
        diary_event(DIARY_ERROR, "tail_lost", "stream=%s read=%llu began=%llu", reader->stream,
                    (unsigned long long)reader->next, (unsigned long long)opened->began);
        bus->bus.handlers.reader_failed(bus->bus.handlers.self, reader, FATAL_TAIL_LOST);
        return; /* without a number: it never stands again */
    }
    reader->incarnation = bus->incarnation;
    reader->number = opened->reader;
    session_stand(bus);
}

void session_connect(struct bus_zmq *bus)
{
    dealer_close(&bus->dealer);
    struct dealer_options options = {.endpoint = bus->endpoint};
    INVARIANT(dealer_open(&options, &bus->dealer) == OK);
    dealer_watch(bus->dealer, bus->loop, bus->readable, bus);
    bus->heard_us = loop_monotonic_us();
    bus->greeted = bus->standing = false;
    session_send(bus, 0, BUS_HEARTBEAT, (union bus_request_body){.heartbeat = {.fresh = false}});
}
