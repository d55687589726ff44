/* SPDX-License-Identifier: Apache-2.0
 * Protobuf's wire format, read and written in place: for hot paths that must not allocate, and for the check that
 * stands in front of every unpack (FAILURES P1-P6).
 *
 * Canonical form, demanded of every Envelope and every frame at the edge (docs/PROTOCOL.md): fields in ascending order
 * of number; a singular field at most once; shortest varints and tags; no groups; strings are valid UTF-8 without NUL;
 * length-delimited fields inside their parent; depth <= WIRE_DEPTH_MAX; at most WIRE_UNKNOWN_FIELDS_MAX unknown fields
 * in all. Unknown fields are otherwise welcome: the bytes are kept. */
#ifndef HUTONG_COMMON_PB_WIRE_H
#define HUTONG_COMMON_PB_WIRE_H
#include "common/base/buffer.h"
#include "common/base/span.h"
#include "common/base/status.h"
#include "hutong/v1/messages.h"

enum { GATE_VERSION = 1 }; /* of the edge's requests and replies; another is refused */
enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire_reader {
    const uint8_t *at;
    const uint8_t *end;
};

struct wire_field {
    uint32_t number;
    enum wire_type type;
    uint64_t value;    /* varint and fixed */
    struct span bytes; /* length-delimited; borrowed from the message */
};

static inline struct wire_reader wire_read(struct span message)
{
    return (struct wire_reader){message.data, message.size > 0 ? message.data + message.size : message.data};
}

static inline bool wire_at_end(const struct wire_reader *reader)
{
    return reader->at == reader->end;
}

/* Any field: what wire_next falls back to. */
MUST_USE enum status wire_next_long(struct wire_reader *reader, struct wire_field *field);

/* Next field; REJECT_MALFORMED leaves the reader unusable. PRE: not at end. Nearly all of our fields have a tag and a
 * number, or a tag and a length, of one byte each; these are read where they are asked for. */
MUST_USE static inline enum status wire_next(struct wire_reader *reader, struct wire_field *field)
{
    const uint8_t *at = reader->at;
    size_t left = (size_t)(reader->end - at);
    if (left < 2 || at[0] >= 0x80 || at[1] >= 0x80 || at[0] < 8)
        return wire_next_long(reader, field);
    unsigned type = at[0] & 7;
    if (type == WIRE_VARINT) {
        *field = (struct wire_field){at[0] >> 3, WIRE_VARINT, at[1], {NULL, 0}};
        reader->at = at + 2;
        return OK;
    }
    if (type != WIRE_BYTES || at[1] > left - 2)
        return wire_next_long(reader, field);
    *field = (struct wire_field){at[0] >> 3, WIRE_BYTES, 0, {at + 2, at[1]}};
    reader->at = at + 2 + at[1];
    return OK;
}

/* A number of a packed list. PRE: not at end. */
MUST_USE enum status wire_next_number(struct wire_reader *reader, uint64_t *number);
void wire_put_number(struct buffer *out, uint64_t number);

void wire_put_varint(struct buffer *out, uint32_t number, uint64_t value);    /* also when zero */
void wire_put_uint(struct buffer *out, uint32_t number, uint64_t value);      /* omitted when zero (proto3) */
void wire_put_int(struct buffer *out, uint32_t number, int64_t value);        /* int64: ten bytes when negative */
void wire_put_fixed32(struct buffer *out, uint32_t number, uint32_t value);   /* omitted when zero */
void wire_put_fixed64(struct buffer *out, uint32_t number, uint64_t value);   /* omitted when zero */
void wire_put_bytes(struct buffer *out, uint32_t number, struct span bytes);  /* omitted when empty */
void wire_put_record(struct buffer *out, uint32_t number, struct span bytes); /* also when empty: repeated bytes */
void wire_put_text(struct buffer *out, uint32_t number, const char *text);    /* NULL: as "" */
/* A nested message whose size is not known yet: begin reserves, end moves and closes it. Returns a mark. */
size_t wire_begin(struct buffer *out, uint32_t number);
void wire_end(struct buffer *out, size_t mark);

/* Canonical form, by the schema's descriptors, iteratively, with its limits; those of an Envelope are left to
 * validation, whose refusals stand on the log, and those of a GateRequest to whom it asks, whose refusals name it.
 * REJECT_MALFORMED; REJECT_TOO_LARGE: beyond a limit. `path` (may be NULL) gets where it broke. */
MUST_USE enum status wire_check(enum wire_message message, struct span bytes, struct buffer *path);
#endif
