/* SPDX-License-Identifier: Apache-2.0
 * Months, replies, flagged bills. */
#include "tools/clearing_months.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tools/books_ask.h"

static const struct view_column month_columns[] = {
    {"month", "月份", "month", view_count, -6, false},
    {"state", "状态", "state", view_word, -12, false},
    {"cutOn", "对账截止", "cut on", view_day, -10, false},
    {"generateOn", "出表日", "stands from", view_day, -11, false},
    {"confirmBy", "确认截止", "confirm by", view_day, -10, false},
    {"count", "笔数", "rows", view_count, 9, false},
    {"amountFen", "清算金额", "amount", view_yuan, 18, false},
    {"disputedCount", "异议笔数", "disputed", view_count, 8, false},
    {"payments", "付款", "payments", view_count, 8, false},
    {"paymentsConfirmed", "已确认", "confirmed", view_count, 9, false},
    {.key = NULL},
};
static const struct view_column turn_columns[] = {
    {"region", "该办地区", "whose turn", view_region, -10, false},
    {"task", "事项", "what", view_word, -24, false},
    {"insuredRegion", "参保地", "insured", view_region, -8, false},
    {"careRegion", "就医地", "care", view_region, -8, false},
    {"count", "笔数", "bills", view_count, 8, false},
    {"amountFen", "金额", "amount", view_yuan, 16, false},
    {"until", "截止", "until", view_day, -10, false},
    {"provisional", "暂定", "provisional", view_provisional, -11, false},
    {"late", "逾期", "late", view_late, -4, false},
    {.key = NULL},
};
static const struct view_column reply_columns[] = {
    {"position", "位置", "position", view_count, 10, false},
    {"region", "地区", "region", view_region, -8, false},
    {"action", "答复", "reply", view_word, -10, false},
    {"insuredRegion", "参保地", "insured", view_region, -8, false},
    {"careRegion", "就医地", "care", view_region, -8, false},
    {"rows", "笔数(0:整表)", "rows (0: all)", view_count, 13, false},
    {.key = NULL},
};
static const struct view_column flagged_columns[] = {
    {"number", "结算编号", "number", view_count, 12, false},
    {"day", "日期", "day", view_day, -10, false},
    {"billId", "单据号", "bill id", view_text, -30, false},
    {"insuredArea", "参保统筹区", "insured area", view_text, -12, false},
    {"totalFen", "总额", "total", view_yuan, 16, false},
    {"other", "相关编号", "other", view_count, 12, false},
    {.key = NULL},
};

static void print_row(void *view, json_t *row)
{
    view_row(view, row);
}

/* A month with its turns below it. */
static void print_month(void *self, json_t *row)
{
    struct view *view = self;
    const json_t *turns = json_object_get(row, "turns");
    if (view->form == VIEW_ALIGNED)
        view_headings(view);
    view_row(view, row);
    if (view->form != VIEW_ALIGNED)
        return;
    struct view below = {.columns = turn_columns, .english = view->english};
    if (json_array_size(turns) > 0)
        view_rows(&below, turns);
    (void)printf("\n");
}

int clearing_months(struct cli *cli, uint32_t month, struct view *view)
{
    struct books_query question = {.kind = ASK_MONTHS, .body.months = {month, view->on}};
    view->columns = month_columns;
    if (view->form == VIEW_CSV)
        view_headings(view);
    return books_pages(cli, &question, "months", print_month, view) ? CLI_OK : books_failure(cli);
}

int clearing_replies(struct cli *cli, uint32_t month, struct view *view)
{
    struct books_query question = {.kind = ASK_REPLIES, .body.replies = {.month = month}};
    view->columns = reply_columns;
    view_headings(view);
    return books_pages(cli, &question, "replies", print_row, view) ? CLI_OK : books_failure(cli);
}

static const char *flag_text(const char *given)
{
    static const char *const flags[][2] = {
#define FLAG(name, text, zh, en) {#name, text},
#include "services/books/flag.def"
#undef FLAG
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcasecmp(flags[i][0], given) == 0 || strcmp(flags[i][1], given) == 0)
            return flags[i][1];
    return NULL;
}

int clearing_flagged(struct cli *cli, uint32_t month, const char *institution, const char *flag, struct view *view)
{
    const char *text = flag_text(flag);
    if (text == NULL || strlen(institution) != 12) {
        complain(
            said("%s %s：请写机构代码和标记（services/books/flag.def）", "%s %s: an institution and a flag, please"),
            institution, flag);
        return CLI_USAGE;
    }
    struct books_query question = {
        .kind = ASK_FLAGGED,
        .body.flagged = {.month = month, .institution = span_text(institution), .flag = span_text(text)}};
    view->columns = flagged_columns;
    view_headings(view);
    return books_pages(cli, &question, "rows", print_row, view) ? CLI_OK : books_failure(cli);
}
