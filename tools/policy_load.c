/* SPDX-License-Identifier: Apache-2.0
 * A policy's file, for commands. */
#include "tools/policy_load.h"

#include <stdio.h>

#include "common/engines/policy/policy_file.h"
#include "common/observe/diary.h"

bool policy_load(const char *path, struct policy *policy, struct policy_sources *sources)
{
    struct buffer why = {0};
    bool loaded = policy_file_load(path, policy, sources, &why) == OK;
    char *text = (char *)(uintptr_t)buffer_text(&why);
    diary_mask_text(text); /* it begins with the file's name */
    if (!loaded)
        (void)fputs(text, stderr);
    buffer_fini(&why);
    return loaded;
}
