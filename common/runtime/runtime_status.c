/* SPDX-License-Identifier: Apache-2.0
 * Where a runtime stands, for who asks. */
#include "common/runtime/runtime_internal.h"

enum status runtime_status(const struct runtime *runtime)
{
    return runtime->status;
}

const char *runtime_why(const struct runtime *runtime)
{
    return runtime->why;
}

position_t runtime_position(const struct runtime *runtime)
{
    return runtime->position;
}

position_t runtime_committed(const struct runtime *runtime)
{
    return runtime->committed;
}

bool runtime_has_caught_up(const struct runtime *runtime)
{
    return runtime->input_ends_known == runtime->options.input_count && runtime->position >= runtime->input_end;
}

bool runtime_is_ready(const struct runtime *runtime, const char **why_not)
{
    *why_not = "";
    if (runtime->status != OK)
        *why_not = status_text(runtime->status);
    else if (!runtime->connected)
        *why_not = "代理没有应答; the broker does not answer";
    else if (runtime->options.output != NULL && !runtime->writer_ready)
        *why_not = "输出流尚未打开; the output stream is not open";
    else if (runtime->position < runtime->output_end)
        *why_not = "正在追平此前已决定的; catching up with what was decided before";
    else if (runtime_is_full(runtime))
        *why_not = "状态映射将满; the state map is nearly full";
    else if (!runtime_has_caught_up(runtime))
        *why_not = "正在追平输入; catching up with its inputs";
    return **why_not == 0;
}

bool runtime_is_full(const struct runtime *runtime)
{
    return store_is_full(runtime->store);
}

struct store_txn *runtime_txn(struct runtime *runtime)
{
    return runtime->txn;
}

struct store *runtime_store(struct runtime *runtime)
{
    return runtime->store;
}

void *runtime_core_self(struct runtime *runtime)
{
    return runtime->self;
}

enum status runtime_digest(struct runtime *runtime, uint8_t out[DIGEST_SIZE])
{
    if (runtime->core->flush != NULL)
        runtime->core->flush(runtime->self, runtime->txn);
    return store_digest(runtime->txn, runtime->digest, out);
}
