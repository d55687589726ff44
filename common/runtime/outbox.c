/* SPDX-License-Identifier: Apache-2.0
 * The queue behind a writer. */
#include "common/runtime/outbox.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/pb/batch.h"

static void drop_first(struct outbox *outbox)
{
    struct outbox_batch *done = outbox->first;
    outbox->first = done->next;
    if (outbox->first == NULL)
        outbox->last = NULL;
    outbox->count--;
    outbox->unsent -= !done->sent;
    done->next = outbox->spare;
    outbox->spare = done;
}

void outbox_drop_all(struct outbox *outbox)
{
    while (outbox->first != NULL)
        drop_first(outbox);
}

void outbox_fini(struct outbox *outbox)
{
    outbox_drop_all(outbox);
    while (outbox->spare != NULL) {
        struct outbox_batch *next = outbox->spare->next;
        buffer_fini(&outbox->spare->bytes);
        free(outbox->spare);
        outbox->spare = next;
    }
}

static bool is_closed(const struct outbox_batch *batch)
{
    return batch->sent || batch->alone || batch->bytes.size >= BATCH_SIZE_TARGET || batch->count >= BATCH_RECORDS_MAX;
}

bool outbox_is_full(const struct outbox *outbox)
{
    return outbox->unsent > 0 && is_closed(outbox->last);
}

bool outbox_has_room(const struct outbox *outbox)
{
    return outbox->count < OUTBOX_COUNT_MAX || !is_closed(outbox->last);
}

static void open_batch(struct outbox *outbox, position_t position)
{
    struct outbox_batch *batch = outbox->spare;
    INVARIANT(outbox->count <= OUTBOX_COUNT_MAX); /* there is room, or one leaves its open batch to go alone */
    if (batch != NULL)
        outbox->spare = batch->next;
    else
        batch = calloc(1, sizeof *batch);
    INVARIANT(batch != NULL);
    buffer_reset(&batch->bytes);
    *batch = (struct outbox_batch){.position = position, .bytes = batch->bytes};
    if (outbox->last != NULL)
        outbox->last->next = batch;
    else
        outbox->first = batch;
    outbox->last = batch;
    outbox->count++;
    outbox->unsent++;
}

static struct outbox_batch *put(struct outbox *outbox, position_t position, struct span record)
{
    INVARIANT(outbox->last->position + outbox->last->count == position);
    batch_put_records(&outbox->last->bytes, record);
    outbox->last->count++;
    return outbox->last;
}

struct outbox_batch *outbox_add(struct outbox *outbox, position_t position, struct span record)
{
    if (outbox->last == NULL || is_closed(outbox->last))
        open_batch(outbox, position);
    return put(outbox, position, record);
}

struct outbox_batch *outbox_add_alone(struct outbox *outbox, position_t position, struct span record)
{
    open_batch(outbox, position);
    outbox->last->alone = true;
    return put(outbox, position, record);
}

void outbox_send(struct outbox *outbox)
{
    if (outbox->unsent == 0)
        return;
    for (struct outbox_batch *batch = outbox->first; batch != NULL; batch = batch->next) {
        if (batch->sent)
            continue;
        if (bus_append(outbox->bus, outbox->writer, batch->position, batch->count, buffer_span(&batch->bytes),
                       batch->alone) != OK)
            return; /* too much in flight: the next completion sends on */
        batch->sent = true;
        outbox->unsent--;
    }
}

const struct outbox_batch *outbox_appended(struct outbox *outbox, position_t position, uint32_t count)
{
    const struct outbox_batch *batch = outbox->first;
    INVARIANT(batch != NULL && batch->sent && batch->position == position && batch->count == count);
    drop_first(outbox);
    return batch;
}

void outbox_refused(struct outbox *outbox, position_t position)
{
    for (struct outbox_batch *batch = outbox->first; batch != NULL; batch = batch->next)
        if (batch->sent && batch->position >= position) {
            batch->sent = false;
            outbox->unsent++;
        }
}
