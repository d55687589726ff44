/* SPDX-License-Identifier: Apache-2.0
 * Requests and their refusals. */
#include "services/ingest/request.h"

#include "services/ingest/gate_core.h"

enum rule request_read(const struct peer *peer, struct span bytes, struct arena *arena, struct gate_request *request)
{
    gate_request_blank(request);
    if (wire_check(WIRE_GATE_REQUEST, bytes, NULL) != OK)
        return RULE_ENVELOPE_MALFORMED;
    enum status status = gate_request_decode(bytes, arena, request);
    if (request->version != GATE_VERSION)
        return RULE_ENVELOPE_VERSION;
    if (peer->revoked)
        return RULE_KEY_REVOKED;
    if (peer->role != PARTY_REGION && peer->role != PARTY_OPERATOR && peer->role != PARTY_LOCAL)
        return RULE_ROLE_MAY_NOT;
    if (status != OK)
        return status == REJECT_TOO_LARGE ? RULE_ENVELOPE_TOO_LARGE : RULE_ENVELOPE_MALFORMED;
    return request->kind == GATE_REQUEST_NONE ? RULE_BODY_MISSING : RULE_NONE;
}

void reply_refusal(struct buffer *out, uint64_t request, enum rule rule, const char *path)
{
    const struct gate_reply reply = {GATE_VERSION, request, GATE_REPLY_REFUSAL, {.refusal = gate_refusal(rule, path)}};
    gate_reply_encode(&reply, out);
}
