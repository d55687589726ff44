/* SPDX-License-Identifier: Apache-2.0
 * The gate. */
#include "services/ingest/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/observe/diary.h"
#include "common/pb/outcome.h"
#include "services/ingest/chains.h"
#include "services/ingest/clock_watch.h"
#include "services/ingest/parked.h"
#include "services/ingest/party_counts.h"
#include "services/ingest/request.h"

enum {
    BUSY_RETRY_MIN_MS = 20,
    BUSY_RETRY_MAX_MS = 2000,
    BUSY_RECORDS_PER_MS = 10, /* what the slowest pipeline clears */
    ZAP_CHECK_MS = 60 * 1000,
    COUNTS_MS = 1000,
    TICK_AGAIN_MS = 10 /* it is due, and the log takes nothing in now */
};

/* A question that waits for a record of the log. */
struct question {
    struct question *next;
    uint64_t session;
    uint64_t request;
    struct server *server;
    position_t position;
    struct id_entry entry;
    char message_id[37];
};

struct gate {
    struct gate_options options;
    struct orderer *orderer;
    struct server *servers[2]; /* tcp, ipc */
    struct digest *digest;
    struct parked parked;
    struct question *questions;
    unsigned question_count;
    struct buffer reply, path;
    struct buffer receipt, receipts; /* one, and the message of all */
    enum status status;
    const char *why;
    struct metric *accepted, *duplicates, *connections_refused[3];
    struct party_counts counts;
    struct chains chains;
    struct clock_watch clock;
    struct zap_counts zap_seen;
    struct gate_ticks ticks;
    instant_ms_t last_tick;
};

static void encode_reply(struct gate *gate, uint64_t request, enum gate_reply_kind kind, union gate_reply_body body)
{
    buffer_reset(&gate->reply);
    gate_reply_encode(&(struct gate_reply){GATE_VERSION, request, kind, body}, &gate->reply);
}

static void send_reply(struct gate *gate, struct server *server, uint64_t session, uint64_t request,
                       enum gate_reply_kind kind, union gate_reply_body body)
{
    encode_reply(gate, request, kind, body);
    (void)server_reply(server, session, buffer_span(&gate->reply));
}

static void send_refusal(struct gate *gate, struct server *server, uint64_t session, uint64_t request, enum rule rule,
                         struct span not_taken)
{
    party_refused_at_edge(&gate->counts, NULL, rule);
    reply_not_taken(&gate->reply, request, rule, not_taken);
    (void)server_reply(server, session, buffer_span(&gate->reply));
}

/* ---- parked replies ---- */

static void on_durable(void *self, position_t position)
{
    struct gate *gate = self;
    durable_end_tell(gate->options.submissions, position, orderer_began(gate->orderer));
    parked_release(&gate->parked, position);
}

/* What was promised in these replies will not be: the requests are refused as a whole, which says nothing of any one
 * message. */
static void on_rolled_back(void *self, position_t position)
{
    struct gate *gate = self;
    on_durable(gate, position);
    diary_event(DIARY_WARN, "storage_full", "position=%llu", (unsigned long long)position);
    chains_break(&gate->chains);
    for (const struct parked_reply *each; (each = gate->parked.first) != NULL; parked_drop(&gate->parked))
        send_refusal(gate, each->server, each->session, each->request, RULE_STORAGE_FULL, span_of(NULL, 0));
}

/* ---- submit ---- */

static bool may_replay(const struct gate *gate, const struct peer *peer)
{
    return gate->options.config->trace_clock && (peer->role == PARTY_LOCAL || peer->role == PARTY_OPERATOR);
}

static uint64_t lag(const struct gate *gate)
{
    uint64_t end = orderer_end(gate->orderer),
             outcomes = atomic_load_explicit(gate->options.outcomes_end, memory_order_relaxed);
    return end > outcomes ? end - outcomes : 0;
}

static uint32_t busy_delay(uint64_t lag)
{
    uint64_t delay = lag / BUSY_RECORDS_PER_MS;
    return (uint32_t)(delay < BUSY_RETRY_MIN_MS   ? BUSY_RETRY_MIN_MS
                      : delay > BUSY_RETRY_MAX_MS ? BUSY_RETRY_MAX_MS
                                                  : delay);
}

static void count_placing(struct gate *gate, struct counted_party *party, enum gate_outcome outcome)
{
    static const enum counted_receipt receipts[] = {[PLACED] = COUNTED_ACCEPTED,
                                                    [PLACED_BEFORE] = COUNTED_DUPLICATE,
                                                    [PLACED_OTHER] = COUNTED_CONFLICT,
                                                    [PLACING_BUSY] = COUNTED_BUSY,
                                                    [PLACING_FULL] = COUNTED_BUSY};
    enum rule rule = gate_placing_rule(outcome);
    party_receipt(party, receipts[outcome], loop_wall_ms());
    if (rule == RULE_NONE)
        metric_count(outcome == PLACED ? gate->accepted : gate->duplicates, 1);
    else
        party_refused_at_edge(&gate->counts, party, rule);
}

static void encode_receipt(struct gate *gate, struct receipt receipt)
{
    buffer_reset(&gate->receipt);
    receipt_encode(&receipt, &gate->receipt);
}

/* One envelope -> one receipt in gate->receipt; `needs` grows to what the receipt needs on disk. `room` goes false
 * with the first that had to wait: what comes after it in the frame must not overtake it. */
static void submit_one(struct gate *gate, const struct peer *peer, struct span envelope, instant_ms_t stamp,
                       position_t *needs, bool *room)
{
    struct gate_view view;
    struct counted_party *party = party_counts_of(&gate->counts, peer);
    buffer_reset(&gate->path);
    enum rule rule = gate_examine(peer, may_replay(gate, peer), envelope, gate->digest, &view, &gate->path);
    if (rule != RULE_NONE) {
        party_refused_at_edge(&gate->counts, party, rule);
        party_receipt(party, COUNTED_REFUSED, 0);
        encode_receipt(gate, gate_receipt_refused(rule, buffer_text(&gate->path), view.head.message_id));
        return;
    }
    uint64_t behind = lag(gate);
    *room = *room && behind < gate->options.config->pipeline_lag_max;
    struct gate_placing placing = orderer_place(gate->orderer, &view, envelope, stamp, *room);
    count_placing(gate, party, placing.outcome);
    encode_receipt(gate, gate_receipt(&view, &placing, busy_delay(behind)));
    if (placing.outcome == PLACING_BUSY || placing.outcome == PLACING_FULL)
        *room = false;
    if (placing.needs > *needs)
        *needs = placing.needs;
}

static void submit(struct gate *gate, struct server *server, const struct peer *peer,
                   const struct gate_request *request)
{
    const struct submit *submit = &request->body.submit;
    position_t needs = 0;
    bool room = chains_go_on(&gate->chains, server, peer->session, submit->follows);
    bool stamped = submit->accepted_at_count > 0;
    instant_ms_t now = stamped ? 0 : loop_wall_ms();
    buffer_reset(&gate->receipts);
    for (uint32_t i = 0; i < submit->envelope_count; i++) {
        submit_one(gate, peer, submit->envelopes[i], stamped ? submit->accepted_at[i] : now, &needs, &room);
        receipts_put_receipts(&gate->receipts, buffer_span(&gate->receipt));
    }
    chains_note(&gate->chains, server, peer->session, request->request, room);
    encode_reply(gate, request->request, GATE_REPLY_RECEIPTS,
                 (union gate_reply_body){.receipts = buffer_span(&gate->receipts)});
    if (needs <= orderer_durable(gate->orderer))
        (void)server_reply(server, peer->session, buffer_span(&gate->reply));
    else
        parked_add(&gate->parked, server, peer->session, request->request, needs, &gate->reply);
}

/* ---- query ---- */

/* The receipt is made again from the record itself. An id that is on its way to the disk is not accepted yet; the
 * question is asked of the disk when it is. */
static void query(struct gate *gate, struct server *server, const struct peer *peer, const struct gate_request *request)
{
    uint8_t id[16];
    struct id_entry entry;
    if (message_id_parse(request->body.query.message_id, id) != OK) {
        send_refusal(gate, server, peer->session, request->request, RULE_MESSAGE_ID_MALFORMED, span_of(NULL, 0));
        return;
    }
    struct span party = peer->role == PARTY_REGION ? span_text(peer->party) : span_of(NULL, 0);
    bool known = orderer_find(gate->orderer, party, id, &entry);
    if (!known || entry.position >= orderer_durable(gate->orderer)) {
        send_reply(gate, server, peer->session, request->request, GATE_REPLY_QUERY_ANSWER,
                   (union gate_reply_body){.query_answer = {.state = MESSAGE_STATE_UNKNOWN}});
        return;
    }
    if (gate->question_count == BUS_QUESTIONS_COUNT_MAX) {
        send_refusal(gate, server, peer->session, request->request, RULE_BUSY, span_of(NULL, 0));
        return;
    }
    /* One answer of the bus serves all who ask for a position, so it is asked once for them. */
    bool asked = false;
    for (const struct question *each = gate->questions; each != NULL; each = each->next)
        asked = asked || each->position == entry.position;
    struct question *question = calloc(1, sizeof *question);
    INVARIANT(question != NULL);
    *question = (struct question){gate->questions, peer->session, request->request, server, entry.position, entry, ""};
    message_id_describe(id, question->message_id);
    gate->questions = question;
    gate->question_count++;
    if (!asked)
        orderer_read(gate->orderer, entry.position);
}

static void answer_question(struct gate *gate, const struct question *question, struct span record)
{
    struct submission submission;
    struct gate_view view = {.head = {.message_id = span_text(question->message_id)}};
    if (record.size == 0 || submission_decode(record, NULL, &submission) != OK) {
        send_refusal(gate, question->server, question->session, question->request, RULE_BUSY, span_of(NULL, 0));
        return;
    }
    digest_once(gate->digest, submission.envelope, view.sha256);
    encode_receipt(gate, gate_receipt_accepted(&view, &question->entry));
    struct query_answer answer = {.state = MESSAGE_STATE_ACCEPTED, .receipt = buffer_span(&gate->receipt)};
    send_reply(gate, question->server, question->session, question->request, GATE_REPLY_QUERY_ANSWER,
               (union gate_reply_body){.query_answer = answer});
}

static void on_read(void *self, position_t position, struct span record)
{
    struct gate *gate = self;
    for (struct question **at = &gate->questions; *at != NULL;) {
        struct question *question = *at;
        if (question->position != position) {
            at = &question->next;
            continue;
        }
        answer_question(gate, question, record);
        *at = question->next;
        gate->question_count--;
        free(question);
    }
}

static void pong(struct gate *gate, struct server *server, const struct peer *peer, uint64_t request)
{
    struct pong pong = {orderer_durable(gate->orderer), atomic_load(gate->options.outcomes_end), loop_wall_ms()};
    send_reply(gate, server, peer->session, request, GATE_REPLY_PONG, (union gate_reply_body){.pong = pong});
}

static void on_message(struct gate *gate, struct server *server, const struct peer *peer, struct span bytes)
{
    uint8_t memory[REQUEST_ARENA_SIZE];
    struct arena arena;
    struct gate_request request;
    const char *why_not;
    struct counted_party *party = party_counts_of(&gate->counts, peer);
    party_seen(party, loop_wall_ms());
    arena_init(&arena, memory, sizeof memory);
    bool ready = orderer_is_ready(gate->orderer, &why_not);
    enum rule rule = request_read_at_gate(peer, ready, may_replay(gate, peer), bytes, &arena, &request);
    party_refused(&gate->counts, party, rule);
    if (rule != RULE_NONE)
        send_refusal(gate, server, peer->session, request.request, rule, bytes);
    else if (request.kind == GATE_REQUEST_SUBMIT)
        submit(gate, server, peer, &request);
    else if (request.kind == GATE_REQUEST_QUERY)
        query(gate, server, peer, &request);
    else if (atomic_load(gate->options.outcomes_known))
        pong(gate, server, peer, request.request);
    else
        send_refusal(gate, server, peer->session, request.request, RULE_BUSY, span_of(NULL, 0));
}

static void on_tcp(void *self, const struct peer *peer, struct span bytes)
{
    struct gate *gate = self;
    on_message(gate, gate->servers[0], peer, bytes);
}

static void on_ipc(void *self, const struct peer *peer, struct span bytes)
{
    struct gate *gate = self;
    on_message(gate, gate->servers[1], peer, bytes);
}

/* ---- timers ---- */

static void place_tick(struct gate *gate, instant_ms_t now)
{
    struct gate_view view;
    struct buffer envelope = {0};
    gate_tick_make(now, orderer_end(gate->orderer), gate->digest, &envelope, &view);
    (void)orderer_place(gate->orderer, &view, buffer_span(&envelope), now, true);
    buffer_fini(&envelope);
}

/* Fires when the next tick is due, and with every look around: this machine's clock may have been set. */
static void tick(void *self)
{
    struct gate *gate = self;
    const char *why_not;
    instant_ms_t now = loop_wall_ms();
    if (gate->ticks.interval_ms == 0 || gate->options.config->trace_clock)
        return;
    uint32_t wait_ms = gate_tick_wait(&gate->ticks, gate->last_tick, now);
    if (wait_ms == 0 && orderer_is_ready(gate->orderer, &why_not) &&
        lag(gate) < gate->options.config->pipeline_lag_max) {
        place_tick(gate, now);
        gate->last_tick = now;
        wait_ms = gate_tick_wait(&gate->ticks, now, now);
    }
    loop_once(gate->options.loop, wait_ms > 0 ? wait_ms : TICK_AGAIN_MS, tick, gate);
}

static void check_zap(void *self)
{
    struct gate *gate = self;
    if (zap_self_test(gate->options.zap) == OK)
        return;
    gate->status = FATAL_CONFIG;
    gate->why = "the authenticator let an unknown key in";
    loop_stop(gate->options.loop);
}

static void look_around(void *self)
{
    struct gate *gate = self;
    clock_watch_look(&gate->clock, gate->options.config->trace_clock ? 0 : orderer_last_stamp(gate->orderer));
    struct zap_counts counts, *seen = &gate->zap_seen;
    zap_counts(gate->options.zap, &counts);
    metric_count(gate->connections_refused[0], (int64_t)(counts.unknown_key - seen->unknown_key));
    metric_count(gate->connections_refused[1], (int64_t)(counts.not_curve - seen->not_curve));
    metric_count(gate->connections_refused[2], (int64_t)(counts.handshake_failed - seen->handshake_failed));
    *seen = counts;
    tick(gate);
}

static void add_metrics(struct gate *gate)
{
    static const char *const reasons[] = {"reason=\"unknown_key\"", "reason=\"not_curve\"", "reason=\"handshake\""};
    struct metrics *metrics = gate->options.metrics;
    gate->accepted = metrics_add(metrics, METRIC_COUNTER, "hutong_accepted_total", "Envelopes accepted.", NULL);
    gate->duplicates = metrics_add(metrics, METRIC_COUNTER, "hutong_duplicates_total",
                                   "Envelopes that had been accepted before.", NULL);
    party_counts_open(&gate->counts, metrics);
    clock_watch_open(&gate->clock, metrics);
    for (int i = 0; i < 3; i++)
        gate->connections_refused[i] = metrics_add(metrics, METRIC_COUNTER, "hutong_connections_refused_total",
                                                   "Connections refused in the handshake.", reasons[i]);
}

static enum status open_servers(struct gate *gate, struct buffer *why)
{
    const struct config *config = gate->options.config;
    struct buffer ipc;
    reply_parted(&gate->reply);
    struct server_options tcp_options = {config->gate_endpoint,    gate->options.zap, on_tcp, gate, false,
                                         buffer_span(&gate->reply)};
    TRY(server_open(gate->options.loop, &tcp_options, &gate->servers[0], why));
    buffer_init(&ipc);
    buffer_printf(&ipc, "ipc://%s/gate.sock", config->run_directory);
    struct server_options ipc_options = {buffer_text(&ipc), NULL, on_ipc, gate, false, buffer_span(&gate->reply)};
    enum status status = server_open(gate->options.loop, &ipc_options, &gate->servers[1], why);
    buffer_fini(&ipc);
    return status;
}

enum status gate_open(const struct gate_options *options, struct gate **out, struct buffer *why)
{
    struct gate *gate = calloc(1, sizeof *gate);
    struct buffer state;
    INVARIANT(gate != NULL);
    gate->options = *options;
    gate->digest = digest_new();
    gate->ticks = (struct gate_ticks){options->config->tick_interval_ms, options->config->tick_rush_interval_ms,
                                      options->config->tick_rush_minutes};
    add_metrics(gate);
    buffer_init(&state);
    config_state_directory(options->config, "ingest", 0, &state);
    struct orderer_options orderer = {
        .loop = options->loop,
        .bus = options->bus,
        .index_bus = options->index_bus,
        .state_directory = buffer_text(&state),
        .state_map_size = (size_t)options->config->state_map_mib << 20,
        .metrics = options->metrics,
        .durable = on_durable,
        .rolled_back = on_rolled_back,
        .read = on_read,
        .self = gate,
    };
    enum status status = orderer_open(&orderer, &gate->orderer, why);
    buffer_fini(&state);
    if (status == OK)
        status = open_servers(gate, why);
    if (status != OK) {
        gate_close(&gate);
        return status;
    }
    tick(gate);
    loop_add_timer(options->loop, ZAP_CHECK_MS, check_zap, gate);
    loop_add_timer(options->loop, COUNTS_MS, look_around, gate);
    *out = gate;
    return OK;
}

void gate_close(struct gate **out)
{
    struct gate *gate = *out;
    if (gate == NULL)
        return;
    loop_remove(gate->options.loop, gate);
    orderer_close(&gate->orderer);
    for (int i = 0; i < 2; i++)
        server_close(&gate->servers[i]);
    parked_fini(&gate->parked);
    while (gate->questions != NULL) {
        struct question *next = gate->questions->next;
        free(gate->questions);
        gate->questions = next;
    }
    digest_destroy(&gate->digest);
    buffer_fini(&gate->reply);
    buffer_fini(&gate->path);
    buffer_fini(&gate->receipt);
    buffer_fini(&gate->receipts);
    free(gate);
    *out = NULL;
}

bool gate_is_ready(const struct gate *gate, const char **why_not)
{
    return orderer_is_ready(gate->orderer, why_not) && orderer_has_room(gate->orderer, why_not);
}

enum status gate_status(const struct gate *gate, const char **why)
{
    *why = gate->why != NULL ? gate->why : "";
    return gate->status != OK ? gate->status : orderer_status(gate->orderer, why);
}
