/* SPDX-License-Identifier: Apache-2.0
 * hutong books: what is reconciled and what is open, by day and by age; advance funds, payments, investigations. Each
 * view is a table of columns, printed for people, as CSV, or as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/instant.h"
#include "tools/books_ask.h"
#include "tools/verb_run.h"
#include "tools/view.h"
#include "tools/written.h"

/* ---- cells of their own ---- */

static void put_reason(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    static const char *const reasons[][2] = {
#define OPEN_REASON(name, number, zh, en) [number] = {zh, en},
#include "services/books/open_reason.def"
#undef OPEN_REASON
    };
    uint64_t number = (uint64_t)cli_integer(row, key);
    bool known = number < sizeof reasons / sizeof reasons[0];
    buffer_append_text(text, known ? reasons[number][view->english] : "?");
}

static void put_difference(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    static const char *const differences[][2] = {
#define DIFFERENCE(name, class, number, zh, en) [number] = {zh, en},
#include "common/engines/reconcile/difference.def"
#undef DIFFERENCE
    };
    uint64_t number = (uint64_t)cli_integer(row, key);
    bool known = number < sizeof differences / sizeof differences[0];
    buffer_append_text(text, known ? differences[number][view->english] : "?");
}

static void put_rate(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    (void)view;
    long long rate = cli_integer(row, key);
    if (json_object_get(row, "colour") == NULL || rate < 0)
        buffer_append_text(text, "-");
    else
        buffer_printf(text, "%lld.%02lld%%", rate / 100, rate % 100);
}

static void put_age(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    (void)view;
    long long from = cli_integer(row, key), to = cli_integer(row, "ageTo");
    if (to == 0)
        buffer_printf(text, ">%lld", from - 1);
    else
        buffer_printf(text, "%lld-%lld", from, to);
}

static void put_held(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    if (json_is_true(json_object_get(row, key)))
        buffer_append_text(text, view->english ? "held" : "暂缓");
}

static void put_late(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    (void)key;
    int64_t by = cli_integer(row, "confirmBy");
    if (view->on != 0 && by != 0 && by < view->on && strcmp(cli_text(row, "state"), "PAYMENT_STATE_CONFIRMED") != 0)
        buffer_append_text(text, view->english ? "late" : "逾期");
}

/* ---- views ---- */

static const struct {
    const char *name;
    enum books_question question;
    const char *list; /* of BooksAnswer */
    struct view_column columns[VIEW_COLUMNS_MAX];
} views[] = {
    {"reconciliation",
     ASK_RECONCILIATION,
     "reconciliation",
     {{"day", "日期", "day", view_day, -10, false},
      {"institution", "定点机构", "institution", view_text, -12, false},
      {"insuredRegion", "参保地", "insured", view_region, -8, false},
      {"bills", "笔数", "bills", view_count, 8, false},
      {"careMatched", "就医地相符", "care agrees", view_count, 12, false},
      {"careDiffers", "就医地不符", "care differs", view_count, 12, false},
      {"careOnly", "就医地独有", "care only", view_count, 12, false},
      {"insuredMatched", "参保地相符", "insured agrees", view_count, 14, false},
      {"insuredDiffers", "参保地不符", "insured differs", view_count, 15, false},
      {"insuredOnly", "参保地独有", "insured only", view_count, 12, false},
      {"open", "未清算", "open", view_count, 8, false},
      {"openFen", "未清算金额", "open amount", view_yuan, 16, false}}},
    {"theirs",
     ASK_RECONCILIATION,
     "onlyTheirs",
     {{"day", "日期", "day", view_day, -10, false},
      {"institution", "定点机构", "institution", view_text, -12, false},
      {"side", "对账方", "side", view_word, -8, false},
      {"region", "地区", "region", view_region, -8, false},
      {"number", "结算编号", "number", view_count, 20, false},
      {"billId", "单据号", "bill id", view_text, -30, false},
      {"totalFen", "总额", "total", view_yuan, 16, false},
      {"fundFen", "基金", "fund", view_yuan, 16, false},
      {"accountFen", "账户", "account", view_yuan, 14, false},
      {"statedOn", "首次对账日", "stated first on", view_day, -15, false},
      {"difference", "差异", "what it is", put_difference, -40, false}}},
    {"aging",
     ASK_AGING,
     "aging",
     {{"insuredRegion", "参保地", "insured", view_region, -8, false},
      {"careRegion", "就医地", "care", view_region, -8, false},
      {"ageFrom", "账龄(天)", "age in days", put_age, -12, false},
      {"count", "笔数", "bills", view_count, 10, false},
      {"amountFen", "金额", "amount", view_yuan, 18, false},
      {"oldest", "最早日期", "oldest", view_day, -10, false},
      {"openReason", "未清算原因", "why it is open", put_reason, -40, false}}},
    {"investigations",
     ASK_INVESTIGATIONS,
     "investigations",
     {{"request", "协查编号", "request", view_count, 12, false},
      {"settlement", "结算编号", "settlement", view_count, 12, false},
      {"stage", "阶段", "stage", view_word, -12, false},
      {"answerBy", "答复期限", "answer by", view_day, -10, false},
      {"provisional", "暂定", "provisional", view_provisional, -12, false},
      {"verdict", "认定", "finding", view_word, -12, false},
      {"amountFen", "核减金额", "taken off", view_yuan, 16, false},
      {"held", "暂缓清算", "held", put_held, -8, false}}},
    {"advances",
     ASK_CLEARING,
     "advances",
     {{"insuredRegion", "参保地", "insured", view_region, -8, false},
      {"careRegion", "就医地", "care", view_region, -8, false},
      {"depositsFen", "已拨付", "deposits", view_yuan, 16, false},
      {"availableFen", "可用", "available", view_yuan, 16, false},
      {"usedFen", "占用", "used", view_yuan, 16, false},
      {"inTransitFen", "在途", "in transit", view_yuan, 16, false},
      {"monthClearingFen", "当月清算", "month clears", view_yuan, 16, false},
      {"useRateBp", "使用率", "use rate", put_rate, 10, false},
      {"colour", "预警", "warning", view_word, -8, false},
      {"quotaFen", "额度", "quota", view_yuan, 16, false},
      {"topUpFen", "应追加", "top up", view_yuan, 16, false}}},
    {"payments",
     ASK_CLEARING,
     "payments",
     {{"payer", "付款方", "payer", view_region, -8, false},
      {"payee", "收款方", "payee", view_region, -8, false},
      {"amountFen", "金额", "amount", view_yuan, 18, false},
      {"state", "状态", "state", view_word, -12, false},
      {"askBy", "请款期限", "ask by", view_day, -10, false},
      {"payBy", "付款期限", "pay by", view_day, -10, false},
      {"confirmBy", "确认期限", "confirm by", view_day, -10, false},
      {"provisional", "暂定", "provisional", view_provisional, -12, false},
      {"late", "逾期", "late", put_late, -8, false}}},
};

enum { VIEWS = sizeof views / sizeof views[0] };

/* ---- asking ---- */

static void print_row(void *view, json_t *row)
{
    view_row(view, row);
}

/* 2025-03-01 or 20250301; 0: said that it is none. */
static uint32_t day_of(const char *text)
{
    int64_t date;
    if (written_date(text, &date) && civil_date_exists((civil_date_t)date))
        return (uint32_t)date;
    complain(said("%s：请写日期，如 2025-03-01", "%s: a day, please, as 2025-03-01"), text);
    return 0;
}

/* The question's fields out of the arguments; false: said why not. */
static bool put_question(struct cli *cli, const char *name, uint32_t on, bool open, struct books_query *question)
{
    const char *first = cli->argc > 1 ? cli->argv[1] : NULL, *second = cli->argc > 2 ? cli->argv[2] : first;
    uint32_t from, to;
    switch (question->kind) {
    case ASK_RECONCILIATION:
        from = first == NULL ? 0 : day_of(first);
        to = from == 0 ? 0 : day_of(second);
        question->body.reconciliation = (struct reconciliation_query){
            .from_day = from, .to_day = to, .open_only = open, .only_theirs = strcmp(name, "theirs") == 0};
        return to != 0;
    case ASK_CLEARING:
        question->body.clearing.month = first == NULL ? 0 : books_month(first);
        return question->body.clearing.month != 0;
    case ASK_INVESTIGATIONS:
        question->body.investigations.open_only = open;
        return true;
    default:
        question->body.aging.on_day = on;
        return true;
    }
}

static int run(struct cli *cli)
{
    int sent;
    if (verb_run(cli, &command_books, &sent))
        return sent;
    const char *on = cli_option(cli, "--on");
    struct view view = {.english = language_is_english(), .form = view_form_of(cli, VIEW_ALIGNED)};
    bool open = cli_flag(cli, "--open");
    size_t at = 0;
    if (!cli_arguments(cli, &command_books, 1, 3) || !cli_page(cli))
        return CLI_USAGE;
    while (at < VIEWS && strcmp(views[at].name, cli->argv[0]) != 0)
        at++;
    view.on = on == NULL ? 0 : day_of(on);
    if (at == VIEWS || (on != NULL && view.on == 0))
        return cli_usage(&command_books);
    struct books_query question = {.kind = views[at].question};
    if (!put_question(cli, views[at].name, view.on, open, &question))
        return cli_usage(&command_books);
    view.columns = views[at].columns;
    view_headings(&view);
    return books_pages(cli, &question, views[at].list, print_row, &view) ? CLI_OK : books_failure(cli);
}

const struct command command_books = {
    .name = "books",
    .usage = "books reconciliation|theirs FROM [TO] [--open] | aging [--on DAY] | investigations [--open] | "
             "advances|payments MONTH [--on DAY] [--csv]",
    .summary = "what is reconciled and what is open, by day and by age; advance funds, payments, investigations",
    .summary_zh = "对账与未清情况，按日、按账龄；预付金、付款、协查",
    .help = "reconciliation: each institution's day as region of care, exchange and insured region have it. theirs: "
            "rows that\n"
            "a side stated and the exchange does not have, since when. aging: open bills by pair, age and reason. A "
            "region\n"
            "sees its own pairs, with --as; the operator all. --json for machines, --csv for spreadsheets.\n\n"
            "  hutong --as 110000 books reconciliation 2025-03-01 2025-03-31 --open\n"
            "  hutong books aging --language en\n"
            "  hutong books advances 2025-03",
    .help_zh = "reconciliation：各机构每日，就医地、平台、参保地三方所记。theirs：一方报来而平台没有的行，及自何时起。a"
               "ging：未清单据，按地区对、账龄、原因。地区用 --as 查看与己有关的；运维方查看全部。\n"
               "\n"
               "  hutong --as 110000 books reconciliation 2025-03-01 2025-03-31 --open\n"
               "  hutong books aging --language en\n"
               "  hutong books advances 2025-03",
    .options = (const struct command_option[]){{"--open", NULL, "只列未清的", "only what is open"},
                                               {"--on", "DAY", "以哪一天计账龄和逾期",
                                                "the day that age and lateness are seen from"},
                                               {"--csv", NULL, "输出 CSV，供电子表格使用", "as CSV, for spreadsheets"},
                                               COMMAND_OPTIONS_PAGE,
                                               {0}},
    .run = run,
};
