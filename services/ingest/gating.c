/* SPDX-License-Identifier: Apache-2.0
 * What the gate's parts share. */
#include "services/ingest/gating.h"

#include "common/pb/outcome.h"

enum status gating_open(struct gating *gating, const struct gate_options *options, struct buffer *why)
{
    gating->options = *options;
    gating->digest = digest_new();
    gating->accepted =
        metrics_add(options->metrics, METRIC_COUNTER, "hutong_accepted_total", "Envelopes accepted.", NULL);
    gating->duplicates = metrics_add(options->metrics, METRIC_COUNTER, "hutong_duplicates_total",
                                     "Envelopes that had been accepted before.", NULL);
    party_counts_open(&gating->counts, options->metrics);
    gating->signing = frame_signing_new(options->metrics);
    return receipt_signing_open(options->config->key_directory, &gating->receipt_signing, why);
}

void gating_fini(struct gating *gating)
{
    frame_signing_destroy(&gating->signing);
    receipt_signing_close(&gating->receipt_signing);
    parked_fini(&gating->parked);
    digest_destroy(&gating->digest);
    buffer_fini(&gating->reply);
    buffer_fini(&gating->path);
    buffer_fini(&gating->receipt);
}

void gating_encode(struct gating *gating, uint64_t request, enum gate_reply_kind kind, union gate_reply_body body)
{
    buffer_reset(&gating->reply);
    gate_reply_encode(&(struct gate_reply){GATE_VERSION, request, kind, body}, &gating->reply);
}

void gating_encode_receipt(struct gating *gating, struct receipt receipt)
{
    buffer_reset(&gating->receipt);
    receipt_encode(&receipt, &gating->receipt);
}

void gating_reply(struct gating *gating, struct server *server, uint64_t session, uint64_t request,
                  enum gate_reply_kind kind, union gate_reply_body body)
{
    gating_encode(gating, request, kind, body);
    (void)server_reply(server, session, buffer_span(&gating->reply));
}

void gating_refuse(struct gating *gating, struct server *server, uint64_t session, uint64_t request, enum rule rule,
                   struct span not_taken)
{
    party_refused_at_edge(&gating->counts, NULL, rule);
    reply_not_taken(&gating->reply, request, rule, not_taken);
    (void)server_reply(server, session, buffer_span(&gating->reply));
}

bool gating_may_replay(const struct gating *gating, const struct peer *peer)
{
    return gating->options.config->trace_clock && (peer->role == PARTY_LOCAL || peer->role == PARTY_OPERATOR);
}

uint64_t gating_lag(const struct gating *gating)
{
    uint64_t end = orderer_end(gating->orderer),
             outcomes = atomic_load_explicit(gating->options.outcomes_end, memory_order_relaxed);
    return end > outcomes ? end - outcomes : 0;
}
