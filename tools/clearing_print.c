/* SPDX-License-Identifier: Apache-2.0
 * The printed statement. */
#include "tools/clearing_print.h"

#include <stdio.h>
#include <string.h>

#include "tools/books_ask.h"

enum { COLUMNS_MAX = 8, RULE_WIDTH = 112 };

struct cell {
    const char *text;
    int width; /* in columns of a terminal; below zero: to the left */
};

/* Chinese characters are two columns wide. */
static int width_of(const char *text)
{
    int width = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at != 0; at++)
        if ((*at & 0xc0) != 0x80)
            width += *at >= 0xe2 ? 2 : 1;
    return width;
}

static void print_cell(struct cell cell)
{
    int wide = cell.width < 0 ? -cell.width : cell.width, pad = wide - width_of(cell.text);
    (void)printf("%*s%s%*s", cell.width < 0 || pad < 0 ? 0 : pad, "", cell.text, cell.width < 0 && pad > 0 ? pad : 0,
                 "");
}

static void print_line(const struct cell *cells, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        print_cell(cells[i]);
        (void)printf("%s", i + 1 == count ? "\n" : "  ");
    }
}

static void print_rule(char character)
{
    for (int i = 0; i < RULE_WIDTH; i++)
        (void)putchar(character);
    (void)putchar('\n');
}

/* "-1,234,567.89", in one of eight buffers in turn. */
static const char *grouped(json_int_t fen)
{
    static char texts[8][48];
    static unsigned turn;
    char *text = texts[turn++ % 8];
    const char *plain = books_yuan(fen);
    size_t size = 0, whole = strcspn(plain, "."), from = plain[0] == '-';
    for (size_t i = 0; plain[i] != 0 && size + 2 < sizeof texts[0]; i++) {
        text[size++] = plain[i];
        if (i >= from && i + 1 < whole && (whole - i - 1) % 3 == 0)
            text[size++] = ',';
    }
    text[size] = 0;
    return text;
}

static const char *counted(json_int_t count)
{
    static char texts[8][24];
    static unsigned turn;
    char *text = texts[turn++ % 8];
    (void)snprintf(text, sizeof texts[0], "%lld", (long long)count);
    return text;
}

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
    } words[] = {{"OPEN", "未出表"},       {"GENERATED", "待确认"},     {"ISSUED", "已签发"}, {"DUE", "待付款"},
                 {"STATED", "已声明付款"}, {"CONFIRMED", "已确认到账"}, {"LATE", "逾期"}};
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
    const struct cell head[] = {{english ? "Insured" : "参保地", -10},
                                {english ? "Care" : "就医地", -10},
                                {english ? "State" : "状态", -12},
                                {english ? "Bills" : "结算笔数", 10},
                                {english ? "Reversals" : "撤销笔数", 10},
                                {english ? "Total" : "医疗费总额", 18},
                                {english ? "To be cleared" : "清算金额", 18},
                                {english ? "Disputed" : "争议金额", 14}};
    (void)printf("%s\n", english ? "1. Clearing between regions (yuan)" : "一、地区间清算明细(元)");
    print_line(head, COLUMNS_MAX);
    json_array_foreach(json_object_get(answer, "tables"), index, table)
    {
        const struct cell row[] = {{clearing_region_name(cli_text(table, "insuredRegion"), english), -10},
                                   {clearing_region_name(cli_text(table, "careRegion"), english), -10},
                                   {word_of_state(state_of(table), english), -12},
                                   {counted(cli_integer(table, "countPositive")), 10},
                                   {counted(cli_integer(table, "countNegative")), 10},
                                   {grouped(cli_integer(table, "totalFen")), 18},
                                   {grouped(cli_integer(table, "amountFen")), 18},
                                   {grouped(cli_integer(table, "disputedFen")), 14}};
        print_line(row, COLUMNS_MAX);
        bills += cli_integer(table, "countPositive");
        reversals += cli_integer(table, "countNegative");
        total += cli_integer(table, "totalFen");
        amount += cli_integer(table, "amountFen");
        disputed += cli_integer(table, "disputedFen");
    }
    const struct cell sum[] = {{english ? "Sum" : "合计", -10},
                               {"", -10},
                               {"", -12},
                               {counted(bills), 10},
                               {counted(reversals), 10},
                               {grouped(total), 18},
                               {grouped(amount), 18},
                               {grouped(disputed), 14}};
    print_rule('-');
    print_line(sum, COLUMNS_MAX);
}

static void print_nets(const json_t *answer, bool english)
{
    json_int_t sum = 0;
    size_t index;
    json_t *row;
    const struct cell head[] = {{english ? "Region" : "地区", -10},
                                {english ? "Receivable" : "应收", 18},
                                {english ? "Payable" : "应付", 18},
                                {english ? "Net" : "净额", 18}};
    (void)printf("\n%s\n", english ? "2. Net positions (yuan)" : "二、净额(元)");
    print_line(head, 4);
    json_array_foreach(json_object_get(json_object_get(answer, "nets"), "nets"), index, row)
    {
        const struct cell cells[] = {{clearing_region_name(cli_text(row, "region"), english), -10},
                                     {grouped(cli_integer(row, "receivableFen")), 18},
                                     {grouped(cli_integer(row, "payableFen")), 18},
                                     {grouped(cli_integer(row, "netFen")), 18}};
        print_line(cells, 4);
        sum += cli_integer(row, "netFen");
    }
    const struct cell cells[] = {{english ? "Sum" : "合计", -10}, {"", 18}, {"", 18}, {grouped(sum), 18}};
    print_rule('-');
    print_line(cells, 4);
}

static void print_payments(const json_t *answer, bool english)
{
    const json_t *payments = json_object_get(answer, "payments");
    const struct cell head[] = {{english ? "Payer" : "付款方", -10},
                                {english ? "Payee" : "收款方", -10},
                                {english ? "Amount" : "金额", 18},
                                {english ? "Pay by" : "付款期限", 12},
                                {english ? "State" : "状态", -14}};
    if (json_array_size(payments) == 0)
        return;
    (void)printf("\n%s\n", english ? "3. Payments (yuan)" : "三、付款通知(元)");
    print_line(head, 5);
    for (size_t i = 0; i < json_array_size(payments); i++) {
        const json_t *row = json_array_get(payments, i);
        const struct cell cells[] = {{clearing_region_name(cli_text(row, "payer"), english), -10},
                                     {clearing_region_name(cli_text(row, "payee"), english), -10},
                                     {grouped(cli_integer(row, "amountFen")), 18},
                                     {counted(cli_integer(row, "payBy")), 12},
                                     {word_of_state(state_of(row), english), -14}};
        print_line(cells, 5);
    }
}

void clearing_print(const json_t *answer, uint32_t month, bool english)
{
    const json_t *first = json_array_get(json_object_get(answer, "tables"), 0);
    print_rule('=');
    if (english)
        (void)printf("Clearing statement %u-%02u    Beijing, Tianjin, Hebei: medical care away from home\n",
                     month / 100, month % 100);
    else
        (void)printf("京津冀异地就医医疗费用清算表    %u年%u月\n", month / 100, month % 100);
    (void)printf(english ? "Everything before position %lld of the log is in; to be confirmed by %lld\n"
                         : "日志位置 %lld 之前的全部结算纳入;确认截止 %lld\n",
                 (long long)cli_integer(first, "cutPosition"), (long long)cli_integer(first, "confirmBy"));
    print_rule('=');
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
