/* SPDX-License-Identifier: Apache-2.0
 * ROUTER endpoint. A session is a routing id that the socket made (peers cannot choose theirs: we number sessions and
 * never reuse a number), its party comes from the CURVE key of the LAST frame (Z3, Z4). */
#include "common/net/server.h"

#include <czmq.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uthash.h>

#include "common/base/check.h"
#include "common/net/connection.h"
#include "common/net/socket_internal.h"
#include "common/net/zap.h"
#include "common/net/zap_internal.h"

enum {
    ROUTING_ID_SIZE_MAX = 255,
    DRAIN_MESSAGES_MAX = 256,
    DRAIN_US_MAX = 5000,     /* one message may cost a page of a megabyte, and the rest of the loop waits (Z9) */
    COUNTED_SIZE_MIN = 4096, /* of 64 smaller answers at most nobody keeps count */
    CUTS_MAX = 64,
    CUT_MS = 50,
    SESSION_IDLE_US = 600 * 1000 * 1000
};

/* What was sent to a connection and has not left this process. It outlives the session while libzmq holds any of it. */
struct owed {
    _Atomic size_t size;
    _Atomic unsigned holders;
};

struct session {
    uint64_t number;
    uint8_t routing_id[ROUTING_ID_SIZE_MAX];
    size_t routing_id_size;
    char party[PARTY_SIZE_MAX + 1];
    struct owed *owed;
    int64_t last_seen_us; /* 0: nothing yet */
    struct connection connection;
    bool one_too_many;
    bool delimited; /* its last message began with an empty part, behind which a REQ waits for the answer */
    UT_hash_handle by_number;
    UT_hash_handle by_routing_id;
};

struct server {
    struct loop *loop;
    struct server_options options;
    void *socket;
    bool curve;
    uint64_t next_session;
    struct session *by_number;
    struct session *by_routing_id;
    struct buffer parted;
    zmq_msg_t *handed; /* over now, or NULL */
    struct connection cuts[CUTS_MAX];
    unsigned cut_count;
};

struct message {
    zmq_msg_t body;
};

/* uthash's macros trip -Wconversion and friends nowhere but here. */
static struct session *session_of(struct server *server, zmq_msg_t *routing)
{
    struct session *session = NULL;
    size_t size = zmq_msg_size(routing);
    INVARIANT(size <= ROUTING_ID_SIZE_MAX);
    HASH_FIND(by_routing_id, server->by_routing_id, zmq_msg_data(routing), size, session);
    if (session == NULL) {
        session = calloc(1, sizeof *session);
        INVARIANT(session != NULL);
        session->number = ++server->next_session;
        session->owed = calloc(1, sizeof *session->owed);
        INVARIANT(session->owed != NULL);
        session->owed->holders = 1;
        memcpy(session->routing_id, zmq_msg_data(routing), size);
        session->routing_id_size = size;
        HASH_ADD(by_number, server->by_number, number, sizeof session->number, session);
        HASH_ADD_KEYPTR(by_routing_id, server->by_routing_id, session->routing_id, size, session);
    }
    return session;
}

static void owed_drop(struct owed *owed)
{
    if (atomic_fetch_sub(&owed->holders, 1) == 1)
        free(owed);
}

static void session_drop(struct server *server, struct session *session)
{
    HASH_DELETE(by_number, server->by_number, session);
    HASH_DELETE(by_routing_id, server->by_routing_id, session);
    owed_drop(session->owed);
    free(session);
}

/* Connections of the same party; those that have gone are forgotten on the way. */
static unsigned connections_of(struct server *server, const struct session *own)
{
    struct session *session, *next;
    unsigned count = 0;
    HASH_ITER(by_number, server->by_number, session, next)
    if (strcmp(session->party, own->party) == 0) {
        if (session != own && session->connection.fd != 0 && !connection_is_there(&session->connection))
            session_drop(server, session);
        else
            count++;
    }
    return count;
}

static void forget_idle(void *self)
{
    struct server *server = self;
    struct session *session, *next;
    int64_t now = loop_monotonic_us();
    HASH_ITER(by_number, server->by_number, session, next)
    if (now - session->last_seen_us > SESSION_IDLE_US)
        session_drop(server, session);
}

/* False: the peer has no identity that we know how to read; the message is dropped. */
static bool identify(struct server *server, struct session *session, zmq_msg_t *last, struct peer *peer)
{
    memset(peer, 0, sizeof *peer);
    peer->session = session->number;
    peer->first = session->last_seen_us == 0;
    session->last_seen_us = loop_monotonic_us();
    if (!server->curve) {
        peer->role = PARTY_LOCAL;
        return true;
    }
    const char *key = zmq_msg_gets(last, "User-Id");
    if (key == NULL || strlen(key) != 40)
        return false;
    peer->revoked = !zap_lookup(server->options.zap, key, &peer->role, peer->party);
    memcpy(session->party, peer->party, sizeof session->party);
    if (peer->first) {
        connection_note(&session->connection, zmq_msg_get(last, ZMQ_SRCFD));
        zap_spoke(server->options.zap, server->socket, session->connection.fd);
        session->one_too_many = connections_of(server, session) > PARTY_CONNECTIONS_MAX;
    }
    return true;
}

static void cut(void *self)
{
    struct server *server = self;
    for (unsigned i = 0; i < server->cut_count; i++)
        connection_cut(&server->cuts[i]);
    server->cut_count = 0;
}

/* Its answer has a moment to leave. */
static void turn_away(struct server *server, struct session *session, const struct peer *peer, struct span bytes)
{
    if (server->cut_count == CUTS_MAX)
        cut(server);
    server->cuts[server->cut_count++] = session->connection;
    loop_once(server->loop, CUT_MS, cut, server);
    server->options.limited(server->options.self, peer, bytes); /* which may forget the session */
}

static void hand_over(struct server *server, zmq_msg_t *routing, zmq_msg_t *body, bool single)
{
    struct session *session = session_of(server, routing);
    struct peer peer;
    session->delimited = !single && zmq_msg_size(body) == 0;
    if (!identify(server, session, body, &peer))
        return;
    server->handed = body;
    struct span bytes = span_of(zmq_msg_data(body), zmq_msg_size(body));
    if (session->one_too_many && peer.first)
        turn_away(server, session, &peer, bytes);
    else if (session->one_too_many)
        return; /* it has been told */
    else if (single)
        server->options.message(server->options.self, &peer, bytes);
    else if (server->parted.size > 0)
        (void)server_reply(server, peer.session, buffer_span(&server->parted));
}

size_t server_owes(struct server *server, uint64_t number)
{
    struct session *session = NULL;
    HASH_FIND(by_number, server->by_number, &number, sizeof number, session);
    return session != NULL ? atomic_load(&session->owed->size) : 0;
}

bool server_hear(struct server *server, uint64_t number, bool hear)
{
    struct session *session = NULL;
    HASH_FIND(by_number, server->by_number, &number, sizeof number, session);
    return session != NULL && connection_hear(&session->connection, hear);
}

struct message *server_keep(struct server *server)
{
    struct message *message = calloc(1, sizeof *message);
    INVARIANT(message != NULL && server->handed != NULL);
    (void)zmq_msg_init(&message->body);
    (void)zmq_msg_move(&message->body, server->handed);
    server->handed = NULL;
    return message;
}

struct span message_bytes(const struct message *message)
{
    zmq_msg_t *body = (zmq_msg_t *)(uintptr_t)&message->body; /* reads alone: libzmq knows no const */
    return span_of(zmq_msg_data(body), zmq_msg_size(body));
}

void message_drop(struct message **message)
{
    if (*message == NULL)
        return;
    (void)zmq_msg_close(&(*message)->body);
    free(*message);
    *message = NULL;
}

/* Receives one message; false when there is none. A message of more than one part is read to its end (Z5). */
static bool receive(struct server *server)
{
    zmq_msg_t routing, body, extra;
    (void)zmq_msg_init(&routing);
    if (zmq_msg_recv(&routing, server->socket, ZMQ_DONTWAIT) < 0) {
        (void)zmq_msg_close(&routing);
        return false;
    }
    (void)zmq_msg_init(&body);
    bool whole = zmq_msg_more(&routing) && zmq_msg_recv(&body, server->socket, 0) >= 0;
    bool single = whole && !zmq_msg_more(&body);
    bool more = whole && zmq_msg_more(&body);
    while (more) {
        (void)zmq_msg_init(&extra);
        more = zmq_msg_recv(&extra, server->socket, 0) >= 0 && zmq_msg_more(&extra);
        (void)zmq_msg_close(&extra);
    }
    if (whole && zmq_msg_size(&routing) <= ROUTING_ID_SIZE_MAX)
        hand_over(server, &routing, &body, single);
    (void)zmq_msg_close(&body);
    (void)zmq_msg_close(&routing);
    return true;
}

static void readable(void *self)
{
    struct server *server = self;
    int64_t until_us = loop_monotonic_us() + DRAIN_US_MAX;
    for (int i = 0; i < DRAIN_MESSAGES_MAX && loop_monotonic_us() < until_us; i++)
        if (!receive(server))
            return;
}

enum status server_open(struct loop *loop, const struct server_options *options, struct server **out,
                        struct buffer *why)
{
    struct server *server = calloc(1, sizeof *server);
    INVARIANT(server != NULL);
    server->loop = loop;
    server->options = *options;
    buffer_append(&server->parted, options->parted.data, options->parted.size);
    server->curve = socket_is_remote(options->endpoint);
    server->socket = socket_open(ZMQ_ROUTER, options->endpoint);
    if (options->bounded_by_credit)
        socket_send_unbounded(server->socket);
    else if (server->curve)
        socket_send_little(server->socket);
    if (server->curve) {
        INVARIANT(options->zap != NULL);
        socket_serve_curve(server->socket, zap_server_public_key(options->zap), zap_server_secret_key(options->zap));
        zap_watch(options->zap, server->socket);
    }
    if (zmq_bind(server->socket, options->endpoint) != 0) {
        buffer_printf(why, "cannot bind %s: %s", options->endpoint, zmq_strerror(errno));
        server_close(&server);
        return FATAL_CONFIG;
    }
    loop_add_socket(loop, server->socket, readable, server);
    loop_add_timer(loop, 60000, forget_idle, server);
    *out = server;
    return OK;
}

void server_close(struct server **server)
{
    if (*server == NULL)
        return;
    loop_remove((*server)->loop, *server);
    struct session *session, *next;
    HASH_ITER(by_number, (*server)->by_number, session, next)
    session_drop(*server, session);
    if ((*server)->curve)
        zap_unwatch((*server)->options.zap, (*server)->socket);
    socket_close(&(*server)->socket);
    buffer_fini(&(*server)->parted);
    free(*server);
    *server = NULL;
}

/* The parts in front of an answer: whose it is, and what a REQ waits for. */
static enum status address(struct server *server, uint64_t number, struct session **out)
{
    struct session *session = NULL;
    HASH_FIND(by_number, server->by_number, &number, sizeof number, session);
    if (session == NULL)
        return RETRY_DISCONNECTED;
    loop_touched(server->loop, server->socket);
    if (zmq_send(server->socket, session->routing_id, session->routing_id_size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        if (errno == EAGAIN)
            return RETRY_BUSY;
        session_drop(server, session); /* EHOSTUNREACH: gone */
        return RETRY_DISCONNECTED;
    }
    if (session->delimited && zmq_send(server->socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return RETRY_BUSY;
    *out = session;
    return OK;
}

/* A message's memory, and in front of it who owes it. */
struct given {
    struct owed *owed;
    size_t size;
    void *data;
};

/* Of libzmq's threads. */
static void free_given(void *data, void *hint)
{
    struct given *given = hint;
    (void)data;
    (void)atomic_fetch_sub(&given->owed->size, given->size);
    owed_drop(given->owed);
    free(given->data);
    free(given);
}

static enum status give(struct server *server, struct session *session, void *data, size_t size)
{
    zmq_msg_t body;
    enum status status = OK;
    struct given *given = malloc(sizeof *given);
    INVARIANT(given != NULL);
    *given = (struct given){session->owed, size, data};
    (void)atomic_fetch_add(&session->owed->holders, 1);
    (void)atomic_fetch_add(&session->owed->size, size);
    INVARIANT(zmq_msg_init_data(&body, data, size, free_given, given) == 0);
    if (zmq_msg_send(&body, server->socket, ZMQ_DONTWAIT) < 0)
        status = RETRY_BUSY;
    (void)zmq_msg_close(&body);
    return status;
}

enum status server_reply(struct server *server, uint64_t number, struct span bytes)
{
    struct session *session;
    TRY(address(server, number, &session));
    if (bytes.size < COUNTED_SIZE_MIN)
        return zmq_send(server->socket, bytes.data, bytes.size, ZMQ_DONTWAIT) < 0 ? RETRY_BUSY : OK;
    void *data = malloc(bytes.size);
    INVARIANT(data != NULL);
    memcpy(data, bytes.data, bytes.size);
    return give(server, session, data, bytes.size);
}

enum status server_give(struct server *server, uint64_t number, struct buffer *bytes)
{
    struct session *session;
    enum status status = address(server, number, &session);
    if (status != OK) {
        buffer_fini(bytes);
        return status;
    }
    status = give(server, session, bytes->data, bytes->size);
    *bytes = (struct buffer){0};
    return status;
}
