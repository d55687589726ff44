/* SPDX-License-Identifier: Apache-2.0
 * Batches on their way into a stream: filled record by record, sent in order, kept until the stream holds them for
 * certain. Whoever writes a stream has one; when a batch is worth sending, and what becomes of one that was refused, is
 * its owner's to say. */
#ifndef HUTONG_COMMON_RUNTIME_OUTBOX_H
#define HUTONG_COMMON_RUNTIME_OUTBOX_H
#include "common/base/buffer.h"
#include "common/bus/bus.h"

enum { OUTBOX_COUNT_MAX = 256 };

struct outbox_batch {
    struct outbox_batch *next;
    position_t position;
    uint32_t count;
    bool sent, alone;
    int64_t since; /* the owner's: from when its time is measured */
    struct buffer bytes;
};

struct outbox {
    struct bus *bus;
    struct bus_writer *writer;
    struct outbox_batch *first, *last; /* the unsent ones come last */
    struct outbox_batch *spare;        /* emptied, with their memory */
    unsigned count, unsent;
};

void outbox_fini(struct outbox *outbox);
/* The last batch takes no more, and is not sent. */
bool outbox_is_full(const struct outbox *outbox);
bool outbox_has_room(const struct outbox *outbox);
/* PRE: outbox_has_room. `position` follows on the last record. Returns its batch. */
struct outbox_batch *outbox_add(struct outbox *outbox, position_t position, struct span record);
/* The same in a batch of its own, which nobody gets before it is durable: for what cannot be made again. */
struct outbox_batch *outbox_add_alone(struct outbox *outbox, position_t position, struct span record);
/* As many as the bus takes. */
void outbox_send(struct outbox *outbox);
/* The first batch is in the stream: it leaves. Borrowed until the next outbox_add. */
const struct outbox_batch *outbox_appended(struct outbox *outbox, position_t position, uint32_t count);
/* Nothing from `position` on was written: it is to be sent again. */
void outbox_refused(struct outbox *outbox, position_t position);
void outbox_drop_all(struct outbox *outbox);
#endif
