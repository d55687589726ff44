/* SPDX-License-Identifier: Apache-2.0
 * A refused peer in the log. Its words are its own: address and key are of fixed alphabets. */
#include "common/net/strangers.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <xxhash.h>

#include "common/net/loop.h"
#include "common/observe/diary.h"

static void begin_anew(struct strangers *strangers, int64_t now)
{
    if (strangers->untold > 0)
        diary_event(DIARY_WARN, "more_connections_refused", "count=%llu", (unsigned long long)strangers->untold);
    strangers->since_us = now;
    strangers->count = 0;
    strangers->untold = 0;
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

void strangers_accepted(struct strangers *strangers, int socket)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    unsigned place = (unsigned)socket % STRANGERS_SOCKETS_COUNT;
    strangers->accepted[place].socket = 0;
    if (getpeername(socket, (struct sockaddr *)&peer, &size) == 0 &&
        getnameinfo((struct sockaddr *)&peer, size, strangers->accepted[place].address, ADDRESS_SIZE, NULL, 0,
                    NI_NUMERICHOST) == 0)
        strangers->accepted[place].socket = socket;
}

void strangers_failed(struct strangers *strangers, const void *monitor)
{
    strangers->failed_at = monitor;
}

void strangers_closed(struct strangers *strangers, const void *monitor, int socket)
{
    unsigned place = (unsigned)socket % STRANGERS_SOCKETS_COUNT;
    bool known = strangers->accepted[place].socket == socket;
    if (strangers->failed_at == monitor) {
        strangers_refused(strangers, "handshake", known ? strangers->accepted[place].address : "unknown", "");
        strangers->failed_at = NULL;
    }
    if (known)
        strangers->accepted[place].socket = 0;
}
