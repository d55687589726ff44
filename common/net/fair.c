/* SPDX-License-Identifier: Apache-2.0
 * Turns: start-time fair queueing (Goyal, Vin, Cheng 1996) with equal shares. */
#include "common/net/fair.h"

#include <string.h>

#include "common/base/check.h"

unsigned fair_place(struct fair *fair, const char *name)
{
    PRE(strlen(name) <= PARTY_SIZE_MAX);
    for (unsigned i = 0; i < fair->count; i++)
        if (strcmp(fair->parties[i].name, name) == 0)
            return i;
    if (fair->count == FAIR_PARTIES_MAX)
        return FAIR_PARTIES_MAX - 1;
    struct fair_party *party = &fair->parties[fair->count];
    *party = (struct fair_party){.served_us = fair->now_us};
    memcpy(party->name, name, strlen(name));
    return fair->count++;
}

bool fair_enter(struct fair *fair, unsigned place, size_t size)
{
    struct fair_party *party = &fair->parties[place];
    if (party->messages == PARTY_WAITING_MAX || (party->messages > 0 && party->size + size > PARTY_WAITING_SIZE_MAX))
        return false;
    if (party->messages == 0 && party->served_us < fair->now_us)
        party->served_us = fair->now_us;
    party->messages++;
    party->size += size;
    return true;
}

void fair_leave(struct fair *fair, unsigned place, size_t size)
{
    struct fair_party *party = &fair->parties[place];
    INVARIANT(party->messages > 0 && party->size >= size);
    party->messages--;
    party->size -= size;
}

unsigned fair_next(const struct fair *fair)
{
    unsigned next = FAIR_NOBODY;
    for (unsigned i = 0; i < fair->count; i++)
        if (fair->parties[i].messages > 0 && !fair->parties[i].held &&
            (next == FAIR_NOBODY || fair->parties[i].served_us < fair->parties[next].served_us))
            next = i;
    return next;
}

void fair_spent(struct fair *fair, unsigned place, int64_t us)
{
    struct fair_party *party = &fair->parties[place];
    if (party->served_us > fair->now_us)
        fair->now_us = party->served_us;
    party->served_us += us;
}
