/* SPDX-License-Identifier: Apache-2.0
 * Strangers that begin a handshake and do not end it, over plain sockets. Each returns how many it began. */
#ifndef HUTONG_BENCH_HALF_H
#define HUTONG_BENCH_HALF_H
#include <stdint.h>

/* Keeps `count` connections open that have sent a greeting and nothing after it; whoever is closed comes again. */
uint64_t half_handshakes(const char *source, const char *endpoint, unsigned count, int64_t until_us);
/* Bursts of `count` connections that each send greeting and CURVE HELLO, and are then dropped. */
uint64_t hello_bursts(const char *source, const char *endpoint, const char *server_key, unsigned count,
                      int64_t until_us);
#endif
