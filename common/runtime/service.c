/* SPDX-License-Identifier: Apache-2.0
 * The main() of a service that is nothing but a core. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/base/check.h"
#include "common/bus/bus_zmq.h"
#include "common/observe/diary.h"
#include "common/runtime/control.h"
#include "common/runtime/process.h"
#include "common/runtime/runtime_internal.h"

enum { STREAM_SIZE = STREAM_NAME_SIZE_MAX + 1, UNHURRIED_NICE = 10 };

struct service {
    struct process process;
    struct runtime *runtime;
    struct control *control;
    struct bus *bus;
    char streams[CORE_INPUTS_COUNT_MAX + 1][STREAM_SIZE];
    /* Written by the loop's thread, read by HTTP's. */
    _Atomic(const char *) why_not;
    _Atomic int64_t beat_us;
};

static bool ready(void *self, struct buffer *why)
{
    struct service *service = self;
    const char *why_not = atomic_load(&service->why_not);
    if (loop_monotonic_us() - atomic_load(&service->beat_us) > 5 * 1000 * 1000)
        why_not = "the loop has not turned for 5 s";
    buffer_append_text(why, why_not);
    return why_not[0] == 0;
}

static void beat(void *self)
{
    struct service *service = self;
    const char *why_not;
    (void)runtime_is_ready(service->runtime, &why_not);
    atomic_store(&service->why_not, why_not);
    atomic_store(&service->beat_us, loop_monotonic_us());
}

/* "verdicts.%u": this partition's; "outcomes.%*": one for each partition. */
static unsigned name_streams(struct service *service, const char *pattern, unsigned at)
{
    uint32_t partitions = service->process.config.partitions;
    const char *mark = strchr(pattern, '%');
    size_t stem = mark != NULL ? (size_t)(mark - pattern) : strlen(pattern);
    INVARIANT(stem < STREAM_NAME_SIZE_MAX - 4);
    bool all = mark != NULL && mark[1] == '*';
    for (uint32_t p = 0; p < (all ? partitions : 1); p++) {
        uint32_t number = all ? p : service->process.partition;
        if (mark == NULL)
            (void)snprintf(service->streams[at], STREAM_SIZE, "%.*s", (int)stem, pattern);
        else
            (void)snprintf(service->streams[at], STREAM_SIZE, "%.*s%u", (int)stem, pattern, number);
        at++;
    }
    return at;
}

static enum status open_runtime(struct service *service, const struct service_row *row, struct buffer *why)
{
    const struct config *config = &service->process.config;
    struct buffer ipc, state;
    buffer_init(&ipc);
    buffer_init(&state);
    config_broker_ipc(config, &ipc);
    config_state_directory(config, row->service, service->process.partition, &state);
    struct runtime_options options = {
        .core = row->core,
        .partition = {service->process.partition, config->partitions},
        .loop = service->process.loop,
        .state_directory = buffer_text(&state),
        .state_map_size = (size_t)config->state_map_mib << 20,
        .unhurried = row->unhurried,
        .metrics = service->process.metrics,
    };
    unsigned count = 0;
    for (unsigned i = 0; i < 2 && row->inputs[i] != NULL; i++)
        count = name_streams(service, row->inputs[i], count);
    for (unsigned i = 0; i < count; i++)
        options.inputs[i] = service->streams[i];
    options.input_count = count;
    if (row->output != NULL) {
        (void)name_streams(service, row->output, count);
        options.output = service->streams[count];
    }
    struct bus_handlers none = {0};
    enum status status = bus_zmq_open(service->process.loop, buffer_text(&ipc), &none, &service->bus);
    options.bus = service->bus;
    if (status == OK)
        status = runtime_open(&options, &service->runtime, why);
    buffer_fini(&ipc);
    buffer_fini(&state);
    return status;
}

static enum status run(struct service *service, const struct service_row *row, struct buffer *why)
{
    struct buffer control;
    TRY(open_runtime(service, row, why));
    buffer_init(&control);
    config_control_ipc(&service->process.config, row->service, service->process.partition, &control);
    enum status status =
        control_open(service->process.loop, service->runtime, buffer_text(&control), &service->control, why);
    buffer_fini(&control);
    TRY(status);
    beat(service);
    loop_add_timer(service->process.loop, 200, beat, service);
    TRY(process_serve_http(&service->process, ready, service, why));
    diary_event(DIARY_INFO, "serving", "core=%s partition=%u position=%llu", row->core->name,
                service->process.partition, (unsigned long long)runtime_position(service->runtime));
    loop_run(service->process.loop);
    buffer_append(why, service->runtime->why.data, service->runtime->why.size);
    return runtime_status(service->runtime);
}

int service_main(int argc, char **argv, const struct service_row *row)
{
    struct service *service = calloc(1, sizeof *service);
    struct buffer why;
    INVARIANT(service != NULL);
    atomic_store(&service->why_not, "starting");
    buffer_init(&why);
    if (row->unhurried)
        (void)setpriority(PRIO_PROCESS, 0, UNHURRIED_NICE);
    enum status status = process_open(&service->process, row->service, argc, argv, &why);
    if (status == OK)
        status = run(service, row, &why);
    process_close_http(&service->process);
    control_close(&service->control);
    runtime_close(&service->runtime);
    bus_close(&service->bus);
    int code = process_close(&service->process, status, &why);
    buffer_fini(&why);
    free(service);
    return code;
}
