/* SPDX-License-Identifier: Apache-2.0
 * Between the two sides of the simulated net. */
#ifndef HUTONG_TESTS_SIM_NET_INTERNAL_H
#define HUTONG_TESTS_SIM_NET_INTERNAL_H
#include "common/net/server.h"
#include "tests/sim/sim_internal.h"

enum { ENDPOINT_SIZE = 128 };

struct frame {
    struct frame *next;
    uint64_t session; /* to a server: whose */
    struct conn *conn;
    size_t size;
    uint8_t bytes[];
};

struct frames {
    struct frame *first, *last;
    unsigned count;
    size_t size;
};

struct conn {
    struct conn *next;
    struct world *world;
    char endpoint[ENDPOINT_SIZE];
    struct node *client; /* NULL: a region's */
    struct dealer *dealer;
    struct line *line;
    char party[PARTY_SIZE_MAX + 1];
    enum party_role role;
    enum { IDLE, UP, DEAF } state;
    bool closed; /* by the client */
    struct server *server;
    uint64_t session, generation; /* frames and replies of older ones are lost */
    uint64_t left_behind;         /* of a client that is gone: what it had sent still comes in */
    bool spoken;
    int64_t to_server_us, to_client_us; /* the last arrival of each */
    struct frames unsent, held;         /* held: the server does not hear it */
    struct frames inbox;                /* the client's */
    unsigned under_way;                 /* to the client */
    size_t under_way_size;
    bool server_hears, client_hears;
};

struct session {
    struct session *next;
    uint64_t number, generation;
    struct conn *conn;
    int64_t lingers_until_us; /* a connection that is gone, and not known to be */
};

struct server {
    struct server *next;
    struct node *node;
    struct loop *loop;
    struct server_options options;
    char endpoint[ENDPOINT_SIZE];
    uint64_t next_session;
    struct session *sessions;
    struct frames inbox;
    struct frame *handed;
    bool closed;
};

struct dealer {
    struct conn *conn;
    struct loop *loop;
    loop_ready_fn *ready;
    void *watcher;
    struct frame *taken;
    bool lost, connected;
};

struct line {
    struct conn *conn;
    struct line_options options;
};

struct net {
    struct world *world;
    struct server *servers;
    struct conn *conns;
};

void frames_put(struct frames *frames, struct frame *frame);
struct frame *frames_take(struct frames *frames); /* NULL: there is none */
void frames_drop(struct frames *frames);
struct frame *frame_of(struct conn *conn, struct span bytes); /* a copy */
struct conn *conn_new(struct world *world, const char *endpoint, struct node *client);
void conn_retry(struct conn *conn, int64_t after_us);
void conn_send(struct conn *conn, struct frame *frame); /* PRE: it is up */
void conn_close(struct conn *conn);
#endif
