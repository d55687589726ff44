/* SPDX-License-Identifier: Apache-2.0
 * What every daemon's main does before and after its own work: arguments, configuration, logs, metrics, HTTP, SIGTERM.
 */
#ifndef HUTONG_COMMON_RUNTIME_PROCESS_H
#define HUTONG_COMMON_RUNTIME_PROCESS_H
#include "common/config/config.h"
#include "common/http/http.h"
#include "common/net/pulse.h"
#include "common/net/zap.h"

/* Exit codes. 3 to 8 and 11 mean that a restart alone may not help; docs/OPERATING.md says what to do. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_USAGE = 2,
    EXIT_IO = 3,
    EXIT_DIVERGED = 4,
    EXIT_FENCED = 5,
    EXIT_CORRUPT = 6,
    EXIT_TOO_OLD = 7, /* this build, for what is stored */
    EXIT_OTHER = 8,
    EXIT_TAIL_LOST = 9,     /* a restart is the way: from the committed state */
    EXIT_DAMAGED = 10,      /* so it is here: the damaged state is set aside when it is opened, and made again */
    EXIT_CONTRADICTED = 11, /* nothing goes on until a person has looked */
    EXIT_FORBIDDEN = 12     /* a system call that is not its own: a hole in syscalls.def, or somebody else's code */
};

/* Of this process: when it began, and how often whoever watches over it had started it before. */
instant_ms_t process_started_at(void);
uint64_t process_restarts(void);

struct process {
    const char *service;
    uint32_t partition;
    struct config config;
    const char *config_path; /* as it was given */
    struct loop *loop;
    struct metrics *metrics;
    struct http *http;
    struct pulse pulse; /* of the loop */
    bool configured;
};

/* No core file, and no other process of this user may read its memory. */
void process_dump_nothing(void);
/* --config FILE [--partition N] [--restarts N]; SIGTERM and SIGINT stop the loop. */
MUST_USE enum status process_open(struct process *process, const char *service, int argc, char **argv,
                                  struct buffer *why);
/* On the port that the configuration gives; none: no HTTP. `stands`: what readiness says when the loop does not turn.
 * `pages`: its own beside those of every daemon; NULL: none. */
MUST_USE enum status process_serve_http(struct process *process, pulse_why_not_fn *why_not, void *self,
                                        const char *stands, const struct http_pages *pages, struct buffer *why);
/* From here on this process, all its threads, makes the system calls of common/runtime/syscalls.def and no others.
 * After everything is open, before it serves. */
MUST_USE enum status process_confine(const struct process *process, struct buffer *why);
void process_close_http(struct process *process);
/* Certificates from the key directory. */
MUST_USE enum status process_open_zap(struct process *process, struct zap **zap, struct buffer *why);
/* Logs why it ends; returns the exit code. */
int process_close(struct process *process, enum status status, struct buffer *why);
#endif
