/* SPDX-License-Identifier: Apache-2.0
 * Questions to the books. */
#include "tools/books_ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/money.h"

enum { ANSWER_WAIT_MS = 60 * 1000 };

bool books_ask(struct cli *cli, const struct books_query *question, struct buffer *answer)
{
    struct buffer query = {0};
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (cli->client == NULL)
        cli->client = cli_connect(cli);
    if (cli->client == NULL)
        return false;
    buffer_reset(answer);
    books_query_encode(question, &query);
    enum ht_result result = ht_books(cli->client, query.data, query.size, ANSWER_WAIT_MS, &bytes, &size);
    cli->books_refused = result == HT_REFUSED;
    if (result == HT_OK)
        buffer_append(answer, bytes, size);
    else if (result == HT_REFUSED)
        complain("%s", ht_last_refusal(cli->client));
    else
        complain(said("books 没有应答", "the books do not answer"));
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
    struct books_next_peek peek;
    return books_next_peek_read(buffer_span(answer), &peek) == OK ? peek.next : span_of(NULL, 0);
}

/* Where the page begins, in the question's own field for it. */
static void set_after(struct books_query *question, struct buffer *after)
{
    switch (question->kind) {
    case ASK_BALANCES:
        question->body.balances.after = buffer_span(after);
        break;
    case ASK_ENTRIES:
        question->body.entries.after = buffer_span(after);
        break;
    case ASK_ROWS:
        question->body.rows.after = buffer_span(after);
        break;
    case ASK_RECONCILIATION:
        question->body.reconciliation.after = buffer_span(after);
        break;
    case ASK_INVESTIGATIONS:
        question->body.investigations.after = buffer_span(after);
        break;
    case ASK_SUPERVISION:
        question->body.supervision.after = buffer_span(after);
        break;
    case ASK_INSTITUTIONS:
        question->body.institutions.after = buffer_span(after);
        break;
    case ASK_REPLIES:
        question->body.replies.after = buffer_span(after);
        break;
    case ASK_FLAGGED:
        question->body.flagged.after = buffer_span(after);
        break;
    default: /* one page */
        break;
    }
}

/* How long a page may be, in the question's own field for it; 0: as long as the books like. */
static void set_limit(struct books_query *question, uint32_t limit)
{
    switch (question->kind) {
    case ASK_ROWS:
        question->body.rows.count_max = limit;
        break;
    case ASK_RECONCILIATION:
        question->body.reconciliation.count_max = limit;
        break;
    case ASK_INVESTIGATIONS:
        question->body.investigations.count_max = limit;
        break;
    case ASK_SUPERVISION:
        question->body.supervision.count_max = limit;
        break;
    case ASK_INSTITUTIONS:
        question->body.institutions.count_max = limit;
        break;
    case ASK_REPLIES:
        question->body.replies.count_max = limit;
        break;
    case ASK_FLAGGED:
        question->body.flagged.count_max = limit;
        break;
    default:
        break;
    }
}

bool books_each_page(struct cli *cli, const struct books_query *question, books_page_fn *each, void *self)
{
    struct books_query page = *question;
    struct buffer answer = {0}, after = {0};
    bool answered = true;
    set_limit(&page, cli->limit);
    buffer_append(&after, cli->from.data, cli->from.size);
    do {
        set_after(&page, &after);
        answered = books_ask(cli, &page, &answer);
        if (answered)
            each(self, buffer_span(&answer));
        struct span next = answered ? books_next(&answer) : span_of(NULL, 0);
        buffer_reset(&after);
        buffer_append(&after, next.data, next.size);
    } while (after.size > 0 && cli->limit == 0);
    if (answered)
        cli_page_next(cli, buffer_span(&after));
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

bool books_pages(struct cli *cli, const struct books_query *question, const char *list, books_row_fn *each, void *self)
{
    struct row_by_row rows = {list, each, self};
    return books_each_page(cli, question, each_row, &rows);
}

uint32_t books_month(const char *text)
{
    unsigned year = 0, month = 0;
    int end = 0;
    bool read =
        sscanf(text, "%4u-%2u%n", &year, &month, &end) == 2 || sscanf(text, "%4u%2u%n", &year, &month, &end) == 2;
    if (read && text[end] == 0 && year >= 2000 && year < 2050 && month >= 1 && month <= 12)
        return year * 100 + month;
    complain(said("%s：请写月份，如 2025-03", "%s: a month, please, as 2025-03"), text);
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
