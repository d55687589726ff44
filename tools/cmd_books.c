/* SPDX-License-Identifier: Apache-2.0
 * hutong books: what is reconciled and what is open, by day and by age; advance funds, payments, investigations. Each
 * view is a table of columns, printed for people, as CSV, or as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/instant.h"
#include "tools/books_ask.h"
#include "tools/clearing_print.h"
#include "tools/csv.h"
#include "tools/sheet.h"
#include "tools/written.h"

enum column_kind {
    COLUMN_TEXT,
    COLUMN_COUNT,
    COLUMN_YUAN,
    COLUMN_DAY,
    COLUMN_REGION,
    COLUMN_REASON,
    COLUMN_DIFFERENCE,
    COLUMN_RATE,
    COLUMN_WORD,
    COLUMN_AGE
};

struct column {
    const char *key; /* of the row's JSON */
    const char *zh, *en;
    enum column_kind kind;
    int width;
};

enum { COLUMNS_MAX = 16 };
struct view {
    const char *name;
    enum books_question question;
    const char *list; /* of BooksAnswer */
    struct column columns[COLUMNS_MAX];
};

static const struct view views[] = {
    {"reconciliation",
     ASK_RECONCILIATION,
     "reconciliation",
     {{"day", "日期", "day", COLUMN_DAY, -10},
      {"institution", "定点机构", "institution", COLUMN_TEXT, -12},
      {"insuredRegion", "参保地", "insured", COLUMN_REGION, -8},
      {"bills", "笔数", "bills", COLUMN_COUNT, 8},
      {"careMatched", "就医地相符", "care agrees", COLUMN_COUNT, 12},
      {"careDiffers", "就医地不符", "care differs", COLUMN_COUNT, 12},
      {"careOnly", "就医地独有", "care only", COLUMN_COUNT, 12},
      {"insuredMatched", "参保地相符", "insured agrees", COLUMN_COUNT, 14},
      {"insuredDiffers", "参保地不符", "insured differs", COLUMN_COUNT, 15},
      {"insuredOnly", "参保地独有", "insured only", COLUMN_COUNT, 12},
      {"open", "未清算", "open", COLUMN_COUNT, 8},
      {"openFen", "未清算金额", "open amount", COLUMN_YUAN, 16}}},
    {"theirs",
     ASK_RECONCILIATION,
     "onlyTheirs",
     {{"day", "日期", "day", COLUMN_DAY, -10},
      {"institution", "定点机构", "institution", COLUMN_TEXT, -12},
      {"side", "对账方", "side", COLUMN_WORD, -8},
      {"region", "地区", "region", COLUMN_REGION, -8},
      {"number", "结算编号", "number", COLUMN_TEXT, 20},
      {"billId", "单据号", "bill id", COLUMN_TEXT, -30},
      {"totalFen", "总额", "total", COLUMN_YUAN, 16},
      {"fundFen", "基金", "fund", COLUMN_YUAN, 16},
      {"accountFen", "账户", "account", COLUMN_YUAN, 14},
      {"statedOn", "首次对账日", "stated first on", COLUMN_DAY, -15},
      {"difference", "差异", "what it is", COLUMN_DIFFERENCE, -40}}},
    {"aging",
     ASK_AGING,
     "aging",
     {{"insuredRegion", "参保地", "insured", COLUMN_REGION, -8},
      {"careRegion", "就医地", "care", COLUMN_REGION, -8},
      {"ageFrom", "账龄(天)", "age in days", COLUMN_AGE, -12},
      {"count", "笔数", "bills", COLUMN_COUNT, 10},
      {"amountFen", "金额", "amount", COLUMN_YUAN, 18},
      {"oldest", "最早日期", "oldest", COLUMN_DAY, -10},
      {"openReason", "未清算原因", "why it is open", COLUMN_REASON, -40}}},
    {"investigations",
     ASK_INVESTIGATIONS,
     "investigations",
     {{"request", "协查编号", "request", COLUMN_TEXT, 12},
      {"settlement", "结算编号", "settlement", COLUMN_TEXT, 12},
      {"stage", "阶段", "stage", COLUMN_WORD, -12},
      {"answerBy", "答复期限", "answer by", COLUMN_DAY, -10},
      {"provisional", "暂定", "provisional", COLUMN_WORD, -12},
      {"verdict", "认定", "finding", COLUMN_WORD, -12},
      {"amountFen", "核减金额", "taken off", COLUMN_YUAN, 16},
      {"held", "暂缓清算", "held", COLUMN_WORD, -8}}},
    {"advances",
     ASK_CLEARING,
     "advances",
     {{"insuredRegion", "参保地", "insured", COLUMN_REGION, -8},
      {"careRegion", "就医地", "care", COLUMN_REGION, -8},
      {"depositsFen", "已拨付", "deposits", COLUMN_YUAN, 16},
      {"availableFen", "可用", "available", COLUMN_YUAN, 16},
      {"usedFen", "占用", "used", COLUMN_YUAN, 16},
      {"inTransitFen", "在途", "in transit", COLUMN_YUAN, 16},
      {"monthClearingFen", "当月清算", "month clears", COLUMN_YUAN, 16},
      {"useRateBp", "使用率", "use rate", COLUMN_RATE, 10},
      {"colour", "预警", "warning", COLUMN_WORD, -8},
      {"quotaFen", "额度", "quota", COLUMN_YUAN, 16},
      {"topUpFen", "应追加", "top up", COLUMN_YUAN, 16}}},
    {"payments",
     ASK_CLEARING,
     "payments",
     {{"payer", "付款方", "payer", COLUMN_REGION, -8},
      {"payee", "收款方", "payee", COLUMN_REGION, -8},
      {"amountFen", "金额", "amount", COLUMN_YUAN, 18},
      {"state", "状态", "state", COLUMN_WORD, -12},
      {"askBy", "请款期限", "ask by", COLUMN_DAY, -10},
      {"payBy", "付款期限", "pay by", COLUMN_DAY, -10},
      {"confirmBy", "确认期限", "confirm by", COLUMN_DAY, -10},
      {"provisional", "暂定", "provisional", COLUMN_WORD, -12},
      {"late", "逾期", "late", COLUMN_WORD, -8}}},
};

struct showing {
    struct cli *cli;
    const struct view *view;
    bool english, csv, any;
    uint32_t on; /* the day that lateness is seen from; 0: none was given */
};

/* ---- words ---- */

static const struct {
    const char *code, *zh, *en;
} words[] = {
    {"STATEMENT_SIDE_CARE", "就医地", "care"},
    {"STATEMENT_SIDE_INSURED", "参保地", "insured"},
    {"INVESTIGATION_STAGE_REQUESTED", "已发起", "requested"},
    {"INVESTIGATION_STAGE_OVERDUE", "逾期未答复", "overdue"},
    {"INVESTIGATION_STAGE_ANSWERED", "已答复", "answered"},
    {"INVESTIGATION_STAGE_FOUND", "已认定", "found"},
    {"INVESTIGATION_VERDICT_CONFIRMED", "属实", "bill stands"},
    {"INVESTIGATION_VERDICT_WRONG_PART", "部分不实", "wrong in part"},
    {"INVESTIGATION_VERDICT_WRONG_WHOLE", "全部不实", "wrong"},
    {"ADVANCE_COLOUR_GREEN", "正常", "green"},
    {"ADVANCE_COLOUR_YELLOW", "黄色预警", "yellow"},
    {"ADVANCE_COLOUR_RED", "红色预警", "red"},
    {"PAYMENT_STATE_NOTIFIED", "待付款", "notified"},
    {"PAYMENT_STATE_PAID", "已付待确认", "paid"},
    {"PAYMENT_STATE_CONFIRMED", "已确认", "confirmed"},
};

static const char *word_of(const char *code, bool english)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].code, code) == 0)
            return english ? words[i].en : words[i].zh;
    return code;
}

static const char *reason_of(int64_t number, bool english)
{
    static const char *const reasons[][2] = {
#define OPEN_REASON(name, number, zh, en) [number] = {zh, en},
#include "services/books/open_reason.def"
#undef OPEN_REASON
    };
    bool known = number >= 0 && (size_t)number < sizeof reasons / sizeof reasons[0];
    return known ? reasons[number][english] : "?";
}

static const char *difference_of(int64_t number, bool english)
{
    static const char *const differences[][2] = {
#define DIFFERENCE(name, class, number, zh, en) [number] = {zh, en},
#include "common/engines/reconcile/difference.def"
#undef DIFFERENCE
    };
    bool known = number >= 0 && (size_t)number < sizeof differences / sizeof differences[0];
    return known ? differences[number][english] : "?";
}

/* ---- cells ---- */

static void day_describe(int64_t day, char text[32])
{
    text[0] = 0;
    if (day != 0)
        (void)snprintf(text, 32, "%04lld-%02lld-%02lld", (long long)day / 10000, (long long)day / 100 % 100,
                       (long long)day % 100);
}

static const char *word_cell(const struct showing *showing, const json_t *row, const char *key)
{
    if (strcmp(key, "held") == 0)
        return !json_is_true(json_object_get(row, key)) ? "" : showing->english ? "held" : "暂缓";
    if (strcmp(key, "provisional") == 0)
        return !json_is_true(json_object_get(row, key)) ? "" : showing->english ? "provisional" : "暂定";
    if (strcmp(key, "late") == 0) {
        int64_t by = cli_integer(row, "confirmBy");
        bool late = showing->on != 0 && by != 0 && by < showing->on &&
                    strcmp(cli_text(row, "state"), "PAYMENT_STATE_CONFIRMED") != 0;
        return !late ? "" : showing->english ? "late" : "逾期";
    }
    return word_of(cli_text(row, key), showing->english);
}

/* The cell's text; `text` lends the room where it must be made. */
static const char *cell_of(const struct showing *showing, const struct column *column, const json_t *row, char text[32])
{
    int64_t number = cli_integer(row, column->key);
    switch (column->kind) {
    case COLUMN_YUAN:
        return showing->csv ? books_yuan(number) : sheet_yuan(number);
    case COLUMN_DAY:
        day_describe(number, text);
        return text;
    case COLUMN_REGION:
        return clearing_region_name(cli_text(row, column->key), showing->english);
    case COLUMN_REASON:
        return reason_of(number, showing->english);
    case COLUMN_DIFFERENCE:
        return difference_of(number, showing->english);
    case COLUMN_WORD:
        return word_cell(showing, row, column->key);
    case COLUMN_RATE:
        if (json_object_get(row, "colour") == NULL || number < 0)
            return "-";
        (void)snprintf(text, 32, "%lld.%02lld%%", (long long)number / 100, (long long)number % 100);
        return text;
    case COLUMN_AGE:
        if (cli_integer(row, "ageTo") == 0)
            (void)snprintf(text, 32, ">%lld", (long long)number - 1);
        else
            (void)snprintf(text, 32, "%lld-%lld", (long long)number, (long long)cli_integer(row, "ageTo"));
        return text;
    case COLUMN_TEXT:
        if (json_is_string(json_object_get(row, column->key)))
            return cli_text(row, column->key);
        break;
    case COLUMN_COUNT:
        break;
    }
    (void)snprintf(text, 32, "%lld", (long long)number);
    return text;
}

static void print_cells(const struct showing *showing, const char *cells[COLUMNS_MAX], unsigned count)
{
    struct sheet_cell sheet[COLUMNS_MAX];
    struct buffer line;
    if (!showing->csv) {
        for (unsigned i = 0; i < count; i++)
            sheet[i] = (struct sheet_cell){cells[i], showing->view->columns[i].width};
        sheet_line(sheet, count);
        return;
    }
    buffer_init(&line);
    for (unsigned i = 0; i < count; i++)
        csv_put(&line, ',', i == 0, cells[i]);
    (void)printf("%s\n", buffer_text(&line));
    buffer_fini(&line);
}

static unsigned columns_of(const struct view *view)
{
    unsigned count = 0;
    while (count < COLUMNS_MAX && view->columns[count].key != NULL)
        count++;
    return count;
}

static void print_headings(const struct showing *showing)
{
    const char *cells[COLUMNS_MAX];
    unsigned count = columns_of(showing->view);
    for (unsigned i = 0; i < count; i++)
        cells[i] = showing->english ? showing->view->columns[i].en : showing->view->columns[i].zh;
    print_cells(showing, cells, count);
}

static void print_row(void *self, json_t *row)
{
    struct showing *showing = self;
    const char *cells[COLUMNS_MAX];
    char texts[COLUMNS_MAX][32];
    unsigned count = columns_of(showing->view);
    showing->any = true;
    if (showing->cli->json) {
        cli_print_json(json_incref(row));
        return;
    }
    for (unsigned i = 0; i < count; i++)
        cells[i] = cell_of(showing, &showing->view->columns[i], row, texts[i]);
    print_cells(showing, cells, count);
}

/* ---- asking ---- */

static bool show(struct showing *showing, const struct books_query *question)
{
    if (!showing->cli->json)
        print_headings(showing);
    return books_pages(showing->cli, question, showing->view->list, print_row, showing);
}

/* 2025-03-01 or 20250301; 0: said that it is none. */
static uint32_t day_of(const char *text)
{
    int64_t date;
    if (written_date(text, &date) && civil_date_exists((civil_date_t)date))
        return (uint32_t)date;
    complain("%s: a day, please, as 2025-03-01", text);
    return 0;
}

/* The question's fields out of the arguments; false: said why not. */
static bool put_question(struct cli *cli, const struct showing *showing, bool open, struct books_query *question)
{
    const struct view *view = showing->view;
    const char *first = cli->argc > 1 ? cli->argv[1] : NULL, *second = cli->argc > 2 ? cli->argv[2] : first;
    uint32_t from, to;
    *question = (struct books_query){.kind = view->question};
    switch (view->question) {
    case ASK_RECONCILIATION:
        from = first == NULL ? 0 : day_of(first);
        to = from == 0 ? 0 : day_of(second);
        question->body.reconciliation = (struct reconciliation_query){
            .from_day = from, .to_day = to, .open_only = open, .only_theirs = strcmp(view->name, "theirs") == 0};
        return to != 0;
    case ASK_CLEARING:
        question->body.clearing.month = first == NULL ? 0 : books_month(first);
        return question->body.clearing.month != 0;
    case ASK_INVESTIGATIONS:
        question->body.investigations.open_only = open;
        return true;
    default:
        question->body.aging.on_day = showing->on;
        return true;
    }
}

static int run(struct cli *cli)
{
    const char *language = cli_option(cli, "--language"), *on = cli_option(cli, "--on");
    struct showing showing = {.cli = cli, .english = language != NULL && strcmp(language, "en") == 0};
    struct books_query question;
    showing.csv = cli_flag(cli, "--csv");
    bool open = cli_flag(cli, "--open");
    if (!cli_arguments(cli, &command_books, 1, 3))
        return CLI_USAGE;
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++)
        if (strcmp(views[i].name, cli->argv[0]) == 0)
            showing.view = &views[i];
    showing.on = on == NULL ? 0 : day_of(on);
    int code = CLI_OK;
    if (showing.view == NULL || (on != NULL && showing.on == 0) || !put_question(cli, &showing, open, &question)) {
        complain("usage: hutong %s", command_books.usage);
        code = CLI_USAGE;
    } else if (!show(&showing, &question))
        code = books_failure(cli);
    return code;
}

const struct command command_books = {
    .name = "books",
    .usage = "books reconciliation|theirs FROM [TO] [--open] | aging [--on DAY] | investigations [--open] |\n"
             "            advances|payments MONTH [--on DAY]   [--csv] [--language zh|en]",
    .summary = "what is reconciled and what is open, by day and by age; advance funds, payments, investigations",
    .help = "reconciliation: each institution's day as region of care, exchange and insured region have it. theirs: "
            "rows that\n"
            "a side stated and the exchange does not have, since when. aging: open bills by pair, age and reason. A "
            "region\n"
            "sees its own pairs, with --as; the operator all. --json for machines, --csv for spreadsheets.\n\n"
            "  hutong --as 110000 books reconciliation 2025-03-01 2025-03-31 --open\n"
            "  hutong books aging --language en\n"
            "  hutong books advances 2025-03",
    .run = run,
};
