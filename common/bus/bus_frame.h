/* SPDX-License-Identifier: Apache-2.0
 * Frames between a service and the broker (proto/hutong/v1/bus.proto, docs/PROTOCOL-BUS.md): built and read in place. A
 * batch is the last field of its message and is never copied apart from the frame itself. */
#ifndef HUTONG_COMMON_BUS_BUS_FRAME_H
#define HUTONG_COMMON_BUS_BUS_FRAME_H
#include "common/base/limits.h"
#include "common/pb/wire.h"

enum { BUS_VERSION = 1 };

/* Field numbers of BusRequest.body and BusReply.body. */
enum bus_request_kind {
    BUS_OPEN_WRITER = 3,
    BUS_APPEND = 4,
    BUS_OPEN_READER = 5,
    BUS_CREDIT = 6,
    BUS_CLOSE_READER = 7,
    BUS_LAST_POSITION = 8,
    BUS_READ_ONCE = 9,
    BUS_HEARTBEAT = 10,
    BUS_TRIM = 11,
    BUS_STATUS = 12
};
enum bus_reply_kind {
    BUS_WRITER_OPENED = 3,
    BUS_APPENDED = 4,
    BUS_READER_OPENED = 5,
    BUS_DELIVERY = 6,
    BUS_LAST_ANSWER = 7,
    BUS_READ_ANSWER = 8,
    BUS_HEARTBEAT_REPLY = 9,
    BUS_TRIMMED = 10,
    BUS_STATUS_ANSWER = 11,
    BUS_ERROR = 12
};
enum bus_code {
    BUS_MALFORMED = 1,
    BUS_BAD_VERSION,
    BUS_UNKNOWN_STREAM,
    BUS_FENCED,
    BUS_CONFLICT,
    BUS_FULL,
    BUS_TOO_LARGE,
    BUS_IS_TRIMMED,
    BUS_NO_READER,
    BUS_IN_USE,
    BUS_UNKNOWN_OUTCOME,
    BUS_CORRUPT
};

struct bus_frame {
    uint32_t version;
    uint64_t request;
    uint32_t kind; /* field number of the body; 0: none */
    struct span body;
};

/* REJECT_MALFORMED. */
MUST_USE enum status bus_frame_read(struct span frame, struct bus_frame *out);

/* The fields that the bodies share, by number: text 1, numbers 1..6, batch 15. Each body uses some of them. */
struct bus_body {
    char text[STREAM_NAME_SIZE_MAX + 1];  /* field 1 as text */
    char text2[STREAM_NAME_SIZE_MAX + 1]; /* field 2 as text */
    uint64_t numbers[7];                  /* fields 1..6 as numbers; [0] unused */
    struct span batch;                    /* field 15 */
};
MUST_USE enum status bus_body_read(struct span body, struct bus_body *out);

/* Starts a frame in an empty buffer; returns the mark for wire_end. */
size_t bus_frame_begin(struct buffer *out, uint64_t request, uint32_t kind);
#endif
