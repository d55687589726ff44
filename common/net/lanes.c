/* SPDX-License-Identifier: Apache-2.0
 * Lanes. */
#include "common/net/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

enum {
    TURN_US = 2000,       /* then the loop looks around: sockets, the disk's answers */
    REST_US = 100 * 1000, /* so much more than its rate, at once */
    REST_MS = 10,
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
    bool held, resting; /* by its owner; as it took more than its rate */
    int64_t paid_us;    /* what it has brought is paid for by then, at PARTY_BYTES_A_US */
};

struct lanes {
    struct lanes_options options;
    struct fair fair;
    struct lane lanes[FAIR_PARTIES_MAX];
};

/* It has half of what it may waiting, or brought more than is deciphered for it. */
static bool brings_too_much(const struct lanes *lanes, unsigned lane, int64_t now)
{
    return lanes->fair.parties[lane].size > PARTY_WAITING_SIZE_MAX / 2 ||
           lanes->fair.parties[lane].messages > PARTY_WAITING_MAX / 2 ||
           lanes->lanes[lane].paid_us - now > PARTY_WAITING_SIZE_MAX / 2 / PARTY_BYTES_A_US;
}

/* One connection of each lane that has room again. */
static void hear(void *self)
{
    struct lanes *lanes = self;
    bool more = false;
    int64_t now = loop_monotonic_us();
    for (unsigned i = 0; i < FAIR_PARTIES_MAX; i++) {
        struct lane *lane = &lanes->lanes[i];
        if (lane->unheard_count > 0 && !brings_too_much(lanes, i, now)) {
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
    return peer->role == PARTY_LOCAL ? LANE_LOCAL : peer->party;
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

/* Who does not take what it asked for is given no more of it. */
static bool turn(struct lanes *lanes, unsigned lane, struct waiting *first)
{
    if (first->message == NULL || server_owes(first->server, first->peer.session) <= SESSION_UNREAD_SIZE_MAX)
        return lanes->options.serve(lanes->options.self, lane, first);
    lanes->options.limited(lanes->options.self, first->server, &first->peer, message_bytes(first->message));
    return true;
}

static void serve(void *self)
{
    struct lanes *lanes = self;
    unsigned lane = fair_next(&lanes->fair);
    int64_t began = loop_monotonic_us(), now = began;
    for (; lane != FAIR_NOBODY && now - began < TURN_US; lane = fair_next(&lanes->fair)) {
        int64_t before = now;
        if (turn(lanes, lane, lanes->lanes[lane].first))
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
    int64_t now = loop_monotonic_us(), *paid_us = &lanes->lanes[lane].paid_us;
    *paid_us = (*paid_us > now ? *paid_us : now) + (int64_t)bytes.size / PARTY_BYTES_A_US;
    if (brings_too_much(lanes, lane, now))
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

static void settle(struct lanes *lanes, unsigned index)
{
    lanes->fair.parties[index].held = lanes->lanes[index].held || lanes->lanes[index].resting;
}

void lanes_hold(struct lanes *lanes, unsigned lane, bool held)
{
    lanes->lanes[lane].held = held;
    settle(lanes, lane);
}

static void wake(void *self)
{
    struct lanes *lanes = self;
    int64_t now = loop_monotonic_us();
    bool more = false;
    for (unsigned i = 0; i < FAIR_PARTIES_MAX; i++) {
        lanes->lanes[i].resting = lanes->lanes[i].resting && lanes->lanes[i].paid_us > now;
        more = more || lanes->lanes[i].resting;
        settle(lanes, i);
    }
    if (more)
        loop_once(lanes->options.loop, REST_MS, wake, lanes);
}

void lanes_charge(struct lanes *lanes, unsigned index, size_t size)
{
    struct lane *lane = &lanes->lanes[index];
    int64_t now = loop_monotonic_us();
    lane->paid_us = (lane->paid_us > now ? lane->paid_us : now) + (int64_t)size / PARTY_BYTES_A_US;
    if (lane->paid_us - now <= REST_US)
        return;
    lane->resting = true;
    settle(lanes, index);
    loop_once(lanes->options.loop, REST_MS, wake, lanes);
}

const struct fair *lanes_fair(const struct lanes *lanes)
{
    return &lanes->fair;
}
