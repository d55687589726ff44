/* SPDX-License-Identifier: Apache-2.0
 * Signatures of frames at the gate (docs/PROTOCOL.md, Signatures): verified once a frame, before its first envelope is
 * placed; the keys are looked at again for each slice, so that a key that was revoked in between signs nothing more.
 * What is kept with a record proves that record alone.
 *
 *   a party's demand        unsigned          signed
 *   off, or none            taken             verified where it has keys; where it has none, the signature is dropped
 *   wanted                  taken, counted    verified
 *   required                refused           verified
 *
 * On this machine's own endpoint nothing is demanded: an operator whose key is lost can register another. Records that
 * are played back from a trace bring theirs along. */
#ifndef HUTONG_SERVICES_INGEST_FRAME_SIGNING_H
#define HUTONG_SERVICES_INGEST_FRAME_SIGNING_H
#include "common/engines/signing/signed_tree.h"
#include "common/observe/metrics.h"
#include "services/ingest/orderer.h"

struct frame_signing;

struct frame_signing *frame_signing_new(struct metrics *metrics);
void frame_signing_destroy(struct frame_signing **signing);

/* One frame. Zeros: none; its memory is kept from one to the next. */
struct signed_frame {
    struct signed_tree tree;
    bool verified; /* its signature holds, and stands with its records */
    bool counted;  /* unsigned, where it was wanted */
};
void signed_frame_start(struct signed_frame *frame);
void signed_frame_fini(struct signed_frame *frame);

/* RULE_NONE: what comes next of it may be placed at the orderer's end. */
enum rule frame_signing_look(struct frame_signing *signing, struct signed_frame *frame, const struct orderer *orderer,
                             const struct peer *peer, const struct submit *submit, instant_ms_t now);
/* Salt and signature of the frame's envelope `index`, as its record will have them; `out` holds the signature. */
void frame_signing_view(const struct signed_frame *frame, const struct submit *submit, uint32_t index,
                        struct buffer *out, struct gate_view *view);
/* One of it was placed. */
void frame_signing_placed(struct frame_signing *signing, const struct signed_frame *frame, const struct peer *peer);

/* Keys that end: a gauge each, and once a day a line in the diary for those that end within 30 days. */
void frame_signing_tell_ends(struct frame_signing *signing, const struct orderer *orderer, instant_ms_t now);
#endif
