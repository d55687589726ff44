/* SPDX-License-Identifier: Apache-2.0
 * Health and metrics over libmicrohttpd, on loopback alone. */
#include "common/http/http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/limits.h"

struct http {
    struct http_options options;
    struct MHD_Daemon *daemon;
};

/* What comes with a POST, piece by piece. */
struct upload {
    struct buffer body;
    bool too_large;
};

/* Exemplars stand in OpenMetrics alone. */
static void serve_metrics(struct http *http, const struct http_request *request, struct http_answer *answer)
{
    bool open_metrics = strstr(request->accept, "application/openmetrics-text") != NULL;
    answer->type = open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                : "text/plain; version=0.0.4; charset=utf-8";
    (open_metrics ? metrics_render_open : metrics_render)(http->options.metrics, answer->body);
}

static bool respond(struct http *http, const struct http_request *request, struct http_answer *answer)
{
    const char *path = request->path;
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    if (http->options.pages.serve != NULL && http->options.pages.serve(http->options.pages.self, request, answer))
        return true;
    if (!reads) {
        answer->code = MHD_HTTP_METHOD_NOT_ALLOWED;
        return true;
    }
    if (strcmp(path, "/healthz") == 0) {
        buffer_append_text(answer->body, "ok\n");
        return true;
    }
    if (strcmp(path, "/readyz") == 0) {
        bool ready = http->options.ready(http->options.self, answer->body);
        buffer_append_text(answer->body, ready ? "ready\n" : "\n");
        answer->code = ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
        return true;
    }
    if (strcmp(path, "/metrics") == 0) {
        serve_metrics(http, request, answer);
        return true;
    }
    return false;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, const struct http_answer *answer)
{
    (void)buffer_reserve(answer->body, 1);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->body->size, answer->body->data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL)
        return MHD_NO;
    (void)MHD_add_response_header(response, "Content-Type", answer->type);
    if (answer->cache != NULL)
        (void)MHD_add_response_header(response, "Cache-Control", answer->cache);
    enum MHD_Result result = MHD_queue_response(connection, answer->code, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result handle(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *bytes, size_t *size, void **state)
{
    struct upload *upload = *state;
    struct buffer body = {0};
    (void)version;
    if (upload == NULL) { /* its head alone: of a body we hear next */
        *state = calloc(1, sizeof *upload);
        return *state != NULL ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        upload->too_large = upload->too_large || *size > HTTP_BODY_SIZE_MAX - upload->body.size;
        if (!upload->too_large)
            buffer_append(&upload->body, bytes, *size);
        *size = 0;
        return MHD_YES;
    }
    const char *accept = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    struct http_request request = {method, path, accept != NULL ? accept : "", buffer_span(&upload->body)};
    struct http_answer answer = {MHD_HTTP_OK, "text/plain; charset=utf-8", NULL, &body};
    if (upload->too_large) {
        answer.code = MHD_HTTP_CONTENT_TOO_LARGE;
    } else if (!respond(self, &request, &answer)) {
        answer = (struct http_answer){MHD_HTTP_NOT_FOUND, "text/plain; charset=utf-8", NULL, &body};
        buffer_append_text(&body, "not found: /healthz, /readyz, /metrics\n");
    }
    enum MHD_Result result = send_answer(connection, &answer);
    buffer_fini(&body);
    return result;
}

static void completed(void *self, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode how)
{
    struct upload *upload = *state;
    (void)self;
    (void)connection;
    (void)how;
    if (upload != NULL)
        buffer_fini(&upload->body);
    free(upload);
    *state = NULL;
}

uint16_t http_port(const struct http *http)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : http->options.port;
}

enum status http_open(const struct http_options *options, struct http **out)
{
    struct http *http = calloc(1, sizeof *http);
    INVARIANT(http != NULL);
    http->options = *options;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    http->daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, options->port, NULL, NULL, handle, http,
                         MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)HTTP_IDLE_S_MAX, MHD_OPTION_LISTENING_ADDRESS_REUSE,
                         1u, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
    if (http->daemon == NULL) {
        free(http);
        return FATAL_CONFIG;
    }
    *out = http;
    return OK;
}

void http_close(struct http **http)
{
    if (*http == NULL)
        return;
    MHD_stop_daemon((*http)->daemon);
    free(*http);
    *http = NULL;
}
