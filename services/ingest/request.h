/* SPDX-License-Identifier: Apache-2.0
 * What the gate and the mailbox endpoint decide about a request as a whole, and its refusal. Pure. */
#ifndef HUTONG_SERVICES_INGEST_REQUEST_H
#define HUTONG_SERVICES_INGEST_REQUEST_H
#include "common/codes/rule.h"
#include "common/net/server.h"
#include "common/pb/wire.h"

enum {
    GATE_VERSION = 1,
    /* What a decoded request takes beside its bytes: places of envelopes, and times to stamp. */
    REQUEST_ARENA_SIZE = SUBMIT_ENVELOPES_MAX * (sizeof(struct span) + sizeof(instant_ms_t)) + 32
};

/* RULE_NONE, or why the request as a whole is refused; its number is filled where it can be read. A Submit, which is
 * the gate's, comes as it could be read. */
enum rule request_read(const struct peer *peer, struct span bytes, struct arena *arena, struct gate_request *request);
/* The same at the gate, which takes some kinds alone, and nothing unless it is `ready`. `replaying`: the peer may say
 * at what times its envelopes are accepted. */
enum rule request_read_at_gate(const struct peer *peer, bool ready, bool replaying, struct span bytes,
                               struct arena *arena, struct gate_request *request);
/* Appends the reply that refuses it. */
void reply_refusal(struct buffer *out, uint64_t request, enum rule rule, const char *path);
#endif
