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
    repeats->end_known = ht_ping(client, deadline_ms, &repeats->end, &outcomes, &now) == HT_OK;
    if (!repeats->end_known)
        repeats->end = 0;
    int64_t left_ms = deadline_ms - (loop_monotonic_us() - began) / 1000;
    return left_ms > LEFT_LEAST_MS ? (uint32_t)left_ms : LEFT_LEAST_MS;
}

static void add(struct repeats *repeats, uint64_t position)
{
    struct position_run *last = repeats->count > 0 ? &repeats->runs[repeats->count - 1] : NULL;
    if (last != NULL && last->end == position && position != repeats->end) {
        last->end++;
        return;
    }
    if (repeats->count == repeats->capacity) {
        repeats->capacity = repeats->capacity == 0 ? 64 : repeats->capacity * 2;
        repeats->runs = realloc(repeats->runs, repeats->capacity * sizeof *repeats->runs);
        INVARIANT(repeats->runs != NULL);
    }
    repeats->runs[repeats->count++] = (struct position_run){position, position + 1};
}

void repeats_sent(struct repeats *repeats, const struct ht_receipt *receipts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (receipts[i].kind == HT_ACCEPTED)
            add(repeats, receipts[i].position);
    free(repeats->sorted);
    repeats->sorted = NULL;
}

bool repeats_has(const struct repeats *repeats, uint64_t position)
{
    return position < repeats->end;
}

static int by_first(const void *a, const void *b)
{
    const struct position_run *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

static int holds(const void *key, const void *run)
{
    uint64_t position = *(const uint64_t *)key;
    const struct position_run *at = run;
    return position < at->first ? -1 : position >= at->end;
}

/* One message twice in a file makes runs that overlap. */
static void sort(struct repeats *repeats)
{
    size_t last = 0;
    struct position_run *sorted = malloc((repeats->count + 1) * sizeof *sorted);
    INVARIANT(sorted != NULL);
    if (repeats->count > 0)
        memcpy(sorted, repeats->runs, repeats->count * sizeof *sorted);
    qsort(sorted, repeats->count, sizeof *sorted, by_first);
    for (size_t i = 1; i < repeats->count; i++)
        if (sorted[i].first > sorted[last].end)
            sorted[++last] = sorted[i];
        else if (sorted[i].end > sorted[last].end)
            sorted[last].end = sorted[i].end;
    repeats->sorted = sorted;
    repeats->sorted_count = repeats->count > 0 ? last + 1 : 0;
}

static bool was_sent(struct repeats *repeats, uint64_t position)
{
    if (repeats->sorted == NULL)
        sort(repeats);
    return bsearch(&position, repeats->sorted, repeats->sorted_count, sizeof *repeats->sorted, holds) != NULL;
}

uint64_t repeats_superseded_by(struct repeats *repeats, const struct ht_client *client, uint64_t position)
{
    uint64_t newer = ht_superseded_by(client);
    return newer != 0 && repeats_has(repeats, position) && !was_sent(repeats, newer) ? newer : 0;
}

void repeats_end(struct repeats *repeats)
{
    free(repeats->runs);
    free(repeats->sorted);
}
