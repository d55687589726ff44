/* SPDX-License-Identifier: Apache-2.0
 * hutong clearing: policies, tables, nets, rows, supervision. */
#include <stdio.h>
#include <stdlib.h>

#include "common/engines/clearing_policy/clearing_policy_file.h"
#include "tools/books_ask.h"
#include "tools/clearing_months.h"
#include "tools/clearing_print.h"
#include "tools/clearing_rows.h"
#include "tools/clearing_supervision.h"
#include "tools/finality.h"
#include "tools/verb_run.h"
#include "tools/written.h"

/* ---- policies ---- */

static int policy_command(const char *verb, char **paths, int count, const char *batch)
{
    struct buffer why = {0};
    int code = CLI_OK;
    for (int i = 0; i < count; i++) {
        struct clearing_policy policy;
        char id[37];
        if (clearing_policy_file_load(paths[i], &policy, &why) != OK) {
            code = CLI_BAD_INPUT;
            continue;
        }
        if (strcmp(verb, "check") == 0) {
            (void)printf(said("%s：无误\n", "%s: holds together\n"), paths[i]);
            continue;
        }
        struct event event = cli_event(EVENT_CLEARING_POLICY, "operator", id);
        event.body.clearing_policy = &policy;
        cli_print_stated(event, batch);
    }
    (void)fputs(buffer_text(&why), stderr);
    buffer_fini(&why);
    return code;
}

/* ---- a month ---- */

/* A statement that is signed on paper: only of what witnesses have cosigned, where they are asked at all. */
static int print_if_final(struct cli *cli, const json_t *answer, uint32_t month, bool english)
{
    const json_t *first = json_array_get(json_object_get(answer, "tables"), 0);
    uint64_t size;
    int code = finality_wanted(cli, (uint64_t)cli_integer(first, "cutPosition"), &size);
    if (code != CLI_OK)
        return code;
    if (cli->json) {
        cli_print_json(clearing_sheet(answer, month, size));
        return CLI_OK;
    }
    clearing_print(answer, month, english);
    if (size > 0)
        (void)printf(english ? "Under the final checkpoint of %llu positions (hutong audit checkpoint --final)\n"
                             : "最终检查点覆盖日志前 %llu 个位置(hutong audit checkpoint --final)\n",
                     (unsigned long long)size);
    return CLI_OK;
}

static int show(struct cli *cli, uint32_t month, struct view *view, bool print)
{
    struct books_query question = {.kind = ASK_CLEARING, .body.clearing = {month}};
    struct buffer answer = {0};
    int code = CLI_OK;
    if (books_ask(cli, &question, &answer)) {
        json_t *value = cli_message(WIRE_BOOKS_ANSWER, buffer_span(&answer));
        if (print)
            code = print_if_final(cli, value, month, view->english);
        else if (cli->json)
            cli_print_json(json_incref(value));
        else
            clearing_show(value, view);
        json_decref(value);
    } else
        code = books_failure(cli);
    buffer_fini(&answer);
    return code;
}

static int run(struct cli *cli)
{
    int sent;
    if (verb_run(cli, &command_clearing, &sent))
        return sent;
    const char *insured = cli_option(cli, "--insured"), *care = cli_option(cli, "--care"),
               *batch = cli_option(cli, "--batch");
    struct view view = {.english = language_is_english(), .form = view_form_of(cli, VIEW_ALIGNED)};
    const char *on = cli_option(cli, "--on");
    int64_t day;
    bool open = cli_flag(cli, "--open");
    struct supervision_options supervised = {cli_flag(cli, "--print"), cli_flag(cli, "--flagged"),
                                             cli_flag(cli, "--not-active")};
    if (!cli_arguments(cli, &command_clearing, 1, -1) || !cli_page(cli))
        return CLI_USAGE;
    if (on != NULL && !written_date(on, &day)) {
        complain(said("%s：请写日期，如 2025-03-01", "%s: a day, please, as 2025-03-01"), on);
        return CLI_USAGE;
    }
    view.on = on == NULL ? 0 : (uint32_t)day;
    const char *verb = cli->argv[0], *what = cli->argc > 1 ? cli->argv[1] : "";
    if (cli->argc == 1 && strcmp(verb, "institutions") == 0)
        return institutions_show(cli, &view, &supervised);
    if (cli->argc == 1 && strcmp(verb, "months") == 0)
        return clearing_months(cli, 0, &view);
    bool policy = strcmp(verb, "policy") == 0;
    if (policy && cli->argc > 2 && (strcmp(what, "check") == 0 || strcmp(what, "events") == 0))
        return policy_command(what, cli->argv + 2, cli->argc - 2, batch != NULL ? batch : "");
    bool flagged = strcmp(verb, "flagged") == 0;
    uint32_t month = policy || cli->argc != (flagged ? 4 : 2) ? 0 : books_month(what);
    if (month != 0 && flagged)
        return clearing_flagged(cli, month, cli->argv[2], cli->argv[3], &view);
    if (month != 0 && strcmp(verb, "months") == 0)
        return clearing_months(cli, month, &view);
    if (month != 0 && strcmp(verb, "replies") == 0)
        return clearing_replies(cli, month, &view);
    if (month != 0 && strcmp(verb, "show") == 0)
        return show(cli, month, &view, false);
    if (month != 0 && strcmp(verb, "print") == 0)
        return show(cli, month, &view, true);
    if (month != 0 && strcmp(verb, "supervision") == 0)
        return supervision_show(cli, month, &view, &supervised);
    if (month != 0 && strcmp(verb, "rows") == 0)
        return clearing_rows(cli, month, insured, care, open);
    return cli_usage(&command_clearing);
}

const struct command command_clearing = {
    .name = "clearing",
    .usage = "clearing months [MONTH] [--on DAY] | show MONTH [--csv] | print MONTH | replies MONTH | "
             "rows MONTH [--insured R] [--care R] [--open] | supervision MONTH [--csv] [--print] [--flagged] | "
             "flagged MONTH INSTITUTION FLAG | institutions [--not-active] [--csv] | policy check FILE... | "
             "policy events [--batch NAME] FILE...",
    .summary = "monthly clearing: tables of each pair, net positions, payments, rows; figures of institutions",
    .summary_zh = "月度清算：各对地区的清算表、净额、付款、明细；医疗机构的指标",
    .help =
        "months prints where each month stands and whose turn it is until when (--on: seen from that day). show prints "
        "the tables, the nets (their sum is zero) and the payments that settle them; --json prints all\n"
        "that is known, advance funds too. print makes a statement to be printed and signed. rows prints a table's "
        "bills, --open those of the month that do not clear\n"
        "yet, with the reason. supervision prints each institution's figures and flags, --flagged only those that have "
        "one, --print\na report for the joint supervision group; a flag blocks nothing. institutions prints who is "
        "active "
        "or not, since when and why.\n"
        "replies prints the replies to a month's tables that hold; flagged the bills that a flag of an institution's "
        "month counts.\n"
        "policy events prints the envelopes that publish clearing policies; the operator sends them. The same file "
        "again gives\n"
        "the same envelopes; --batch NAME states it anew.\n\n"
        "  hutong clearing policy events data/clearing/*.yaml | hutong submit --await -\n"
        "  hutong clearing show 2025-03 --language en\n"
        "  hutong clearing rows 2025-03 --insured 110000 --care 120000 --open",
    .help_zh = "months 输出各月处于哪一步、该由哪一地区办理、截止何日（--on：以该日计）。show "
               "输出各表、净额（合计为零）和据以结清的付款；--json 输出全部所知，含预付金。print "
               "生成供打印签字的清算单。rows 输出一张表的单据；加 --open 则为当月尚未清算的单据及原因。supervision "
               "输出各机构的指标和提示；提示不阻断任何业务。replies 输出对当月各表仍有效的答复；flagged "
               "列出某机构某月一项标记所指的单据。institutions 列出各机构状态、起始日期和原因。\npolicy "
               "events 输出公布清算政策的报文，由运维方发送。同一文件得到同样的报文。\n"
               "\n"
               "  hutong clearing policy events data/clearing/*.yaml | hutong submit --await -\n"
               "  hutong clearing show 2025-03 --language en\n"
               "  hutong clearing rows 2025-03 --insured 110000 --care 120000 --open",
    .options =
        (const struct command_option[]){
            {"--csv", NULL, "输出 CSV，供电子表格使用", "as CSV, for spreadsheets"},
            {"--insured", "R", "参保地", "of this insured region"},
            {"--care", "R", "就医地", "of this region of care"},
            {"--open", NULL, "当月尚未清算的单据及原因", "bills of the month that do not clear yet, with the reason"},
            {"--print", NULL, "供联合监管小组的报告", "a report for the joint supervision group"},
            {"--flagged", NULL, "只列有提示的机构", "only those that have a flag"},
            {"--not-active", NULL, "只列非正常状态的机构", "only those that are not active"},
            {"--batch", "NAME", "重新公布", "states the policies anew"},
            {"--on", "DAY", "以哪一天计逾期", "the day that lateness is seen from"},
            COMMAND_OPTIONS_PAGE,
            {0}},
    .run = run,
};
