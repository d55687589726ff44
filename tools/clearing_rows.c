/* SPDX-License-Identifier: Apache-2.0
 * Rows of tables, page by page. A month may have millions. */
#include "tools/clearing_rows.h"

#include <stdio.h>

#include "common/base/limits.h"
#include "tools/books_ask.h"
#include "tools/csv.h"

enum { PAGE_MEMORY_SIZE = 8 << 20 }; /* for what a frame of rows decodes to */

/* Digits from the right; not printf, which takes most of the time of a million rows. */
static void put_number(struct buffer *out, uint64_t number, unsigned digits_least)
{
    char text[20];
    unsigned size = 0;
    for (; number > 0 || size < digits_least; number /= 10)
        text[sizeof text - ++size] = (char)('0' + number % 10);
    buffer_append(out, text + sizeof text - size, size);
}

static void put_yuan(struct buffer *out, fen_t fen)
{
    bool negative = fen < 0;
    uint64_t amount = negative ? 0 - (uint64_t)fen : (uint64_t)fen;
    buffer_append(out, "-", negative);
    put_number(out, amount / 100, 1);
    buffer_append(out, ".", 1);
    put_number(out, amount % 100, 2);
}

static void put_text(struct buffer *out, const char *text)
{
    buffer_append_text(out, text);
    buffer_append(out, ",", 1);
}

static void put_row(const struct clearing_row *row, struct buffer *out)
{
    put_number(out, row->number, 1);
    buffer_append(out, ",", 1);
    put_number(out, row->day, 1);
    buffer_append(out, ",", 1);
    buffer_append_text(out, row->institution);
    csv_put(out, ',', false, row->bill_id);
    buffer_append(out, ",", 1);
    put_number(out, row->original, 1);
    buffer_append(out, ",", 1);
    put_text(out, row->insured_area);
    put_text(out, row->insurance_type);
    put_text(out, row->clearing_type);
    put_yuan(out, row->total);
    buffer_append(out, ",", 1);
    put_yuan(out, row->fund);
    buffer_append(out, ",", 1);
    put_yuan(out, row->account);
    buffer_append(out, ",", 1);
    put_text(out, row->adjustment ? "adjustment" : row->original != 0 ? "reversal" : "settlement");
    put_text(out, row->open_reason_name);
    put_number(out, row->difference, 1);
    buffer_append(out, "\n", 1);
}

struct rows {
    struct buffer text;
    bool headed;
};

/* A page of CSV by way of `text`; its columns once, when there is an answer. */
static void print_page(void *self, struct span answer)
{
    static uint8_t memory[PAGE_MEMORY_SIZE];
    struct rows *rows = self;
    struct buffer *text = &rows->text;
    struct books_reply page;
    struct arena arena;
    arena_init(&arena, memory, sizeof memory);
    buffer_reset(text);
    if (!rows->headed)
        buffer_append_text(text, "number,day,institution,bill_id,original,insured_area,insurance_type,clearing_type,"
                                 "total,fund,account,kind,open_reason,difference\n");
    rows->headed = true;
    if (books_answer_decode(answer, &arena, &page) != OK)
        page.row_count = 0;
    for (uint32_t i = 0; i < page.row_count; i++)
        put_row(&page.rows[i], text);
    (void)fwrite(text->data, 1, text->size, stdout);
}

/* NULL: not asked for. */
static struct span region_asked(const char *region)
{
    return region != NULL ? span_text(region) : span_of(NULL, 0);
}

static void print_json(void *self, json_t *row)
{
    (void)self;
    cli_print_json(json_incref(row));
}

int clearing_rows(struct cli *cli, uint32_t month, const char *insured, const char *care, bool open)
{
    struct books_query question = {.kind = ASK_ROWS,
                                   .body.rows = {month, region_asked(insured), region_asked(care), {NULL, 0}, 0, open}};
    struct rows rows = {0};
    bool answered = cli->json ? books_pages(cli, &question, "rows", print_json, NULL)
                              : books_each_page(cli, &question, print_page, &rows);
    buffer_fini(&rows.text);
    return answered ? CLI_OK : books_failure(cli);
}
