/* SPDX-License-Identifier: Apache-2.0
 * When the state may be committed: when everything that it was made of is durable. A cursor past a record whose output
 * the stream lacks, or past the end of the log itself, could never be mended.
 *
 *   with an output ...... its `appended`: the inputs were written before it, so they are durable as well
 *   without, ahead ...... each input's end is asked for; the answer comes when it is durable
 *   without, not ahead .. what comes in is durable */
#include "common/base/check.h"
#include "common/runtime/runtime_internal.h"

bool runtime_commit_waits(const struct runtime *runtime)
{
    return runtime->options.output != NULL || runtime->options.ahead;
}

/* Once at a time. */
static void ask_inputs(struct runtime *runtime)
{
    if (runtime->answers_missing > 0 || runtime->input_ends_known < runtime->options.input_count)
        return;
    runtime->asked_for = runtime->position;
    runtime->answers_missing = runtime->options.input_count;
    for (unsigned i = 0; i < runtime->options.input_count; i++)
        bus_last(runtime->options.bus, runtime->options.inputs[i], i);
}

void runtime_input_answered(struct runtime *runtime, position_t end)
{
    PRE(runtime->answers_missing > 0);
    if (end < runtime->asked_for)
        runtime->asked_for = end; /* less than it has read: the reader will say so */
    if (--runtime->answers_missing > 0)
        return;
    if (runtime->asked_for > runtime->acked)
        runtime->acked = runtime->asked_for;
    loop_again(runtime->options.loop);
}

enum status runtime_commit(struct runtime *runtime)
{
    TRY(runtime->status);
    if (runtime->position == runtime->committed)
        return OK;
    if (runtime->acked < runtime->position) {
        if (runtime->options.output == NULL)
            ask_inputs(runtime);
        return RETRY_BUSY;
    }
    int64_t before = loop_monotonic_us();
    if (runtime->core->flush != NULL)
        runtime->core->flush(runtime->self, runtime->txn);
    enum status status = store_commit(&runtime->txn, runtime->position);
    if (status == OK)
        status = store_begin(runtime->store, true, &runtime->txn);
    if (status == OK)
        status = attempts_committed(&runtime->attempts, runtime->position);
    if (status != OK)
        return runtime_fail(runtime, status_is_fatal(status) ? status : FATAL_IO, "commit failed");
    runtime->committed = runtime->position;
    runtime->oldest_uncommitted_us = 0;
    runtime->commit_due = false;
    metric_count(runtime->commits, 1);
    metric_observe_us(runtime->commit_us, (uint64_t)(loop_monotonic_us() - before));
    return OK;
}

void runtime_commit_if_due(struct runtime *runtime)
{
    if (runtime->oldest_uncommitted_us == 0 || runtime->status != OK)
        return;
    bool old = loop_monotonic_us() - runtime->oldest_uncommitted_us >=
               (runtime->options.unhurried ? UNHURRIED_COMMIT_INTERVAL_MS : COMMIT_INTERVAL_MS) * 1000;
    bool many = runtime->position - runtime->committed >= COMMIT_RECORDS_MAX;
    runtime->commit_due = runtime->commit_due || old || many;
    if (runtime->commit_due && runtime_commit(runtime) == OK && runtime->options.advanced != NULL)
        runtime->options.advanced(runtime->options.advanced_self, runtime);
}
