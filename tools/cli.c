/* SPDX-License-Identifier: Apache-2.0
 * Shared by the commands. */
#include "tools/cli.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/bus/bus_protocol.h"
#include "common/net/keys.h"
#include "common/net/loop.h"
#include "common/net/server.h"
#include "common/observe/diary.h"
#include "tools/reference_row.h"
#include "tools/text_file.h"
#include "tools/wrap.h"
#include "tools/written.h"

void complain(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    INVARIANT(vasprintf(&text, format, arguments) >= 0);
    va_end(arguments);
    diary_mask_text(text); /* what was typed or read may hold anything */
    (void)fprintf(stderr, "hutong: %s\n", text);
    free(text);
}

const char *cli_option(struct cli *cli, const char *name)
{
    return arguments_value(cli->arguments, name);
}

const char *cli_option_at(struct cli *cli, const char *name, unsigned index)
{
    return arguments_value_at(cli->arguments, name, index);
}

bool cli_flag(struct cli *cli, const char *name)
{
    return arguments_value(cli->arguments, name) != NULL;
}

uint64_t cli_number(struct cli *cli, const char *name, uint64_t fallback)
{
    return cli_number_within(cli, name, fallback, 0, UINT64_MAX);
}

uint64_t cli_number_within(struct cli *cli, const char *name, uint64_t fallback, uint64_t least, uint64_t most)
{
    const char *text = cli_option(cli, name);
    uint64_t value;
    if (text == NULL)
        return fallback;
    if (!written_whole(text, &value) || value < least || value > most) {
        complain(said("%s 应为 %llu 至 %llu 的整数，而不是 %s", "%s wants a number from %llu to %llu, not %s"), name,
                 (unsigned long long)least, (unsigned long long)most, text);
        exit(CLI_USAGE);
    }
    return value;
}

bool cli_noon(struct cli *cli, instant_ms_t *at)
{
    enum { NOON_MS = 12 * 60 * 60 * 1000 };
    uint64_t day = cli_number(cli, "--at", 0);
    *at = 0;
    if (day == 0)
        return true;
    if (day > 99991231 || !civil_date_exists((civil_date_t)day)) {
        complain(said("--at：请写日期，如 20250310", "--at: a day, please, as 20250310"));
        return false;
    }
    *at = civil_date_start((civil_date_t)day) + NOON_MS;
    return true;
}

int cli_usage(const struct command *command)
{
    struct buffer text = {0};
    const char *begin = said("hutong: 用法：hutong ", "hutong: usage: hutong ");
    buffer_append_text(&text, begin);
    wrap_words(&text, command->usage, wrap_columns(begin), 22);
    (void)fprintf(stderr, "%s\n", buffer_text(&text));
    buffer_fini(&text);
    return CLI_USAGE;
}

bool cli_arguments(struct cli *cli, const struct command *command, int least, int most)
{
    if (cli->argc >= least && (most < 0 || cli->argc <= most))
        return true;
    (void)cli_usage(command);
    return false;
}

/* Who the system says it is; root by sudo is who called it. */
static const char *login_name(void)
{
    const char *by = getuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *entry = by == NULL ? getpwuid(getuid()) : NULL;
    return by != NULL && by[0] != 0 ? by : entry != NULL ? entry->pw_name : "unknown";
}

bool cli_say_who(struct cli *cli, const char *given)
{
    const char *name = given != NULL ? given : getenv("HUTONG_BY");
    cli->by = given != NULL || (name != NULL && name[0] != 0) ? name : login_name();
    bool sound = cli->by[0] != 0 && strlen(cli->by) <= ACTOR_SIZE_MAX && text_file_is_utf8(span_text(cli->by));
    for (const char *at = cli->by; sound && *at != 0; at++)
        sound = (unsigned char)*at >= ' ' && *at != 0x7f;
    if (!sound)
        complain(said("--by：1 至 %d 字节的 UTF-8 姓名或登录名", "--by: a name of 1 to %d bytes of UTF-8, please"),
                 ACTOR_SIZE_MAX);
    return sound;
}

const char *cli_config_path(struct cli *cli)
{
    static const char *const places[] = {"hutong.yaml", "hutong-data/hutong.yaml"};
    const char *path = cli->config_path != NULL ? cli->config_path : getenv("HUTONG_CONFIG");
    for (unsigned i = 0; path == NULL && i < 2; i++)
        if (access(places[i], R_OK) == 0)
            path = places[i];
    if (path == NULL)
        complain(said("没有配置文件：用 --config FILE 指定，或设置 HUTONG_CONFIG，或用 hutong up 启动一个平台",
                      "no configuration: give --config FILE, set HUTONG_CONFIG, or start an exchange with hutong up"));
    cli->config_path = path;
    return path;
}

void cli_complain_config(const char *path, const struct config_file *file)
{
    for (unsigned i = 0; i < file->fault_count; i++) {
        char line[16] = "";
        if (file->faults[i].line > 0)
            (void)snprintf(line, sizeof line, ":%u", file->faults[i].line);
        complain("%s%s: %s", path, line, said(file->faults[i].zh, file->faults[i].en));
    }
}

bool cli_configure(struct cli *cli)
{
    if (cli->configured)
        return true;
    const char *path = cli_config_path(cli);
    if (path == NULL)
        return false;
    struct config_file *file = calloc(1, sizeof *file);
    INVARIANT(file != NULL);
    cli->configured = config_read(path, &cli->config, file) == OK;
    cli_complain_config(path, file);
    free(file);
    return cli->configured;
}

/* KEYS/NAME.pem_secret beside NAME.key_secret, or beside it that of the party. HT_NOT_FOUND: neither is there. */
static enum ht_result sign_by_place(struct cli *cli, struct ht_client *client)
{
    char path[sizeof cli->own_path + PARTY_SIZE_MAX + 16];
    const char *slash = strrchr(cli->own_path, '/'), *dot = strrchr(cli->own_path, '.');
    int directory = slash != NULL ? (int)(slash + 1 - cli->own_path) : 0;
    int stem = dot != NULL && dot > cli->own_path + directory ? (int)(dot - cli->own_path) : (int)strlen(cli->own_path);
    if (cli->as == NULL)
        (void)snprintf(path, sizeof path, "%s/clients/operator.pem_secret", cli->config.key_directory);
    else
        (void)snprintf(path, sizeof path, "%.*s.pem_secret", stem, cli->own_path);
    enum ht_result result = ht_sign_with(client, path);
    if (result != HT_NOT_FOUND || cli->as == NULL)
        return result;
    (void)snprintf(path, sizeof path, "%.*s%s.pem_secret", directory, cli->own_path, cli->as);
    return ht_sign_with(client, path);
}

/* What is sent is signed where there is a key. A key that cannot be used ends it: said why, NULL. */
static struct ht_client *sign(struct cli *cli, struct ht_client *client)
{
    bool named = cli->signing_key != NULL;
    if (client == NULL)
        return NULL;
    enum ht_result result = named ? ht_sign_with(client, cli->signing_key) : sign_by_place(cli, client);
    if (result == HT_OK || (result == HT_NOT_FOUND && !named))
        return client;
    if (result == HT_NOT_FOUND)
        complain(said("没有签名私钥 %s", "there is no signing key %s"), cli->signing_key);
    else
        complain("%s", ht_last_refusal(client));
    ht_close(&client);
    return NULL;
}

static struct ht_client *connect_local(struct cli *cli)
{
    char gate[4096 + 32], mailbox[4096 + 32];
    if (!cli_configure(cli))
        return NULL;
    (void)snprintf(gate, sizeof gate, "ipc://%s/gate.sock", cli->config.run_directory);
    (void)snprintf(mailbox, sizeof mailbox, "ipc://%s/mailbox.sock", cli->config.run_directory);
    struct ht_options options = {.gate = gate, .mailbox = mailbox};
    return sign(cli, ht_open(&options));
}

bool cli_speak_as(struct cli *cli, const char *name)
{
    char path[4096 + 64];
    struct buffer why = {0};
    (void)snprintf(path, sizeof path, "%s", name);
    bool found = keys_load(path, &cli->own, &why) == OK && cli->own.secret_key[0] != 0;
    if (!found && why.size == 0 && !cli_configure(cli))
        return false;
    if (!found && why.size == 0) {
        (void)snprintf(path, sizeof path, "%s/clients/%s.key_secret", cli->config.key_directory, name);
        found = keys_load(path, &cli->own, &why) == OK && cli->own.secret_key[0] != 0;
    }
    if (why.size > 0)
        complain("%s", buffer_text(&why));
    else if (!found)
        complain(said("没有 %s 的私钥：找过 %s；hutong keys list 列出密钥，hutong keys new 生成密钥",
                      "no secret key of %s: looked for %s; hutong keys list names the keys, hutong keys new makes one"),
                 name, path);
    else if (cli->own.party[0] == 0)
        complain(said("%s 没有写明密钥代表哪一方（party）", "%s does not say whose key it is (party)"), path);
    (void)snprintf(cli->own_path, sizeof cli->own_path, "%s", path);
    buffer_fini(&why);
    cli->as = found && cli->own.party[0] != 0 ? cli->own.party : NULL;
    return cli->as != NULL;
}

/* The exchange's public key: --server-key, a file as it is handed to parties or its text; else the configuration's. */
static bool find_server(struct cli *cli, struct key_pair *server)
{
    char path[4096 + 64];
    if (cli->server_key != NULL && strlen(cli->server_key) == 40 && access(cli->server_key, F_OK) != 0) {
        (void)snprintf(server->public_key, sizeof server->public_key, "%s", cli->server_key);
        return true;
    }
    (void)snprintf(path, sizeof path, "%s/server.key", cli->config.key_directory);
    const char *file = cli->server_key != NULL ? cli->server_key : path;
    if (keys_load(file, server, NULL) == OK)
        return true;
    complain(said("%s 不是平台的公钥（server.key 文件，或其中 40 个字符的 public-key）",
                  "%s is no public key of an exchange (the file server.key, or the 40 characters of its public-key)"),
             file);
    return false;
}

struct ht_client *cli_connect(struct cli *cli)
{
    struct key_pair server = {0};
    if (cli->as == NULL)
        return connect_local(cli);
    if ((cli->server_key == NULL || cli->gate == NULL || cli->mailbox == NULL) && !cli_configure(cli))
        return NULL;
    if (!find_server(cli, &server))
        return NULL;
    struct ht_options options = {.gate = cli->gate != NULL ? cli->gate : cli->config.gate_endpoint,
                                 .mailbox = cli->mailbox != NULL ? cli->mailbox : cli->config.mailbox_endpoint,
                                 .server_key = server.public_key,
                                 .public_key = cli->own.public_key,
                                 .secret_key = cli->own.secret_key};
    struct ht_client *client = ht_open(&options);
    if (client == NULL)
        complain(said("无法连接 %s：端点或公钥写错", "cannot connect to %s: this is no endpoint, or no public key"),
                 options.gate);
    return sign(cli, client);
}

/* A daemon that dies takes its question with it: whoever comes after it is asked again. */
bool cli_ask(const char *endpoint, struct span question, uint32_t wait_ms, struct buffer *answer)
{
    enum { LOOK_MS = 100 };
    struct dealer *dealer;
    struct dealer_options options = {.endpoint = endpoint};
    int64_t until = loop_monotonic_us() + (int64_t)wait_ms * 1000;
    if (dealer_open(&options, &dealer) != OK)
        return false;
    bool asked = dealer_send(dealer, question) == OK, answered = false;
    while (asked && !answered && loop_monotonic_us() < until) {
        answered = dealer_receive(dealer, LOOK_MS, answer) == OK;
        if (!answered && dealer_lost_its_peer(dealer))
            asked = dealer_send(dealer, question) == OK;
    }
    if (!answered) /* nobody waits for it, so the question need not leave any more */
        dealer_abandon(&dealer);
    dealer_close(&dealer);
    return answered;
}

json_t *cli_control(struct cli *cli, const char *service, uint32_t partition, const struct control_request *request,
                    uint32_t wait_ms)
{
    struct buffer endpoint = {0}, question = {0}, answer = {0};
    config_control_ipc(&cli->config, service, partition, &endpoint);
    control_request_encode(request, &question);
    json_t *reply = cli_ask(buffer_text(&endpoint), buffer_span(&question), wait_ms, &answer)
                        ? cli_message(WIRE_CONTROL_REPLY, buffer_span(&answer))
                        : NULL;
    buffer_fini(&endpoint);
    buffer_fini(&question);
    buffer_fini(&answer);
    return reply;
}

bool cli_query(struct cli *cli, const char *service, uint32_t partition, struct span query, uint32_t wait_ms,
               struct buffer *answer)
{
    struct buffer endpoint = {0}, question = {0}, reply = {0};
    struct control_reply said = {.kind = CONTROL_REPLY_NONE};
    config_control_ipc(&cli->config, service, partition, &endpoint);
    control_request_encode(&(struct control_request){1, CONTROL_ASK_QUERY, {.query = query}}, &question);
    bool answered = cli_ask(buffer_text(&endpoint), buffer_span(&question), wait_ms, &reply) &&
                    control_reply_decode(buffer_span(&reply), NULL, &said) == OK && said.kind == CONTROL_REPLY_ANSWER;
    buffer_reset(answer);
    if (answered)
        buffer_append(answer, said.body.answer.data, said.body.answer.size);
    buffer_fini(&endpoint);
    buffer_fini(&question);
    buffer_fini(&reply);
    return answered;
}

json_t *cli_broker(struct cli *cli, enum bus_request_kind kind, union bus_request_body body, uint32_t wait_ms)
{
    struct buffer endpoint = {0}, question = {0}, answer = {0};
    struct dealer *dealer = NULL;
    json_t *reply = NULL;
    config_broker_ipc(&cli->config, &endpoint);
    bus_request_encode(&(struct bus_request){BUS_PROTOCOL, 1, kind, body}, &question);
    struct dealer_options options = {.endpoint = buffer_text(&endpoint)};
    bool asked = dealer_open(&options, &dealer) == OK && dealer_send(dealer, buffer_span(&question)) == OK;
    while (asked && reply == NULL && dealer_receive(dealer, wait_ms, &answer) == OK) {
        reply = cli_message(WIRE_BUS_REPLY, buffer_span(&answer));
        if (json_object_get(reply, "heartbeat") != NULL) { /* its greeting comes first */
            json_decref(reply);
            reply = NULL;
        }
    }
    dealer_close(&dealer);
    buffer_fini(&endpoint);
    buffer_fini(&question);
    buffer_fini(&answer);
    return reply;
}

json_t *cli_member(json_t *reply, const char *key)
{
    json_t *member = json_incref(json_object_get(reply, key));
    json_decref(reply);
    return member;
}

struct event cli_event(enum event_kind kind, const char *sender, char id[37])
{
    ht_uuid7(id);
    return (struct event){.version = 1,
                          .sender = sender,
                          .message_id = id,
                          .sent_at = loop_wall_ms(),
                          .person_id = "",
                          .traceparent = "",
                          .kind = kind};
}

void cli_print_event(const struct event *event)
{
    struct buffer envelope = {0}, text = {0};
    envelope_encode(event, &envelope);
    INVARIANT(message_to_json(WIRE_ENVELOPE, buffer_span(&envelope), true, &text) == OK);
    (void)printf("%s\n", buffer_text(&text));
    buffer_fini(&envelope);
    buffer_fini(&text);
}

void cli_print_stated(struct event event, const char *batch)
{
    struct buffer content = {0};
    char id[37];
    event.message_id = "";
    event.sent_at = 0;
    envelope_encode(&event, &content);
    reference_id(event.sender, batch, buffer_span(&content), id);
    event.message_id = id;
    cli_print_event(&event);
    buffer_fini(&content);
}

static int base64_value(char character)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = character == 0 ? NULL : strchr(digits, character);
    return at == NULL ? -1 : (int)(at - digits);
}

void cli_base64(const char *text, struct buffer *out)
{
    uint32_t bits = 0;
    int count = 0;
    for (; base64_value(*text) >= 0; text++) {
        bits = bits << 6 | (uint32_t)base64_value(*text);
        count += 6;
        if (count >= 8) {
            uint8_t byte = (uint8_t)(bits >> (count -= 8));
            buffer_append(out, &byte, 1);
        }
    }
}

size_t cli_bytes(const json_t *object, const char *key, uint8_t *to, size_t size)
{
    struct buffer bytes = {0};
    cli_base64(cli_text(object, key), &bytes);
    size_t taken = bytes.size <= size ? bytes.size : 0;
    if (taken > 0)
        memcpy(to, bytes.data, taken);
    buffer_fini(&bytes);
    return taken;
}

static bool progress_open;

void progress_show(const char *what, uint64_t done, uint64_t total)
{
    if (!isatty(STDERR_FILENO))
        return;
    char bar[31];
    unsigned filled = total == 0 ? 0 : (unsigned)(done * 30 / total);
    for (unsigned i = 0; i < 30; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[30] = 0;
    (void)fprintf(stderr, "\r%s [%s] %llu/%llu", what, bar, (unsigned long long)done, (unsigned long long)total);
    progress_open = true;
}

void progress_line(const char *text, bool asked)
{
    progress_open = isatty(STDERR_FILENO) != 0;
    if (progress_open)
        (void)fprintf(stderr, "\r\033[K%s", text);
    else if (asked)
        (void)fprintf(stderr, "%s\n", text);
}

void progress_end(void)
{
    if (progress_open)
        (void)fputc('\n', stderr);
    progress_open = false;
}

json_t *cli_message(enum wire_message message, struct span bytes)
{
    struct buffer text = {0};
    json_t *value = NULL;
    if (message_to_json(message, bytes, true, &text) == OK)
        value = json_loadb((const char *)text.data, text.size, 0, NULL);
    buffer_fini(&text);
    return value;
}

void cli_print_json(json_t *value)
{
    (void)json_dumpf(value, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
    (void)fputc('\n', stdout);
    json_decref(value);
}

json_t *cli_json_number(uint64_t number)
{
    char text[24];
    if (number <= UINT64_C(1) << 53)
        return json_integer((json_int_t)number);
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return json_string(text);
}

const char *cli_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

int64_t cli_integer(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value))
        return json_integer_value(value);
    return json_is_string(value) ? strtoll(json_string_value(value), NULL, 10) : 0;
}
