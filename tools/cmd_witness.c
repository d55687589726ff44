/* SPDX-License-Identifier: Apache-2.0
 * hutong witness: a region's own eye on the transparency log. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/http/http.h"
#include "common/observe/diary.h"
#include "common/store/kept_file.h"
#include "common/witness/witness.h"
#include "common/witness/witness_state.h"
#include "tools/cli.h"

struct running {
    struct witness witness;
    struct witness_state state;
    struct metric *contradictions, *refused, *cosigned;
};

static bool is_ready(void *self, struct buffer *why)
{
    (void)self;
    (void)why;
    return true;
}

static bool serve(void *self, const struct http_request *request, struct http_answer *answer)
{
    struct running *running = self;
    struct witness_answer said = {.code = 0};
    size_t size = strlen(request->path);
    if (strcmp(request->method, "POST") == 0 && strcmp(request->path, "/add-checkpoint") == 0) {
        said = witness_add(&running->witness, request->body, (uint64_t)time(NULL), answer->body);
        metric_count(said.code == 200 ? running->cosigned : running->refused, 1);
        metric_set(running->contradictions, (int64_t)running->state.contradictions);
    } else if (strcmp(request->method, "GET") == 0 && size > 11 &&
               strcmp(request->path + size - 11, "/checkpoint") == 0) {
        said = witness_show(&running->witness, request->path, answer->body);
    }
    if (said.code == 0)
        return false;
    answer->code = said.code;
    answer->type = said.type;
    answer->cache = "no-cache";
    return true;
}

static void vkey_path(const char *key, char path[4096])
{
    (void)snprintf(path, 4096, "%s.vkey", key);
}

static int run_new(struct cli *cli, const char *key, const char *name)
{
    struct sign_pair *pair = NULL;
    struct sign_public public;
    struct note_key vkey;
    struct buffer text = {0};
    char path[4096];
    int code = CLI_FAILED;
    if (name == NULL)
        return cli_usage(&command_witness);
    if (sign_pair_new(SIGN_ED25519, &pair) != OK)
        return CLI_FAILED;
    sign_pair_public(pair, &public);
    vkey_path(key, path);
    if (note_key_of(name, NOTE_COSIGNATURE, &public, &vkey) != OK) {
        complain(said("名称 %s 不可用：不得含空格或加号，至多 %u 字节",
                      "%s is no name: no blank, no plus, at most %u bytes"),
                 name, NOTE_NAME_SIZE_MAX);
        code = CLI_USAGE;
    } else if (sign_pair_save(pair, key) != OK) {
        complain(
            said("无法写入 %s（已有的密钥不会被覆盖）", "cannot write %s (a key that is there is not written over)"),
            key);
    } else {
        note_key_describe(&vkey, &text);
        if (cli->json)
            cli_print_json(json_pack("{s:s,s:s}", "key", key, "vkey", buffer_text(&text)));
        else
            (void)printf("%s\n", buffer_text(&text));
        buffer_append_text(&text, "\n");
        code = kept_file_write(path, buffer_span(&text)) == OK ? CLI_OK : CLI_FAILED;
    }
    sign_pair_destroy(&pair);
    buffer_fini(&text);
    return code;
}

/* The pair, and the name that stands beside it. */
static bool load_key(struct witness *witness, const char *key)
{
    struct buffer why = {0}, text = {0};
    struct sign_public public;
    char path[4096];
    vkey_path(key, path);
    enum status status = sign_pair_load(key, &witness->pair, &why);
    if (status == OK)
        sign_pair_public(witness->pair, &public);
    bool read = status == OK && kept_file_read(path, NOTE_KEY_TEXT_SIZE_MAX + 1, &text) == OK && text.size > 0 &&
                note_key_parse(span_of(text.data, text.size - 1), &witness->key) == OK &&
                witness->key.kind == NOTE_COSIGNATURE && memcmp(&witness->key.public, &public, sizeof public) == 0;
    if (!read)
        complain(said("密钥 %s（及 %s）不可用：%s；见 hutong witness new",
                      "key %s (and %s) cannot be used: %s; see hutong witness new"),
                 key, path,
                 why.size > 0 ? buffer_text(&why) : said("不存在或不相符", "not there, or not of one another"));
    buffer_fini(&why);
    buffer_fini(&text);
    return read;
}

static bool load_logs(struct cli *cli, struct witness *witness)
{
    const char *text;
    for (unsigned i = 0; (text = cli_option_at(cli, "--log", i)) != NULL; i++) {
        struct note_key *log = &witness->logs[witness->log_count];
        if (witness->log_count == WITNESS_LOGS_MAX || note_key_parse(span_text(text), log) != OK ||
            log->kind != NOTE_SIGNATURE) {
            complain(said("--log %s 不是日志的公钥文本（vkey）", "--log %s is no vkey of a log"), text);
            return false;
        }
        witness->log_count++;
    }
    return witness->log_count > 0;
}

static uint16_t port_of(const char *listen)
{
    static const char loopback[] = "127.0.0.1:";
    char *end;
    if (strncmp(listen, loopback, sizeof loopback - 1) != 0)
        return 0;
    unsigned long port = strtoul(listen + sizeof loopback - 1, &end, 10);
    return *end == 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* Until it is told to end. */
static int watch(struct running *running, uint16_t port)
{
    struct metrics *metrics = metrics_new();
    struct http *http = NULL;
    sigset_t signals;
    int number;
    running->contradictions = metrics_add(metrics, METRIC_COUNTER, "hutong_witness_contradictions_total",
                                          "Checkpoints that contradict what was cosigned.", NULL);
    running->refused = metrics_add(metrics, METRIC_COUNTER, "hutong_witness_refused_total", "Requests refused.", NULL);
    running->cosigned = metrics_add(metrics, METRIC_COUNTER, "hutong_witness_cosigned_total", "Cosignatures.", NULL);
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL); /* the HTTP thread inherits it */
    struct http_options options = {.port = port, .metrics = metrics, .ready = is_ready, .pages = {serve, running}};
    if (http_open(&options, &http) != OK) {
        complain(said("端口 127.0.0.1:%u 无法使用", "127.0.0.1:%u cannot be used: is the port taken?"), port);
        metrics_destroy(&metrics);
        return CLI_FAILED;
    }
    diary_event(DIARY_INFO, "witnessing", "name=%s port=%u logs=%u", running->witness.key.name, http_port(http),
                running->witness.log_count);
    while (sigwait(&signals, &number) != 0)
        ;
    http_close(&http);
    metrics_destroy(&metrics);
    return running->state.contradictions == 0 ? CLI_OK : CLI_DIFFERENT;
}

static int run_run(struct cli *cli, const char *key, const char *directory, const char *listen)
{
    static struct running running;
    struct buffer why = {0};
    int code = CLI_BAD_INPUT;
    uint16_t port = port_of(listen);
    if (directory == NULL || cli_option(cli, "--log") == NULL || port == 0)
        return cli_usage(&command_witness);
    diary_start("witness", DIARY_INFO);
    if (load_key(&running.witness, key) && load_logs(cli, &running.witness)) {
        if (witness_state_open(directory, &running.state, &why) != OK) {
            complain("%s: %s", directory, buffer_text(&why));
        } else {
            running.witness.digest = digest_new();
            running.witness.self = &running.state;
            running.witness.load = witness_state_load;
            running.witness.keep = witness_state_keep;
            running.witness.contradiction = witness_state_contradiction;
            code = watch(&running, port);
            digest_destroy(&running.witness.digest);
        }
        witness_state_close(&running.state);
    }
    sign_pair_destroy(&running.witness.pair);
    buffer_fini(&why);
    return code;
}

static int run(struct cli *cli)
{
    const char *key = cli_option(cli, "--key"), *name = cli_option(cli, "--name"),
               *directory = cli_option(cli, "--state"), *listen = cli_option(cli, "--listen");
    if (!cli_arguments(cli, &command_witness, 1, 1))
        return CLI_USAGE;
    if (strcmp(cli->argv[0], "new") == 0 && key != NULL)
        return run_new(cli, key, name);
    if (strcmp(cli->argv[0], "run") == 0 && key != NULL)
        return run_run(cli, key, directory, listen != NULL ? listen : "127.0.0.1:7750");
    return cli_usage(&command_witness);
}

const struct command command_witness = {
    .name = "witness",
    .usage = "witness new --key FILE --name NAME | run --key FILE --state DIR --log VKEY [--listen 127.0.0.1:PORT]",
    .summary = "witnesses the transparency log of an exchange: cosigns what goes on from what it has seen",
    .summary_zh = "见证平台的透明日志：只对延续其所见的检查点副署",
    .help = "A witness keeps the last checkpoint of each log, has the next one proved to go on from it, keeps it, and "
            "only\n"
            "then cosigns. Checkpoints that contradict each other are kept in DIR/evidence; it then ends with code 1.\n"
            "It listens on loopback; a web server in front of it gives it to others.\n\n"
            "  hutong witness new --key beijing.pem_secret --name witness.beijing.example\n"
            "  hutong witness run --key beijing.pem_secret --state witness --log VKEY",
    .help_zh = "见证方保存每个日志最近的检查点，验证下一个检查点是其延续，落盘之后才副署。相互矛盾的检查点保存在 "
               "DIR/evidence，结束时退出码为 1。只在本机回环地址监听；对外由其前面的网站服务器提供。\n"
               "\n"
               "  hutong witness new --key beijing.pem_secret --name witness.beijing.example\n"
               "  hutong witness run --key beijing.pem_secret --state witness --log VKEY",
    .options =
        (const struct command_option[]){
            {"--key", "FILE", "私钥文件，公钥文本在 FILE.vkey",
             "the secret key's file; its public text is in FILE.vkey"},
            {"--name", "NAME", "见证方名称，写入公钥文本", "the witness' name, as part of its vkey"},
            {"--state", "DIR", "保存其所副署检查点的目录", "where it keeps what it has cosigned"},
            {"--log", "VKEY", "所见证日志的公钥文本；可重复", "the vkey of a log to witness; may be given again"},
            {"--listen", "ADDRESS", "监听的回环地址与端口，缺省 127.0.0.1:7750",
             "loopback address and port; 127.0.0.1:7750 unless given"},
            {0}},
    .run = run,
};
