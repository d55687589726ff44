/* SPDX-License-Identifier: Apache-2.0
 * hutong dump: what lies in a service's store. */
#include <stdio.h>
#include <stdlib.h>

#include "tools/access.h"
#include "tools/store_view.h"

static void print_row(void *self, json_t *row)
{
    char *line = json_dumps(row, JSON_COMPACT);
    (void)self;
    (void)puts(line);
    free(line);
}

static int print_rows(struct store_view *view, const char *name)
{
    unsigned table = store_view_table(view, name);
    if (table == view->described.table_count) {
        complain(said("%s 没有表 %s", "%s has no table %s"), view->described.name, name);
        return CLI_USAGE;
    }
    enum status status = store_view_rows(view, table, NULL, print_row, NULL);
    if (status != OK)
        complain("%s: %s", view->directory, status_text(status));
    if (view->unread > 0)
        complain(said("%llu 行不合表 %s", "%llu rows of %s are not what the table says"),
                 (unsigned long long)view->unread, name);
    return status != OK ? CLI_FAILED : view->unread > 0 ? CLI_DIFFERENT : CLI_OK;
}

static int print_tables(struct cli *cli, struct store_view *view)
{
    struct store_txn *txn;
    if (store_begin(view->store, false, &txn) != OK)
        return CLI_FAILED;
    if (!cli->json)
        (void)printf(said("%s，格式 %u，位置 %llu\n", "%s, format %u, at %llu\n"), view->described.name,
                     view->described.format, (unsigned long long)store_cursor(txn));
    for (unsigned i = 0; i < view->described.table_count; i++) {
        const struct store_table *table = &view->described.tables[i];
        unsigned long long rows = store_count(txn, i);
        if (cli->json)
            cli_print_json(json_pack("{s:s,s:I,s:b,s:s,s:s}", "table", table->name, "rows", (json_int_t)rows,
                                     "observed", table->kind == OBSERVED, "layout", view->described.layouts[i], "holds",
                                     view->described.holds[i]));
        else
            (void)printf("%-15s %12llu  %s%s\n", table->name, rows, view->described.holds[i],
                         table->kind == OBSERVED ? " (observed)" : "");
    }
    store_abort(&txn);
    return CLI_OK;
}

static int access_of(struct cli *cli, const char *directory, const char *table)
{
    char scope[64];
    const char *slash = strrchr(directory, '/');
    (void)snprintf(scope, sizeof scope, "%.30s/%.30s", slash != NULL ? slash + 1 : directory, table);
    return access_record(cli, &(struct access){"dump", NULL, scope, 0}, NULL);
}

static int run(struct cli *cli)
{
    struct store_view view = {.unmasked = cli_flag(cli, "--unmasked")};
    const char *table = cli_option(cli, "--table");
    struct buffer why = {0};
    if (!cli_arguments(cli, &command_dump, 1, 1))
        return CLI_USAGE;
    enum status status = store_view_open(cli->argv[0], &view, &why);
    int code = status == OK && view.unmasked && table != NULL ? access_of(cli, view.directory, table) : CLI_OK;
    if (status != OK) {
        complain("%s", buffer_text(&why));
        code = CLI_BAD_INPUT;
    } else if (code == CLI_OK) {
        code = table != NULL ? print_rows(&view, table) : print_tables(cli, &view);
    }
    store_view_close(&view);
    buffer_fini(&why);
    return code;
}

const struct command command_dump = {
    .name = "dump",
    .usage = "dump DIR [--table NAME [--unmasked [--reason TEXT] [--unrecorded]]]",
    .summary = "what lies in a service's state: its tables, or the rows of one, as JSON lines",
    .summary_zh = "服务状态的内容：有哪些表，或一张表的各行（JSON 行）",
    .help =
        "Read-only, of a running service (what it has committed) or of a copy. Which tables there are, and what their\n"
        "keys and values are, is in docs/STORES.md. Identity numbers are masked, and so are fields of bytes that hold\n"
        "some; --unmasked shows them, which goes on the log (docs/PRIVACY.md). Exit code 1: a row is not what its "
        "table says.\n\n"
        "  hutong dump hutong-data/settlement-0\n"
        "  hutong dump hutong-data/settlement-0 --table persons | head",
    .help_zh = "只读；可读运行中的服务（已提交的部分）或副本。有哪些表、键与值为何，见 "
               "docs/STORES.md。身份号码连同字节字段中的都被遮掩。退出码 1：有一行与表的定义不符。\n"
               "\n"
               "  hutong dump hutong-data/settlement-0\n"
               "  hutong dump hutong-data/settlement-0 --table persons | head",
    .options = (const struct command_option[]){{"--table", "NAME", "输出这张表的各行", "prints the rows of this table"},
                                               {"--unmasked", NULL, "不遮掩身份号码", "shows identity numbers"},
                                               COMMAND_OPTIONS_ACCESS,
                                               {0}},
    .run = run,
};
