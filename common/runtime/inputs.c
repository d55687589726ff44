/* SPDX-License-Identifier: Apache-2.0
 * The queues in front of a core. */
#include "common/runtime/inputs.h"

#include <stdlib.h>

#include "common/base/check.h"

static void start_walk(struct input *input)
{
    if (input->first == NULL)
        return;
    input->walk = batch_read(span_of(input->first->bytes, input->first->size));
    input->at = input->first->position;
}

void input_take(struct input *input, const struct bus_batch *batch)
{
    struct input_batch *copy = malloc(sizeof *copy + batch->bytes.size);
    INVARIANT(copy != NULL);
    *copy = (struct input_batch){NULL, batch->position, batch->count, batch->stored_at, batch->bytes.size};
    memcpy(copy->bytes, batch->bytes.data, batch->bytes.size);
    if (input->last != NULL)
        input->last->next = copy;
    else
        input->first = copy;
    input->last = copy;
    input->end = batch->end;
    input->heard_at = batch->stored_at;
    if (input->first == copy)
        start_walk(input);
}

static void drop_first(struct input *input)
{
    struct input_batch *done = input->first;
    input->first = done->next;
    if (input->first == NULL)
        input->last = NULL;
    input->returned += (uint32_t)done->size;
    free(done);
    start_walk(input);
}

void input_release(struct input *input)
{
    while (input->first != NULL && input->at >= input->first->position + input->first->count)
        drop_first(input);
}

void input_fini(struct input *input)
{
    while (input->first != NULL)
        drop_first(input);
}

enum status input_peek(struct input *input, position_t position, struct span *record)
{
    while (input->first != NULL && input->first->position + input->first->count <= position)
        drop_first(input);
    if (input->first == NULL)
        return REJECT_NOT_FOUND;
    if (input->at > position)
        return FATAL_CORRUPT; /* a gap: the bus promised there would be none */
    for (;;) {
        struct batch_reader before = input->walk;
        if (batch_next(&input->walk, record) != OK)
            return FATAL_CORRUPT;
        if (input->at == position) {
            input->walk = before; /* input_advance steps over it */
            return OK;
        }
        input->at++;
    }
}

void input_advance(struct input *input)
{
    struct span record;
    INVARIANT(batch_next(&input->walk, &record) == OK);
    input->at++;
}

bool input_waiting(const struct input *input, position_t position, instant_ms_t *stored_at)
{
    const struct input_batch *batch = input->first;
    while (batch != NULL && batch->position + batch->count <= position)
        batch = batch->next;
    *stored_at = batch != NULL ? batch->stored_at : 0;
    return batch != NULL || input->end <= position;
}
