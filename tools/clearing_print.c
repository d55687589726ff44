/* SPDX-License-Identifier: Apache-2.0
 * Tables, nets and payments: as rows, and as the printed statement. */
#include "tools/clearing_print.h"

#include <stdio.h>

enum { RULE_WIDTH = 112 };

static const struct view_column table_columns[] = {
    {"insuredRegion", "参保地", "insured", view_region, -8, false},
    {"careRegion", "就医地", "care", view_region, -8, false},
    {"state", "状态", "state", view_word, -12, false},
    {"countPositive", "正向笔数", "bills", view_count, 9, false},
    {"countNegative", "负向笔数", "reversals", view_count, 9, false},
    {"totalFen", "医疗费总额", "total", view_yuan, 18, false},
    {"amountFen", "清算金额", "amount", view_yuan, 18, false},
    {"disputedCount", "异议笔数", "disputed", view_count, 9, false},
    {"disputedFen", "异议金额", "disputed amount", view_yuan, 16, false},
    {.key = NULL},
};
static const struct view_column net_columns[] = {
    {"region", "地区", "region", view_region, -8, false},
    {"receivableFen", "应收", "receivable", view_yuan, 18, false},
    {"payableFen", "应付", "payable", view_yuan, 18, false},
    {"netFen", "净额", "net", view_yuan, 18, false},
    {.key = NULL},
};
static const struct view_column payment_columns[] = {
    {"payer", "付款方", "payer", view_region, -8, false},
    {"payee", "收款方", "payee", view_region, -8, false},
    {"amountFen", "金额", "amount", view_yuan, 18, false},
    {"state", "状态", "state", view_word, -12, false},
    {"payBy", "付款期限", "pay by", view_day, -10, false},
    {"provisional", "暂定", "provisional", view_provisional, -11, false},
    {.key = NULL},
};

static const struct view_column printed_table_columns[] = {
    {"insuredRegion", "参保地", "Insured", view_region, -10, false},
    {"careRegion", "就医地", "Care", view_region, -10, false},
    {"state", "状态", "State", view_word, -12, false},
    {"countPositive", "结算笔数", "Bills", view_count, 10, true},
    {"countNegative", "撤销笔数", "Reversals", view_count, 10, true},
    {"totalFen", "医疗费总额", "Total", view_yuan, 18, true},
    {"amountFen", "清算金额", "To be cleared", view_yuan, 18, true},
    {"disputedFen", "争议金额", "Disputed", view_yuan, 14, true},
    {.key = NULL},
};
static const struct view_column printed_net_columns[] = {
    {"region", "地区", "Region", view_region, -10, false},
    {"receivableFen", "应收", "Receivable", view_yuan, 18, false},
    {"payableFen", "应付", "Payable", view_yuan, 18, false},
    {"netFen", "净额", "Net", view_yuan, 18, true},
    {.key = NULL},
};
static const struct view_column printed_payment_columns[] = {
    {"payer", "付款方", "Payer", view_region, -10, false},
    {"payee", "收款方", "Payee", view_region, -10, false},
    {"amountFen", "金额", "Amount", view_yuan, 18, false},
    {"payBy", "付款期限", "Pay by", view_count, 12, false},
    {"provisional", "", "", view_provisional, -12, false},
    {"state", "状态", "State", view_word, -14, false},
    {.key = NULL},
};

static void show_rows(struct view *view, const struct view_column *columns, const json_t *rows, const char *heading)
{
    view->columns = columns;
    (void)fputs(heading, stdout);
    view_rows(view, rows);
}

void clearing_show(const json_t *answer, struct view *view)
{
    const json_t *payments = json_object_get(answer, "payments");
    show_rows(view, table_columns, json_object_get(answer, "tables"), "");
    show_rows(view, net_columns, json_object_get(json_object_get(answer, "nets"), "nets"), "\n");
    if (json_array_size(payments) > 0)
        show_rows(view, payment_columns, payments, "\n");
}

static void print_tables(const json_t *answer, bool english)
{
    const json_t *payments = json_object_get(answer, "payments");
    struct view view = {.english = english};
    show_rows(&view, printed_table_columns, json_object_get(answer, "tables"),
              english ? "1. Clearing between regions (yuan)\n" : "一、地区间清算明细(元)\n");
    view_sums(&view, RULE_WIDTH);
    show_rows(&view, printed_net_columns, json_object_get(json_object_get(answer, "nets"), "nets"),
              english ? "\n2. Net positions (yuan)\n" : "\n二、净额(元)\n");
    view_sums(&view, RULE_WIDTH);
    if (json_array_size(payments) > 0)
        show_rows(&view, printed_payment_columns, payments,
                  english ? "\n3. Payments (yuan)\n" : "\n三、付款通知(元)\n");
}

void clearing_print(const json_t *answer, uint32_t month, bool english)
{
    const json_t *first = json_array_get(json_object_get(answer, "tables"), 0);
    view_rule('=', RULE_WIDTH);
    (void)printf(english ? "Clearing statement %u-%02u    Beijing, Tianjin, Hebei: medical care away from home\n"
                         : "京津冀异地就医医疗费用清算表    %u年%u月\n",
                 month / 100, month % 100);
    (void)printf(english ? "Everything before position %lld of the log is in; to be confirmed by %lld\n"
                         : "日志位置 %lld 之前的全部结算纳入;确认截止 %lld\n",
                 (long long)cli_integer(first, "cutPosition"), (long long)cli_integer(first, "confirmBy"));
    view_rule('=', RULE_WIDTH);
    print_tables(answer, english);
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
