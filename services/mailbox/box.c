/* SPDX-License-Identifier: Apache-2.0
 * A mailbox's core under the runtime. */
#include "services/mailbox/box.h"

#include "common/bus/bus_zmq.h"

enum status box_open(struct box *box, const struct config *config, struct metrics *metrics, struct loop *loop,
                     struct runtime_options *runtime, const char *name, struct buffer *why)
{
    struct buffer ipc, state;
    struct bus_handlers none = {0};
    buffer_init(&ipc);
    buffer_init(&state);
    config_broker_ipc(config, &ipc);
    config_state_directory(config, name, 0, &state);
    runtime->partition = (struct core_partition){0, 1};
    runtime->loop = loop;
    runtime->state_directory = buffer_text(&state);
    runtime->state_map_size = (size_t)config->state_map_mib << 20;
    runtime->metrics = metrics;
    enum status status = bus_zmq_open(loop, buffer_text(&ipc), &none, &box->bus);
    runtime->bus = box->bus;
    if (status == OK)
        status = runtime_open(runtime, &box->runtime, why);
    buffer_fini(&ipc);
    buffer_fini(&state);
    return status;
}

void box_close(struct box *box)
{
    runtime_close(&box->runtime);
    bus_close(&box->bus);
}
