/* SPDX-License-Identifier: Apache-2.0
 * What was given on a command line: options by the names of the command's table, and words. */
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

/* The value of the last one given, "" of a flag; NULL: not given. The command has to have it in its table. */
const char *arguments_value(const struct arguments *arguments, const char *name);
/* Of one that may be given again and again: the value of each in order, from 0 on; NULL: no more. */
const char *arguments_value_at(const struct arguments *arguments, const char *name, unsigned index);
#endif
