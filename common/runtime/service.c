/* SPDX-License-Identifier: Apache-2.0
 * The main() of a service that is nothing but a core. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/base/check.h"
#include "common/bus/bus_zmq.h"
#include "common/config/service.h"
#include "common/observe/diary.h"
#include "common/pb/wire.h"
#include "common/runtime/control.h"
#include "common/runtime/process.h"
#include "common/runtime/runtime.h"

enum { UNHURRIED_NICE = 10, LOOK_MS = 200 };

struct service {
    struct process process;
    struct runtime *runtime;
    struct control *control;
    struct bus *bus;
    struct service_streams streams;
    const struct service_shell *shell; /* NULL: none */
    void *around;                      /* its self; NULL: not open */
};

static const char *shell_why_not(const struct service *service)
{
    if (service->shell == NULL || service->shell->why_not == NULL)
        return "";
    return service->around == NULL ? "正在启动; starting" : service->shell->why_not(service->around);
}

static const char *readiness(void *self)
{
    struct service *service = self;
    const char *why_not;
    return runtime_is_ready(service->runtime, &why_not) ? shell_why_not(service) : why_not;
}

static void tell(void *self, struct service_status *status)
{
    const struct service *service = self;
    const char *why_not = shell_why_not(service);
    if (service->around != NULL && service->shell->tell != NULL)
        service->shell->tell(service->around, status);
    if (!status->ready || why_not[0] == 0)
        return;
    status->ready = false;
    status->not_ready_reason = why_not;
}

static void advanced(void *self, struct runtime *runtime)
{
    struct service *service = self;
    (void)runtime;
    if (service->around != NULL)
        service->shell->advanced(service->around);
}

static enum status open_runtime(struct service *service, const struct core *core, struct buffer *why)
{
    const struct service_row *row = service_named(core->name);
    const struct config *config = &service->process.config;
    struct buffer ipc, state;
    buffer_init(&ipc);
    buffer_init(&state);
    config_broker_ipc(config, &ipc);
    config_state_directory(config, row->name, service->process.partition, &state);
    struct runtime_options options = {
        .core = core,
        .partition = {service->process.partition, config->partitions},
        .loop = service->process.loop,
        .state_directory = buffer_text(&state),
        .state_map_size = (size_t)config->state_map_mib << 20,
        .ahead = row->output != NULL && !row->unhurried,
        .unhurried = row->unhurried,
        .metrics = service->process.metrics,
        .advanced = service->shell != NULL && service->shell->advanced != NULL ? advanced : NULL,
        .advanced_self = service,
        .tell = tell,
        .tell_self = service,
    };
    service_streams(row, service->process.partition, config->partitions, &service->streams);
    options.input_count = service->streams.input_count;
    for (unsigned i = 0; i < options.input_count; i++)
        options.inputs[i] = service->streams.inputs[i];
    if (row->output != NULL)
        options.output = service->streams.output;
    struct bus_handlers none = {0};
    enum status status = bus_zmq_open(service->process.loop, buffer_text(&ipc), &none, &service->bus);
    options.bus = service->bus;
    if (status == OK)
        status = runtime_open(&options, &service->runtime, why);
    buffer_fini(&ipc);
    buffer_fini(&state);
    return status;
}

/* Not before it has caught up: until then it would be given a fifth of what others take. */
static void yield_once_ready(void *self)
{
    struct service *service = self;
    const char *why_not;
    if (runtime_is_ready(service->runtime, &why_not))
        (void)setpriority(PRIO_PROCESS, 0, UNHURRIED_NICE);
    else
        loop_once(service->process.loop, LOOK_MS, yield_once_ready, service);
}

static enum status open_shell(struct service *service, struct buffer *why)
{
    struct process *process = &service->process;
    struct service_around around = {&process->config, process->loop, service->runtime, process->metrics};
    if (service->shell == NULL)
        return OK;
    service->around = calloc(1, service->shell->self_size);
    INVARIANT(service->around != NULL);
    return service->shell->open(service->around, &around, why);
}

static void close_shell(struct service *service)
{
    if (service->around != NULL)
        service->shell->close(service->around);
    free(service->around);
    service->around = NULL;
}

static enum status serve_http(struct service *service, struct buffer *why)
{
    struct http_pages pages = {0};
    if (service->shell != NULL)
        pages = (struct http_pages){service->shell->serve, service->around};
    return process_serve_http(&service->process, readiness, service,
                              "主循环已 5 秒没有动静; the loop has not turned for 5 s", &pages, why);
}

/* What ended the loop: the runtime, or what stands around it. */
static enum status ended(struct service *service, struct buffer *why)
{
    buffer_append_text(why, runtime_why(service->runtime));
    TRY(runtime_status(service->runtime));
    return service->shell != NULL && service->shell->status != NULL ? service->shell->status(service->around, why) : OK;
}

static enum status run(struct service *service, const struct core *core, struct buffer *why)
{
    struct buffer control;
    TRY(open_runtime(service, core, why));
    buffer_init(&control);
    config_control_ipc(&service->process.config, core->name, service->process.partition, &control);
    enum status status =
        control_open(service->process.loop, service->runtime, buffer_text(&control), &service->control, why);
    buffer_fini(&control);
    TRY(status);
    TRY(open_shell(service, why));
    TRY(serve_http(service, why));
    TRY(process_confine(&service->process, why));
    diary_event(DIARY_INFO, "serving", "core=%s partition=%u position=%llu", core->name, service->process.partition,
                (unsigned long long)runtime_position(service->runtime));
    if (service_named(core->name)->unhurried)
        yield_once_ready(service);
    loop_run(service->process.loop);
    return ended(service, why);
}

int service_main(int argc, char **argv, const struct core *core, const struct service_shell *shell)
{
    struct service *service = calloc(1, sizeof *service);
    struct buffer why;
    INVARIANT(service != NULL);
    buffer_init(&why);
    service->shell = shell;
    enum status status = process_open(&service->process, core->name, argc, argv, &why);
    if (status == OK)
        status = run(service, core, &why);
    process_close_http(&service->process);
    close_shell(service);
    control_close(&service->control);
    runtime_close(&service->runtime);
    bus_close(&service->bus);
    int code = process_close(&service->process, status, &why);
    buffer_fini(&why);
    free(service);
    return code;
}
