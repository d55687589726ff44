/* SPDX-License-Identifier: Apache-2.0
 * One-time links of the console: RUN/console/HASH holds user and end of the link whose token has that SHA-256. Whoever
 * may write there may make one (hutong console); the console takes it away as it is used, so that it is used once. */
#ifndef HUTONG_SERVICES_CONSOLE_LINKS_H
#define HUTONG_SERVICES_CONSOLE_LINKS_H
#include "common/base/buffer.h"
#include "common/base/instant.h"
#include "common/base/status.h"
#include "services/console/sessions.h"

enum { LINK_LIFE_MS = 5 * 60 * 1000, LINK_TOKEN_SIZE = 64 };

/* `size` bytes of chance as hexadecimal digits: 2 * size + 1 characters. */
void links_dice(size_t size, char *digits);
/* The directory, and nothing old in it. FATAL_IO: `why` says what is wrong. */
MUST_USE enum status links_prepare(const char *run_directory, instant_ms_t now, struct buffer *why);
MUST_USE enum status link_make(const char *run_directory, const char *user, instant_ms_t now,
                               char token[LINK_TOKEN_SIZE + 1], struct buffer *why);
/* REJECT_NOT_FOUND: there is none, it was used, or it has ended. */
MUST_USE enum status link_take(const char *run_directory, const char *token, instant_ms_t now,
                               char user[USER_NAME_SIZE]);
#endif
