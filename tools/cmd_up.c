/* SPDX-License-Identifier: Apache-2.0
 * hutong up, hutong down: a whole exchange on one machine under one supervisor. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/net/keys.h"
#include "common/net/loop.h"
#include "common/runtime/process.h"
#include "common/store/store_check.h"
#include "tools/cli.h"
#include "tools/first_start.h"

enum {
    BACKOFF_MIN_MS = 50,
    BACKOFF_MAX_MS = 5000,
    STEADY_MS = 500, /* lived that long: it had started, and the next restart is immediate again */
    STOP_MS = 10000,
    READY_MS = 30000,
    PATH_SIZE = 4096 + 128
};

struct child {
    const char *service;
    uint32_t partition;
    pid_t pid; /* 0: not running */
    uint32_t backoff_ms;
    int64_t started_ms;
    int64_t restart_at_ms; /* 0: not wanted */
    uint64_t restarts;
};

struct supervisor {
    struct cli *cli;
    char programs[PATH_SIZE];
    struct child children[SERVICE_PROCESSES_MAX];
    unsigned count;
    int lock_fd;
    bool failed;
};

static int64_t now_ms(void)
{
    return loop_monotonic_us() / 1000;
}

/* ---- a fresh exchange's directory ---- */

static bool write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wx");
    bool written = file != NULL && fputs(text, file) >= 0;
    return file != NULL && fclose(file) == 0 && written;
}

static bool make_directory(const char *path)
{
    struct buffer why = {0};
    bool made = store_make_directory(path, &why) == OK;
    if (!made)
        complain("%s", buffer_text(&why));
    buffer_fini(&why);
    return made;
}

static bool make_configuration(const char *directory, const char *path)
{
    if (!make_directory(directory))
        return false;
    if (access(path, F_OK) == 0)
        return true;
    if (write_file(path,
                   "# One exchange on one machine. docs/OPERATING.md explains every key; these are the common ones.\n"
                   "data_directory: data\nrun_directory: run\nkey_directory: keys\n"
                   "gate_endpoint: tcp://127.0.0.1:7701\nmailbox_endpoint: tcp://127.0.0.1:7702\n"
                   "partitions: 1\nhttp_port_base: 7710\n"))
        return true;
    complain("cannot write %s: %s", path, strerror(errno));
    return false;
}

static bool make_pair(const char *keys, const char *party, const char *role)
{
    char public_path[PATH_SIZE], secret_path[PATH_SIZE];
    (void)snprintf(public_path, sizeof public_path, "%s/parties/%s.key", keys, party);
    (void)snprintf(secret_path, sizeof secret_path, "%s/clients/%s.key_secret", keys, party);
    if (access(secret_path, F_OK) == 0)
        return true; /* a party that was revoked stays revoked */
    return keys_make(public_path, secret_path, party, role) == OK;
}

static bool make_keys(const char *keys)
{
    static const char *const regions[] = {"110000", "120000", "130000"};
    char parties[PATH_SIZE], clients[PATH_SIZE], server[PATH_SIZE], server_secret[PATH_SIZE];
    (void)snprintf(parties, sizeof parties, "%s/parties", keys);
    (void)snprintf(clients, sizeof clients, "%s/clients", keys);
    (void)snprintf(server, sizeof server, "%s/server.key", keys);
    (void)snprintf(server_secret, sizeof server_secret, "%s/server.key_secret", keys);
    if (!make_directory(parties) || !make_directory(clients))
        return false;
    bool made = access(server_secret, F_OK) == 0 || keys_make(server, server_secret, "exchange", "server") == OK;
    made = made && make_pair(keys, "operator", "operator");
    for (unsigned i = 0; i < 3; i++)
        made = made && make_pair(keys, regions[i], "region");
    if (!made)
        complain("cannot write keys below %s", keys);
    return made;
}

/* ---- children ---- */

static void pid_path(const struct supervisor *supervisor, const struct child *child, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s-%u.pid", supervisor->cli->config.run_directory, child->service,
                   child->partition);
}

static void write_pid(const char *path, pid_t pid)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return;
    (void)fprintf(file, "%d\n", (int)pid);
    (void)fclose(file);
}

static void run_child(const struct supervisor *supervisor, const struct child *child)
{
    char program[PATH_SIZE + 64], log_path[PATH_SIZE], partition[16];
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)snprintf(program, sizeof program, "%s/hutong-%s", supervisor->programs, child->service);
    (void)snprintf(log_path, sizeof log_path, "%s/log/%s-%u.log", supervisor->cli->config.data_directory,
                   child->service, child->partition);
    (void)snprintf(partition, sizeof partition, "%u", child->partition);
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (log < 0 || null < 0)
        _exit(EXIT_IO);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(log, STDOUT_FILENO);
    (void)dup2(log, STDERR_FILENO);
    (void)execl(program, program, "--config", supervisor->cli->config_path, "--partition", partition, (char *)NULL);
    _exit(EXIT_USAGE);
}

static void start_child(struct supervisor *supervisor, struct child *child)
{
    char path[PATH_SIZE];
    pid_t pid = fork();
    if (pid == 0)
        run_child(supervisor, child);
    child->started_ms = now_ms();
    child->pid = pid > 0 ? pid : 0;
    child->restart_at_ms = pid > 0 ? 0 : now_ms() + BACKOFF_MAX_MS;
    pid_path(supervisor, child, path);
    write_pid(path, child->pid);
}

/* Codes for which a restart would do the same again (common/runtime/process.h). */
static bool restart_helps(int status)
{
    if (!WIFEXITED(status))
        return true;
    int code = WEXITSTATUS(status);
    return code != EXIT_USAGE && code != EXIT_DIVERGED && code != EXIT_CORRUPT && code != EXIT_TOO_OLD;
}

static void child_ended(struct supervisor *supervisor, struct child *child, int status)
{
    bool steady = now_ms() - child->started_ms >= STEADY_MS;
    child->pid = 0;
    if (!restart_helps(status)) {
        complain("%s-%u ended with code %d; see %s/log/%s-%u.log. It is not started again.", child->service,
                 child->partition, WEXITSTATUS(status), supervisor->cli->config.data_directory, child->service,
                 child->partition);
        supervisor->failed = true;
        return;
    }
    child->backoff_ms = steady || child->backoff_ms == 0 ? BACKOFF_MIN_MS : child->backoff_ms * 2;
    if (child->backoff_ms > BACKOFF_MAX_MS)
        child->backoff_ms = BACKOFF_MAX_MS;
    child->restart_at_ms = now_ms() + child->backoff_ms;
    child->restarts++;
}

static void reap(struct supervisor *supervisor)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (unsigned i = 0; i < supervisor->count; i++)
            if (supervisor->children[i].pid == pid)
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
        reap(supervisor);
        killed = now_ms() > until;
    }
}

static void stop_all(struct supervisor *supervisor)
{
    char path[PATH_SIZE];
    for (unsigned i = 1; i <= SERVICE_COUNT; i++)
        stop_service(supervisor, service_rows[i % SERVICE_COUNT].name);
    for (unsigned i = 0; i < supervisor->count; i++) {
        pid_path(supervisor, &supervisor->children[i], path);
        (void)unlink(path);
    }
}

static void supervise(struct supervisor *supervisor)
{
    sigset_t signals;
    struct timespec pause = {0, 25 * 1000 * 1000};
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    for (unsigned i = 0; i < supervisor->count; i++)
        start_child(supervisor, &supervisor->children[i]);
    for (int signal = 0; signal != SIGTERM && signal != SIGINT;) {
        signal = sigtimedwait(&signals, NULL, &pause);
        reap(supervisor);
        for (unsigned i = 0; i < supervisor->count; i++) {
            struct child *child = &supervisor->children[i];
            if (child->pid == 0 && child->restart_at_ms != 0 && now_ms() >= child->restart_at_ms)
                start_child(supervisor, child);
        }
    }
    stop_all(supervisor);
}

static void add_child(struct supervisor *supervisor, const char *service, uint32_t partition)
{
    INVARIANT(supervisor->count < SERVICE_PROCESSES_MAX);
    supervisor->children[supervisor->count++] = (struct child){.service = service, .partition = partition};
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

/* One supervisor a run directory. */
static bool take_lock(struct supervisor *supervisor)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/hutong.pid", supervisor->cli->config.run_directory);
    supervisor->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (supervisor->lock_fd < 0) {
        complain("cannot write %s: %s", path, strerror(errno));
        return false;
    }
    if (flock(supervisor->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        complain("an exchange runs already in %s", supervisor->cli->config.run_directory);
        return false;
    }
    return true;
}

static void note_pid(const struct supervisor *supervisor)
{
    char text[32];
    int size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    (void)!ftruncate(supervisor->lock_fd, 0);
    (void)!pwrite(supervisor->lock_fd, text, (size_t)size, 0);
}

/* ---- ready? ---- */

static bool all_ready(struct cli *cli, struct buffer *why)
{
    const char *service;
    uint32_t partition;
    bool ready = true;
    for (unsigned i = 0; ready && service_state_at(cli->config.partitions, i, &service, &partition); i++) {
        json_t *reply = cli_control(cli, service, partition,
                                    &(struct control_request){.version = 1, .kind = CONTROL_ASK_STATUS}, 500);
        ready = json_is_true(json_object_get(json_object_get(reply, "status"), "ready"));
        if (!ready) {
            buffer_reset(why);
            buffer_printf(why, "%s-%u: %s", service, partition,
                          reply == NULL ? "does not answer"
                                        : cli_text(json_object_get(reply, "status"), "notReadyReason"));
        }
        json_decref(reply);
    }
    return ready;
}

static bool gate_answers(struct cli *cli)
{
    uint64_t submissions, outcomes;
    int64_t now;
    const char *as = cli->as;
    cli->as = NULL;
    struct ht_client *client = cli_connect(cli);
    cli->as = as;
    bool answers = client != NULL && ht_ping(client, 500, &submissions, &outcomes, &now) == HT_OK;
    ht_close(&client);
    return answers;
}

static int wait_until_ready(struct cli *cli)
{
    struct buffer why = {0};
    int64_t until = now_ms() + READY_MS;
    bool ready = false;
    while (!ready && now_ms() < until) {
        ready = all_ready(cli, &why) && gate_answers(cli);
        struct timespec pause = {0, 50 * 1000 * 1000};
        if (!ready)
            (void)nanosleep(&pause, NULL);
    }
    if (!ready)
        complain("not ready after %d s: %s", READY_MS / 1000, buffer_text(&why));
    buffer_fini(&why);
    return ready ? CLI_OK : CLI_FAILED;
}

/* Beside a supervisor that stays in the foreground. */
static void welcome(struct supervisor *supervisor)
{
    if (fork() != 0)
        return;
    (void)close(supervisor->lock_fd); /* who holds it runs the exchange */
    int code = wait_until_ready(supervisor->cli);
    _exit(code == CLI_OK ? first_start_publish(supervisor->cli) : code);
}

/* ---- the commands ---- */

static bool prepare(struct cli *cli, const char *directory)
{
    static char path[PATH_SIZE];
    char log[PATH_SIZE];
    if (cli->config_path == NULL && getenv("HUTONG_CONFIG") == NULL) {
        (void)snprintf(path, sizeof path, "%s/hutong.yaml", directory);
        if (!make_configuration(directory, path))
            return false;
        cli->config_path = path;
    }
    if (!cli_configure(cli))
        return false;
    (void)snprintf(log, sizeof log, "%s/log", cli->config.data_directory);
    return make_directory(cli->config.run_directory) && make_directory(log) && make_keys(cli->config.key_directory);
}

static int run_up(struct cli *cli)
{
    const char *directory = cli_option(cli, "--directory");
    bool detach = cli_flag(cli, "--detach"), bare = cli_flag(cli, "--bare");
    static struct supervisor supervisor;
    if (!cli_arguments(cli, &command_up, 0, 0))
        return CLI_USAGE;
    supervisor.cli = cli;
    if (!prepare(cli, directory != NULL ? directory : "hutong-data") || !find_programs(&supervisor) ||
        !take_lock(&supervisor) || (!bare && !first_start_note(cli)))
        return CLI_FAILED;
    for (unsigned i = 0; i < SERVICE_COUNT; i++)
        for (uint32_t p = 0; p < service_processes(&service_rows[i], cli->config.partitions); p++)
            add_child(&supervisor, service_rows[i].name, p);
    if (detach) {
        pid_t pid = fork();
        if (pid != 0) {
            int code = pid > 0 ? wait_until_ready(cli) : CLI_FAILED;
            if (code == CLI_OK && !bare)
                code = first_start_publish(cli);
            if (code == CLI_OK && !cli->json)
                (void)printf("ready: gate %s, mailbox %s, configuration %s\n", cli->config.gate_endpoint,
                             cli->config.mailbox_endpoint, cli->config_path);
            return code;
        }
        (void)setsid();
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
    } else {
        (void)fprintf(stderr, "hutong: gate %s, mailbox %s; Ctrl-C stops\n", cli->config.gate_endpoint,
                      cli->config.mailbox_endpoint);
        if (!bare)
            welcome(&supervisor);
    }
    note_pid(&supervisor);
    supervise(&supervisor);
    return supervisor.failed ? CLI_FAILED : CLI_OK;
}

static int run_down(struct cli *cli)
{
    char path[PATH_SIZE];
    long pid = 0;
    if (!cli_arguments(cli, &command_down, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    (void)snprintf(path, sizeof path, "%s/hutong.pid", cli->config.run_directory);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    char text[32] = "";
    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0 || (pid = strtol(text, NULL, 10)) <= 1 ||
        flock(fd, LOCK_EX | LOCK_NB) == 0) {
        complain("no exchange runs in %s", cli->config.run_directory);
        return CLI_DIFFERENT;
    }
    (void)kill((pid_t)pid, SIGTERM);
    for (int64_t until = now_ms() + 60000; now_ms() < until;) {
        struct timespec pause = {0, 20 * 1000 * 1000};
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            (void)close(fd);
            return CLI_OK;
        }
        (void)nanosleep(&pause, NULL);
    }
    complain("process %ld does not end", pid);
    return CLI_FAILED;
}

const struct command command_up = {
    .name = "up",
    .usage = "up [--directory DIR] [--detach] [--bare]",
    .summary = "start a whole exchange on this machine, and restart what dies",
    .summary_zh = "在本机启动整个平台，进程退出则重新启动",
    .help =
        "Starts every daemon of an exchange under one supervisor. Without --config it uses\n"
        "DIR/hutong.yaml (DIR is ./hutong-data), and makes it, with keys for the exchange, the operator and the\n"
        "three regions, when it is not there. --detach returns when everything is ready. Ctrl-C or hutong down "
        "stops.\n"
        "A log that is empty begins with the published tables (share/hutong/gazette) and the newest version of the\n"
        "rules; --bare leaves it empty, for a trace to be replayed.\n\n"
        "  hutong up --detach\n  hutong status\n  hutong down",
    .help_zh = "在一个监督进程之下启动平台的全部进程。未写 --config 时使用 DIR/hutong.yaml（DIR 为 "
               "./"
               "hutong-"
               "data）；该文件不存在则予以生成，并为平台、运维方和三个地区生成密钥。\n空的日志先写入已公布的数据表（sha"
               "re/hutong/gazette）和最新的规则版本。\n"
               "\n"
               "  hutong up --detach\n"
               "  hutong status\n"
               "  hutong down",
    .options =
        (const struct command_option[]){
            {"--directory", "DIR", "数据、配置、密钥所在目录，缺省 ./hutong-data",
             "of data, configuration and keys, ./hutong-data unless given"},
            {"--detach", NULL, "全部就绪后返回；否则留在前台，Ctrl-C 停止",
             "returns when everything is ready; without it Ctrl-C or hutong down stops"},
            {"--bare", NULL, "日志留空，供回放轨迹", "leaves the log empty, for a trace to be replayed"},
            {0}},
    .run = run_up,
};
const struct command command_down = {
    .name = "down",
    .usage = "down",
    .summary = "stop the exchange, in order, and wait until it has stopped",
    .summary_zh = "按次序停止平台，等到全部停止",
    .help = "Asks the supervisor to stop: the edge first, the broker last. Exit code 1: none was running.",
    .help_zh = "请监督进程停止：先停接收端，最后停消息总线。退出码 1：没有运行中的平台。",
    .run = run_down,
};
