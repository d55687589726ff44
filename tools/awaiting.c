/* SPDX-License-Identifier: Apache-2.0
 * Waiting for outcomes. */
#include "tools/awaiting.h"

#include <stdlib.h>

#include "common/net/loop.h"
#include "common/pb/outcome.h"

enum { PATIENCE_MS = 60 * 1000, PAGE_WAIT_MS = 1000, PAGE_COUNT = 4096 };

void awaiting_begin(struct awaiting *awaiting, struct ht_client *client, const struct repeats *repeats,
                    awaited_fn *each, void *self)
{
    void (*nothing)(void *, uint64_t, const void *, size_t) = NULL;
    uint64_t confirmed;
    *awaiting = (struct awaiting){.client = client, .repeats = repeats, .each = each, .self = self};
    awaiting->by_mailbox = repeats->end_known && ht_fetch(client, NULL, UINT64_MAX >> 1, 1, 0, nothing, NULL,
                                                          &awaiting->place, &confirmed) == HT_OK;
}

void awaiting_ask_always(struct awaiting *awaiting)
{
    awaiting->by_mailbox = false;
}

bool awaiting_position(struct awaiting *awaiting, uint64_t *position)
{
    const struct repeats *repeats = awaiting->repeats;
    while (awaiting->run + 1 < repeats->count &&
           repeats->runs[awaiting->run].first + awaiting->offset == repeats->runs[awaiting->run].end) {
        awaiting->run++;
        awaiting->offset = 0;
    }
    if (awaiting->run == repeats->count) /* none at all */
        return false;
    *position = repeats->runs[awaiting->run].first + awaiting->offset;
    return *position < repeats->runs[awaiting->run].end;
}

static bool must_ask(const struct awaiting *awaiting, uint64_t position)
{
    return !awaiting->by_mailbox || awaiting->ask_next || repeats_has(awaiting->repeats, position);
}

static void on_outcome(void *self, uint64_t place, const void *bytes, size_t size)
{
    struct awaiting *awaiting = self;
    struct outcome_head head = {0};
    uint64_t position = 0;
    bool wanted = awaiting_position(awaiting, &position);
    awaiting->held = awaiting->held || (wanted && must_ask(awaiting, position));
    if (awaiting->held)
        return;
    bool found = wanted && outcome_head_read(span_of(bytes, size), &head) == OK && head.position == position;
    if (wanted && head.position > position) {
        awaiting->held = awaiting->ask_next = true;
        return;
    }
    awaiting->place = place + 1;
    if (!found)
        return; /* another's, or a notice */
    awaiting->each(awaiting->self, position, span_of(bytes, size));
    awaiting->offset++;
}

/* True: there may be more at once. */
static bool take_page(struct awaiting *awaiting, uint32_t wait_ms)
{
    uint64_t end, confirmed, before = awaiting->place;
    awaiting->held = false;
    enum ht_result result =
        ht_fetch(awaiting->client, NULL, awaiting->place, PAGE_COUNT, wait_ms, on_outcome, awaiting, &end, &confirmed);
    awaiting->ask_next = awaiting->ask_next || (result != HT_OK && result != HT_TIMEOUT);
    return awaiting->place > before && awaiting->place < end && !awaiting->held;
}

void awaiting_take(struct awaiting *awaiting)
{
    uint64_t position;
    bool more = true;
    while (more && awaiting_position(awaiting, &position) && !must_ask(awaiting, position))
        more = take_page(awaiting, 0);
}

static enum ht_result ask(struct awaiting *awaiting, uint64_t position)
{
    unsigned char *bytes;
    size_t size;
    enum ht_result result = ht_outcome(awaiting->client, position, PATIENCE_MS, NULL, &bytes, &size);
    if (result != HT_OK)
        return result;
    awaiting->each(awaiting->self, position, span_of(bytes, size));
    awaiting->offset++;
    awaiting->ask_next = false;
    free(bytes);
    return HT_OK;
}

enum ht_result awaiting_finish(struct awaiting *awaiting)
{
    uint64_t position, before = UINT64_MAX;
    int64_t until = 0;
    while (awaiting_position(awaiting, &position)) {
        if (position != before)
            until = loop_monotonic_us() + PATIENCE_MS * INT64_C(1000);
        before = position;
        if (loop_monotonic_us() >= until)
            return HT_TIMEOUT;
        if (!must_ask(awaiting, position)) {
            (void)take_page(awaiting, PAGE_WAIT_MS);
            continue;
        }
        enum ht_result result = ask(awaiting, position);
        if (result != HT_OK)
            return result;
    }
    return HT_OK;
}
