/* SPDX-License-Identifier: Apache-2.0
 * Bus frames. */
#include "common/bus/bus_frame.h"

enum status bus_frame_read(struct span bytes, struct bus_frame *out)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    *out = (struct bus_frame){0};
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1 && field.type == WIRE_VARINT)
            out->version = (uint32_t)field.value;
        else if (field.number == 2 && field.type == WIRE_VARINT)
            out->request = field.value;
        else if (field.number <= 2 || field.type != WIRE_BYTES || out->kind != 0)
            return REJECT_MALFORMED;
        else {
            out->kind = field.number;
            out->body = field.bytes;
        }
    }
    return OK;
}

static enum status take_text(char *to, struct span bytes)
{
    if (bytes.size == 0)
        return OK;
    if (bytes.size > STREAM_NAME_SIZE_MAX || memchr(bytes.data, 0, bytes.size) != NULL)
        return REJECT_MALFORMED;
    memcpy(to, bytes.data, bytes.size);
    to[bytes.size] = 0;
    return OK;
}

enum status bus_body_read(struct span body, struct bus_body *out)
{
    struct wire_reader reader = wire_read(body);
    struct wire_field field;
    memset(out, 0, sizeof *out);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 15 && field.type == WIRE_BYTES)
            out->batch = field.bytes;
        else if (field.number <= 2 && field.type == WIRE_BYTES)
            TRY(take_text(field.number == 1 ? out->text : out->text2, field.bytes));
        else if (field.number <= 6 && field.type == WIRE_VARINT)
            out->numbers[field.number] = field.value;
    }
    return OK;
}

size_t bus_frame_begin(struct buffer *out, uint64_t request, uint32_t kind)
{
    buffer_reset(out);
    wire_put_uint(out, 1, BUS_VERSION);
    wire_put_uint(out, 2, request);
    return wire_begin(out, kind);
}
