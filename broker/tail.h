/* SPDX-License-Identifier: Apache-2.0
 * The open end of the log, in memory: what each stream has been promised (`end`), what of it is on disk (`durable`),
 * the batches in between, and behind them the latest of those that are on disk, for readers who keep up. Everything
 * that was taken in becomes a change; changes leave in groups, in the order in which they came, and come onto the disk
 * in that order (syncer.h). Of one thread; touches no disk.
 *
 *   taken in --(tail_take_group)--> on its way --(tail_settle)--> durable --(TAIL_KEPT_SIZE_MAX)--> forgotten */
#ifndef HUTONG_BROKER_TAIL_H
#define HUTONG_BROKER_TAIL_H
#include "broker/log.h"

/* A reader that is further behind reads from the disk. */
enum { TAIL_KEPT_SIZE_MAX = 64 * 1024 * 1024 };

/* Never changes once it is made; lives at least until its group has been settled. */
struct tail_batch {
    struct tail_batch *next; /* in the order of arrival, over all streams */
    int stream;
    uint64_t position;
    uint32_t count;
    instant_ms_t stored_at;
    bool durable_first; /* nobody gets it before it is on disk */
    uint64_t group;
    size_t size;
    uint8_t bytes[];
};

enum change_kind { CHANGE_STREAM, CHANGE_EPOCH, CHANGE_CURSOR, CHANGE_FORGET, CHANGE_BATCH };

/* What is to come onto the disk. */
struct change {
    struct change *next;
    enum change_kind kind;
    int stream;
    uint64_t number;                     /* CHANGE_EPOCH, CHANGE_CURSOR */
    char name[STREAM_NAME_SIZE_MAX + 1]; /* CHANGE_STREAM: its own; CHANGE_CURSOR, CHANGE_FORGET: the reader's */
    const struct tail_batch *batch;      /* CHANGE_BATCH; borrowed */
};

/* Takes what it holds, in order; the receiver frees its changes with free(). */
struct change_group {
    uint64_t number; /* 1, 2, … */
    struct change *first, *last;
};

struct tail;

/* Begins where the log ends. */
struct tail *tail_new(struct log *log);
void tail_destroy(struct tail **tail);

/* Index of the stream, the log's; -1: unknown. */
int tail_find(const struct tail *tail, const char *name);
/* Finds or creates. -1: too many streams, or a bad name. */
int tail_stream(struct tail *tail, const char *name);
const char *tail_name(const struct tail *tail, int stream);
/* What has been taken in. */
const struct stream_state *tail_state(const struct tail *tail, int stream);
uint64_t tail_durable(const struct tail *tail, int stream);
/* What readers may have of what is not on disk: all but what must be durable first, and what comes after it. */
uint64_t tail_written(const struct tail *tail, int stream);
uint64_t tail_began(const struct tail *tail, int stream); /* its end when the log was opened */
/* End of the stream that this one follows, as taken in; UINT64_MAX: it follows none. */
uint64_t tail_bound(const struct tail *tail, int stream);

/* The new epoch. `follows` -1: no stream. */
uint64_t tail_open_writer(struct tail *tail, int stream, int follows);
/* PRE: stream_decide said WRITE. Copies `bytes`. */
void tail_append(struct tail *tail, int stream, uint32_t count, instant_ms_t now, bool durable_first,
                 struct span bytes);
void tail_cursor(struct tail *tail, int stream, const char *reader, uint64_t cursor);
void tail_forget(struct tail *tail, int stream, const char *reader);
/* The batch that holds this position; NULL: not here (any more). Borrowed until the next tail_settle. */
const struct tail_batch *tail_find_batch(const struct tail *tail, int stream, uint64_t position);

/* Whether batches or epochs wait to be taken: cursors alone are worth no sync, and go along with the next. */
bool tail_has_news(const struct tail *tail);
/* The group with which all of them are on disk. */
uint64_t tail_group(const struct tail *tail);
/* False: nothing was taken in since the last one. */
bool tail_take_group(struct tail *tail, struct change_group *group);
/* Bytes of batches that are not on disk. */
size_t tail_unsettled_size(const struct tail *tail);
/* All groups up to this one are on disk. */
void tail_settle(struct tail *tail, uint64_t group);
uint64_t tail_settled(const struct tail *tail);
#endif
