/* SPDX-License-Identifier: Apache-2.0
 * The console's doorkeeper: sessions, origins, ways in, roles. */
#include "services/console/console_core.h"
#include "tests/support/test.h"

enum { NOW = 1000000 };

static struct console_users users;
static struct console_rules rules;
static struct sessions sessions;
static unsigned rolled;

static const char *dice(void)
{
    static char digits[2 * SESSION_SECRET_SIZE + 1];
    (void)snprintf(digits, sizeof digits, "%0128u", ++rolled);
    digits[0] = 'c'; /* cookie and token begin differently */
    (void)snprintf(digits + SESSION_SECRET_SIZE, SESSION_SECRET_SIZE + 1, "%064u", rolled);
    digits[SESSION_SECRET_SIZE] = 't';
    digits[SESSION_SECRET_SIZE - 1] = (char)('0' + rolled % 10);
    return digits;
}

static void add_user(const char *name, const char *certificate, roles_t roles)
{
    struct console_user *user = &users.rows[users.count++];
    (void)snprintf(user->name, sizeof user->name, "%s", name);
    (void)snprintf(user->certificate, sizeof user->certificate, "%s", certificate);
    user->roles = ROLE_VIEWER | roles;
}

static int set_up(void **state)
{
    (void)state;
    users = (struct console_users){0};
    rules = (struct console_rules){.users = &users};
    memset(&sessions, 0, sizeof sessions);
    add_user("viewer", "CN=Viewer", 0);
    add_user("operator", "CN=Operator", UINT32_C(1) << ROLE_NUMBER_OPERATOR);
    assert_true(console_rules_add_origin(&rules, "https://console.example:7703"));
    (void)snprintf(rules.cookie_name, sizeof rules.cookie_name, "__Host-hutong-7703");
    return 0;
}

AROUND_EACH(set_up, NULL)

static struct console_head head_of(const char *method, const char *path)
{
    return (struct console_head){.method = method,
                                 .path = path,
                                 .host = "console.example:7703",
                                 .origin = strcmp(method, "POST") == 0 ? "https://console.example:7703" : "",
                                 .fetch_site = "same-origin",
                                 .content_type = "application/json",
                                 .cookie = "",
                                 .token = "",
                                 .active = "",
                                 .address = "10.0.0.9",
                                 .certificate = "",
                                 .proxy_user = "",
                                 .proxy_secret = ""};
}

static struct console_verdict judge_at(const struct console_head *head, instant_ms_t now)
{
    return console_judge(&rules, &sessions, head, dice(), now);
}

static enum console_refusal refusal_of(struct console_head head)
{
    return judge_at(&head, NOW).refusal;
}

static char cookie[200];

/* A question of somebody who is logged in. */
static struct console_head asking(const char *user, const char *path)
{
    struct console_verdict in = console_log_in(&rules, &sessions, user, dice(), NOW);
    struct console_head head = head_of("POST", path);
    assert_int_equal(in.refusal, REFUSAL_NONE);
    (void)snprintf(cookie, sizeof cookie, "other=1; __Host-hutong-7703=%s; more=2", in.session->cookie);
    head.cookie = cookie;
    head.token = in.session->token;
    return head;
}

TEST(a_question_of_somebody_who_is_logged_in_is_served)
{
    struct console_head head = asking("viewer", "/api/status");
    struct console_verdict verdict = judge_at(&head, NOW);
    assert_int_equal(verdict.refusal, REFUSAL_NONE);
    assert_int_equal(verdict.what, CONSOLE_QUESTION);
    assert_string_equal(questions[verdict.question].name, "status");
    assert_string_equal(verdict.session->user, "viewer");
}

TEST(each_thing_that_is_wrong_has_its_refusal)
{
    struct console_head good = asking("viewer", "/api/status"), head;
#define REFUSED(refusal, member, value)                                                                                \
    head = good;                                                                                                       \
    head.member = value;                                                                                               \
    assert_int_equal(refusal_of(head), REFUSAL_##refusal)
    REFUSED(WRONG_HOST, host, "evil.example:7703");
    REFUSED(WRONG_HOST, host, "console.example");
    REFUSED(WRONG_HOST, host, "");
    REFUSED(FOREIGN_ORIGIN, origin, "");
    REFUSED(FOREIGN_ORIGIN, origin, "null");
    REFUSED(FOREIGN_ORIGIN, origin, "http://console.example:7703");
    REFUSED(FOREIGN_ORIGIN, origin, "https://console.example:7703.evil.example");
    REFUSED(FOREIGN_ORIGIN, fetch_site, "same-site");
    REFUSED(FOREIGN_ORIGIN, fetch_site, "cross-site");
    REFUSED(FOREIGN_ORIGIN, fetch_site, "none");
    REFUSED(NOT_JSON, content_type, "");
    REFUSED(NOT_JSON, content_type, "text/plain");
    REFUSED(NOT_JSON, content_type, "application/jsonp");
    REFUSED(NOT_LOGGED_IN, cookie, "");
    REFUSED(NOT_LOGGED_IN, cookie, "__Host-hutong-7703=0000");
    REFUSED(WRONG_TOKEN, token, "");
    REFUSED(WRONG_TOKEN, token, "0000000000000000000000000000000000000000000000000000000000000000");
    REFUSED(METHOD, method, "GET");
    REFUSED(METHOD, method, "DELETE");
    REFUSED(NO_SUCH_QUESTION, path, "/api/");
    REFUSED(NO_SUCH_QUESTION, path, "/api/status/");
    REFUSED(NO_SUCH_QUESTION, path, "/api/../status");
    REFUSED(ROLE, path, "/api/dead-requeue");
    REFUSED(NONE, host, "CONSOLE.example:7703");
    REFUSED(NONE, fetch_site, "");
    REFUSED(NONE, content_type, "application/json; charset=utf-8");
#undef REFUSED
}

TEST(pages_need_no_session_but_the_right_host)
{
    struct console_head head = head_of("GET", "/app.js");
    head.fetch_site = "cross-site"; /* a link in a mail */
    assert_int_equal(judge_at(&head, NOW).what, CONSOLE_PAGE);
    assert_int_equal(refusal_of(head), REFUSAL_NONE);
    head.method = "POST";
    assert_int_equal(refusal_of(head), REFUSAL_METHOD);
    head.host = "127.0.0.1:7703";
    assert_int_equal(refusal_of(head), REFUSAL_WRONG_HOST);
}

TEST(an_action_is_for_its_role)
{
    assert_int_equal(refusal_of(asking("viewer", "/api/dead-requeue")), REFUSAL_ROLE);
    assert_int_equal(refusal_of(asking("operator", "/api/dead-requeue")), REFUSAL_NONE);
    assert_int_equal(refusal_of(asking("operator", "/api/ledger-entries")), REFUSAL_ROLE);
}

/* What only a region may say goes by the key of the user's party, which no argument can name. */
TEST(an_act_of_a_region_is_for_its_own_officer)
{
    add_user("officer", "", UINT32_C(1) << ROLE_NUMBER_CLEARING);
    assert_int_equal(refusal_of(asking("operator", "/api/clearing-confirm")), REFUSAL_ROLE);
    assert_int_equal(refusal_of(asking("officer", "/api/clearing-confirm")), REFUSAL_NO_PARTY);
    assert_int_equal(refusal_of(asking("officer", "/api/clearing-rows")), REFUSAL_NONE);
    (void)snprintf(users.rows[users.count - 1].party, sizeof users.rows[0].party, "110000");
    assert_int_equal(refusal_of(asking("officer", "/api/clearing-confirm")), REFUSAL_NONE);
    assert_string_equal(console_party_of(&rules, "officer"), "110000");
    assert_string_equal(console_party_of(&rules, "viewer"), "");
}

TEST(a_session_ends_when_nobody_does_anything_and_a_page_that_asks_does_nothing)
{
    struct console_head head = asking("viewer", "/api/status");
    for (instant_ms_t at = NOW; at < NOW + SESSION_IDLE_MS; at += 60000)
        assert_int_equal(judge_at(&head, at).refusal, REFUSAL_NONE);
    assert_int_equal(judge_at(&head, NOW + SESSION_IDLE_MS).refusal, REFUSAL_NOT_LOGGED_IN);
}

TEST(who_does_something_stays_but_no_longer_than_a_day)
{
    struct console_head head = asking("viewer", "/api/status");
    instant_ms_t at = NOW;
    head.active = "1";
    for (; at < NOW + SESSION_LIFE_MS; at += SESSION_IDLE_MS - 1)
        assert_int_equal(judge_at(&head, at).refusal, REFUSAL_NONE);
    assert_int_equal(judge_at(&head, NOW + SESSION_LIFE_MS).refusal, REFUSAL_NOT_LOGGED_IN);
}

TEST(who_is_taken_out_of_the_file_is_out_and_a_lost_role_is_lost)
{
    struct console_head head = asking("operator", "/api/dead-requeue");
    assert_int_equal(refusal_of(head), REFUSAL_NONE);
    users.rows[1].roles = ROLE_VIEWER;
    assert_int_equal(refusal_of(head), REFUSAL_ROLE);
    users.count = 1;
    assert_int_equal(refusal_of(head), REFUSAL_NOT_LOGGED_IN);
    assert_int_equal(console_log_in(&rules, &sessions, "operator", dice(), NOW).refusal, REFUSAL_UNKNOWN_USER);
}

TEST(without_a_file_a_link_gives_all_roles)
{
    rules.users = NULL;
    assert_int_equal(refusal_of(asking("root", "/api/dead-requeue")), REFUSAL_NONE);
    assert_int_equal(refusal_of(asking("root", "/api/ledger-entries")), REFUSAL_NONE);
}

TEST(a_ninth_login_ends_the_idlest_session_of_the_same_user)
{
    struct console_head first = asking("viewer", "/api/status");
    char first_cookie[sizeof cookie];
    memcpy(first_cookie, cookie, sizeof cookie);
    first.cookie = first_cookie;
    char token[SESSION_SECRET_SIZE + 1];
    memcpy(token, first.token, sizeof token);
    first.token = token;
    for (int i = 1; i < SESSIONS_A_USER_MAX; i++)
        (void)console_log_in(&rules, &sessions, "viewer", dice(), NOW + 1);
    assert_int_equal(refusal_of(first), REFUSAL_NONE);
    (void)console_log_in(&rules, &sessions, "viewer", dice(), NOW + 2);
    assert_int_equal(refusal_of(first), REFUSAL_NOT_LOGGED_IN);
    assert_int_equal(sessions_sweep(&sessions, NOW + 2), SESSIONS_A_USER_MAX);
}

TEST(there_are_only_so_many_sessions)
{
    char name[8];
    rules.users = NULL;
    for (unsigned i = 0; i < SESSIONS_COUNT_MAX; i++) {
        (void)snprintf(name, sizeof name, "u%u", i);
        assert_int_equal(console_log_in(&rules, &sessions, name, dice(), NOW).refusal, REFUSAL_NONE);
    }
    assert_int_equal(console_log_in(&rules, &sessions, "late", dice(), NOW).refusal, REFUSAL_SESSIONS_FULL);
    assert_int_equal(console_log_in(&rules, &sessions, "late", dice(), NOW + SESSION_IDLE_MS).refusal, REFUSAL_NONE);
}

/* ---- certificates ---- */

TEST(a_certificate_opens_a_session_of_its_user_and_no_other_may_use_it)
{
    struct console_head head = head_of("GET", "/api/session");
    head.certificate = "CN=Operator";
    struct console_verdict verdict = judge_at(&head, NOW);
    assert_true(verdict.refusal == REFUSAL_NONE && verdict.opened);
    assert_string_equal(verdict.session->user, "operator");
    (void)snprintf(cookie, sizeof cookie, "__Host-hutong-7703=%s", verdict.session->cookie);
    head.cookie = cookie;
    verdict = judge_at(&head, NOW);
    assert_true(verdict.refusal == REFUSAL_NONE && !verdict.opened);
    struct console_head other = head_of("POST", "/api/status");
    other.cookie = cookie;
    other.token = verdict.session->token;
    assert_int_equal(refusal_of(other), REFUSAL_NOT_LOGGED_IN); /* the cookie, without the certificate */
    other.certificate = "CN=Viewer";
    assert_int_equal(refusal_of(other), REFUSAL_NOT_LOGGED_IN);
    other.certificate = "CN=Operator";
    assert_int_equal(refusal_of(other), REFUSAL_NONE);
    other.certificate = "CN=Nobody";
    assert_int_equal(refusal_of(other), REFUSAL_UNKNOWN_USER);
}

/* ---- a proxy ---- */

TEST(a_proxys_headers_count_from_its_address_with_its_secret)
{
    struct console_head head = head_of("GET", "/api/session");
    head.proxy_user = "viewer";
    head.proxy_secret = "0123456789abcdef0123456789abcdef";
    assert_int_equal(refusal_of(head), REFUSAL_NOT_LOGGED_IN); /* none is configured: they say nothing */
    (void)snprintf(rules.proxy_address, sizeof rules.proxy_address, "10.0.0.9");
    (void)snprintf(rules.proxy_secret, sizeof rules.proxy_secret, "0123456789abcdef0123456789abcdef");
    struct console_verdict verdict = judge_at(&head, NOW);
    assert_true(verdict.refusal == REFUSAL_NONE && verdict.opened);
    assert_string_equal(verdict.session->user, "viewer");
    head.address = "10.0.0.10";
    assert_int_equal(refusal_of(head), REFUSAL_WRONG_PROXY);
    head.address = "10.0.0.9";
    head.proxy_secret = "0123456789abcdef0123456789abcdeX";
    assert_int_equal(refusal_of(head), REFUSAL_WRONG_PROXY);
    head.proxy_secret = "";
    assert_int_equal(refusal_of(head), REFUSAL_WRONG_PROXY);
    head.proxy_secret = rules.proxy_secret;
    head.proxy_user = "nobody";
    assert_int_equal(refusal_of(head), REFUSAL_UNKNOWN_USER);
    head.proxy_user = "";
    assert_int_equal(refusal_of(head), REFUSAL_UNKNOWN_USER);
}

TEST(origins_are_scheme_and_authority_alone)
{
    struct console_rules other = {0};
    assert_false(console_rules_add_origin(&other, "console.example"));
    assert_false(console_rules_add_origin(&other, "ftp://console.example"));
    assert_false(console_rules_add_origin(&other, "https://console.example/"));
    assert_false(console_rules_add_origin(&other, "https://"));
    assert_false(console_rules_add_origin(&other, "https://a b"));
    assert_true(console_rules_add_origin(&other, "http://[::1]:7703"));
}
