/* SPDX-License-Identifier: Apache-2.0
 * What the tool says of itself, all of it out of the commands' tables: help, manual page, completion. */
#ifndef HUTONG_TOOLS_HELP_H
#define HUTONG_TOOLS_HELP_H
#include <stdio.h>

#include "tools/command.h"

void help_print(const struct command_entry *entries, FILE *out);
/* `word`: of the command's verbs one, which is taught instead; any other word: the command. */
void help_print_command(const struct command *command, const char *word);
#endif
