/* SPDX-License-Identifier: Apache-2.0
 * A refused peer in the log. Its words are its own: address and key are of fixed alphabets. */
#include "common/net/strangers.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "common/net/loop.h"
#include "common/observe/diary.h"

static void begin_anew(struct strangers *strangers, int64_t now)
{
    if (strangers->untold > 0)
        diary_event(DIARY_WARN, "more_connections_refused", "count=%llu", (unsigned long long)strangers->untold);
    *strangers = (struct strangers){.since_us = now};
}

void strangers_refused(struct strangers *strangers, const char *reason, const char *address, const char *key)
{
    char fields[256];
    int64_t now = loop_monotonic_us();
    if (strangers->since_us == 0 || now - strangers->since_us >= (int64_t)STRANGERS_PERIOD_MS * 1000)
        begin_anew(strangers, now);
    int size = snprintf(fields, sizeof fields, "reason=%s address=%s key=%s", reason, address, key);
    uint64_t hash = XXH64(fields, size < (int)sizeof fields ? (size_t)size : sizeof fields - 1, 0);
    for (unsigned i = 0; i < strangers->count; i++)
        if (strangers->told[i] == hash) {
            strangers->untold++;
            return;
        }
    if (strangers->count == STRANGERS_TOLD_MAX) {
        strangers->untold++;
        return;
    }
    strangers->told[strangers->count++] = hash;
    diary_event(DIARY_WARN, "connection_refused", "%s", fields);
}
