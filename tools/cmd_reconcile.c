/* SPDX-License-Identifier: Apache-2.0
 * hutong reconcile: a file of what we have against the exchange's books, by the sum tree; or the file as statements. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/net/loop.h"
#include "common/pb/event.h"
#include "services/books/tree/tree_wire.h"
#include "tools/books_ask.h"

enum { LINE_SIZE_MAX = 512, COLUMNS = 11, FACTS_SIZE = 11 };
enum { NUMBER, DAY, INSTITUTION, BILL_ID, ORIGINAL, AREA, TYPE, CLEARING, TOTAL, FUND, ACCOUNT };

struct file_row {
    struct tree_row tree;
    char facts[FACTS_SIZE + 1];
    char bill_id[31], area[7], type[4], clearing[3];
    uint64_t original;
};

struct rows {
    struct file_row *items;
    size_t count, capacity, at;
};

/* "-123.45" to fen, digit by digit. */
static bool read_fen(const char *text, fen_t *amount)
{
    bool negative = *text == '-';
    int decimals = -1;
    fen_t value = 0;
    const char *at = text + negative;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && decimals < 0); at++) {
        if (*at == '.') {
            decimals = 0;
            continue;
        }
        if (decimals == 2 || value > FEN_MAX / 10)
            return false;
        value = value * 10 + (*at - '0');
        decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 2; i++)
        value *= 10;
    *amount = negative ? -value : value;
    return *at == 0 && at > text + negative;
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    *number = strtoull(text, &end, 10);
    return end != text && *end == 0;
}

static bool fit(char *to, size_t size, const char *text)
{
    size_t length = strlen(text);
    if (length >= size)
        return false;
    memcpy(to, text, length + 1);
    return true;
}

static bool read_row(char *line, struct file_row *row)
{
    char *columns[COLUMNS];
    uint64_t day;
    unsigned count = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (char *at = line; count < COLUMNS; at++) {
        columns[count++] = at;
        at += strcspn(at, ",");
        if (*at == 0)
            break;
        *at = 0;
    }
    memset(row, 0, sizeof *row);
    bool read =
        count == COLUMNS && read_number(columns[NUMBER], &row->tree.key.number) && read_number(columns[DAY], &day) &&
        day <= UINT32_MAX && civil_date_exists((civil_date_t)day) &&
        fit(row->tree.key.institution, sizeof row->tree.key.institution, columns[INSTITUTION]) &&
        fit(row->bill_id, sizeof row->bill_id, columns[BILL_ID]) && read_number(columns[ORIGINAL], &row->original) &&
        fit(row->area, sizeof row->area, columns[AREA]) && fit(row->type, sizeof row->type, columns[TYPE]) &&
        fit(row->clearing, sizeof row->clearing, columns[CLEARING]) && read_fen(columns[TOTAL], &row->tree.total) &&
        read_fen(columns[FUND], &row->tree.fund) && read_fen(columns[ACCOUNT], &row->tree.account);
    if (!read)
        return false;
    row->tree.key.day = (civil_date_t)day;
    memcpy(row->facts, row->area, 6);
    memcpy(row->facts + 6, row->type, 3);
    memcpy(row->facts + 9, row->clearing, 2);
    return true;
}

static int by_key(const void *a, const void *b)
{
    return tree_key_compare(&((const struct file_row *)a)->tree.key, &((const struct file_row *)b)->tree.key);
}

static bool read_file(const char *path, struct rows *rows)
{
    char line[LINE_SIZE_MAX];
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    unsigned number = 0;
    bool read = file != NULL;
    if (!read)
        complain("cannot read %s", path);
    while (read && fgets(line, sizeof line, file) != NULL) {
        if (number++ == 0 && strncmp(line, "number,", 7) == 0)
            continue;
        if (rows->count == rows->capacity) {
            rows->capacity = rows->capacity == 0 ? 1024 : rows->capacity * 2;
            rows->items = realloc(rows->items, rows->capacity * sizeof rows->items[0]);
            INVARIANT(rows->items != NULL);
        }
        read = read_row(line, &rows->items[rows->count++]);
        if (!read)
            complain("%s:%u: %s", path, number,
                     "number,day,institution,bill_id,original,insured_area,insurance_type,clearing_type,total,fund,"
                     "account; amounts in yuan");
    }
    if (file != NULL && file != stdin)
        (void)fclose(file);
    if (read && rows->count > 0)
        qsort(rows->items, rows->count, sizeof rows->items[0], by_key);
    return read;
}

/* ---- the tree ---- */

static void start(void *self, const struct tree_key *from)
{
    struct rows *rows = self;
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tree_key_compare(&rows->items[middle].tree.key, from) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    rows->at = low;
}

static bool next(void *self, struct tree_row *row)
{
    struct rows *rows = self;
    if (rows->at == rows->count)
        return false;
    *row = rows->items[rows->at].tree;
    row->facts = span_of(rows->items[rows->at].facts, FACTS_SIZE);
    rows->at++;
    return true;
}

struct found {
    struct cli *cli;
    uint64_t count;
    size_t bytes;
};

static void report(void *self, const struct tree_difference *difference)
{
    struct found *found = self;
    const char *what = !difference->ours ? "only theirs" : !difference->theirs ? "only ours" : "differs";
    found->count++;
    if (found->cli->json)
        cli_print_json(
            json_pack("{s:s,s:I,s:I,s:s,s:I,s:I,s:I,s:I}", "difference", what, "number",
                      (json_int_t)difference->key.number, "day", (json_int_t)difference->key.day, "institution",
                      difference->key.institution, "oursTotalFen", (json_int_t)difference->our_sum.total,
                      "theirsTotalFen", (json_int_t)difference->their_sum.total, "oursFundFen",
                      (json_int_t)difference->our_sum.fund, "theirsFundFen", (json_int_t)difference->their_sum.fund));
    else
        (void)printf("%-12s %u %s %llu  total %s / %s  fund %s / %s\n", what, difference->key.day,
                     difference->key.institution, (unsigned long long)difference->key.number,
                     books_yuan(difference->our_sum.total), books_yuan(difference->their_sum.total),
                     books_yuan(difference->our_sum.fund), books_yuan(difference->their_sum.fund));
}

/* The tree within BooksAnswer. */
static bool read_answer(const struct buffer *answer, struct tree_exchange *exchange)
{
    struct wire_field field;
    exchange->range_count = 0;
    for (struct wire_reader reader = wire_read(buffer_span(answer)); !wire_at_end(&reader);) {
        if (wire_next(&reader, &field) != OK)
            return false;
        if (field.number == 6)
            return tree_exchange_decode(field.bytes, exchange) == OK;
    }
    return true;
}

static int compare(struct cli *cli, struct rows *rows, uint64_t side, const char *region)
{
    static struct tree_search search;
    static struct tree_exchange question, theirs;
    struct tree_source source = {rows, start, next};
    struct found found = {cli, 0, 0};
    struct buffer body, answer;
    int code = CLI_OK;
    buffer_init(&body);
    buffer_init(&answer);
    tree_search_start(&search);
    while (code == CLI_OK && tree_search_ask(&search, &source, &question)) {
        buffer_reset(&body);
        tree_exchange_encode(&question, &body);
        wire_put_uint(&body, 2, side);
        wire_put_text(&body, 3, region);
        if (!books_ask(cli, ASK_TREE, buffer_span(&body), &answer) || !read_answer(&answer, &theirs))
            code = CLI_UNREACHABLE;
        found.bytes += body.size + answer.size;
        if (code == CLI_OK)
            tree_search_take(&search, &source, &theirs, report, &found);
    }
    if (code == CLI_OK && !cli->json)
        (void)fprintf(stderr, "%zu rows, %llu differences, %zu bytes exchanged%s\n", rows->count,
                      (unsigned long long)found.count, found.bytes,
                      search.left_out ? "; mend these, then look again" : "");
    buffer_fini(&body);
    buffer_fini(&answer);
    return code == CLI_OK && found.count > 0 ? CLI_DIFFERENT : code;
}

/* ---- as statements ---- */

static void print_statement(const struct file_row *rows, uint32_t count, uint32_t side, const char *region)
{
    static struct statement_row out[STATEMENT_ROWS_MAX];
    struct buffer envelope, text;
    char id[37];
    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct statement_row){
            rows[i].tree.key.number, rows[i].bill_id,    rows[i].original,  rows[i].area,        rows[i].type,
            rows[i].clearing,        rows[i].tree.total, rows[i].tree.fund, rows[i].tree.account};
    ht_uuid7(id);
    struct event event = {.version = 1,
                          .sender = region,
                          .message_id = id,
                          .sent_at = loop_wall_ms(),
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_STATEMENT,
                          .body.books.statement = {.day = rows[0].tree.key.day,
                                                   .institution = rows[0].tree.key.institution,
                                                   .side = side,
                                                   .detailed = true,
                                                   .rows = out,
                                                   .row_count = count}};
    buffer_init(&envelope);
    buffer_init(&text);
    event_encode(&event, &envelope);
    INVARIANT(message_to_json(WIRE_ENVELOPE, buffer_span(&envelope), true, &text) == OK);
    (void)printf("%s\n", buffer_text(&text));
    buffer_fini(&envelope);
    buffer_fini(&text);
}

/* One a day and institution; a day of more rows than a statement holds is for the tree. */
static int statements(const struct rows *rows, uint32_t side, const char *region)
{
    for (size_t first = 0, last; first < rows->count; first = last) {
        const struct tree_key *key = &rows->items[first].tree.key;
        for (last = first; last < rows->count && rows->items[last].tree.key.day == key->day &&
                           strcmp(rows->items[last].tree.key.institution, key->institution) == 0;)
            last++;
        if (last - first > STATEMENT_ROWS_MAX) {
            complain("%u %s has %zu rows: more than a statement holds", key->day, key->institution, last - first);
            return CLI_BAD_INPUT;
        }
        print_statement(&rows->items[first], (uint32_t)(last - first), side, region);
    }
    return CLI_OK;
}

static int run(struct cli *cli)
{
    const char *side = cli_option(cli, "--side"), *region = cli_option(cli, "--region");
    bool events = cli_flag(cli, "--events");
    struct rows rows = {0};
    if (!cli_arguments(cli, &command_reconcile, 1, 1))
        return CLI_USAGE;
    bool care = side != NULL && strcmp(side, "care") == 0, insured = side != NULL && strcmp(side, "insured") == 0;
    if ((!care && !insured) || region == NULL || !region_is_known(region)) {
        complain("usage: hutong %s", command_reconcile.usage);
        return CLI_USAGE;
    }
    uint32_t number = care ? SIDE_CARE : SIDE_INSURED;
    int code = !read_file(cli->argv[0], &rows) ? CLI_BAD_INPUT
               : events                        ? statements(&rows, number, region)
                                               : compare(cli, &rows, number, region);
    free(rows.items);
    return code;
}

const struct command command_reconcile = {
    .name = "reconcile",
    .usage = "reconcile --side care|insured --region R [--events] FILE.csv",
    .summary = "a region's file of bills against the exchange's books; what differs, row by row",
    .help = "Columns: number,day,institution,bill_id,original,insured_area,insurance_type,clearing_type,total,fund,\n"
            "account; amounts in yuan, original 0 but for a reversal; the first line may name them. Sums are compared\n"
            "first, by day, institution and range, so that one wrong fen in a million rows costs a few kB.\n"
            "--events prints the file as statements instead, one an institution and day, for the region to send.\n\n"
            "  hutong reconcile --side care --region 120000 march.csv\n"
            "  hutong reconcile --side care --region 120000 --events march.csv | hutong --as 120000 submit --await -\n"
            "Exit code 1: something differs.",
    .run = run,
};
