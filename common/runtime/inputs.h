/* SPDX-License-Identifier: Apache-2.0
 * Batches that have arrived from the input streams, walked in lockstep by position. Bounded by the credit that was
 * given: what is taken out gives its credit back. */
#ifndef HUTONG_COMMON_RUNTIME_INPUTS_H
#define HUTONG_COMMON_RUNTIME_INPUTS_H
#include "common/bus/bus.h"
#include "common/pb/batch.h"
#include "common/runtime/core.h"

enum { INPUT_CREDIT = 8 * 1024 * 1024 };

struct input_batch {
    struct input_batch *next;
    position_t position;
    uint32_t count;
    instant_ms_t stored_at;
    size_t size;
    uint8_t bytes[];
};

struct input {
    const char *stream;
    struct bus_reader *reader;
    struct input_batch *first, *last;
    struct batch_reader walk; /* of the first batch */
    position_t at;            /* position of the next record of the walk */
    position_t end;           /* of the stream, as last heard */
    instant_ms_t heard_at;    /* when the log stored what came last; 0: nothing yet */
    uint32_t returned;        /* credit to give back */
};

void input_fini(struct input *input);
/* Copies the batch to the end of the queue. */
void input_take(struct input *input, const struct bus_batch *batch);
/* Next record, which must be at `position`; earlier ones are skipped. REJECT_NOT_FOUND: not here yet. FATAL_CORRUPT:
 * the batch is not what it says. The record stays valid until input_release. */
MUST_USE enum status input_peek(struct input *input, position_t position, struct span *record);
void input_advance(struct input *input);
/* When the log stored the oldest record from `position` on; 0: there is none. False: there is one that is not here
 * yet. */
bool input_waiting(const struct input *input, position_t position, instant_ms_t *stored_at);
/* Frees batches that have been walked; adds their sizes to `returned`. */
void input_release(struct input *input);
#endif
