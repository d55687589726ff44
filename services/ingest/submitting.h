/* SPDX-License-Identifier: Apache-2.0
 * A request under way, of which a Submit is served in slices: a frame may hold 4 MiB of work, and others wait for their
 * turn meanwhile. Its bytes are decoded once and kept until its last slice. Requests of one connection do not
 * overtake each other: the next one begins when this one has ended.
 *
 *   message -> submitting_read -> a Submit: submitting_begin -> submitting_slice ... -> its reply is sent or parked
 *                              \> anything else: the gate answers it, submitting_end */
#ifndef HUTONG_SERVICES_INGEST_SUBMITTING_H
#define HUTONG_SERVICES_INGEST_SUBMITTING_H
#include "common/net/lanes.h"
#include "services/ingest/flight.h"
#include "services/ingest/gating.h"

/* One of each party. */
struct submitting {
    struct server *server;   /* borrowed; NULL: nothing is under way */
    struct message *message; /* owned; what `request` borrows from */
    struct peer peer;
    struct gate_request request;
    uint32_t at;       /* envelopes before it have their receipts */
    instant_ms_t now;  /* of all of its envelopes, where it brings no times */
    position_t needs;  /* what its receipts need on disk */
    bool room;         /* nothing of it had to wait */
    enum rule refused; /* what comes next of it, if it is new: what its signature lacks */
    struct signed_frame frame;
    struct buffer share;         /* of the frame's signature: what the record at hand will have */
    bool taken_back;             /* what was placed of it will not be written: it is refused as a whole */
    struct buffer bytes;         /* receipts so far; the memory is kept for the next one */
    struct flight log, pipeline; /* of the party: bytes that are not on disk, records without outcome */
    uint8_t memory[REQUEST_ARENA_SIZE];
};

/* What one slice may take: SLICE_SIZE_MAX bytes of envelopes, SLICE_ENVELOPES_MAX of them, one envelope at least. */
enum {
    SLICE_ENVELOPES_MAX = 128,  /* about a millisecond of examining and placing */
    SLICE_SIZE_MAX = 128 * 1024 /* of bytes that are checked and hashed: 0.5 ms; of tiny fields, 2 ms */
};

/* Takes the message and decodes it. Otherwise than RULE_NONE: the request is refused as a whole; `request.request` is
 * filled where it can be read. */
enum rule submitting_read(struct submitting *submitting, struct gating *gating, struct waiting *waiting);
/* PRE: a Submit was read. */
void submitting_begin(struct submitting *submitting, struct gating *gating);
/* Receipts for the next envelopes. True: all have theirs, the reply is sent or parked, and nothing is under way. */
bool submitting_slice(struct submitting *submitting, struct gating *gating);
/* Whatever was under way is done with, or given up. */
void submitting_end(struct submitting *submitting);
void submitting_fini(struct submitting *submitting);
#endif
