/* SPDX-License-Identifier: Apache-2.0
 * Health and metrics over libmicrohttpd, on loopback alone. */
#include "common/http/http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/limits.h"

struct http {
    struct http_options options;
    struct MHD_Daemon *daemon;
};

static unsigned respond(struct http *http, const char *path, struct buffer *body, const char **type)
{
    *type = "text/plain; charset=utf-8";
    if (strcmp(path, "/healthz") == 0) {
        buffer_append_text(body, "ok\n");
        return MHD_HTTP_OK;
    }
    if (strcmp(path, "/readyz") == 0) {
        bool ready = http->options.ready(http->options.self, body);
        buffer_append_text(body, ready ? "ready\n" : "\n");
        return ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    }
    if (strcmp(path, "/metrics") == 0) {
        *type = "text/plain; version=0.0.4; charset=utf-8";
        metrics_render(http->options.metrics, body);
        return MHD_HTTP_OK;
    }
    buffer_append_text(body, "not found: /healthz, /readyz, /metrics\n");
    return MHD_HTTP_NOT_FOUND;
}

static enum MHD_Result handle(void *self, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    struct buffer body = {0};
    const char *type = "text/plain";
    bool allowed = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    unsigned code = allowed ? respond(self, path, &body, &type) : MHD_HTTP_METHOD_NOT_ALLOWED;
    (void)buffer_reserve(&body, 1);
    struct MHD_Response *response = MHD_create_response_from_buffer(body.size, body.data, MHD_RESPMEM_MUST_COPY);
    buffer_fini(&body);
    if (response == NULL)
        return MHD_NO;
    (void)MHD_add_response_header(response, "Content-Type", type);
    enum MHD_Result result = MHD_queue_response(connection, code, response);
    MHD_destroy_response(response);
    return result;
}

enum status http_open(const struct http_options *options, struct http **out)
{
    struct http *http = calloc(1, sizeof *http);
    INVARIANT(http != NULL);
    http->options = *options;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    http->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, options->port, NULL, NULL, handle,
                                    http, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT,
                                    (unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                                    (unsigned)HTTP_IDLE_S_MAX, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
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
