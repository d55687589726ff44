/* SPDX-License-Identifier: Apache-2.0
 * server.h over lines of the world. A connection keeps the order of its frames and loses none of them while it
 * stands, as TCP does; when it ends, what is on it is lost, and what the client had not sent yet goes out on the next.
 *
 *   IDLE --(an attempt, and somebody serves there)--> UP --(an end, a cut, a death)--> IDLE
 *   UP --(a silent cut)--> DEAF: the client has not noticed; what it sends is lost --(a while)--> IDLE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "tests/sim/net_internal.h"

enum {
    DRAIN_MAX = 256,
    REMOTE_QUEUE_MAX = 1000,
    RECONNECT_US = 100 * 1000,
    DELAY_US = 300,
    LONG_DELAY_US = 200 * 1000,
    SILENCE_US = 7 * 1000 * 1000
};

/* ---- frames ---- */

void frames_put(struct frames *frames, struct frame *frame)
{
    frame->next = NULL;
    if (frames->last != NULL)
        frames->last->next = frame;
    else
        frames->first = frame;
    frames->last = frame;
    frames->count++;
    frames->size += frame->size;
}

struct frame *frames_take(struct frames *frames)
{
    struct frame *frame = frames->first;
    if (frame == NULL)
        return NULL;
    frames->first = frame->next;
    if (frames->first == NULL)
        frames->last = NULL;
    frames->count--;
    frames->size -= frame->size;
    return frame;
}

void frames_drop(struct frames *frames)
{
    for (struct frame *frame; (frame = frames_take(frames)) != NULL;)
        free(frame);
}

struct frame *frame_of(struct conn *conn, struct span bytes)
{
    struct frame *frame = malloc(sizeof *frame + bytes.size);
    INVARIANT(frame != NULL);
    *frame = (struct frame){.conn = conn, .session = conn->session, .size = bytes.size};
    if (bytes.size > 0)
        memcpy(frame->bytes, bytes.data, bytes.size);
    return frame;
}

struct net *net_new(struct world *world)
{
    struct net *net = calloc(1, sizeof *net);
    INVARIANT(net != NULL);
    net->world = world;
    return net;
}

void net_free(struct net **out)
{
    struct net *net = *out;
    for (struct conn *conn = net->conns; conn != NULL; conn = conn->next) {
        frames_drop(&conn->unsent);
        frames_drop(&conn->held);
        frames_drop(&conn->inbox);
    }
    for (struct server *server = net->servers; server != NULL; server = server->next)
        frames_drop(&server->inbox);
    free(net);
    *out = NULL;
}

/* ---- connections ---- */

static void attempt(void *self, uint64_t mark);
static void established(void *self, uint64_t mark);

static int64_t delay(struct world *world)
{
    bool slow = world_options(world)->faults[SIM_DELAYS] && !world_is_calm(world) && world_chance(world, 50);
    return 20 + (int64_t)world_dice(world, slow ? LONG_DELAY_US : DELAY_US);
}

static struct node *server_node(const struct conn *conn)
{
    return conn->server != NULL ? conn->server->node : NULL;
}

/* When something that leaves now is there: not while the two do not reach each other. */
static int64_t arrival(struct conn *conn, int64_t last_us)
{
    int64_t until_us = 0, at_us = world_now_us(conn->world);
    if (world_blocked(conn->world, conn->client, server_node(conn), &until_us) && until_us > at_us)
        at_us = until_us;
    at_us += delay(conn->world);
    return at_us > last_us ? at_us : last_us + 1;
}

void conn_retry(struct conn *conn, int64_t after_us)
{
    world_push(conn->world, world_now_us(conn->world) + after_us + (int64_t)world_dice(conn->world, 1000), attempt,
               conn, conn->generation);
}

static struct server *serving(struct net *net, const char *endpoint)
{
    for (struct server *server = net->servers; server != NULL; server = server->next)
        if (!server->closed && strcmp(server->endpoint, endpoint) == 0)
            return server;
    return NULL;
}

static void attempt(void *self, uint64_t mark)
{
    struct conn *conn = self;
    int64_t until_us;
    if (conn->closed || conn->state != IDLE || mark != conn->generation)
        return;
    struct server *server = serving(world_net(conn->world), conn->endpoint);
    if (server == NULL || world_blocked(conn->world, conn->client, server->node, &until_us))
        conn_retry(conn, RECONNECT_US);
    else
        world_push(conn->world, world_now_us(conn->world) + delay(conn->world), established, conn, mark);
}

static void tell_client(struct conn *conn)
{
    if (conn->dealer != NULL && conn->dealer->loop != NULL)
        loop_sim_readable(conn->dealer->loop, conn->dealer);
}

static void arrives_at_server(void *self, uint64_t generation);

void conn_send(struct conn *conn, struct frame *frame)
{
    frame->session = conn->session;
    conn->to_server_us = arrival(conn, conn->to_server_us);
    world_push(conn->world, conn->to_server_us, arrives_at_server, frame, conn->generation);
}

static void established(void *self, uint64_t mark)
{
    struct conn *conn = self;
    if (conn->closed || conn->state != IDLE || mark != conn->generation)
        return;
    struct server *server = serving(world_net(conn->world), conn->endpoint);
    if (server == NULL) {
        conn_retry(conn, RECONNECT_US);
        return;
    }
    struct session *session = world_keep(conn->world, sizeof *session);
    *session = (struct session){server->sessions, ++server->next_session, ++conn->generation, conn, 0};
    server->sessions = session;
    conn->server = server;
    conn->session = session->number;
    conn->state = UP;
    conn->spoken = false;
    conn->server_hears = true;
    if (conn->dealer != NULL)
        conn->dealer->connected = true;
    tell_client(conn);
    for (struct frame *frame; (frame = frames_take(&conn->unsent)) != NULL;)
        conn_send(conn, frame);
    if (conn->line != NULL && conn->line->options.connected != NULL)
        conn->line->options.connected(conn->line->options.self);
}

static struct session *session_of(struct server *server, uint64_t number)
{
    for (struct session *session = server->sessions; session != NULL; session = session->next)
        if (session->number == number)
            return session;
    return NULL;
}

static void forget_session(struct server *server, uint64_t number)
{
    for (struct session **at = &server->sessions; *at != NULL; at = &(*at)->next)
        if ((*at)->number == number) {
            *at = (*at)->next; /* the world keeps its memory */
            return;
        }
}

/* The client has noticed. */
static void ended(void *self, uint64_t mark)
{
    struct conn *conn = self;
    if (mark != conn->generation || conn->state == IDLE)
        return;
    conn->generation++;
    conn->state = IDLE;
    conn->server = NULL;
    conn->under_way = conn->inbox.count;
    conn->under_way_size = conn->inbox.size;
    frames_drop(&conn->held);
    if (conn->closed)
        return;
    if (conn->dealer != NULL)
        conn->dealer->lost = true;
    tell_client(conn);
    conn_retry(conn, RECONNECT_US);
    if (conn->line != NULL && conn->line->options.lost != NULL)
        conn->line->options.lost(conn->line->options.self);
}

/* It ends now. `silent`: neither side is told at once. */
static void end(struct conn *conn, bool silent)
{
    struct world *world = conn->world;
    if (conn->state != UP)
        return;
    struct session *session = session_of(conn->server, conn->session);
    int64_t wait_us = silent ? (int64_t)world_dice(world, SILENCE_US) : 0;
    conn->generation++; /* what is on it is lost */
    if (session != NULL && silent)
        session->lingers_until_us = world_now_us(world) + (int64_t)world_dice(world, SILENCE_US);
    else if (session != NULL)
        forget_session(conn->server, conn->session);
    conn->state = DEAF;
    world_push(world, world_now_us(world) + wait_us, ended, conn, conn->generation);
}

struct conn *conn_new(struct world *world, const char *endpoint, struct node *client)
{
    struct net *net = world_net(world);
    struct conn *conn = world_keep(world, sizeof *conn);
    conn->world = world;
    conn->client = client;
    conn->client_hears = conn->server_hears = true;
    conn->role = PARTY_LOCAL;
    (void)snprintf(conn->endpoint, sizeof conn->endpoint, "%s", endpoint);
    conn->next = net->conns;
    net->conns = conn;
    return conn;
}

/* What has left a process comes in though the process is gone, and perhaps after what its next life sends; or is
 * lost. */
void conn_close(struct conn *conn)
{
    if (conn->state == UP && world_chance(conn->world, 2))
        conn->left_behind = conn->generation;
    if (conn->state == UP)
        forget_session(conn->server, conn->session);
    conn->generation++;
    conn->closed = true;
    conn->state = IDLE;
    conn->dealer = NULL;
    conn->line = NULL;
    frames_drop(&conn->unsent);
    frames_drop(&conn->held);
    frames_drop(&conn->inbox);
    for (struct conn **at = &world_net(conn->world)->conns; *at != NULL; at = &(*at)->next)
        if (*at == conn) {
            *at = conn->next;
            return;
        }
}

void net_cut_one(struct net *net, bool silent)
{
    unsigned count = 0;
    for (struct conn *conn = net->conns; conn != NULL; conn = conn->next)
        count += conn->state == UP;
    uint64_t chosen = world_dice(net->world, count);
    for (struct conn *conn = net->conns; conn != NULL && count > 0; conn = conn->next) {
        if (conn->state != UP || chosen-- > 0)
            continue;
        world_note(net->world, "cut %s%s", conn->endpoint, silent ? ", silently" : "");
        end(conn, silent);
        return;
    }
}

void net_cut_between(struct net *net, const struct node *one, const struct node *other)
{
    for (struct conn *conn = net->conns; conn != NULL; conn = conn->next)
        if (conn->state == UP && ((conn->client == one && server_node(conn) == other) ||
                                  (conn->client == other && server_node(conn) == one)))
            end(conn, true);
}

/* ---- servers ---- */

static void receive(struct server *server, struct frame *frame)
{
    frames_put(&server->inbox, frame);
    loop_sim_readable(server->loop, server);
}

static void arrives_at_server(void *self, uint64_t generation)
{
    struct frame *frame = self;
    struct conn *conn = frame->conn;
    bool comes = generation == conn->generation || (generation == conn->left_behind && generation != 0);
    if (!comes || conn->server == NULL || conn->server->closed)
        free(frame);
    else if (!conn->server_hears || conn->held.first != NULL)
        frames_put(&conn->held, frame);
    else
        receive(conn->server, frame);
}

static void hand_over(struct server *server, struct frame *frame)
{
    struct conn *conn = frame->conn;
    struct peer peer = {.session = frame->session, .role = conn->role};
    peer.first = frame->session == conn->session && !conn->spoken;
    conn->spoken = conn->spoken || peer.first;
    (void)snprintf(peer.party, sizeof peer.party, "%s", conn->party);
    server->handed = frame;
    server->options.message(server->options.self, &peer, span_of(frame->bytes, frame->size));
    free(server->handed);
    server->handed = NULL;
}

static void server_readable(void *self)
{
    struct server *server = self;
    for (int i = 0; i < DRAIN_MAX && server->inbox.first != NULL; i++)
        hand_over(server, frames_take(&server->inbox));
    if (server->inbox.first != NULL)
        loop_sim_readable(server->loop, server);
}

enum status server_open(struct loop *loop, const struct server_options *options, struct server **out,
                        struct buffer *why)
{
    struct world *world = world_of();
    struct net *net = world_net(world);
    struct server *server = world_keep(world, sizeof *server);
    if (serving(net, options->endpoint) != NULL) {
        buffer_printf(why, "cannot bind %s: taken", options->endpoint);
        return FATAL_CONFIG;
    }
    server->node = world_current();
    server->loop = loop;
    server->options = *options;
    server->next_session = world_dice(world, 1000);
    (void)snprintf(server->endpoint, sizeof server->endpoint, "%s", options->endpoint);
    server->next = net->servers;
    net->servers = server;
    loop_sim_add(loop, server_readable, server);
    *out = server;
    return OK;
}

void server_close(struct server **out)
{
    struct server *server = *out;
    if (server == NULL)
        return;
    struct net *net = world_net(world_of());
    server->closed = true;
    loop_remove(server->loop, server);
    frames_drop(&server->inbox);
    for (struct conn *conn = net->conns, *next; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->server == server)
            end(conn, false);
    }
    for (struct server **at = &net->servers; *at != NULL; at = &(*at)->next)
        if (*at == server) {
            *at = server->next;
            break;
        }
    *out = NULL;
}

static void arrives_at_client(void *self, uint64_t generation)
{
    struct frame *frame = self;
    struct conn *conn = frame->conn;
    if (conn->closed || generation != conn->generation) {
        free(frame);
        return;
    }
    if (conn->line == NULL) {
        frames_put(&conn->inbox, frame);
        tell_client(conn);
        return;
    }
    frames_put(&conn->inbox, frame);
    line_hear(conn->line, conn->client_hears);
}

enum status server_reply(struct server *server, uint64_t number, struct span bytes)
{
    world_point("reply");
    if (world_dead())
        return OK;
    struct session *session = session_of(server, number);
    if (session == NULL)
        return RETRY_DISCONNECTED;
    struct conn *conn = session->conn;
    if (session->generation != conn->generation || conn->state != UP) {
        if (session->lingers_until_us > world_now_us(conn->world))
            return OK; /* into the dark */
        forget_session(server, number);
        return RETRY_DISCONNECTED;
    }
    if (!server->options.bounded_by_credit && conn->under_way >= REMOTE_QUEUE_MAX)
        return RETRY_BUSY;
    struct frame *frame = frame_of(conn, bytes);
    conn->under_way++;
    conn->under_way_size += bytes.size;
    conn->to_client_us = arrival(conn, conn->to_client_us);
    world_push(conn->world, conn->to_client_us, arrives_at_client, frame, conn->generation);
    return OK;
}

enum status server_give(struct server *server, uint64_t session, struct buffer *bytes)
{
    enum status status = server_reply(server, session, buffer_span(bytes));
    buffer_fini(bytes);
    *bytes = (struct buffer){0};
    return status;
}

size_t server_owes(struct server *server, uint64_t number)
{
    const struct session *session = session_of(server, number);
    return session != NULL && session->generation == session->conn->generation ? session->conn->under_way_size : 0;
}

bool server_hear(struct server *server, uint64_t number, bool hear)
{
    const struct session *session = session_of(server, number);
    if (session == NULL || session->generation != session->conn->generation)
        return false;
    struct conn *conn = session->conn;
    conn->server_hears = hear;
    for (struct frame *frame; hear && (frame = frames_take(&conn->held)) != NULL;)
        receive(server, frame);
    return true;
}

struct message {
    struct frame *frame;
};

struct message *server_keep(struct server *server)
{
    struct message *message = calloc(1, sizeof *message);
    INVARIANT(message != NULL && server->handed != NULL);
    message->frame = server->handed;
    server->handed = NULL;
    return message;
}

struct span message_bytes(const struct message *message)
{
    return span_of(message->frame->bytes, message->frame->size);
}

void message_drop(struct message **message)
{
    if (*message == NULL)
        return;
    free((*message)->frame);
    free(*message);
    *message = NULL;
}
