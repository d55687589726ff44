/* SPDX-License-Identifier: Apache-2.0
 * hutong status, hutong digest. */
#include <stdio.h>

#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/net/loop.h"
#include "services/ingest/drain.h"
#include "tools/cli.h"
#include "tools/full.h"
#include "tools/status_ask.h"

enum { TOLD_FROM_DAYS = 60, ASK_MS = 1000 };

/* The tables that end within two months, or have ended: somebody must state the next. */
static void print_ends(const json_t *status)
{
    size_t index;
    json_t *end;
    json_array_foreach(json_object_get(status, "ends"), index, end)
    {
        long long left = cli_integer(end, "daysLeft"), day = cli_integer(end, "lastDay");
        if (left > TOLD_FROM_DAYS)
            continue;
        (void)printf("  %s%s%s %s %04lld-%02lld-%02lld", cli_text(end, "table"),
                     cli_text(end, "region")[0] != 0 ? said("，", " of ") : "", cli_text(end, "region"),
                     left < 0 ? said("已止于", "ended on") : said("止于", "ends on"), day / 10000, day / 100 % 100,
                     day % 100);
        (void)printf(left < 0 ? said("，%lld 日之前\n", ", %lld days ago\n")
                              : said("，还有 %lld 日\n", ", in %lld days\n"),
                     left < 0 ? -left : left);
    }
}

/* Of the daemon's process: how long, how often started again, what build. */
static void print_process(const json_t *status)
{
    long long up_s = (loop_wall_ms() - cli_integer(status, "startedAtMs")) / 1000;
    (void)printf(said("  已运行 %lld 日 %02lld:%02lld:%02lld，重启 %lld 次，版本 %s，构建 %s\n",
                      "  up %lldd %02lld:%02lld:%02lld, restarts %lld, version %s, build %s\n"),
                 up_s / 86400, up_s / 3600 % 24, up_s / 60 % 60, up_s % 60, (long long)cli_integer(status, "restarts"),
                 cli_text(status, "version"), cli_text(status, "build"));
}

/* "-": not since the start. */
static void print_time(const char *what, int64_t ms)
{
    char text[32] = "-";
    if (ms != 0)
        instant_describe(ms, text);
    (void)printf(said("，%s %.19s", ", %s %.19s"), what, text);
}

static void print_oldest(const char *what, const json_t *oldest)
{
    if (oldest != NULL)
        (void)printf(said("，%s 位置 %lld（%lld 秒）", ", %s at %lld (%lld s)"), what,
                     (long long)cli_integer(oldest, "position"), (long long)cli_integer(oldest, "ageMs") / 1000);
}

/* Who is slow, and who is refused. */
static void print_parties(const json_t *status)
{
    size_t index;
    json_t *party;
    json_array_foreach(json_object_get(status, "parties"), index, party)
    {
        (void)printf(
            said("  %-8s 信箱未确认 %lld+%lld，受理 %lld，拒绝 %lld，繁忙 %lld，超限 %lld",
                 "  %-8s mailbox %lld+%lld unconfirmed, %lld accepted, %lld refused, %lld busy, %lld beyond limits"),
            cli_text(party, "party"), (long long)cli_integer(party, "backlog"),
            (long long)cli_integer(party, "booksBacklog"), (long long)cli_integer(party, "accepted"),
            (long long)cli_integer(party, "refused"), (long long)cli_integer(party, "busy"),
            (long long)cli_integer(party, "limited"));
        print_oldest(said("最早未确认", "oldest"), json_object_get(party, "oldest"));
        print_oldest(said("账目最早未确认", "oldest of the books"), json_object_get(party, "booksOldest"));
        print_time(said("最近回执", "last receipt"), cli_integer(party, "lastReceiptMs"));
        print_time(said("最近听到", "seen"), cli_integer(party, "lastSeenMs"));
        (void)printf("\n");
    }
}

static void print_daemon(const char *service, uint32_t partition, const json_t *status)
{
    if (status == NULL) {
        (void)printf(said("%s-%-10u 没有应答\n", "%s-%-10u does not answer\n"), service, partition);
        return;
    }
    char behind[64], why[256];
    language_half(cli_text(status, "notReadyReason"), why, sizeof why);
    (void)snprintf(behind, sizeof behind, "%s", said("不详", "not known"));
    if (json_object_get(status, "lagMs") != NULL)
        (void)snprintf(behind, sizeof behind, said("%lld（%lld 秒）", "%lld (%lld s)"),
                       (long long)cli_integer(status, "lagRecords"), (long long)cli_integer(status, "lagMs") / 1000);
    (void)printf(said("%-12s %u  %s  位置 %lld，落后 %s，死信 %lld，状态 %lld／%lld MiB%s%s\n",
                      "%-12s %u  %-9s at %lld, behind %s, dead letters %lld, state %lld of %lld MiB%s%s\n"),
                 service, partition,
                 json_is_true(json_object_get(status, "ready")) ? said("就绪", "ready") : said("未就绪", "NOT READY"),
                 (long long)cli_integer(status, "position"), behind, (long long)cli_integer(status, "deadLetters"),
                 (long long)cli_integer(status, "stateBytes") >> 20,
                 (long long)cli_integer(status, "stateLimitBytes") >> 20, why[0] != 0 ? ": " : "", why);
    print_process(status);
    if (json_object_get(status, "checkpointAgeMs") != NULL)
        (void)printf(said("  最近检查点签于 %lld 秒之前\n", "  latest checkpoint signed %lld s ago\n"),
                     (long long)cli_integer(status, "checkpointAgeMs") / 1000);
    if (cli_integer(status, "limitsRunning") > 0)
        (void)printf(said("  转移与认证的时限：在走 %lld，其中逾期 %lld\n",
                          "  limits of transfers and certificates: %lld run, %lld of them overdue\n"),
                     (long long)cli_integer(status, "limitsRunning"), (long long)cli_integer(status, "limitsOverdue"));
    print_parties(status);
    if (partition == 0)
        print_ends(status);
}

static void print_broker(const json_t *broker)
{
    size_t index, reader_index;
    json_t *stream, *reader;
    if (broker == NULL) {
        (void)printf(said("代理         0  没有应答\n", "broker       0  does not answer\n"));
        return;
    }
    const char *cause = full_cause(broker);
    (void)printf(
        said("代理         0  %s  %lld 段，%lld／%lld MiB，磁盘剩余 %lld MiB，其中 %lld 须保留%s%s\n",
             "broker       0  %s %lld segments, %lld of %lld MiB, disk %lld MiB free of which %lld stay free%s%s\n"),
        cause != NULL ? said("已满", "FULL") : said("就绪", "ready    "), (long long)cli_integer(broker, "segments"),
        (long long)cli_integer(broker, "usedBytes") >> 20, (long long)cli_integer(broker, "limitBytes") >> 20,
        (long long)cli_integer(broker, "freeBytes") >> 20, (long long)cli_integer(broker, "reserveBytes") >> 20,
        cause != NULL ? ": " : "", cause != NULL ? cause : "");
    print_process(broker);
    json_array_foreach(json_object_get(broker, "streams"), index, stream)
    {
        (void)printf("  %-14s %lld..%lld", cli_text(stream, "stream"), (long long)cli_integer(stream, "first"),
                     (long long)cli_integer(stream, "end"));
        json_array_foreach(json_object_get(stream, "readers"), reader_index, reader)(void)
            printf("  %s@%lld", cli_text(reader, "reader"), (long long)cli_integer(reader, "cursor"));
        (void)printf("\n");
    }
}

/* Ready as they are, nothing new is taken. */
static bool takes(const struct cli *cli)
{
    char path[4096 + 64];
    drain_path(cli->config.run_directory, path);
    bool draining = drain_state(path) != DRAIN_NOT_ASKED;
    if (draining && !cli->json)
        (void)printf(said("接收端     0  不接收新报文（hutong drain）\n",
                          "gate         0  draining: nothing new is taken (hutong drain)\n"));
    return !draining;
}

static int run_status(struct cli *cli)
{
    const char *service;
    uint32_t partition;
    bool all = true;
    if (!cli_arguments(cli, &command_status, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    json_t *broker = status_of_broker(cli, ASK_MS), *daemons = json_array();
    all = broker != NULL && full_cause(broker) == NULL;
    if (!cli->json)
        print_broker(broker);
    all = takes(cli) && all;
    for (unsigned i = 0; service_state_at(cli->config.partitions, i, &service, &partition); i++) {
        json_t *status = status_of_service(cli, service, partition, ASK_MS);
        bool answered = status != NULL;
        all = all && answered && json_is_true(json_object_get(status, "ready"));
        if (!cli->json)
            print_daemon(service, partition, status);
        json_array_append_new(
            daemons, answered ? status : json_pack("{s:s,s:i}", "service", service, "partition", (int)partition));
    }
    if (cli->json)
        cli_print_json(json_pack("{s:o?,s:o,s:b,s:I}", "broker", broker, "services", daemons, "ready", all, "askedAtMs",
                                 (json_int_t)loop_wall_ms()));
    else {
        json_decref(broker);
        json_decref(daemons);
    }
    return all ? CLI_OK : CLI_DIFFERENT;
}

/* ---- digest ---- */

static bool ask_digest(struct cli *cli, const char *service, uint32_t partition, uint64_t position, uint32_t wait_ms,
                       json_t **digest)
{
    struct control_request request = {1, CONTROL_ASK_DIGEST, {.digest = {position, wait_ms}}};
    json_t *reply = cli_control(cli, service, partition, &request, wait_ms + 120000);
    json_t *said = json_object_get(reply, "digest");
    uint8_t bytes[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1] = "";
    if (cli_bytes(said, "digest", bytes, sizeof bytes) == DIGEST_SIZE)
        digest_hex(bytes, DIGEST_SIZE, hex);
    *digest = said == NULL ? NULL
                           : json_pack("{s:s,s:i,s:I,s:s}", "service", service, "partition", (int)partition, "position",
                                       (json_int_t)cli_integer(said, "position"), "digest", hex);
    json_decref(reply);
    return *digest != NULL;
}

/* All at one cut: the end of the log now, unless a position is given. */
static int run_digest(struct cli *cli)
{
    uint64_t position = cli_number(cli, "--position", 0), outcomes = 0;
    uint32_t wait_ms = (uint32_t)cli_number(cli, "--wait", 30) * 1000, partition;
    int64_t now;
    const char *service;
    int code = CLI_OK;
    if (!cli_arguments(cli, &command_digest, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (position == 0) {
        struct ht_client *client = cli_connect(cli);
        enum ht_result result = client == NULL ? HT_INVALID : ht_ping(client, 5000, &position, &outcomes, &now);
        ht_close(&client);
        if (result != HT_OK) {
            complain(said("接收端没有应答", "the gate does not answer"));
            return CLI_UNREACHABLE;
        }
    }
    for (unsigned i = 0; service_state_at(cli->config.partitions, i, &service, &partition); i++) {
        json_t *digest;
        if (!ask_digest(cli, service, partition, position, wait_ms, &digest)) {
            complain(said("%s-%u：限时内没有位置 %llu 的摘要", "%s-%u: no digest at %llu in time"), service, partition,
                     (unsigned long long)position);
            code = CLI_UNREACHABLE;
        } else if (cli->json)
            cli_print_json(digest);
        else {
            (void)printf("%-12s %u  @%lld  %s\n", service, partition, (long long)cli_integer(digest, "position"),
                         cli_text(digest, "digest"));
            json_decref(digest);
        }
    }
    return code;
}

const struct command command_status = {
    .name = "status",
    .usage = "status",
    .summary = "every daemon: ready or why not, position, lag, dead letters, room",
    .summary_zh = "各进程：是否就绪及原因、位置、积压、死信、空间",
    .help = "Exit code 0: everything is ready; 1: something is not.\n\n  hutong status\n  hutong --json status",
    .help_zh = "退出码 0：全部就绪；1：有未就绪者。\n"
               "\n"
               "  hutong status\n"
               "  hutong --json status",
    .run = run_status,
};
const struct command command_digest = {
    .name = "digest",
    .usage = "digest [--position N] [--wait S]",
    .summary = "hash of each service's whole state, all at one cut of the log",
    .summary_zh = "各服务全部状态的散列值，取自日志的同一位置",
    .help =
        "Equal on any machine after the same log. Each service stops at the position for as long as its hash takes.\n\n"
        "  hutong digest --position 10000",
    .help_zh = "日志相同则散列值相同，与机器无关。各服务在该位置停下，时长为计算散列值所需。\n"
               "\n"
               "  hutong digest --position 10000",
    .options =
        (const struct command_option[]){
            {"--position", "N", "日志的位置，缺省为日志末尾", "of the log; its end unless given"},
            {"--wait", "S", "至多等待的秒数，缺省 30", "seconds to wait at most, 30 unless given"},
            {0}},
    .run = run_digest,
};
