/* SPDX-License-Identifier: Apache-2.0
 * The console's HTTP. */
#include "services/console/front.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/observe/diary.h"
#include "common/secret/secret.h"
#include "services/console/certificate.h"
#include "services/console/front_api.h"
#include "services/console/links.h"
#include "services/console/runner.h"
#include "services/console/users_file.h"

/* SILENT_S: libmicrohttpd's own patience. HEAD_SIZE: a head with what is read of the body at once. */
enum { SILENT_S = 15, HEAD_SIZE = 24 * 1024, LOOK_MS = 1000 };

static const char *const headers[][2] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
     "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

/* ---- answers ---- */

static struct MHD_Response *response_of(struct span body, bool lasts)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.size, (void *)(uintptr_t)(body.size > 0 ? body.data : (const uint8_t *)""),
                                        lasts ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
    INVARIANT(response != NULL);
    for (unsigned i = 0; i < sizeof headers / sizeof headers[0]; i++)
        (void)MHD_add_response_header(response, headers[i][0], headers[i][1]);
    return response;
}

static enum MHD_Result send_response(struct request *request, unsigned status, struct MHD_Response *response)
{
    if (request->front->rules.secure)
        (void)MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    if (request->place != NULL)
        request->place->ends_at_ms = front_now_ms() + ANSWER_MS_MAX;
    enum MHD_Result result = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result send_page(struct request *request, const struct web_file *file)
{
    const char *known = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "If-None-Match");
    bool same = known != NULL && strstr(known, file->tag) != NULL;
    struct MHD_Response *response = response_of(same ? (struct span){0} : buffer_span(&file->bytes), true);
    (void)MHD_add_response_header(response, "ETag", file->tag);
    (void)MHD_add_response_header(response, "Cache-Control", "no-cache");
    (void)MHD_add_response_header(response, "Vary", "Accept-Encoding");
    if (!same) {
        (void)MHD_add_response_header(response, "Content-Encoding", "gzip");
        (void)MHD_add_response_header(response, "Content-Type", file->type);
    }
    metric_count(request->front->figures.pages, 1);
    return send_response(request, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, response);
}

/* The browser keeps it until it ends, or the session does. */
static void add_cookie(const struct front_rules *rules, const char *value, struct MHD_Response *response)
{
    char line[256];
    (void)snprintf(line, sizeof line, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", rules->core.cookie_name, value,
                   rules->secure ? "; Secure" : "", value[0] == 0 ? "; Max-Age=0" : "");
    (void)MHD_add_response_header(response, "Set-Cookie", line);
    explicit_bzero(line, sizeof line);
}

static enum MHD_Result send_json(struct request *request, const char *cookie)
{
    struct MHD_Response *response = response_of(buffer_span(&request->answer), false);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    if (cookie != NULL)
        add_cookie(&request->front->rules, cookie, response);
    if (request->refusal != REFUSAL_NONE)
        metric_count(request->front->figures.refused[request->refusal], 1);
    buffer_fini(&request->answer); /* the response has its own copy */
    return send_response(request, refusal_rows[request->refusal].status, response);
}

static enum MHD_Result send_refusal(struct request *request, enum console_refusal refusal)
{
    request->refusal = refusal;
    front_write_refusal(refusal, (struct span){0}, &request->answer);
    return send_json(request, NULL);
}

/* ---- requests ---- */

static const char *value_of(struct request *request, const char *name)
{
    const char *value = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
    return value == NULL ? "" : value;
}

/* Where it comes from, as console_proxy would write it. */
static const char *address_of(struct MHD_Connection *connection, char text[64])
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    text[0] = 0;
    if (address != NULL && address->sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, 64);
    else if (address != NULL && address->sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, 64);
    return text;
}

static struct console_verdict judge(struct request *request, const char *path, const char *method, const char *dice)
{
    struct front *front = request->front;
    char address[64], certificate[CERTIFICATE_NAME_SIZE] = "";
    if (front->rules.client_ca.size > 0) {
        const union MHD_ConnectionInfo *tls =
            MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        if (tls != NULL)
            certificate_subject(tls->tls_session, certificate);
    }
    struct console_head head = {.method = method,
                                .path = path,
                                .host = value_of(request, "Host"),
                                .origin = value_of(request, "Origin"),
                                .fetch_site = value_of(request, "Sec-Fetch-Site"),
                                .content_type = value_of(request, "Content-Type"),
                                .cookie = value_of(request, "Cookie"),
                                .token = value_of(request, "X-Hutong-Token"),
                                .active = value_of(request, "X-Hutong-Active"),
                                .address = address_of(request->connection, address),
                                .certificate = certificate,
                                .proxy_user = value_of(request, "X-Hutong-User"),
                                .proxy_secret = value_of(request, "X-Hutong-Proxy-Secret")};
    front_look_at_users(front);
    return console_judge(&front->rules.core, front->sessions, &head, dice, front_now_ms());
}

static enum MHD_Result serve_page(struct request *request, const char *path)
{
    const struct web_file *file = files_find(&request->front->files, path);
    const char *encodings = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Accept-Encoding");
    if (file == NULL)
        return send_refusal(request, REFUSAL_NO_SUCH_FILE);
    if (encodings != NULL && strstr(encodings, "gzip") == NULL && strchr(encodings, '*') == NULL)
        return send_refusal(request, REFUSAL_NO_GZIP);
    return send_page(request, file);
}

/* Under the lock. A question's connection sleeps before the other process hears of it. */
static enum MHD_Result serve_api(struct request *request, const struct console_verdict *verdict, const char *dice)
{
    struct front *front = request->front;
    bool asks = verdict->what == CONSOLE_QUESTION;
    if (asks) {
        MHD_suspend_connection(request->connection);
        if (request->place != NULL)
            request->place->ends_at_ms = 0;
    }
    bool now = front_serve_api(front, request, verdict, dice);
    if (!now)
        return MHD_YES;
    if (asks) {
        request->answered = true; /* it was refused: it is answered as it wakes */
        MHD_resume_connection(request->connection);
        return MHD_YES;
    }
    bool opened = verdict->opened || (verdict->what == CONSOLE_LOGIN && request->refusal == REFUSAL_NONE);
    return send_json(request, opened ? request->session->cookie : verdict->what == CONSOLE_LOGOUT ? "" : NULL);
}

static enum MHD_Result serve(struct request *request, const char *path, const char *method)
{
    struct front *front = request->front;
    char dice[2 * SESSION_SECRET_SIZE + 1];
    if (request->too_large)
        return send_refusal(request, REFUSAL_TOO_LARGE);
    links_dice(SESSION_SECRET_SIZE, dice);
    (void)pthread_mutex_lock(&front->lock);
    struct console_verdict verdict = judge(request, path, method, dice);
    enum MHD_Result result;
    if (verdict.refusal != REFUSAL_NONE)
        result = send_refusal(request, verdict.refusal);
    else if (verdict.what == CONSOLE_PAGE)
        result = serve_page(request, path);
    else
        result = serve_api(request, &verdict, dice);
    (void)pthread_mutex_unlock(&front->lock);
    explicit_bzero(dice, sizeof dice);
    return result;
}

static struct request *begin(struct front *front, struct MHD_Connection *connection)
{
    struct request *request = calloc(1, sizeof *request);
    const union MHD_ConnectionInfo *place = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    INVARIANT(request != NULL);
    request->front = front;
    request->connection = connection;
    request->place = place == NULL ? NULL : place->socket_context;
    return request;
}

static enum MHD_Result handle(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *bytes, size_t *size, void **state)
{
    struct request *request = *state;
    (void)version;
    if (request == NULL) { /* its head alone: of a body we hear next */
        *state = begin(self, connection);
        return MHD_YES;
    }
    if (*size > 0) {
        request->too_large = request->too_large || *size > BODY_SIZE_MAX - request->body.size;
        if (!request->too_large)
            buffer_append(&request->body, bytes, *size);
        *size = 0;
        return MHD_YES;
    }
    if (request->answered)
        return send_json(request, NULL);
    return request->waits ? MHD_YES : serve(request, path, method);
}

static void completed(void *self, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode how)
{
    struct request *request = *state;
    struct front *front = self;
    (void)connection;
    (void)how;
    if (request == NULL)
        return;
    (void)pthread_mutex_lock(&front->lock);
    for (struct request **link = &front->waiting; *link != NULL; link = &(*link)->next)
        if (*link == request) {
            *link = request->next;
            break;
        }
    if (request->place != NULL && request->place->fd != 0)
        request->place->ends_at_ms = front_now_ms() + REQUEST_MS_MAX;
    (void)pthread_mutex_unlock(&front->lock);
    if (request->body.data != NULL)
        explicit_bzero(request->body.data, request->body.size);
    buffer_fini(&request->body);
    buffer_fini(&request->answer);
    free(request);
    *state = NULL;
}

static void connected(void *self, struct MHD_Connection *connection, void **place,
                      enum MHD_ConnectionNotificationCode what)
{
    struct front *front = self;
    (void)pthread_mutex_lock(&front->lock);
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        slow_remove(*place);
        *place = NULL;
    } else {
        const union MHD_ConnectionInfo *fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *place = fd == NULL ? NULL : slow_add(&front->slow, fd->connect_fd, front_now_ms());
    }
    (void)pthread_mutex_unlock(&front->lock);
}

/* ---- the main thread ---- */

static void take_answer(void *self, const struct runner_frame *frame, const uint8_t *body)
{
    struct front *front = self;
    struct request **link = &front->waiting;
    while (*link != NULL && (*link)->id != frame->id)
        link = &(*link)->next;
    struct request *request = *link;
    if (request == NULL || frame->number >= REFUSAL_COUNT)
        return;
    *link = request->next;
    request->refusal = (enum console_refusal)frame->number;
    request->code = frame->code;
    if (request->refusal == REFUSAL_NONE)
        buffer_append(&request->answer, body, frame->size);
    else
        front_write_refusal(request->refusal, span_of(body, frame->size), &request->answer);
    metric_count(front->figures.kept, frame->cached != 0);
    metric_observe_us(front->figures.took, (uint64_t)(loop_monotonic_us() - request->asked_at_us));
    if (questions[request->question].action)
        diary_event(DIARY_INFO, "acted", "user=%s session=%u action=%s code=%d refused=%s", request->user,
                    request->session_number, questions[request->question].name, request->code,
                    refusal_rows[request->refusal].name);
    request->answered = true;
    MHD_resume_connection(request->connection);
}

bool front_take_answers(struct front *front)
{
    (void)pthread_mutex_lock(&front->lock);
    bool lives = runner_receive(front->options.runner_fd, &front->bytes, take_answer, front);
    (void)pthread_mutex_unlock(&front->lock);
    return lives;
}

static void look(void *self)
{
    struct front *front = self;
    (void)pthread_mutex_lock(&front->lock);
    metric_count(front->figures.slow, slow_end(&front->slow, front_now_ms()));
    metric_set(front->figures.logged_in, sessions_sweep(front->sessions, front_now_ms()));
    (void)pthread_mutex_unlock(&front->lock);
}

/* ---- opening ---- */

__attribute__((format(printf, 2, 0))) static void take_complaint(void *self, const char *format, va_list arguments)
{
    char line[256];
    (void)self;
    (void)vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = 0;
    diary_event(DIARY_DEBUG, "http", "detail=%s", line);
}

static enum status listen_to_browsers(struct front *front, struct buffer *why)
{
    const struct front_rules *rules = &front->rules;
    bool tls = rules->certificate.size > 0;
    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, rules->certificate.data},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, rules->key.data},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {rules->client_ca.size > 0 ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, rules->client_ca.data},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    flags |= tls ? MHD_USE_TLS : 0;
    flags |= rules->address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0;
    front->server = MHD_start_daemon(
        flags, rules->port, NULL, NULL, handle, front, MHD_OPTION_EXTERNAL_LOGGER, take_complaint, NULL,
        MHD_OPTION_SOCK_ADDR, &rules->address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_SIZE,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_NOTIFY_COMPLETED, completed, front,
        MHD_OPTION_NOTIFY_CONNECTION, connected, front, MHD_OPTION_ARRAY, tls ? secure : none, MHD_OPTION_END);
    if (front->server == NULL)
        buffer_printf(why,
                      "console_endpoint %s：端口已被占用，或证书与密钥不符 / the port is taken, or certificate and key "
                      "do not fit",
                      front->options.config->console_endpoint);
    return front->server == NULL ? FATAL_CONFIG : OK;
}

enum status front_open(const struct front_options *options, struct front **out, struct buffer *why)
{
    struct front *front = calloc(1, sizeof *front);
    INVARIANT(front != NULL && pthread_mutex_init(&front->lock, NULL) == 0);
    *out = front;
    front->options = *options;
    front->sessions = secret_new(sizeof *front->sessions);
    TRY(front_rules_read(options->config, &front->rules, why));
    TRY(files_read(&front->files, why));
    TRY(links_prepare(options->config->run_directory, loop_wall_ms(), why));
    if (options->config->console_users[0] != 0) {
        front->rules.core.users = &front->users;
        TRY(users_read(options->config->console_users, &front->users, why) == OK ? OK : FATAL_CONFIG);
    }
    front_add_metrics(front);
    loop_add_timer(options->loop, LOOK_MS, look, front);
    return listen_to_browsers(front, why);
}

void front_close(struct front **front)
{
    struct front *closed = *front;
    if (closed == NULL)
        return;
    (void)pthread_mutex_lock(&closed->lock);
    closed->closing = true;
    for (struct request *each = closed->waiting; each != NULL; each = each->next) {
        each->refusal = REFUSAL_BUSY;
        front_write_refusal(REFUSAL_BUSY, (struct span){0}, &each->answer);
        each->answered = true;
        MHD_resume_connection(each->connection);
    }
    closed->waiting = NULL;
    (void)pthread_mutex_unlock(&closed->lock);
    if (closed->server != NULL)
        MHD_stop_daemon(closed->server);
    loop_remove(closed->options.loop, closed);
    secret_destroy((void **)&closed->sessions, sizeof *closed->sessions);
    front_rules_fini(&closed->rules);
    files_fini(&closed->files);
    buffer_fini(&closed->bytes);
    (void)pthread_mutex_destroy(&closed->lock);
    free(closed);
    *front = NULL;
}
