/* SPDX-License-Identifier: Apache-2.0
 * Confinement. */
#include "common/runtime/confine.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/config/service.h"

#define EVERY UINT32_MAX
#define ONLY(service) (UINT32_C(1) << SERVICE_ROW_##service)

/* Of an argument, counted from 0: its value, or that of the bits of a mask. */
#define IS(argument, value)                                                                                            \
    {                                                                                                                  \
        argument, SCMP_CMP_EQ, value, 0                                                                                \
    }
#define BITS(argument, mask, value)                                                                                    \
    {                                                                                                                  \
        argument, SCMP_CMP_MASKED_EQ, mask, value                                                                      \
    }

enum { NAMES_COUNT = 512, NAME_SIZE = 32, LINE_SIZE = 256 };

/* What the handler says, written before there is a filter: it may not allocate. */
static char names[NAMES_COUNT][NAME_SIZE];
static const char *confined;
static int forbidden_exit_code;

/* ---- the end ---- */

static size_t put(char line[LINE_SIZE], size_t at, const char *text)
{
    for (; *text != 0 && at < LINE_SIZE - 1; text++)
        line[at++] = *text;
    return at;
}

static size_t put_number(char line[LINE_SIZE], size_t at, unsigned number)
{
    char digits[12];
    size_t first = sizeof digits - 1;
    digits[first] = 0;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return put(line, at, digits + first);
}

/* As process.c's on_bus_error: async-signal-safe, no clock. */
static void on_forbidden(int signal, siginfo_t *info, void *context)
{
    char line[LINE_SIZE];
    unsigned number = (unsigned)info->si_syscall;
    (void)signal;
    (void)context;
    size_t size = put(line, 0, "{\"level\":\"fatal\",\"service\":\"");
    size = put(line, size, confined);
    size = put(line, size, "\",\"event\":\"forbidden_call\",\"call\":\"");
    size = put(line, size, number < NAMES_COUNT && names[number][0] != 0 ? names[number] : "unknown");
    size = put(line, size, "\",\"number\":\"");
    size = put_number(line, size, number);
    size = put(line, size, "\",\"detail\":\"not in common/runtime/syscalls.def\"}\n");
    (void)!write(STDERR_FILENO, line, size);
    _exit(forbidden_exit_code);
}

static void prepare_words(const char *service)
{
    struct sigaction action = {.sa_sigaction = on_forbidden, .sa_flags = SA_SIGINFO | SA_NODEFER};
    confined = service;
    for (int i = 0; i < NAMES_COUNT; i++) {
        char *name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), i);
        if (name != NULL && strlen(name) < NAME_SIZE)
            memcpy(names[i], name, strlen(name) + 1);
        free(name);
    }
    INVARIANT(sigaction(SIGSYS, &action, NULL) == 0);
}

/* ---- the filter ---- */

struct allowed {
    const char *name;
    uint32_t who;
    uint32_t action;
    unsigned conditions;
    struct scmp_arg_cmp condition;
};

/* A call that this architecture lacks, or that this libseccomp has no name for, is none that could be made. */
static bool add_rule(scmp_filter_ctx filter, const struct allowed *allowed)
{
    int number = seccomp_syscall_resolve_name(allowed->name);
    return number < 0 ||
           seccomp_rule_add_array(filter, allowed->action, number, allowed->conditions, &allowed->condition) == 0;
}

static bool add_rules(scmp_filter_ctx filter, const char *service)
{
    uint32_t mine = UINT32_C(1) << (service_named(service) - service_rows);
    const scmp_datum_t self = (scmp_datum_t)getpid();
    const struct allowed table[] = {
#define CALL(name, who, for_what) {#name, who, SCMP_ACT_ALLOW, 0, {0}},
#define CALL_IF(name, who, condition, for_what) {#name, who, SCMP_ACT_ALLOW, 1, condition},
#define ABSENT(name, for_what) {#name, EVERY, SCMP_ACT_ERRNO(ENOSYS), 0, {0}},
#include "common/runtime/syscalls.def"
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if ((table[i].who & mine) != 0 && !add_rule(filter, &table[i]))
            return false;
    return true;
}

enum status confine(const char *service, bool log_only, int exit_code, struct buffer *why)
{
    if (!CONFINE_WORKS)
        return OK;
    forbidden_exit_code = exit_code;
    prepare_words(service);
    scmp_filter_ctx filter = seccomp_init(log_only ? SCMP_ACT_LOG : SCMP_ACT_TRAP);
    int error = -ENOSYS;
    if (filter != NULL && seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
        seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 && add_rules(filter, service))
        error = seccomp_load(filter);
    seccomp_release(filter);
    if (error == 0)
        return OK;
    buffer_printf(why,
                  "内核不接受 seccomp 过滤器：%s；配置 seccomp: off 可不用它 / the kernel takes no seccomp filter: %s; "
                  "seccomp: off runs without one",
                  strerror(-error), strerror(-error));
    return FATAL_CONFIG;
}
