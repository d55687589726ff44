/* SPDX-License-Identifier: Apache-2.0
 * libhutong. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/client/client_receipt.h"
#include "common/client/client_signing.h"
#include "common/client/hutong.h"
#include "common/client/window.h"
#include "common/codes/rule.h"
#include "common/net/server.h"
#include "common/pb/event.h"
#include "common/pb/wire.h"

enum {
    RESEND_MS = 1000,
    POLL_MIN_MS = 1,
    POLL_MAX_MS = 20,
    BOOKS_PATIENCE_MS = 5000,
    NOT_READY_MS = 50,
    FULL_QUEUE_MS = 10
};

struct ht_client {
    struct dealer *gate;
    struct dealer *mailbox;
    struct client_signing *signing;
    uint64_t request;
    struct buffer frame;
    struct buffer reply;
    uint8_t memory[MAILBOX_PAGE_RECORDS_MAX * sizeof(struct span) + TEXTS_SIZE]; /* of the decoded reply */
    struct arena arena;
    char refusal[400];
    bool refusal_retry;
    bool submits_well; /* the last ht_submit ended so that the next need not begin with one frame */
    uint32_t refusal_rule;
    enum mailbox_box box; /* that fetch and confirm speak of */
    uint64_t superseded_by;
};

struct ht_client *ht_open(const struct ht_options *options)
{
    struct ht_client *client = calloc(1, sizeof *client);
    INVARIANT(client != NULL);
    struct dealer_options dealer = {options->gate, options->server_key, options->public_key, options->secret_key};
    client->signing = client_signing_new();
    bool opened = options->gate == NULL || dealer_open(&dealer, &client->gate) == OK;
    dealer.endpoint = options->mailbox;
    opened = opened && (options->mailbox == NULL || dealer_open(&dealer, &client->mailbox) == OK);
    uint8_t seed[6];
    if (getrandom(seed, sizeof seed, 0) == (ssize_t)sizeof seed)
        client->request = bytes_get_be(seed, 6); /* a late answer to an earlier process's question is not ours */
    if (!opened)
        ht_close(&client);
    return client;
}

void ht_close(struct ht_client **client)
{
    if (*client == NULL)
        return;
    dealer_close(&(*client)->gate);
    dealer_close(&(*client)->mailbox);
    client_signing_destroy(&(*client)->signing);
    buffer_fini(&(*client)->frame);
    buffer_fini(&(*client)->reply);
    free(*client);
    *client = NULL;
}

enum ht_result ht_sign_with(struct ht_client *client, const char *path)
{
    return client_signing_load(client->signing, path, client->refusal, sizeof client->refusal);
}

void ht_keep_proofs(struct ht_client *client, int keep)
{
    client_signing_keep_proofs(client->signing, keep != 0);
}

const char *ht_last_refusal(const struct ht_client *client)
{
    return client->refusal;
}

void ht_uuid7(char text[37])
{
    uint8_t id[16];
    INVARIANT(getrandom(id, sizeof id, 0) == (ssize_t)sizeof id);
    bytes_put_be(id, (uint64_t)loop_wall_ms(), 6);
    id[6] = (uint8_t)(0x70 | (id[6] & 0x0f));
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
    message_id_describe(id, text);
}

/* ---- one question, one answer ---- */

static void fill_frame(struct ht_client *client, enum gate_request_kind kind, union gate_request_body body)
{
    buffer_reset(&client->frame);
    gate_request_encode(&(struct gate_request){GATE_VERSION, ++client->request, kind, body}, &client->frame);
}

static void note_refusal(struct ht_client *client, const struct edge_refusal *refusal)
{
    client->refusal_retry = refusal->retry_helps;
    client->refusal_rule = refusal->rule;
    (void)snprintf(client->refusal, sizeof client->refusal, "%s: %s; %s", refusal->code, refusal->zh, refusal->en);
}

static bool reply_decode(struct ht_client *client, struct gate_reply *reply)
{
    arena_init(&client->arena, client->memory, sizeof client->memory);
    return gate_reply_decode(buffer_span(&client->reply), &client->arena, reply) == OK &&
           reply->kind != GATE_REPLY_NONE;
}

/* True: the reply to the question in flight. Others are late answers, and dropped. */
static bool reply_read(struct ht_client *client, struct gate_reply *reply)
{
    return reply_decode(client, reply) && reply->request == client->request;
}

/* Why nobody answered, where that is known. */
static void note_handshake(struct ht_client *client, struct dealer *dealer)
{
    if (dealer_is_refused(dealer))
        (void)snprintf(client->refusal, sizeof client->refusal,
                       "the handshake is refused: the server key is wrong, or our own key is not known there");
}

static enum ht_result receive(struct ht_client *client, struct dealer *dealer, int64_t until_us,
                              struct gate_reply *reply)
{
    for (int64_t now; (now = loop_monotonic_us()) < until_us;) {
        if (dealer_receive(dealer, (uint32_t)((until_us - now) / 1000 + 1), &client->reply) == OK &&
            reply_read(client, reply))
            return HT_OK;
    }
    return HT_TIMEOUT;
}

static void sleep_ms(uint32_t ms)
{
    struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    (void)nanosleep(&time, NULL);
}

/* Sends the frame, again after each silence of `patience_ms`, until the reply comes. Safe: every request may be
 * repeated. */
static enum ht_result ask_patiently(struct ht_client *client, struct dealer *dealer, uint32_t deadline_ms,
                                    uint32_t patience_ms, enum gate_reply_kind wanted, struct gate_reply *reply)
{
    int64_t until = loop_monotonic_us() + (int64_t)deadline_ms * 1000;
    client->refusal[0] = 0;
    if (dealer == NULL)
        return HT_INVALID;
    for (int64_t now; (now = loop_monotonic_us()) < until;) {
        int64_t patience = now + (int64_t)patience_ms * 1000;
        if (dealer_send(dealer, buffer_span(&client->frame)) != OK) {
            sleep_ms(FULL_QUEUE_MS); /* nobody there yet, and the queue is full */
            continue;
        }
        if (receive(client, dealer, patience < until ? patience : until, reply) != HT_OK)
            continue;
        if (reply->kind == GATE_REPLY_REFUSAL) {
            note_refusal(client, &reply->body.refusal);
            return HT_REFUSED;
        }
        return reply->kind == wanted ? HT_OK : HT_INVALID;
    }
    note_handshake(client, dealer);
    return HT_TIMEOUT;
}

/* The same, and again while the endpoint says that it is not ready (it starts up). */
static enum ht_result ask_until_ready(struct ht_client *client, struct dealer *dealer, uint32_t deadline_ms,
                                      uint32_t patience_ms, enum gate_reply_kind wanted, struct gate_reply *reply)
{
    int64_t until = loop_monotonic_us() + (int64_t)deadline_ms * 1000;
    for (int64_t left_ms = deadline_ms;;) {
        enum ht_result result = ask_patiently(client, dealer, (uint32_t)left_ms, patience_ms, wanted, reply);
        if (result != HT_REFUSED || client->refusal_rule != RULE_BUSY)
            return result;
        sleep_ms(NOT_READY_MS);
        left_ms = (until - loop_monotonic_us()) / 1000;
        if (left_ms <= 0)
            return result;
    }
}

static enum ht_result ask(struct ht_client *client, struct dealer *dealer, uint32_t deadline_ms,
                          enum gate_reply_kind wanted, struct gate_reply *reply)
{
    return ask_until_ready(client, dealer, deadline_ms, RESEND_MS, wanted, reply);
}

/* ---- submit ---- */

/* What is being submitted. */
struct submission_run {
    const struct ht_bytes *envelopes;
    struct ht_recorded recorded; /* zeros: now */
    struct ht_receipt *receipts;
    struct window window;
};

/* One frame, of as many as it takes; false: the queue is full, nobody is there yet. */
static bool send_submit(struct ht_client *client, struct submission_run *run)
{
    struct span batch[CLIENT_SUBMIT_ENVELOPES_MAX];
    struct window *window = &run->window;
    const struct ht_bytes *envelopes = run->envelopes + window->next;
    size_t left = window->count - window->next, size = 0;
    uint32_t taken = 0;
    for (; taken < left && taken < CLIENT_SUBMIT_ENVELOPES_MAX &&
           (taken == 0 || size + envelopes[taken].size < CLIENT_SUBMIT_SIZE_MAX);
         taken++) {
        batch[taken] = span_of(envelopes[taken].data, envelopes[taken].size);
        size += envelopes[taken].size;
    }
    struct submit submit = {.envelopes = batch, .envelope_count = taken, .follows = window->follows};
    client_recorded_add(&submit, &run->recorded, window->next);
    client_signing_sign(client->signing, &submit);
    fill_frame(client, GATE_REQUEST_SUBMIT, (union gate_request_body){.submit = submit});
    if (dealer_send(client->gate, buffer_span(&client->frame)) != OK)
        return false;
    window_sent(window, client->request, taken, size, loop_monotonic_us());
    return true;
}

/* Receipts of one frame; `settled` of them, from the first, are not BUSY. */
static enum ht_result take_receipts(struct ht_client *client, struct span body, struct ht_receipt *receipts,
                                    size_t count, size_t *settled)
{
    struct receipts list;
    *settled = 0;
    if (receipts_decode(body, &client->arena, &list) != OK || list.receipt_count != count)
        return HT_INVALID;
    for (size_t i = 0; i < count; i++)
        if (client_receipt_read(list.receipts[i], &receipts[i]) != HT_OK)
            return HT_INVALID;
    client_signing_prove(client->signing, &list, receipts);
    while (*settled < count && receipts[*settled].kind != HT_BUSY)
        (*settled)++;
    return HT_OK;
}

/* The answer to a frame under way; any other is late. */
static enum ht_result take_answer(struct ht_client *client, struct submission_run *run)
{
    struct gate_reply reply;
    const struct window_frame *frame;
    size_t settled = 0;
    uint32_t retry_ms = NOT_READY_MS;
    if (!reply_decode(client, &reply) || (frame = window_find(&run->window, reply.request)) == NULL)
        return HT_OK;
    struct ht_receipt *receipts = run->receipts + frame->first;
    if (reply.kind == GATE_REPLY_REFUSAL) {
        note_refusal(client, &reply.body.refusal);
        if (!client->refusal_retry)
            return HT_REFUSED;
    } else {
        enum ht_result result = reply.kind != GATE_REPLY_RECEIPTS
                                    ? HT_INVALID
                                    : take_receipts(client, reply.body.receipts, receipts, frame->count, &settled);
        if (result != HT_OK)
            return result;
        client->refusal[0] = 0;
        if (settled < frame->count)
            retry_ms = receipts[settled].retry_after_ms;
    }
    window_answered(&run->window, reply.request, settled, retry_ms, loop_monotonic_us());
    return HT_OK;
}

static enum ht_result submit(struct ht_client *client, struct submission_run *run, uint32_t deadline_ms,
                             void (*progress)(void *, size_t), void *self)
{
    struct window *window = &run->window;
    int64_t until = loop_monotonic_us() + (int64_t)deadline_ms * 1000;
    size_t told = 0;
    client->refusal[0] = 0;
    client->submits_well = false;
    if (client->gate == NULL)
        return HT_INVALID;
    while (window_done(window) < window->count) {
        int64_t now = loop_monotonic_us();
        if (now >= until) {
            note_handshake(client, client->gate);
            return HT_TIMEOUT;
        }
        (void)window_is_silent(window, now);
        bool sent = true;
        while (sent && window_may_send(window, loop_monotonic_us()))
            sent = send_submit(client, run);
        int64_t wakes = window_wakes_us(window) < until ? window_wakes_us(window) : until;
        int64_t wait_ms = sent ? (wakes - now) / 1000 + 1 : FULL_QUEUE_MS;
        enum ht_result result = HT_OK;
        if (dealer_receive(client->gate, wait_ms > 0 ? (uint32_t)wait_ms : 0, &client->reply) == OK)
            result = take_answer(client, run);
        if (result != HT_OK)
            return result;
        if (progress != NULL && window_done(window) > told)
            progress(self, told = window_done(window));
    }
    client->submits_well = !window->narrow;
    return HT_OK;
}

enum ht_result ht_submit(struct ht_client *client, const struct ht_bytes *envelopes, size_t count, uint32_t deadline_ms,
                         struct ht_receipt *receipts, void (*progress)(void *, size_t), void *self)
{
    struct submission_run run = {.envelopes = envelopes, .receipts = receipts};
    window_init(&run.window, count, !client->submits_well);
    return submit(client, &run, deadline_ms, progress, self);
}

enum ht_result ht_submit_at(struct ht_client *client, const struct ht_bytes *envelopes, const int64_t *accepted_at_ms,
                            size_t count, uint32_t deadline_ms, struct ht_receipt *receipts)
{
    return ht_submit_recorded(client, envelopes, &(struct ht_recorded){.accepted_at_ms = accepted_at_ms}, count,
                              deadline_ms, receipts);
}

enum ht_result ht_submit_recorded(struct ht_client *client, const struct ht_bytes *envelopes,
                                  const struct ht_recorded *recorded, size_t count, uint32_t deadline_ms,
                                  struct ht_receipt *receipts)
{
    struct submission_run run = {.envelopes = envelopes, .recorded = *recorded, .receipts = receipts};
    window_init(&run.window, count, !client->submits_well);
    return submit(client, &run, deadline_ms, NULL, NULL);
}

/* ---- the rest ---- */

enum ht_result ht_query(struct ht_client *client, const char *message_id, uint32_t deadline_ms, enum ht_state *state,
                        struct ht_receipt *receipt)
{
    struct gate_reply reply;
    fill_frame(client, GATE_REQUEST_QUERY, (union gate_request_body){.query = {.message_id = span_text(message_id)}});
    enum ht_result result = ask(client, client->gate, deadline_ms, GATE_REPLY_QUERY_ANSWER, &reply);
    if (result != HT_OK)
        return result;
    *state = (enum ht_state)reply.body.query_answer.state;
    struct span bytes = reply.body.query_answer.receipt;
    if (bytes.size == 0)
        return HT_OK;
    struct receipts list = {&bytes, 1, reply.body.query_answer.has_signature, reply.body.query_answer.signature};
    result = client_receipt_read(bytes, receipt);
    if (result == HT_OK)
        client_signing_prove(client->signing, &list, receipt);
    return result;
}

static enum ht_result outcome_once(struct ht_client *client, uint64_t position, uint32_t deadline_ms,
                                   enum ht_state *state, struct span *outcome)
{
    struct gate_reply reply;
    fill_frame(client, GATE_REQUEST_QUERY, (union gate_request_body){.query = {.position = position}});
    enum ht_result result = ask(client, client->mailbox, deadline_ms, GATE_REPLY_QUERY_ANSWER, &reply);
    if (result != HT_OK)
        return result;
    *state = (enum ht_state)reply.body.query_answer.state;
    *outcome = reply.body.query_answer.outcome;
    client->superseded_by = reply.body.query_answer.superseded_by;
    return HT_OK;
}

enum ht_result ht_outcome(struct ht_client *client, uint64_t position, uint32_t deadline_ms, enum ht_state *state,
                          unsigned char **bytes, size_t *size)
{
    int64_t until = loop_monotonic_us() + (int64_t)deadline_ms * 1000;
    enum ht_state now = HT_STATE_NONE;
    struct span outcome = {NULL, 0};
    for (uint32_t pause = POLL_MIN_MS;; pause = pause * 2 > POLL_MAX_MS ? POLL_MAX_MS : pause * 2) {
        int64_t left = (until - loop_monotonic_us()) / 1000;
        if (left <= 0)
            return HT_TIMEOUT;
        enum ht_result result = outcome_once(client, position, (uint32_t)left, &now, &outcome);
        if (state != NULL)
            *state = now;
        if (result != HT_OK)
            return result;
        if (now == HT_UNKNOWN)
            return HT_NOT_FOUND;
        if (outcome.size > 0)
            break;
        sleep_ms(pause);
    }
    *bytes = client_copy(outcome, size);
    return HT_OK;
}

uint64_t ht_superseded_by(const struct ht_client *client)
{
    return client->superseded_by;
}

void ht_choose_box(struct ht_client *client, int books)
{
    client->box = books != 0 ? BOX_BOOKS : BOX_NONE;
}

enum ht_result ht_fetch(struct ht_client *client, const char *mailbox, uint64_t from, uint32_t count_max,
                        uint32_t wait_ms, void (*each)(void *, uint64_t, const void *, size_t), void *self,
                        uint64_t *end, uint64_t *confirmed)
{
    struct gate_reply reply;
    const struct mailbox_page *page = &reply.body.mailbox_page;
    struct fetch fetch = {span_text(mailbox == NULL ? "" : mailbox), from, count_max, wait_ms, client->box};
    fill_frame(client, GATE_REQUEST_FETCH, (union gate_request_body){.fetch = fetch});
    *end = *confirmed = 0;
    enum ht_result result =
        ask_until_ready(client, client->mailbox, wait_ms + 5000, wait_ms + RESEND_MS, GATE_REPLY_MAILBOX_PAGE, &reply);
    if (result != HT_OK)
        return result;
    *end = page->end;
    *confirmed = page->confirmed;
    for (uint32_t i = 0; i < page->outcome_count; i++)
        each(self, from + i, page->outcomes[i].data, page->outcomes[i].size);
    return HT_OK;
}

enum ht_result ht_confirm(struct ht_client *client, uint64_t through, uint32_t deadline_ms, uint64_t *confirmed)
{
    struct gate_reply reply;
    fill_frame(client, GATE_REQUEST_CONFIRM, (union gate_request_body){.confirm = {through, client->box}});
    enum ht_result result = ask(client, client->mailbox, deadline_ms, GATE_REPLY_CONFIRMED, &reply);
    *confirmed = result == HT_OK ? reply.body.confirmed.through : 0;
    return result;
}

enum ht_result ht_ping(struct ht_client *client, uint32_t deadline_ms, uint64_t *submissions_end,
                       uint64_t *outcomes_end, int64_t *now_ms)
{
    struct gate_reply reply;
    fill_frame(client, GATE_REQUEST_PING, (union gate_request_body){.ping = {0}});
    enum ht_result result = ask(client, client->gate, deadline_ms, GATE_REPLY_PONG, &reply);
    struct pong pong = result == HT_OK ? reply.body.pong : (struct pong){0};
    *submissions_end = pong.submissions_end;
    *outcomes_end = pong.outcomes_end;
    *now_ms = pong.now_ms;
    return result;
}

enum ht_result ht_books(struct ht_client *client, const void *query, size_t size, uint32_t deadline_ms,
                        unsigned char **bytes, size_t *answer_size)
{
    struct gate_reply reply;
    fill_frame(client, GATE_REQUEST_BOOKS_QUERY, (union gate_request_body){.books_query = span_of(query, size)});
    enum ht_result result =
        ask_patiently(client, client->mailbox, deadline_ms, BOOKS_PATIENCE_MS, GATE_REPLY_BOOKS_ANSWER, &reply);
    if (result == HT_OK)
        *bytes = client_copy(reply.body.books_answer, answer_size);
    return result;
}
