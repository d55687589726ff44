/* SPDX-License-Identifier: Apache-2.0
 * Requests and replies. */
#include "services/ingest/request.h"

#include "services/ingest/gate_core.h"

enum rule request_read(const struct peer *peer, struct span bytes, struct request *request)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    uint64_t version = 0;
    memset(request, 0, sizeof *request);
    if (wire_check(WIRE_GATE_REQUEST, bytes, NULL) != OK)
        return RULE_ENVELOPE_MALFORMED;
    while (!wire_at_end(&reader)) {
        if (wire_next(&reader, &field) != OK)
            return RULE_ENVELOPE_MALFORMED;
        if (field.number == 1)
            version = field.value;
        else if (field.number == 2)
            request->number = field.value;
        else if (field.number <= REQUEST_BOOKS && field.type == WIRE_BYTES) {
            request->kind = (enum request_kind)field.number;
            request->body = field.bytes;
        }
    }
    if (version != GATE_VERSION)
        return RULE_ENVELOPE_VERSION;
    if (peer->revoked)
        return RULE_KEY_REVOKED;
    if (peer->role != PARTY_REGION && peer->role != PARTY_OPERATOR && peer->role != PARTY_LOCAL)
        return RULE_ROLE_MAY_NOT;
    return request->kind == REQUEST_NONE ? RULE_BODY_MISSING : RULE_NONE;
}

size_t reply_begin(struct buffer *out, uint64_t request, enum reply_kind kind)
{
    wire_put_uint(out, 1, GATE_VERSION);
    wire_put_uint(out, 2, request);
    return wire_begin(out, (uint32_t)kind);
}

void reply_refusal(struct buffer *out, uint64_t request, enum rule rule, const char *path)
{
    size_t mark = reply_begin(out, request, REPLY_REFUSAL);
    gate_refusal(rule, path, "", out);
    wire_end(out, mark);
}
