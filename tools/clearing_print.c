/* SPDX-License-Identifier: Apache-2.0
 * The printed statement. */
#include "tools/clearing_print.h"

#include <stdio.h>
#include <string.h>

#include "tools/cli.h"
#include "tools/sheet.h"

enum { COLUMNS_MAX = 8, RULE_WIDTH = 112 };

const char *clearing_region_name(const char *code, bool english)
{
    static const struct {
        const char *code, *zh, *en;
    } names[] = {{"110000", "北京", "Beijing"}, {"120000", "天津", "Tianjin"}, {"130000", "河北", "Hebei"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].code, code) == 0)
            return english ? names[i].en : names[i].zh;
    return code;
}

/* The last word of an enum's name. */
static const char *state_of(const json_t *row)
{
    const char *state = cli_text(row, "state"), *last = strrchr(state, '_');
    return last == NULL ? state : last + 1;
}

static const char *word_of_state(const char *state, bool english)
{
    static const struct {
        const char *state, *zh;
    } words[] = {{"OPEN", "未出表"},     {"GENERATED", "待确认"}, {"ISSUED", "已签发"},
                 {"NOTIFIED", "待付款"}, {"PAID", "已声明付款"},  {"CONFIRMED", "已确认到账"}};
    for (size_t i = 0; !english && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].state, state) == 0)
            return words[i].zh;
    return state;
}

static void print_tables(const json_t *answer, bool english)
{
    json_int_t bills = 0, reversals = 0, total = 0, amount = 0, disputed = 0;
    size_t index;
    json_t *table;
    const struct sheet_cell head[] = {{english ? "Insured" : "参保地", -10},
                                      {english ? "Care" : "就医地", -10},
                                      {english ? "State" : "状态", -12},
                                      {english ? "Bills" : "结算笔数", 10},
                                      {english ? "Reversals" : "撤销笔数", 10},
                                      {english ? "Total" : "医疗费总额", 18},
                                      {english ? "To be cleared" : "清算金额", 18},
                                      {english ? "Disputed" : "争议金额", 14}};
    (void)printf("%s\n", english ? "1. Clearing between regions (yuan)" : "一、地区间清算明细(元)");
    sheet_line(head, COLUMNS_MAX);
    json_array_foreach(json_object_get(answer, "tables"), index, table)
    {
        const struct sheet_cell row[] = {{clearing_region_name(cli_text(table, "insuredRegion"), english), -10},
                                         {clearing_region_name(cli_text(table, "careRegion"), english), -10},
                                         {word_of_state(state_of(table), english), -12},
                                         {sheet_count(cli_integer(table, "countPositive")), 10},
                                         {sheet_count(cli_integer(table, "countNegative")), 10},
                                         {sheet_yuan(cli_integer(table, "totalFen")), 18},
                                         {sheet_yuan(cli_integer(table, "amountFen")), 18},
                                         {sheet_yuan(cli_integer(table, "disputedFen")), 14}};
        sheet_line(row, COLUMNS_MAX);
        bills += cli_integer(table, "countPositive");
        reversals += cli_integer(table, "countNegative");
        total += cli_integer(table, "totalFen");
        amount += cli_integer(table, "amountFen");
        disputed += cli_integer(table, "disputedFen");
    }
    const struct sheet_cell sum[] = {{english ? "Sum" : "合计", -10},
                                     {"", -10},
                                     {"", -12},
                                     {sheet_count(bills), 10},
                                     {sheet_count(reversals), 10},
                                     {sheet_yuan(total), 18},
                                     {sheet_yuan(amount), 18},
                                     {sheet_yuan(disputed), 14}};
    sheet_rule('-', RULE_WIDTH);
    sheet_line(sum, COLUMNS_MAX);
}

static void print_nets(const json_t *answer, bool english)
{
    json_int_t sum = 0;
    size_t index;
    json_t *row;
    const struct sheet_cell head[] = {{english ? "Region" : "地区", -10},
                                      {english ? "Receivable" : "应收", 18},
                                      {english ? "Payable" : "应付", 18},
                                      {english ? "Net" : "净额", 18}};
    (void)printf("\n%s\n", english ? "2. Net positions (yuan)" : "二、净额(元)");
    sheet_line(head, 4);
    json_array_foreach(json_object_get(json_object_get(answer, "nets"), "nets"), index, row)
    {
        const struct sheet_cell cells[] = {{clearing_region_name(cli_text(row, "region"), english), -10},
                                           {sheet_yuan(cli_integer(row, "receivableFen")), 18},
                                           {sheet_yuan(cli_integer(row, "payableFen")), 18},
                                           {sheet_yuan(cli_integer(row, "netFen")), 18}};
        sheet_line(cells, 4);
        sum += cli_integer(row, "netFen");
    }
    const struct sheet_cell cells[] = {{english ? "Sum" : "合计", -10}, {"", 18}, {"", 18}, {sheet_yuan(sum), 18}};
    sheet_rule('-', RULE_WIDTH);
    sheet_line(cells, 4);
}

static void print_payments(const json_t *answer, bool english)
{
    const json_t *payments = json_object_get(answer, "payments");
    const struct sheet_cell head[] = {{english ? "Payer" : "付款方", -10},
                                      {english ? "Payee" : "收款方", -10},
                                      {english ? "Amount" : "金额", 18},
                                      {english ? "Pay by" : "付款期限", 12},
                                      {english ? "State" : "状态", -14}};
    if (json_array_size(payments) == 0)
        return;
    (void)printf("\n%s\n", english ? "3. Payments (yuan)" : "三、付款通知(元)");
    sheet_line(head, 5);
    bool provisional = false;
    for (size_t i = 0; i < json_array_size(payments); i++) {
        const json_t *row = json_array_get(payments, i);
        provisional = provisional || json_is_true(json_object_get(row, "provisional"));
        const struct sheet_cell cells[] = {{clearing_region_name(cli_text(row, "payer"), english), -10},
                                           {clearing_region_name(cli_text(row, "payee"), english), -10},
                                           {sheet_yuan(cli_integer(row, "amountFen")), 18},
                                           {sheet_count(cli_integer(row, "payBy")), 12},
                                           {word_of_state(state_of(row), english), -14}};
        sheet_line(cells, 5);
    }
    if (provisional)
        (void)printf("%s\n", english ? "Days beyond the published calendar are provisional: Monday to Friday."
                                     : "超出已发布工作日历的期限为暂定(按周一至周五推算)。");
}

void clearing_print(const json_t *answer, uint32_t month, bool english)
{
    const json_t *first = json_array_get(json_object_get(answer, "tables"), 0);
    sheet_rule('=', RULE_WIDTH);
    if (english)
        (void)printf("Clearing statement %u-%02u    Beijing, Tianjin, Hebei: medical care away from home\n",
                     month / 100, month % 100);
    else
        (void)printf("京津冀异地就医医疗费用清算表    %u年%u月\n", month / 100, month % 100);
    (void)printf(english ? "Everything before position %lld of the log is in; to be confirmed by %lld\n"
                         : "日志位置 %lld 之前的全部结算纳入;确认截止 %lld\n",
                 (long long)cli_integer(first, "cutPosition"), (long long)cli_integer(first, "confirmBy"));
    sheet_rule('=', RULE_WIDTH);
    print_tables(answer, english);
    print_nets(answer, english);
    print_payments(answer, english);
    (void)printf(
        english ? "\nThe bills of a line: hutong clearing rows %u-%02u --insured R --care R; of a bill: hutong explain "
                  "NUMBER\n"
                : "\n每行所含票据:hutong clearing rows %u-%02u --insured R --care R;单张票据:hutong explain 编号\n",
        month / 100, month % 100);
    (void)printf("\n%s\n",
                 english
                     ? "Prepared by: ______________   Checked by: ______________   Finance officer: ______________   "
                       "Date: __________"
                     : "制表:______________   复核:______________   财务负责人:______________   日期:__________");
}
