/* SPDX-License-Identifier: Apache-2.0
 * Sessions. */
#include "services/console/sessions.h"

#include <string.h>

bool secret_equal(const char *given, const char *kept, size_t size)
{
    unsigned differs = 0;
    if (strlen(given) != size)
        return false;
    for (size_t i = 0; i < size; i++)
        differs |= (unsigned)(given[i] ^ kept[i]);
    return differs == 0;
}

instant_ms_t session_ends_at(const struct session *session)
{
    instant_ms_t idle = session->active_at + SESSION_IDLE_MS, life = session->opened_at + SESSION_LIFE_MS;
    return idle < life ? idle : life;
}

unsigned sessions_sweep(struct sessions *sessions, instant_ms_t now)
{
    unsigned count = 0;
    for (unsigned i = 0; i < SESSIONS_COUNT_MAX; i++) {
        struct session *session = &sessions->rows[i];
        if (session->user[0] != 0 && now >= session_ends_at(session))
            session_close(session);
        count += session->user[0] != 0;
    }
    return count;
}

struct session *sessions_find(struct sessions *sessions, const char *cookie, instant_ms_t now)
{
    struct session *found = NULL;
    for (unsigned i = 0; i < SESSIONS_COUNT_MAX; i++) {
        struct session *session = &sessions->rows[i];
        bool same = secret_equal(cookie, session->cookie, SESSION_SECRET_SIZE);
        if (same && session->user[0] != 0 && now < session_ends_at(session))
            found = session;
    }
    return found;
}

struct session *sessions_open(struct sessions *sessions, const char *user, enum session_way way, const char *dice,
                              instant_ms_t now)
{
    struct session *unused = NULL, *idlest = NULL;
    unsigned of_user = 0;
    (void)sessions_sweep(sessions, now);
    for (unsigned i = 0; i < SESSIONS_COUNT_MAX; i++) {
        struct session *session = &sessions->rows[i];
        if (session->user[0] == 0) {
            unused = session;
        } else if (strcmp(session->user, user) == 0) {
            of_user++;
            if (idlest == NULL || session->active_at < idlest->active_at)
                idlest = session;
        }
    }
    struct session *session = of_user >= SESSIONS_A_USER_MAX ? idlest : unused;
    if (session == NULL)
        return NULL;
    *session = (struct session){.way = way, .number = ++sessions->opened, .opened_at = now, .active_at = now};
    memcpy(session->user, user, strlen(user) + 1);
    memcpy(session->cookie, dice, SESSION_SECRET_SIZE);
    memcpy(session->token, dice + SESSION_SECRET_SIZE, SESSION_SECRET_SIZE);
    return session;
}

void session_close(struct session *session)
{
    memset(session, 0, sizeof *session);
}
