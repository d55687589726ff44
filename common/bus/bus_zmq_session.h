/* SPDX-License-Identifier: Apache-2.0
 * A connection of the client over our broker: its structs, and how it comes to stand. */
#ifndef HUTONG_COMMON_BUS_BUS_ZMQ_SESSION_H
#define HUTONG_COMMON_BUS_BUS_ZMQ_SESSION_H
#include "common/base/buffer.h"
#include "common/bus/bus.h"
#include "common/bus/bus_protocol.h"
#include "common/net/loop.h"
#include "common/net/server.h"
#include "hutong/v1/messages.h"

enum { INFLIGHT_COUNT_MAX = 1024 };

struct bus_writer {
    char stream[STREAM_NAME_SIZE_MAX + 1];
    char name[STREAM_NAME_SIZE_MAX + 1];
    char follows[STREAM_NAME_SIZE_MAX + 1];
    uint64_t epoch; /* 0: not opened yet */
    uint64_t request;
};

struct bus_reader {
    char stream[STREAM_NAME_SIZE_MAX + 1];
    char name[STREAM_NAME_SIZE_MAX + 1];
    position_t next;
    position_t cursor;
    int64_t credit;  /* what the broker may still send */
    uint32_t number; /* the broker's; 0: not open on this connection */
    uint64_t request;
    uint64_t incarnation; /* of the broker, out of which it has read; 0: of none yet */
    bool open, ahead;
};

struct inflight {
    struct bus_writer *writer;
    uint64_t request;
    position_t position;
    uint32_t count;
    struct buffer frame;
};

struct question {
    uint64_t request;
    uint64_t token;
    char stream[STREAM_NAME_SIZE_MAX + 1];
    position_t position;
    bool wants_batch;
};

struct bus_zmq {
    struct bus bus;
    struct loop *loop;
    char *endpoint;
    struct dealer *dealer;
    loop_ready_fn *readable; /* of it: registered by the address of the member, so that it can be removed alone */
    bool connected;
    uint64_t incarnation, previous; /* the broker's, as greeted last, and that of the one before it; 0: none yet */
    bool greeted;                   /* on this socket */
    bool standing; /* since the last greeting all readers were opened again, and what they had read holds */
    int64_t heard_us;
    uint64_t next_request;
    struct bus_writer writers[BUS_WRITERS_COUNT_MAX];
    unsigned writer_count;
    struct bus_reader readers[BUS_READERS_COUNT_MAX];
    unsigned reader_count;
    struct inflight inflight[INFLIGHT_COUNT_MAX]; /* a ring, in order of sending */
    unsigned first, count;
    size_t inflight_bytes;
    struct question questions[BUS_QUESTIONS_COUNT_MAX];
    unsigned question_count;
    struct buffer out;
};

/* A new socket. */
void session_connect(struct bus_zmq *bus);
/* The broker's first word on a connection. */
void session_greeted(struct bus_zmq *bus, const struct heartbeat *greeting);
void session_reader_opened(struct bus_zmq *bus, struct bus_reader *reader, const struct reader_opened *opened);
/* Stands, if every open reader has been opened on this connection. */
void session_stand(struct bus_zmq *bus);

void session_send(struct bus_zmq *bus, uint64_t number, enum bus_request_kind kind, union bus_request_body body);
/* As soon as the session stands. */
void session_send_writer(struct bus_zmq *bus, struct bus_writer *writer);
void session_send_append(struct bus_zmq *bus, struct inflight *flight);
void session_send_question(struct bus_zmq *bus, const struct question *question);
/* As soon as the broker has greeted. */
void session_send_reader(struct bus_zmq *bus, struct bus_reader *reader);
#endif
