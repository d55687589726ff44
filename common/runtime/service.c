/* SPDX-License-Identifier: Apache-2.0
 * The main() of a service that is nothing but a core. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/base/check.h"
#include "common/config/service.h"
#include "common/observe/diary.h"
#include "common/pb/wire.h"
#include "common/runtime/process.h"
#include "common/runtime/service_part.h"

enum { UNHURRIED_NICE = 10, LOOK_MS = 200 };

struct service {
    struct process process;
    struct service_part part;
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
    return runtime_is_ready(service->part.runtime, &why_not) ? shell_why_not(service) : why_not;
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

static enum status open_part(struct service *service, const struct core *core, struct buffer *why)
{
    struct process *process = &service->process;
    struct service_place place = {&process->config, process->partition, process->loop, process->metrics};
    struct runtime_options options = {
        .advanced = service->shell != NULL && service->shell->advanced != NULL ? advanced : NULL,
        .advanced_self = service,
        .tell = tell,
        .tell_self = service,
    };
    return service_part_open(&service->part, core, &place, &options, why);
}

/* Not before it has caught up: until then it would be given a fifth of what others take. */
static void yield_once_ready(void *self)
{
    struct service *service = self;
    const char *why_not;
    if (runtime_is_ready(service->part.runtime, &why_not))
        (void)setpriority(PRIO_PROCESS, 0, UNHURRIED_NICE);
    else
        loop_once(service->process.loop, LOOK_MS, yield_once_ready, service);
}

static enum status open_shell(struct service *service, struct buffer *why)
{
    struct process *process = &service->process;
    struct service_around around = {&process->config, process->loop, service->part.runtime, process->metrics};
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
    buffer_append_text(why, runtime_why(service->part.runtime));
    TRY(runtime_status(service->part.runtime));
    return service->shell != NULL && service->shell->status != NULL ? service->shell->status(service->around, why) : OK;
}

static enum status run(struct service *service, const struct core *core, struct buffer *why)
{
    TRY(open_part(service, core, why));
    TRY(open_shell(service, why));
    TRY(serve_http(service, why));
    TRY(process_confine(&service->process, why));
    diary_event(DIARY_INFO, "serving", "core=%s partition=%u position=%llu", core->name, service->process.partition,
                (unsigned long long)runtime_position(service->part.runtime));
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
    service_part_close(&service->part);
    int code = process_close(&service->process, status, &why);
    buffer_fini(&why);
    free(service);
    return code;
}
