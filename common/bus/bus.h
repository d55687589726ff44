/* SPDX-License-Identifier: Apache-2.0
 * The bus: named append-only streams of records. This header is the whole contract; engines stand behind it (zmq: our
 * broker; mem: in this process, for tests; room for NATS JetStream: position + 1 = its sequence, epoch = a fencing
 * header, expected-last-sequence = append at a position). tests/contract/bus_suite.c runs over every engine.
 *
 * Obligations of an engine
 *   - A record's position is its number in the stream, from 0, without gaps. A batch is 1..BATCH_RECORDS_MAX records
 *     that become durable together or not at all. Batch bytes are an encoded hutong.v1.Batch (common/pb/batch.h); the
 *     engine never parses them and hands them out as they came.
 *   - WRITTEN is what the engine has taken in: the order stands, a crash may still take it away. DURABLE is what is on
 *     disk (fdatasync). Over all streams, records become durable in the order in which they were written: nothing is
 *     durable before what it was made of.
 *   - One writer a stream: bus_open_writer takes the stream over; whoever held it gets FATAL_FENCED for what it sends
 *     after. writer_opened comes when all that was written before is durable. A stream that `follows` another is never
 *     longer than it.
 *   - bus_append is asynchronous and pipelined: completions come in order through `appended`, after the bytes are on
 *     disk (fdatasync). status OK: written, or already there with equal bytes (`already`). REJECT_CONFLICT: other bytes
 *     stand there, or the position lies beyond the end. RETRY_FULL: refused for want of room; nothing was written and
 *     no later append of this writer in flight was either; the caller sends again from that position.
 *     FATAL_IO: unknown; the caller must stop and ask again after a restart.
 *   - Readers get only what is durable; one that reads `ahead` gets what is written, but for a batch that must be
 *     `durable_first` and what comes after it. In order, without gaps, each batch at least from the position asked for
 *     (the first batch may begin earlier: skip). Nothing is dropped: an engine stops sending when the credit is used
 *     up. A reader has a name; its cursor is durable-ish information that only holds trimming back.
 *   - An engine that lost what was written and not durable says so to a reader that had got some of it: reader_failed,
 *     FATAL_TAIL_LOST. From then on nothing more is written, answered or handed out on this bus: its owner ends, and
 *     begins again with what it knows to be durable.
 *   - bus_last and bus_read_once speak of what is durable: bus_last's end is that of the stream when it was asked, and
 *     the answer comes when it is durable. They are answered once each, also over a lost connection; the caller never
 *     has more than BUS_QUESTIONS_COUNT_MAX of them under way.
 *   - A lost connection is the engine's business: it reconnects, resends what was not completed (an append at a
 *     position is idempotent) and resumes readers where they stopped. `disconnected` and `connected` inform for health.
 *   - All callbacks run inside loop_run on the loop's thread, never inside a call of this header. */
#ifndef HUTONG_COMMON_BUS_BUS_H
#define HUTONG_COMMON_BUS_BUS_H
#include "common/base/instant.h"
#include "common/base/limits.h"
#include "common/base/span.h"
#include "common/base/status.h"

typedef uint64_t position_t;

struct bus;
struct bus_writer; /* owned by the bus */
struct bus_reader; /* owned by the bus */

struct bus_batch {
    const char *stream;
    position_t position; /* of the first record */
    uint32_t count;
    instant_ms_t stored_at;
    position_t end;    /* end of the stream when this was sent: the reader's lag */
    struct span bytes; /* encoded Batch; borrowed until the callback returns */
};

struct bus_handlers {
    void *self;
    void (*writer_opened)(void *self, struct bus_writer *writer, enum status status, position_t end);
    void (*appended)(void *self, struct bus_writer *writer, position_t position, uint32_t count, bool already,
                     enum status status);
    void (*batch)(void *self, struct bus_reader *reader, const struct bus_batch *batch);
    /* REJECT_NOT_FOUND: trimmed. FATAL_TAIL_LOST: what it had got does not hold. FATAL_CORRUPT: what comes next is
     * damaged. */
    void (*reader_failed)(void *self, struct bus_reader *reader, enum status status);
    /* Answer of bus_last (batch == NULL) or bus_read_once; `token` as given. `began`, of bus_last: where the stream
     * ended when the engine began: what lies below it, no crash has taken away. */
    void (*answer)(void *self, uint64_t token, enum status status, position_t began, position_t end,
                   const struct bus_batch *batch);
    void (*connected)(void *self);
    void (*disconnected)(void *self);
};

struct bus_ops {
    struct bus_writer *(*open_writer)(struct bus *bus, const char *stream, const char *writer, const char *follows);
    enum status (*append)(struct bus *bus, struct bus_writer *writer, position_t position, uint32_t count,
                          struct span batch, bool durable_first);
    struct bus_reader *(*open_reader)(struct bus *bus, const char *stream, const char *reader, position_t from,
                                      uint32_t credit_bytes, bool ahead);
    void (*credit)(struct bus *bus, struct bus_reader *reader, uint32_t bytes, position_t cursor);
    void (*close_reader)(struct bus *bus, struct bus_reader **reader);
    void (*last)(struct bus *bus, const char *stream, uint64_t token);
    void (*read_once)(struct bus *bus, const char *stream, position_t position, uint64_t token);
    void (*close)(struct bus **bus);
};

struct bus {
    const struct bus_ops *ops;
    struct bus_handlers handlers;
    uint64_t log; /* the number of the log behind the engine; 0: not known, or it keeps none */
    uint64_t
        incarnation; /* of the engine over which all readers and writers stand now; 0: none yet, or it has one life */
    const char *why_full; /* the engine's word: why it takes nothing in now, a sentence; NULL: it takes all */
};

/* Takes the stream over; completes through writer_opened. The writer lives as long as the bus. `follows`: the stream of
 * which this one is made, record for record; "": none. */
static inline struct bus_writer *bus_open_writer(struct bus *bus, const char *stream, const char *writer,
                                                 const char *follows)
{
    return bus->ops->open_writer(bus, stream, writer, follows);
}

/* Copies `batch`. RETRY_BUSY when too much is in flight (BUS_INFLIGHT_SIZE_MAX): wait for a completion.
 * `durable_first`: it cannot be made again, so nobody gets it before it is durable. */
MUST_USE static inline enum status bus_append(struct bus *bus, struct bus_writer *writer, position_t position,
                                              uint32_t count, struct span batch, bool durable_first)
{
    return bus->ops->append(bus, writer, position, count, batch, durable_first);
}

/* `from`: all below it is durable. `ahead`: also what is written and not durable yet. */
static inline struct bus_reader *bus_open_reader(struct bus *bus, const char *stream, const char *reader,
                                                 position_t from, uint32_t credit_bytes, bool ahead)
{
    return bus->ops->open_reader(bus, stream, reader, from, credit_bytes, ahead);
}

/* Gives back credit for bytes dealt with; `cursor`: everything before it is dealt with for good (0: no news). */
static inline void bus_credit(struct bus *bus, struct bus_reader *reader, uint32_t bytes, position_t cursor)
{
    bus->ops->credit(bus, reader, bytes, cursor);
}

static inline void bus_close_reader(struct bus *bus, struct bus_reader **reader)
{
    bus->ops->close_reader(bus, reader);
}

static inline void bus_last(struct bus *bus, const char *stream, uint64_t token)
{
    bus->ops->last(bus, stream, token);
}

static inline void bus_read_once(struct bus *bus, const char *stream, position_t position, uint64_t token)
{
    bus->ops->read_once(bus, stream, position, token);
}

static inline void bus_close(struct bus **bus)
{
    if (*bus)
        (*bus)->ops->close(bus);
}
#endif
