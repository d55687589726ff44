/* SPDX-License-Identifier: Apache-2.0
 * Protobuf's wire format in place: reading field by field, writing field by field. */
#include "common/pb/wire.h"

#include "common/base/bytes.h"
#include "common/base/check.h"

enum { VARINT_SIZE_MAX = 10, NESTED_LENGTH_SIZE = 5 };

/* Shortest form only: a last byte of zero after others is an overlong varint (P5). */
static enum status read_long_number(struct wire_reader *reader, uint64_t *value)
{
    const uint8_t *at = reader->at, *end = reader->end;
    uint64_t result = 0;
    for (unsigned i = 0; i < VARINT_SIZE_MAX && at < end; i++) {
        uint8_t byte = *at++;
        if (i == VARINT_SIZE_MAX - 1 && byte > 1)
            return REJECT_MALFORMED;
        result |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            if (byte == 0 && i > 0)
                return REJECT_MALFORMED;
            *value = result;
            reader->at = at;
            return OK;
        }
    }
    return REJECT_MALFORMED;
}

/* Amounts have three to five bytes: up to eight are read at once, without a branch a byte. The highest bit of each byte
 * says whether another follows; what is left of seven bits each is moved together in three steps. */
static inline enum status read_number(struct wire_reader *reader, uint64_t *value)
{
    if (reader->end - reader->at < 8)
        return read_long_number(reader, value);
    uint64_t bytes = bytes_get_le(reader->at, 8), last = ~bytes & UINT64_C(0x8080808080808080);
    if (last == 0)
        return read_long_number(reader, value);
    unsigned size = (unsigned)__builtin_ctzll(last) / 8 + 1;
    if (size > 1 && reader->at[size - 1] == 0)
        return REJECT_MALFORMED;
    bytes &= (last ^ (last - 1)) & UINT64_C(0x7f7f7f7f7f7f7f7f);
    bytes = (bytes & UINT64_C(0x007f007f007f007f)) | (bytes & UINT64_C(0x7f007f007f007f00)) >> 1;
    bytes = (bytes & UINT64_C(0x00003fff00003fff)) | (bytes & UINT64_C(0x3fff00003fff0000)) >> 2;
    *value = (bytes & UINT64_C(0x0fffffff)) | (bytes & UINT64_C(0x0fffffff00000000)) >> 4;
    reader->at += size;
    return OK;
}

enum status wire_next_number(struct wire_reader *reader, uint64_t *number)
{
    return read_number(reader, number);
}

static enum status read_fixed(struct wire_reader *reader, unsigned width, uint64_t *value)
{
    if ((size_t)(reader->end - reader->at) < width)
        return REJECT_MALFORMED;
    *value = bytes_get_le(reader->at, width);
    reader->at += width;
    return OK;
}

enum status wire_next_long(struct wire_reader *reader, struct wire_field *field)
{
    PRE(reader->at < reader->end);
    uint64_t tag = reader->at[0];
    if (tag < 0x80) /* of all fields but a few */
        reader->at++;
    else
        TRY(read_number(reader, &tag));
    if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
        return REJECT_MALFORMED;
    field->number = (uint32_t)(tag >> 3);
    field->type = (enum wire_type)(tag & 7);
    field->value = 0;
    field->bytes = (struct span){NULL, 0};
    switch (tag & 7) {
    case WIRE_VARINT:
        return read_number(reader, &field->value);
    case WIRE_FIXED64:
        return read_fixed(reader, 8, &field->value);
    case WIRE_FIXED32:
        return read_fixed(reader, 4, &field->value);
    case WIRE_BYTES: {
        uint64_t size;
        TRY(read_number(reader, &size));
        if (size > (size_t)(reader->end - reader->at))
            return REJECT_MALFORMED;
        field->bytes = span_of(reader->at, (size_t)size);
        reader->at += size;
        return OK;
    }
    default: /* groups */
        return REJECT_MALFORMED;
    }
}

static inline uint8_t *write_number(uint8_t *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (uint8_t)(value | 0x80);
    *to++ = (uint8_t)value;
    return to;
}

static inline uint8_t *write_tag(uint8_t *to, uint32_t number, enum wire_type type)
{
    return write_number(to, (uint64_t)number << 3 | (uint64_t)type);
}

static inline void written(struct buffer *out, const uint8_t *to)
{
    out->size = (size_t)(to - out->data);
}

void wire_put_number(struct buffer *out, uint64_t value)
{
    written(out, write_number(buffer_reserve(out, VARINT_SIZE_MAX), value));
}

void wire_put_varint(struct buffer *out, uint32_t number, uint64_t value)
{
    uint8_t *to = buffer_reserve(out, (size_t)2 * VARINT_SIZE_MAX);
    written(out, write_number(write_tag(to, number, WIRE_VARINT), value));
}

static void put_tag(struct buffer *out, uint32_t number, enum wire_type type)
{
    written(out, write_tag(buffer_reserve(out, VARINT_SIZE_MAX), number, type));
}

void wire_put_uint(struct buffer *out, uint32_t number, uint64_t value)
{
    if (value != 0)
        wire_put_varint(out, number, value);
}

void wire_put_int(struct buffer *out, uint32_t number, int64_t value)
{
    wire_put_uint(out, number, (uint64_t)value);
}

void wire_put_fixed32(struct buffer *out, uint32_t number, uint32_t value)
{
    if (value == 0)
        return;
    put_tag(out, number, WIRE_FIXED32);
    bytes_put_le(buffer_reserve(out, 4), value, 4);
    out->size += 4;
}

void wire_put_fixed64(struct buffer *out, uint32_t number, uint64_t value)
{
    if (value == 0)
        return;
    put_tag(out, number, WIRE_FIXED64);
    bytes_put_le(buffer_reserve(out, 8), value, 8);
    out->size += 8;
}

void wire_put_record(struct buffer *out, uint32_t number, struct span bytes)
{
    uint8_t *to = buffer_reserve(out, (size_t)2 * VARINT_SIZE_MAX + bytes.size);
    to = write_number(write_tag(to, number, WIRE_BYTES), bytes.size);
    if (bytes.size > 0)
        memcpy(to, bytes.data, bytes.size);
    written(out, to + bytes.size);
}

void wire_put_bytes(struct buffer *out, uint32_t number, struct span bytes)
{
    if (bytes.size != 0)
        wire_put_record(out, number, bytes);
}

void wire_put_text(struct buffer *out, uint32_t number, const char *text)
{
    if (text != NULL)
        wire_put_bytes(out, number, span_text(text));
}

/* The length's place is reserved at its largest size and the body moved back by what was not needed: our nested
 * messages are small, so the move costs less than a pass that counts first. */
size_t wire_begin(struct buffer *out, uint32_t number)
{
    put_tag(out, number, WIRE_BYTES);
    (void)buffer_reserve(out, NESTED_LENGTH_SIZE);
    out->size += NESTED_LENGTH_SIZE;
    return out->size;
}

void wire_end(struct buffer *out, size_t mark)
{
    PRE(mark >= NESTED_LENGTH_SIZE && mark <= out->size);
    size_t size = out->size - mark;
    size_t width = 1;
    for (size_t rest = size; rest >= 0x80; rest >>= 7)
        width++;
    PRE(width <= NESTED_LENGTH_SIZE);
    uint8_t *length = out->data + mark - NESTED_LENGTH_SIZE;
    memmove(length + width, out->data + mark, size);
    for (size_t i = 0; i < width; i++, size >>= 7)
        length[i] = (uint8_t)((size & 0x7f) | (i + 1 < width ? 0x80 : 0));
    out->size -= NESTED_LENGTH_SIZE - width;
}
