/* SPDX-License-Identifier: Apache-2.0
 * The parties' systems. */
#include "tests/sim/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "common/base/check.h"
#include "common/pb/batch.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "tests/sim/checks.h"
#include "tests/sim/sim_internal.h"

enum {
    FRAMES_MAX = 4,
    FRAME_MESSAGES_MAX = 40,
    MEAN_FRAME = 16,
    FRAME_PATIENCE_US = 3 * 1000 * 1000,
    BUSY_US = 50 * 1000,
    SECOND_US = 1000 * 1000,
    FETCH_WAIT_MS = 1000,
    BOXES_READ = 2,
    ARENA_SIZE = 1 << 20,
    ODD_SHARE = 12 /* one frame in so many is none of the load */
};

/* What is known of a message. */
struct sent {
    const struct load_message *message;
    size_t index;
    bool accepted, under_way;
    uint64_t position;
    instant_ms_t accepted_at;
    UT_hash_handle by_position;
};

struct frame {
    uint64_t request; /* 0: free */
    struct sent *sent[FRAME_MESSAGES_MAX];
    unsigned count;
    enum { ORDINARY, AGAIN, OTHER_BYTES, GARBAGE } kind;
    int64_t until_us;
};

/* What stands at each place of a mailbox. */
struct kept_outcome {
    uint64_t position;
    uint64_t sum;
    bool decides; /* what came of its message; else a notice */
};

struct box {
    struct client *client;
    struct line *line; /* a session waits for one answer at a time */
    unsigned number;
    struct kept_outcome *outcomes;
    size_t count, capacity;
    uint64_t end;     /* the largest that was told */
    uint64_t from;    /* next to fetch */
    uint64_t request; /* under way */
    int64_t until_us;
    uint64_t again_from; /* of a second reading */
};

struct client {
    struct clients *all;
    unsigned party;
    struct line *gate;
    struct sent **own; /* in the order of the load */
    size_t own_count, next, receipts;
    struct frame frames[FRAMES_MAX];
    uint64_t request, query_request, submitted; /* the last Submit of this connection */
    struct sent *asked;
    int64_t busy_until_us, pace_us; /* between its frames, so that its share lasts as long as the faults do */
    struct box boxes[BOXES_READ];
    uint64_t pong_end;
    unsigned conflicts, refused;
};

struct clients {
    struct world *world;
    struct load *load;
    struct sent *sent; /* by the load's index */
    struct sent *by_position;
    size_t *left_by_phase;
    unsigned phase;
    struct client clients[LOAD_PARTIES];
    struct buffer frame, envelope;
    struct checks *checks;
    struct digest *digest;
    uint8_t *memory;
    struct arena arena;
    uint64_t settled, refusals, dead;
    bool options_die;
};

static uint64_t sum_of(struct span bytes)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < bytes.size; i++)
        sum = (sum ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    return sum;
}

static uint64_t ask(struct client *client, struct line *line, enum gate_request_kind kind, union gate_request_body body)
{
    struct buffer *frame = &client->all->frame;
    uint64_t number = ++client->request;
    buffer_reset(frame);
    gate_request_encode(&(struct gate_request){1, number, kind, body}, frame);
    line_send(line, buffer_span(frame));
    return number;
}

/* ---- what it sends ---- */

static bool is_next(const struct clients *all, const struct sent *sent)
{
    return sent->message->phase <= all->phase && !sent->accepted && !sent->under_way;
}

static void fill(struct client *client, struct frame *frame, unsigned count)
{
    for (size_t i = client->next; i < client->own_count && frame->count < count; i++)
        if (is_next(client->all, client->own[i])) {
            client->own[i]->under_way = true;
            frame->sent[frame->count++] = client->own[i];
        }
    while (client->next < client->own_count && client->own[client->next]->accepted)
        client->next++;
}

static struct sent *any_accepted(struct client *client)
{
    struct sent *sent = client->own[world_dice(client->all->world, client->own_count)];
    return sent->accepted ? sent : NULL;
}

/* The same id, and another time: canonical, and not what was accepted. */
static struct span other_bytes(struct clients *all, const struct sent *sent)
{
    struct event event;
    arena_reset(&all->arena);
    INVARIANT(event_decode(sent->message->envelope, &all->arena, &event) == OK);
    event.sent_at += 1;
    buffer_reset(&all->envelope);
    envelope_encode(&event, &all->envelope);
    return buffer_span(&all->envelope);
}

static struct span garbage(struct clients *all)
{
    buffer_reset(&all->envelope);
    for (uint64_t left = 1 + world_dice(all->world, 200); left > 0; left--) {
        uint8_t byte = (uint8_t)world_dice(all->world, 256);
        buffer_append(&all->envelope, &byte, 1);
    }
    return buffer_span(&all->envelope);
}

static void send_frame(struct client *client, struct frame *frame)
{
    struct clients *all = client->all;
    struct span envelopes[FRAME_MESSAGES_MAX];
    uint64_t follows = world_chance(all->world, 2) ? client->submitted : 0;
    for (unsigned i = 0; i < frame->count; i++)
        envelopes[i] = frame->kind == OTHER_BYTES ? other_bytes(all, frame->sent[i])
                       : frame->kind == GARBAGE   ? garbage(all)
                                                  : frame->sent[i]->message->envelope;
    frame->request = ask(client, client->gate, GATE_REQUEST_SUBMIT,
                         (union gate_request_body){
                             .submit = {.envelopes = envelopes, .envelope_count = frame->count, .follows = follows}});
    client->submitted = frame->request;
    frame->until_us = world_now_us(all->world) + FRAME_PATIENCE_US;
}

/* Forgotten: what was in it is sent again, in whatever frame. */
static void drop_frame(struct frame *frame)
{
    for (unsigned i = 0; i < frame->count && frame->kind == ORDINARY; i++)
        frame->sent[i]->under_way = false;
    *frame = (struct frame){0};
}

static void make_odd(struct client *client, struct frame *frame)
{
    struct sent *sent = any_accepted(client);
    uint64_t which = world_dice(client->all->world, 3);
    frame->kind = which == 0 ? GARBAGE : which == 1 ? OTHER_BYTES : AGAIN;
    if (sent == NULL && frame->kind != GARBAGE)
        return;
    if (frame->kind == OTHER_BYTES && sent->message->unknown_body)
        frame->kind = AGAIN;
    frame->sent[frame->count++] = sent;
}

static void send_some(struct client *client)
{
    struct world *world = client->all->world;
    for (unsigned i = 0; i < FRAMES_MAX && world_now_us(world) >= client->busy_until_us; i++) {
        struct frame *frame = &client->frames[i];
        if (frame->request != 0)
            continue;
        *frame = (struct frame){0};
        if (client->own_count > 0 && world_chance(world, ODD_SHARE))
            make_odd(client, frame);
        else
            fill(client, frame, 1 + (unsigned)world_dice(world, FRAME_MESSAGES_MAX));
        if (frame->count > 0)
            send_frame(client, frame);
        if (!world_is_calm(world))
            client->busy_until_us = world_now_us(world) + (int64_t)world_dice(world, 2 * (uint64_t)client->pace_us + 1);
    }
}

/* ---- receipts ---- */

static uint64_t durable(const struct clients *all)
{
    return world_durable(all->world);
}

static void accepted(struct client *client, struct sent *sent, const struct receipt *receipt)
{
    struct clients *all = client->all;
    struct world *world = all->world;
    struct sent *other = NULL;
    uint8_t sha256[DIGEST_SIZE];
    digest_once(all->digest, sent->message->envelope, sha256);
    if (receipt->position >= durable(all))
        world_fail(world, "%s has a receipt for position %" PRIu64 ", which is not on disk (%" PRIu64 ")",
                   load_parties[client->party], receipt->position, durable(all));
    if (receipt->envelope_sha256.size != DIGEST_SIZE || memcmp(receipt->envelope_sha256.data, sha256, DIGEST_SIZE) != 0)
        world_fail(world, "%s: the receipt of position %" PRIu64 " is for other bytes", sent->message->id,
                   receipt->position);
    if (sent->accepted) {
        if (sent->position != receipt->position || sent->accepted_at != receipt->accepted_at)
            world_fail(world, "%s stands at %" PRIu64 " and at %" PRIu64, sent->message->id, sent->position,
                       receipt->position);
        return;
    }
    HASH_FIND(by_position, all->by_position, &receipt->position, sizeof receipt->position, other);
    if (other != NULL) {
        world_fail(world, "%s and %s have receipts for position %" PRIu64, other->message->id, sent->message->id,
                   receipt->position);
        return;
    }
    sent->accepted = true;
    sent->position = receipt->position;
    sent->accepted_at = receipt->accepted_at;
    HASH_ADD(by_position, all->by_position, position, sizeof sent->position, sent);
    load_stands(all->load, sent->index, sent->position);
    client->receipts++;
    all->left_by_phase[sent->message->phase]--;
    while (all->phase + 1 < all->load->phases && all->left_by_phase[all->phase] == 0)
        all->phase++;
}

static void take_receipt(struct client *client, struct frame *frame, unsigned index, const struct receipt *receipt)
{
    struct clients *all = client->all;
    struct sent *sent = frame->sent[index];
    if (receipt->kind == RECEIPT_BUSY) {
        client->busy_until_us = world_now_us(all->world) + BUSY_US + (int64_t)world_dice(all->world, BUSY_US);
    } else if (receipt->kind == RECEIPT_CONFLICT) {
        client->conflicts++;
        if (frame->kind != OTHER_BYTES)
            world_fail(all->world, "%s conflicts with itself", sent->message->id);
    } else if (receipt->kind == RECEIPT_REFUSED) {
        client->refused++;
        if (frame->kind != GARBAGE)
            world_fail(all->world, "%s is refused at the gate (%u)", sent->message->id, receipt->refusal.rule);
    } else if (frame->kind == OTHER_BYTES || frame->kind == GARBAGE) {
        world_fail(all->world, "%s: %s got a receipt", load_parties[client->party],
                   frame->kind == GARBAGE ? "garbage" : "another's bytes");
    } else {
        accepted(client, sent, receipt);
    }
}

static void take_receipts(struct client *client, struct frame *frame, struct span body)
{
    struct clients *all = client->all;
    struct receipts list;
    if (receipts_decode(body, &all->arena, &list) != OK || list.receipt_count != frame->count) {
        world_fail(all->world, "receipts of a frame of %u cannot be read", frame->count);
        return;
    }
    for (unsigned i = 0; i < frame->count && world_failed(all->world) == NULL; i++) {
        struct receipt receipt;
        if (frame->kind == ORDINARY || frame->kind == AGAIN)
            checks_receipt(all->checks, load_parties[client->party], frame->sent[i]->message->envelope,
                           list.receipts[i], durable(all));
        if (receipt_decode(list.receipts[i], &all->arena, &receipt) != OK)
            world_fail(all->world, "a receipt cannot be read");
        else
            take_receipt(client, frame, i, &receipt);
    }
    drop_frame(frame);
}

static void take_query(struct client *client, const struct query_answer *answer)
{
    struct clients *all = client->all;
    const struct sent *sent = client->asked;
    struct receipt receipt;
    client->query_request = 0;
    checks_query(all->checks, load_parties[client->party], span_text(sent->message->id), answer, durable(all));
    if (answer->state == MESSAGE_STATE_UNKNOWN)
        world_fail(all->world, "%s has a receipt for %" PRIu64 ", and is not known", sent->message->id, sent->position);
    else if (receipt_decode(answer->receipt, &all->arena, &receipt) != OK || receipt.position != sent->position ||
             receipt.accepted_at != sent->accepted_at)
        world_fail(all->world, "%s: asked for, its receipt is another", sent->message->id);
}

static void on_gate(void *self, struct span bytes)
{
    struct client *client = self;
    struct clients *all = client->all;
    struct gate_reply reply;
    arena_reset(&all->arena);
    if (gate_reply_decode(bytes, &all->arena, &reply) != OK) {
        world_fail(all->world, "a reply of the gate cannot be read");
        return;
    }
    if (reply.request == client->query_request && reply.kind == GATE_REPLY_QUERY_ANSWER)
        take_query(client, &reply.body.query_answer);
    for (unsigned i = 0; i < FRAMES_MAX; i++) {
        struct frame *frame = &client->frames[i];
        if (frame->request == 0 || frame->request != reply.request)
            continue;
        if (reply.kind == GATE_REPLY_RECEIPTS)
            take_receipts(client, frame, reply.body.receipts);
        else
            drop_frame(frame); /* refused as a whole */
        if (reply.kind != GATE_REPLY_RECEIPTS)
            client->busy_until_us = world_now_us(all->world) + BUSY_US;
    }
    send_some(client);
}

/* Nothing is known of what was under way. */
static void on_gate_lost(void *self)
{
    struct client *client = self;
    for (unsigned i = 0; i < FRAMES_MAX; i++)
        drop_frame(&client->frames[i]);
    client->submitted = 0;
    client->query_request = 0;
}

/* ---- the mailbox ---- */

static void fetch(struct client *client, unsigned box)
{
    struct box *of = &client->boxes[box];
    of->request =
        ask(client, of->line, GATE_REQUEST_FETCH,
            (union gate_request_body){.fetch = {.from = of->from,
                                                .count_max = 1 + (uint32_t)world_dice(client->all->world, 200),
                                                .wait_ms = FETCH_WAIT_MS,
                                                .box = box}});
    of->until_us = world_now_us(client->all->world) + 2 * FETCH_WAIT_MS * 1000;
}

/* Its receipt may come later. */
static void decided(struct client *client, const struct outcome_head *head)
{
    struct clients *all = client->all;
    struct sent *sent = NULL;
    HASH_FIND(by_position, all->by_position, &head->position, sizeof head->position, sent);
    if (sent != NULL && !span_equal(head->message_id, span_text(sent->message->id)))
        world_fail(all->world, "the outcome of %" PRIu64 " names another message than %s", head->position,
                   sent->message->id);
    if (!span_equal(head->sender, span_text(load_parties[client->party])))
        return;
    all->dead += head->kind == OUTCOME_DEAD_LETTER;
    all->refusals += head->kind == OUTCOME_REFUSED;
    all->settled += head->kind != OUTCOME_DEAD_LETTER && head->kind != OUTCOME_REFUSED;
}

static bool is_decided(const struct box *box, uint64_t position)
{
    size_t low = 0, high = box->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (box->outcomes[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < box->count && box->outcomes[low].position == position && !box->outcomes[low].decides)
        low++;
    return low < box->count && box->outcomes[low].position == position;
}

static void take_outcome(struct client *client, unsigned box, uint64_t number, struct span bytes)
{
    struct clients *all = client->all;
    struct world *world = all->world;
    struct box *of = &client->boxes[box];
    struct outcome_head head;
    if (outcome_head_read(bytes, &head) != OK) {
        world_fail(world, "%s: outcome %" PRIu64 " cannot be read", load_parties[client->party], number);
        return;
    }
    if (head.position >= durable(all))
        world_fail(world, "%s is told of position %" PRIu64 ", which is not on disk", load_parties[client->party],
                   head.position);
    struct kept_outcome kept = {head.position, sum_of(bytes), box == 0 && head.kind != OUTCOME_NOTICE};
    const struct kept_outcome *before = of->count > 0 ? &of->outcomes[of->count - 1] : NULL;
    if (number < of->count) {
        if (of->outcomes[number].position != kept.position || of->outcomes[number].sum != kept.sum)
            world_fail(world,
                       "%s, box %u: outcome %" PRIu64 " was of position %" PRIu64 ", and is another (%" PRIu64 ")",
                       load_parties[client->party], box, number, of->outcomes[number].position, kept.position);
        return;
    }
    if (before != NULL && before->decides && kept.decides && before->position == kept.position)
        world_fail(world, "%s is told twice what came of position %" PRIu64, load_parties[client->party],
                   kept.position);
    if (before != NULL && before->position > kept.position)
        world_fail(world, "%s, box %u: outcome %" PRIu64 " is of an earlier position than the one before",
                   load_parties[client->party], box, number);
    if (of->count == of->capacity) {
        of->capacity = of->capacity == 0 ? 1024 : of->capacity * 2;
        of->outcomes = realloc(of->outcomes, of->capacity * sizeof *of->outcomes);
        INVARIANT(of->outcomes != NULL);
    }
    of->outcomes[of->count++] = kept;
    if (kept.decides)
        decided(client, &head);
}

static void confirm(struct client *client, unsigned box)
{
    (void)ask(client, client->boxes[box].line, GATE_REQUEST_CONFIRM,
              (union gate_request_body){.confirm = {client->boxes[box].from, box}});
}

static void take_page(struct client *client, unsigned box, const struct mailbox_page *page)
{
    struct clients *all = client->all;
    struct box *of = &client->boxes[box];
    of->request = 0;
    checks_page(all->checks, load_parties[client->party], box, of->from, page, durable(all));
    if (page->end < of->end)
        world_fail(all->world, "%s: box %u ended at %" PRIu64 ", and ends at %" PRIu64, load_parties[client->party],
                   box, of->end, page->end);
    if (page->first != of->from || page->first + page->outcome_count > page->end)
        world_fail(all->world, "%s: a page from %" PRIu64 " where %" PRIu64 " was asked for",
                   load_parties[client->party], page->first, of->from);
    of->end = page->end;
    for (uint32_t i = 0; i < page->outcome_count && world_failed(all->world) == NULL; i++)
        take_outcome(client, box, page->first + i, page->outcomes[i]);
    of->from += page->outcome_count;
    if (world_chance(all->world, 3))
        confirm(client, box);
    if (all->options_die && world_chance(all->world, 60)) /* it dies, and reads again what it had not confirmed */
        of->from = page->confirmed < of->from ? page->confirmed : of->from;
    fetch(client, box);
}

static void on_mailbox(void *self, struct span bytes)
{
    struct box *box = self;
    struct clients *all = box->client->all;
    struct gate_reply reply;
    arena_reset(&all->arena);
    if (gate_reply_decode(bytes, &all->arena, &reply) != OK) {
        world_fail(all->world, "a reply of the mailbox cannot be read");
        return;
    }
    if (box->request == 0 || box->request != reply.request)
        return;
    if (reply.kind == GATE_REPLY_MAILBOX_PAGE)
        take_page(box->client, box->number, &reply.body.mailbox_page);
    else
        box->request = 0; /* asked again with the next beat */
}

static void on_mailbox_lost(void *self)
{
    ((struct box *)self)->request = 0;
}

/* ---- its clock ---- */

static void look_after(struct client *client)
{
    struct clients *all = client->all;
    int64_t now = world_now_us(all->world);
    for (unsigned i = 0; i < FRAMES_MAX; i++)
        if (client->frames[i].request != 0 && client->frames[i].until_us < now)
            drop_frame(&client->frames[i]);
    for (unsigned box = 0; box < BOXES_READ; box++)
        if (client->boxes[box].request == 0 || client->boxes[box].until_us < now)
            fetch(client, box);
    struct sent *sent = client->own_count > 0 && world_chance(all->world, 5) ? any_accepted(client) : NULL;
    if (sent != NULL && client->query_request == 0) {
        client->asked = sent;
        client->query_request = ask(client, client->gate, GATE_REQUEST_QUERY,
                                    (union gate_request_body){.query = {.message_id = span_text(sent->message->id)}});
    }
    send_some(client);
}

static void beat(void *self)
{
    struct client *client = self;
    look_after(client);
    world_at(client->all->world, SECOND_US / 10 + (int64_t)world_dice(client->all->world, SECOND_US / 5), beat, client);
}

/* ---- all of them ---- */

struct clients *clients_new(struct world *world, struct load *load)
{
    struct clients *all = calloc(1, sizeof *all);
    INVARIANT(all != NULL);
    all->world = world;
    all->load = load;
    all->checks = checks_new(world);
    all->sent = calloc(load->count, sizeof *all->sent);
    all->left_by_phase = calloc(load->phases, sizeof *all->left_by_phase);
    all->memory = malloc(ARENA_SIZE);
    all->digest = digest_new();
    all->options_die = world_options(world)->faults[SIM_LATER];
    INVARIANT(all->sent != NULL && all->left_by_phase != NULL && all->memory != NULL);
    arena_init(&all->arena, all->memory, ARENA_SIZE);
    for (size_t i = 0; i < load->count; i++) {
        struct sent *sent = &all->sent[i];
        struct client *client = &all->clients[load->messages[i].party];
        sent->message = &load->messages[i];
        sent->index = i;
        all->left_by_phase[sent->message->phase]++;
        if ((client->own_count & (client->own_count - 1)) == 0)
            client->own =
                realloc(client->own, (client->own_count == 0 ? 1 : client->own_count * 2) * sizeof(struct sent *));
        INVARIANT(client->own != NULL);
        client->own[client->own_count++] = sent;
    }
    return all;
}

void clients_free(struct clients **out)
{
    struct clients *all = *out;
    if (all == NULL)
        return;
    HASH_CLEAR(by_position, all->by_position);
    for (unsigned p = 0; p < LOAD_PARTIES; p++) {
        free(all->clients[p].own);
        for (unsigned box = 0; box < BOXES_READ; box++)
            free(all->clients[p].boxes[box].outcomes);
    }
    checks_free(&all->checks);
    digest_destroy(&all->digest);
    buffer_fini(&all->frame);
    buffer_fini(&all->envelope);
    free(all->memory);
    free(all->left_by_phase);
    free(all->sent);
    free(all);
    *out = NULL;
}

void clients_start(struct clients *all)
{
    for (unsigned p = 0; p < LOAD_PARTIES; p++) {
        struct client *client = &all->clients[p];
        client->all = all;
        client->party = p;
        client->pace_us = world_options(all->world)->faults_until_us / (int64_t)(client->own_count / MEAN_FRAME + 1);
        enum party_role role = p == 0 ? PARTY_OPERATOR : PARTY_REGION;
        client->gate = line_open(all->world, &(struct line_options){.endpoint = SIM_GATE,
                                                                    .party = load_parties[p],
                                                                    .role = role,
                                                                    .lost = on_gate_lost,
                                                                    .message = on_gate,
                                                                    .self = client});
        for (unsigned box = 0; box < BOXES_READ; box++) {
            struct box *of = &client->boxes[box];
            of->client = client;
            of->number = box;
            of->line = line_open(all->world, &(struct line_options){.endpoint = SIM_MAILBOX,
                                                                    .party = load_parties[p],
                                                                    .role = role,
                                                                    .lost = on_mailbox_lost,
                                                                    .message = on_mailbox,
                                                                    .self = of});
        }
        world_at(all->world, (int64_t)world_dice(all->world, SECOND_US), beat, client);
    }
}

bool clients_are_done(const struct clients *all, const char **why_not)
{
    static char why[120];
    *why_not = why;
    for (size_t i = 0; i < all->load->count; i++) {
        const struct sent *sent = &all->sent[i];
        if (sent->accepted && is_decided(&all->clients[sent->message->party].boxes[0], sent->position))
            continue;
        (void)snprintf(why, sizeof why, "%s of %s, phase %u, %s", sent->message->id, load_parties[sent->message->party],
                       sent->message->phase, sent->accepted ? "has no outcome" : "has no receipt");
        return false;
    }
    *why_not = "";
    return true;
}

void clients_read_again(struct clients *all)
{
    for (unsigned p = 0; p < LOAD_PARTIES; p++)
        for (unsigned box = 0; box < BOXES_READ; box++) {
            all->clients[p].boxes[box].from = 0;
            all->clients[p].boxes[box].request = 0; /* what is under way is of before */
        }
}

bool clients_have_read_again(const struct clients *all)
{
    for (unsigned p = 0; p < LOAD_PARTIES; p++)
        for (unsigned box = 0; box < BOXES_READ; box++)
            if (all->clients[p].boxes[box].from < all->clients[p].boxes[box].count)
                return false;
    return true;
}

/* ---- the log ---- */

static void check_record(const struct clients *all, uint64_t position, const struct submission *submission)
{
    struct sent *sent = NULL;
    struct envelope_head head;
    HASH_FIND(by_position, all->by_position, &position, sizeof position, sent);
    if (envelope_head_read(submission->envelope, &head) != OK) {
        world_fail(all->world, "what stands at %" PRIu64 " is no envelope", position);
        return;
    }
    if (sent == NULL) {
        if (!span_equal(head.sender, span_text("exchange")))
            world_fail(all->world, "nobody has a receipt for position %" PRIu64, position);
        return;
    }
    if (!span_equal(submission->envelope, sent->message->envelope))
        world_fail(all->world, "position %" PRIu64 " holds other bytes than %s", position, sent->message->id);
    if (submission->accepted_at != sent->accepted_at)
        world_fail(all->world, "%s was accepted at another time than its receipt says", sent->message->id);
}

void clients_check_log(const struct clients *all)
{
    struct log *log = world_log(all->world);
    int stream = log == NULL ? -1 : log_find(log, "submissions");
    struct buffer why = {0};
    struct log_batch batch;
    instant_ms_t last = 0;
    uint64_t at = 0, end = stream < 0 ? 0 : log_state(log, stream)->end;
    while (at < end && world_failed(all->world) == NULL) {
        enum status status = log_read(log, stream, at, &batch, &why);
        if (status != OK || batch.position != at) {
            world_fail(all->world, "the log cannot be read at %" PRIu64 ": %s", at, buffer_text(&why));
            break;
        }
        struct batch_reader reader = batch_read(batch.bytes);
        for (uint32_t i = 0; i < batch.count; i++, at++) {
            struct span record;
            struct submission submission;
            if (batch_next(&reader, &record) != OK || submission_decode(record, NULL, &submission) != OK) {
                world_fail(all->world, "position %" PRIu64 " cannot be read", at);
                break;
            }
            if (submission.accepted_at < last)
                world_fail(all->world, "time goes back at %" PRIu64, at);
            last = submission.accepted_at;
            check_record(all, at, &submission);
        }
        log_read_end(log);
    }
    buffer_fini(&why);
    for (size_t i = 0; i < all->load->count; i++)
        if (all->sent[i].accepted && all->sent[i].position >= end)
            world_fail(all->world, "%s has a receipt beyond the log's end", all->sent[i].message->id);
}

struct checks *clients_checks(struct clients *all)
{
    return all->checks;
}

void clients_tell(const struct clients *all, char *text, size_t size)
{
    uint64_t conflicts = 0, refused = 0;
    for (unsigned p = 0; p < LOAD_PARTIES; p++) {
        conflicts += all->clients[p].conflicts;
        refused += all->clients[p].refused;
    }
    (void)snprintf(text, size,
                   "%zu messages, %" PRIu64 " settled or applied, %" PRIu64 " rejected, %" PRIu64 " dead, %" PRIu64
                   " conflicts, %" PRIu64 " refused",
                   all->load->count, all->settled, all->refusals, all->dead, conflicts, refused);
}
