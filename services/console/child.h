/* SPDX-License-Identifier: Apache-2.0
 * One command under way: hutong in a process of its own, nice 19 and a batch, that ends with its parent, after 20 s by
 * force. What it says is taken as it comes, so that it never waits for us, and no more than is bounded. */
#ifndef HUTONG_SERVICES_CONSOLE_CHILD_H
#define HUTONG_SERVICES_CONSOLE_CHILD_H
#include "common/base/buffer.h"
#include "common/net/loop.h"

enum {
    CHILD_LIFE_MS = 20 * 1000,
    CHILD_SAID_SIZE_MAX = 1024 * 1024,     /* of standard output; beyond it the command is ended */
    CHILD_COMPLAINTS_SIZE_MAX = 16 * 1024, /* of standard error; the rest is dropped */
    CHILD_CODE_KILLED = 128                /* and the signal's number */
};

struct child {
    struct loop *loop;
    void (*ended)(void *self);
    void *self;
    int pid, pidfd, out_fd, error_fd;
    struct buffer out, error;
    int code;
    bool cut, late; /* it said too much; it took too long */
};

/* `words`: the program and its arguments, ended by NULL. `input` is given to it whole: at most what a pipe holds.
 * False: there is no process; nothing is called. */
bool child_start(struct child *child, struct loop *loop, char *const words[], struct span input,
                 void (*ended)(void *self), void *self);
void child_kill(struct child *child);
void child_fini(struct child *child);
#endif
