/* SPDX-License-Identifier: Apache-2.0
 * The console is two processes. The one that the network speaks with may start nothing and is confined; the other, its
 * child, takes numbers of question.def with their arguments over a socket pair, makes the commands' words itself, and
 * runs them. So somebody else's code in the first can ask what the table allows, and nothing else. Each ends with the
 * other.
 *
 *   question: frame, user, arguments      answer: frame, body
 *
 * Both ends are one program: the frame is a struct. */
#ifndef HUTONG_SERVICES_CONSOLE_RUNNER_H
#define HUTONG_SERVICES_CONSOLE_RUNNER_H
#include "common/base/buffer.h"
#include "common/base/status.h"
#include "services/console/console_core.h"

struct runner_frame {
    uint64_t id;
    uint32_t number;             /* of a question; of an answer, its refusal */
    uint32_t user_size;          /* of a question */
    uint32_t cached;             /* of an answer */
    int32_t code;                /* of an answer */
    uint32_t size;               /* of all that follows */
    char party[PARTY_NAME_SIZE]; /* of a question that is its user's own party's */
};

enum { RUNNER_FRAME_SIZE_MAX = 4 * 1024 * 1024 };

/* Before there are threads, while the process is not confined. The socket to it; -1: there is none. */
int runner_start(const char *config_path);
/* Blocks until it is written. False: the other end is gone. */
bool runner_send(int fd, const struct runner_frame *frame, struct span first, struct span second);
/* What has come is added to `bytes`; each whole frame is given, and taken off. False: the other end is gone. */
bool runner_receive(int fd, struct buffer *bytes,
                    void (*take)(void *self, const struct runner_frame *frame, const uint8_t *body), void *self);
#endif
