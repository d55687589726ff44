/* SPDX-License-Identifier: Apache-2.0
 * The broker's own structs, and what its files do for each other. */
#ifndef HUTONG_BROKER_BROKER_INTERNAL_H
#define HUTONG_BROKER_BROKER_INTERNAL_H
#include "broker/broker.h"
#include "broker/syncer.h"
#include "common/bus/bus_protocol.h"
#include "hutong/v1/messages.h"

enum {
    READERS_COUNT_MAX = 256,
    PENDING_COUNT_MAX = 8192,
    UNSETTLED_SIZE_MAX = 64 * 1024 * 1024, /* with more than this not on disk the loop waits for the disk */
    DISK_SILENCE_US = 5 * 1000 * 1000,
    SESSION_SILENCE_US = 15 * 1000 * 1000,
    DELIVER_ROUNDS_MAX = 64,
    USAGE_INTERVAL_MS = 200,
    CHECK_INTERVAL_MS = 5000,
    /* What nobody waits for goes to the disk with what somebody waits for, or when this has passed: a lone bill's
     * verdict and outcome so take one sync between them. */
    HAND_OVER_MS = 100,
    STATUS_READERS_MAX = 64,       /* of one stream: a reader a partition and service */
    REQUEST_TEXTS_SIZE = 16 * 1024 /* names: at most a bound a stream */
};

struct reader {
    bool open;
    bool ahead; /* of the disk */
    uint32_t number;
    int origin; /* which server the session belongs to */
    uint64_t session;
    int stream;
    uint64_t next;
    int64_t credit;
    char name[STREAM_NAME_SIZE_MAX + 1];
    int64_t heard_us;
};

enum pending_kind { PENDING_APPENDED, PENDING_ALREADY, PENDING_WRITER, PENDING_LAST, PENDING_READ, PENDING_REFUSAL };

/* A request, and what will be answered once `group` is on disk. */
struct pending {
    int origin;
    uint64_t session;
    uint64_t request;
    int stream; /* -1: of none */
    uint64_t position;
    uint32_t count;
    enum pending_kind kind;
    uint64_t group;
    uint64_t epoch, end; /* of the stream when the request came */
    bool durable_first;  /* PENDING_APPENDED */
    enum bus_code code;  /* PENDING_REFUSAL */
    const char *detail;  /* PENDING_REFUSAL; static */
};

struct front {
    struct broker *broker;
    int index;
    struct server *server;
};

struct broker {
    struct broker_options options;
    struct log *log;
    uint64_t incarnation, previous; /* numbers of this process, and of the one before it over this log */
    struct tail *tail;
    struct syncer *syncer;
    struct front fronts[2];
    struct reader readers[READERS_COUNT_MAX];
    uint32_t next_reader;
    struct pending pending[PENDING_COUNT_MAX]; /* a ring, in order of arrival */
    unsigned pending_first, pending_count;
    bool awaited; /* somebody waits until what was taken in is on disk */
    struct log_usage usage;
    _Atomic enum log_full full; /* written by the loop's thread, read by HTTP's */
    struct buffer out;
    enum status status;
    struct metric *appends, *records, *bytes, *refusals[BUS_CODE_AHEAD + 1], *used, *limit, *full_metric, *disk_free,
        *disk_reserve, *segments, *backup_at, *deliveries;
};

/* ---- broker.c ---- */

enum status broker_reply(struct broker *broker, int origin, uint64_t session, const struct bus_reply *reply);
/* To a request. */
void broker_answer(struct broker *broker, const struct pending *from, enum bus_reply_kind kind,
                   union bus_reply_body body);
/* `stream` -1: of none. */
void broker_refuse(struct broker *broker, const struct pending *from, enum bus_code code, int stream,
                   const char *detail);
/* The one batch that holds a position. Borrowed until log_read_end. Statuses as of log_read. */
MUST_USE enum status broker_read(struct broker *broker, int stream, uint64_t position, struct log_batch *batch,
                                 struct buffer *why);
/* `reader` 0: it was asked for by position. */
struct batch_delivery broker_delivery(const struct broker *broker, int stream, const struct log_batch *batch,
                                      uint32_t reader);
void broker_answer_read(struct broker *broker, const struct pending *from);

/* ---- broker_pending.c ---- */

/* Answered in its turn, when all that was taken in before is on disk; at once, if it is. */
void broker_answer_later(struct broker *broker, const struct pending *pending);
/* What was taken in goes to the disk, and is not waited for. */
void broker_hand_over(void *self);
/* The same if somebody waits for it, else in HAND_OVER_MS. A batch of a stream that follows another is waited for by
 * nobody: it is made of what is written, and can be made again. */
void broker_hand_over_in_time(struct broker *broker);
/* The disk has news: what is on it is answered. A failure: whether that was written is unknown (L1, L2); says so to all
 * who wait, and stops. */
void broker_on_settled(void *self);
/* Everything is on disk and answered, and the log is this thread's alone; else broker->status says why not. */
void broker_drain(struct broker *broker);
void broker_stop(struct broker *broker, enum status status);

/* ---- broker_operator.c ---- */

void broker_on_status(struct broker *broker, const struct pending *from);
void broker_on_trim(struct broker *broker, const struct pending *from, const struct trim *request);
void broker_watch_usage(void *self); /* of the broker: metrics, and the diary when it gets full or has room again */
void broker_add_metrics(struct broker *broker);
#endif
