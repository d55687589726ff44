/* SPDX-License-Identifier: Apache-2.0
 * hutong alerts: what the Prometheus that watches this exchange says of its rules. */
#include <stdio.h>
#include <string.h>

#include "tools/cli.h"
#include "tools/http_get.h"

enum { WAIT_MS = 2000 };

/* One alert of a rule, or the rule itself where none of it is active. */
static json_t *describe(const json_t *rule, const json_t *alert)
{
    const json_t *labels = json_object_get(alert != NULL ? alert : rule, "labels"),
                 *annotations = json_object_get(alert != NULL ? alert : rule, "annotations");
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:O?,s:s,s:s}", "alert", cli_text(rule, "name"), "state",
                     cli_text(alert != NULL ? alert : rule, "state"), "severity", cli_text(labels, "severity"),
                     "summary", cli_text(annotations, "summary"), "summaryZh", cli_text(annotations, "summary_zh"),
                     "do", cli_text(annotations, "do"), "doZh", cli_text(annotations, "do_zh"), "since",
                     cli_text(alert, "activeAt"), "labels", labels, "health", cli_text(rule, "health"), "evaluatedAt",
                     cli_text(rule, "lastEvaluation"));
}

/* In the language asked for; rules of others may have one alone. */
static const char *told(const json_t *row, const char *zh, const char *en)
{
    const char *text = cli_text(row, said(zh, en));
    return text[0] != 0 ? text : cli_text(row, en);
}

static void print_alert(struct cli *cli, json_t *row)
{
    if (cli->json) {
        cli_print_json(row);
        return;
    }
    (void)printf("%-8s  %-8s  %-24s  %.19s  %s\n", cli_text(row, "state"), cli_text(row, "severity"),
                 cli_text(row, "alert"), cli_text(row, "since")[0] != 0 ? cli_text(row, "since") : "-",
                 told(row, "summaryZh", "summary"));
    const char *what_to_do = told(row, "doZh", "do");
    if (what_to_do[0] != 0 && strcmp(cli_text(row, "state"), "inactive") != 0)
        (void)printf("%20s%s\n", "", what_to_do);
    json_decref(row);
}

/* Whether one of them fires. */
static bool print_rule(struct cli *cli, const json_t *rule, bool all)
{
    size_t index;
    json_t *alert;
    const json_t *alerts = json_object_get(rule, "alerts");
    json_array_foreach(alerts, index, alert) print_alert(cli, describe(rule, alert));
    if (json_array_size(alerts) == 0 && (all || strcmp(cli_text(rule, "health"), "err") == 0))
        print_alert(cli, describe(rule, NULL));
    return strcmp(cli_text(rule, "state"), "firing") == 0;
}

static int print_rules(struct cli *cli, const json_t *groups, bool all)
{
    size_t index, rule_index;
    json_t *group, *rule;
    bool fires = false;
    json_array_foreach(groups, index, group)
    {
        json_array_foreach(json_object_get(group, "rules"), rule_index, rule) fires =
            print_rule(cli, rule, all) || fires;
    }
    return fires ? CLI_DIFFERENT : CLI_OK;
}

static int run(struct cli *cli)
{
    bool all = cli_flag(cli, "--all");
    struct buffer page = {0}, why = {0};
    if (!cli_arguments(cli, &command_alerts, 0, 0))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    const char *prometheus = cli->config.console_prometheus;
    if (prometheus[0] == 0) {
        complain(said("配置未写 console_prometheus：告警不详", "console_prometheus is not set: alerts are not known"));
        return CLI_UNREACHABLE;
    }
    json_t *answer = http_get(prometheus, "/api/v1/rules?type=alert", WAIT_MS, &page, &why)
                         ? json_loadb((const char *)page.data, page.size, 0, NULL)
                         : NULL;
    const json_t *groups = json_object_get(json_object_get(answer, "data"), "groups");
    int code = json_is_array(groups) ? print_rules(cli, groups, all) : CLI_UNREACHABLE;
    if (!json_is_array(groups))
        complain(said("Prometheus（%s）：%s；告警不详", "Prometheus at %s: %s; alerts are not known"), prometheus,
                 why.size > 0 ? buffer_text(&why) : said("不是规则的应答", "not an answer about rules"));
    json_decref(answer);
    buffer_fini(&page);
    buffer_fini(&why);
    return code;
}

const struct command command_alerts = {
    .name = "alerts",
    .usage = "alerts [--all]",
    .summary = "alerts that fire or are pending, of the Prometheus that watches the exchange",
    .summary_zh = "监视本平台的 Prometheus 中触发或待触发的告警",
    .help =
        "Asked of console_prometheus (http://HOST:PORT). Exit code 0: none fires; 1: one does; 3: not known, because\n"
        "it is not set or does not answer. What each means: docs/OPERATING.md.\n\n"
        "  hutong alerts",
    .help_zh = "向 console_prometheus（http://HOST:PORT）询问。退出码 0：没有触发的；1：有；3：不详，因为没有配置，\n"
               "或没有应答。各告警的含义：docs/OPERATING.zh-CN.md。\n"
               "\n"
               "  hutong alerts",
    .options =
        (const struct command_option[]){{"--all", NULL, "也列出未触发的规则", "rules that do not fire, too"}, {0}},
    .run = run,
};
