/* SPDX-License-Identifier: Apache-2.0
 * What all that the gate does shares: the orderer, counts, parked replies, and how an answer is made and sent. Of the
 * gate's thread. */
#ifndef HUTONG_SERVICES_INGEST_GATING_H
#define HUTONG_SERVICES_INGEST_GATING_H
#include <stdatomic.h>

#include "common/config/config.h"
#include "common/net/zap.h"
#include "services/ingest/chains.h"
#include "services/ingest/durable_end.h"
#include "services/ingest/frame_signing.h"
#include "services/ingest/orderer.h"
#include "services/ingest/parked.h"
#include "services/ingest/party_counts.h"
#include "services/ingest/receipt_signing.h"

struct gate_options {
    struct loop *loop;
    struct bus *bus, *index_bus; /* as in orderer_options */
    struct zap *zap;
    struct metrics *metrics;
    const struct config *config;
    const _Atomic uint64_t *outcomes_end; /* how far the mailbox has come */
    const _Atomic bool *outcomes_known;   /* it has come as far as it ever told */
    struct durable_end *submissions;      /* told */
};

struct gating {
    struct gate_options options;
    struct orderer *orderer;
    struct digest *digest;
    struct parked parked;
    struct chains chains;
    struct party_counts counts;
    struct frame_signing *signing;
    struct receipt_signing *receipt_signing;
    struct buffer reply, path, receipt;
    struct metric *accepted, *duplicates;
    bool draining; /* nothing new is taken */
};

MUST_USE enum status gating_open(struct gating *gating, const struct gate_options *options, struct buffer *why);
void gating_fini(struct gating *gating);
/* Into gating->reply, gating->receipt. */
void gating_encode(struct gating *gating, uint64_t request, enum gate_reply_kind kind, union gate_reply_body body);
void gating_encode_receipt(struct gating *gating, struct receipt receipt);
void gating_reply(struct gating *gating, struct server *server, uint64_t session, uint64_t request,
                  enum gate_reply_kind kind, union gate_reply_body body);
/* Of the request as a whole; `not_taken`: its bytes where they are at fault. Counted at the edge, as nobody's. */
void gating_refuse(struct gating *gating, struct server *server, uint64_t session, uint64_t request, enum rule rule,
                   struct span not_taken);
/* Whether the peer may say at what times its envelopes are accepted. */
bool gating_may_replay(const struct gating *gating, const struct peer *peer);
/* Submissions that have no outcome yet, as far as is known. */
uint64_t gating_lag(const struct gating *gating);
#endif
