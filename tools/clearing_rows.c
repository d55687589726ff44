/* SPDX-License-Identifier: Apache-2.0
 * Rows of tables, page by page. CSV is made from the answer's bytes: a month may have millions of rows. */
#include "tools/clearing_rows.h"

#include <stdio.h>

#include "common/base/limits.h"
#include "common/base/money.h"
#include "tools/books_ask.h"
#include "tools/csv.h"

enum { ROWS = 5, ROW_FIELDS_MAX = 17 };
enum { NUMBER = 1, DAY, INSTITUTION, BILL_ID, ORIGINAL, AREA, TYPE, CLEARING, TOTAL, FUND, ACCOUNT };
enum { REASON_NAME = 13, DIFFERENCE = 14, ADJUSTMENT = 16 };

static void put_yuan(struct buffer *out, uint64_t fen)
{
    char text[32];
    money_describe((fen_t)fen, text);
    buffer_printf(out, "%s,", text);
}

static void put_row(struct span row, struct buffer *out)
{
    struct wire_field fields[ROW_FIELDS_MAX] = {{0}}, field;
    for (struct wire_reader reader = wire_read(row); !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number < ROW_FIELDS_MAX)
            fields[field.number] = field;
    char bill_id[BILL_ID_SIZE_MAX + 1] = "";
    static const unsigned texts[] = {AREA, TYPE, CLEARING};
    buffer_printf(out, "%llu,%llu,", (unsigned long long)fields[NUMBER].value, (unsigned long long)fields[DAY].value);
    buffer_append(out, fields[INSTITUTION].bytes.data, fields[INSTITUTION].bytes.size);
    if (fields[BILL_ID].bytes.size > 0 && fields[BILL_ID].bytes.size < sizeof bill_id)
        memcpy(bill_id, fields[BILL_ID].bytes.data, fields[BILL_ID].bytes.size);
    csv_put(out, ',', false, bill_id);
    buffer_printf(out, ",%llu,", (unsigned long long)fields[ORIGINAL].value);
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        buffer_append(out, fields[texts[i]].bytes.data, fields[texts[i]].bytes.size);
        buffer_append_text(out, ",");
    }
    put_yuan(out, fields[TOTAL].value);
    put_yuan(out, fields[FUND].value);
    put_yuan(out, fields[ACCOUNT].value);
    buffer_append_text(out, fields[ADJUSTMENT].value != 0 ? "adjustment,"
                            : fields[ORIGINAL].value != 0 ? "reversal,"
                                                          : "settlement,");
    buffer_append(out, fields[REASON_NAME].bytes.data, fields[REASON_NAME].bytes.size);
    buffer_printf(out, ",%llu\n", (unsigned long long)fields[DIFFERENCE].value);
}

static void print_page(struct cli *cli, const struct buffer *answer, struct buffer *text)
{
    struct wire_field field;
    size_t index;
    json_t *row;
    if (cli->json) {
        json_t *value = cli_message(WIRE_BOOKS_ANSWER, buffer_span(answer));
        json_array_foreach(json_object_get(value, "rows"), index, row) cli_print_json(json_incref(row));
        json_decref(value);
        return;
    }
    buffer_reset(text);
    for (struct wire_reader reader = wire_read(buffer_span(answer));
         !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number == ROWS)
            put_row(field.bytes, text);
    (void)fwrite(text->data, 1, text->size, stdout);
}

static void put_question(uint32_t month, const char *insured, const char *care, struct span after, bool open,
                         struct buffer *body)
{
    buffer_reset(body);
    wire_put_uint(body, 1, month);
    wire_put_text(body, 2, insured == NULL ? "" : insured);
    wire_put_text(body, 3, care == NULL ? "" : care);
    wire_put_bytes(body, 4, after);
    wire_put_uint(body, 6, open);
}

int clearing_rows(struct cli *cli, uint32_t month, const char *insured, const char *care, bool open)
{
    struct buffer body, answer, after, text;
    bool answered;
    buffer_init(&body);
    buffer_init(&answer);
    buffer_init(&after);
    buffer_init(&text);
    if (!cli->json)
        (void)printf("number,day,institution,bill_id,original,insured_area,insurance_type,clearing_type,total,fund,"
                     "account,kind,open_reason,difference\n");
    do {
        put_question(month, insured, care, buffer_span(&after), open, &body);
        answered = books_ask(cli, ASK_ROWS, buffer_span(&body), &answer);
        if (answered)
            print_page(cli, &answer, &text);
        struct span next = answered ? books_next(&answer) : span_of(NULL, 0);
        buffer_reset(&after);
        buffer_append(&after, next.data, next.size);
    } while (after.size > 0);
    buffer_fini(&body);
    buffer_fini(&answer);
    buffer_fini(&after);
    buffer_fini(&text);
    return answered ? CLI_OK : books_failure(cli);
}
