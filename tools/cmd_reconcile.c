/* SPDX-License-Identifier: Apache-2.0
 * hutong reconcile: a file of what we have against the exchange's books, by the sum tree; or the file as statements. */
#include <stdio.h>

#include "common/codes/area.h"
#include "common/engines/tree/sum_tree.h"
#include "tools/books_ask.h"
#include "tools/statement_file.h"

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
            json_pack("{s:s,s:o,s:I,s:s,s:I,s:I,s:I,s:I}", "difference", what, "number",
                      cli_json_number(difference->key.number), "day", (json_int_t)difference->key.day, "institution",
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
    struct books_tree_peek peek;
    return books_tree_peek_read(buffer_span(answer), &peek) == OK &&
           tree_exchange_decode(peek.tree, NULL, exchange) == OK;
}

static int compare(struct cli *cli, const struct statement_file *file, uint64_t side, const char *region)
{
    static struct tree_search search;
    static struct tree_exchange question, theirs;
    struct statement_source rows = {file, 0};
    struct tree_source source = statement_source_of(&rows);
    struct found found = {cli, 0, 0};
    struct buffer body = {0}, answer = {0};
    int code = CLI_OK;
    tree_search_start(&search);
    while (code == CLI_OK && tree_search_ask(&search, &source, &question)) {
        buffer_reset(&body);
        question.side = (uint32_t)side;
        (void)snprintf(question.region, sizeof question.region, "%s", region);
        tree_exchange_encode(&question, &body);
        if (!books_ask(cli, &(struct books_query){.kind = ASK_TREE, .body.tree = buffer_span(&body)}, &answer) ||
            !read_answer(&answer, &theirs))
            code = books_failure(cli);
        found.bytes += body.size + answer.size;
        if (code == CLI_OK)
            tree_search_take(&search, &source, &theirs, report, &found);
    }
    if (code == CLI_OK && !cli->json)
        (void)fprintf(stderr, "%zu rows, %llu differences, %zu bytes exchanged%s\n", file->count,
                      (unsigned long long)found.count, found.bytes,
                      search.left_out ? "; mend these, then look again" : "");
    buffer_fini(&body);
    buffer_fini(&answer);
    return code == CLI_OK && found.count > 0 ? CLI_DIFFERENT : code;
}

/* ---- as statements ---- */

static void print_statement(const char *region, const struct statement *statement)
{
    char id[37];
    struct event event = cli_event(EVENT_STATEMENT, region, id);
    event.body.statement = *statement;
    cli_print_event(&event);
}

/* 3202: at most so many rows a statement; a larger day by ranges of numbers, which together are the day. */
static void print_rows(const char *region, struct statement statement, const struct statement_file_row *rows,
                       size_t count)
{
    static struct statement_row out[STATEMENT_ROWS_MAX];
    statement.detailed = true;
    statement.rows = out;
    for (size_t first = 0; first < count; first += statement.row_count) {
        size_t left = count - first;
        statement.row_count = (uint32_t)(left < STATEMENT_ROWS_MAX ? left : STATEMENT_ROWS_MAX);
        const struct statement_file_row *from = rows + first;
        while (statement.row_count < left && /* a number that stands twice is not torn apart */
               from[statement.row_count].tree.key.number == from[statement.row_count - 1].tree.key.number)
            statement.row_count--;
        for (uint32_t i = 0; i < statement.row_count; i++)
            out[i] = (struct statement_row){
                from[i].tree.key.number, from[i].bill_id,    from[i].original,  from[i].area,        from[i].type,
                from[i].clearing,        from[i].tree.total, from[i].tree.fund, from[i].tree.account};
        statement.number_from = first == 0 ? 0 : from[0].tree.key.number;
        statement.number_to = statement.row_count == left ? 0 : from[statement.row_count].tree.key.number - 1;
        print_statement(region, &statement);
    }
}

/* 3201: one total an insurance and clearing type. */
static bool print_totals(const char *region, struct statement statement, const struct statement_file_row *rows,
                         size_t count)
{
    static struct statement_total totals[STATEMENT_TOTALS_MAX];
    statement.totals = totals;
    for (size_t i = 0; i < count; i++) {
        uint32_t at = 0;
        while (at < statement.total_count && (strcmp(totals[at].insurance_type, rows[i].type) != 0 ||
                                              strcmp(totals[at].clearing_type, rows[i].clearing) != 0))
            at++;
        if (at == STATEMENT_TOTALS_MAX)
            return false;
        if (at == statement.total_count) {
            totals[at] = (struct statement_total){.insurance_type = rows[i].type, .clearing_type = rows[i].clearing};
            statement.total_count++;
        }
        struct statement_total *total = &totals[at];
        *(rows[i].original == 0 ? &total->count_positive : &total->count_negative) += 1;
        if (money_add(total->total, rows[i].tree.total, &total->total) != OK ||
            money_add(total->fund, rows[i].tree.fund, &total->fund) != OK ||
            money_add(total->account, rows[i].tree.account, &total->account) != OK)
            return false;
    }
    print_statement(region, &statement);
    return true;
}

/* One a day and institution, or more where a day is large. */
static int statements(const struct statement_file *file, uint32_t side, const char *region, bool totals)
{
    for (size_t first = 0, last; first < file->count; first = last) {
        const struct tree_key *key = &file->rows[first].tree.key;
        for (last = first; last < file->count && file->rows[last].tree.key.day == key->day &&
                           strcmp(file->rows[last].tree.key.institution, key->institution) == 0;)
            last++;
        struct statement statement = {.day = key->day, .institution = key->institution, .side = side};
        if (!totals)
            print_rows(region, statement, &file->rows[first], last - first);
        else if (!print_totals(region, statement, &file->rows[first], last - first)) {
            complain(said("%u %s：类型多于一份报表所能容纳，或合计超限",
                          "%u %s: more types than a statement holds, or sums beyond its limits"),
                     key->day, key->institution);
            return CLI_BAD_INPUT;
        }
    }
    return CLI_OK;
}

static int run(struct cli *cli)
{
    const char *side = cli_option(cli, "--side"), *region = cli_option(cli, "--region");
    bool events = cli_flag(cli, "--events"), totals = cli_flag(cli, "--totals");
    struct statement_file file;
    if (!cli_arguments(cli, &command_reconcile, 1, 1))
        return CLI_USAGE;
    bool care = side != NULL && strcmp(side, "care") == 0, insured = side != NULL && strcmp(side, "insured") == 0;
    if ((!care && !insured) || region == NULL || !region_is_known(region))
        return cli_usage(&command_reconcile);
    uint32_t number = care ? SIDE_CARE : SIDE_INSURED;
    int code = !statement_file_read(cli->argv[0], &file) ? CLI_BAD_INPUT
               : events || totals                        ? statements(&file, number, region, totals)
                                                         : compare(cli, &file, number, region);
    statement_file_free(&file);
    return code;
}

const struct command command_reconcile = {
    .name = "reconcile",
    .usage = "reconcile --side care|insured --region R [--events | --totals] FILE.csv",
    .summary = "a region's file of bills against the exchange's books; what differs, row by row",
    .summary_zh = "地区的单据文件与平台账簿逐行比较，列出差异",
    .help =
        "The first line names the columns, in any order; without it they are number,day,institution,bill_id,original,\n"
        "insured_area,insurance_type,clearing_type,total,fund,account. Amounts in yuan, original empty or 0 but for a\n"
        "reversal. A bad line is told by its number and column, and then nothing is sent. Sums are compared first, by\n"
        "day, institution and range, so that one wrong fen in a million rows costs a few kB. A region asks over its\n"
        "own connection with --as.\n"
        "--events prints the file as statements instead, rows of one institution and day (3202), --totals as sums\n"
        "(3201), for the region to send.\n\n"
        "  hutong --as 120000 reconcile --side care --region 120000 march.csv\n"
        "  hutong reconcile --side care --region 120000 --events march.csv |\n      hutong --as 120000 submit --await "
        "-\n"
        "Exit code 1: something differs.",
    .help_zh = "side 说明文件来自哪一方。先比总额，再列出有差异的行（退出码 1：有差异）；地区用 --as "
               "经自己的连接比较。退出码 4：有错行，逐行指出行号、列和值。\n"
               "\n"
               "  hutong --as 110000 reconcile --side insured --region 110000 bills.csv",
    .options =
        (const struct command_option[]){
            {"--side", "care|insured", "文件来自就医地还是参保地",
             "whose file it is: the region of care's or the insured region's"},
            {"--region", "R", "该地区", "that region"},
            {"--events", NULL, "将文件输出为逐行对账的报文", "prints the file as statements of rows instead"},
            {"--totals", NULL, "将文件输出为对总账的报文", "prints it as statements of sums instead"},
            {0}},
    .run = run,
};
