/* SPDX-License-Identifier: Apache-2.0
 * Supervision. */
#include "tools/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/net/loop.h"
#include "common/observe/build.h"
#include "common/observe/diary.h"
#include "common/runtime/process.h"
#include "tools/daemons.h"

enum {
    BACKOFF_MIN_MS = 50,
    BACKOFF_MAX_MS = 5000,
    STEADY_MS = 500, /* lived that long: it had started, and the next restart is immediate again */
    STOP_MS = 10000,
    PAUSE_MAX_MS = 3600 * 1000,
    PATH_SIZE = 4096 + 128
};

struct child {
    const char *service;
    uint32_t partition;
    pid_t pid; /* 0: not running */
    uint32_t backoff_ms;
    int64_t started_ms;
    int64_t restart_at_ms; /* 0: not wanted */
    uint32_t starts;
};

struct supervisor {
    const struct cli *cli;
    pid_t pid;
    char programs[PATH_SIZE];
    struct child children[SERVICE_PROCESSES_MAX];
    unsigned count;
    bool failed;
    bool over; /* nothing may go on */
};

static int64_t now_ms(void)
{
    return loop_monotonic_us() / 1000;
}

/* Between fork and here the supervisor may have died already: then nobody would send the signal. */
static void end_with(pid_t supervisor)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != supervisor)
        _exit(EXIT_OTHER);
}

static void run_child(const struct supervisor *supervisor, const struct child *child)
{
    char program[PATH_SIZE + 64], diary[PATH_SIZE], partition[16], restarts[16];
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    end_with(supervisor->pid);
    (void)snprintf(program, sizeof program, "%s/hutong-%s", supervisor->programs, child->service);
    daemon_diary_path(supervisor->cli, child->service, child->partition, diary, sizeof diary);
    (void)snprintf(partition, sizeof partition, "%u", child->partition);
    (void)snprintf(restarts, sizeof restarts, "%u", child->starts);
    int log = open(diary, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (log < 0 || null < 0)
        _exit(EXIT_IO);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(log, STDOUT_FILENO);
    (void)dup2(log, STDERR_FILENO);
    if (!daemon_claim(supervisor->cli, child->service, child->partition))
        _exit(EXIT_IO);
    (void)execl(program, program, "--config", supervisor->cli->config_path, "--partition", partition, "--restarts",
                restarts, (char *)NULL);
    diary_start(child->service, DIARY_INFO);
    diary_event(DIARY_FATAL, "stopped", "detail=cannot run %s: %s", program, strerror(errno));
    _exit(EXIT_USAGE);
}

static void start_child(struct supervisor *supervisor, struct child *child)
{
    pid_t pid = fork();
    if (pid == 0)
        run_child(supervisor, child);
    child->started_ms = now_ms();
    child->pid = pid > 0 ? pid : 0;
    child->restart_at_ms = pid > 0 ? 0 : now_ms() + BACKOFF_MAX_MS;
    if (pid < 0)
        return;
    diary_event(DIARY_INFO, child->starts == 0 ? "daemon_started" : "daemon_restarted",
                "daemon=%s partition=%u pid=%d restarts=%u", child->service, child->partition, (int)pid, child->starts);
    child->starts++;
}

/* Codes for which a restart would do the same again (common/runtime/process.h). */
static bool restart_helps(int status)
{
    if (!WIFEXITED(status))
        return true;
    int code = WEXITSTATUS(status);
    return code != EXIT_USAGE && code != EXIT_DIVERGED && code != EXIT_CORRUPT && code != EXIT_TOO_OLD &&
           code != EXIT_CONTRADICTED;
}

static void child_ended(struct supervisor *supervisor, struct child *child, int status)
{
    int64_t lived_ms = now_ms() - child->started_ms;
    bool helps = restart_helps(status), steady = lived_ms >= STEADY_MS, killed = WIFSIGNALED(status);
    child->pid = 0;
    diary_event(DIARY_ERROR, "daemon_ended", "daemon=%s partition=%u %s=%d lived_ms=%lld restarted=%s", child->service,
                child->partition, killed ? "signal" : "code", killed ? WTERMSIG(status) : WEXITSTATUS(status),
                (long long)lived_ms, helps ? "yes" : "no: it would end so again");
    if (!helps) {
        daemon_give_up(supervisor->cli, child->service, child->partition, WEXITSTATUS(status));
        supervisor->failed = true;
        supervisor->over = supervisor->over || WEXITSTATUS(status) == EXIT_CONTRADICTED;
        return;
    }
    if (!killed && WEXITSTATUS(status) == EXIT_TAIL_LOST) {
        child->restart_at_ms = now_ms(); /* at once: it is well, and what it held has gone */
        return;
    }
    child->backoff_ms = steady || child->backoff_ms == 0 ? BACKOFF_MIN_MS : child->backoff_ms * 2;
    if (child->backoff_ms > BACKOFF_MAX_MS)
        child->backoff_ms = BACKOFF_MAX_MS;
    child->restart_at_ms = now_ms() + child->backoff_ms;
}

/* `asked`: it was told to end. */
static void reap(struct supervisor *supervisor, bool asked)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (unsigned i = 0; i < supervisor->count; i++)
            if (supervisor->children[i].pid == pid && asked)
                supervisor->children[i].pid = 0;
            else if (supervisor->children[i].pid == pid)
                child_ended(supervisor, &supervisor->children[i], status);
}

/* The edge first, then what stands behind it, the broker last: everybody can still write down what it did. */
static void stop_service(struct supervisor *supervisor, const char *service)
{
    int64_t until = now_ms() + STOP_MS;
    for (bool running = true, killed = false; running;) {
        running = false;
        for (unsigned i = 0; i < supervisor->count; i++) {
            struct child *child = &supervisor->children[i];
            if (child->pid == 0 || strcmp(child->service, service) != 0)
                continue;
            (void)kill(child->pid, killed ? SIGKILL : SIGTERM);
            running = true;
        }
        struct timespec pause = {0, 20 * 1000 * 1000};
        (void)nanosleep(&pause, NULL);
        reap(supervisor, true);
        killed = now_ms() > until;
    }
}

static void stop_all(struct supervisor *supervisor)
{
    for (unsigned i = 1; i <= SERVICE_COUNT; i++)
        stop_service(supervisor, service_rows[i % SERVICE_COUNT].name);
    for (unsigned i = 0; i < supervisor->count; i++)
        daemon_forget(supervisor->cli, supervisor->children[i].service, supervisor->children[i].partition);
}

/* Until the next child is to be started again; a signal ends it. */
static struct timespec pause_of(const struct supervisor *supervisor)
{
    int64_t until_ms = INT64_MAX, now = now_ms();
    for (unsigned i = 0; i < supervisor->count; i++) {
        const struct child *child = &supervisor->children[i];
        if (child->pid == 0 && child->restart_at_ms != 0 && child->restart_at_ms < until_ms)
            until_ms = child->restart_at_ms;
    }
    int64_t pause_ms = until_ms <= now ? 0 : until_ms - now < PAUSE_MAX_MS ? until_ms - now : PAUSE_MAX_MS;
    return (struct timespec){pause_ms / 1000, pause_ms % 1000 * 1000 * 1000};
}

static void watch(struct supervisor *supervisor)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    for (unsigned i = 0; i < supervisor->count; i++)
        start_child(supervisor, &supervisor->children[i]);
    for (int signal = 0; signal != SIGTERM && signal != SIGINT && !supervisor->over;) {
        struct timespec pause = pause_of(supervisor);
        signal = sigtimedwait(&signals, NULL, &pause);
        reap(supervisor, false);
        for (unsigned i = 0; i < supervisor->count; i++) {
            struct child *child = &supervisor->children[i];
            if (child->pid == 0 && child->restart_at_ms != 0 && now_ms() >= child->restart_at_ms)
                start_child(supervisor, child);
        }
    }
}

static bool find_programs(struct supervisor *supervisor)
{
    ssize_t size = readlink("/proc/self/exe", supervisor->programs, sizeof supervisor->programs - 1);
    if (size <= 0)
        return false;
    supervisor->programs[size] = 0;
    *strrchr(supervisor->programs, '/') = 0;
    return true;
}

bool supervise(struct cli *cli)
{
    static struct supervisor supervisor;
    const char *service;
    uint32_t partition;
    supervisor = (struct supervisor){.cli = cli, .pid = getpid()};
    diary_start("supervisor", DIARY_INFO);
    diary_event(DIARY_INFO, "supervising", "pid=%d configuration=%s version=%s build=%s", (int)getpid(),
                cli->config_path, build_version(), build_commit());
    if (!find_programs(&supervisor)) {
        diary_event(DIARY_FATAL, "stopped", "detail=cannot read /proc/self/exe: %s", strerror(errno));
        return false;
    }
    for (unsigned i = 0; daemons_at(cli, i, &service, &partition); i++) {
        INVARIANT(supervisor.count < SERVICE_PROCESSES_MAX);
        supervisor.children[supervisor.count++] = (struct child){.service = service, .partition = partition};
    }
    watch(&supervisor);
    stop_all(&supervisor);
    diary_event(DIARY_INFO, "stopped", "pid=%d", (int)getpid());
    return !supervisor.failed;
}
