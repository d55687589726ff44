/* SPDX-License-Identifier: Apache-2.0
 * hutong drain: before a stop or an upgrade. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/net/loop.h"
#include "services/ingest/drain.h"
#include "tools/action.h"
#include "tools/cli.h"

enum { LOOK_MS = 100, ANSWER_MS = 2000, TIMEOUT_S = 60, TIMEOUT_MAX_S = 86400, PATH_SIZE = 4096 + 64 };

static void pause_a_little(void)
{
    (void)nanosleep(&(struct timespec){0, LOOK_MS * 1000000}, NULL);
}

/* The gate is there: a file alone would wait for one that starts, and be taken away by it. */
static bool gate_answers(struct cli *cli)
{
    uint64_t submissions, outcomes;
    int64_t now;
    struct ht_client *client = cli_connect(cli);
    bool answers = client != NULL && ht_ping(client, ANSWER_MS, &submissions, &outcomes, &now) == HT_OK;
    ht_close(&client);
    return answers;
}

static bool ask(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
        complain(said("无法写入 %s：%s", "cannot write %s: %s"), path, strerror(errno));
        return false;
    }
    (void)close(fd);
    return true;
}

static int64_t stream_end(const json_t *broker, const char *name)
{
    size_t index;
    json_t *stream;
    json_array_foreach(json_object_get(broker, "streams"), index, stream)
    {
        if (strcmp(cli_text(stream, "stream"), name) == 0)
            return cli_integer(stream, "end");
    }
    return 0;
}

static void add_behind(struct cli *cli, const char *service, uint32_t number, int64_t end, struct buffer *behind)
{
    struct control_request request = {.version = 1, .kind = CONTROL_ASK_STATUS};
    char name[SERVICE_STATE_NAME_SIZE];
    json_t *status = cli_member(cli_control(cli, service, number, &request, ANSWER_MS), "status");
    service_state_name(service, number, name);
    const char *comma = behind->size > 0 ? ", " : "";
    if (status == NULL)
        buffer_printf(behind, said("%s%s 没有应答", "%s%s does not answer"), comma, name);
    else if (cli_integer(status, "position") < end)
        buffer_printf(behind, "%s%s %lld/%lld", comma, name, (long long)cli_integer(status, "position"),
                      (long long)end);
    json_decref(status);
}

/* Whether every state is at the log's end: all is decided, in the mailboxes, in the books. False also where one does
 * not answer; `behind` says who. A record of any stream speaks of the submission at its position, but for those that
 * the books write of their own. */
static bool all_read(struct cli *cli, struct buffer *behind, uint64_t *submissions)
{
    const char *service;
    uint32_t number;
    json_t *broker =
        cli_member(cli_broker(cli, BUS_STATUS, (union bus_request_body){.status = {0}}, ANSWER_MS), "status");
    int64_t end = stream_end(broker, "submissions"), books_end = stream_end(broker, "books");
    *submissions = (uint64_t)end;
    buffer_reset(behind);
    if (broker == NULL)
        buffer_append_text(behind, said("代理没有应答", "the broker does not answer"));
    else if (books_end < end) /* they write seldom */
        buffer_printf(behind, "books %lld/%lld", (long long)books_end, (long long)end);
    json_decref(broker);
    for (unsigned i = 0; broker != NULL && service_state_at(cli->config.partitions, i, &service, &number); i++) {
        bool of_books = strcmp(service, "ingest") == 0 && number == 1;
        add_behind(cli, service, number, of_books ? books_end : end, behind);
    }
    return behind->size == 0;
}

static int say_drained(const struct cli *cli, uint64_t submissions)
{
    if (cli->json)
        cli_print_json(json_pack("{s:b,s:o}", "drained", true, "submissions", cli_json_number(submissions)));
    else
        (void)printf(said("已排空：%llu 份报文均已裁定并进入信箱；接收端在重新启动之前不接收新报文\n",
                          "drained: %llu submissions, all decided and in the mailboxes; the gate takes nothing new "
                          "until it starts again\n"),
                     (unsigned long long)submissions);
    return CLI_OK;
}

/* Twice in a row with nothing new between: what was on its way to the disk when the gate heard is there. */
static int drain(struct cli *cli, const char *path, int64_t until_us)
{
    struct buffer behind = {0};
    uint64_t submissions = 0, before = UINT64_MAX;
    bool heard = false, drained = false;
    while (!drained && loop_monotonic_us() < until_us) {
        heard = drain_state(path) == DRAIN_HEARD;
        bool quiet = heard && all_read(cli, &behind, &submissions);
        drained = quiet && submissions == before;
        before = quiet ? submissions : UINT64_MAX;
        if (!drained)
            pause_a_little();
    }
    if (!heard)
        complain(said("接收端没有听到", "the gate has not heard"));
    else if (!drained)
        complain(
            said("限时内没有排空；接收端仍不接收新报文（drain --end 恢复）；落后者：%s",
                 "not drained in time; the gate still takes nothing new (drain --end: it takes again); behind: %s"),
            behind.size > 0 ? buffer_text(&behind) : "-");
    buffer_fini(&behind);
    return !heard ? CLI_UNREACHABLE : drained ? say_drained(cli, submissions) : CLI_DIFFERENT;
}

static int end_drain(const char *path)
{
    if (unlink(path) == 0)
        return CLI_OK;
    complain(said("没有要求排空", "no drain was asked for"));
    return CLI_DIFFERENT;
}

static int run_drain(struct cli *cli)
{
    char path[PATH_SIZE];
    int64_t timeout_us = (int64_t)cli_number_within(cli, "--timeout", TIMEOUT_S, 1, TIMEOUT_MAX_S) * 1000000;
    bool end = cli_flag(cli, "--end");
    if (!cli_arguments(cli, &command_drain, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    drain_path(cli->config.run_directory, path);
    if (end)
        return end_drain(path);
    if (!gate_answers(cli)) {
        complain(said("接收端没有应答", "the gate does not answer"));
        return CLI_UNREACHABLE;
    }
    if (access(path, F_OK) != 0) /* afterwards nothing more is taken, a record neither */
        action_tell(cli, ACTION_DRAIN);
    return ask(path) ? drain(cli, path, loop_monotonic_us() + timeout_us) : CLI_FAILED;
}

const struct command command_drain = {
    .name = "drain",
    .usage = "drain [--timeout S] [--end] [--reason TEXT]",
    .summary = "before a stop or an upgrade: nothing new is taken, what was taken is ended",
    .summary_zh = "停止或升级之前：不再接收新报文，已受理的全部办结",
    .help = "The gate answers new messages with BUSY (SYS-0001) from now until it starts again, or --end; receipts of "
            "what\n"
            "was taken are given as ever, and mailboxes are read. Returns when everything that was taken is decided, "
            "in the\n"
            "mailboxes and in the books. A stop without it loses nothing either: senders wait less with it.\n"
            "Exit code 0: drained; 1: not in time; 3: no exchange answers.\n\n"
            "  hutong drain && hutong down",
    .help_zh =
        "自此接收端对新报文答复 BUSY（SYS-0001），直到它重新启动，或执行 --end；已受理的照常取得回执，信箱照常可读。\n"
        "已受理的全部裁定、进入信箱并记账之后返回。不排空而停止也不丢失任何内容，只是发送方等得更久。\n"
        "退出码 0：已排空；1：限时内没有排空；3：没有平台应答。\n"
        "\n"
        "  hutong drain && hutong down",
    .options = (const struct command_option[]){{"--timeout", "S", "至多等待的秒数，缺省 60",
                                                "seconds to wait at most, 60 unless given"},
                                               {"--end", NULL, "接收端重新接收", "the gate takes again"},
                                               COMMAND_OPTIONS_TOLD,
                                               {0}},
    .run = run_drain,
};
