/* SPDX-License-Identifier: Apache-2.0
 * A policy's file, for commands. */
#include "tools/policy_load.h"

#include <stdio.h>

#include "common/engines/policy/policy_file.h"

bool policy_load(const char *path, struct policy *policy, struct policy_sources *sources)
{
    struct buffer why = {0};
    bool loaded = policy_file_load(path, policy, sources, &why) == OK;
    if (!loaded)
        (void)fputs(buffer_text(&why), stderr);
    buffer_fini(&why);
    return loaded;
}
