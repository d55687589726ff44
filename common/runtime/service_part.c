/* SPDX-License-Identifier: Apache-2.0
 * Parts of services. */
#include "common/runtime/service_part.h"

#include "common/bus/bus_zmq.h"

static enum status open_runtime(struct service_part *part, const struct core *core, const struct service_place *place,
                                const struct runtime_options *more, struct buffer *why)
{
    const struct service_row *row = service_named(core->name);
    const struct config *config = place->config;
    struct buffer ipc, state;
    buffer_init(&ipc);
    buffer_init(&state);
    config_broker_ipc(config, &ipc);
    config_state_directory(config, row->name, place->partition, &state);
    struct runtime_options options = *more;
    options.core = core;
    options.partition = (struct core_partition){place->partition, config->partitions};
    options.loop = place->loop;
    options.state_directory = buffer_text(&state);
    options.state_map_size = (size_t)config->state_map_mib << 20;
    options.ahead = row->output != NULL && !row->unhurried;
    options.unhurried = row->unhurried;
    options.metrics = place->metrics;
    service_streams(row, place->partition, config->partitions, &part->streams);
    options.input_count = part->streams.input_count;
    for (unsigned i = 0; i < options.input_count; i++)
        options.inputs[i] = part->streams.inputs[i];
    if (row->output != NULL)
        options.output = part->streams.output;
    struct bus_handlers none = {0};
    enum status status = bus_zmq_open(place->loop, buffer_text(&ipc), &none, &part->bus);
    options.bus = part->bus;
    if (status == OK)
        status = runtime_open(&options, &part->runtime, why);
    buffer_fini(&ipc);
    buffer_fini(&state);
    return status;
}

enum status service_part_open(struct service_part *part, const struct core *core, const struct service_place *place,
                              const struct runtime_options *more, struct buffer *why)
{
    struct buffer endpoint;
    TRY(open_runtime(part, core, place, more, why));
    buffer_init(&endpoint);
    config_control_ipc(place->config, core->name, place->partition, &endpoint);
    enum status status = control_open(place->loop, part->runtime, buffer_text(&endpoint), &part->control, why);
    buffer_fini(&endpoint);
    return status;
}

void service_part_close(struct service_part *part)
{
    control_close(&part->control);
    runtime_close(&part->runtime);
    bus_close(&part->bus);
}
