/* SPDX-License-Identifier: Apache-2.0
 * hutong actions: the operators' log, and alerts that somebody has acknowledged. */
#include <stdio.h>
#include <string.h>

#include "common/net/loop.h"
#include "common/observe/diary.h"
#include "common/pb/act.h"
#include "tools/action.h"

enum { PAGE = 100, LIMIT = 50, LIMIT_MAX = 1000, ANSWER_MS = 5000, ALERT_SIZE_MAX = 100 };

/* Noone's number, whatever was typed: texts are shown masked. */
static json_t *masked(const char *text)
{
    char shown[1024];
    (void)snprintf(shown, sizeof shown, "%s", text);
    diary_mask_text(shown);
    json_t *value = json_string(shown);
    return value != NULL ? value : json_string("?");
}

static json_t *instant_json(instant_ms_t at)
{
    char text[32] = "";
    if (at != 0)
        instant_describe(at, text);
    return json_string(text);
}

static json_t *describe(const json_t *row)
{
    const char *kind = cli_text(row, "outcomeKind");
    return json_pack("{s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:s,s:s,s:o,s:o}", "position",
                     cli_json_number((uint64_t)cli_integer(row, "position")), "at",
                     instant_json(cli_integer(row, "acceptedAtMs")), "action", cli_text(row, "action"), "by",
                     masked(cli_text(row, "by")), "subject", masked(cli_text(row, "subject")), "reason",
                     masked(cli_text(row, "reason")), "command", masked(cli_text(row, "command")), "outcome",
                     kind[0] != 0 ? kind : outcome_kind_name((uint32_t)cli_integer(row, "outcomeKind")), "result",
                     cli_text(row, "result"), "endedAt", instant_json(cli_integer(row, "endedAtMs")), "until",
                     instant_json(cli_integer(row, "untilMs")));
}

static void print_row(struct cli *cli, const json_t *row)
{
    json_t *said_of = describe(row);
    if (cli->json) {
        cli_print_json(said_of);
        return;
    }
    const char *result = cli_text(said_of, "result"), *until = cli_text(said_of, "until");
    (void)printf("%.19s  @%-8lld %-12s %s", cli_text(said_of, "at"), (long long)cli_integer(row, "position"),
                 cli_text(said_of, "by"), action_text(cli_text(said_of, "action")));
    if (cli_text(said_of, "subject")[0] != 0)
        (void)printf(" %s", cli_text(said_of, "subject"));
    (void)printf("  -> %s", result[0] != 0 ? result : cli_text(said_of, "outcome"));
    if (until[0] != 0)
        (void)printf(said("，至 %.19s", ", until %.19s"), until);
    (void)printf("\n");
    if (cli_text(said_of, "reason")[0] != 0)
        (void)printf("    %s\n", cli_text(said_of, "reason"));
    json_decref(said_of);
}

/* ---- questions to audit ---- */

/* Its Actions; NULL: said that there is no answer. */
static json_t *ask(struct cli *cli, const struct audit_query *query)
{
    struct buffer question = {0}, answer = {0};
    json_t *actions = NULL;
    audit_query_encode(query, &question);
    if (cli_query(cli, "audit", 0, buffer_span(&question), ANSWER_MS, &answer))
        actions = cli_member(cli_message(WIRE_AUDIT_ANSWER, buffer_span(&answer)), "actions");
    if (actions == NULL)
        complain(said("audit 没有应答：不明，请再问", "audit does not answer: unknown, ask again"));
    buffer_fini(&question);
    buffer_fini(&answer);
    return actions;
}

static int list(struct cli *cli)
{
    const char *by = cli_option(cli, "--who"), *action = cli_option(cli, "--action");
    uint64_t left = cli_number_within(cli, "--limit", LIMIT, 1, LIMIT_MAX), day = cli_number(cli, "--since", 0);
    struct actions_request asked = {.from = cli_number(cli, "--from", UINT64_MAX),
                                    .by = by != NULL ? by : "",
                                    .action = action != NULL ? action : ""};
    if (day > 99991231 || (day != 0 && !civil_date_exists((civil_date_t)day))) {
        complain(said("--since：请写日期，如 20250310", "--since: a day, please, as 20250310"));
        return CLI_USAGE;
    }
    asked.since_ms = day != 0 ? civil_date_start((civil_date_t)day) : 0;
    for (bool more = true; more && left > 0;) {
        json_t *row;
        size_t index;
        asked.count = left < PAGE ? (uint32_t)left : PAGE;
        json_t *actions = ask(cli, &(struct audit_query){AUDIT_ASK_ACTIONS, {.actions = asked}});
        if (actions == NULL)
            return CLI_UNREACHABLE;
        json_array_foreach(json_object_get(actions, "rows"), index, row) print_row(cli, row);
        left -= json_array_size(json_object_get(actions, "rows"));
        uint64_t next = (uint64_t)cli_integer(actions, "next");
        more = next != 0 && next < asked.from;
        asked.from = next;
        json_decref(actions);
        if (more && left == 0 && !cli->json)
            (void)printf(said("更早的：--from %llu\n", "older ones: --from %llu\n"), (unsigned long long)next);
    }
    return CLI_OK;
}

/* ---- alerts ---- */

static int list_acknowledged(struct cli *cli)
{
    json_t *actions = ask(cli, &(struct audit_query){.kind = AUDIT_ASK_ACKNOWLEDGED}), *row;
    size_t index;
    if (actions == NULL)
        return CLI_UNREACHABLE;
    json_array_foreach(json_object_get(actions, "rows"), index, row)
    {
        int64_t until = cli_integer(row, "untilMs");
        if (until == 0 || until > loop_wall_ms())
            print_row(cli, row);
    }
    json_decref(actions);
    return CLI_OK;
}

/* An alert's name, as Prometheus has it: HutongNotFinal. */
static bool is_alert(const char *alert)
{
    size_t size = strspn(alert, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:");
    return size > 0 && size <= ALERT_SIZE_MAX && alert[size] == 0;
}

static int say_of_alert(struct cli *cli, enum action_kind kind, const char *alert)
{
    enum { DAY_MS = 24 * 60 * 60 * 1000 };
    uint64_t day = kind == ACTION_ACKNOWLEDGE ? cli_number(cli, "--until", 0) : 0;
    if (!is_alert(alert)) {
        complain(said("告警名称为字母、数字、下划线", "an alert's name: letters, digits, underscores"));
        return CLI_USAGE;
    }
    if (day > 99991231 || (day != 0 && !civil_date_exists((civil_date_t)day))) {
        complain(said("--until：请写日期，如 20250310", "--until: a day, please, as 20250310"));
        return CLI_USAGE;
    }
    instant_ms_t until = day != 0 ? civil_date_start((civil_date_t)day) + DAY_MS : 0;
    return action_record(cli, &(struct action){kind, alert, until});
}

static int run(struct cli *cli)
{
    if (!cli_arguments(cli, &command_actions, 0, 2))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    const char *verb = cli->argc > 0 ? cli->argv[0] : "";
    if (cli->argc == 0)
        return list(cli);
    if (cli->argc == 1 && strcmp(verb, "acknowledged") == 0)
        return list_acknowledged(cli);
    if (cli->argc == 2 && strcmp(verb, "acknowledge") == 0)
        return say_of_alert(cli, ACTION_ACKNOWLEDGE, cli->argv[1]);
    if (cli->argc == 2 && strcmp(verb, "clear") == 0)
        return say_of_alert(cli, ACTION_CLEAR, cli->argv[1]);
    return cli_usage(&command_actions);
}

const struct command command_actions = {
    .name = "actions",
    .usage = "actions [--from N] [--limit N] [--who NAME] [--action ACTION] [--since DAY] | acknowledged | "
             "acknowledge ALERT --reason TEXT [--until DAY] | clear ALERT --reason TEXT",
    .summary = "what the operator's people did, when and why; alerts acknowledged",
    .summary_zh = "运维方何人、何时、因何做了什么；已确认的告警",
    .help = "Newest first: who (--by of then), the action, to what, what became of it, and why. Whatever changes\n"
            "something is on the log before it is done; looks at persons' records are among it, without the person.\n"
            "--from: this position and older; --action: as it stands there with --json.\n"
            "acknowledge says that an alert is known, and clear that it is not any more: nothing is silenced.\n\n"
            "  hutong actions --since 20250301 --who wang\n"
            "  hutong --by wang actions acknowledge HutongLag --reason 'disk is changed'",
    .help_zh = "由新到旧：何人（当时的 --by）、何事、对何物、结果如何、因何。凡有所改动，先记入日志再执行；查看个人资料"
               "也在其中，不列出何人被查看。\n"
               "--from：此位置及更早的；--action：写法见 --json 的输出。\n"
               "acknowledge 表示已知悉某告警，clear 撤销；告警本身不受影响。\n\n"
               "  hutong actions --since 20250301 --who wang\n"
               "  hutong --by wang actions acknowledge HutongNotFinal --reason 见证方搬迁",
    .options =
        (const struct command_option[]){
            COMMAND_OPTIONS_ACTION,
            {"--from", "N", "此位置及更早的", "this position and older ones"},
            {"--limit", "N", "至多列出多少条，缺省 50", "at most so many, 50 unless given"},
            {"--who", "NAME", "只列此人的", "of this person alone"},
            {"--action", "ACTION", "只列此类操作，如 trim", "of this action alone, as trim"},
            {"--since", "DAY", "自该日起", "since that day"},
            {"--until", "DAY", "确认至该日止", "of an acknowledgement: its last day"},
            {0}},
    .run = run,
};
