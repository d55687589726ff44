/* SPDX-License-Identifier: Apache-2.0
 * What the gate and the mailbox endpoint decide about a request as a whole, and its refusal. Pure. */
#ifndef HUTONG_SERVICES_INGEST_REQUEST_H
#define HUTONG_SERVICES_INGEST_REQUEST_H
#include "common/codes/rule.h"
#include "common/net/server.h"
#include "common/pb/wire.h"

enum {
    /* What a decoded request takes beside its bytes: places of envelopes; times, salts and signatures of a trace. */
    REQUEST_ARENA_SIZE = SUBMIT_ENVELOPES_MAX * (3 * sizeof(struct span) + sizeof(instant_ms_t)) + 64
};

/* enum mailbox_box: a request that names no box means that of outcomes. */
enum { BOX_OUTCOMES = BOX_NONE, BOXES = BOX_BOOKS + 1 };

/* What the mailbox endpoint knows again of what it has told before it was started: answers only move on. */
struct mailbox_ready {
    bool boxes[BOXES]; /* their ends and what lies in them */
    bool submissions;  /* the end of what was accepted */
};

/* The number of a request, by a look at its head alone; 0 where it cannot be read. */
uint64_t request_number(struct span bytes);
/* A box that this build does not know counts as none named. */
uint32_t request_box(uint32_t asked);
/* RULE_NONE, or why the request as a whole is refused; its number is filled where it can be read. Kinds that are the
 * gate's are not looked into. */
enum rule request_read_at_mailbox(const struct peer *peer, const struct mailbox_ready *ready, struct span bytes,
                                  struct arena *arena, struct gate_request *request);
/* The same at the gate, which takes some kinds alone, and nothing unless it is `ready`. `replaying`: the peer may say
 * at what times its envelopes are accepted. */
enum rule request_read_at_gate(const struct peer *peer, bool ready, bool replaying, struct span bytes,
                               struct arena *arena, struct gate_request *request);
/* Appends the reply to a message of several parts, which nobody can mean; it says how one is sent. */
void reply_parted(struct buffer *out);
/* Appends the reply that refuses it. */
void reply_refusal(struct buffer *out, uint64_t request, enum rule rule, const char *path);
/* The same alone, of a request that came as these bytes; where they are not canonical, the path says where. */
void reply_not_taken(struct buffer *out, uint64_t request, enum rule rule, struct span bytes);
#endif
