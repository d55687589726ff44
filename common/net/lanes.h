/* SPDX-License-Identifier: Apache-2.0
 * An endpoint's requests, each party's in a lane of its own, served by turns (fair.h). A message is taken from the
 * socket, its sender looked up, and put into its lane: nothing else is done of it before its turn. In a lane nobody
 * overtakes. Who has as much waiting as a party may is told so at once (RULE_LIMIT), after a look at the head alone. */
#ifndef HUTONG_COMMON_NET_LANES_H
#define HUTONG_COMMON_NET_LANES_H
#include "common/net/fair.h"
#include "common/net/server.h"

struct lanes;

struct waiting {
    struct waiting *next;
    struct server *server; /* borrowed */
    struct peer peer;
    struct message *message; /* may be taken: then NULL */
    size_t size;
};

struct lanes_options {
    struct loop *loop;
    /* A piece of the first one's work, of a millisecond or so. True: it is done with. */
    bool (*serve)(void *self, unsigned lane, struct waiting *first);
    /* There is no room for this one. */
    void (*limited)(void *self, struct server *server, const struct peer *peer, struct span bytes);
    void *self;
};

struct lanes *lanes_new(const struct lanes_options *options);
void lanes_destroy(struct lanes **lanes);
/* The message that `server` hands over now. */
void lanes_put(struct lanes *lanes, struct server *server, const struct peer *peer, struct span bytes);
/* A lane has no turns while it is held. */
void lanes_hold(struct lanes *lanes, unsigned lane, bool held);
/* What the last turn sent, to be enciphered: a lane that takes more than its rate has no turns for a while. */
void lanes_charge(struct lanes *lanes, unsigned lane, size_t size);
/* Whose turns they are, and what waits. */
const struct fair *lanes_fair(const struct lanes *lanes);
/* The name that a peer's lane has. */
const char *lanes_name(const struct peer *peer);
#endif
