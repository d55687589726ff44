/* SPDX-License-Identifier: Apache-2.0
 * The broker's own structs, and what its files do for each other. */
#ifndef HUTONG_BROKER_BROKER_INTERNAL_H
#define HUTONG_BROKER_BROKER_INTERNAL_H
#include "broker/broker.h"
#include "common/bus/bus_zmq.h"
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

/* ---- broker.c ---- */

enum status broker_reply(struct broker *broker, int origin, uint64_t session, const struct bus_reply *reply);
/* To a request. */
void broker_answer(struct broker *broker, const struct pending *from, enum bus_reply_kind kind,
                   union bus_reply_body body);
/* `stream` -1: of none. */
void broker_refuse(struct broker *broker, const struct pending *from, enum bus_code code, int stream,
                   const char *detail);
void broker_answer_appended(struct broker *broker, const struct pending *append, bool already);
/* A commit failed: whether it was written is unknown (L1, L2). Says so to all who wait, then stops. */
void broker_stop(struct broker *broker, enum status status);
/* The log takes records; false: the broker has stopped. */
bool broker_ensure_open(struct broker *broker);
/* What was appended is durable, and is answered; else broker->status says why not. */
void broker_commit_group(struct broker *broker);
/* To be answered with the next commit. False: too many wait, and it was refused. */
bool broker_wait_for_commit(struct broker *broker, const struct pending *pending);

/* ---- broker_operator.c ---- */

void broker_on_status(struct broker *broker, const struct pending *from);
void broker_on_trim(struct broker *broker, const struct pending *from, const struct trim *request);
void broker_watch_usage(void *self); /* of the broker: metrics, and the diary when it gets full or has room again */
void broker_add_metrics(struct broker *broker);
#endif
