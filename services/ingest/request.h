/* SPDX-License-Identifier: Apache-2.0
 * GateRequest read in place, and the frames of GateReply: shared by the gate and the mailbox endpoint. */
#ifndef HUTONG_SERVICES_INGEST_REQUEST_H
#define HUTONG_SERVICES_INGEST_REQUEST_H
#include "common/codes/rule.h"
#include "common/net/server.h"
#include "common/pb/wire.h"

enum { GATE_VERSION = 1 };
enum request_kind {
    REQUEST_NONE = 0,
    REQUEST_SUBMIT = 3,
    REQUEST_QUERY = 4,
    REQUEST_FETCH = 5,
    REQUEST_CONFIRM = 6,
    REQUEST_PING = 7,
    REQUEST_BOOKS = 8
};
enum reply_kind {
    REPLY_RECEIPTS = 3,
    REPLY_QUERY = 4,
    REPLY_PAGE = 5,
    REPLY_CONFIRMED = 6,
    REPLY_PONG = 7,
    REPLY_REFUSAL = 8,
    REPLY_BOOKS = 9
};
enum message_state { STATE_UNKNOWN = 1, STATE_ACCEPTED = 2, STATE_DECIDED = 3, STATE_DELIVERED = 4 };

struct request {
    uint64_t number;
    enum request_kind kind;
    struct span body;
};

/* RULE_NONE, or why the request as a whole is refused. `number` is filled where it can be read. */
enum rule request_read(const struct peer *peer, struct span bytes, struct request *request);
/* Starts a reply in an empty buffer; returns the mark for wire_end. */
size_t reply_begin(struct buffer *out, uint64_t request, enum reply_kind kind);
void reply_refusal(struct buffer *out, uint64_t request, enum rule rule, const char *path);
#endif
