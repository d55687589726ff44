/* SPDX-License-Identifier: Apache-2.0
 * Health over HTTP on loopback (libmicrohttpd, its own thread): /healthz (the process lives), /readyz (it serves; 503
 * with the reason otherwise), /metrics (OpenMetrics, where Accept
 * names it). GET and HEAD only, but for a daemon's own pages. */
#ifndef HUTONG_COMMON_HTTP_HTTP_H
#define HUTONG_COMMON_HTTP_HTTP_H
#include "common/base/status.h"
#include "common/observe/metrics.h"

struct http;
enum { HTTP_BODY_SIZE_MAX = 128 * 1024 };
struct http_request {
    const char *method, *path;
    const char *accept; /* its Accept, or "" */
    struct span body;   /* of a POST; at most HTTP_BODY_SIZE_MAX, beyond which the answer is 413 */
};
struct http_answer {
    unsigned code;     /* 200 unless it is set */
    const char *type;  /* text/plain unless it is set */
    const char *cache; /* Cache-Control; NULL: no such line */
    struct buffer *body;
};
/* A daemon's own pages. Called on the HTTP thread, one request at a time. False: there is no such page. */
struct http_pages {
    bool (*serve)(void *self, const struct http_request *request, struct http_answer *answer);
    void *self;
};
struct http_options {
    uint16_t port; /* 127.0.0.1; 0 chooses one */
    struct metrics *metrics;
    /* Called on the HTTP thread; must be thread-safe. False: `why` says what is missing. */
    bool (*ready)(void *self, struct buffer *why);
    void *self;
    struct http_pages pages; /* serve may be NULL: none */
};
MUST_USE enum status http_open(const struct http_options *options, struct http **http);
uint16_t http_port(const struct http *http);
void http_close(struct http **http);
#endif
