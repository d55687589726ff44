/* SPDX-License-Identifier: Apache-2.0
 * The in-process engine. */
#include "common/bus/bus_mem.h"

#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/pb/batch.h"

enum { STREAMS_COUNT_MAX = 64, EVENTS_COUNT_MAX = 8192 };

struct stored_batch {
    position_t position;
    uint32_t count;
    bool durable_first;
    struct buffer bytes;
};

struct stream {
    char name[STREAM_NAME_SIZE_MAX + 1];
    struct stored_batch *batches;
    size_t batch_count;
    position_t end, durable;
    uint64_t epoch;
    struct stream *follows; /* NULL: none */
};

struct bus_mem_hub {
    struct stream streams[STREAMS_COUNT_MAX];
    unsigned stream_count;
    bool full, held;
};

struct bus_writer {
    struct stream *stream;
    uint64_t epoch;
};

struct bus_reader {
    struct stream *stream;
    position_t next;
    int64_t credit;
    bool open, ahead;
};

struct queued {
    enum { QUEUED_OPENED, QUEUED_APPENDED, QUEUED_ANSWER } kind;
    struct bus_writer *writer;
    position_t position;
    uint32_t count;
    bool already;
    enum status status;
    uint64_t token;
    struct stream *stream;
    position_t end; /* fired when the stream is durable up to here */
    bool wants_batch;
};

struct bus_mem {
    struct bus bus;
    struct bus_mem_hub *hub;
    struct loop *loop;
    struct bus_writer writers[BUS_WRITERS_COUNT_MAX];
    unsigned writer_count;
    struct bus_reader readers[BUS_READERS_COUNT_MAX];
    unsigned reader_count;
    struct queued events[EVENTS_COUNT_MAX];
    unsigned event_first, event_count;
    bool announced, lost;
};

static struct stream *stream_of(struct bus_mem_hub *hub, const char *name)
{
    for (unsigned i = 0; i < hub->stream_count; i++)
        if (strcmp(hub->streams[i].name, name) == 0)
            return &hub->streams[i];
    INVARIANT(hub->stream_count < STREAMS_COUNT_MAX && strlen(name) <= STREAM_NAME_SIZE_MAX);
    struct stream *stream = &hub->streams[hub->stream_count++];
    memcpy(stream->name, name, strlen(name) + 1);
    return stream;
}

static struct stored_batch *batch_with(struct stream *stream, position_t position)
{
    size_t low = 0, high = stream->batch_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct stored_batch *batch = &stream->batches[middle];
        if (position < batch->position)
            high = middle;
        else if (position >= batch->position + batch->count)
            low = middle + 1;
        else
            return batch;
    }
    return NULL;
}

static void push(struct bus_mem *bus, struct queued event)
{
    INVARIANT(bus->event_count < EVENTS_COUNT_MAX);
    bus->events[(bus->event_first + bus->event_count++) % EVENTS_COUNT_MAX] = event;
    loop_again(bus->loop);
}

static void write_batch(struct bus_mem_hub *hub, struct stream *stream, uint32_t count, struct span bytes,
                        bool durable_first)
{
    if ((stream->batch_count & (stream->batch_count + 1)) == 0 || stream->batches == NULL) {
        stream->batches = realloc(stream->batches, (stream->batch_count * 2 + 2) * sizeof *stream->batches);
        INVARIANT(stream->batches != NULL);
    }
    struct stored_batch *batch = &stream->batches[stream->batch_count++];
    *batch = (struct stored_batch){.position = stream->end, .count = count, .durable_first = durable_first};
    buffer_append(&batch->bytes, bytes.data, bytes.size);
    stream->end += count;
    if (!hub->held)
        stream->durable = stream->end;
}

static struct bus_batch as_batch(struct stream *stream, struct stored_batch *batch)
{
    return (struct bus_batch){stream->name, batch->position, batch->count, 0, stream->end, buffer_span(&batch->bytes)};
}

static struct bus_writer *open_writer(struct bus *self, const char *name, const char *writer, const char *follows)
{
    struct bus_mem *bus = (struct bus_mem *)self;
    (void)writer;
    INVARIANT(bus->writer_count < BUS_WRITERS_COUNT_MAX);
    struct bus_writer *opened = &bus->writers[bus->writer_count++];
    opened->stream = stream_of(bus->hub, name);
    opened->epoch = ++opened->stream->epoch;
    opened->stream->follows = follows[0] != 0 ? stream_of(bus->hub, follows) : NULL;
    push(bus, (struct queued){
                  .kind = QUEUED_OPENED, .writer = opened, .stream = opened->stream, .end = opened->stream->end});
    return opened;
}

static enum status decide(struct bus_mem *bus, struct bus_writer *writer, position_t position, uint32_t count,
                          struct span bytes, bool durable_first, bool *already)
{
    struct stream *stream = writer->stream;
    *already = false;
    if (writer->epoch != stream->epoch)
        return FATAL_FENCED;
    if (position > stream->end)
        return bus->hub->full ? RETRY_FULL : REJECT_CONFLICT; /* what it follows has been refused */
    if (position < stream->end) {
        struct stored_batch *batch = batch_with(stream, position);
        *already = batch != NULL && batch->position == position && batch->count == count &&
                   span_equal(buffer_span(&batch->bytes), bytes);
        return *already ? OK : REJECT_CONFLICT;
    }
    if (bus->hub->full || (stream->follows != NULL && stream->end + count > stream->follows->end))
        return RETRY_FULL;
    write_batch(bus->hub, stream, count, bytes, durable_first);
    return OK;
}

static enum status append(struct bus *self, struct bus_writer *writer, position_t position, uint32_t count,
                          struct span bytes, bool durable_first)
{
    struct bus_mem *bus = (struct bus_mem *)self;
    bool already;
    if (bus->event_count > EVENTS_COUNT_MAX / 2)
        return RETRY_BUSY;
    enum status status = decide(bus, writer, position, count, bytes, durable_first, &already);
    push(bus, (struct queued){.kind = QUEUED_APPENDED,
                              .writer = writer,
                              .position = position,
                              .count = count,
                              .already = already,
                              .status = status,
                              .stream = writer->stream,
                              .end = writer->epoch == writer->stream->epoch ? writer->stream->end : 0});
    return OK;
}

static struct bus_reader *open_reader(struct bus *self, const char *name, const char *reader, position_t from,
                                      uint32_t credit, bool ahead)
{
    struct bus_mem *bus = (struct bus_mem *)self;
    (void)reader;
    INVARIANT(bus->reader_count < BUS_READERS_COUNT_MAX);
    struct bus_reader *opened = &bus->readers[bus->reader_count++];
    *opened = (struct bus_reader){stream_of(bus->hub, name), from, credit, true, ahead};
    loop_again(bus->loop);
    return opened;
}

static void credit(struct bus *self, struct bus_reader *reader, uint32_t bytes, position_t cursor)
{
    (void)cursor;
    reader->credit += bytes;
    loop_again(((struct bus_mem *)self)->loop);
}

static void close_reader(struct bus *self, struct bus_reader **reader)
{
    (void)self;
    if (*reader != NULL)
        (*reader)->open = false;
    *reader = NULL;
}

static void last(struct bus *self, const char *name, uint64_t token)
{
    struct bus_mem *bus = (struct bus_mem *)self;
    struct stream *stream = stream_of(bus->hub, name);
    push(bus, (struct queued){.kind = QUEUED_ANSWER, .token = token, .stream = stream, .end = stream->end});
}

static void read_once(struct bus *self, const char *name, position_t position, uint64_t token)
{
    struct bus_mem *bus = (struct bus_mem *)self;
    struct stream *stream = stream_of(bus->hub, name);
    push(bus, (struct queued){.kind = QUEUED_ANSWER,
                              .token = token,
                              .stream = stream,
                              .end = stream->end,
                              .position = position,
                              .wants_batch = true});
}

static void close_bus(struct bus **self)
{
    struct bus_mem *bus = (struct bus_mem *)*self;
    loop_remove(bus->loop, bus);
    free(bus);
    *self = NULL;
}

static void fire(struct bus_mem *bus, const struct queued *event)
{
    const struct bus_handlers *handlers = &bus->bus.handlers;
    struct bus_batch batch;
    struct stored_batch *found;
    switch (event->kind) {
    case QUEUED_OPENED:
        handlers->writer_opened(handlers->self, event->writer, OK, event->end);
        break;
    case QUEUED_APPENDED:
        handlers->appended(handlers->self, event->writer, event->position, event->count, event->already, event->status);
        break;
    case QUEUED_ANSWER:
        found = event->wants_batch ? batch_with(event->stream, event->position) : NULL;
        if (found != NULL)
            batch = as_batch(event->stream, found);
        handlers->answer(handlers->self, event->token, event->wants_batch && !found ? REJECT_NOT_FOUND : OK, 0,
                         event->end, found != NULL ? &batch : NULL);
        break;
    }
}

/* What this reader may have. */
static position_t reach(const struct bus_reader *reader)
{
    const struct stream *stream = reader->stream;
    if (!reader->ahead)
        return stream->durable;
    for (size_t i = 0; i < stream->batch_count; i++)
        if (stream->batches[i].durable_first && stream->batches[i].position >= stream->durable)
            return stream->batches[i].position;
    return stream->end;
}

/* Whether a reader of this bus has got what is lost. */
static bool tail_is_lost(struct bus_mem *bus)
{
    for (unsigned i = 0; i < bus->reader_count; i++) {
        struct bus_reader *reader = &bus->readers[i];
        if (!reader->open || reader->next <= reader->stream->end)
            continue;
        reader->open = false;
        bus->lost = true;
        bus->bus.handlers.reader_failed(bus->bus.handlers.self, reader, FATAL_TAIL_LOST);
    }
    return bus->lost;
}

static void turn(void *self)
{
    struct bus_mem *bus = self;
    if (!bus->announced && bus->bus.handlers.connected != NULL)
        bus->bus.handlers.connected(bus->bus.handlers.self);
    bus->announced = true;
    if (tail_is_lost(bus))
        return;
    for (unsigned left = bus->event_count; left > 0; left--) {
        struct queued event = bus->events[bus->event_first];
        if (event.end > event.stream->durable)
            break; /* answers come in their turn */
        bus->event_first = (bus->event_first + 1) % EVENTS_COUNT_MAX;
        bus->event_count--;
        fire(bus, &event);
    }
    for (unsigned i = 0; i < bus->reader_count; i++) {
        struct bus_reader *reader = &bus->readers[i];
        struct stored_batch *found;
        while (reader->open && reader->credit > 0 && reader->next < reach(reader) &&
               (found = batch_with(reader->stream, reader->next)) != NULL) {
            struct bus_batch batch = as_batch(reader->stream, found);
            reader->next = found->position + found->count;
            reader->credit -= (int64_t)found->bytes.size;
            bus->bus.handlers.batch(bus->bus.handlers.self, reader, &batch);
        }
    }
}

static const struct bus_ops ops = {open_writer, append, open_reader, credit, close_reader, last, read_once, close_bus};

struct bus *bus_mem_open(struct bus_mem_hub *hub, struct loop *loop, const struct bus_handlers *handlers)
{
    struct bus_mem *bus = calloc(1, sizeof *bus);
    INVARIANT(bus != NULL);
    bus->bus.ops = &ops;
    bus->bus.handlers = *handlers;
    bus->hub = hub;
    bus->loop = loop;
    loop_add_turn(loop, turn, bus);
    loop_again(loop);
    return &bus->bus;
}

struct bus_mem_hub *bus_mem_hub_new(void)
{
    struct bus_mem_hub *hub = calloc(1, sizeof *hub);
    INVARIANT(hub != NULL);
    return hub;
}

void bus_mem_hub_destroy(struct bus_mem_hub **hub)
{
    for (unsigned i = 0; *hub != NULL && i < (*hub)->stream_count; i++) {
        for (size_t k = 0; k < (*hub)->streams[i].batch_count; k++)
            buffer_fini(&(*hub)->streams[i].batches[k].bytes);
        free((*hub)->streams[i].batches);
    }
    free(*hub);
    *hub = NULL;
}

void bus_mem_set_full(struct bus_mem_hub *hub, bool full)
{
    hub->full = full;
}

void bus_mem_hold(struct bus_mem_hub *hub, bool held)
{
    hub->held = held;
    for (unsigned i = 0; i < hub->stream_count && !held; i++)
        hub->streams[i].durable = hub->streams[i].end;
}

void bus_mem_lose(struct bus_mem_hub *hub, const char *name)
{
    struct stream *stream = stream_of(hub, name);
    while (stream->end > stream->durable) {
        struct stored_batch *last = &stream->batches[--stream->batch_count];
        stream->end = last->position;
        buffer_fini(&last->bytes);
    }
}

position_t bus_mem_end(struct bus_mem_hub *hub, const char *stream)
{
    return stream_of(hub, stream)->end;
}

bool bus_mem_record(struct bus_mem_hub *hub, const char *stream, position_t position, struct span *record)
{
    struct stored_batch *batch = batch_with(stream_of(hub, stream), position);
    if (batch == NULL)
        return false;
    struct batch_reader reader = batch_read(buffer_span(&batch->bytes));
    for (position_t at = batch->position; batch_next(&reader, record) == OK; at++)
        if (at == position)
            return true;
    return false;
}

bool bus_mem_is_alone(struct bus_mem_hub *hub, const char *stream, position_t position)
{
    struct stored_batch *batch = batch_with(stream_of(hub, stream), position);
    return batch != NULL && batch->durable_first && batch->count == 1;
}

void bus_mem_put(struct bus_mem_hub *hub, const char *stream, struct span record)
{
    struct buffer batch = {0};
    batch_put_records(&batch, record);
    write_batch(hub, stream_of(hub, stream), 1, buffer_span(&batch), false);
    buffer_fini(&batch);
}
