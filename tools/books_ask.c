/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books. */
#include "tools/books_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/money.h"

enum { ANSWER_WAIT_MS = 60 * 1000, NEXT = 15 };

bool books_ask(struct cli *cli, enum books_question question, struct span body, struct buffer *answer)
{
    struct buffer query;
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (cli->client == NULL)
        cli->client = cli_connect(cli);
    if (cli->client == NULL)
        return false;
    buffer_init(&query);
    buffer_reset(answer);
    wire_put_record(&query, (uint32_t)question, body);
    enum ht_result result = ht_books(cli->client, query.data, query.size, ANSWER_WAIT_MS, &bytes, &size);
    cli->books_refused = result == HT_REFUSED;
    if (result == HT_OK)
        buffer_append(answer, bytes, size);
    else if (result == HT_REFUSED)
        complain("%s", ht_last_refusal(cli->client));
    else
        complain("the books do not answer");
    free(bytes);
    buffer_fini(&query);
    return result == HT_OK;
}

int books_failure(const struct cli *cli)
{
    return cli->books_refused ? CLI_DIFFERENT : CLI_UNREACHABLE;
}

struct span books_next(const struct buffer *answer)
{
    struct wire_field field;
    for (struct wire_reader reader = wire_read(buffer_span(answer));
         !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number == NEXT)
            return field.bytes;
    return span_of(NULL, 0);
}

/* The question with `after` in its place among the fields, which ascend. */
static void put_with_after(struct span body, uint32_t after_number, struct span after, struct buffer *out)
{
    struct wire_field field;
    bool put = false;
    for (struct wire_reader reader = wire_read(body); !wire_at_end(&reader) && wire_next(&reader, &field) == OK;) {
        if (field.number > after_number && !put) {
            wire_put_bytes(out, after_number, after);
            put = true;
        }
        if (field.type == WIRE_BYTES)
            wire_put_record(out, field.number, field.bytes);
        else
            wire_put_varint(out, field.number, field.value);
    }
    if (!put)
        wire_put_bytes(out, after_number, after);
}

bool books_each_page(struct cli *cli, enum books_question question, struct span body, uint32_t after_number,
                     books_page_fn *each, void *self)
{
    struct buffer page, answer, after;
    bool answered = true;
    buffer_init(&page);
    buffer_init(&answer);
    buffer_init(&after);
    do {
        buffer_reset(&page);
        put_with_after(body, after_number, buffer_span(&after), &page);
        answered = books_ask(cli, question, buffer_span(&page), &answer);
        if (answered)
            each(self, buffer_span(&answer));
        struct span next = answered ? books_next(&answer) : span_of(NULL, 0);
        buffer_reset(&after);
        buffer_append(&after, next.data, next.size);
    } while (after.size > 0);
    buffer_fini(&page);
    buffer_fini(&answer);
    buffer_fini(&after);
    return answered;
}

struct row_by_row {
    const char *list;
    books_row_fn *each;
    void *self;
};

static void each_row(void *self, struct span answer)
{
    const struct row_by_row *rows = self;
    size_t index;
    json_t *row, *value = cli_message(WIRE_BOOKS_ANSWER, answer);
    json_array_foreach(json_object_get(value, rows->list), index, row) rows->each(rows->self, row);
    json_decref(value);
}

bool books_pages(struct cli *cli, enum books_question question, struct span body, uint32_t after_number,
                 const char *list, books_row_fn *each, void *self)
{
    struct row_by_row rows = {list, each, self};
    return books_each_page(cli, question, body, after_number, each_row, &rows);
}

uint32_t books_month(const char *text)
{
    unsigned year = 0, month = 0;
    int end = 0;
    bool read =
        sscanf(text, "%4u-%2u%n", &year, &month, &end) == 2 || sscanf(text, "%4u%2u%n", &year, &month, &end) == 2;
    if (read && text[end] == 0 && year >= 2000 && year < 2050 && month >= 1 && month <= 12)
        return year * 100 + month;
    complain("%s: a month, please, as 2025-03", text);
    return 0;
}

const char *books_yuan(int64_t fen)
{
    static char texts[4][32];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    money_describe(fen, text);
    return text;
}
