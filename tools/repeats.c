/* SPDX-License-Identifier: Apache-2.0
 * What was sent before, and what stands since. */
#include "tools/repeats.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/loop.h"

uint32_t repeats_begin(struct repeats *repeats, struct ht_client *client, uint32_t deadline_ms)
{
    enum { LEFT_LEAST_MS = 1000 };
    uint64_t outcomes;
    int64_t now, began = loop_monotonic_us();
    *repeats = (struct repeats){0};
    if (ht_ping(client, deadline_ms, &repeats->end, &outcomes, &now) != HT_OK)
        repeats->end = 0;
    int64_t left_ms = deadline_ms - (loop_monotonic_us() - began) / 1000;
    return left_ms > LEFT_LEAST_MS ? (uint32_t)left_ms : LEFT_LEAST_MS;
}

static int by_position(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

void repeats_sent(struct repeats *repeats, const struct ht_receipt *receipts, size_t count)
{
    repeats->positions = calloc(count + 1, sizeof *repeats->positions);
    INVARIANT(repeats->positions != NULL);
    for (size_t i = 0; i < count; i++)
        if (receipts[i].kind == HT_ACCEPTED)
            repeats->positions[repeats->count++] = receipts[i].position;
    qsort(repeats->positions, repeats->count, sizeof *repeats->positions, by_position);
}

bool repeats_has(const struct repeats *repeats, uint64_t position)
{
    return position < repeats->end;
}

uint64_t repeats_superseded_by(const struct repeats *repeats, const struct ht_client *client, uint64_t position)
{
    uint64_t newer = ht_superseded_by(client);
    bool along = bsearch(&newer, repeats->positions, repeats->count, sizeof newer, by_position) != NULL;
    return repeats_has(repeats, position) && !along ? newer : 0;
}

void repeats_end(struct repeats *repeats)
{
    free(repeats->positions);
}
