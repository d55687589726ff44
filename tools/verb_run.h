/* SPDX-License-Identifier: Apache-2.0
 * The verbs of verb.def as a command's own (cmd_verb.c). */
#ifndef HUTONG_TOOLS_VERB_RUN_H
#define HUTONG_TOOLS_VERB_RUN_H
#include "tools/cli.h"
#include "tools/verb.h"

/* True: the first argument is one of the command's verbs, and `code` is what came of it. */
bool verb_run(struct cli *cli, const struct command *command, int *code);
/* The verb's options, up to one without a name; they hold until the next call. NULL: there is no such verb. */
const struct command_option *verb_options(const char *command, const char *word);
/* What follows "hutong " where the verb is used. */
void verb_usage(const struct verb *verb, struct buffer *usage);
#endif
