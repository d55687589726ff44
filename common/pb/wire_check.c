/* SPDX-License-Identifier: Apache-2.0
 * Canonical form, checked against the schema before anything is unpacked: iterative, bounded depth, linear time
 * (FAILURES P1, P2, P3, P5). */
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/pb/schema_internal.h"

struct level {
    const struct message_schema *schema;
    struct wire_reader reader;
    uint32_t last_number;
    bool one_seen; /* a member of this message's oneof: our messages have one at most */
    uint32_t index;
    const ProtobufCFieldDescriptor *entered; /* the field whose message stands above */
};

/* Numbers without gaps come first in our messages, so the first guess is nearly always right. */
const ProtobufCFieldDescriptor *schema_field(const ProtobufCMessageDescriptor *message, uint32_t number)
{
    if (number - 1 < message->n_fields && message->fields[number - 1].id == number)
        return &message->fields[number - 1];
    for (unsigned i = 0; i < message->n_fields; i++)
        if (message->fields[i].id == number)
            return &message->fields[i];
    return NULL;
}

/* How many bytes in front are ASCII and not NUL, in whole words of eight: most of our texts are codes and numbers. */
static size_t plain_in_front(struct span text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highest = UINT64_C(0x8080808080808080);
    size_t i = 0;
    while (text.size - i >= 8) {
        uint64_t word = bytes_get_le(text.data + i, 8);
        if (((word | (word - ones)) & highest) != 0) /* one of them is 0x80 or more, or NUL and borrows */
            break;
        i += 8;
    }
    return i;
}

static bool text_is_clean(struct span text)
{
    size_t i = plain_in_front(text);
    while (i < text.size) {
        uint8_t byte = text.data[i];
        if (byte == 0)
            return false;
        unsigned more = byte < 0x80 ? 0 : byte >> 5 == 6 ? 1 : byte >> 4 == 14 ? 2 : byte >> 3 == 30 ? 3 : 4;
        if (more == 4 || more >= text.size - i)
            return more == 0 && i + 1 == text.size;
        uint32_t point = more == 0 ? byte : byte & (0x3fu >> more);
        for (unsigned k = 1; k <= more; k++) {
            if ((text.data[i + k] & 0xc0) != 0x80)
                return false;
            point = point << 6 | (text.data[i + k] & 0x3fu);
        }
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
            return false;
        i += 1 + more;
    }
    return true;
}

static enum wire_type wire_type_of(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return WIRE_FIXED32;
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return WIRE_FIXED64;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return WIRE_BYTES;
    default:
        return WIRE_VARINT;
    }
}

static bool varint_fits(const ProtobufCFieldDescriptor *field, uint64_t value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        return value <= 1;
    case PROTOBUF_C_TYPE_UINT32:
        return value <= UINT32_MAX;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_ENUM:
        return value <= INT32_MAX || value >= (uint64_t)INT64_MIN + ((uint64_t)INT64_MAX - INT32_MAX);
    default:
        return true;
    }
}

/* A packed repeated number: whole, shortest, within range; not empty. */
static bool packed_is_clean(const ProtobufCFieldDescriptor *field, struct span bytes)
{
    if (bytes.size == 0 || wire_type_of(field) != WIRE_VARINT)
        return false;
    struct wire_reader reader = wire_read(bytes);
    while (!wire_at_end(&reader)) {
        uint64_t value;
        if (wire_next_number(&reader, &value) != OK || !varint_fits(field, value))
            return false;
    }
    return true;
}

/* proto3 writers leave defaults out; one meaning shall have one encoding. */
static bool is_written_default(const ProtobufCFieldDescriptor *field, const struct wire_field *wire)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED || (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
        field->type == PROTOBUF_C_TYPE_MESSAGE)
        return false;
    return wire->type == WIRE_BYTES ? wire->bytes.size == 0 : wire->value == 0;
}

static bool scalar_is_clean(const ProtobufCFieldDescriptor *field, const struct wire_field *wire)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED && wire->type == WIRE_BYTES && wire_type_of(field) != WIRE_BYTES)
        return packed_is_clean(field, wire->bytes);
    if (wire->type != wire_type_of(field) || is_written_default(field, wire))
        return false;
    if (field->label == PROTOBUF_C_LABEL_REPEATED && wire->type != WIRE_BYTES)
        return false; /* proto3 packs repeated numbers */
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return text_is_clean(wire->bytes);
    return wire->type != WIRE_VARINT || varint_fits(field, wire->value);
}

/* The schema's limit of a field: bytes of a text, members of a list. */
static bool is_within(const struct level *level, const ProtobufCFieldDescriptor *field, const struct wire_field *wire)
{
    uint32_t limit = level->schema->limits[field - level->schema->descriptor->fields];
    if (limit == 0)
        return true;
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return wire->bytes.size <= limit;
    if (wire_type_of(field) == WIRE_BYTES)
        return level->index < limit;
    uint32_t numbers = 0; /* packed */
    for (size_t i = 0; i < wire->bytes.size; i++)
        numbers += wire->bytes.data[i] < 0x80;
    return numbers <= limit;
}

static void describe_path(const struct level *levels, unsigned depth, uint32_t number, struct buffer *path)
{
    if (path == NULL)
        return;
    for (unsigned i = 0; i <= depth; i++) {
        const ProtobufCFieldDescriptor *field =
            i < depth ? levels[i].entered : schema_field(levels[depth].schema->descriptor, number);
        if (i > 0)
            buffer_append_text(path, ".");
        if (field == NULL)
            buffer_printf(path, "#%u", number);
        else
            buffer_append_text(path, field->name);
        if (field != NULL && field->label == PROTOBUF_C_LABEL_REPEATED)
            buffer_printf(path, "[%u]", levels[i].index);
    }
}

/* Order and repetition within one message. */
static bool order_is_clean(struct level *level, const ProtobufCFieldDescriptor *field, uint32_t number)
{
    bool repeated = field != NULL ? field->label == PROTOBUF_C_LABEL_REPEATED : true;
    if (number < level->last_number || (number == level->last_number && !repeated))
        return false;
    level->index = number == level->last_number ? level->index + 1 : 0;
    level->last_number = number;
    if (field != NULL && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
        if (level->one_seen)
            return false;
        level->one_seen = true;
    }
    return true;
}

enum status wire_check(enum wire_message message, struct span bytes, struct buffer *path)
{
    struct level levels[WIRE_DEPTH_MAX];
    unsigned depth = 0, unknown = 0;
    bool limits = message != WIRE_ENVELOPE && message != WIRE_GATE_REQUEST;
    levels[0] = (struct level){.schema = schema_of(message), .reader = wire_read(bytes)};
    for (;;) {
        struct level *level = &levels[depth];
        if (wire_at_end(&level->reader)) {
            if (depth == 0)
                return OK;
            depth--;
            continue;
        }
        struct wire_field wire = {0};
        const ProtobufCFieldDescriptor *field = NULL;
        bool clean = wire_next(&level->reader, &wire) == OK;
        if (clean) {
            field = schema_field(level->schema->descriptor, wire.number);
            clean =
                order_is_clean(level, field, wire.number) && (field != NULL || ++unknown <= WIRE_UNKNOWN_FIELDS_MAX);
        }
        bool nested = clean && field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE;
        if (clean && field != NULL)
            clean = nested ? wire.type == WIRE_BYTES && depth + 1 < WIRE_DEPTH_MAX : scalar_is_clean(field, &wire);
        bool fits = !clean || field == NULL || !limits || is_within(level, field, &wire);
        if (!clean || !fits) {
            describe_path(levels, depth, wire.number, path);
            return clean ? REJECT_TOO_LARGE : REJECT_MALFORMED;
        }
        if (nested) {
            level->entered = field;
            const struct message_schema *inner = level->schema->nested[field - level->schema->descriptor->fields];
            levels[++depth] = (struct level){.schema = inner, .reader = wire_read(wire.bytes)};
        }
    }
}
