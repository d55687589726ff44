/* SPDX-License-Identifier: Apache-2.0
 * hutong help hutong-NAME: what a daemon does and takes, by service.def; its page of section 8 is the same. */
#ifndef HUTONG_TOOLS_HELP_DAEMON_H
#define HUTONG_TOOLS_HELP_DAEMON_H
#include <stdbool.h>

/* Prints it. False: there is no such daemon. */
bool help_daemon(const char *program);
#endif
