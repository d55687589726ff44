/* SPDX-License-Identifier: Apache-2.0
 * hutong rule: what a code means, and what to do. */
#include <stdio.h>
#include <strings.h>

#include "common/codes/shape.h"
#include "tools/cli.h"
#include "tools/refusal_text.h"

static void print_rule(struct cli *cli, const struct rule_text *rule)
{
    if (cli->json) {
        cli_print_json(json_pack("{s:s,s:I,s:s,s:s,s:b,s:s,s:s,s:s,s:s,s:s}", "code", rule->code, "number",
                                 (json_int_t)rule->number, "name", rule->name, "severity",
                                 rule->severity == RULE_WARNING ? "warning" : "error", "retryHelps", rule->retry_helps,
                                 "zh", rule->zh, "en", rule->en, "remedyZh", rule->remedy_zh, "remedyEn",
                                 rule->remedy_en, "source", rule->source));
        return;
    }
    bool warning = rule->severity == RULE_WARNING;
    struct buffer text = {0};
    refusal_describe_remedy(rule, &text);
    (void)printf("%s  %u  %s  %s\n  %s\n  %s\n  处理: %s\n  remedy: %s\n  %s\n  依据 source: %s\n", rule->code,
                 rule->number, rule->name, warning ? "警告 warning" : "错误 error", rule->zh, rule->en, rule->remedy_zh,
                 rule->remedy_en, strstr(buffer_text(&text), warning ? "警告" : "错误"), rule->source);
    buffer_fini(&text);
}

static void print_shape(struct cli *cli, const struct shape_text *shape)
{
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "code", shape->code, "severity", "error", "zh", shape->zh,
                                 "en", shape->en, "remedyZh", shape->expected_zh, "remedyEn", shape->expected_en));
    else
        (void)printf(
            "%s  错误 error\n  %s\n  %s\n  处理: %s\n  remedy: %s\n  未发送,改好文件后重来; nothing was sent: mend the "
            "file\n",
            shape->code, shape->zh, shape->en, shape->expected_zh, shape->expected_en);
}

/* "BIL", "BIL-0009", "509"; NULL: all. */
static bool is_meant(const char *wanted, const char *code, uint32_t number)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", number);
    return wanted == NULL || strcasecmp(wanted, code) == 0 || (number != 0 && strcmp(wanted, text) == 0) ||
           (strlen(wanted) == 3 && strncasecmp(wanted, code, 3) == 0);
}

static unsigned list(struct cli *cli, const char *wanted)
{
    unsigned count = 0;
    bool whole =
        cli->json || (wanted != NULL && strlen(wanted) > 3) || (wanted != NULL && wanted[0] >= '0' && wanted[0] <= '9');
    for (unsigned i = 0; rule_at(i) != NULL; i++) {
        const struct rule_text *rule = rule_at(i);
        if (!is_meant(wanted, rule->code, rule->number))
            continue;
        count++;
        if (whole)
            print_rule(cli, rule);
        else
            (void)printf("%s  %s  %s; %s\n", rule->code, rule->severity == RULE_WARNING ? "warning" : "error  ",
                         rule->zh, rule->en);
    }
    for (unsigned i = 0; shape_at(i) != NULL; i++) {
        const struct shape_text *shape = shape_at(i);
        if (!is_meant(wanted, shape->code, 0))
            continue;
        count++;
        if (whole)
            print_shape(cli, shape);
        else
            (void)printf("%s  error    %s; %s\n", shape->code, shape->zh, shape->en);
    }
    return count;
}

static int run(struct cli *cli)
{
    if (!cli_arguments(cli, &command_rule, 0, 1))
        return CLI_USAGE;
    const char *wanted = cli->argc > 0 ? cli->argv[0] : NULL;
    if (list(cli, wanted) > 0)
        return CLI_OK;
    complain(said("没有规则 %s；hutong rule 列出全部", "%s: there is no such rule; hutong rule lists them"), wanted);
    return CLI_DIFFERENT;
}

const struct command command_rule = {
    .name = "rule",
    .usage = "rule [CODE | NUMBER | SERIES]",
    .summary = "what a refusal or a warning means, where it comes from, and what to do",
    .summary_zh = "一个拒绝码或警告的含义、依据和处理办法",
    .help =
        "Without CODE: all of them, a line each; a series, BIL say: its own. With one: both languages, both remedies,\n"
        "whether the same content can pass later, and the source. FMT: shapes of files, which the tool refuses "
        "itself.\n\n"
        "  hutong rule BIL-0009",
    .help_zh =
        "不写 CODE：全部，每条一行；写系列名，如 "
        "BIL：该系列。写明一条：中英文、两种处理办法、同样内容以后能否通过、依据。FMT：文件写法，由本工具自行拒绝。\n\n"
        "  hutong rule BIL-0009",
    .run = run,
};
