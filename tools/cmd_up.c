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

#include "common/net/keys.h"
#include "common/net/loop.h"
#include "common/store/store_check.h"
#include "tools/action.h"
#include "tools/cli.h"
#include "tools/daemons.h"
#include "tools/first_start.h"
#include "tools/full.h"
#include "tools/keys_signing.h"
#include "tools/supervisor.h"

enum { READY_MS = 30000, ANSWER_MS = 200, DOWN_MS = 60000, PATH_SIZE = 4096 + 128 };

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
                   "console_endpoint: tcp://127.0.0.1:7703\npartitions: 1\nhttp_port_base: 7710\n"))
        return true;
    complain(said("无法写入 %s：%s", "cannot write %s: %s"), path, strerror(errno));
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
    made = made && keys_signing_exchange(keys);
    if (!made)
        complain(said("无法在 %s 写入密钥", "cannot write keys below %s"), keys);
    return made;
}

/* ---- one supervisor ---- */

/* One supervisor a run directory: who holds the lock runs the exchange. -1: said why. */
static int take_lock(struct cli *cli)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/hutong.pid", cli->config.run_directory);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        complain(said("无法写入 %s：%s", "cannot write %s: %s"), path, strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        complain(said("%s 已有平台在运行", "an exchange runs already in %s"), cli->config.run_directory);
        (void)close(fd);
        return -1;
    }
    unsigned left = daemons_end(cli);
    if (left > 0)
        complain(said("%u 个进程在监督进程之后仍在运行，已先行结束",
                      "%u daemons had outlived their supervisor; they were ended first"),
                 left);
    return fd;
}

static void note_pid(int lock_fd)
{
    char text[32];
    int size = snprintf(text, sizeof text, "%d\n", (int)getpid());
    (void)!ftruncate(lock_fd, 0);
    (void)!pwrite(lock_fd, text, (size_t)size, 0);
}

/* ---- ready? ---- */

static bool all_ready(struct cli *cli, struct buffer *why)
{
    const char *service;
    uint32_t partition;
    bool ready = true;
    for (unsigned i = 0; ready && service_state_at(cli->config.partitions, i, &service, &partition); i++) {
        json_t *reply = cli_control(cli, service, partition,
                                    &(struct control_request){.version = 1, .kind = CONTROL_ASK_STATUS}, ANSWER_MS);
        ready = json_is_true(json_object_get(json_object_get(reply, "status"), "ready"));
        if (!ready) {
            buffer_reset(why);
            buffer_printf(why, "%s-%u: %s", service, partition,
                          reply == NULL ? said("没有应答", "does not answer")
                                        : cli_text(json_object_get(reply, "status"), "notReadyReason"));
        }
        json_decref(reply);
    }
    return ready;
}

static bool gate_answers(struct cli *cli, struct buffer *why)
{
    uint64_t submissions, outcomes;
    int64_t now;
    const char *as = cli->as;
    cli->as = NULL;
    struct ht_client *client = cli_connect(cli);
    cli->as = as;
    bool answers = client != NULL && ht_ping(client, ANSWER_MS, &submissions, &outcomes, &now) == HT_OK;
    ht_close(&client);
    if (!answers) {
        buffer_reset(why);
        buffer_append_text(why, said("ingest-0：接收端没有应答", "ingest-0: the gate does not answer"));
    }
    return answers;
}

/* A daemon that will not come by itself. */
static bool one_is_given_up(struct cli *cli, struct buffer *why)
{
    const char *service;
    uint32_t partition;
    struct buffer words = {0};
    char diary[PATH_SIZE];
    bool given_up = false;
    for (unsigned i = 0; !given_up && daemons_at(cli, i, &service, &partition); i++) {
        given_up = daemon_is_given_up(cli, service, partition, &words);
        daemon_diary_path(cli, service, partition, diary, sizeof diary);
        if (given_up) {
            buffer_reset(why);
            buffer_printf(why, "%s-%u %s (%s); the others run on until hutong down", service, partition,
                          buffer_text(&words), diary);
        }
    }
    buffer_fini(&words);
    return given_up;
}

/* Everything runs, and the log takes nothing in. */
static bool log_is_full(struct cli *cli, struct buffer *why)
{
    json_t *broker = cli_member(cli_broker(cli, BUS_STATUS, (union bus_request_body){.status = {0}}, 1000), "status");
    const char *cause = full_cause(broker);
    if (cause != NULL) {
        buffer_reset(why);
        buffer_append_text(why, cause);
    }
    json_decref(broker);
    return cause != NULL;
}

/* `supervisor`: our child, or 0: who it is we do not know. */
static int wait_until_ready(struct cli *cli, pid_t supervisor)
{
    struct buffer why = {0};
    int64_t until = now_ms() + READY_MS;
    bool ready = false, lost = false, full = false;
    while (!ready && !lost && now_ms() < until) {
        lost = one_is_given_up(cli, &why);
        bool serving = !lost && all_ready(cli, &why);
        full = serving && log_is_full(cli, &why); /* then the gate says BUSY, and no more */
        ready = full || (serving && gate_answers(cli, &why));
        lost = lost || (!ready && one_is_given_up(cli, &why)) ||
               (supervisor > 0 && waitpid(supervisor, NULL, WNOHANG) == supervisor);
        struct timespec pause = {0, 50 * 1000 * 1000};
        if (!ready && !lost)
            (void)nanosleep(&pause, NULL);
    }
    if (full)
        complain(said("全部在运行，但不接收任何报文：%s", "everything runs, and nothing is accepted: %s"),
                 buffer_text(&why));
    else if (lost)
        complain(said("未就绪：%s", "not ready: %s"), buffer_text(&why));
    else if (!ready)
        complain(said("%d 秒后仍未就绪：%s；运行记录在 %s/log", "not ready after %d s: %s; diaries are in %s/log"),
                 READY_MS / 1000, buffer_text(&why), cli->config.data_directory);
    buffer_fini(&why);
    return ready && !full ? CLI_OK : CLI_FAILED;
}

/* Beside a supervisor that stays in the foreground. */
static void welcome(struct cli *cli, int lock_fd)
{
    if (fork() != 0)
        return;
    (void)close(lock_fd); /* who holds it runs the exchange */
    int code = wait_until_ready(cli, 0);
    if (code == CLI_OK)
        code = first_start_publish(cli);
    if (code == CLI_OK)
        action_tell(cli, ACTION_UP);
    _exit(code);
}

/* ---- the commands ---- */

static int prepare(struct cli *cli, const char *directory)
{
    static char path[PATH_SIZE];
    char log[PATH_SIZE];
    if (cli->config_path == NULL && getenv("HUTONG_CONFIG") == NULL) {
        (void)snprintf(path, sizeof path, "%s/hutong.yaml", directory);
        if (!make_configuration(directory, path))
            return CLI_FAILED;
        cli->config_path = path;
    }
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    (void)snprintf(log, sizeof log, "%s/log", cli->config.data_directory);
    bool made =
        make_directory(cli->config.run_directory) && make_directory(log) && make_keys(cli->config.key_directory);
    return made ? CLI_OK : CLI_FAILED;
}

/* In the child: a supervisor of its own session, whose diary is DATA/log/hutong.log. */
static void detach(const struct cli *cli)
{
    char diary[PATH_SIZE];
    (void)snprintf(diary, sizeof diary, "%s/log/hutong.log", cli->config.data_directory);
    (void)setsid();
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int log = open(diary, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(log >= 0 ? log : null, STDOUT_FILENO);
    (void)dup2(log >= 0 ? log : null, STDERR_FILENO);
}

static int say_ready(struct cli *cli, pid_t supervisor, bool bare)
{
    int code = supervisor > 0 ? wait_until_ready(cli, supervisor) : CLI_FAILED;
    if (code == CLI_OK && !bare)
        code = first_start_publish(cli);
    if (code == CLI_OK && !bare)
        action_tell(cli, ACTION_UP);
    if (code == CLI_OK && !cli->json)
        (void)printf(said("就绪：接收端 %s，信箱 %s，配置 %s\n", "ready: gate %s, mailbox %s, configuration %s\n"),
                     cli->config.gate_endpoint, cli->config.mailbox_endpoint, cli->config_path);
    return code;
}

static int run_up(struct cli *cli)
{
    const char *directory = cli_option(cli, "--directory");
    bool detached = cli_flag(cli, "--detach"), bare = cli_flag(cli, "--bare");
    if (!cli_arguments(cli, &command_up, 0, 0))
        return CLI_USAGE;
    int code = prepare(cli, directory != NULL ? directory : "hutong-data");
    if (code != CLI_OK)
        return code;
    int lock_fd = take_lock(cli);
    if (lock_fd < 0 || (!bare && !first_start_note(cli)))
        return CLI_FAILED;
    if (detached) {
        pid_t pid = fork();
        if (pid != 0) {
            (void)close(lock_fd); /* the child's alone */
            return say_ready(cli, pid, bare);
        }
        detach(cli);
    } else {
        (void)fprintf(stderr,
                      said("hutong：接收端 %s，信箱 %s；Ctrl-C 停止\n", "hutong: gate %s, mailbox %s; Ctrl-C stops\n"),
                      cli->config.gate_endpoint, cli->config.mailbox_endpoint);
        if (!bare)
            welcome(cli, lock_fd);
    }
    note_pid(lock_fd);
    return supervise(cli) ? CLI_OK : CLI_FAILED;
}

static bool is_held(int fd)
{
    bool free = flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (free)
        (void)flock(fd, LOCK_UN);
    return !free;
}

/* True: a supervisor ran, and has ended. False, with `code`: it does not end. */
static bool end_supervisor(int fd, int *code)
{
    char text[32] = "";
    *code = CLI_OK;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return false;
    long pid = pread(fd, text, sizeof text - 1, 0) > 0 ? strtol(text, NULL, 10) : 0;
    if (pid > 1)
        (void)kill((pid_t)pid, SIGTERM);
    for (int64_t until = now_ms() + DOWN_MS; now_ms() < until;) {
        struct timespec pause = {0, 20 * 1000 * 1000};
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        (void)nanosleep(&pause, NULL);
    }
    complain(said("进程 %ld 没有结束", "process %ld does not end"), pid);
    *code = CLI_FAILED;
    return false;
}

/* While we hold the lock nobody starts another; what has no supervisor any more is ended here. */
static int run_down(struct cli *cli)
{
    char path[PATH_SIZE];
    int code = CLI_OK;
    if (!cli_arguments(cli, &command_down, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    (void)snprintf(path, sizeof path, "%s/hutong.pid", cli->config.run_directory);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0 && is_held(fd))
        action_tell(cli, ACTION_DOWN);
    bool ran = fd >= 0 && end_supervisor(fd, &code);
    if (code != CLI_OK)
        return code;
    unsigned left = daemons_end(cli);
    if (left > 0)
        complain(said("%u 个进程没有监督进程，已结束", "%u daemons ran without a supervisor; they have ended"), left);
    bool free = daemons_let_go(cli);
    if (fd >= 0)
        (void)close(fd);
    if (!free)
        return CLI_FAILED;
    if (ran || left > 0)
        return CLI_OK;
    complain(said("%s 没有平台在运行", "no exchange runs in %s"), cli->config.run_directory);
    return CLI_DIFFERENT;
}

const struct command command_up = {
    .name = "up",
    .usage = "up [--directory DIR] [--detach] [--bare] [--reason TEXT] [--unrecorded]",
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
            COMMAND_OPTIONS_TOLD,
            {0}},
    .run = run_up,
};
const struct command command_down = {
    .name = "down",
    .usage = "down [--reason TEXT] [--unrecorded]",
    .summary = "stop the exchange, in order, and wait until it has stopped",
    .summary_zh = "按次序停止平台，等到全部停止",
    .help =
        "Asks the supervisor to stop: the edge first, the broker last; daemons that outlived theirs are ended too.\n"
        "Exit code 0: nothing runs any more; 1: nothing ran; 5: something goes on.",
    .help_zh = "请监督进程停止：先停接收端，最后停代理；监督进程已不在而仍在运行的进程也一并停止。退出码 "
               "0：已无进程运行；1：没有运行中的平台；5：仍有进程在运行。",
    .options = (const struct command_option[]){COMMAND_OPTIONS_TOLD, {0}},
    .run = run_down,
};
