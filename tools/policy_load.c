/* SPDX-License-Identifier: Apache-2.0
 * A policy's file, for commands. */
#include "tools/policy_load.h"

#include <stdio.h>

#include "common/engines/policy/policy_file.h"
#include "common/observe/diary.h"
#include "tools/log_reader.h"

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

bool policy_load_published(struct cli *cli, uint64_t position, struct policy *policy, struct policy_sources *sources)
{
    struct log_reader reader;
    struct span record;
    struct submission submission;
    struct policy_event_peek event;
    if (!log_reader_open(cli, "submissions", &reader))
        return false;
    bool read = log_reader_at(&reader, position, &record) && submission_decode(record, NULL, &submission) == OK &&
                policy_event_peek_read(submission.envelope, &event) == OK && event.policy.size > 0 &&
                policy_decode(event.policy, NULL, policy) == OK && policy_sources_decode(event.policy, sources) == OK;
    log_reader_close(&reader);
    return read;
}
