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

/* Next field; REJECT_MALFORMED leaves the reader unusable. PRE: not at end. */
MUST_USE enum status wire_next(struct wire_reader *reader, struct wire_field *field);

void wire_put_varint(struct buffer *out, uint32_t number, uint64_t value);    /* also when zero */
void wire_put_uint(struct buffer *out, uint32_t number, uint64_t value);      /* omitted when zero (proto3) */
void wire_put_int(struct buffer *out, uint32_t number, int64_t value);        /* int64: ten bytes when negative */
void wire_put_fixed32(struct buffer *out, uint32_t number, uint32_t value);   /* omitted when zero */
void wire_put_fixed64(struct buffer *out, uint32_t number, uint64_t value);   /* omitted when zero */
void wire_put_bytes(struct buffer *out, uint32_t number, struct span bytes);  /* omitted when empty */
void wire_put_record(struct buffer *out, uint32_t number, struct span bytes); /* also when empty: repeated bytes */
void wire_put_text(struct buffer *out, uint32_t number, const char *text);
/* A nested message whose size is not known yet: begin reserves, end moves and closes it. Returns a mark. */
size_t wire_begin(struct buffer *out, uint32_t number);
void wire_end(struct buffer *out, size_t mark);

/* Messages that wire_check knows. */
enum wire_message {
    WIRE_ENVELOPE,
    WIRE_GATE_REQUEST,
    WIRE_GATE_REPLY,
    WIRE_BUS_REQUEST,
    WIRE_BUS_REPLY,
    WIRE_CONTROL_REQUEST,
    WIRE_CONTROL_REPLY,
    WIRE_VERDICT,
    WIRE_OUTCOME,
    WIRE_SUBMISSION,
    WIRE_BATCH,
    WIRE_TRACE_RECORD,
    WIRE_RECEIPT,
    WIRE_AUDIT_QUERY,
    WIRE_AUDIT_ANSWER,
    WIRE_TRANSFER_QUERY,
    WIRE_TRANSFER_ANSWER,
    WIRE_BOOKS_RECORD,
    WIRE_BOOKS_QUERY,
    WIRE_BOOKS_ANSWER
};
/* Canonical form, by the schema's descriptors, iteratively. `path` (may be NULL) gets where it broke. */
MUST_USE enum status wire_check(enum wire_message message, struct span bytes, struct buffer *path);
#endif
