/* SPDX-License-Identifier: Apache-2.0
 * The system calls of a daemon that serves: seccomp, by the table syscalls.def. Any other one ends the process with
 * a code of its own and a line of the diary that names it; with SIGSYS and no line where the thread blocks all signals
 * (libzmq's own threads). In a build with sanitizers, which make calls of their own, nothing is confined. */
#ifndef HUTONG_COMMON_RUNTIME_CONFINE_H
#define HUTONG_COMMON_RUNTIME_CONFINE_H
#include <stdbool.h>

#include "common/base/buffer.h"
#include "common/base/status.h"

#ifdef HUTONG_SANITIZED
enum { CONFINE_WORKS = 0 };
#else
enum { CONFINE_WORKS = 1 };
#endif

/* `service`: a row of service.def. For all threads of the process, for good. `log_only`: the kernel's log (audit) is
 * told of other calls, which are made. `exit_code`: otherwise. FATAL_CONFIG: the kernel will not. */
MUST_USE enum status confine(const char *service, bool log_only, int exit_code, struct buffer *why);
#endif
