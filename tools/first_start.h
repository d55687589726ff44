/* SPDX-License-Identifier: Apache-2.0
 * What an empty log begins with: the tables that authorities publish, as they are shipped, and the newest version of
 * logic. */
#ifndef HUTONG_TOOLS_FIRST_START_H
#define HUTONG_TOOLS_FIRST_START_H
#include "tools/cli.h"

/* Before the first daemon starts: remembers beside the log that it is empty, so that a start that is cut short is taken
 * up by the next one. False: said why. */
bool first_start_note(struct cli *cli);
/* When everything is ready. On a log that was empty: publishes. On an older one of an earlier version: one line says
 * how to go on. An exit code of the tool; what went wrong was said. */
int first_start_publish(struct cli *cli);
#endif
