/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books. */
#include "tools/books_ask.h"

#include <stdio.h>

#include "common/base/money.h"

enum { ANSWER_WAIT_MS = 60 * 1000 };

bool books_ask(struct cli *cli, enum books_question question, struct span body, struct buffer *answer)
{
    struct buffer request, reply;
    struct wire_field field;
    bool answered = false;
    if (!cli_configure(cli))
        return false;
    buffer_init(&request);
    buffer_init(&reply);
    buffer_reset(answer);
    wire_put_uint(&request, 1, 1);
    size_t mark = wire_begin(&request, 6);
    wire_put_record(&request, (uint32_t)question, body);
    wire_end(&request, mark);
    if (cli_control(cli, "books", 0, buffer_span(&request), ANSWER_WAIT_MS, &reply))
        for (struct wire_reader reader = wire_read(buffer_span(&reply));
             !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
            if (field.number == 6) {
                buffer_append(answer, field.bytes.data, field.bytes.size);
                answered = true;
            }
    if (!answered)
        complain("the books do not answer");
    buffer_fini(&request);
    buffer_fini(&reply);
    return answered;
}

struct span books_next(const struct buffer *answer)
{
    struct wire_field field;
    for (struct wire_reader reader = wire_read(buffer_span(answer));
         !wire_at_end(&reader) && wire_next(&reader, &field) == OK;)
        if (field.number == 15)
            return field.bytes;
    return span_of(NULL, 0);
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
