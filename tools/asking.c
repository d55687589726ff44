/* SPDX-License-Identifier: Apache-2.0
 * Asking the person at the terminal. */
#include "tools/asking.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli.h"

enum asked ask_yes(const char *question)
{
    char answer[16] = "";
    if (!isatty(STDIN_FILENO)) {
        complain(said("此处无人可问；确要如此请写 --yes", "nobody can be asked here: --yes says that it is meant"));
        return ASKED_NOBODY;
    }
    (void)fprintf(stderr, "%s yes? ", question);
    return fgets(answer, sizeof answer, stdin) != NULL && strcmp(answer, "yes\n") == 0 ? ASKED_YES : ASKED_NO;
}
