/* SPDX-License-Identifier: Apache-2.0
 * A page over plain HTTP, as HTTP/1.0, one connection a page: a daemon's own /metrics on loopback, a Prometheus beside
 * it.
 * Not for anything that goes over a network that others share: no TLS. */
#ifndef HUTONG_TOOLS_HTTP_GET_H
#define HUTONG_TOOLS_HTTP_GET_H
#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"

enum { HTTP_GET_SIZE_MAX = 8 << 20 };

/* Of `base` ("http://HOST[:PORT]") the page at `path`; `wait_ms` for each step. The body of an answer 200 goes to
 * `body`, at most HTTP_GET_SIZE_MAX bytes. False: `why` says what there is instead. */
bool http_get(const char *base, const char *path, uint32_t wait_ms, struct buffer *body, struct buffer *why);
#endif
