/* SPDX-License-Identifier: Apache-2.0
 * Whose turn it is. Parties have work waiting; each turn is a small piece of one party's, and goes to the party that
 * has been served least, so that who has little to do waits for one piece of each other party's at most, however much
 * work they have and over however many connections it came. Pure: what a piece cost is told, in microseconds. */
#ifndef HUTONG_COMMON_NET_FAIR_H
#define HUTONG_COMMON_NET_FAIR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/limits.h"

/* The regions, the operator, this machine, and keys of services; whoever comes after these shares the last place. */
enum { FAIR_PARTIES_MAX = 8, FAIR_NOBODY = FAIR_PARTIES_MAX };

#define LANE_LOCAL "this machine" /* of whoever speaks over ipc */

struct fair_party {
    char name[PARTY_SIZE_MAX + 1];
    uint32_t messages; /* that wait */
    size_t size;       /* of them, in bytes */
    bool held;         /* it has no turn for now: enough of it is on its way */
    int64_t served_us; /* what it was given, in the time of `fair` */
};

struct fair {
    struct fair_party parties[FAIR_PARTIES_MAX];
    unsigned count;
    int64_t now_us; /* served_us of the last turn's party: who comes back after a rest begins here, and saves nothing */
};

/* A party's place; it has one from now on. PRE: at most PARTY_SIZE_MAX characters. */
unsigned fair_place(struct fair *fair, const char *name);
/* One more message waits. False: it has as many or as much waiting as a party may, and nothing is changed. */
bool fair_enter(struct fair *fair, unsigned place, size_t size);
/* A message that had waited is done with. */
void fair_leave(struct fair *fair, unsigned place, size_t size);
/* FAIR_NOBODY: nothing waits that may have a turn. */
unsigned fair_next(const struct fair *fair);
/* That it had a turn, and what it cost. */
void fair_spent(struct fair *fair, unsigned place, int64_t us);
#endif
