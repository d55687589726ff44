/* SPDX-License-Identifier: Apache-2.0
 * The process that runs commands, and the way to it. */
#include "services/console/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/base/check.h"
#include "services/console/asker.h"

enum { READ_SIZE = 64 * 1024, PATH_SIZE = 4096 };

/* ---- frames ---- */

static bool send_whole(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            (void)poll(&room, 1, -1);
        } else if (sent < 0 && errno != EINTR) {
            return false;
        }
        bytes += sent > 0 ? sent : 0;
        size -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

bool runner_send(int fd, const struct runner_frame *frame, struct span first, struct span second)
{
    return send_whole(fd, (const uint8_t *)frame, sizeof *frame) && send_whole(fd, first.data, first.size) &&
           send_whole(fd, second.data, second.size);
}

bool runner_receive(int fd, struct buffer *bytes,
                    void (*take)(void *self, const struct runner_frame *frame, const uint8_t *body), void *self)
{
    struct runner_frame frame;
    ssize_t got = recv(fd, buffer_reserve(bytes, READ_SIZE), READ_SIZE, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    bytes->size += got > 0 ? (size_t)got : 0;
    size_t at = 0;
    for (; bytes->size - at >= sizeof frame; at += sizeof frame + frame.size) {
        memcpy(&frame, bytes->data + at, sizeof frame);
        if (frame.size > RUNNER_FRAME_SIZE_MAX)
            return false;
        if (bytes->size - at - sizeof frame < frame.size)
            break;
        take(self, &frame, bytes->data + at + sizeof frame);
    }
    memmove(bytes->data, bytes->data + at, bytes->size - at);
    bytes->size -= at;
    return true;
}

/* ---- the process ---- */

struct runner {
    int fd;
    struct loop *loop;
    struct asker *asker;
    struct buffer bytes;
};

static void answer(void *self, const struct asker_answer *answer)
{
    struct runner *runner = self;
    struct runner_frame frame = {.id = answer->id,
                                 .number = answer->refusal,
                                 .cached = answer->cached,
                                 .code = answer->code,
                                 .size = (uint32_t)answer->body.size};
    if (!runner_send(runner->fd, &frame, answer->body, (struct span){0}))
        loop_stop(runner->loop);
}

/* Nothing that comes is believed: the other process may be somebody else's. */
static void take(void *self, const struct runner_frame *frame, const uint8_t *body)
{
    struct runner *runner = self;
    char user[USER_NAME_SIZE] = "";
    if (frame->number >= question_count || frame->user_size >= sizeof user || frame->user_size > frame->size) {
        loop_stop(runner->loop);
        return;
    }
    memcpy(user, body, frame->user_size);
    bool sound = memchr(frame->party, 0, sizeof frame->party) != NULL &&
                 (frame->party[0] == 0 || user_name_is_sound(frame->party));
    if (!sound || !user_name_is_sound(user)) {
        loop_stop(runner->loop);
        return;
    }
    asker_ask(runner->asker, frame->id, frame->number, &(struct asker_user){user, frame->party},
              span_of(body + frame->user_size, frame->size - frame->user_size));
}

static void on_questions(void *self)
{
    struct runner *runner = self;
    if (!runner_receive(runner->fd, &runner->bytes, take, runner))
        loop_stop(runner->loop);
}

static void run(int fd, const char *config_path)
{
    char program[PATH_SIZE + 16];
    ssize_t size = readlink("/proc/self/exe", program, PATH_SIZE - 1);
    char *slash = size <= 0 ? NULL : memrchr(program, '/', (size_t)size);
    if (slash == NULL)
        _exit(EXIT_FAILURE);
    memcpy(slash, "/hutong", sizeof "/hutong");
    (void)prctl(PR_SET_NAME, "console-runner");
    /* A terminal's Ctrl-C, and a manager's stop of the whole group, are for the other process, which then goes away. */
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    struct runner runner = {.fd = fd, .loop = loop_new()};
    runner.asker = asker_new(&(struct asker_options){runner.loop, program, config_path, answer, &runner});
    loop_add_fd(runner.loop, fd, on_questions, &runner);
    loop_run(runner.loop);
    asker_destroy(&runner.asker);
    _exit(EXIT_SUCCESS);
}

int runner_start(const char *config_path)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return -1;
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
        int fd = fcntl(ends[1], F_DUPFD_CLOEXEC, 3);
        (void)dup2(fd, 3); /* beside it what an exchange's daemon has open: its claim, above all, which is its own */
        (void)close_range(4, ~0U, 0);
        (void)fcntl(3, F_SETFD, FD_CLOEXEC);
        run(3, config_path);
    }
    (void)close(ends[1]);
    if (pid > 0)
        return ends[0];
    (void)close(ends[0]);
    return -1;
}
