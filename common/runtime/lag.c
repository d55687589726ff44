/* SPDX-License-Identifier: Apache-2.0
 * Lag in time. */
#include "common/runtime/lag.h"

#include "common/runtime/runtime_internal.h"

bool lag_oldest(const struct runtime *runtime, instant_ms_t *stored_at)
{
    const struct input *input = &runtime->inputs[0];
    const struct input_batch *batch = input->first;
    if (!runtime->connected || runtime->input_ends_known != runtime->options.input_count)
        return false;
    while (batch != NULL && batch->position + batch->count <= runtime->position)
        batch = batch->next;
    *stored_at = batch != NULL ? batch->stored_at : 0;
    return batch != NULL || input->end <= runtime->position;
}

int64_t lag_ms(const struct runtime *runtime, instant_ms_t now)
{
    instant_ms_t stored_at;
    if (!lag_oldest(runtime, &stored_at))
        return -1;
    return stored_at == 0 || stored_at > now ? 0 : now - stored_at;
}
