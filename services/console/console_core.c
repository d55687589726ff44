/* SPDX-License-Identifier: Apache-2.0
 * The console's doorkeeper. */
#include "services/console/console_core.h"

#include <string.h>

#include "common/base/check.h"

const struct refusal_row refusal_rows[REFUSAL_COUNT] = {
    {"NONE", 200, "", ""},
#define REFUSAL(name, status, zh, en) {#name, status, zh, en},
#include "services/console/refusal.def"
#undef REFUSAL
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal_folded(const char *a, const char *b)
{
    for (; lower(*a) == lower(*b); a++, b++)
        if (*a == 0)
            return true;
    return false;
}

static const char *authority_of(const char *origin)
{
    return strstr(origin, "://") + 3;
}

bool console_rules_add_origin(struct console_rules *rules, const char *url)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    size_t size = strlen(url);
    if (scheme == 0 || size <= scheme || size >= ORIGIN_SIZE || strspn(url + scheme, allowed) != size - scheme)
        return false;
    INVARIANT(rules->origin_count < ORIGINS_COUNT_MAX);
    memcpy(rules->origins[rules->origin_count++], url, size + 1);
    return true;
}

/* The origin whose host was asked for; NULL: none of ours. */
static const char *origin_of(const struct console_rules *rules, const char *host)
{
    for (unsigned i = 0; i < rules->origin_count; i++)
        if (equal_folded(authority_of(rules->origins[i]), host))
            return rules->origins[i];
    return NULL;
}

static bool is_json(const char *type)
{
    static const char json[] = "application/json";
    size_t size = sizeof json - 1;
    return strncmp(type, json, size) == 0 && (type[size] == 0 || type[size] == ';' || type[size] == ' ');
}

/* Of a POST: 0 where a page of ours sent it. */
static enum console_refusal judge_origin(const struct console_head *head, const char *origin)
{
    if (!equal_folded(head->origin, origin))
        return REFUSAL_FOREIGN_ORIGIN;
    return is_json(head->content_type) ? REFUSAL_NONE : REFUSAL_NOT_JSON;
}

static bool is_same_site(const struct console_head *head, bool posts)
{
    return head->fetch_site[0] == 0 || strcmp(head->fetch_site, "same-origin") == 0 ||
           (!posts && strcmp(head->fetch_site, "none") == 0);
}

roles_t console_roles_of(const struct console_rules *rules, const char *user)
{
    if (rules->users == NULL)
        return ROLES_ALL;
    const struct console_user *row = users_named(rules->users, user);
    return row == NULL ? 0 : row->roles;
}

const char *console_party_of(const struct console_rules *rules, const char *user)
{
    const struct console_user *row = rules->users == NULL ? NULL : users_named(rules->users, user);
    return row == NULL ? "" : row->party;
}

enum console_refusal console_may_ask(const struct console_rules *rules, const char *user,
                                     const struct question *question)
{
    if ((question->roles & console_roles_of(rules, user)) == 0)
        return REFUSAL_ROLE;
    return question_is_own(question) && console_party_of(rules, user)[0] == 0 ? REFUSAL_NO_PARTY : REFUSAL_NONE;
}

/* Who sends it, where the connection says so: certificate or proxy. "": it does not say. */
static enum console_refusal judge_sender(const struct console_rules *rules, const struct console_head *head,
                                         const char **user, enum session_way *way)
{
    *user = "";
    *way = WAY_LINK;
    if (head->certificate[0] != 0) {
        const struct console_user *row = rules->users == NULL ? NULL : users_certified(rules->users, head->certificate);
        *way = WAY_CERTIFICATE;
        *user = row == NULL ? "" : row->name;
        return row == NULL ? REFUSAL_UNKNOWN_USER : REFUSAL_NONE;
    }
    if (rules->proxy_address[0] == 0 || (head->proxy_user[0] == 0 && head->proxy_secret[0] == 0))
        return REFUSAL_NONE;
    if (strcmp(head->address, rules->proxy_address) != 0 ||
        !secret_equal(head->proxy_secret, rules->proxy_secret, strlen(rules->proxy_secret)))
        return REFUSAL_WRONG_PROXY;
    *way = WAY_PROXY;
    *user = head->proxy_user;
    bool known = user_name_is_sound(*user) && rules->users != NULL && users_named(rules->users, *user) != NULL;
    return known ? REFUSAL_NONE : REFUSAL_UNKNOWN_USER;
}

/* The cookie of that name among those that came. */
static void take_cookie(const struct console_rules *rules, const char *cookies, char value[SESSION_SECRET_SIZE + 1])
{
    size_t name = strlen(rules->cookie_name);
    value[0] = 0;
    for (const char *at = cookies; *at != 0; at += strcspn(at, ";"), at += strspn(at, "; ")) {
        size_t size = strcspn(at, ";");
        if (size == name + 1 + SESSION_SECRET_SIZE && strncmp(at, rules->cookie_name, name) == 0 && at[name] == '=') {
            memcpy(value, at + name + 1, SESSION_SECRET_SIZE);
            value[SESSION_SECRET_SIZE] = 0;
        }
    }
}

static struct console_verdict refused(enum console_refusal refusal)
{
    return (struct console_verdict){.refusal = refusal};
}

static struct console_verdict open_session(const struct console_rules *rules, struct sessions *sessions,
                                           const char *user, enum session_way way, const char *dice, instant_ms_t now)
{
    if (console_roles_of(rules, user) == 0)
        return refused(REFUSAL_UNKNOWN_USER);
    struct session *session = sessions_open(sessions, user, way, dice, now);
    return (struct console_verdict){.refusal = session == NULL ? REFUSAL_SESSIONS_FULL : REFUSAL_NONE,
                                    .what = CONSOLE_SESSION,
                                    .session = session,
                                    .opened = true};
}

struct console_verdict console_log_in(const struct console_rules *rules, struct sessions *sessions, const char *user,
                                      const char *dice, instant_ms_t now)
{
    return open_session(rules, sessions, user, WAY_LINK, dice, now);
}

/* Of a session that stands: what is asked. */
static struct console_verdict judge_question(const struct console_rules *rules, struct session *session,
                                             const struct console_head *head, const char *name, instant_ms_t now)
{
    struct console_verdict verdict = {.what = CONSOLE_QUESTION, .session = session};
    if (!secret_equal(head->token, session->token, SESSION_SECRET_SIZE))
        return refused(REFUSAL_WRONG_TOKEN);
    if (head->active[0] != 0)
        session->active_at = now;
    if (strcmp(name, "logout") == 0) {
        verdict.what = CONSOLE_LOGOUT;
        return verdict;
    }
    verdict.question = question_named(name);
    if (verdict.question == question_count)
        return refused(REFUSAL_NO_SUCH_QUESTION);
    enum console_refusal refusal = console_may_ask(rules, session->user, &questions[verdict.question]);
    if (refusal != REFUSAL_NONE)
        return refused(refusal);
    if (questions[verdict.question].action)
        session->active_at = now;
    return verdict;
}

/* The session's user is still who the connection says, and still there. */
static struct session *session_of(const struct console_rules *rules, struct sessions *sessions,
                                  const struct console_head *head, const char *user, enum session_way way,
                                  instant_ms_t now)
{
    char cookie[SESSION_SECRET_SIZE + 1];
    take_cookie(rules, head->cookie, cookie);
    struct session *session = sessions_find(sessions, cookie, now);
    if (session == NULL || session->way != way || (way != WAY_LINK && strcmp(session->user, user) != 0))
        return NULL;
    return console_roles_of(rules, session->user) != 0 ? session : NULL;
}

static struct console_verdict judge_api(const struct console_rules *rules, struct sessions *sessions,
                                        const struct console_head *head, const char *origin, const char *dice,
                                        instant_ms_t now)
{
    const char *name = head->path + strlen("/api/"), *user;
    enum session_way way;
    bool posts = strcmp(head->method, "POST") == 0, asks_session = strcmp(name, "session") == 0;
    if (!posts && (strcmp(head->method, "GET") != 0 || !asks_session))
        return refused(REFUSAL_METHOD);
    if (!is_same_site(head, posts))
        return refused(REFUSAL_FOREIGN_ORIGIN);
    enum console_refusal refusal = posts ? judge_origin(head, origin) : REFUSAL_NONE;
    if (refusal == REFUSAL_NONE)
        refusal = judge_sender(rules, head, &user, &way);
    if (refusal != REFUSAL_NONE)
        return refused(refusal);
    if (posts && strcmp(name, "login") == 0)
        return (struct console_verdict){.what = CONSOLE_LOGIN};
    struct session *session = session_of(rules, sessions, head, user, way, now);
    if (session != NULL && !posts)
        return (struct console_verdict){.what = CONSOLE_SESSION, .session = session};
    if (session != NULL)
        return judge_question(rules, session, head, name, now);
    return posts || way == WAY_LINK ? refused(REFUSAL_NOT_LOGGED_IN)
                                    : open_session(rules, sessions, user, way, dice, now);
}

struct console_verdict console_judge(const struct console_rules *rules, struct sessions *sessions,
                                     const struct console_head *head, const char *dice, instant_ms_t now)
{
    const char *origin = origin_of(rules, head->host);
    if (origin == NULL)
        return refused(REFUSAL_WRONG_HOST);
    if (strncmp(head->path, "/api/", 5) == 0)
        return judge_api(rules, sessions, head, origin, dice, now);
    bool reads = strcmp(head->method, "GET") == 0 || strcmp(head->method, "HEAD") == 0;
    return reads ? (struct console_verdict){.what = CONSOLE_PAGE} : refused(REFUSAL_METHOD);
}
