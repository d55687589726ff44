/* SPDX-License-Identifier: Apache-2.0
 * The console's HTTP (libmicrohttpd, a thread of its own): pages from memory, sessions, and questions, whose
 * connection sleeps until the other process has answered. Everything that a client may take is bounded: connections,
 * heads, bodies, and the time for each. Over TLS where a certificate is configured, with client certificates where
 * their authority is. */
#ifndef HUTONG_SERVICES_CONSOLE_FRONT_H
#define HUTONG_SERVICES_CONSOLE_FRONT_H
#include "common/base/status.h"
#include "services/console/front_options.h"

struct front;

/* FATAL_CONFIG: `why` names the key or the file. */
MUST_USE enum status front_open(const struct front_options *options, struct front **front, struct buffer *why);
/* False: the other process is gone. */
bool front_take_answers(struct front *front);
void front_close(struct front **front);
#endif
