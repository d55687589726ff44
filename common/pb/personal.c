/* SPDX-License-Identifier: Apache-2.0
 * Personal data in a message, rewritten field by field. */
#include "common/pb/personal.h"

#include <string.h>

#include "common/base/limits.h"
#include "common/pb/schema_internal.h"

/* An envelope, in a requeue, in a requeue: each is an envelope's depth. */
enum { DEPTH_MAX = 3 * WIRE_DEPTH_MAX };

struct rewriting {
    personal_replace_t *replace;
    void *self;
};

static void fill(size_t size, struct buffer *out)
{
    memset(buffer_reserve(out, size + 1), 'x', size);
    out->size += size;
}

/* Its number and kind stay: that the field was there is what a dead letter's outcome hangs on. */
static void blank_out(const struct wire_field *wire, struct buffer *out)
{
    switch (wire->type) {
    case WIRE_VARINT:
        wire_put_varint(out, wire->number, 1);
        break;
    case WIRE_FIXED32:
        wire_put_fixed32(out, wire->number, 1);
        break;
    case WIRE_FIXED64:
        wire_put_fixed64(out, wire->number, 1);
        break;
    case WIRE_BYTES: {
        size_t mark = wire_begin(out, wire->number);
        fill(wire->bytes.size, out);
        wire_end(out, mark);
        break;
    }
    }
}

static void put_text(const struct rewriting *rewriting, enum personal kind, const struct wire_field *wire,
                     struct buffer *out)
{
    if (wire->bytes.size == 0) { /* one of a list */
        wire_put_record(out, wire->number, wire->bytes);
        return;
    }
    size_t mark = wire_begin(out, wire->number);
    rewriting->replace(rewriting->self, kind, wire->bytes, out);
    wire_end(out, mark);
}

/* Recursion is bounded by the schema (no message contains itself) and by DEPTH_MAX. */
static enum status rewrite(const struct rewriting *rewriting, const struct message_schema *schema, struct span bytes,
                           unsigned depth, struct buffer *out)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field wire;
    if (depth == DEPTH_MAX)
        return REJECT_MALFORMED;
    while (!wire_at_end(&reader)) {
        const uint8_t *from = reader.at;
        TRY(wire_next(&reader, &wire));
        const ProtobufCFieldDescriptor *field = schema_field(schema->descriptor, wire.number);
        if (field == NULL) {
            blank_out(&wire, out);
            continue;
        }
        ptrdiff_t index = field - schema->descriptor->fields;
        enum personal kind = (enum personal)schema->personal[index];
        const struct message_schema *inner =
            kind == PERSONAL_ENVELOPE ? schema_of(WIRE_ENVELOPE) : schema->nested[index];
        if (inner != NULL) {
            size_t mark = wire_begin(out, wire.number);
            enum status status = rewrite(rewriting, inner, wire.bytes, depth + 1, out);
            if (status != OK && kind == PERSONAL_ENVELOPE) { /* nobody checked it: bytes that are none */
                out->size = mark;
                fill(wire.bytes.size, out);
                status = OK;
            }
            TRY(status);
            wire_end(out, mark);
        } else if (field->type == PROTOBUF_C_TYPE_STRING) {
            put_text(rewriting, kind, &wire, out);
        } else {
            buffer_append(out, from, (size_t)(reader.at - from));
        }
    }
    return OK;
}

enum status personal_rewrite(enum wire_message message, struct span bytes, personal_replace_t *replace, void *self,
                             struct buffer *out)
{
    struct rewriting rewriting = {replace, self};
    size_t before = out->size;
    enum status status = rewrite(&rewriting, schema_of(message), bytes, 0, out);
    if (status != OK)
        out->size = before;
    return status;
}
