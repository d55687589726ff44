/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a frame of the bus, either way, and as a batch. */
#include "common/base/check.h"
#include "common/pb/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[1 << 20];
    struct arena arena;
    struct bus_request request;
    struct bus_reply reply;
    struct span record;
    uint32_t counted = 0, walked = 0;
    arena_init(&arena, memory, sizeof memory);
    if (bus_request_decode(span_of(data, size), &arena, &request) == OK && request.kind == BUS_APPEND)
        INVARIANT(strlen(request.body.append.stream) <= APPEND_STREAM_MAX && request.body.append.batch.size <= size);
    arena_reset(&arena);
    if (bus_reply_decode(span_of(data, size), &arena, &reply) == OK && reply.kind == BUS_REPLY_DELIVERY)
        INVARIANT(reply.body.delivery.batch.size <= size);
    struct batch_reader reader = batch_read(span_of(data, size));
    enum status status;
    while ((status = batch_next(&reader, &record)) == OK)
        walked++;
    if (batch_count(span_of(data, size), &counted) == OK)
        INVARIANT(counted == walked);
    return 0;
}
