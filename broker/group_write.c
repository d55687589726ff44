/* SPDX-License-Identifier: Apache-2.0
 * Changes, written. */
#include "broker/group_write.h"

#include <stdlib.h>

#include "common/base/check.h"

static enum status write_change(struct log *log, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_STREAM:
        INVARIANT(log_stream(log, change->name) == change->stream);
        break;
    case CHANGE_EPOCH:
        log_state(log, change->stream)->epoch = change->number;
        log_touch(log, change->stream);
        break;
    case CHANGE_CURSOR:
        log_reader_set(log, change->stream, change->name, change->number);
        break;
    case CHANGE_FORGET:
        log_reader_forget(log, change->stream, change->name);
        break;
    case CHANGE_BATCH:
        INVARIANT(log_state(log, change->stream)->end == change->batch->position);
        return log_append(log, change->stream, change->batch->count, change->batch->stored_at,
                          span_of(change->batch->bytes, change->batch->size));
    }
    return OK;
}

enum status group_write(struct log *log, struct change *changes)
{
    enum status status = log_begin(log);
    while (changes != NULL) {
        struct change *next = changes->next;
        if (status == OK)
            status = write_change(log, changes);
        free(changes);
        changes = next;
    }
    if (status == OK)
        status = log_commit(log);
    log_abort(log); /* what could not be committed: by the thread that began it */
    return status;
}

void group_forget(struct change_group *group)
{
    while (group->first != NULL) {
        struct change *next = group->first->next;
        free(group->first);
        group->first = next;
    }
    *group = (struct change_group){0};
}
