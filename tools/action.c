/* SPDX-License-Identifier: Apache-2.0
 * Putting actions on the log. */
#include "tools/action.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/codes/logic.h"
#include "common/observe/diary.h"
#include "tools/logic_send.h"
#include "tools/operator_send.h"

enum how { RECORDED, ALONE, OWN };
enum why { WANTED, ASKED };
enum { ANSWER_MS = 10000, TELLING_MS = 3000, COMMAND_SIZE = 601 };

static const struct {
    const char *word;
    enum how how;
    enum why why;
    const char *zh, *en;
} rows[ACTIONS_COUNT] = {
#define ACTION(place, command, how, why, zh, en) {command, how, why, zh, en},
#include "tools/action.def"
#undef ACTION
};

const char *action_text(const char *word)
{
    for (unsigned i = 0; i < ACTIONS_COUNT; i++)
        if (strcmp(rows[i].word, word) == 0)
            return said(rows[i].zh, rows[i].en);
    return word;
}

bool action_reason(struct cli *cli, enum action_kind kind, const char **reason)
{
    const char *given = cli_option(cli, "--reason");
    *reason = given != NULL ? given : "";
    if (rows[kind].why == ASKED || (given != NULL && given[0] != 0))
        return true;
    complain(
        said("hutong %s：请用 --reason 写明为何，记入日志", "hutong %s: say why, with --reason; it stands on the log"),
        cli->arguments->command->name);
    return false;
}

/* ---- whether there is a log to write on ---- */

static bool somebody_listens(const char *endpoint)
{
    static const char scheme[] = "ipc://";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = endpoint + sizeof scheme - 1;
    if (strncmp(endpoint, scheme, sizeof scheme - 1) != 0 || strlen(path) >= sizeof address.sun_path)
        return true; /* not to be seen from here */
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool listens = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        (void)close(fd);
    return listens;
}

/* Neither its gate nor its broker is there: nothing that is done now is done to a running exchange. */
static bool is_stopped(const struct cli *cli)
{
    struct buffer broker = {0};
    char gate[4096 + 32];
    if (cli->as != NULL)
        return false;
    config_broker_ipc(&cli->config, &broker);
    (void)snprintf(gate, sizeof gate, "ipc://%s/gate.sock", cli->config.run_directory);
    bool stopped = !somebody_listens(buffer_text(&broker)) && !somebody_listens(gate);
    buffer_fini(&broker);
    return stopped;
}

/* Why it need not be on the log, which is said; false: it must. */
static bool need_not(struct cli *cli)
{
    if (cli->as != NULL && strcmp(cli->as, "operator") != 0)
        return true;
    if (cli->configured && cli->config.trace_clock)
        return true;
    if (cli->configured && is_stopped(cli)) {
        complain(said("平台已停止，此操作未记入日志", "the exchange is stopped: this is not recorded on its log"));
        return true;
    }
    uint32_t logic = cli->configured ? logic_in_force(cli) : LOGIC_VERSION_KNOWN;
    if (logic == 0 || logic_has(logic, LOGIC_ACTIONS_RECORDED))
        return false;
    complain(said("此操作未记入日志：规则版本 %u 尚无此类事件；见 hutong logic",
                  "this is not recorded: version %u of the rules has no such event; see hutong logic"),
             logic);
    return true;
}

/* ---- what stands there ---- */

/* The command's words and options; not the reason, which stands for itself, nor what all commands share. */
static void describe_command(const struct cli *cli, char text[COMMAND_SIZE])
{
    const struct arguments *arguments = cli->arguments;
    size_t size = (size_t)snprintf(text, COMMAND_SIZE, "%s", arguments->command->name);
    for (int i = 0; i < cli->argc && size < COMMAND_SIZE; i++)
        size += (size_t)snprintf(text + size, COMMAND_SIZE - size, " %s", cli->argv[i]);
    for (unsigned i = 0; i < arguments->given_count && size < COMMAND_SIZE; i++) {
        const char *name = arguments->given[i].name, *value = arguments->given[i].value;
        bool shared = strcmp(name, "--reason") == 0;
        for (const struct command_option *each = command_shared_options; each->name != NULL; each++)
            shared = shared || strcmp(each->name, name) == 0;
        if (!shared)
            size +=
                (size_t)snprintf(text + size, COMMAND_SIZE - size, " %s%s%s", name, value[0] != 0 ? " " : "", value);
    }
    if (size >= COMMAND_SIZE) /* cut at a whole character */
        for (size = COMMAND_SIZE - 1; size > 0 && ((unsigned char)text[size - 1] & 0x80) != 0; size--)
            text[size - 1] = 0;
    diary_mask_text(text);
}

static int put(struct cli *cli, const struct operator_action *action, uint32_t wait_ms, uint64_t *position)
{
    char id[37];
    struct buffer envelope = {0};
    struct event event = cli_event(EVENT_OPERATOR_ACTION, "operator", id);
    event.body.operator_action = *action;
    envelope_encode(&event, &envelope);
    int code = operator_send_within(cli, buffer_span(&envelope), wait_ms, position);
    buffer_fini(&envelope);
    return code;
}

static int record(struct cli *cli, const struct action *action, const char *reason, uint32_t wait_ms)
{
    char command[COMMAND_SIZE];
    uint64_t position;
    describe_command(cli, command);
    struct operator_action said_of = {.by = cli->by,
                                      .action = rows[action->kind].word,
                                      .subject = action->subject != NULL ? action->subject : "",
                                      .reason = reason,
                                      .command = command,
                                      .result = "",
                                      .until_ms = action->until_ms};
    int code = put(cli, &said_of, wait_ms, &position);
    if (code == CLI_OK && rows[action->kind].how == RECORDED)
        cli->recorded_at = position;
    cli->recorded_as = rows[action->kind].word;
    return code;
}

int action_record(struct cli *cli, const struct action *action)
{
    const char *reason;
    if (cli->as == NULL && !cli_configure(cli))
        return CLI_BAD_INPUT;
    if (need_not(cli))
        return CLI_OK;
    if (!action_reason(cli, action->kind, &reason))
        return CLI_USAGE;
    int code = record(cli, action, reason, ANSWER_MS);
    if (code == CLI_OK || cli_flag(cli, "--unrecorded"))
        return CLI_OK;
    complain(said("此操作无法记录，故不执行；--unrecorded 仍然执行",
                  "this cannot be recorded, so nothing is done; --unrecorded acts all the same"));
    return code;
}

void action_tell(struct cli *cli, enum action_kind kind)
{
    const char *reason = cli_option(cli, "--reason");
    if (cli_flag(cli, "--unrecorded") || need_not(cli))
        return;
    if (record(cli, &(struct action){.kind = kind}, reason != NULL ? reason : "", TELLING_MS) != CLI_OK)
        complain(said("此操作未能记入日志", "this could not be recorded on the log"));
}

void action_ended(struct cli *cli, int code)
{
    char result[64] = "done";
    uint64_t position, of = cli->recorded_at;
    if (of == 0)
        return;
    cli->recorded_at = 0;
    if (code != CLI_OK)
        (void)snprintf(result, sizeof result, "exit code %d", code);
    struct operator_action end = {.by = cli->by,
                                  .action = cli->recorded_as,
                                  .subject = "",
                                  .reason = "",
                                  .command = "",
                                  .of = of,
                                  .result = result};
    if (put(cli, &end, ANSWER_MS, &position) != CLI_OK)
        complain(said("结局未能记入日志", "how it ended could not be recorded"));
}
