/* SPDX-License-Identifier: Apache-2.0
 * Lanes. */
#include "common/net/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

enum {
    TURN_US = 2000, /* then the loop looks around: sockets, the disk's answers */
    UNHEARD_MAX = 64,
    HEAR_MS = 100 /* one connection of a lane after the other: each may bring a frame of 4 MiB, 10 ms of deciphering */
};

struct lane {
    struct waiting *first, *last;
    struct {
        struct server *server;
        uint64_t session;
    } unheard[UNHEARD_MAX]; /* connections that brought more than there should be; the first is heard again first */
    unsigned unheard_count;
};

struct lanes {
    struct lanes_options options;
    struct fair fair;
    struct lane lanes[FAIR_PARTIES_MAX];
};

static bool is_half_full(const struct lanes *lanes, unsigned lane)
{
    return lanes->fair.parties[lane].size > PARTY_WAITING_SIZE_MAX / 2 ||
           lanes->fair.parties[lane].messages > PARTY_WAITING_MAX / 2;
}

/* One connection of each lane that has room again. */
static void hear(void *self)
{
    struct lanes *lanes = self;
    bool more = false;
    for (unsigned i = 0; i < FAIR_PARTIES_MAX; i++) {
        struct lane *lane = &lanes->lanes[i];
        if (lane->unheard_count > 0 && !is_half_full(lanes, i)) {
            (void)server_hear(lane->unheard[0].server, lane->unheard[0].session, true);
            memmove(lane->unheard, lane->unheard + 1, --lane->unheard_count * sizeof lane->unheard[0]);
        }
        more = more || lane->unheard_count > 0;
    }
    if (more)
        loop_once(lanes->options.loop, HEAR_MS, hear, lanes);
}

static void hear_no_more(struct lanes *lanes, unsigned index, struct server *server, uint64_t session)
{
    struct lane *lane = &lanes->lanes[index];
    for (unsigned i = 0; i < lane->unheard_count; i++)
        if (lane->unheard[i].server == server && lane->unheard[i].session == session)
            return; /* what it had sent before */
    if (lane->unheard_count == UNHEARD_MAX || !server_hear(server, session, false))
        return;
    lane->unheard[lane->unheard_count].server = server;
    lane->unheard[lane->unheard_count++].session = session;
    loop_once(lanes->options.loop, HEAR_MS, hear, lanes);
}

const char *lanes_name(const struct peer *peer)
{
    return peer->role == PARTY_LOCAL ? "this machine" : peer->party;
}

static void pop(struct lanes *lanes, unsigned lane)
{
    struct waiting *first = lanes->lanes[lane].first;
    lanes->lanes[lane].first = first->next;
    if (first->next == NULL)
        lanes->lanes[lane].last = NULL;
    fair_leave(&lanes->fair, lane, first->size);
    message_drop(&first->message);
    free(first);
}

static void serve(void *self)
{
    struct lanes *lanes = self;
    unsigned lane = fair_next(&lanes->fair);
    int64_t began = loop_monotonic_us(), now = began;
    for (; lane != FAIR_NOBODY && now - began < TURN_US; lane = fair_next(&lanes->fair)) {
        int64_t before = now;
        if (lanes->options.serve(lanes->options.self, lane, lanes->lanes[lane].first))
            pop(lanes, lane);
        now = loop_monotonic_us();
        fair_spent(&lanes->fair, lane, now - before + 1);
    }
    if (lane != FAIR_NOBODY)
        loop_again(lanes->options.loop);
}

struct lanes *lanes_new(const struct lanes_options *options)
{
    struct lanes *lanes = calloc(1, sizeof *lanes);
    INVARIANT(lanes != NULL);
    lanes->options = *options;
    loop_add_turn(options->loop, serve, lanes);
    return lanes;
}

void lanes_destroy(struct lanes **lanes)
{
    if (*lanes == NULL)
        return;
    loop_remove((*lanes)->options.loop, *lanes);
    for (unsigned lane = 0; lane < FAIR_PARTIES_MAX; lane++)
        while ((*lanes)->lanes[lane].first != NULL)
            pop(*lanes, lane);
    free(*lanes);
    *lanes = NULL;
}

void lanes_put(struct lanes *lanes, struct server *server, const struct peer *peer, struct span bytes)
{
    unsigned lane = fair_place(&lanes->fair, lanes_name(peer));
    if (is_half_full(lanes, lane))
        hear_no_more(lanes, lane, server, peer->session);
    if (!fair_enter(&lanes->fair, lane, bytes.size)) {
        lanes->options.limited(lanes->options.self, server, peer, bytes);
        return;
    }
    struct waiting *waiting = calloc(1, sizeof *waiting);
    INVARIANT(waiting != NULL);
    *waiting = (struct waiting){NULL, server, *peer, server_keep(server), bytes.size};
    if (lanes->lanes[lane].last != NULL)
        lanes->lanes[lane].last->next = waiting;
    else
        lanes->lanes[lane].first = waiting;
    lanes->lanes[lane].last = waiting;
}

void lanes_hold(struct lanes *lanes, unsigned lane, bool held)
{
    lanes->fair.parties[lane].held = held;
}

const struct fair *lanes_fair(const struct lanes *lanes)
{
    return &lanes->fair;
}
