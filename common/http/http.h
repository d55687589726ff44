/* SPDX-License-Identifier: Apache-2.0
 * Health over HTTP on loopback (libmicrohttpd, its own thread): /healthz (the process lives), /readyz (it serves; 503
 * with the reason otherwise), /metrics. GET and HEAD only. */
#ifndef HUTONG_COMMON_HTTP_HTTP_H
#define HUTONG_COMMON_HTTP_HTTP_H
#include "common/base/status.h"
#include "common/observe/metrics.h"

struct http;
struct http_options {
    uint16_t port; /* 127.0.0.1; 0 chooses one */
    struct metrics *metrics;
    /* Called on the HTTP thread; must be thread-safe. False: `why` says what is missing. */
    bool (*ready)(void *self, struct buffer *why);
    void *self;
};
MUST_USE enum status http_open(const struct http_options *options, struct http **http);
void http_close(struct http **http);
#endif
