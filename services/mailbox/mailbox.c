/* SPDX-License-Identifier: Apache-2.0
 * The mailbox endpoint. */
#include "services/mailbox/mailbox.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/lanes.h"
#include "common/net/pulse.h"
#include "common/observe/diary.h"
#include "common/pb/outcome.h"
#include "common/runtime/control.h"
#include "services/ingest/request.h"
#include "services/mailbox/box.h"
#include "services/mailbox/confirmations.h"
#include "services/mailbox/mailbox_core.h"
#include "services/mailbox/party_watch.h"
#include "services/mailbox/questions.h"
#include "services/mailbox/release.h"
#include "services/mailbox/rights.h"

/* A Fetch that waits for news. */
struct waiter {
    struct server *server;
    uint64_t session, request;
    char party[PARTY_SIZE_MAX + 1], asker[PARTY_SIZE_MAX + 1];
    uint32_t box, count_max;
    uint64_t from;
    int64_t until_us;
};

struct mailbox {
    struct mailbox_options options;
    enum status status;
    struct buffer why;
    struct loop *loop;
    struct box boxes[BOXES];
    struct release release; /* of BOX_OUTCOMES */
    struct control *controls[BOXES];
    struct server *servers[2];
    struct lanes *lanes; /* of both */
    struct confirmations *confirmed;
    struct questions *questions;
    struct waiter waiters[MAILBOX_WAITERS_MAX];
    unsigned waiter_count;
    struct buffer reply;
    size_t sent_size; /* since a turn began */
    struct span page[MAILBOX_PAGE_RECORDS_MAX];
    char streams[PARTITION_COUNT_MAX][STREAM_NAME_SIZE_MAX + 1];
    struct pulse pulse;
    position_t observed;
    struct party_watch watch;
};

static void send_reply(struct mailbox *mailbox, struct server *server, uint64_t session, uint64_t request,
                       enum gate_reply_kind kind, union gate_reply_body body)
{
    buffer_reset(&mailbox->reply);
    gate_reply_encode(&(struct gate_reply){GATE_VERSION, request, kind, body}, &mailbox->reply);
    mailbox->sent_size += mailbox->reply.size;
    (void)server_reply(server, session, buffer_span(&mailbox->reply));
}

static void refuse(struct mailbox *mailbox, struct server *server, uint64_t session, uint64_t request, enum rule rule,
                   struct span not_taken)
{
    reply_not_taken(&mailbox->reply, request, rule, not_taken);
    (void)server_reply(server, session, buffer_span(&mailbox->reply));
}

static void *box_self(struct mailbox *mailbox, uint32_t box)
{
    return runtime_core_self(mailbox->boxes[box].runtime);
}

/* As it may be told. */
static uint64_t box_end(struct mailbox *mailbox, uint32_t box, const char *party)
{
    return box == BOX_OUTCOMES ? release_mailbox_end(&mailbox->release, party)
                               : mailbox_end(box_self(mailbox, box), party);
}

/* ---- fetch ---- */

static void send_page(struct mailbox *mailbox, const struct waiter *waiter)
{
    struct runtime *runtime = mailbox->boxes[waiter->box].runtime;
    void *core = runtime_core_self(runtime);
    struct store_txn *txn = runtime_txn(runtime);
    struct mailbox_page page = {.mailbox = waiter->party,
                                .first = waiter->from,
                                .outcomes = mailbox->page,
                                .end = box_end(mailbox, waiter->box, waiter->party),
                                .confirmed = confirmations_through(mailbox->confirmed, waiter->box, waiter->party)};
    for (size_t size = 0;
         page.outcome_count < waiter->count_max && size < MAILBOX_PAGE_SIZE_MAX &&
         waiter->from + page.outcome_count < page.end &&
         mailbox_at(core, txn, waiter->party, waiter->from + page.outcome_count, &mailbox->page[page.outcome_count]);)
        size += mailbox->page[page.outcome_count++].size;
    metric_count(mailbox->watch.delivered, page.outcome_count);
    send_reply(mailbox, waiter->server, waiter->session, waiter->request, GATE_REPLY_MAILBOX_PAGE,
               (union gate_reply_body){.mailbox_page = page});
}

/* It knows again all that it has told. */
static bool box_is_ready(struct mailbox *mailbox, uint32_t box)
{
    return box == BOX_OUTCOMES ? release_is_known(&mailbox->release)
                               : runtime_has_caught_up(mailbox->boxes[box].runtime);
}

/* Whoever has news, or has waited long enough. */
static void serve_waiters(void *self)
{
    struct mailbox *mailbox = self;
    int64_t now = loop_monotonic_us(), first_us = INT64_MAX;
    for (unsigned i = 0; i < mailbox->waiter_count;) {
        struct waiter *waiter = &mailbox->waiters[i];
        bool news = box_end(mailbox, waiter->box, waiter->party) > waiter->from;
        if (!news && now < waiter->until_us) {
            first_us = waiter->until_us < first_us ? waiter->until_us : first_us;
            i++;
            continue;
        }
        send_page(mailbox, waiter);
        *waiter = mailbox->waiters[--mailbox->waiter_count];
    }
    if (mailbox->waiter_count > 0)
        loop_once(mailbox->loop, (uint32_t)((first_us - now) / 1000 + 1), serve_waiters, mailbox);
}

/* A session waits once: a newer question replaces the older, which is answered empty. */
static void wait_for_news(struct mailbox *mailbox, const struct waiter *waiter, uint32_t wait_ms)
{
    unsigned own = 0;
    loop_once(mailbox->loop, wait_ms, serve_waiters, mailbox);
    for (unsigned i = 0; i < mailbox->waiter_count; i++) {
        own += strcmp(mailbox->waiters[i].asker, waiter->asker) == 0;
        if (mailbox->waiters[i].session != waiter->session || mailbox->waiters[i].server != waiter->server)
            continue;
        send_page(mailbox, &mailbox->waiters[i]);
        mailbox->waiters[i] = *waiter;
        return;
    }
    if (mailbox->waiter_count == MAILBOX_WAITERS_MAX || own == MAILBOX_WAITERS_A_PARTY_MAX)
        send_page(mailbox, waiter);
    else
        mailbox->waiters[mailbox->waiter_count++] = *waiter;
}

static void fetch(struct mailbox *mailbox, struct server *server, const struct peer *peer, uint64_t request,
                  const struct fetch *fetch)
{
    uint32_t wait_ms = fetch->wait_ms > MAILBOX_WAIT_MS_MAX ? MAILBOX_WAIT_MS_MAX : fetch->wait_ms;
    bool bounded = fetch->count_max > 0 && fetch->count_max <= MAILBOX_PAGE_RECORDS_MAX;
    struct waiter waiter = {.session = peer->session,
                            .request = request,
                            .server = server,
                            .box = request_box(fetch->box),
                            .from = fetch->from,
                            .count_max = bounded ? fetch->count_max : MAILBOX_PAGE_RECORDS_MAX,
                            .until_us = loop_monotonic_us() + (int64_t)wait_ms * 1000};
    (void)snprintf(waiter.asker, sizeof waiter.asker, "%s", lanes_name(peer));
    if (!rights_owner(peer, fetch->mailbox, waiter.party))
        refuse(mailbox, server, peer->session, request, RULE_NOT_YOUR_MAILBOX, span_of(NULL, 0));
    else if (wait_ms == 0 || box_end(mailbox, waiter.box, waiter.party) > waiter.from)
        send_page(mailbox, &waiter);
    else
        wait_for_news(mailbox, &waiter, wait_ms);
}

/* ---- query and confirm ---- */

static bool was_confirmed(struct mailbox *mailbox, const struct peer *peer, position_t position)
{
    const char *party = rights_name(peer);
    uint64_t through = confirmations_through(mailbox->confirmed, BOX_OUTCOMES, party);
    return through > 0 && mailbox_seq_of(box_self(mailbox, BOX_OUTCOMES),
                                         runtime_txn(mailbox->boxes[BOX_OUTCOMES].runtime), party, position) < through;
}

static void query(struct mailbox *mailbox, struct server *server, const struct peer *peer, uint64_t request,
                  position_t position)
{
    struct query_answer answer = {.state = MESSAGE_STATE_UNKNOWN};
    struct outcome_head head;
    struct store_txn *txn = runtime_txn(mailbox->boxes[BOX_OUTCOMES].runtime);
    position_t end = release_end(&mailbox->release);
    bool decided = position < end && mailbox_outcome(txn, position, &answer.outcome);
    if (decided && (outcome_head_read(answer.outcome, &head) != OK || !rights_concern(peer, &head))) {
        refuse(mailbox, server, peer->session, request, RULE_NOT_YOUR_MAILBOX, span_of(NULL, 0));
        return;
    }
    position_t newer = decided ? mailbox_superseded_by(txn, answer.outcome) : 0;
    answer.superseded_by = newer < end ? newer : 0;
    if (decided)
        answer.state = was_confirmed(mailbox, peer, position) ? MESSAGE_STATE_DELIVERED : MESSAGE_STATE_DECIDED;
    else if (position < durable_end_now(mailbox->options.submissions))
        answer.state = MESSAGE_STATE_ACCEPTED;
    send_reply(mailbox, server, peer->session, request, GATE_REPLY_QUERY_ANSWER,
               (union gate_reply_body){.query_answer = answer});
}

static void fail(struct mailbox *mailbox, enum status status, const char *why)
{
    if (mailbox->status == OK) {
        mailbox->status = status;
        buffer_append_text(&mailbox->why, why);
    }
    loop_stop(mailbox->loop);
}

/* Answered when it is on disk. Never goes backwards, never past the mailbox's end. */
static void confirm(struct mailbox *mailbox, struct server *server, const struct peer *peer, uint64_t request,
                    const struct confirm *confirm)
{
    const char *party = rights_name(peer);
    uint64_t through = confirm->through;
    uint32_t box = request_box(confirm->box);
    uint64_t before = confirmations_through(mailbox->confirmed, box, party), end = box_end(mailbox, box, party);
    if (through > end)
        through = end;
    if (through > before && confirmations_keep(mailbox->confirmed, box, party, through) != OK) {
        fail(mailbox, FATAL_IO, "a confirmation cannot be kept");
        return;
    }
    struct confirmed confirmed = {through > before ? through : before};
    send_reply(mailbox, server, peer->session, request, GATE_REPLY_CONFIRMED,
               (union gate_reply_body){.confirmed = confirmed});
}

static void pong(struct mailbox *mailbox, struct server *server, const struct peer *peer, uint64_t request)
{
    struct pong pong = {.submissions_end = durable_end_now(mailbox->options.submissions),
                        .outcomes_end = release_end(&mailbox->release),
                        .now_ms = loop_wall_ms()};
    send_reply(mailbox, server, peer->session, request, GATE_REPLY_PONG, (union gate_reply_body){.pong = pong});
}

static void answer(struct mailbox *mailbox, struct server *server, const struct peer *peer, struct span bytes)
{
    uint8_t memory[REQUEST_ARENA_SIZE];
    struct arena arena;
    struct gate_request request;
    arena_init(&arena, memory, sizeof memory);
    struct mailbox_ready ready = {{box_is_ready(mailbox, BOX_OUTCOMES), box_is_ready(mailbox, BOX_BOOKS)},
                                  atomic_load(&mailbox->options.submissions->known)};
    enum rule rule = request_read_at_mailbox(peer, &ready, bytes, &arena, &request);
    party_watch_request(&mailbox->watch, peer, rule);
    if (rule != RULE_NONE) {
        refuse(mailbox, server, peer->session, request.request, rule, bytes);
        return;
    }
    switch (request.kind) {
    case GATE_REQUEST_FETCH:
        fetch(mailbox, server, peer, request.request, &request.body.fetch);
        break;
    case GATE_REQUEST_QUERY:
        query(mailbox, server, peer, request.request, request.body.query.position);
        break;
    case GATE_REQUEST_CONFIRM:
        confirm(mailbox, server, peer, request.request, &request.body.confirm);
        break;
    case GATE_REQUEST_PING:
        pong(mailbox, server, peer, request.request);
        break;
    case GATE_REQUEST_BOOKS_QUERY:
        rule = questions_ask(mailbox->questions, server, peer, request.request, request.body.books_query);
        if (rule != RULE_NONE)
            refuse(mailbox, server, peer->session, request.request, rule, span_of(NULL, 0));
        break;
    default:
        refuse(mailbox, server, peer->session, request.request, RULE_ROLE_MAY_NOT,
               span_of(NULL, 0)); /* the gate is the other endpoint */
    }
}

/* A turn: a request is a page at most. What it sent is charged to its party. */
static bool serve(void *self, unsigned lane, struct waiting *first)
{
    struct mailbox *mailbox = self;
    mailbox->sent_size = 0;
    answer(mailbox, first->server, &first->peer, message_bytes(first->message));
    lanes_charge(mailbox->lanes, lane, mailbox->sent_size);
    return true;
}

static void limited(void *self, struct server *server, const struct peer *peer, struct span bytes)
{
    struct mailbox *mailbox = self;
    party_watch_request(&mailbox->watch, peer, RULE_LIMIT);
    refuse(mailbox, server, peer->session, request_number(bytes), RULE_LIMIT, span_of(NULL, 0));
}

static void on_limit(void *self, const struct peer *peer, struct span bytes)
{
    limited(self, ((struct mailbox *)self)->servers[0], peer, bytes);
}

static void on_tcp(void *self, const struct peer *peer, struct span bytes)
{
    struct mailbox *mailbox = self;
    lanes_put(mailbox->lanes, mailbox->servers[0], peer, bytes);
}

static void on_ipc(void *self, const struct peer *peer, struct span bytes)
{
    struct mailbox *mailbox = self;
    lanes_put(mailbox->lanes, mailbox->servers[1], peer, bytes);
}

/* ---- what it stands on ---- */

/* To the gate. */
static void tell_outcomes_end(struct mailbox *mailbox)
{
    atomic_store_explicit(mailbox->options.outcomes_end, release_end(&mailbox->release), memory_order_relaxed);
    atomic_store(mailbox->options.outcomes_known, box_is_ready(mailbox, BOX_OUTCOMES));
}

/* One outcome a turn is timed from acceptance: the newest. */
static void on_advanced(void *self, struct runtime *runtime)
{
    struct mailbox *mailbox = self;
    struct span outcome;
    struct outcome_head head;
    position_t position = runtime_position(runtime);
    tell_outcomes_end(mailbox);
    if (position > mailbox->observed && mailbox_outcome(runtime_txn(runtime), position - 1, &outcome) &&
        outcome_head_read(outcome, &head) == OK) {
        int64_t now_ms = loop_wall_ms(), ms = now_ms - head.accepted_at;
        metric_observe_at(mailbox->watch.end_to_end, ms > 0 ? (uint64_t)ms * 1000 : 0, position - 1, now_ms);
        mailbox->observed = position;
    }
    party_watch_outcomes(&mailbox->watch, runtime_txn(runtime), position, box_is_ready(mailbox, BOX_OUTCOMES));
    serve_waiters(mailbox);
}

/* More submissions are on disk. */
static void on_released(void *self)
{
    struct mailbox *mailbox = self;
    durable_end_woken(mailbox->options.submissions);
    tell_outcomes_end(mailbox);
    serve_waiters(mailbox);
}

static const char *readiness(void *self)
{
    struct mailbox *mailbox = self;
    const char *why_not;
    if (runtime_is_ready(mailbox->boxes[BOX_OUTCOMES].runtime, &why_not) && !box_is_ready(mailbox, BOX_BOOKS))
        why_not = "账目的信箱正在追平; the mailbox of the books is catching up";
    tell_outcomes_end(mailbox);
    party_waiting(&mailbox->watch.counts, 1, lanes_fair(mailbox->lanes));
    for (uint32_t box = 0; box < BOXES; box++)
        party_watch_backlog(&mailbox->watch, box, mailbox->boxes[box].runtime, mailbox->confirmed);
    return why_not;
}

static void on_books_advanced(void *self, struct runtime *runtime)
{
    (void)runtime;
    serve_waiters(self);
}

static enum status open_boxes(struct mailbox *mailbox)
{
    uint32_t partitions = mailbox->options.config->partitions;
    struct runtime_options outcomes = {.core = &mailbox_core,
                                       .input_count = partitions,
                                       .ahead = true,
                                       .advanced = on_advanced,
                                       .advanced_self = mailbox,
                                       .tell = party_watch_tell,
                                       .tell_self = &mailbox->watch};
    struct runtime_options books = {.core = &mailbox_books_core,
                                    .inputs = {"books"},
                                    .input_count = 1,
                                    .unhurried = true,
                                    .advanced = on_books_advanced,
                                    .advanced_self = mailbox};
    for (uint32_t p = 0; p < partitions; p++) {
        (void)snprintf(mailbox->streams[p], sizeof mailbox->streams[p], "outcomes.%u", p);
        outcomes.inputs[p] = mailbox->streams[p];
    }
    TRY(box_open(&mailbox->boxes[BOX_OUTCOMES], mailbox->options.config, mailbox->options.metrics, mailbox->loop,
                 &outcomes, "mailbox", &mailbox->why));
    mailbox->release = (struct release){.outcomes = mailbox->boxes[BOX_OUTCOMES].runtime,
                                        .bus = mailbox->boxes[BOX_OUTCOMES].bus,
                                        .submissions = mailbox->options.submissions};
    return box_open(&mailbox->boxes[BOX_BOOKS], mailbox->options.config, mailbox->options.metrics, mailbox->loop,
                    &books, "mailbox_books", &mailbox->why);
}

static enum status open_endpoints(struct mailbox *mailbox)
{
    const struct config *config = mailbox->options.config;
    struct buffer ipc = {0};
    reply_parted(&mailbox->reply);
    mailbox->lanes = lanes_new(&(struct lanes_options){mailbox->loop, serve, limited, mailbox});
    struct server_options tcp_options = {
        config->mailbox_endpoint, mailbox->options.zap, on_tcp, mailbox, false, buffer_span(&mailbox->reply), on_limit};
    TRY(server_open(mailbox->loop, &tcp_options, &mailbox->servers[0], &mailbox->why));
    buffer_printf(&ipc, "ipc://%s/mailbox.sock", config->run_directory);
    struct server_options ipc_options = {
        .endpoint = buffer_text(&ipc), .message = on_ipc, .self = mailbox, .parted = buffer_span(&mailbox->reply)};
    enum status status = server_open(mailbox->loop, &ipc_options, &mailbox->servers[1], &mailbox->why);
    for (uint32_t i = 0; i < BOXES && status == OK; i++) { /* "ingest 0" and "ingest 1" of the tools */
        buffer_reset(&ipc);
        config_control_ipc(config, "ingest", i, &ipc);
        status = control_open(mailbox->loop, mailbox->boxes[i].runtime, buffer_text(&ipc), &mailbox->controls[i],
                              &mailbox->why);
    }
    buffer_fini(&ipc);
    return status;
}

static enum status open(struct mailbox *mailbox)
{
    TRY(confirmations_open(mailbox->options.config, &mailbox->confirmed, &mailbox->why));
    TRY(open_boxes(mailbox));
    TRY(questions_open(mailbox->loop, mailbox->options.config, &mailbox->questions));
    TRY(open_endpoints(mailbox));
    mailbox->pulse = (struct pulse){
        .why_not = readiness, .self = mailbox, .stands = "信箱已 5 秒没有动静; the mailbox has not turned for 5 s"};
    pulse_start(&mailbox->pulse, mailbox->loop);
    loop_add_fd(mailbox->loop, mailbox->options.submissions->fd, on_released, mailbox);
    return OK;
}

struct mailbox *mailbox_new(const struct mailbox_options *options)
{
    struct mailbox *mailbox = calloc(1, sizeof *mailbox);
    INVARIANT(mailbox != NULL);
    mailbox->options = *options;
    mailbox->loop = loop_new();
    party_watch_open(&mailbox->watch, options->metrics);
    return mailbox;
}

enum status mailbox_start(struct mailbox *mailbox)
{
    mailbox->status = open(mailbox);
    return mailbox->status;
}

struct loop *mailbox_loop(struct mailbox *mailbox)
{
    return mailbox->loop;
}

enum status mailbox_status(const struct mailbox *mailbox)
{
    TRY(mailbox->status);
    for (int i = 0; i < BOXES; i++)
        TRY(runtime_status(mailbox->boxes[i].runtime));
    return OK;
}

void mailbox_stop(struct mailbox *mailbox)
{
    if (mailbox->status == OK)
        mailbox->status = mailbox_status(mailbox);
    pulse_stop(&mailbox->pulse);
    loop_remove(mailbox->loop, mailbox);
    for (int i = 0; i < BOXES; i++)
        control_close(&mailbox->controls[i]);
    questions_close(&mailbox->questions);
    lanes_destroy(&mailbox->lanes);
    for (int i = 0; i < 2; i++)
        server_close(&mailbox->servers[i]);
    for (int i = 0; i < BOXES; i++)
        box_close(&mailbox->boxes[i]);
    confirmations_close(&mailbox->confirmed);
}

enum status mailbox_free(struct mailbox **out, struct buffer *why)
{
    struct mailbox *mailbox = *out;
    enum status status = mailbox->status;
    buffer_append(why, mailbox->why.data, mailbox->why.size);
    loop_destroy(&mailbox->loop);
    buffer_fini(&mailbox->reply);
    buffer_fini(&mailbox->why);
    free(mailbox);
    *out = NULL;
    return status;
}

bool mailbox_is_ready(struct mailbox *mailbox, const char **why_not)
{
    *why_not = pulse_why_not(&mailbox->pulse);
    return (*why_not)[0] == 0;
}
