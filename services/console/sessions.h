/* SPDX-License-Identifier: Apache-2.0
 * Who is logged in. Pure: the time (of a clock that nobody sets) and the dice are given. A session ends so long after
 * its user last did something (a page that only asks again does nothing), in any case after a day's work, and with the
 * daemon. */
#ifndef HUTONG_SERVICES_CONSOLE_SESSIONS_H
#define HUTONG_SERVICES_CONSOLE_SESSIONS_H
#include <stddef.h>

#include "common/base/instant.h"
#include "services/console/users.h"

enum {
    SESSIONS_COUNT_MAX = 64,
    SESSIONS_A_USER_MAX = 8, /* another login ends the one that did nothing for longest */
    SESSION_IDLE_MS = 15 * 60 * 1000,
    SESSION_LIFE_MS = 12 * 60 * 60 * 1000,
    SESSION_SECRET_SIZE = 64 /* hexadecimal */
};

/* How its user came in; each request of a session must come the same way. */
enum session_way { WAY_LINK, WAY_CERTIFICATE, WAY_PROXY };

struct session {
    char user[USER_NAME_SIZE]; /* "": free */
    enum session_way way;
    uint32_t number; /* which session this is, among all that were */
    instant_ms_t opened_at, active_at;
    char cookie[SESSION_SECRET_SIZE + 1], token[SESSION_SECRET_SIZE + 1];
};

struct sessions {
    struct session rows[SESSIONS_COUNT_MAX];
    uint32_t opened;
};

instant_ms_t session_ends_at(const struct session *session);
/* Forgets those that have ended; how many there are. */
unsigned sessions_sweep(struct sessions *sessions, instant_ms_t now);
/* NULL: none that goes on. Compares all of them in the same time. */
struct session *sessions_find(struct sessions *sessions, const char *cookie, instant_ms_t now);
/* `dice`: 2 * SESSION_SECRET_SIZE hexadecimal digits of chance. NULL: too many. */
struct session *sessions_open(struct sessions *sessions, const char *user, enum session_way way, const char *dice,
                              instant_ms_t now);
void session_close(struct session *session);
/* Equal texts of that size, in a time that does not tell where they differ. */
bool secret_equal(const char *given, const char *kept, size_t size);
#endif
