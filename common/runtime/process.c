/* SPDX-License-Identifier: Apache-2.0
 * The frame of a daemon. */
#include "common/runtime/process.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/observe/build.h"
#include "common/observe/diary.h"
#include "common/runtime/confine.h"

enum { MALLOC_KEPT_SIZE_MAX = 32 * 1024 * 1024, SLICE_NS = 200 * 1000 };

static struct loop *volatile stopped_by_signal;
static instant_ms_t started_at;
static uint32_t restarts;

static void on_stop(int number)
{
    (void)number;
    struct loop *loop = stopped_by_signal;
    if (loop != NULL)
        loop_stop(loop);
}

/* L5: LMDB's map over a file that somebody truncated. Say which, then die: the supervisor's restart finds it and
 * refuses. */
static void on_bus_error(int number)
{
    static const char text[] =
        "{\"level\":\"fatal\",\"event\":\"sigbus\",\"detail\":\"a mapped file was truncated\"}\n";
    (void)number;
    (void)!write(2, text, sizeof text - 1);
    _exit(EXIT_CORRUPT);
}

/* A batch is up to a megabyte, made and freed for each message: by default malloc maps and unmaps it each time, or
 * gives the top of its heap back, and every page of the next one is a fault. What was needed once is kept. */
static void keep_memory(void)
{
    /* A wish: another allocator, a sanitizer's say, need not heed it. */
    (void)mallopt(M_MMAP_THRESHOLD, MALLOC_KEPT_SIZE_MAX);
    (void)mallopt(M_TRIM_THRESHOLD, MALLOC_KEPT_SIZE_MAX);
}

/* Who gives receipts has little to do at a time and is waited for: a short slice (EEVDF, since Linux 6.12), so that it
 * comes before those that work through the log. Its share of the processor stays the same; older kernels ignore it. */
static void hurry(void)
{
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime_ns, deadline_ns, period_ns;
    } attributes = {.size = sizeof attributes, .runtime_ns = SLICE_NS};
    _Static_assert(sizeof attributes == 48, "as the kernel has it (SCHED_ATTR_SIZE_VER0)");
    (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

/* Connections are files: known parties shall not want for any because strangers hold some. */
static void open_many(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    INVARIANT(sigaction(number, &action, NULL) == 0);
}

static enum diary_level level_of(const char *text)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    int level = 0;
    while (strcmp(text, names[level]) != 0) /* the configuration has no other */
        level++;
    return (enum diary_level)level;
}

static bool number_of(const char *text, unsigned long most, uint32_t *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *number = (uint32_t)value;
    return *text != 0 && *end == 0 && value <= most;
}

instant_ms_t process_started_at(void)
{
    return started_at;
}

uint64_t process_restarts(void)
{
    return restarts;
}

static void add_metrics(struct metrics *metrics)
{
    char labels[128];
    (void)snprintf(labels, sizeof labels, "version=\"%s\",build=\"%s\"", build_version(), build_commit());
    metric_set(metrics_add(metrics, METRIC_GAUGE, "hutong_build_info", "1: what this daemon was built from.", labels),
               1);
    metric_set(metrics_add(metrics, METRIC_GAUGE, "hutong_start_time_seconds",
                           "When this process began, since 1970 UTC.", NULL),
               started_at / 1000);
    metric_set(metrics_add(metrics, METRIC_COUNTER, "hutong_restarts_total",
                           "Times that hutong up started this daemon again.", NULL),
               restarts);
}

enum status process_open(struct process *process, const char *service, int argc, char **argv, struct buffer *why)
{
    const char *config = NULL;
    keep_memory();
    open_many();
    if (strcmp(service, "ingest") == 0 || strcmp(service, "broker") == 0)
        hurry();
    memset(process, 0, sizeof *process);
    process->service = service;
    notify_open(&process->notify);
    diary_start(service, DIARY_INFO);
    started_at = loop_wall_ms();
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)printf("hutong-%s %s (%s)\n", service, build_version(), build_commit());
        exit(EXIT_SUCCESS);
    }
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--config") == 0 && more)
            config = argv[++i];
        else if (strcmp(argv[i], "--partition") == 0 && more &&
                 number_of(argv[i + 1], PARTITION_COUNT_MAX - 1, &process->partition))
            i++;
        else if (strcmp(argv[i], "--restarts") == 0 && more && number_of(argv[i + 1], UINT32_MAX, &restarts))
            i++;
        else {
            buffer_printf(why,
                          "用法：hutong-%s --config FILE [--partition N] [--restarts N]，不认识 %s; usage as there, "
                          "not understood: %s",
                          service, argv[i], argv[i]);
            return FATAL_CONFIG;
        }
    }
    if (config == NULL) {
        buffer_printf(why, "用法：缺少 --config; usage: hutong-%s --config FILE [--partition N] [--restarts N]",
                      service);
        return FATAL_CONFIG;
    }
    process->config_path = config;
    TRY(config_load(config, &process->config, why));
    process->configured = true;
    if (!process->config.core_dumps)
        process_dump_nothing();
    if (process->partition >= process->config.partitions) {
        buffer_printf(why, "partition %u of %u", process->partition, process->config.partitions);
        return FATAL_CONFIG;
    }
    diary_start(service, level_of(process->config.log_level));
    process->loop = loop_new();
    process->metrics = metrics_new();
    add_metrics(process->metrics);
    stopped_by_signal = process->loop;
    handle(SIGTERM, on_stop);
    handle(SIGINT, on_stop);
    handle(SIGBUS, on_bus_error);
    handle(SIGPIPE, SIG_IGN);
    handle(SIGHUP, SIG_IGN);
    return OK;
}

void process_dump_nothing(void)
{
    struct rlimit none = {0, 0};
    INVARIANT(setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0);
}

enum status process_confine(const struct process *process, struct buffer *why)
{
    const char *mode = process->config.seccomp;
    if (strcmp(mode, "off") == 0) {
        diary_event(DIARY_WARN, "not_confined", "detail=seccomp is off in the configuration");
        return OK;
    }
    return confine(process->service, strcmp(mode, "log") == 0, EXIT_FORBIDDEN, why);
}

static bool is_ready(void *self, struct buffer *why)
{
    const char *why_not = pulse_why_not(self);
    buffer_append_text(why, why_not);
    return why_not[0] == 0;
}

/* A full log is no reason for the others to wait for the broker: what is there can be read. */
static void tell_manager(void *self, const char *why_not)
{
    struct process *process = self;
    bool serves = why_not[0] == 0 || strcmp(process->service, "broker") == 0;
    notify_beat(&process->notify, serves, why_not);
}

enum status process_serve_http(struct process *process, pulse_why_not_fn *why_not, void *self, const char *stands,
                               const struct http_pages *pages, struct buffer *why)
{
    uint16_t port = config_http_port(&process->config, process->service, process->partition);
    process->pulse =
        (struct pulse){.why_not = why_not, .self = self, .stands = stands, .told = tell_manager, .told_self = process};
    pulse_start(&process->pulse, process->loop);
    if (port == 0)
        return OK;
    struct http_options options = {
        .port = port, .metrics = process->metrics, .ready = is_ready, .self = &process->pulse};
    if (pages != NULL)
        options.pages = *pages;
    enum status status = http_open(&options, &process->http);
    if (status != OK)
        buffer_printf(
            why, "无法在 127.0.0.1:%u 提供 HTTP，端口被占用？; cannot serve HTTP on 127.0.0.1:%u: is the port taken?",
            port, port);
    return status;
}

void process_close_http(struct process *process)
{
    notify_stopping(&process->notify, "");
    http_close(&process->http);
    pulse_stop(&process->pulse);
}

enum status process_open_zap(struct process *process, struct zap **zap, struct buffer *why)
{
    char parties[4096 + 16], certificate[4096 + 32];
    (void)snprintf(parties, sizeof parties, "%s/parties", process->config.key_directory);
    (void)snprintf(certificate, sizeof certificate, "%s/server.key_secret", process->config.key_directory);
    TRY(zap_open(parties, certificate, zap, why));
    enum status status = zap_self_test(*zap);
    if (status != OK)
        buffer_append_text(
            why, "认证放进了不认识的密钥，拒绝服务; the authenticator let an unknown key in; refusing to serve");
    return status;
}

static int exit_code_of(enum status status)
{
    switch (status) {
    case OK:
        return EXIT_OK;
    case FATAL_CONFIG:
        return EXIT_USAGE;
    case FATAL_IO:
        return EXIT_IO;
    case FATAL_DIVERGED:
        return EXIT_DIVERGED;
    case FATAL_FENCED:
        return EXIT_FENCED;
    case FATAL_CORRUPT:
        return EXIT_CORRUPT;
    case FATAL_LOGIC_VERSION:
    case FATAL_FORMAT:
        return EXIT_TOO_OLD;
    case FATAL_TAIL_LOST:
        return EXIT_TAIL_LOST;
    case FATAL_DAMAGED:
        return EXIT_DAMAGED;
    case FATAL_CONTRADICTED:
        return EXIT_CONTRADICTED;
    default:
        return EXIT_OTHER;
    }
}

int process_close(struct process *process, enum status status, struct buffer *why)
{
    if (status == OK)
        diary_event(DIARY_INFO, "stopped", "partition=%u", process->partition);
    else
        diary_event(DIARY_FATAL, "stopped", "status=%s meaning=%s detail=%s", status_name(status), status_text(status),
                    buffer_text(why));
    process_close_http(process);
    if (status != OK)
        notify_stopping(&process->notify, buffer_text(why));
    notify_close(&process->notify);
    metrics_destroy(&process->metrics);
    stopped_by_signal = NULL; /* told to stop a second time: it stops */
    loop_destroy(&process->loop);
    if (process->configured)
        config_fini(&process->config);
    return exit_code_of(status);
}
