/* SPDX-License-Identifier: Apache-2.0
 * Views. */
#include "tools/view.h"

#include <stdio.h>
#include <string.h>

#include "tools/books_ask.h"
#include "tools/csv.h"
#include "tools/wrap.h"

/* ---- words ---- */

struct word {
    const char *code, *zh, *en;
};
static const struct word words[] = {
    {"110000", "北京", "Beijing"},
    {"120000", "天津", "Tianjin"},
    {"130000", "河北", "Hebei"},
    {"STATEMENT_SIDE_CARE", "就医地", "care"},
    {"STATEMENT_SIDE_INSURED", "参保地", "insured"},
    {"INVESTIGATION_STAGE_REQUESTED", "已发起", "requested"},
    {"INVESTIGATION_STAGE_OVERDUE", "逾期未答复", "overdue"},
    {"INVESTIGATION_STAGE_ANSWERED", "已答复", "answered"},
    {"INVESTIGATION_STAGE_FOUND", "已认定", "found"},
    {"INVESTIGATION_VERDICT_CONFIRMED", "属实", "bill stands"},
    {"INVESTIGATION_VERDICT_WRONG_PART", "部分不实", "wrong in part"},
    {"INVESTIGATION_VERDICT_WRONG_WHOLE", "全部不实", "wrong"},
    {"CLEARING_STATE_OPEN", "未出表", "open"},
    {"CLEARING_STATE_GENERATED", "待确认", "generated"},
    {"CLEARING_STATE_ISSUED", "已签发", "issued"},
    {"CLEARING_TASK_STATE", "报送对账单", "state its bills"},
    {"CLEARING_TASK_AGREE", "核对不符", "agree on what differs"},
    {"CLEARING_TASK_REPLY", "确认或提出异议", "confirm or dispute"},
    {"CLEARING_TASK_PAY", "付款", "pay"},
    {"CLEARING_TASK_RECEIVE", "确认收款", "confirm the receipt"},
    {"CLEARING_TASK_TOP_UP", "追加预付金", "top up the advance"},
    {"CLEARING_ACTION_CONFIRM", "确认", "confirmed"},
    {"CLEARING_ACTION_DISPUTE", "异议", "disputed"},
    {"ADVANCE_COLOUR_GREEN", "正常", "green"},
    {"ADVANCE_COLOUR_YELLOW", "黄色预警", "yellow"},
    {"ADVANCE_COLOUR_RED", "红色预警", "red"},
    {"PAYMENT_STATE_NOTIFIED", "待付款", "notified"},
    {"PAYMENT_STATE_PAID", "已付待确认", "paid"},
    {"PAYMENT_STATE_CONFIRMED", "已确认", "confirmed"},
    {"INSTITUTION_STATUS_ACTIVE", "正常", "active"},
    {"INSTITUTION_STATUS_SUSPENDED", "中止", "suspended"},
    {"INSTITUTION_STATUS_TERMINATED", "解除", "terminated"},
};

static const char *word_of(const char *code, bool english)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].code, code) == 0)
            return english ? words[i].en : words[i].zh;
    return code;
}

const char *view_region_name(const char *code, bool english)
{
    return word_of(code, english);
}

const char *view_institution_status(const char *code, bool english)
{
    return code[0] != 0 ? word_of(code, english) : english ? "not registered" : "未登记";
}

/* ---- cells ---- */

void view_put_day(int64_t day, struct buffer *text)
{
    if (day != 0)
        buffer_printf(text, "%04lld-%02lld-%02lld", (long long)day / 10000, (long long)day / 100 % 100,
                      (long long)day % 100);
}

void view_text(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    (void)view;
    buffer_append_text(text, cli_text(row, key));
}

void view_count(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    (void)view;
    buffer_printf(text, "%lld", (long long)cli_integer(row, key));
}

/* For people "-1,234,567.89". */
void view_yuan(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    const char *plain = books_yuan(cli_integer(row, key));
    size_t whole = strcspn(plain, "."), from = plain[0] == '-';
    for (size_t i = 0; plain[i] != 0; i++) {
        buffer_append(text, &plain[i], 1);
        if (view->form == VIEW_ALIGNED && i >= from && i + 1 < whole && (whole - i - 1) % 3 == 0)
            buffer_append_text(text, ",");
    }
}

void view_day(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    (void)view;
    view_put_day(cli_integer(row, key), text);
}

void view_word(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    buffer_append_text(text, word_of(cli_text(row, key), view->english));
}

void view_provisional(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    if (json_is_true(json_object_get(row, key)))
        buffer_append_text(text, view->english ? "provisional" : "暂定");
}

void view_late(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    if (json_is_true(json_object_get(row, key)))
        buffer_append_text(text, view->english ? "late" : "逾期");
}

void view_region(const struct view *view, const json_t *row, const char *key, struct buffer *text)
{
    view_word(view, row, key, text);
}

/* ---- lines ---- */

enum view_form view_form_of(struct cli *cli, enum view_form otherwise)
{
    bool csv = cli_flag(cli, "--csv");
    return cli->json ? VIEW_JSON : csv ? VIEW_CSV : otherwise;
}

static void put_cell(const struct view *view, const struct view_column *column, const char *text, struct buffer *line)
{
    bool first = column == view->columns, left = column->width < 0;
    if (view->form != VIEW_ALIGNED) {
        csv_put(line, ',', first, text);
        return;
    }
    int pad = (left ? -column->width : column->width) - wrap_columns(text);
    pad = pad < 0 ? 0 : pad;
    buffer_printf(line, "%s%*s%s%*s", first ? "" : "  ", left ? 0 : pad, "", text, left ? pad : 0, "");
}

static void print_line(struct buffer *line)
{
    (void)printf("%s\n", buffer_text(line));
    buffer_fini(line);
}

void view_headings(const struct view *view)
{
    struct buffer line = {0};
    if (view->form == VIEW_JSON)
        return;
    for (const struct view_column *each = view->columns; each->key != NULL; each++)
        put_cell(view, each, view->english ? each->en : each->zh, &line);
    print_line(&line);
}

void view_sum(struct view *view, const char *key, int64_t amount)
{
    view->sums = view->sums == NULL ? json_object() : view->sums;
    (void)json_object_set_new(view->sums, key, json_integer(cli_integer(view->sums, key) + amount));
}

void view_row(struct view *view, const json_t *row)
{
    struct buffer line = {0}, text = {0};
    if (view->form == VIEW_JSON) {
        cli_print_json(json_incref((json_t *)(uintptr_t)row));
        return;
    }
    for (const struct view_column *each = view->columns; each->key != NULL; each++) {
        buffer_reset(&text);
        each->cell(view, row, each->key, &text);
        put_cell(view, each, buffer_text(&text), &line);
        if (each->summed)
            view_sum(view, each->key, cli_integer(row, each->key));
    }
    print_line(&line);
    buffer_fini(&text);
}

void view_rows(struct view *view, const json_t *rows)
{
    view_headings(view);
    for (size_t i = 0; i < json_array_size(rows); i++)
        view_row(view, json_array_get(rows, i));
}

void view_sums(struct view *view, int rule_width)
{
    struct buffer line = {0}, text = {0};
    view_rule('-', rule_width);
    for (const struct view_column *each = view->columns; each->key != NULL; each++) {
        buffer_reset(&text);
        if (each == view->columns)
            buffer_append_text(&text, view->english ? "Sum" : "合计");
        else if (each->summed || json_object_get(view->sums, each->key) != NULL)
            each->cell(view, view->sums, each->key, &text);
        put_cell(view, each, buffer_text(&text), &line);
    }
    print_line(&line);
    buffer_fini(&text);
    json_decref(view->sums);
    view->sums = NULL;
}

void view_rule(char character, int width)
{
    for (int i = 0; i < width; i++)
        (void)putchar(character);
    (void)putchar('\n');
}
