/* SPDX-License-Identifier: Apache-2.0
 * A command line, read by its command's table: --name VALUE or --name=VALUE, abbreviated where that is clear, anywhere
 * among the words; behind "--" everything is a word. */
#ifndef HUTONG_TOOLS_COMMAND_LINE_H
#define HUTONG_TOOLS_COMMAND_LINE_H
#include "tools/arguments.h"

/* Of main's; argv is put in another order. False: said what is not understood. */
bool command_line_read(const struct command_entry *entries, int argc, char **argv, struct arguments *arguments);
/* By its name; NULL: said that there is none, and which may have been meant. */
const struct command *command_line_find(const struct command_entry *entries, const char *name);
#endif
