/* SPDX-License-Identifier: Apache-2.0
 * A command line, read by its command's table: --name VALUE or --name=VALUE, abbreviated where that is clear, anywhere
 * among the words; behind "--" everything is a word. */
#ifndef HUTONG_TOOLS_ARGUMENTS_H
#define HUTONG_TOOLS_ARGUMENTS_H
#include "tools/command.h"

enum { ARGUMENTS_GIVEN_MAX = 64 };

struct arguments {
    const struct command *command;        /* NULL: none was named */
    const struct command_option *options; /* its own, or those of the verb that was named; NULL: it has none */
    struct {
        const char *name, *value;
    } given[ARGUMENTS_GIVEN_MAX];
    unsigned given_count;
    int argc; /* what is left: words, the command's name not among them */
    char **argv;
};

/* Of main's; argv is put in another order. False: said what is not understood. */
bool arguments_read(int argc, char **argv, struct arguments *arguments);
/* By its name; NULL: said that there is none, and which may have been meant. */
const struct command *arguments_command(const char *name);
/* The value of the last one given, "" of a flag; NULL: not given. The command has to have it in its table. */
const char *arguments_value(const struct arguments *arguments, const char *name);
/* Of one that may be given again and again: the value of each in order, from 0 on; NULL: no more. */
const char *arguments_value_at(const struct arguments *arguments, const char *name, unsigned index);
#endif
