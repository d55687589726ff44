/* SPDX-License-Identifier: Apache-2.0
 * Any bytes as a frame of the bus, its body, and a batch. */
#include "common/base/check.h"
#include "common/bus/bus_frame.h"
#include "common/pb/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bus_frame frame;
    struct bus_body body;
    struct span record;
    uint32_t counted = 0, walked = 0;
    if (bus_frame_read(span_of(data, size), &frame) == OK && bus_body_read(frame.body, &body) == OK) {
        INVARIANT(strlen(body.text) <= STREAM_NAME_SIZE_MAX && strlen(body.text2) <= STREAM_NAME_SIZE_MAX);
        INVARIANT(body.batch.size <= size);
    }
    struct batch_reader reader = batch_read(span_of(data, size));
    enum status status;
    while ((status = batch_next(&reader, &record)) == OK)
        walked++;
    if (batch_count(span_of(data, size), &counted) == OK)
        INVARIANT(counted == walked);
    return 0;
}
