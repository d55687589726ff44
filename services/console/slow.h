/* SPDX-License-Identifier: Apache-2.0
 * How long a connection may take: libmicrohttpd ends one that is silent, not one that says a byte now and then. Each
 * has so long for a whole request, from its beginning or from the last answer on, and so long to take an answer. */
#ifndef HUTONG_SERVICES_CONSOLE_SLOW_H
#define HUTONG_SERVICES_CONSOLE_SLOW_H
#include <stdbool.h>
#include <stdint.h>

enum { CONNECTIONS_MAX = 256, REQUEST_MS_MAX = 20 * 1000, ANSWER_MS_MAX = 60 * 1000 };

struct slow_connection {
    int fd;             /* of one that is there: beyond 0 */
    int64_t ends_at_ms; /* monotonic; 0: it waits for us */
};
struct slow {
    struct slow_connection rows[CONNECTIONS_MAX];
};

/* NULL: no more fit. */
struct slow_connection *slow_add(struct slow *slow, int fd, int64_t now_ms);
void slow_remove(struct slow_connection *connection);
/* Shuts those down whose time is over; how many there were. */
unsigned slow_end(struct slow *slow, int64_t now_ms);
#endif
