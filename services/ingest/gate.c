/* SPDX-License-Identifier: Apache-2.0
 * The gate. */
#include "services/ingest/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/observe/diary.h"
#include "common/pb/outcome.h"
#include "services/ingest/clock_watch.h"
#include "services/ingest/drain.h"
#include "services/ingest/submitting.h"

enum {
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
    struct gating shared;
    struct server *servers[2]; /* tcp, ipc */
    struct lanes *lanes;
    struct submitting under_way[FAIR_PARTIES_MAX]; /* by lane */
    struct question *questions;
    unsigned question_count;
    enum status status;
    const char *why;
    struct metric *connections_refused[4];
    struct clock_watch clock;
    struct drain drain;
    struct zap_counts zap_seen;
    struct gate_ticks ticks;
    instant_ms_t last_tick;
};

/* ---- parked replies ---- */

/* A party with enough on its way to the disk waits until it is there. */
static void hold(struct gate *gate, unsigned lane)
{
    lanes_hold(gate->lanes, lane, gate->under_way[lane].log.count > PARTY_LOG_SIZE_MAX);
}

static void on_durable(void *self, position_t position)
{
    struct gate *gate = self;
    durable_end_tell(gate->shared.options.submissions, position, orderer_began(gate->shared.orderer),
                     gate->shared.options.bus->incarnation);
    parked_release(&gate->shared.parked, position);
    for (unsigned lane = 0; lane < FAIR_PARTIES_MAX; lane++) {
        flight_pass(&gate->under_way[lane].log, position);
        hold(gate, lane);
    }
}

/* What was promised in these replies will not be: the requests are refused as a whole, which says nothing of any one
 * message. */
static void on_rolled_back(void *self, position_t position)
{
    struct gate *gate = self;
    on_durable(gate, position);
    diary_event(DIARY_WARN, "storage_full", "position=%llu", (unsigned long long)position);
    chains_break(&gate->shared.chains);
    for (unsigned lane = 0; lane < FAIR_PARTIES_MAX; lane++) {
        gate->under_way[lane].taken_back = true;
        flight_forget(&gate->under_way[lane].log);
        flight_forget(&gate->under_way[lane].pipeline);
        lanes_hold(gate->lanes, lane, false);
    }
    for (const struct parked_reply *each; (each = gate->shared.parked.first) != NULL; parked_drop(&gate->shared.parked))
        gating_refuse(&gate->shared, each->server, each->session, each->request, RULE_STORAGE_FULL, span_of(NULL, 0));
}

/* ---- query ---- */

/* The receipt is made again from the record itself. An id that is on its way to the disk is not accepted yet; the
 * question is asked of the disk when it is. */
static void query(struct gate *gate, struct server *server, const struct peer *peer, const struct gate_request *request)
{
    uint8_t id[16];
    struct id_entry entry;
    if (message_id_parse(request->body.query.message_id, id) != OK) {
        gating_refuse(&gate->shared, server, peer->session, request->request, RULE_MESSAGE_ID_MALFORMED,
                      span_of(NULL, 0));
        return;
    }
    struct span party = peer->role == PARTY_REGION ? span_text(peer->party) : span_of(NULL, 0);
    bool known = orderer_find(gate->shared.orderer, party, id, &entry);
    if (!known || entry.position >= orderer_durable(gate->shared.orderer)) {
        gating_reply(&gate->shared, server, peer->session, request->request, GATE_REPLY_QUERY_ANSWER,
                     (union gate_reply_body){.query_answer = {.state = MESSAGE_STATE_UNKNOWN}});
        return;
    }
    if (gate->question_count == BUS_QUESTIONS_COUNT_MAX) {
        gating_refuse(&gate->shared, server, peer->session, request->request, RULE_BUSY, span_of(NULL, 0));
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
        orderer_read(gate->shared.orderer, entry.position);
}

static void answer_question(struct gate *gate, const struct question *question, struct span record)
{
    struct submission submission;
    struct gate_view view = {.head = {.message_id = span_text(question->message_id)}};
    if (record.size == 0 || submission_decode(record, NULL, &submission) != OK) {
        gating_refuse(&gate->shared, question->server, question->session, question->request, RULE_BUSY,
                      span_of(NULL, 0));
        return;
    }
    submission_sha256(&submission, gate->shared.digest, view.sha256);
    gating_encode_receipt(&gate->shared, gate_receipt_accepted(&view, &question->entry));
    struct query_answer answer = {
        .state = MESSAGE_STATE_ACCEPTED, .receipt = buffer_span(&gate->shared.receipt), .has_signature = true};
    answer.signature = receipt_signing_of(gate->shared.receipt_signing, answer.receipt);
    gating_reply(&gate->shared, question->server, question->session, question->request, GATE_REPLY_QUERY_ANSWER,
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
    struct pong pong = {orderer_durable(gate->shared.orderer), atomic_load(gate->shared.options.outcomes_end),
                        loop_wall_ms()};
    gating_reply(&gate->shared, server, peer->session, request, GATE_REPLY_PONG, (union gate_reply_body){.pong = pong});
}

static void answer(struct gate *gate, const struct submitting *asked)
{
    struct server *server = asked->server;
    if (asked->request.kind == GATE_REQUEST_QUERY)
        query(gate, server, &asked->peer, &asked->request);
    else if (atomic_load(gate->shared.options.outcomes_known))
        pong(gate, server, &asked->peer, asked->request.request);
    else
        gating_refuse(&gate->shared, server, asked->peer.session, asked->request.request, RULE_BUSY, span_of(NULL, 0));
}

/* A turn of a lane. */
static bool serve(void *self, unsigned lane, struct waiting *first)
{
    struct gate *gate = self;
    struct gating *shared = &gate->shared;
    struct submitting *under_way = &gate->under_way[lane];
    if (under_way->server == NULL) {
        enum rule rule = submitting_read(under_way, shared, first);
        party_refused(&shared->counts, party_counts_of(&shared->counts, &first->peer), rule);
        if (rule == RULE_NONE && under_way->request.kind == GATE_REQUEST_SUBMIT) {
            submitting_begin(under_way, shared);
        } else {
            if (rule != RULE_NONE)
                gating_refuse(shared, first->server, first->peer.session, under_way->request.request, rule,
                              message_bytes(under_way->message));
            else
                answer(gate, under_way);
            submitting_end(under_way);
            return true;
        }
    }
    bool done = submitting_slice(under_way, shared);
    hold(gate, lane);
    return done;
}

static void limited(void *self, struct server *server, const struct peer *peer, struct span bytes)
{
    struct gate *gate = self;
    party_refused(&gate->shared.counts, party_counts_of(&gate->shared.counts, peer), RULE_LIMIT);
    gating_refuse(&gate->shared, server, peer->session, request_number(bytes), RULE_LIMIT, span_of(NULL, 0));
}

static void on_limit(void *self, const struct peer *peer, struct span bytes)
{
    struct gate *gate = self;
    limited(gate, gate->servers[0], peer, bytes);
}

static void on_message(struct gate *gate, struct server *server, const struct peer *peer, struct span bytes)
{
    party_seen(party_counts_of(&gate->shared.counts, peer), loop_wall_ms());
    lanes_put(gate->lanes, server, peer, bytes);
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
    gate_tick_make(now, orderer_end(gate->shared.orderer), gate->shared.digest, &envelope, &view);
    (void)orderer_place(gate->shared.orderer, &view, buffer_span(&envelope), now, true);
    buffer_fini(&envelope);
}

/* Fires when the next tick is due, and with every look around: this machine's clock may have been set. */
static void tick(void *self)
{
    struct gate *gate = self;
    const char *why_not;
    instant_ms_t now = loop_wall_ms();
    if (gate->ticks.interval_ms == 0 || gate->shared.options.config->trace_clock)
        return;
    uint32_t wait_ms = gate_tick_wait(&gate->ticks, gate->last_tick, now);
    if (wait_ms == 0 && !gate->shared.draining && orderer_is_ready(gate->shared.orderer, &why_not) &&
        gating_lag(&gate->shared) < gate->shared.options.config->pipeline_lag_max) {
        place_tick(gate, now);
        gate->last_tick = now;
        wait_ms = gate_tick_wait(&gate->ticks, now, now);
    }
    loop_once(gate->shared.options.loop, wait_ms > 0 ? wait_ms : TICK_AGAIN_MS, tick, gate);
}

static void check_zap(void *self)
{
    struct gate *gate = self;
    if (zap_self_test(gate->shared.options.zap) == OK)
        return;
    gate->status = FATAL_CONFIG;
    gate->why = "the authenticator let an unknown key in";
    loop_stop(gate->shared.options.loop);
}

static void look_around(void *self)
{
    struct gate *gate = self;
    gate->shared.draining = drain_look(&gate->drain);
    clock_watch_look(&gate->clock,
                     gate->shared.options.config->trace_clock ? 0 : orderer_last_stamp(gate->shared.orderer));
    struct zap_counts counts, *seen = &gate->zap_seen;
    party_waiting(&gate->shared.counts, 0, lanes_fair(gate->lanes));
    zap_counts(gate->shared.options.zap, &counts);
    metric_count(gate->connections_refused[0], (int64_t)(counts.unknown_key - seen->unknown_key));
    metric_count(gate->connections_refused[1], (int64_t)(counts.not_curve - seen->not_curve));
    metric_count(gate->connections_refused[2], (int64_t)(counts.handshake_failed - seen->handshake_failed));
    metric_count(gate->connections_refused[3], (int64_t)(counts.too_many - seen->too_many));
    *seen = counts;
    const char *why_not;
    if (orderer_is_ready(gate->shared.orderer, &why_not))
        frame_signing_tell_ends(gate->shared.signing, gate->shared.orderer, loop_wall_ms());
    tick(gate);
}

static void add_metrics(struct gate *gate)
{
    static const char *const reasons[] = {"reason=\"unknown_key\"", "reason=\"not_curve\"", "reason=\"handshake\"",
                                          "reason=\"too_many\""};
    struct metrics *metrics = gate->shared.options.metrics;
    clock_watch_open(&gate->clock, metrics);
    for (int i = 0; i < 4; i++)
        gate->connections_refused[i] = metrics_add(metrics, METRIC_COUNTER, "hutong_connections_refused_total",
                                                   "Connections refused in the handshake.", reasons[i]);
}

static enum status open_servers(struct gate *gate, struct buffer *why)
{
    const struct config *config = gate->shared.options.config;
    struct buffer ipc;
    reply_parted(&gate->shared.reply);
    struct server_options tcp_options = {.endpoint = config->gate_endpoint,
                                         .zap = gate->shared.options.zap,
                                         .message = on_tcp,
                                         .self = gate,
                                         .parted = buffer_span(&gate->shared.reply),
                                         .limited = on_limit};
    TRY(server_open(gate->shared.options.loop, &tcp_options, &gate->servers[0], why));
    buffer_init(&ipc);
    buffer_printf(&ipc, "ipc://%s/gate.sock", config->run_directory);
    struct server_options ipc_options = {
        .endpoint = buffer_text(&ipc), .message = on_ipc, .self = gate, .parted = buffer_span(&gate->shared.reply)};
    enum status status = server_open(gate->shared.options.loop, &ipc_options, &gate->servers[1], why);
    buffer_fini(&ipc);
    return status;
}

static enum status open_orderer(struct gate *gate, const struct gate_options *options, struct buffer *why)
{
    struct buffer state;
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
    enum status status = orderer_open(&orderer, &gate->shared.orderer, why);
    buffer_fini(&state);
    return status;
}

enum status gate_open(const struct gate_options *options, struct gate **out, struct buffer *why)
{
    struct gate *gate = calloc(1, sizeof *gate);
    INVARIANT(gate != NULL);
    gate->ticks = (struct gate_ticks){options->config->tick_interval_ms, options->config->tick_rush_interval_ms,
                                      options->config->tick_rush_minutes};
    enum status status = gating_open(&gate->shared, options, why);
    add_metrics(gate);
    struct lanes_options lanes = {options->loop, serve, limited, gate};
    gate->lanes = lanes_new(&lanes); /* before the orderer: what is placed in a turn is cut in it */
    if (status == OK)
        status = open_orderer(gate, options, why);
    drain_open(&gate->drain, options->config->run_directory);
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
    loop_remove(gate->shared.options.loop, gate);
    orderer_close(&gate->shared.orderer);
    for (int i = 0; i < 2; i++)
        server_close(&gate->servers[i]);
    lanes_destroy(&gate->lanes);
    for (unsigned lane = 0; lane < FAIR_PARTIES_MAX; lane++)
        submitting_fini(&gate->under_way[lane]);
    while (gate->questions != NULL) {
        struct question *next = gate->questions->next;
        free(gate->questions);
        gate->questions = next;
    }
    gating_fini(&gate->shared);
    free(gate);
    *out = NULL;
}

bool gate_is_ready(const struct gate *gate, const char **why_not)
{
    if (!orderer_is_ready(gate->shared.orderer, why_not) || !orderer_has_room(gate->shared.orderer, why_not))
        return false;
    if (gate->shared.draining)
        *why_not = "draining: nothing new is taken (hutong drain)";
    return !gate->shared.draining;
}

enum status gate_status(const struct gate *gate, const char **why)
{
    *why = gate->why != NULL ? gate->why : "";
    return gate->status != OK ? gate->status : orderer_status(gate->shared.orderer, why);
}
