/* SPDX-License-Identifier: Apache-2.0
 * The parties' systems. */
#include "tests/sim/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "tests/sim/client_internal.h"

uint64_t client_ask(struct client *client, struct line *line, enum gate_request_kind kind, union gate_request_body body)
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
    frame->request =
        client_ask(client, client->gate, GATE_REQUEST_SUBMIT,
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

static void accepted(struct client *client, struct sent *sent, const struct receipt *receipt)
{
    struct clients *all = client->all;
    if (sent->accepted)
        return;
    sent->accepted = true;
    sent->position = receipt->position;
    load_stands(all->load, sent->index, sent->position);
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
                           list.receipts[i], world_durable(all->world));
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
    client->query_request = 0;
    checks_query(all->checks, load_parties[client->party], span_text(sent->message->id), answer,
                 world_durable(all->world));
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
            client_fetch(client, box);
    struct sent *sent = client->own_count > 0 && world_chance(all->world, 5) ? any_accepted(client) : NULL;
    if (sent != NULL && client->query_request == 0) {
        client->asked = sent;
        client->query_request =
            client_ask(client, client->gate, GATE_REQUEST_QUERY,
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
    for (unsigned p = 0; p < LOAD_PARTIES; p++) {
        free(all->clients[p].own);
        for (unsigned box = 0; box < BOXES_READ; box++)
            free(all->clients[p].boxes[box].outcomes);
    }
    checks_free(&all->checks);
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
                                                                    .lost = box_lost,
                                                                    .message = box_message,
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
        if (sent->accepted && box_decides(&all->clients[sent->message->party].boxes[0], sent->position))
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
