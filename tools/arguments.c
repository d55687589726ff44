/* SPDX-License-Identifier: Apache-2.0
 * What was given. */
#include "tools/arguments.h"

#include <string.h>

#include "common/base/check.h"

static void check_known(const struct arguments *arguments, const char *name)
{
    const struct command_option *option;
    unsigned at = 0;
    while ((option = command_option_at(arguments->options, at)) != NULL && strcmp(option->name, name) != 0)
        at++;
    INVARIANT(option != NULL); /* it stands in the command's table */
}

const char *arguments_value_at(const struct arguments *arguments, const char *name, unsigned index)
{
    check_known(arguments, name);
    for (unsigned i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].name, name) == 0 && index-- == 0)
            return arguments->given[i].value;
    return NULL;
}

const char *arguments_value(const struct arguments *arguments, const char *name)
{
    check_known(arguments, name);
    for (unsigned i = arguments->given_count; i > 0; i--)
        if (strcmp(arguments->given[i - 1].name, name) == 0)
            return arguments->given[i - 1].value;
    return NULL;
}
