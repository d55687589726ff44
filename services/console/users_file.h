/* SPDX-License-Identifier: Apache-2.0
 * The file that console_users names (YAML). */
#ifndef HUTONG_SERVICES_CONSOLE_USERS_FILE_H
#define HUTONG_SERVICES_CONSOLE_USERS_FILE_H
#include "common/base/buffer.h"
#include "common/base/status.h"
#include "services/console/users.h"

/* REJECT_MALFORMED: `why` names file, line and key of each fault; `users` is empty then. */
MUST_USE enum status users_read(const char *path, struct console_users *users, struct buffer *why);
#endif
