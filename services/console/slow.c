/* SPDX-License-Identifier: Apache-2.0
 * Slow connections. */
#include "services/console/slow.h"

#include <stddef.h>
#include <sys/socket.h>

struct slow_connection *slow_add(struct slow *slow, int fd, int64_t now_ms)
{
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        if (slow->rows[i].fd == 0) {
            slow->rows[i] = (struct slow_connection){fd, now_ms + REQUEST_MS_MAX};
            return &slow->rows[i];
        }
    return NULL;
}

void slow_remove(struct slow_connection *connection)
{
    if (connection != NULL)
        *connection = (struct slow_connection){0};
}

unsigned slow_end(struct slow *slow, int64_t now_ms)
{
    unsigned ended = 0;
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
        struct slow_connection *connection = &slow->rows[i];
        if (connection->fd == 0 || connection->ends_at_ms == 0 || now_ms < connection->ends_at_ms)
            continue;
        (void)shutdown(connection->fd, SHUT_RDWR); /* the server closes it; the number is its own until then */
        connection->ends_at_ms = 0;
        ended++;
    }
    return ended;
}
