/* SPDX-License-Identifier: Apache-2.0
 * libhutong. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/client/hutong.h"
#include "common/net/server.h"
#include "common/pb/event.h"
#include "common/pb/wire.h"

enum { RESEND_MS = 1000, POLL_MIN_MS = 1, POLL_MAX_MS = 20, BOOKS_PATIENCE_MS = 5000 };
enum { SUBMIT = 3, QUERY = 4, FETCH = 5, CONFIRM = 6, PING = 7, BOOKS = 8 };
enum { RECEIPTS = 3, QUERY_ANSWER = 4, PAGE = 5, CONFIRMED = 6, PONG = 7, REFUSAL = 8, BOOKS_ANSWER = 9 };

struct ht_client {
    struct dealer *gate;
    struct dealer *mailbox;
    uint64_t request;
    struct buffer frame;
    struct buffer reply;
    char refusal[400];
    bool refusal_retry;
    bool books_box; /* fetch and confirm speak of what the books say */
};

struct reply {
    uint32_t kind;
    struct span body;
};

struct ht_client *ht_open(const struct ht_options *options)
{
    struct ht_client *client = calloc(1, sizeof *client);
    INVARIANT(client != NULL);
    struct dealer_options dealer = {options->gate, options->server_key, options->public_key, options->secret_key};
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
    buffer_fini(&(*client)->frame);
    buffer_fini(&(*client)->reply);
    free(*client);
    *client = NULL;
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

static size_t frame_begin(struct ht_client *client, uint32_t kind)
{
    buffer_reset(&client->frame);
    wire_put_uint(&client->frame, 1, 1);
    wire_put_uint(&client->frame, 2, ++client->request);
    return wire_begin(&client->frame, kind);
}

static void text_copy(char *to, size_t size, struct span text)
{
    size_t take = text.size < size ? text.size : size - 1;
    if (take > 0)
        memcpy(to, text.data, take);
    to[take] = 0;
}

/* A Refusal: code, path and sentences into the receipt. */
static void refusal_read(struct span body, struct ht_receipt *receipt, bool *retry_helps)
{
    struct wire_reader reader = wire_read(body);
    struct wire_field field;
    while (!wire_at_end(&reader) && wire_next(&reader, &field) == OK)
        switch (field.number) {
        case 1:
            text_copy(receipt->code, sizeof receipt->code, field.bytes);
            break;
        case 3:
            text_copy(receipt->path, sizeof receipt->path, field.bytes);
            break;
        case 5:
            text_copy(receipt->zh, sizeof receipt->zh, field.bytes);
            break;
        case 6:
            text_copy(receipt->en, sizeof receipt->en, field.bytes);
            break;
        case 7:
            *retry_helps = field.value != 0;
            break;
        default:
            break;
        }
}

static void note_refusal(struct ht_client *client, struct span body)
{
    struct ht_receipt refusal = {0};
    client->refusal_retry = false;
    refusal_read(body, &refusal, &client->refusal_retry);
    (void)snprintf(client->refusal, sizeof client->refusal, "%s: %s; %s", refusal.code, refusal.zh, refusal.en);
}

/* True: the reply to the question in flight. Others are late answers, and dropped. */
static bool reply_read(struct ht_client *client, struct reply *reply)
{
    struct wire_reader reader = wire_read(buffer_span(&client->reply));
    struct wire_field field;
    uint64_t request = 0;
    reply->kind = 0;
    while (!wire_at_end(&reader)) {
        if (wire_next(&reader, &field) != OK)
            return false;
        if (field.number == 2)
            request = field.value;
        else if (field.type == WIRE_BYTES && field.number >= RECEIPTS) {
            reply->kind = field.number;
            reply->body = field.bytes;
        }
    }
    return request == client->request && reply->kind != 0;
}

static enum ht_result receive(struct ht_client *client, struct dealer *dealer, int64_t until_us, struct reply *reply)
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
                                    uint32_t patience_ms, uint32_t wanted, struct span *body)
{
    int64_t until = loop_monotonic_us() + (int64_t)deadline_ms * 1000;
    struct reply reply;
    client->refusal[0] = 0;
    if (dealer == NULL)
        return HT_INVALID;
    for (int64_t now; (now = loop_monotonic_us()) < until;) {
        int64_t patience = now + (int64_t)patience_ms * 1000;
        if (dealer_send(dealer, buffer_span(&client->frame)) != OK) {
            sleep_ms(10); /* nobody there yet, and the queue is full */
            continue;
        }
        if (receive(client, dealer, patience < until ? patience : until, &reply) != HT_OK)
            continue;
        if (reply.kind == REFUSAL) {
            note_refusal(client, reply.body);
            return HT_REFUSED;
        }
        *body = reply.body;
        return reply.kind == wanted ? HT_OK : HT_INVALID;
    }
    if (dealer_is_refused(dealer))
        (void)snprintf(client->refusal, sizeof client->refusal,
                       "the handshake is refused: the server key is wrong, or our own key is not known there");
    return HT_TIMEOUT;
}

static enum ht_result ask(struct ht_client *client, struct dealer *dealer, uint32_t deadline_ms, uint32_t wanted,
                          struct span *body)
{
    return ask_patiently(client, dealer, deadline_ms, RESEND_MS, wanted, body);
}

/* ---- submit ---- */

static enum ht_result receipt_read(struct span bytes, struct ht_receipt *receipt)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    bool retry_helps = false;
    ht_receipt_clear(receipt);
    while (!wire_at_end(&reader)) {
        if (wire_next(&reader, &field) != OK)
            return HT_INVALID;
        switch (field.number) {
        case 1:
            receipt->kind = (enum ht_receipt_kind)field.value;
            break;
        case 3:
            receipt->position = field.value;
            break;
        case 4:
            receipt->accepted_at_ms = (int64_t)field.value;
            break;
        case 6:
            refusal_read(field.bytes, receipt, &retry_helps);
            break;
        case 8:
            receipt->retry_after_ms = (uint32_t)field.value;
            break;
        default:
            break;
        }
    }
    receipt->bytes = malloc(bytes.size);
    INVARIANT(receipt->bytes != NULL || bytes.size == 0);
    memcpy(receipt->bytes, bytes.data, bytes.size);
    receipt->size = bytes.size;
    return HT_OK;
}

void ht_receipt_clear(struct ht_receipt *receipt)
{
    free(receipt->bytes);
    memset(receipt, 0, sizeof *receipt);
}

static size_t fill_frame(struct ht_client *client, const struct ht_bytes *envelopes, const int64_t *stamps,
                         size_t count)
{
    size_t mark = frame_begin(client, SUBMIT), taken = 0;
    while (taken < count && taken < CLIENT_SUBMIT_ENVELOPES_MAX &&
           (taken == 0 || client->frame.size + envelopes[taken].size < CLIENT_SUBMIT_SIZE_MAX)) {
        wire_put_record(&client->frame, 1, span_of(envelopes[taken].data, envelopes[taken].size));
        taken++;
    }
    if (stamps != NULL) {
        size_t packed = wire_begin(&client->frame, 2);
        for (size_t i = 0; i < taken; i++)
            for (uint64_t rest = (uint64_t)stamps[i];; rest >>= 7) {
                uint8_t byte = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
                buffer_append(&client->frame, &byte, 1);
                if (rest <= 0x7f)
                    break;
            }
        wire_end(&client->frame, packed);
    }
    wire_end(&client->frame, mark);
    return taken;
}

/* Receipts of one frame; `final` of them, from the first, are not BUSY. */
static enum ht_result take_receipts(struct span body, struct ht_receipt *receipts, size_t count, size_t *final)
{
    struct wire_reader reader = wire_read(body);
    struct wire_field field;
    size_t taken = 0;
    *final = 0;
    while (!wire_at_end(&reader)) {
        if (wire_next(&reader, &field) != OK || field.number != 1 || taken == count ||
            receipt_read(field.bytes, &receipts[taken]) != HT_OK)
            return HT_INVALID;
        taken++;
    }
    while (*final < taken && receipts[*final].kind != HT_BUSY)
        (*final)++;
    return taken == count ? HT_OK : HT_INVALID;
}

static enum ht_result submit(struct ht_client *client, const struct ht_bytes *envelopes, const int64_t *stamps,
                             size_t count, uint32_t deadline_ms, struct ht_receipt *receipts,
                             void (*progress)(void *, size_t), void *self)
{
    int64_t until = loop_monotonic_us() + (int64_t)deadline_ms * 1000;
    for (size_t done = 0; done < count;) {
        int64_t left = (until - loop_monotonic_us()) / 1000;
        if (left <= 0)
            return HT_TIMEOUT;
        struct span body = {NULL, 0};
        size_t taken = fill_frame(client, envelopes + done, stamps == NULL ? NULL : stamps + done, count - done), final;
        enum ht_result result = ask(client, client->gate, (uint32_t)left, RECEIPTS, &body);
        if (result == HT_REFUSED && client->refusal_retry) {
            sleep_ms(50);
            continue;
        }
        if (result == HT_OK)
            result = take_receipts(body, receipts + done, taken, &final);
        if (result != HT_OK)
            return result;
        done += final;
        if (progress != NULL)
            progress(self, done);
        if (final < taken)
            sleep_ms(receipts[done].retry_after_ms);
    }
    return HT_OK;
}

enum ht_result ht_submit(struct ht_client *client, const struct ht_bytes *envelopes, size_t count, uint32_t deadline_ms,
                         struct ht_receipt *receipts, void (*progress)(void *, size_t), void *self)
{
    return submit(client, envelopes, NULL, count, deadline_ms, receipts, progress, self);
}

enum ht_result ht_submit_at(struct ht_client *client, const struct ht_bytes *envelopes, const int64_t *accepted_at_ms,
                            size_t count, uint32_t deadline_ms, struct ht_receipt *receipts)
{
    return submit(client, envelopes, accepted_at_ms, count, deadline_ms, receipts, NULL, NULL);
}

/* ---- the rest ---- */

enum ht_result ht_query(struct ht_client *client, const char *message_id, uint32_t deadline_ms, enum ht_state *state,
                        struct ht_receipt *receipt)
{
    struct span body = {NULL, 0};
    struct wire_field field;
    size_t mark = frame_begin(client, QUERY);
    wire_put_text(&client->frame, 1, message_id);
    wire_end(&client->frame, mark);
    enum ht_result result = ask(client, client->gate, deadline_ms, QUERY_ANSWER, &body);
    for (struct wire_reader reader = wire_read(body); result == HT_OK && !wire_at_end(&reader);) {
        if (wire_next(&reader, &field) != OK)
            return HT_INVALID;
        if (field.number == 1)
            *state = (enum ht_state)field.value;
        else if (field.number == 2)
            result = receipt_read(field.bytes, receipt);
    }
    return result;
}

static enum ht_result outcome_once(struct ht_client *client, uint64_t position, uint32_t deadline_ms,
                                   enum ht_state *state, struct span *outcome)
{
    struct span body = {NULL, 0};
    struct wire_field field;
    size_t mark = frame_begin(client, QUERY);
    wire_put_uint(&client->frame, 2, position);
    wire_end(&client->frame, mark);
    *outcome = span_of(NULL, 0);
    enum ht_result result = ask(client, client->mailbox, deadline_ms, QUERY_ANSWER, &body);
    for (struct wire_reader reader = wire_read(body); result == HT_OK && !wire_at_end(&reader);) {
        if (wire_next(&reader, &field) != OK)
            return HT_INVALID;
        if (field.number == 1)
            *state = (enum ht_state)field.value;
        else if (field.number == 3)
            *outcome = field.bytes;
    }
    return result;
}

enum ht_result ht_outcome(struct ht_client *client, uint64_t position, uint32_t deadline_ms, enum ht_state *state,
                          unsigned char **bytes, size_t *size)
{
    int64_t until = loop_monotonic_us() + (int64_t)deadline_ms * 1000;
    enum ht_state now = HT_STATE_NONE;
    struct span outcome;
    for (uint32_t pause = POLL_MIN_MS;; pause = pause * 2 > POLL_MAX_MS ? POLL_MAX_MS : pause * 2) {
        int64_t left = (until - loop_monotonic_us()) / 1000;
        if (left <= 0)
            return HT_TIMEOUT;
        enum ht_result result = outcome_once(client, position, (uint32_t)left, &now, &outcome);
        if (state != NULL)
            *state = now;
        if (result != HT_OK)
            return result;
        if (outcome.size > 0)
            break;
        sleep_ms(pause);
    }
    *bytes = malloc(outcome.size);
    INVARIANT(*bytes != NULL);
    memcpy(*bytes, outcome.data, outcome.size);
    *size = outcome.size;
    return HT_OK;
}

void ht_choose_box(struct ht_client *client, int books)
{
    client->books_box = books != 0;
}

enum ht_result ht_fetch(struct ht_client *client, const char *mailbox, uint64_t from, uint32_t count_max,
                        uint32_t wait_ms, void (*each)(void *, uint64_t, const void *, size_t), void *self,
                        uint64_t *end, uint64_t *confirmed)
{
    struct span body = {NULL, 0};
    struct wire_field field;
    uint64_t place = from;
    size_t mark = frame_begin(client, FETCH);
    wire_put_text(&client->frame, 1, mailbox == NULL ? "" : mailbox);
    wire_put_uint(&client->frame, 2, from);
    wire_put_uint(&client->frame, 3, count_max);
    wire_put_uint(&client->frame, 4, wait_ms);
    wire_put_uint(&client->frame, 5, client->books_box);
    wire_end(&client->frame, mark);
    *end = *confirmed = 0;
    enum ht_result result = ask_patiently(client, client->mailbox, wait_ms + 5000, wait_ms + RESEND_MS, PAGE, &body);
    for (struct wire_reader reader = wire_read(body); result == HT_OK && !wire_at_end(&reader);) {
        if (wire_next(&reader, &field) != OK)
            return HT_INVALID;
        if (field.number == 3)
            each(self, place++, field.bytes.data, field.bytes.size);
        else if (field.number == 4)
            *end = field.value;
        else if (field.number == 5)
            *confirmed = field.value;
    }
    return result;
}

enum ht_result ht_confirm(struct ht_client *client, uint64_t through, uint32_t deadline_ms, uint64_t *confirmed)
{
    struct span body = {NULL, 0};
    struct wire_field field;
    size_t mark = frame_begin(client, CONFIRM);
    wire_put_uint(&client->frame, 1, through);
    wire_put_uint(&client->frame, 2, client->books_box);
    wire_end(&client->frame, mark);
    *confirmed = 0;
    enum ht_result result = ask(client, client->mailbox, deadline_ms, CONFIRMED, &body);
    for (struct wire_reader reader = wire_read(body); result == HT_OK && !wire_at_end(&reader);) {
        if (wire_next(&reader, &field) != OK)
            return HT_INVALID;
        if (field.number == 1)
            *confirmed = field.value;
    }
    return result;
}

enum ht_result ht_ping(struct ht_client *client, uint32_t deadline_ms, uint64_t *submissions_end,
                       uint64_t *outcomes_end, int64_t *now_ms)
{
    struct span body = {NULL, 0};
    struct wire_field field;
    wire_end(&client->frame, frame_begin(client, PING));
    *submissions_end = *outcomes_end = 0;
    *now_ms = 0;
    enum ht_result result = ask(client, client->gate, deadline_ms, PONG, &body);
    for (struct wire_reader reader = wire_read(body); result == HT_OK && !wire_at_end(&reader);) {
        if (wire_next(&reader, &field) != OK)
            return HT_INVALID;
        if (field.number == 1)
            *submissions_end = field.value;
        else if (field.number == 2)
            *outcomes_end = field.value;
        else if (field.number == 3)
            *now_ms = (int64_t)field.value;
    }
    return result;
}

enum ht_result ht_books(struct ht_client *client, const void *query, size_t size, uint32_t deadline_ms,
                        unsigned char **bytes, size_t *answer_size)
{
    struct span body = {NULL, 0};
    size_t mark = frame_begin(client, BOOKS);
    buffer_append(&client->frame, query, size);
    wire_end(&client->frame, mark);
    enum ht_result result = ask_patiently(client, client->mailbox, deadline_ms, BOOKS_PATIENCE_MS, BOOKS_ANSWER, &body);
    if (result != HT_OK)
        return result;
    *bytes = malloc(body.size + 1);
    INVARIANT(*bytes != NULL);
    if (body.size > 0)
        memcpy(*bytes, body.data, body.size);
    *answer_size = body.size;
    return HT_OK;
}
