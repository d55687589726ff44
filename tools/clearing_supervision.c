/* SPDX-License-Identifier: Apache-2.0
 * Figures and flags of designated institutions, and who is suspended. */
#include "tools/clearing_supervision.h"

#include <stdio.h>
#include <string.h>

#include "common/base/money.h"
#include "tools/books_ask.h"

/* ---- cells ---- */

static const char *flag_word(const char *flag, bool english)
{
    static const struct {
        const char *text, *zh, *en;
    } words[] = {
#define FLAG(name, text, zh, en) {text, zh, en},
#include "services/books/flag.def"
#undef FLAG
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].text, flag) == 0)
            return english ? words[i].en : words[i].zh;
    return flag;
}

static bool is_flagged(const json_t *row)
{
    return json_array_size(json_object_get(row, "unusual")) > 0;
}

static void put_flags(const json_t *row, bool english, struct buffer *text)
{
    const json_t *flags = json_object_get(row, "unusual");
    for (size_t i = 0; i < json_array_size(flags); i++) {
        const char *word = flag_word(json_string_value(json_array_get(flags, i)), english);
        buffer_printf(text, "%s%s", i == 0 ? "" : english ? "; " : ";", word);
    }
}

static void put_unusual(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    (void)key;
    put_flags(row, view->english, text);
}

static void put_status(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    if (row != view->sums)
        buffer_append_text(text, view_institution_status(cli_text(row, key), view->english));
}

static void put_level(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    static const char *const levels[] = {"-", "I", "II", "III"};
    (void)view;
    int64_t level = cli_integer(row, key);
    buffer_append_text(text, levels[level >= 1 && level <= 3 ? level : 0]);
}

static const struct view_column figure_columns[] = {
    {"institution", "机构代码", "institution", view_text, -12, false},
    {"name", "机构名称", "name", view_text, -24, false},
    {"level", "级别", "level", view_count, 5, false},
    {"settled", "结算笔数", "settled", view_count, 8, false},
    {"reversed", "撤销笔数", "reversed", view_count, 8, false},
    {"refused", "拒绝笔数", "refused", view_count, 8, false},
    {"stays", "住院人次", "stays", view_count, 8, false},
    {"meanCostFen", "次均费用", "mean_cost", view_yuan, 14, false},
    {"levelMeanCostFen", "同级次均", "level_mean_cost", view_yuan, 15, false},
    {"findings", "协查有误", "findings", view_count, 8, false},
    {"overlappingStays", "住院重叠", "overlapping_stays", view_count, 17, false},
    {"sameDayDuplicates", "同日重复", "same_day_duplicates", view_count, 19, false},
    {"careAfterDeath", "死亡后就医", "care_after_death", view_count, 16, false},
    {"unusual", "标记", "flags", put_unusual, -16, false},
    {"status", "状态", "status", put_status, -12, false},
    {"statusSince", "状态起始日", "status_since", view_day, -12, false},
    {"reason", "原因", "reason", view_text, -20, false},
    {.key = NULL},
};
static const struct view_column institution_columns[] = {
    {"code", "机构代码", "institution", view_text, -12, false},
    {"name", "机构名称", "name", view_text, -24, false},
    {"area", "统筹区", "area", view_text, -8, false},
    {"status", "状态", "status", put_status, -12, false},
    {"effectiveDate", "起始日", "since", view_day, -10, false},
    {"reason", "原因", "reason", view_text, -20, false},
    {.key = NULL},
};

/* ---- the report ---- */

enum { REPORT_WIDTH = 153 };
static const struct view_column report_columns[] = {
    {"institution", "机构代码", "Institution", view_text, -12, false},
    {"name", "机构名称", "Name", view_text, -24, false},
    {"level", "级别", "Level", put_level, 5, false},
    {"settled", "结算", "Settled", view_count, 7, true},
    {"reversed", "撤销", "Reversed", view_count, 8, true},
    {"refused", "拒绝", "Refused", view_count, 7, true},
    {"stays", "住院", "Stays", view_count, 6, true},
    {"meanCostFen", "次均费用", "Mean cost", view_yuan, 12, false},
    {"levelMeanCostFen", "同级次均", "Level's mean", view_yuan, 12, false},
    {"findings", "协查有误", "Findings", view_count, 8, true},
    {"overlappingStays", "住院重叠", "Overlaps", view_count, 8, true},
    {"sameDayDuplicates", "同日重复", "Repeats", view_count, 8, true},
    {"status", "状态", "Status", put_status, -12, false},
    {.key = NULL},
};

/* What is unusual, and why it is not active: under its line, so that the columns stay within a page. */
static void print_remarks(const json_t *row, bool english)
{
    struct buffer text = {0};
    const char *status = cli_text(row, "status"), *reason = cli_text(row, "reason");
    bool active = status[0] == 0 || strcmp(status, "INSTITUTION_STATUS_ACTIVE") == 0;
    if (is_flagged(row)) {
        buffer_append_text(&text, english ? "flags: " : "标记:");
        put_flags(row, english, &text);
    }
    if (!active || reason[0] != 0) {
        buffer_printf(&text, "%s%s ", text.size == 0 ? "" : "    ", view_institution_status(status, english));
        view_put_day(cli_integer(row, "statusSince"), &text);
        buffer_printf(&text, "%s%s", reason[0] == 0 ? "" : english ? ": " : ":", reason);
    }
    if (text.size > 0)
        (void)printf("%14s%s\n", "", buffer_text(&text));
    buffer_fini(&text);
}

static void print_section(struct view *view, const json_t *rows, const char *heading, bool flagged)
{
    int64_t stays = 0, total = 0;
    (void)printf("\n%s\n", heading);
    view_headings(view);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (flagged && !is_flagged(row))
            continue;
        view_row(view, row);
        print_remarks(row, view->english);
        stays += cli_integer(row, "stays");
        total += cli_integer(row, "staysTotalFen");
    }
    view_sum(view, "meanCostFen", stays <= 0 ? 0 : (int64_t)money_round_half_up(total, stays));
    view_sums(view, REPORT_WIDTH);
}

static void print_report(const json_t *rows, uint32_t month, bool english, bool flagged_alone)
{
    struct view view = {.columns = report_columns, .english = english};
    size_t count = json_array_size(rows), flagged = 0;
    for (size_t i = 0; i < count; i++)
        flagged += is_flagged(json_array_get(rows, i));
    view_rule('=', REPORT_WIDTH);
    (void)printf(english ? "Supervision of designated institutions %u-%02u    Beijing, Tianjin, Hebei: for the joint "
                           "supervision group\n"
                         : "京津冀定点医药机构联合监管月报    %u年%u月\n",
                 month / 100, month % 100);
    (void)printf(english ? "Institutions with bills: %zu, of which with a flag: %zu\n"
                         : "有票据的机构 %zu 家,其中有标记 %zu 家\n",
                 count, flagged);
    view_rule('=', REPORT_WIDTH);
    print_section(&view, rows, english ? "1. Institutions with a flag (amounts in yuan)" : "一、有标记的机构(金额:元)",
                  true);
    if (!flagged_alone)
        print_section(&view, rows, english ? "2. All institutions (amounts in yuan)" : "二、全部机构(金额:元)", false);
    (void)printf("\n%s\n", english ? "A flag is a reason to look. It blocks no settlement, no clearing and no payment."
                                   : "标记仅提示应予核查,不影响任何结算、清算或支付。");
    (void)printf("\n%s\n",
                 english ? "Prepared by: ______________   Joint supervision group: ______________   Date: __________"
                         : "编制:______________   联合监管组:______________   日期:__________");
}

/* ---- rows of answers ---- */

static void take_row(void *self, json_t *row)
{
    (void)json_array_append(self, row);
}

/* All pages' rows. NULL: said why there are none. */
static json_t *collect(struct cli *cli, const struct books_query *question, const char *list)
{
    json_t *rows = json_array();
    if (books_pages(cli, question, list, take_row, rows))
        return rows;
    json_decref(rows);
    return NULL;
}

static void show_rows(struct view *view, const json_t *rows, bool flagged)
{
    view_headings(view);
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (!flagged || is_flagged(json_array_get(rows, i)))
            view_row(view, json_array_get(rows, i));
}

int supervision_show(struct cli *cli, uint32_t month, struct view *view, const struct supervision_options *options)
{
    struct books_query question = {.kind = ASK_SUPERVISION, .body.supervision = {.month = month}};
    json_t *rows = collect(cli, &question, "figures");
    if (rows == NULL)
        return books_failure(cli);
    view->columns = figure_columns;
    if (!cli->json && options->print)
        print_report(rows, month, view->english, options->flagged);
    else
        show_rows(view, rows, options->flagged);
    json_decref(rows);
    return CLI_OK;
}

int institutions_show(struct cli *cli, struct view *view, const struct supervision_options *options)
{
    struct books_query question = {.kind = ASK_INSTITUTIONS,
                                   .body.institutions = {.not_active_only = options->not_active}};
    json_t *rows = collect(cli, &question, "institutions");
    if (rows == NULL)
        return books_failure(cli);
    view->columns = institution_columns;
    show_rows(view, rows, options->flagged);
    json_decref(rows);
    return CLI_OK;
}
