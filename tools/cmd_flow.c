/* SPDX-License-Identifier: Apache-2.0
 * hutong flow: what went between the regions on a day, and each of it. */
#include <stdio.h>

#include "common/codes/area.h"
#include "tools/flow_ask.h"
#include "tools/position.h"

enum { LIMIT_UNLESS_GIVEN = 50, LIMIT_MOST = 200 };

static const char *const regions[] = {"", "110000", "120000", "130000"};

/* 0: not given. False: said that it is no region. */
static bool region_option(struct cli *cli, const char *name, uint32_t *number)
{
    const char *region = cli_option(cli, name);
    *number = 0;
    if (region == NULL)
        return true;
    if (region_is_known(region)) {
        *number = (uint32_t)(region[1] - '0');
        return true;
    }
    complain(said("%s 为 110000、120000、130000 之一，而不是 %s", "%s is one of 110000, 120000, 130000, not %s"), name,
             region);
    return false;
}

static bool kind_option(struct cli *cli, uint32_t *choice)
{
    static const char *const names[] = {"all", "bills", "letters", "refused"};
    const char *kind = cli_option(cli, "--kind");
    for (*choice = 0; *choice < sizeof names / sizeof names[0]; (*choice)++)
        if (strcmp(kind != NULL ? kind : "all", names[*choice]) == 0)
            return true;
    complain(said("--kind 为 all、bills、letters、refused 之一，而不是 %s",
                  "--kind is one of all, bills, letters, refused, not %s"),
             kind);
    return false;
}

static bool day_option(struct cli *cli, uint32_t *day)
{
    uint64_t number = cli_number(cli, "--day", 0);
    *day = (uint32_t)number;
    if (number == 0 || (number <= 99991231 && civil_date_exists((civil_date_t)number)))
        return true;
    complain(said("--day：请写日期，如 20250310", "--day: a day, please, as 20250310"));
    return false;
}

/* ---- a day ---- */

static void print_cell(const json_t *cell)
{
    char total[32], fund[32], sent[32];
    money_describe(cli_integer(cell, "totalFen"), total);
    money_describe(cli_integer(cell, "fundFen"), fund);
    money_describe(cli_integer(cell, "sentFen"), sent);
    (void)printf("%-6s -> %-6s %9lld %9lld %9lld %16s %16s %9lld %9lld %16s\n", cli_text(cell, "from"),
                 cli_text(cell, "to")[0] ? cli_text(cell, "to") : "?", (long long)cli_integer(cell, "settled"),
                 (long long)cli_integer(cell, "reversed"), (long long)cli_integer(cell, "refused"), total, fund,
                 (long long)cli_integer(cell, "letters"), (long long)cli_integer(cell, "lettersRefused"), sent);
}

/* Numbers of audit's become regions, numbers in texts numbers. */
static json_t *cell_of(const json_t *from)
{
    static const char *const counts[] = {"settled",        "reversed", "refused", "letters",
                                         "lettersRefused", "totalFen", "fundFen", "sentFen"};
    json_t *cell = json_pack("{s:s,s:s}", "from", regions[cli_integer(from, "from") & 3], "to",
                             regions[cli_integer(from, "to") & 3]);
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_object_set_new(cell, counts[i], json_integer(cli_integer(from, counts[i])));
    return cell;
}

static int print_day(struct cli *cli, uint32_t asked)
{
    size_t index;
    json_t *day = flow_ask_day(cli, asked), *each, *cells = json_array();
    if (day == NULL)
        return CLI_UNREACHABLE;
    json_array_foreach(json_object_get(day, "cells"), index, each) json_array_append_new(cells, cell_of(each));
    long long first = cli_integer(day, "firstPosition"), from = cli_integer(day, "countedFrom");
    if (cli->json) {
        cli_print_json(json_pack("{s:I,s:I,s:I,s:O}", "day", (json_int_t)cli_integer(day, "day"), "firstPosition",
                                 (json_int_t)first, "countedFrom", (json_int_t)from, "cells", cells));
    } else {
        (void)printf(
            said("%lld：就医地 -> 参保地（转移：发信地 -> 收信地）\n                  已结算      撤销      拒绝  "
                 "         总费用         基金支付  转移信函    被拒绝         划转金额\n",
                 "%lld: region of care -> insuring region (letters: sender -> reader)\n                  settled "
                 " reversed   refused            total       funds' part   letters   refused       money sent\n"),
            (long long)cli_integer(day, "day"));
        json_array_foreach(cells, index, each) print_cell(each);
        if (first == from && from > 0)
            (void)printf(said("自位置 %lld 起计数：此前的记录在有此表之前\n",
                              "counted from position %lld on: what came before is older than this table\n"),
                         from);
    }
    json_decref(cells);
    json_decref(day);
    return CLI_OK;
}

/* ---- a list ---- */

static void print_row(const json_t *row)
{
    char amount[32];
    const json_t *rule = json_object_get(row, "rule");
    money_describe(cli_integer(row, "amountFen"), amount);
    (void)printf("%10lld  %.19s  %-6s -> %-6s  %-13s %-9s %14s  %s %s  %s %s\n",
                 (long long)cli_integer(row, "position"), cli_text(row, "acceptedAt"), cli_text(row, "from"),
                 cli_text(row, "to"), cli_text(row, "event"), cli_text(row, "outcome"), amount, cli_text(row, "number"),
                 cli_text(row, "institution"), cli_text(row, "person"), rule == NULL ? "" : cli_text(rule, "code"));
}

static int print_list(struct cli *cli, const struct flow_wish *wish)
{
    uint64_t next;
    size_t index;
    json_t *rows = flow_ask_list(cli, wish, &next), *row;
    if (rows == NULL)
        return CLI_UNREACHABLE;
    int code = wish->number != NULL && json_array_size(rows) == 0 ? CLI_DIFFERENT : CLI_OK;
    json_array_foreach(rows, index, row)
    {
        if (cli->json)
            cli_print_json(json_incref(row));
        else
            print_row(row);
    }
    if (next != 0 && !cli->json)
        (void)printf(said("还有：--before %llu\n", "there is more: --before %llu\n"), (unsigned long long)next);
    json_decref(rows);
    return code;
}

static int run(struct cli *cli)
{
    struct flow_wish wish = {.number = cli_option(cli, "--number")};
    struct flow_list_request *request = &wish.request;
    if (!cli_arguments(cli, &command_flow, 0, 0) || !region_option(cli, "--from", &request->from) ||
        !region_option(cli, "--to", &request->to) || !kind_option(cli, &request->choice) ||
        !day_option(cli, &request->day))
        return CLI_USAGE;
    request->before = cli_number(cli, "--before", 0);
    wish.most = (uint32_t)cli_number_within(cli, "--limit", LIMIT_UNLESS_GIVEN, 1, LIMIT_MOST);
    bool lists = wish.number != NULL || request->from != 0 || request->to != 0 || cli_option(cli, "--kind") != NULL ||
                 request->before != 0 || cli_option(cli, "--limit") != NULL;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    return lists ? print_list(cli, &wish) : print_day(cli, request->day);
}

const struct command command_flow = {
    .name = "flow",
    .usage = "flow [--day D] | flow [--day D] [--from R] [--to R] [--kind K] [--number N] [--before POSITION] "
             "[--limit N]",
    .summary = "what went between the three regions on a day: bills, transfers, money, refusals; and each of it",
    .summary_zh = "某日三地之间的往来：票据、转移、金额、拒绝；以及逐笔清单",
    .help =
        "Without more than a day (today's, the newest of the log): a line for each pair, from the region of care to "
        "the\n"
        "insuring region, of letters of transfers from who wrote to who reads; ?: what was refused did not say.\n"
        "With a pair, a kind or a number: each message, masked, newest first. --number finds a bill by its number or\n"
        "a transfer by its own; exit code 1: there is none.\n\n"
        "  hutong flow\n  hutong flow --from 120000 --to 110000 --kind refused\n"
        "  hutong flow --number B-2025-0001",
    .help_zh = "只写日期（缺省为日志最新一日）：每一对地区一行，票据由就医地到参保地，转移信函由发信地到收信地；?："
               "被拒绝的报文未能说明。写明地区、种类或号码：逐份列出，遮掩，最新在前。--number "
               "按票据号或转移号查找；退出码 1：没有。\n"
               "\n"
               "  hutong flow\n"
               "  hutong flow --from 120000 --to 110000 --kind refused\n"
               "  hutong flow --number B-2025-0001",
    .options =
        (const struct command_option[]){
            {"--day", "YYYYMMDD", "哪一日，缺省为日志最新一日；清单缺省为全部",
             "which day; the log's newest, and for a list all of them"},
            {"--from", "R", "就医地，或发信地", "region of care, or who wrote"},
            {"--to", "R", "参保地，或收信地", "insuring region, or who reads"},
            {"--kind", "K", "all、bills、letters 或 refused", "all, bills, letters or refused"},
            COMMAND_OPTION_NUMBER,
            {"--before", "POSITION", "这个位置之前的，用于翻页", "those before it: the next page"},
            {"--limit", "N", "最多几份，缺省 50，至多 200", "at most so many, 50 unless given, 200 at most"},
            {0}},
    .run = run,
};
