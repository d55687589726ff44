/* SPDX-License-Identifier: Apache-2.0
 * The file of a drain. */
#include "services/ingest/drain.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/observe/diary.h"

void drain_path(const char *run_directory, char path[4096 + 64])
{
    (void)snprintf(path, 4096 + 64, "%.4096s/drain", run_directory);
}

enum drain_state drain_state(const char *path)
{
    struct stat file;
    if (stat(path, &file) != 0)
        return DRAIN_NOT_ASKED;
    return file.st_size == 0 ? DRAIN_ASKED : DRAIN_HEARD;
}

void drain_open(struct drain *drain, const char *run_directory)
{
    drain_path(run_directory, drain->path);
    drain->on = false;
    (void)unlink(drain->path);
}

static void say_heard(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!write(fd, "heard\n", 6);
    (void)close(fd);
}

bool drain_look(struct drain *drain)
{
    enum drain_state state = drain_state(drain->path);
    bool on = state != DRAIN_NOT_ASKED;
    if (on != drain->on)
        diary_event(DIARY_WARN, on ? "draining" : "taking_again", "detail=%s",
                    on ? "nothing new is taken (hutong drain)" : "hutong drain has ended");
    drain->on = on;
    if (state == DRAIN_ASKED)
        say_heard(drain->path);
    return on;
}
