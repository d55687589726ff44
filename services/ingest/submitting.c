/* SPDX-License-Identifier: Apache-2.0
 * Slices of a Submit. */
#include "services/ingest/submitting.h"

#include "common/base/check.h"
#include "common/pb/outcome.h"

enum {
    BUSY_RETRY_MIN_MS = 20,
    BUSY_RETRY_MAX_MS = 2000,
    BUSY_RECORDS_PER_MS = 10 /* what the slowest pipeline clears */
};

static uint32_t busy_delay(uint64_t lag)
{
    uint64_t delay = lag / BUSY_RECORDS_PER_MS;
    return (uint32_t)(delay < BUSY_RETRY_MIN_MS   ? BUSY_RETRY_MIN_MS
                      : delay > BUSY_RETRY_MAX_MS ? BUSY_RETRY_MAX_MS
                                                  : delay);
}

static void count_placing(struct gating *gating, struct counted_party *party, enum gate_outcome outcome)
{
    static const enum counted_receipt receipts[] = {[PLACED] = COUNTED_ACCEPTED,
                                                    [PLACED_BEFORE] = COUNTED_DUPLICATE,
                                                    [PLACED_OTHER] = COUNTED_CONFLICT,
                                                    [PLACING_BUSY] = COUNTED_BUSY,
                                                    [PLACING_FULL] = COUNTED_BUSY};
    enum rule rule = gate_placing_rule(outcome);
    party_receipt(party, receipts[outcome], loop_wall_ms());
    if (rule == RULE_NONE)
        metric_count(outcome == PLACED ? gating->accepted : gating->duplicates, 1);
    else
        party_refused_at_edge(&gating->counts, party, rule);
}

static void refuse_one(struct gating *gating, struct counted_party *party, enum rule rule, const char *path,
                       const struct gate_view *view)
{
    party_refused_at_edge(&gating->counts, party, rule);
    party_receipt(party, COUNTED_REFUSED, 0);
    gating_encode_receipt(gating, gate_receipt_refused(rule, path, view->head.message_id));
}

/* Whoever has little in the pipeline is let in though others have filled it. */
static bool pipeline_has_room(struct submitting *submitting, struct gating *gating, uint64_t behind)
{
    uint64_t most = gating->options.config->pipeline_lag_max;
    flight_pass(&submitting->pipeline, orderer_end(gating->orderer) - behind);
    return behind < most || submitting->pipeline.count < most / PARTY_LAG_SHARE;
}

/* One envelope -> one receipt in gating->receipt; `needs` grows to what the receipt needs on disk. `room` goes false
 * with the first that had to wait: what comes after it in the frame must not overtake it. */
static void submit_one(struct submitting *submitting, struct gating *gating, uint32_t index, instant_ms_t stamp)
{
    struct span envelope = submitting->request.body.submit.envelopes[index];
    struct gate_view view;
    const struct peer *peer = &submitting->peer;
    struct counted_party *party = party_counts_of(&gating->counts, peer);
    buffer_reset(&gating->path);
    enum rule rule =
        gate_examine(peer, gating_may_replay(gating, peer), envelope, gating->digest, &view, &gating->path);
    if (rule != RULE_NONE) {
        refuse_one(gating, party, rule, buffer_text(&gating->path), &view);
        return;
    }
    uint64_t behind = gating_lag(gating);
    submitting->room = submitting->room && !gating->draining && pipeline_has_room(submitting, gating, behind);
    bool allowed = submitting->refused == RULE_NONE;
    frame_signing_view(&submitting->frame, &submitting->request.body.submit, index, &submitting->share, &view);
    struct gate_placing placing = orderer_place(gating->orderer, &view, envelope, stamp, allowed && submitting->room);
    bool new = placing.outcome == PLACED || placing.outcome == PLACING_BUSY || placing.outcome == PLACING_FULL;
    if (new && !allowed) {
        refuse_one(gating, party, submitting->refused, "signature", &view);
        return;
    }
    if (placing.outcome == PLACED)
        frame_signing_placed(gating->signing, &submitting->frame, peer);
    count_placing(gating, party, placing.outcome);
    if (placing.outcome == PLACED) {
        flight_add(&submitting->log, placing.needs, (uint32_t)envelope.size);
        flight_add(&submitting->pipeline, placing.needs, 1);
    }
    gating_encode_receipt(gating,
                          gate_receipt(&view, &placing, gating->draining ? BUSY_RETRY_MAX_MS : busy_delay(behind)));
    if (placing.outcome == PLACING_BUSY || placing.outcome == PLACING_FULL)
        submitting->room = false;
    if (placing.needs > submitting->needs)
        submitting->needs = placing.needs;
}

enum rule submitting_read(struct submitting *submitting, struct gating *gating, struct waiting *waiting)
{
    struct arena arena;
    const char *why_not;
    PRE(submitting->server == NULL);
    const struct peer *peer = &waiting->peer;
    submitting->server = waiting->server;
    submitting->peer = *peer;
    submitting->message = waiting->message;
    waiting->message = NULL;
    arena_init(&arena, submitting->memory, sizeof submitting->memory);
    return request_read_at_gate(peer, orderer_is_ready(gating->orderer, &why_not), gating_may_replay(gating, peer),
                                message_bytes(submitting->message), &arena, &submitting->request);
}

void submitting_begin(struct submitting *submitting, struct gating *gating)
{
    const struct submit *submit = &submitting->request.body.submit;
    submitting->at = 0;
    submitting->needs = 0;
    submitting->taken_back = false;
    submitting->room = chains_go_on(&gating->chains, submitting->server, submitting->peer.session, submit->follows);
    submitting->now = submit->accepted_at_count > 0 ? 0 : loop_wall_ms();
    signed_frame_start(&submitting->frame);
    buffer_reset(&submitting->bytes);
}

static void answer(struct submitting *submitting, struct gating *gating)
{
    struct server *server = submitting->server;
    uint64_t session = submitting->peer.session, request = submitting->request.request;
    if (submitting->taken_back) {
        gating_refuse(gating, server, session, request, RULE_STORAGE_FULL, span_of(NULL, 0));
        return;
    }
    chains_note(&gating->chains, server, session, request, submitting->room);
    receipt_signing_add(gating->receipt_signing, &submitting->bytes);
    gating_encode(gating, request, GATE_REPLY_RECEIPTS,
                  (union gate_reply_body){.receipts = buffer_span(&submitting->bytes)});
    if (submitting->needs <= orderer_durable(gating->orderer))
        (void)server_reply(server, session, buffer_span(&gating->reply));
    else
        parked_add(&gating->parked, server, session, request, submitting->needs, &gating->reply);
}

bool submitting_slice(struct submitting *submitting, struct gating *gating)
{
    const struct submit *submit = &submitting->request.body.submit;
    size_t size = 0;
    submitting->refused = frame_signing_look(gating->signing, &submitting->frame, gating->orderer, &submitting->peer,
                                             submit, submitting->now);
    for (uint32_t count = 0; submitting->at < submit->envelope_count && count < SLICE_ENVELOPES_MAX &&
                             size < SLICE_SIZE_MAX && !submitting->taken_back;
         count++) {
        uint32_t at = submitting->at++;
        size += submit->envelopes[at].size;
        submit_one(submitting, gating, at, submit->accepted_at_count > 0 ? submit->accepted_at[at] : submitting->now);
        receipts_put_receipts(&submitting->bytes, buffer_span(&gating->receipt));
    }
    if (submitting->at < submit->envelope_count && !submitting->taken_back)
        return false;
    answer(submitting, gating);
    submitting_end(submitting);
    return true;
}

void submitting_end(struct submitting *submitting)
{
    message_drop(&submitting->message);
    submitting->server = NULL;
}

void submitting_fini(struct submitting *submitting)
{
    submitting_end(submitting);
    signed_frame_fini(&submitting->frame);
    buffer_fini(&submitting->share);
    buffer_fini(&submitting->bytes);
}
