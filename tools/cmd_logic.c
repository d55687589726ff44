/* SPDX-License-Identifier: Apache-2.0
 * hutong logic: the log goes to another version of the rules. */
#include <stdio.h>
#include <stdlib.h>

#include "common/codes/logic.h"
#include "tools/asking.h"
#include "tools/logic_send.h"
#include "tools/operator_send.h"
#include "tools/reference_row.h"

static const struct {
    uint32_t since;
    const char *zh, *en;
} changes[LOGICS_COUNT] = {
#define LOGIC(change, since, zh, en) {since, zh, en},
#include "common/codes/logic.def"
#undef LOGIC
};

uint32_t logic_in_force(struct cli *cli)
{
    json_t *reply =
        cli_control(cli, "validation", 0, &(struct control_request){.version = 1, .kind = CONTROL_ASK_STATUS}, 1000);
    uint32_t version = (uint32_t)cli_integer(json_object_get(reply, "status"), "logicVersion");
    json_decref(reply);
    return version;
}

int logic_send(struct cli *cli, uint32_t version, const char *reason, instant_ms_t at, uint64_t *position)
{
    struct buffer envelope, why;
    int code = CLI_BAD_INPUT;
    json_t *whole = json_pack("{s:{s:i,s:s}}", "logicVersion", "version", (int)version, "reason", reason);
    buffer_init(&envelope);
    buffer_init(&why);
    if (whole != NULL && reference_envelope(whole, "operator", "", &envelope, &why))
        code = operator_send(cli, buffer_span(&envelope), at, position);
    else
        complain(said("理由须为 UTF-8 文字%s%s", "the reason: text in UTF-8, please%s%s"), why.size > 0 ? "; " : "",
                 buffer_text(&why));
    json_decref(whole);
    buffer_fini(&envelope);
    buffer_fini(&why);
    return code;
}

/* What changes from one version to the other, in both languages. */
static void show_changes(uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < LOGICS_COUNT; i++)
        if (changes[i].since > from && changes[i].since <= to)
            (void)printf("  %u  %s\n     %s\n", changes[i].since, changes[i].zh, changes[i].en);
}

static bool agreed(uint32_t to)
{
    char question[96];
    (void)snprintf(
        question, sizeof question,
        said("自其位置起，日志永远适用规则版本 %u。", "From its position on the log goes by version %u, for ever."),
        to);
    return ask_yes(question) == ASKED_YES;
}

static int run(struct cli *cli)
{
    const char *reason = cli_option(cli, "--reason");
    bool yes = cli_flag(cli, "--yes");
    char *end = NULL;
    uint64_t position = 0;
    if (!cli_arguments(cli, &command_logic, 0, 1))
        return CLI_USAGE;
    unsigned long to = cli->argc == 1 ? strtoul(cli->argv[0], &end, 10) : LOGIC_VERSION_KNOWN;
    if (to < LOGIC_VERSION_FIRST || to > LOGIC_VERSION_KNOWN || (end != NULL && *end != 0) ||
        (cli->argc == 1 && reason == NULL)) {
        complain(
            said("用法：hutong %s；本构建认识版本 %d 至 %d", "usage: hutong %s; this build knows versions %d to %d"),
            command_logic.usage, LOGIC_VERSION_FIRST, LOGIC_VERSION_KNOWN);
        return CLI_USAGE;
    }
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    uint32_t from = logic_in_force(cli);
    if (from == 0) {
        complain(said("平台没有应答", "the exchange does not answer"));
        return CLI_UNREACHABLE;
    }
    (void)printf(said("现行规则版本 %u%s\n", "version %u is in force%s\n"), from,
                 from < to ? said("；转入更高版本的变更：", "; what changes with a later one:") : "");
    show_changes(from, (uint32_t)to);
    if (cli->argc == 0 || from >= to)
        return from >= to ? CLI_OK : CLI_DIFFERENT;
    if (!yes && !agreed((uint32_t)to))
        return CLI_DIFFERENT;
    int code = logic_send(cli, (uint32_t)to, reason, 0, &position);
    if (code == CLI_OK)
        (void)printf(said("规则版本 %lu 自位置 %llu 起适用\n", "version %lu holds from position %llu on\n"), to,
                     (unsigned long long)position);
    return code;
}

const struct command command_logic = {
    .name = "logic",
    .usage = "logic [VERSION --reason TEXT [--yes]]",
    .summary = "which version of the rules is in force, and going to a later one",
    .summary_zh = "现行规则版本，以及转入后续版本",
    .help =
        "Without a version: which one is in force, and what changes with a later one that this build knows; exit\n"
        "code 1 where there is one. With it: shows the same, asks, and sends the event LogicVersion. Version 2 wants\n"
        "the published tables loaded before (docs/OPERATING.md, Going to a new logic version).\n\n"
        "  hutong reference load /usr/share/hutong/gazette/*.csv\n"
        "  hutong logic 3 --reason '2026-12 upgrade'",
    .help_zh = "不写版本：现行版本，以及本构建所知后续版本的变更；有后续版本时退出码为 "
               "1。写明版本：同样列出变更，询问后发送事件 LogicVersion。版本 2 "
               "须先载入已公布的数据表（docs/OPERATING.zh-CN.md“转入新的规则版本”）。\n"
               "\n"
               "  hutong reference load /usr/share/hutong/gazette/*.csv\n"
               "  hutong logic 3 --reason '2026-12 upgrade'",
    .options = (const struct command_option[]){{"--reason", "TEXT", "理由，记入日志", "why; it stands in the log"},
                                               {"--yes", NULL, "不再询问", "does not ask"},
                                               {0}},
    .run = run,
};
