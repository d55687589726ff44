/* SPDX-License-Identifier: Apache-2.0
 * Each daemon's filter, in a process of its own: what ends it, by which call, and what goes on. */
#include "common/runtime/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/config/service.h"
#include "common/runtime/process.h"
#include "tests/support/test.h"

enum { HAPPY = 0, RETURNED = 77, WITHOUT_A_FILTER = 78 };

struct trial {
    const char *call; /* as the diary names it; NULL: it may */
    void (*act)(void);
    const char *but; /* a service that may all the same; NULL: none */
};

static void run_a_program(void)
{
    char *const words[] = {"true", NULL};
    (void)execve("/bin/true", words, words);
}
static void trace(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}
static void listen_to_the_wire(void)
{
    (void)socket(AF_PACKET, SOCK_RAW, 0);
}
static void call_out(void)
{
    (void)socket(AF_INET, SOCK_STREAM, 0);
}
static void make_a_process(void)
{
    (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}
static void make_code(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void turn_data_into_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)mprotect(page, 4096, PROT_READ | PROT_EXEC);
}
static void signal_another(void)
{
    (void)kill(1, 0);
}
static void change_what_sigsys_does(void)
{
    (void)signal(SIGSYS, SIG_IGN);
}
static void become_dumpable(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1);
}
static void yield(void)
{
    (void)syscall(SYS_setpriority, 0, 0, 10);
}
static void *in_a_thread(void *act)
{
    void (*run)(void);
    memcpy(&run, act, sizeof run);
    run();
    return NULL;
}
static void trace_from_a_thread(void)
{
    void (*run)(void) = trace;
    pthread_t thread;
    if (pthread_create(&thread, NULL, in_a_thread, &run) == 0)
        (void)pthread_join(thread, NULL);
}
static void work(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) != 0 || socket(AF_UNIX, SOCK_STREAM, 0) < 0)
        _exit(1);
    if (syscall(SYS_clone3, NULL, 0) != -1 || errno != ENOSYS)
        _exit(1);
    free(calloc(1, 1 << 20));
    _exit(HAPPY);
}

static const struct trial trials[] = {{"execve", run_a_program, NULL},
                                      {"ptrace", trace, NULL},
                                      {"ptrace", trace_from_a_thread, NULL},
                                      {"socket", listen_to_the_wire, NULL},
                                      {"clone", make_a_process, NULL},
                                      {"mmap", make_code, NULL},
                                      {"mprotect", turn_data_into_code, NULL},
                                      {"kill", signal_another, NULL},
                                      {"rt_sigaction", change_what_sigsys_does, "audit"},
                                      {"prctl", become_dumpable, NULL},
                                      {"setpriority", yield, "books"},
                                      {NULL, work, NULL}};

static void *nothing(void *self)
{
    return self;
}

/* As every daemon has by then: the first thread installs a handler of glibc's own. */
static void have_had_a_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, nothing, NULL) == 0)
        (void)pthread_join(thread, NULL);
}

static int try_one(const char *service, void (*act)(void), bool log_only, char said[512])
{
    int pipes[2], status;
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct buffer why = {0};
        (void)dup2(pipes[1], STDERR_FILENO);
        have_had_a_thread();
        if (confine(service, log_only, EXIT_FORBIDDEN, &why) != OK)
            _exit(WITHOUT_A_FILTER);
        act();
        _exit(RETURNED);
    }
    (void)close(pipes[1]);
    ssize_t size = read(pipes[0], said, 511);
    said[size > 0 ? size : 0] = 0;
    (void)close(pipes[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST(a_call_that_is_not_in_the_table_ends_every_daemon_and_is_named)
{
    char said[512], wanted[64];
    if (!CONFINE_WORKS)
        skip();
    for (unsigned i = 0; i < SERVICE_COUNT; i++)
        for (unsigned j = 0; j < sizeof trials / sizeof trials[0]; j++) {
            const char *service = service_rows[i].name;
            bool may = trials[j].but != NULL && strcmp(trials[j].but, service) == 0;
            int code = try_one(service, trials[j].act, false, said);
            (void)snprintf(wanted, sizeof wanted, "\"call\":\"%s\"", trials[j].call != NULL ? trials[j].call : "");
            if (trials[j].call == NULL)
                assert_int_equal(code, HAPPY);
            else if (may)
                assert_int_equal(code, RETURNED);
            else {
                assert_int_equal(code, EXIT_FORBIDDEN);
                if (strstr(said, wanted) == NULL || strstr(said, service) == NULL)
                    fail_msg("%s: not %s in: %s", service, wanted, said);
            }
        }
}

TEST(only_those_that_use_the_network_may_call_out)
{
    static const char *const may[] = {"broker", "ingest", "audit"}, *const may_not[] = {"validation", "settlement",
                                                                                        "books"};
    char said[512];
    if (!CONFINE_WORKS)
        skip();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(try_one(may[i], call_out, false, said), RETURNED);
        assert_int_equal(try_one(may_not[i], call_out, false, said), EXIT_FORBIDDEN);
    }
}

static atomic_int turn;
static void *waits_and_traces(void *self)
{
    while (turn == 0)
        (void)sched_yield();
    trace();
    _exit(RETURNED);
    return self;
}
static void let_the_older_thread_go(void)
{
    turn = 1;
    for (;;)
        (void)sched_yield();
}

TEST(threads_that_were_there_before_are_held_to_it)
{
    int status;
    if (!CONFINE_WORKS)
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        struct buffer why = {0};
        if (pthread_create(&thread, NULL, waits_and_traces, NULL) != 0 ||
            confine("books", false, EXIT_FORBIDDEN, &why) != OK)
            _exit(WITHOUT_A_FILTER);
        let_the_older_thread_go();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_FORBIDDEN);
}

static void block_all_and_trace(void)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    trace();
}

TEST(a_thread_that_blocks_all_signals_dies_of_it_too)
{
    int status;
    if (!CONFINE_WORKS)
        skip();
    pid_t pid = fork();
    if (pid == 0) {
        struct buffer why = {0};
        if (confine("ingest", false, EXIT_FORBIDDEN, &why) != OK)
            _exit(WITHOUT_A_FILTER);
        block_all_and_trace();
        _exit(RETURNED);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

TEST(where_it_only_logs_everything_goes_on)
{
    char said[512];
    if (!CONFINE_WORKS)
        skip();
    assert_int_equal(try_one("books", listen_to_the_wire, true, said), RETURNED);
}

TEST(nothing_is_dumped)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        process_dump_nothing();
        _exit(prctl(PR_GET_DUMPABLE) == 0 ? HAPPY : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == HAPPY);
}
