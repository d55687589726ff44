/* SPDX-License-Identifier: Apache-2.0
 * Lanes. */
#include "common/net/lanes.h"

#include <stdlib.h>

#include "common/base/check.h"

enum { TURN_US = 2000 /* then the loop looks around: sockets, the disk's answers */ };

struct lanes {
    struct lanes_options options;
    struct fair fair;
    struct waiting *first[FAIR_PARTIES_MAX], *last[FAIR_PARTIES_MAX];
};

const char *lanes_name(const struct peer *peer)
{
    return peer->role == PARTY_LOCAL ? "this machine" : peer->party;
}

static void pop(struct lanes *lanes, unsigned lane)
{
    struct waiting *first = lanes->first[lane];
    lanes->first[lane] = first->next;
    if (first->next == NULL)
        lanes->last[lane] = NULL;
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
        if (lanes->options.serve(lanes->options.self, lane, lanes->first[lane]))
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
        while ((*lanes)->first[lane] != NULL)
            pop(*lanes, lane);
    free(*lanes);
    *lanes = NULL;
}

void lanes_put(struct lanes *lanes, struct server *server, const struct peer *peer, struct span bytes)
{
    unsigned lane = fair_place(&lanes->fair, lanes_name(peer));
    if (!fair_enter(&lanes->fair, lane, bytes.size)) {
        lanes->options.limited(lanes->options.self, server, peer, bytes);
        return;
    }
    struct waiting *waiting = calloc(1, sizeof *waiting);
    INVARIANT(waiting != NULL);
    *waiting = (struct waiting){NULL, server, *peer, server_keep(server), bytes.size};
    if (lanes->last[lane] != NULL)
        lanes->last[lane]->next = waiting;
    else
        lanes->first[lane] = waiting;
    lanes->last[lane] = waiting;
}

void lanes_hold(struct lanes *lanes, unsigned lane, bool held)
{
    lanes->fair.parties[lane].held = held;
}

const struct fair *lanes_fair(const struct lanes *lanes)
{
    return &lanes->fair;
}
