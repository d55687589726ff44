/* SPDX-License-Identifier: Apache-2.0
 * hutong reference load: institutions, enrolments, filings, qualifications, catalogues and care at home out of CSV
 * files, and the tables that authorities publish. What would be sent is judged by validation's own core, over an empty
 * state, before the first is sent. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "tools/awaiting.h"
#include "tools/gazette_file.h"
#include "tools/input.h"
#include "tools/judge.h"
#include "tools/reference_load.h"
#include "tools/refusal_text.h"

enum { PING_MS = 10000 };

struct loading {
    struct cli *cli;
    const char *path, *sender, *batch;
    enum reference_kind kind; /* asked for; NONE: by the first line */
    bool quiet;
    instant_ms_t at; /* on a trace's clock; 0: now */
    struct reference_header header;
    struct gazette_file *tables; /* of a published table, else NULL */
    struct judge *judge;
    struct input input;
    unsigned *lines; /* of each envelope */
    size_t bad;
    struct repeats repeats;
    size_t applied, already; /* already: of those applied, stated before, and still so */
    struct ht_client *client;
    struct ht_receipt *receipts;
    size_t row; /* the next whose outcome comes */
};

static void say(const struct loading *loading, unsigned line, const char *column, const char *what)
{
    (void)fprintf(stderr, "%s:%u: %s%s%s\n", loading->path, line, column, column[0] != 0 ? ": " : "", what);
}

/* A line for each fault. */
static void say_each(const struct loading *loading, unsigned line, struct buffer *why)
{
    char *rest = (char *)(uintptr_t)buffer_text(why);
    for (char *one; (one = strsep(&rest, "\n")) != NULL;)
        say(loading, line, "", one);
}

/* With the value that the row has in that column: `fields` NULL once the row is gone. */
static void say_finding(const struct loading *loading, unsigned line, const struct finding *finding,
                        char *const fields[], unsigned count)
{
    struct buffer text = {0};
    const char *column =
        strchr(finding->path, '.') == NULL ? finding->path : reference_path_column(loading->header.kind, finding->path);
    const char *found = fields != NULL ? reference_found(&loading->header, fields, count, column) : "";
    refusal_describe(finding->rule, "", found[0] != 0 && strstr(finding->detail, found) == NULL ? found : "",
                     finding->detail, &text);
    say(loading, line, column, buffer_text(&text));
    buffer_fini(&text);
}

/* To be sent; what is said of it later names this line. */
static void keep(struct loading *loading, struct span envelope, unsigned line)
{
    size_t at = loading->input.count;
    if ((at & (at + 1)) == 0 || at == 0)
        loading->lines = realloc(loading->lines, 2 * (at + 1) * sizeof *loading->lines);
    INVARIANT(loading->lines != NULL);
    loading->lines[at] = line;
    input_add(&loading->input, envelope);
}

static void take_row(struct loading *loading, char *const fields[], unsigned count, unsigned line)
{
    struct buffer envelope = {0}, why = {0};
    bool good = reference_row_encode(&loading->header, fields, count, loading->sender, loading->batch, &envelope, &why);
    if (!good)
        say_each(loading, line, &why);
    const struct findings *findings = good ? judge_envelope(loading->judge, buffer_span(&envelope)) : NULL;
    for (uint32_t i = 0; findings != NULL && i < findings->count; i++)
        say_finding(loading, line, &findings->items[i], fields, count);
    good = findings != NULL && !findings->refused;
    if (good)
        keep(loading, buffer_span(&envelope), line);
    loading->bad += !good;
    buffer_fini(&envelope);
    buffer_fini(&why);
}

static void take_table_row(struct loading *loading, char *const fields[], unsigned count, unsigned line)
{
    struct buffer why;
    buffer_init(&why);
    if (!gazette_file_add(loading->tables, fields, count, line, &why)) {
        say_each(loading, line, &why);
        loading->bad++;
    }
    buffer_fini(&why);
}

static void say_table_finding(const struct loading *loading, size_t table, const struct finding *finding)
{
    const char *column;
    unsigned line = gazette_file_line(loading->tables, table, finding->path, &column);
    struct buffer text = {0};
    refusal_describe(finding->rule, "", "", finding->detail, &text);
    say(loading, line, column[0] != 0 ? column : finding->path, buffer_text(&text));
    buffer_fini(&text);
}

/* A table is whole only at the file's end. */
static void take_tables(struct loading *loading)
{
    struct buffer envelope, why;
    buffer_init(&envelope);
    buffer_init(&why);
    for (size_t i = 0; i < gazette_file_count(loading->tables); i++) {
        bool good = gazette_file_encode(loading->tables, i, loading->batch, &envelope, &why);
        const char *column;
        if (!good)
            say(loading, 1, "", buffer_text(&why));
        const struct findings *findings = good ? judge_envelope(loading->judge, buffer_span(&envelope)) : NULL;
        for (uint32_t j = 0; findings != NULL && j < findings->count; j++)
            say_table_finding(loading, i, &findings->items[j]);
        if (findings != NULL && !findings->refused)
            keep(loading, buffer_span(&envelope), gazette_file_line(loading->tables, i, "", &column));
        else
            loading->bad++;
    }
    buffer_fini(&envelope);
    buffer_fini(&why);
}

static void take_any_row(struct loading *loading, enum csv_result result, char *const fields[], unsigned count,
                         unsigned line, bool torn)
{
    struct buffer why = {0};
    if (result == CSV_ROW && torn && count < loading->header.count) {
        shape_describe(SHAPE_ROW_BROKEN, fields[count - 1], NULL, &why);
        say(loading, line, "", buffer_text(&why));
        loading->bad++;
    } else if (result == CSV_ROW && loading->tables != NULL) {
        take_table_row(loading, fields, count, line);
    } else if (result == CSV_ROW) {
        take_row(loading, fields, count, line);
    } else {
        shape_describe(sheet_shape(result), NULL, NULL, &why);
        say(loading, line, "", buffer_text(&why));
        loading->bad++;
    }
    buffer_fini(&why);
}

/* The first line. False: the file as a whole cannot be used; said why. */
static bool read_names(struct loading *loading, struct sheet *sheet, struct buffer *bytes)
{
    char *fields[CSV_FIELDS_MAX];
    unsigned count = 0, line = 1;
    struct buffer why = {0};
    bool read = sheet_open(sheet, bytes, &why);
    if (read && why.size > 0 && !loading->quiet)
        say(loading, 1, "", buffer_text(&why));
    if (read) {
        buffer_reset(&why);
        enum csv_result result = sheet_next(sheet, fields, &count, &line);
        read = result == CSV_ROW && reference_header_read(fields, count, loading->kind, &loading->header, &why);
        if (result != CSV_ROW)
            shape_describe(result == CSV_END ? SHAPE_HEADER : sheet_shape(result), NULL, NULL, &why);
    }
    if (!read)
        say_each(loading, line, &why);
    buffer_fini(&why);
    return read;
}

/* False: so too. */
static bool read_rows(struct loading *loading, struct buffer *bytes)
{
    char *fields[CSV_FIELDS_MAX];
    unsigned count, line;
    struct sheet sheet;
    enum csv_result result;
    bool read = read_names(loading, &sheet, bytes);
    if (read && loading->header.kind >= REFERENCE_CALENDAR)
        loading->tables = gazette_file_new(&loading->header, loading->sender != NULL ? loading->sender : "operator");
    else if (read && loading->sender == NULL) {
        complain(said("%s 的行要写 --as REGION", "rows of %s want --as REGION"),
                 reference_kind_name(loading->header.kind));
        read = false;
    }
    while (read && (result = sheet_next(&sheet, fields, &count, &line)) != CSV_END) {
        bool last = sheet_read(&sheet) == bytes->size;
        take_any_row(loading, result, fields, count, line, last && sheet.torn);
        progress_show(said("已检查字节", "checked bytes"), sheet_read(&sheet), bytes->size);
    }
    progress_end();
    if (loading->tables != NULL && loading->bad == 0)
        take_tables(loading);
    return read;
}

static void show_sent(void *self, size_t done)
{
    progress_show(said("已受理", "accepted"), done, ((const struct loading *)self)->input.count);
}

/* False: it was stated before, and something newer stands; said so. */
static bool is_last_word(struct loading *loading, const struct ht_client *client, uint64_t position, unsigned line)
{
    uint64_t newer = repeats_superseded_by(&loading->repeats, client, position);
    struct finding finding = {.rule = RULE_ROW_SUPERSEDED};
    if (newer == 0)
        return true;
    (void)snprintf(finding.detail, sizeof finding.detail, "stated at %llu, superseded at %llu",
                   (unsigned long long)position, (unsigned long long)newer);
    say_finding(loading, line, &finding, NULL, 0);
    return false;
}

/* Rows up to the next that was accepted: the edge refused them. */
static void tell_refused(struct loading *loading)
{
    for (; loading->row < loading->input.count && loading->receipts[loading->row].kind != HT_ACCEPTED; loading->row++) {
        const struct ht_receipt *receipt = &loading->receipts[loading->row];
        struct buffer text = {0};
        refusal_describe(rule_number(receipt->code), receipt->path, "", "", &text);
        say(loading, loading->lines[loading->row], "", buffer_text(&text));
        buffer_fini(&text);
    }
}

/* What the exchange decided of the next row. */
static void on_outcome(void *self, uint64_t position, struct span bytes)
{
    static uint8_t memory[1 << 20];
    struct loading *loading = self;
    struct arena arena;
    struct outcome outcome;
    tell_refused(loading);
    unsigned line = loading->lines[loading->row++];
    arena_init(&arena, memory, sizeof memory);
    if (outcome_decode(bytes, &arena, &outcome) != OK) {
        say(loading, line, "", "the outcome cannot be read");
        return;
    }
    bool applied = outcome.kind == OUTCOME_APPLIED && is_last_word(loading, loading->client, position, line);
    loading->applied += applied;
    loading->already += applied && repeats_has(&loading->repeats, position);
    for (uint32_t i = 0; outcome.kind != OUTCOME_APPLIED && i < outcome.findings->count; i++)
        say_finding(loading, line, &outcome.findings->items[i], NULL, 0);
    progress_show(said("已生效", "applied"), loading->row, loading->input.count);
}

static enum ht_result submit(struct loading *loading, struct ht_client *client, struct ht_receipt *receipts)
{
    int64_t stamps[CLIENT_SUBMIT_ENVELOPES_MAX];
    size_t count = loading->input.count;
    if (loading->at == 0)
        return ht_submit(client, loading->input.envelopes, count, 600000, receipts, show_sent, loading);
    enum ht_result result = HT_OK;
    for (size_t i = 0; i < CLIENT_SUBMIT_ENVELOPES_MAX; i++)
        stamps[i] = loading->at;
    for (size_t i = 0; i < count && result == HT_OK; i += CLIENT_SUBMIT_ENVELOPES_MAX) {
        size_t left = count - i < CLIENT_SUBMIT_ENVELOPES_MAX ? count - i : CLIENT_SUBMIT_ENVELOPES_MAX;
        result = ht_submit_at(client, loading->input.envelopes + i, stamps, left, 600000, receipts + i);
    }
    return result;
}

static int await_rows(struct loading *loading, struct awaiting *awaiting)
{
    repeats_sent(&loading->repeats, loading->receipts, loading->input.count);
    enum ht_result result = awaiting_finish(awaiting);
    tell_refused(loading);
    progress_end();
    if (result == HT_OK)
        return loading->applied < loading->input.count ? CLI_DIFFERENT : CLI_OK;
    say(loading, loading->lines[loading->row], "", "no outcome in time: unknown, load the file again");
    return CLI_UNREACHABLE;
}

static int send_rows(struct loading *loading)
{
    struct ht_client *client = loading->client = cli_connect(loading->cli);
    size_t count = loading->input.count;
    struct awaiting awaiting;
    if (client == NULL)
        return CLI_BAD_INPUT;
    loading->receipts = calloc(count + 1, sizeof *loading->receipts);
    INVARIANT(loading->receipts != NULL);
    (void)repeats_begin(&loading->repeats, client, PING_MS);
    awaiting_begin(&awaiting, client, &loading->repeats, on_outcome, loading);
    enum ht_result result = submit(loading, client, loading->receipts);
    progress_end();
    int code = result == HT_OK ? CLI_OK : result == HT_REFUSED ? CLI_DIFFERENT : CLI_UNREACHABLE;
    if (result != HT_OK)
        complain("%s", result == HT_REFUSED ? ht_last_refusal(client)
                                            : said("限时内无回执：结果不明，请再次加载该文件",
                                                   "no receipt in time: unknown, load the file again"));
    if (code != CLI_UNREACHABLE) {
        int decided = await_rows(loading, &awaiting);
        code = code == CLI_OK || decided == CLI_UNREACHABLE ? decided : code;
    }
    for (size_t i = 0; i < count; i++)
        ht_receipt_clear(&loading->receipts[i]);
    free(loading->receipts);
    repeats_end(&loading->repeats);
    ht_close(&loading->client);
    return code;
}

static int load_file(struct loading *loading, bool skip_bad, bool dry_run)
{
    struct buffer bytes = {0};
    int code = CLI_BAD_INPUT;
    if (input_slurp(loading->path, &bytes) && read_rows(loading, &bytes)) {
        bool send = loading->bad == 0 || (skip_bad && loading->tables == NULL); /* a table is whole, or none */
        code = !send ? CLI_BAD_INPUT : CLI_OK;
        if (send && !dry_run && loading->input.count > 0)
            code = send_rows(loading);
        if (loading->cli->json)
            cli_print_json(json_pack("{s:s,s:s,s:I,s:I,s:I,s:I}", "file", loading->path, "kind",
                                     reference_kind_name(loading->header.kind), "good",
                                     (json_int_t)loading->input.count, "bad", (json_int_t)loading->bad, "applied",
                                     (json_int_t)loading->applied, "already", (json_int_t)loading->already));
        else if (!loading->quiet)
            (void)printf("%s: %s, %zu good %s, %zu bad: %s %zu", loading->path,
                         reference_kind_name(loading->header.kind), loading->input.count,
                         loading->tables != NULL ? "tables" : "rows", loading->bad,
                         !send     ? "nothing was loaded;"
                         : dry_run ? "would load"
                                   : "applied",
                         !send     ? loading->applied
                         : dry_run ? loading->input.count
                                   : loading->applied);
        if (!loading->cli->json && !loading->quiet)
            (void)printf(loading->already > 0 ? ", %zu of them as stated before\n" : "\n", loading->already);
    }
    buffer_fini(&bytes);
    return code;
}

static int load(struct loading *loading, bool skip_bad, bool dry_run)
{
    loading->judge = judge_new();
    bool open = loading->judge != NULL && (loading->quiet || judge_learn(loading->judge));
    int code = open ? load_file(loading, skip_bad, dry_run) : CLI_FAILED;
    judge_destroy(&loading->judge);
    gazette_file_destroy(&loading->tables);
    input_free(&loading->input);
    free(loading->lines);
    return code;
}

int reference_load_first(struct cli *cli, const char *path, instant_ms_t at)
{
    struct loading loading = {.cli = cli, .path = path, .sender = "operator", .batch = "", .quiet = true, .at = at};
    return load(&loading, false, false);
}

static int run(struct cli *cli)
{
    const char *kind = cli_option(cli, "--kind"), *batch = cli_option(cli, "--batch");
    bool skip_bad = cli_flag(cli, "--skip-bad"), dry_run = cli_flag(cli, "--dry-run");
    enum reference_kind wanted = kind != NULL ? reference_kind_of(kind) : REFERENCE_NONE;
    instant_ms_t at;
    int code = CLI_OK;
    if (!cli_noon(cli, &at) || !cli_arguments(cli, &command_reference, 2, -1))
        return CLI_USAGE;
    if (strcmp(cli->argv[0], "load") != 0 || (kind != NULL && wanted == REFERENCE_NONE)) {
        complain(said("用法：hutong --as REGION %s", "usage: hutong --as REGION %s"), command_reference.usage);
        return CLI_USAGE;
    }
    for (int i = 1; i < cli->argc && code != CLI_UNREACHABLE; i++) {
        struct loading loading = {.cli = cli,
                                  .path = cli->argv[i],
                                  .sender = cli->as,
                                  .batch = batch != NULL ? batch : "",
                                  .at = at,
                                  .kind = wanted};
        int one = load(&loading, skip_bad, dry_run);
        code = one > code ? one : code;
    }
    return code;
}

const struct command command_reference = {
    .name = "reference",
    .usage = "reference load [--kind KIND] [--skip-bad] [--dry-run] [--batch NAME] [--at DAY] FILE.csv...",
    .summary = "institutions, enrolments, filings, qualifications, catalogues, local care, published tables out of CSV",
    .summary_zh = "由 CSV 载入机构、参保、备案、资格、目录、居家医疗及已公布的数据表",
    .help = "The first line names the columns, which tell the kind: institution, enrolment, filing, qualification,\n"
            "catalogue_item, local_care. Every row is checked before one is sent; a file with a bad row is not loaded\n"
            "at all, unless --skip-bad. The same row again is the same message and changes nothing; --batch NAME says\n"
            "that it is meant anew. --at: as submit's. Columns and how they are written: docs/REFERENCE.md.\n\n"
            "Tables that authorities publish (calendar, divisions, areas, unemployment_standard, transfer_parameters,\n"
            "care_kinds, item_shapes): the whole file is one table, a calendar one a year, and takes the place of the\n"
            "one before. Without --as the operator states them; a region states its own standard.\n\n"
            "  hutong --as 120000 reference load data/demo/catalogue.120000.csv\n"
            "  hutong reference load data/gazette/calendar.csv",
    .help_zh = "第一行为列名，由列名可知种类：institution、enrolment、filing、qualification、catalogue_item、local_"
               "care。每一行先经检查再发送；有错行的文件整个不载入，除非写 "
               "--skip-bad。同一行即同一报文，重复载入不改变什么。列及其写法见 "
               "docs/"
               "REFERENCE.md。\n机关公布的数据表（calendar、divisions、areas、unemployment_standard、transfer_"
               "parameters、care_kinds、item_shapes）：整个文件为一张表（日历为每年一张），取代此前的表。不写--as "
               "则由运维方公布；地区公布自己的标准。\n"
               "\n"
               "  hutong --as 120000 reference load data/demo/catalogue.120000.csv\n"
               "  hutong reference load data/gazette/calendar.csv",
    .options = (const struct command_option[]){{"--kind", "KIND", "种类，列名不足以判断时",
                                                "which kind, where the first line does not tell"},
                                               {"--skip-bad", NULL, "跳过错行", "leaves bad rows out"},
                                               {"--dry-run", NULL, "只检查，不发送", "checks and sends nothing"},
                                               {"--batch", "NAME", "重新申报", "says that the rows are meant anew"},
                                               COMMAND_OPTION_AT,
                                               {0}},
    .run = run,
};
