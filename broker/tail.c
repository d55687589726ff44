/* SPDX-License-Identifier: Apache-2.0
 * Streams as the broker's loop sees them, and a window of their batches. */
#include "broker/tail.h"

#include <stdlib.h>

#include "common/base/check.h"

struct tail_stream {
    char name[STREAM_NAME_SIZE_MAX + 1];
    struct stream_state state;
    uint64_t began, durable;
    uint64_t held;            /* position of the first batch that must be durable first and is not; UINT64_MAX: none */
    int follows;              /* -1: no stream */
    struct tail_batch **ring; /* its batches that are here, by position; `mask` + 1 places */
    size_t first, count, mask;
};

struct tail {
    struct tail_stream streams[LOG_STREAMS_COUNT_MAX];
    unsigned stream_count;
    struct tail_batch *oldest, *newest, *unsettled; /* unsettled: the first one that is not on disk */
    size_t kept_size, unsettled_size;
    struct change_group open;
    bool news;
    uint64_t settled;
};

enum { RING_COUNT_MIN = 64 };

struct tail *tail_new(struct log *log)
{
    struct tail *tail = calloc(1, sizeof *tail);
    INVARIANT(tail != NULL);
    tail->open.number = 1;
    for (unsigned i = 0; i < LOG_STREAMS_COUNT_MAX; i++) {
        tail->streams[i].held = UINT64_MAX;
        tail->streams[i].follows = -1;
    }
    tail->stream_count = log_stream_count(log);
    for (unsigned i = 0; i < tail->stream_count; i++) {
        struct tail_stream *stream = &tail->streams[i];
        memcpy(stream->name, log_name(log, (int)i), strlen(log_name(log, (int)i)) + 1);
        stream->state = *log_state(log, (int)i);
        stream->began = stream->durable = stream->state.end;
    }
    return tail;
}

static void forget_oldest(struct tail *tail)
{
    struct tail_batch *batch = tail->oldest;
    struct tail_stream *stream = &tail->streams[batch->stream];
    INVARIANT(stream->count > 0 && stream->ring[stream->first & stream->mask] == batch);
    stream->first++;
    stream->count--;
    tail->oldest = batch->next;
    if (tail->oldest == NULL)
        tail->newest = NULL;
    tail->kept_size -= batch->size;
    free(batch);
}

void tail_destroy(struct tail **out)
{
    struct tail *tail = *out;
    if (tail == NULL)
        return;
    while (tail->oldest != NULL)
        forget_oldest(tail);
    while (tail->open.first != NULL) {
        struct change *next = tail->open.first->next;
        free(tail->open.first);
        tail->open.first = next;
    }
    for (unsigned i = 0; i < LOG_STREAMS_COUNT_MAX; i++)
        free(tail->streams[i].ring);
    free(tail);
    *out = NULL;
}

static struct change *add_change(struct tail *tail, enum change_kind kind, int stream)
{
    struct change *change = calloc(1, sizeof *change);
    INVARIANT(change != NULL);
    change->kind = kind;
    change->stream = stream;
    if (tail->open.last != NULL)
        tail->open.last->next = change;
    else
        tail->open.first = change;
    tail->open.last = change;
    return change;
}

int tail_find(const struct tail *tail, const char *name)
{
    for (unsigned i = 0; i < tail->stream_count; i++)
        if (strcmp(tail->streams[i].name, name) == 0)
            return (int)i;
    return -1;
}

int tail_stream(struct tail *tail, const char *name)
{
    int found = tail_find(tail, name);
    size_t size = strlen(name);
    if (found >= 0)
        return found;
    if (tail->stream_count == LOG_STREAMS_COUNT_MAX || size == 0 || size > STREAM_NAME_SIZE_MAX)
        return -1;
    found = (int)tail->stream_count++;
    memcpy(tail->streams[found].name, name, size + 1);
    memcpy(add_change(tail, CHANGE_STREAM, found)->name, name, size + 1);
    return found;
}

const char *tail_name(const struct tail *tail, int stream)
{
    return tail->streams[stream].name;
}

const struct stream_state *tail_state(const struct tail *tail, int stream)
{
    return &tail->streams[stream].state;
}

uint64_t tail_durable(const struct tail *tail, int stream)
{
    return tail->streams[stream].durable;
}

uint64_t tail_written(const struct tail *tail, int stream)
{
    const struct tail_stream *of = &tail->streams[stream];
    return of->held < of->state.end ? of->held : of->state.end;
}

uint64_t tail_began(const struct tail *tail, int stream)
{
    return tail->streams[stream].began;
}

uint64_t tail_bound(const struct tail *tail, int stream)
{
    int follows = tail->streams[stream].follows;
    return follows < 0 ? UINT64_MAX : tail->streams[follows].state.end;
}

uint64_t tail_open_writer(struct tail *tail, int stream, int follows)
{
    tail->streams[stream].follows = follows;
    tail->news = true;
    return add_change(tail, CHANGE_EPOCH, stream)->number = ++tail->streams[stream].state.epoch;
}

static void change_reader(struct tail *tail, enum change_kind kind, int stream, const char *reader, uint64_t cursor)
{
    struct change *change = add_change(tail, kind, stream);
    size_t size = strlen(reader);
    INVARIANT(size <= STREAM_NAME_SIZE_MAX);
    memcpy(change->name, reader, size + 1);
    change->number = cursor;
}

void tail_cursor(struct tail *tail, int stream, const char *reader, uint64_t cursor)
{
    change_reader(tail, CHANGE_CURSOR, stream, reader, cursor);
}

void tail_forget(struct tail *tail, int stream, const char *reader)
{
    change_reader(tail, CHANGE_FORGET, stream, reader, 0);
}

static void put_in_ring(struct tail_stream *stream, struct tail_batch *batch)
{
    if (stream->ring == NULL || stream->count == stream->mask + 1) {
        size_t places = stream->ring == NULL ? RING_COUNT_MIN : (stream->mask + 1) * 2;
        struct tail_batch **ring = calloc(places, sizeof(struct tail_batch *));
        INVARIANT(ring != NULL);
        for (size_t i = 0; i < stream->count; i++)
            ring[i] = stream->ring[(stream->first + i) & stream->mask];
        free(stream->ring);
        stream->ring = ring;
        stream->first = 0;
        stream->mask = places - 1;
    }
    stream->ring[(stream->first + stream->count++) & stream->mask] = batch;
}

void tail_append(struct tail *tail, int stream, uint32_t count, instant_ms_t now, bool durable_first, struct span bytes)
{
    struct tail_stream *to = &tail->streams[stream];
    struct tail_batch *batch = malloc(sizeof *batch + bytes.size);
    INVARIANT(batch != NULL && count > 0);
    *batch = (struct tail_batch){NULL, stream, to->state.end, count, now, durable_first, tail->open.number, bytes.size};
    if (durable_first && to->held == UINT64_MAX)
        to->held = batch->position;
    memcpy(batch->bytes, bytes.data, bytes.size);
    if (tail->newest != NULL)
        tail->newest->next = batch;
    else
        tail->oldest = batch;
    tail->newest = batch;
    if (tail->unsettled == NULL)
        tail->unsettled = batch;
    tail->kept_size += bytes.size;
    tail->unsettled_size += bytes.size;
    put_in_ring(to, batch);
    to->state.end += count;
    tail->news = true;
    add_change(tail, CHANGE_BATCH, stream)->batch = batch;
}

const struct tail_batch *tail_find_batch(const struct tail *tail, int stream, uint64_t position)
{
    const struct tail_stream *in = &tail->streams[stream];
    size_t low = 0, high = in->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct tail_batch *batch = in->ring[(in->first + middle) & in->mask];
        if (position < batch->position)
            high = middle;
        else if (position >= batch->position + batch->count)
            low = middle + 1;
        else
            return batch;
    }
    return NULL;
}

bool tail_has_news(const struct tail *tail)
{
    return tail->news;
}

uint64_t tail_group(const struct tail *tail)
{
    return tail->news ? tail->open.number : tail->open.number - 1;
}

bool tail_take_group(struct tail *tail, struct change_group *group)
{
    if (tail->open.first == NULL)
        return false;
    *group = tail->open;
    tail->open = (struct change_group){.number = group->number + 1};
    tail->news = false;
    return true;
}

size_t tail_unsettled_size(const struct tail *tail)
{
    return tail->unsettled_size;
}

/* The first one of those that are not on disk. */
static uint64_t first_held(const struct tail_stream *stream)
{
    for (size_t i = 0; i < stream->count; i++) {
        const struct tail_batch *batch = stream->ring[(stream->first + i) & stream->mask];
        if (batch->durable_first && batch->position >= stream->durable)
            return batch->position;
    }
    return UINT64_MAX;
}

void tail_settle(struct tail *tail, uint64_t group)
{
    PRE(group < tail->open.number);
    tail->settled = group;
    for (; tail->unsettled != NULL && tail->unsettled->group <= group; tail->unsettled = tail->unsettled->next) {
        const struct tail_batch *batch = tail->unsettled;
        struct tail_stream *stream = &tail->streams[batch->stream];
        stream->durable = batch->position + batch->count;
        if (stream->held == batch->position)
            stream->held = first_held(stream);
        tail->unsettled_size -= batch->size;
    }
    while (tail->kept_size > TAIL_KEPT_SIZE_MAX && tail->oldest != tail->unsettled)
        forget_oldest(tail);
}

uint64_t tail_settled(const struct tail *tail)
{
    return tail->settled;
}
