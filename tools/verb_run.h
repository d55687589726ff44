/* SPDX-License-Identifier: Apache-2.0
 * The verbs of verb.def as a command's own (cmd_verb.c). */
#ifndef HUTONG_TOOLS_VERB_RUN_H
#define HUTONG_TOOLS_VERB_RUN_H
#include "tools/cli.h"

/* True: the first argument is one of the command's verbs, and `code` is what came of it. */
bool verb_run(struct cli *cli, const struct command *command, int *code);
/* Prints how the verb that the arguments (`argv[0]` the command) name is used: true. A command without it, or with
 * none named: false. */
bool verb_help(const struct cli *cli);
/* The command's verbs, a line each; nothing where it has none. */
void verb_summaries(const char *command);
#endif
