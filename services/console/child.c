/* SPDX-License-Identifier: Apache-2.0
 * Running a command. */
#include "services/console/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/check.h"

enum { READ_SIZE = 64 * 1024, NICE = 19 };

/* In the child: calls that are allowed between fork and exec, and no other. */
static void run(char *const words[], int in, int out, int error, pid_t parent)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(error, 2) < 0)
        _exit(127);
    (void)close_range(3, ~0U, 0);
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    (void)sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}); /* its waking up puts nobody aside */
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)execv(words[0], words);
    _exit(127);
}

static void drain(int fd, struct buffer *to, size_t most, bool *more)
{
    for (;;) {
        uint8_t *room = buffer_reserve(to, READ_SIZE);
        ssize_t got = read(fd, room, READ_SIZE);
        if (got <= 0)
            return;
        size_t fits = most - to->size;
        *more = *more || (size_t)got > fits;
        to->size += (size_t)got < fits ? (size_t)got : fits;
    }
}

static void on_out(void *self)
{
    struct child *child = self;
    bool was = child->cut, more = false;
    drain(child->out_fd, &child->out, CHILD_SAID_SIZE_MAX, &child->cut);
    drain(child->error_fd, &child->error, CHILD_COMPLAINTS_SIZE_MAX, &more);
    if (child->cut && !was)
        child_kill(child);
}

/* What it said last is taken before its end is told. */
static void on_end(void *self)
{
    struct child *child = self;
    int status = 0;
    if (waitpid(child->pid, &status, WNOHANG) != child->pid)
        return;
    on_out(child);
    child->code = WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_CODE_KILLED + WTERMSIG(status);
    child->pid = 0;
    loop_remove(child->loop, child);
    (void)close(child->pidfd);
    (void)close(child->out_fd);
    (void)close(child->error_fd);
    child->ended(child->self);
}

static void on_late(void *self)
{
    struct child *child = self;
    child->late = true;
    child_kill(child);
}

/* A pipe whose end that we keep neither blocks nor outlives an exec. */
static bool open_pipe(int ends[2], int ours)
{
    return pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[ours], F_SETFL, O_NONBLOCK) == 0;
}

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
}

bool child_start(struct child *child, struct loop *loop, char *const words[], struct span input,
                 void (*ended)(void *self), void *self)
{
    int fds[6] = {-1, -1, -1, -1, -1, -1}, *in = fds, *out = fds + 2, *error = fds + 4;
    pid_t parent = getpid();
    *child = (struct child){.loop = loop, .ended = ended, .self = self};
    bool opened = open_pipe(in, 1) && open_pipe(out, 0) && open_pipe(error, 0) &&
                  write(in[1], input.data, input.size) == (ssize_t)input.size;
    child->pid = opened ? fork() : -1;
    if (child->pid == 0)
        run(words, in[0], out[1], error[1], parent);
    child->pidfd = child->pid > 0 ? (int)syscall(SYS_pidfd_open, child->pid, 0) : -1;
    if (child->pidfd < 0) {
        if (child->pid > 0) {
            (void)kill(child->pid, SIGKILL);
            (void)waitpid(child->pid, NULL, 0);
        }
        child->pid = 0;
        close_all(fds, 6);
        return false;
    }
    (void)close(in[0]);
    (void)close(in[1]);
    (void)close(out[1]);
    (void)close(error[1]);
    child->out_fd = out[0];
    child->error_fd = error[0];
    loop_add_fd(loop, child->out_fd, on_out, child);
    loop_add_fd(loop, child->error_fd, on_out, child);
    loop_add_fd(loop, child->pidfd, on_end, child);
    loop_once(loop, CHILD_LIFE_MS, on_late, child);
    return true;
}

void child_kill(struct child *child)
{
    if (child->pid > 0)
        (void)kill(child->pid, SIGKILL);
}

void child_fini(struct child *child)
{
    if (child->pid > 0) {
        loop_remove(child->loop, child);
        child_kill(child);
        (void)waitpid(child->pid, NULL, 0);
        (void)close(child->pidfd);
        (void)close(child->out_fd);
        (void)close(child->error_fd);
    }
    buffer_fini(&child->out);
    buffer_fini(&child->error);
}
