/* SPDX-License-Identifier: Apache-2.0
 * Replies that wait until what they say is on disk, in the order of what they need. */
#ifndef HUTONG_SERVICES_INGEST_PARKED_H
#define HUTONG_SERVICES_INGEST_PARKED_H
#include "common/base/buffer.h"
#include "common/bus/bus.h"
#include "common/net/server.h"

struct parked_reply {
    struct parked_reply *next;
    uint64_t session;
    uint64_t request;
    struct server *server; /* borrowed */
    position_t needs;
    struct buffer bytes;
};

struct parked {
    struct parked_reply *first, *last;
};

/* Sent once everything below `needs` is on disk. `reply`: taken, and empty again. */
void parked_add(struct parked *parked, struct server *server, uint64_t session, uint64_t request, position_t needs,
                struct buffer *reply);
/* Everything below `position` is on disk: what waited for it is sent. */
void parked_release(struct parked *parked, position_t position);
/* The first goes, unsent. PRE: there is one. */
void parked_drop(struct parked *parked);
void parked_fini(struct parked *parked);
#endif
