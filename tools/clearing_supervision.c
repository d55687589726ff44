/* SPDX-License-Identifier: Apache-2.0
 * Figures and flags of designated institutions, and who is suspended. */
#include "tools/clearing_supervision.h"

#include <stdio.h>
#include <string.h>

#include "common/base/money.h"
#include "tools/books_ask.h"
#include "tools/csv.h"
#include "tools/sheet.h"

/* ---- words ---- */

static const char *status_word(const json_t *row, bool english)
{
    static const struct {
        const char *status, *zh, *en;
    } words[] = {{"INSTITUTION_STATUS_ACTIVE", "正常", "active"},
                 {"INSTITUTION_STATUS_SUSPENDED", "中止", "suspended"},
                 {"INSTITUTION_STATUS_TERMINATED", "解除", "terminated"},
                 {"", "未登记", "not registered"}};
    const char *status = cli_text(row, "status");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].status, status) == 0)
            return english ? words[i].en : words[i].zh;
    return status;
}

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

/* "2025-03-01"; nothing for 0. */
static void put_date(int64_t date, struct buffer *text)
{
    if (date != 0)
        buffer_printf(text, "%04lld-%02lld-%02lld", (long long)(date / 10000), (long long)(date / 100 % 100),
                      (long long)(date % 100));
}

/* ---- rows with a separator ---- */

enum { FIGURE_COLUMNS = 16, INSTITUTION_COLUMNS = 6 };
static const char *const figure_headings[FIGURE_COLUMNS][2] = {{"机构代码", "institution"},
                                                               {"机构名称", "name"},
                                                               {"级别", "level"},
                                                               {"结算笔数", "settled"},
                                                               {"撤销笔数", "reversed"},
                                                               {"拒绝笔数", "refused"},
                                                               {"住院人次", "stays"},
                                                               {"次均费用", "mean_cost"},
                                                               {"同级次均", "level_mean_cost"},
                                                               {"协查有误", "findings"},
                                                               {"住院重叠", "overlapping_stays"},
                                                               {"同日重复", "same_day_duplicates"},
                                                               {"标记", "flags"},
                                                               {"状态", "status"},
                                                               {"状态起始日", "status_since"},
                                                               {"原因", "reason"}};
static const char *const institution_headings[INSTITUTION_COLUMNS][2] = {
    {"机构代码", "institution"}, {"机构名称", "name"}, {"统筹区", "area"},
    {"状态", "status"},          {"起始日", "since"},  {"原因", "reason"}};

static void put_number(const json_t *row, const char *key, char separator, struct buffer *out)
{
    csv_put(out, separator, false, sheet_count(cli_integer(row, key)));
}

/* What both tables end with. */
static void put_status(const json_t *row, const char *since, char separator, bool english, struct buffer *out)
{
    struct buffer date;
    buffer_init(&date);
    put_date(cli_integer(row, since), &date);
    csv_put(out, separator, false, status_word(row, english));
    csv_put(out, separator, false, buffer_text(&date));
    csv_put(out, separator, false, cli_text(row, "reason"));
    buffer_append_text(out, "\n");
    buffer_fini(&date);
}

static void put_figures(const json_t *row, char separator, bool english, struct buffer *out)
{
    static const char *const counts[] = {"level", "settled", "reversed", "refused", "stays"}, *const found[] = {
                                                                                                  "findings",
                                                                                                  "overlappingStays",
                                                                                                  "sameDayDuplicates"};
    struct buffer flags;
    buffer_init(&flags);
    put_flags(row, english, &flags);
    csv_put(out, separator, true, cli_text(row, "institution"));
    csv_put(out, separator, false, cli_text(row, "name"));
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        put_number(row, counts[i], separator, out);
    csv_put(out, separator, false, books_yuan(cli_integer(row, "meanCostFen")));
    csv_put(out, separator, false, books_yuan(cli_integer(row, "levelMeanCostFen")));
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++)
        put_number(row, found[i], separator, out);
    csv_put(out, separator, false, buffer_text(&flags));
    put_status(row, "statusSince", separator, english, out);
    buffer_fini(&flags);
}

static void put_institution(const json_t *row, char separator, bool english, struct buffer *out)
{
    csv_put(out, separator, true, cli_text(row, "code"));
    csv_put(out, separator, false, cli_text(row, "name"));
    csv_put(out, separator, false, cli_text(row, "area"));
    put_status(row, "effectiveDate", separator, english, out);
}

/* ---- the report ---- */

enum { SHEET_COLUMNS = 13, SHEET_WIDTH = 153 };
static const struct {
    const char *zh, *en;
    int width;
} sheet_columns[SHEET_COLUMNS] = {{"机构代码", "Institution", -12},
                                  {"机构名称", "Name", -24},
                                  {"级别", "Level", 5},
                                  {"结算", "Settled", 7},
                                  {"撤销", "Reversed", 8},
                                  {"拒绝", "Refused", 7},
                                  {"住院", "Stays", 6},
                                  {"次均费用", "Mean cost", 12},
                                  {"同级次均", "Level's mean", 12},
                                  {"协查有误", "Findings", 8},
                                  {"住院重叠", "Overlaps", 8},
                                  {"同日重复", "Repeats", 8},
                                  {"状态", "Status", 0}};

static void print_columns(const char *const texts[SHEET_COLUMNS])
{
    struct sheet_cell cells[SHEET_COLUMNS];
    for (unsigned i = 0; i < SHEET_COLUMNS; i++)
        cells[i] = (struct sheet_cell){texts[i], sheet_columns[i].width};
    sheet_line(cells, SHEET_COLUMNS);
}

static void print_head(bool english)
{
    const char *texts[SHEET_COLUMNS];
    for (unsigned i = 0; i < SHEET_COLUMNS; i++)
        texts[i] = english ? sheet_columns[i].en : sheet_columns[i].zh;
    print_columns(texts);
}

/* What is unusual, and why it is not active: under its line, so that the columns stay within a page. */
static void print_remarks(const json_t *row, bool english)
{
    struct buffer text;
    const char *status = cli_text(row, "status"), *reason = cli_text(row, "reason");
    bool active = status[0] == 0 || strcmp(status, "INSTITUTION_STATUS_ACTIVE") == 0;
    buffer_init(&text);
    if (is_flagged(row)) {
        buffer_append_text(&text, english ? "flags: " : "标记:");
        put_flags(row, english, &text);
    }
    if (!active || reason[0] != 0) {
        buffer_printf(&text, "%s%s ", text.size == 0 ? "" : "    ", status_word(row, english));
        put_date(cli_integer(row, "statusSince"), &text);
        buffer_printf(&text, "%s%s", reason[0] == 0 ? "" : english ? ": " : ":", reason);
    }
    if (text.size > 0)
        (void)printf("%14s%s\n", "", buffer_text(&text));
    buffer_fini(&text);
}

static void print_institution(const json_t *row, bool english)
{
    static const char *const levels[] = {"-", "I", "II", "III"};
    int64_t level = cli_integer(row, "level");
    const char *const texts[SHEET_COLUMNS] = {cli_text(row, "institution"),
                                              cli_text(row, "name"),
                                              levels[level >= 1 && level <= 3 ? level : 0],
                                              sheet_count(cli_integer(row, "settled")),
                                              sheet_count(cli_integer(row, "reversed")),
                                              sheet_count(cli_integer(row, "refused")),
                                              sheet_count(cli_integer(row, "stays")),
                                              sheet_yuan(cli_integer(row, "meanCostFen")),
                                              sheet_yuan(cli_integer(row, "levelMeanCostFen")),
                                              sheet_count(cli_integer(row, "findings")),
                                              sheet_count(cli_integer(row, "overlappingStays")),
                                              sheet_count(cli_integer(row, "sameDayDuplicates")),
                                              status_word(row, english)};
    print_columns(texts);
    print_remarks(row, english);
}

/* In the order of the counts' columns, the stays' total last. */
enum { SUM_STAYS = 3, SUM_FINDINGS, SUM_OVERLAPS, SUM_DUPLICATES, SUM_TOTAL, SUMS_COUNT };
static void sums_add(int64_t sums[SUMS_COUNT], const json_t *row)
{
    static const char *const keys[SUMS_COUNT] = {"settled",  "reversed",         "refused",           "stays",
                                                 "findings", "overlappingStays", "sameDayDuplicates", "staysTotalFen"};
    for (unsigned i = 0; i < SUMS_COUNT; i++)
        sums[i] += cli_integer(row, keys[i]);
}

static void print_sums(const int64_t sums[SUMS_COUNT], bool english)
{
    fen_t mean = sums[SUM_STAYS] <= 0 ? 0 : (fen_t)money_round_half_up(sums[SUM_TOTAL], sums[SUM_STAYS]);
    const char *const texts[SHEET_COLUMNS] = {english ? "Sum" : "合计",
                                              "",
                                              "",
                                              sheet_count(sums[0]),
                                              sheet_count(sums[1]),
                                              sheet_count(sums[2]),
                                              sheet_count(sums[SUM_STAYS]),
                                              sheet_yuan(mean),
                                              "",
                                              sheet_count(sums[SUM_FINDINGS]),
                                              sheet_count(sums[SUM_OVERLAPS]),
                                              sheet_count(sums[SUM_DUPLICATES]),
                                              ""};
    sheet_rule('-', SHEET_WIDTH);
    print_columns(texts);
}

static void print_section(const json_t *rows, const char *heading, bool flagged, bool english)
{
    int64_t sums[SUMS_COUNT] = {0};
    (void)printf("\n%s\n", heading);
    print_head(english);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (flagged && !is_flagged(row))
            continue;
        print_institution(row, english);
        sums_add(sums, row);
    }
    print_sums(sums, english);
}

static void print_report(const json_t *rows, uint32_t month, const struct supervision_options *options)
{
    bool english = options->english;
    size_t count = json_array_size(rows), flagged = 0;
    for (size_t i = 0; i < count; i++)
        flagged += is_flagged(json_array_get(rows, i));
    sheet_rule('=', SHEET_WIDTH);
    (void)printf(english ? "Supervision of designated institutions %u-%02u    Beijing, Tianjin, Hebei: for the joint "
                           "supervision group\n"
                         : "京津冀定点医药机构联合监管月报    %u年%u月\n",
                 month / 100, month % 100);
    (void)printf(english ? "Institutions with bills: %zu, of which with a flag: %zu\n"
                         : "有票据的机构 %zu 家,其中有标记 %zu 家\n",
                 count, flagged);
    sheet_rule('=', SHEET_WIDTH);
    print_section(rows, english ? "1. Institutions with a flag (amounts in yuan)" : "一、有标记的机构(金额:元)", true,
                  english);
    if (!options->flagged)
        print_section(rows, english ? "2. All institutions (amounts in yuan)" : "二、全部机构(金额:元)", false,
                      english);
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

/* Line by line: as JSON, or with a separator. */
static void put_rows(const struct cli *cli, const json_t *rows, const struct supervision_options *options,
                     void (*put)(const json_t *row, char separator, bool english, struct buffer *out))
{
    struct buffer line;
    buffer_init(&line);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        if (options->flagged && !is_flagged(row))
            continue;
        if (cli->json) {
            cli_print_json(json_incref(row));
            continue;
        }
        buffer_reset(&line);
        put(row, options->csv ? ',' : '\t', options->english, &line);
        (void)fputs(buffer_text(&line), stdout);
    }
    buffer_fini(&line);
}

static void print_headings(const char *const headings[][2], size_t count, const struct supervision_options *options)
{
    for (size_t i = 0; i < count; i++)
        (void)printf("%s%s", i == 0 ? "" : options->csv ? "," : "\t", headings[i][options->english]);
    (void)printf("\n");
}

int supervision_show(struct cli *cli, uint32_t month, const struct supervision_options *options)
{
    struct books_query question = {.kind = ASK_SUPERVISION, .body.supervision = {.month = month}};
    json_t *rows = collect(cli, &question, "figures");
    if (rows == NULL)
        return books_failure(cli);
    if (!cli->json && options->print)
        print_report(rows, month, options);
    else {
        if (!cli->json)
            print_headings(figure_headings, FIGURE_COLUMNS, options);
        put_rows(cli, rows, options, put_figures);
    }
    json_decref(rows);
    return CLI_OK;
}

int institutions_show(struct cli *cli, const struct supervision_options *options)
{
    struct books_query question = {.kind = ASK_INSTITUTIONS,
                                   .body.institutions = {.not_active_only = options->not_active}};
    json_t *rows = collect(cli, &question, "institutions");
    if (rows == NULL)
        return books_failure(cli);
    if (!cli->json)
        print_headings(institution_headings, INSTITUTION_COLUMNS, options);
    put_rows(cli, rows, options, put_institution);
    json_decref(rows);
    return CLI_OK;
}
