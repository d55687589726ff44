/* SPDX-License-Identifier: Apache-2.0
 * Whether a request is served, and as what. Pure: the head of the request, the rules, the time and the dice in, a
 * verdict out.
 *
 *   Host is one of ours, else 421          a name that somebody else's DNS points here (rebinding)
 *   a page: GET                            pages hold nothing that is secret, and need no session
 *   /api/...: Sec-Fetch-Site same-origin   where the browser says it
 *     POST: Origin is Host's own, JSON     a form or a page of another site can send neither
 *     who: certificate, proxy, or nobody
 *     session by its cookie, of that who   /api/login makes one of a link, GET /api/session one of certificate or proxy
 *     POST: X-Hutong-Token is its token    a cookie alone, which a browser sends by itself, is not enough
 *     roles                                of the file of users as it is now
 */
#ifndef HUTONG_SERVICES_CONSOLE_CONSOLE_CORE_H
#define HUTONG_SERVICES_CONSOLE_CONSOLE_CORE_H
#include "services/console/sessions.h"

enum console_refusal {
    REFUSAL_NONE,
#define REFUSAL(name, status, zh, en) REFUSAL_##name,
#include "services/console/refusal.def"
#undef REFUSAL
    REFUSAL_COUNT
};
struct refusal_row {
    const char *name;
    unsigned status;
    const char *zh, *en;
};
extern const struct refusal_row refusal_rows[REFUSAL_COUNT];

enum { ORIGINS_COUNT_MAX = 4, ORIGIN_SIZE = 264, PROXY_SECRET_SIZE_MAX = 128 };

struct console_rules {
    char origins[ORIGINS_COUNT_MAX][ORIGIN_SIZE]; /* "https://console.example:7703"; the first is where links point */
    unsigned origin_count;
    char cookie_name[48];
    char proxy_address[64]; /* "": no proxy */
    char proxy_secret[PROXY_SECRET_SIZE_MAX + 1];
    const struct console_users *users; /* NULL: no file; whoever could make a link may everything */
};

/* Texts that are not there are "". */
struct console_head {
    const char *method, *path, *host, *origin, *fetch_site, *content_type, *cookie, *token, *active;
    const char *address;     /* where it comes from */
    const char *certificate; /* the verified subject */
    const char *proxy_user, *proxy_secret;
};

enum console_what { CONSOLE_PAGE, CONSOLE_SESSION, CONSOLE_LOGIN, CONSOLE_LOGOUT, CONSOLE_QUESTION };

struct console_verdict {
    enum console_refusal refusal; /* NONE: it is served */
    enum console_what what;
    unsigned question;
    struct session *session;
    bool opened; /* the session is new: its cookie is to be given */
};

/* "127.0.0.1:7703", "console.example": a place of tcp://..., or console_url. False: it is none. */
bool console_rules_add_origin(struct console_rules *rules, const char *url);
struct console_verdict console_judge(const struct console_rules *rules, struct sessions *sessions,
                                     const struct console_head *head, const char *dice, instant_ms_t now);
/* What a user may; 0: nobody. */
roles_t console_roles_of(const struct console_rules *rules, const char *user);
/* By whose key this user's acts are sent; "": nobody's. */
const char *console_party_of(const struct console_rules *rules, const char *user);
/* Its roles allow the question, and it has a party where the question is a party's. */
enum console_refusal console_may_ask(const struct console_rules *rules, const char *user,
                                     const struct question *question);
/* A link's user comes in. */
struct console_verdict console_log_in(const struct console_rules *rules, struct sessions *sessions, const char *user,
                                      const char *dice, instant_ms_t now);
#endif
