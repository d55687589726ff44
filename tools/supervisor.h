/* SPDX-License-Identifier: Apache-2.0
 * One process that starts every daemon of an exchange on this machine and starts again what dies. Its diary is standard
 * error. Daemons end with it: when it is killed, each is asked to stop. */
#ifndef HUTONG_TOOLS_SUPERVISOR_H
#define HUTONG_TOOLS_SUPERVISOR_H
#include "tools/cli.h"

/* Until SIGTERM or SIGINT, which end the daemons in order. False: a daemon was given up. */
bool supervise(struct cli *cli);
#endif
