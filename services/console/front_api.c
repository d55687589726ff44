/* SPDX-License-Identifier: Apache-2.0
 * Sessions and questions of the front. */
#include "services/console/front_api.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/observe/build.h"
#include "common/observe/diary.h"
#include "services/console/links.h"
#include "services/console/runner.h"
#include "services/console/users_file.h"

void front_add_metrics(struct front *front)
{
    static const char help[] = "Requests that were served, by what they were.", *name = "hutong_console_requests_total";
    struct metrics *metrics = front->options.metrics;
    struct front_figures *figures = &front->figures;
    figures->pages = metrics_add(metrics, METRIC_COUNTER, name, help, "kind=\"page\"");
    figures->sessions = metrics_add(metrics, METRIC_COUNTER, name, help, "kind=\"session\"");
    figures->questions = metrics_add(metrics, METRIC_COUNTER, name, help, "kind=\"question\"");
    figures->actions = metrics_add(metrics, METRIC_COUNTER, name, help, "kind=\"action\"");
    figures->kept = metrics_add(metrics, METRIC_COUNTER, "hutong_console_shared_answers_total",
                                "Questions that another's answer served: no command was run.", NULL);
    figures->slow = metrics_add(metrics, METRIC_COUNTER, "hutong_console_slow_connections_total",
                                "Connections that took too long and were ended.", NULL);
    figures->logged_in =
        metrics_add(metrics, METRIC_GAUGE, "hutong_console_sessions", "Sessions that have not ended.", NULL);
    figures->took =
        metrics_add(metrics, METRIC_HISTOGRAM, "hutong_console_answer_seconds", "From a question to its answer.", NULL);
    for (unsigned i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
        char labels[64];
        (void)snprintf(labels, sizeof labels, "reason=\"%s\"", refusal_rows[i].name);
        figures->refused[i] = metrics_add(metrics, METRIC_COUNTER, "hutong_console_refused_total",
                                          "Requests that were refused, by reason.", labels);
    }
}

instant_ms_t front_now_ms(void)
{
    return loop_monotonic_us() / 1000;
}

/* ---- users ---- */

void front_look_at_users(struct front *front)
{
    const char *path = front->options.config->console_users;
    struct stat now = {0};
    struct buffer why = {0};
    if (path[0] == 0)
        return;
    (void)stat(path, &now);
    const struct stat *was = &front->users_file;
    if (now.st_ino == was->st_ino && now.st_size == was->st_size && now.st_mtim.tv_sec == was->st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == was->st_mtim.tv_nsec)
        return;
    front->users_file = now;
    if (users_read(path, &front->users, &why) == OK)
        diary_event(DIARY_INFO, "users_read", "path=%s users=%u", path, front->users.count);
    else
        diary_event(DIARY_ERROR, "users_refused", "detail=%s", buffer_text(&why));
    buffer_fini(&why);
}

/* ---- answers ---- */

static void write_json(json_t *value, struct buffer *out)
{
    char *text = json_dumps(value, JSON_COMPACT);
    buffer_append_text(out, text == NULL ? "{}" : text);
    free(text);
    json_decref(value);
}

void front_write_refusal(enum console_refusal refusal, struct span detail, struct buffer *out)
{
    const struct refusal_row *row = &refusal_rows[refusal];
    json_t *value = json_pack("{s:s,s:s,s:s}", "code", row->name, "zh", row->zh, "en", row->en);
    if (detail.size > 0)
        (void)json_object_set_new(value, "detail", json_stringn((const char *)detail.data, detail.size));
    write_json(value, out);
}

static void write_session(const struct front *front, const struct session *session, struct buffer *out)
{
    roles_t roles = console_roles_of(&front->rules.core, session->user);
    json_t *names = json_array(), *asks = json_array();
    for (unsigned i = 0; i < ROLE_COUNT; i++)
        if ((roles >> i & 1) != 0)
            (void)json_array_append_new(names, json_string(role_words[i]));
    for (unsigned i = 0; i < question_count; i++)
        if (console_may_ask(&front->rules.core, session->user, &questions[i]) == REFUSAL_NONE)
            (void)json_array_append_new(asks, json_string(questions[i].name));
    write_json(json_pack("{s:s,s:s,s:o,s:s,s:I,s:s,s:I,s:s,s:o}", "user", session->user, "party",
                         console_party_of(&front->rules.core, session->user), "roles", names, "token", session->token,
                         "expiresAtMs", (json_int_t)(loop_wall_ms() + session_ends_at(session) - front_now_ms()),
                         "exchange", front->options.config->log_origin, "nowMs", (json_int_t)loop_wall_ms(), "version",
                         build_version(), "questions", asks),
               out);
}

/* ---- coming in ---- */

static void log_in(struct front *front, struct request *request, const char *dice)
{
    static const struct span nothing = {0};
    char user[USER_NAME_SIZE] = "";
    json_t *body = json_loadb((const char *)request->body.data, request->body.size, JSON_REJECT_DUPLICATES, NULL);
    const char *token = json_string_value(json_object_get(body, "token"));
    struct console_verdict verdict = {.refusal = REFUSAL_WRONG_LINK};
    if (token != NULL && link_take(front->options.config->run_directory, token, loop_wall_ms(), user) == OK)
        verdict = console_log_in(&front->rules.core, front->sessions, user, dice, front_now_ms());
    json_decref(body);
    request->refusal = verdict.refusal;
    request->session = verdict.session;
    if (verdict.refusal != REFUSAL_NONE) {
        front_write_refusal(verdict.refusal, nothing, &request->answer);
        return;
    }
    write_session(front, verdict.session, &request->answer);
    diary_event(DIARY_INFO, "logged_in", "user=%s way=link session=%u", user, verdict.session->number);
}

/* ---- asking ---- */

static unsigned pending_of(const struct front *front, uint32_t session)
{
    unsigned count = 0;
    for (const struct request *each = front->waiting; each != NULL; each = each->next)
        count += each->session_number == session;
    return count;
}

/* The connection sleeps already. */
static bool ask(struct front *front, struct request *request)
{
    struct runner_frame frame = {.id = ++front->last_id,
                                 .number = request->question,
                                 .user_size = (uint32_t)strlen(request->user),
                                 .size = (uint32_t)(strlen(request->user) + request->body.size)};
    (void)snprintf(frame.party, sizeof frame.party, "%s", console_party_of(&front->rules.core, request->user));
    request->id = frame.id;
    request->waits = true;
    request->asked_at_us = loop_monotonic_us();
    request->next = front->waiting;
    front->waiting = request;
    return runner_send(front->options.runner_fd, &frame, span_text(request->user), buffer_span(&request->body));
}

static bool serve_question(struct front *front, struct request *request)
{
    static const struct span nothing = {0};
    const struct question *question = &questions[request->question];
    if (front->closing || pending_of(front, request->session_number) >= PENDING_A_SESSION_MAX) {
        request->refusal = front->closing ? REFUSAL_BUSY : REFUSAL_TOO_MANY;
        front_write_refusal(request->refusal, nothing, &request->answer);
        return true;
    }
    metric_count(question->action ? front->figures.actions : front->figures.questions, 1);
    (void)ask(front, request); /* where the other process is gone, the main thread ends this one */
    return false;
}

bool front_serve_api(struct front *front, struct request *request, const struct console_verdict *verdict,
                     const char *dice)
{
    request->session = verdict->session;
    if (verdict->what == CONSOLE_QUESTION) {
        request->question = verdict->question;
        request->session_number = verdict->session->number;
        memcpy(request->user, verdict->session->user, sizeof request->user);
        return serve_question(front, request);
    }
    metric_count(front->figures.sessions, 1);
    if (verdict->what == CONSOLE_LOGIN) {
        log_in(front, request, dice);
    } else if (verdict->what == CONSOLE_LOGOUT) {
        diary_event(DIARY_INFO, "logged_out", "user=%s session=%u", verdict->session->user, verdict->session->number);
        session_close(verdict->session);
        buffer_append_text(&request->answer, "{}");
    } else {
        if (verdict->opened)
            diary_event(DIARY_INFO, "logged_in", "user=%s way=%s session=%u", verdict->session->user,
                        verdict->session->way == WAY_PROXY ? "proxy" : "certificate", verdict->session->number);
        write_session(front, verdict->session, &request->answer);
    }
    return true;
}
