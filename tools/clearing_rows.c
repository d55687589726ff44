/* SPDX-License-Identifier: Apache-2.0
 * Rows of tables, page by page. CSV is made from the answer's bytes: a month may have millions of rows. */
#include "tools/clearing_rows.h"

#include <stdio.h>

#include "common/base/limits.h"
#include "tools/books_ask.h"
#include "tools/csv.h"

enum { AFTER = 4 /* of ClearingRowsQuery */, ROWS = 5, ROW_FIELDS_MAX = 17 };
enum { NUMBER = 1, DAY, INSTITUTION, BILL_ID, ORIGINAL, AREA, TYPE, CLEARING, TOTAL, FUND, ACCOUNT };
enum { KIND = 0 /* made of others */, REASON_NAME = 13, DIFFERENCE = 14, ADJUSTMENT = 16 };

/* Digits from the right; not printf, which takes most of the time of a million rows. */
static void put_number(struct buffer *out, uint64_t number, unsigned digits_least)
{
    char text[20];
    unsigned size = 0;
    for (; number > 0 || size < digits_least; number /= 10)
        text[sizeof text - ++size] = (char)('0' + number % 10);
    buffer_append(out, text + sizeof text - size, size);
}

static void put_yuan(struct buffer *out, uint64_t fen)
{
    bool negative = (int64_t)fen < 0;
    uint64_t amount = negative ? 0 - fen : fen;
    buffer_append(out, "-", negative);
    put_number(out, amount / 100, 1);
    buffer_append(out, ".", 1);
    put_number(out, amount % 100, 2);
}

static const char *kind_of(const struct wire_field fields[ROW_FIELDS_MAX])
{
    if (fields[ADJUSTMENT].value != 0)
        return "adjustment";
    return fields[ORIGINAL].value != 0 ? "reversal" : "settlement";
}

static void put_row(struct span row, struct buffer *out)
{
    static const unsigned order[] = {NUMBER,   DAY,   INSTITUTION, BILL_ID, ORIGINAL, AREA,        TYPE,
                                     CLEARING, TOTAL, FUND,        ACCOUNT, KIND,     REASON_NAME, DIFFERENCE};
    struct wire_field fields[ROW_FIELDS_MAX] = {{0}}, field;
    char bill_id[BILL_ID_SIZE_MAX + 1] = "";
    for (struct wire_reader reader = wire_read(row); !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number < ROW_FIELDS_MAX)
            fields[field.number] = field;
    for (unsigned i = 0; i < sizeof order / sizeof order[0]; i++) {
        const struct wire_field *column = &fields[order[i]];
        if (i > 0 && order[i] != BILL_ID)
            buffer_append(out, ",", 1);
        if (order[i] == KIND)
            buffer_append_text(out, kind_of(fields));
        else if (order[i] == BILL_ID) {
            if (column->bytes.size > 0 && column->bytes.size < sizeof bill_id)
                memcpy(bill_id, column->bytes.data, column->bytes.size);
            csv_put(out, ',', false, bill_id);
        } else if (order[i] == TOTAL || order[i] == FUND || order[i] == ACCOUNT)
            put_yuan(out, column->value);
        else if (order[i] == NUMBER || order[i] == DAY || order[i] == ORIGINAL || order[i] == DIFFERENCE)
            put_number(out, column->value, 1);
        else
            buffer_append(out, column->bytes.data, column->bytes.size);
    }
    buffer_append(out, "\n", 1);
}

/* A page of CSV by way of `text`. */
static void print_page(void *self, struct span answer)
{
    struct buffer *text = self;
    struct wire_field field;
    buffer_reset(text);
    for (struct wire_reader reader = wire_read(answer); !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number == ROWS)
            put_row(field.bytes, text);
    (void)fwrite(text->data, 1, text->size, stdout);
}

static void print_json(void *self, json_t *row)
{
    (void)self;
    cli_print_json(json_incref(row));
}

int clearing_rows(struct cli *cli, uint32_t month, const char *insured, const char *care, bool open)
{
    struct buffer body, text;
    buffer_init(&body);
    buffer_init(&text);
    wire_put_uint(&body, 1, month);
    wire_put_text(&body, 2, insured == NULL ? "" : insured);
    wire_put_text(&body, 3, care == NULL ? "" : care);
    wire_put_uint(&body, 6, open);
    if (!cli->json)
        (void)printf("number,day,institution,bill_id,original,insured_area,insurance_type,clearing_type,total,fund,"
                     "account,kind,open_reason,difference\n");
    bool answered = cli->json ? books_pages(cli, ASK_ROWS, buffer_span(&body), AFTER, "rows", print_json, NULL)
                              : books_each_page(cli, ASK_ROWS, buffer_span(&body), AFTER, print_page, &text);
    buffer_fini(&body);
    buffer_fini(&text);
    return answered ? CLI_OK : books_failure(cli);
}
