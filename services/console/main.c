/* SPDX-License-Identifier: Apache-2.0
 * hutong-console: the command line behind HTTP. */
#include <stdlib.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/observe/diary.h"
#include "common/runtime/process.h"
#include "services/console/front.h"
#include "services/console/runner.h"

struct console {
    struct process process;
    struct front *front;
    int runner_fd;
    bool lost; /* the other process */
};

static const char *readiness(void *self)
{
    const struct console *console = self;
    return console->lost ? "the process that runs commands is gone" : "";
}

static void on_answers(void *self)
{
    struct console *console = self;
    if (front_take_answers(console->front))
        return;
    console->lost = true;
    loop_stop(console->process.loop);
}

static enum status run(struct console *console, struct buffer *why)
{
    struct process *process = &console->process;
    console->runner_fd = runner_start(process->config_path);
    if (console->runner_fd < 0) {
        buffer_append_text(why, "cannot start the process that runs commands");
        return FATAL_IO;
    }
    struct front_options options = {&process->config, process->loop, process->metrics, console->runner_fd};
    TRY(front_open(&options, &console->front, why));
    loop_add_fd(process->loop, console->runner_fd, on_answers, console);
    TRY(process_serve_http(process, readiness, console, "the console has not turned for 5 s", NULL, why));
    TRY(process_confine(process, why));
    diary_event(DIARY_INFO, "serving", "console=%s", process->config.console_endpoint);
    loop_run(process->loop);
    if (console->lost)
        buffer_append_text(why, readiness(console));
    return console->lost ? FATAL_IO : OK;
}

int main(int argc, char **argv)
{
    struct console *console = calloc(1, sizeof *console);
    struct buffer why = {0};
    INVARIANT(console != NULL);
    console->runner_fd = -1;
    enum status status = process_open(&console->process, "console", argc, argv, &why);
    if (status == OK && console->process.config.console_endpoint[0] == 0)
        diary_event(DIARY_INFO, "not_wanted", "detail=console_endpoint is not in the configuration");
    else if (status == OK)
        status = run(console, &why);
    process_close_http(&console->process);
    front_close(&console->front);
    if (console->runner_fd >= 0)
        (void)close(console->runner_fd);
    int code = process_close(&console->process, status, &why);
    buffer_fini(&why);
    free(console);
    return code;
}
