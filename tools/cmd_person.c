/* SPDX-License-Identifier: Apache-2.0
 * hutong person: everything that is held on a person, and every access to it, for the person. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/money.h"
#include "tools/access.h"
#include "tools/action.h"
#include "tools/asking.h"
#include "tools/erase.h"
#include "tools/person_log.h"
#include "tools/store_view.h"

enum { NUMBERS_MAX = 8, PATH_SIZE = 4096 + 300 };

struct export
{
    struct cli *cli;
    struct person_log log;
    const char *store, *table; /* being read */
    uint64_t messages, rows, accesses, others;
};

/* ---- for people ---- */

static void print_amounts(const json_t *outcome)
{
    const json_t *amounts = json_object_get(outcome, "amounts");
    char total[32], fund[32];
    if (amounts == NULL)
        return;
    money_describe(cli_integer(amounts, "totalFen"), total);
    money_describe(cli_integer(amounts, "fundPayTotalFen"), fund);
    (void)printf(said("  总额 %s，基金支付 %s", "  %s in all, funds pay %s"), total, fund);
}

static void print_found(const json_t *found)
{
    const char *kind = cli_text(found, "kind");
    const json_t *outcome = json_object_get(found, "outcome"), *envelope = json_object_get(found, "envelope");
    (void)printf("%.19s  @%-8lld ", cli_text(found, "acceptedAt"), (long long)cli_integer(found, "position"));
    if (strcmp(kind, "access") == 0)
        (void)printf(said("查看：%s，%s，%s（%s）", "looked at by %s: %s, %s (%s)"), cli_text(found, "by"),
                     cli_text(found, "purpose"), cli_text(found, "command"), cli_text(found, "scope"));
    else if (strcmp(kind, "message") == 0)
        (void)printf("%-18s %-10s %s %s", cli_text(outcome, "event"),
                     cli_text(outcome, "kind")[0] != 0 ? cli_text(outcome, "kind") + sizeof "OUTCOME_KIND_" - 1 : "-",
                     cli_text(envelope, "sender"), cli_text(outcome, "billId"));
    else
        (void)printf("%s", strcmp(kind, "notice") == 0 ? said("到期提醒", "a notice of what is due")
                           : strcmp(kind, "books") == 0
                               ? said("账务方面提到其票据", "the books spoke of a bill")
                               : said("他人的报文中出现其号码", "the number stands in another's message"));
    print_amounts(outcome);
    (void)printf("\n");
}

/* ---- what was found ---- */

static void take_found(void *self, json_t *found)
{
    struct export *export = self;
    const char *kind = cli_text(found, "kind");
    export->messages += strcmp(kind, "message") == 0;
    export->accesses += strcmp(kind, "access") == 0;
    export->others += strcmp(kind, "message") != 0 && strcmp(kind, "access") != 0;
    if (export->cli->json) {
        cli_print_json(found);
        return;
    }
    print_found(found);
    json_decref(found);
}

/* Names the person, or a place on the log where a message of the person's stands. */
static bool is_of_person(void *self, const char *layout, struct span key, struct span value)
{
    const struct export *export = self;
    uint64_t numbers[NUMBERS_MAX];
    bool named = person_is_in(export->log.person, key) || person_is_in(export->log.person, value);
    unsigned count = store_view_numbers(layout, key, value, numbers, NUMBERS_MAX);
    for (unsigned i = 0; !named && i < count; i++)
        named = person_log_has(&export->log, numbers[i]);
    return named;
}

static void take_row(void *self, json_t *row)
{
    struct export *export = self;
    export->rows++;
    if (!export->cli->json)
        return;
    person_alone(export->log.person, row);
    cli_print_json(json_pack("{s:s,s:s,s:s,s:O,s:O}", "kind", "row", "store", export->store, "table", export->table,
                             "key", json_object_get(row, "key"), "value", json_object_get(row, "value")));
}

static bool export_store(struct export *export, const char *directory, const char *name)
{
    struct store_view view = {.unmasked = true};
    struct buffer why = {0};
    export->store = name;
    enum status status = store_view_open(directory, &view, &why);
    for (unsigned i = 0; status == OK && i < view.described.table_count; i++) {
        uint64_t before = export->rows;
        export->table = view.described.tables[i].name;
        status = store_view_rows(&view, i, is_of_person, take_row, export);
        if (!export->cli->json && export->rows > before)
            (void)printf(said("%-18s %-16s %llu 行：%s\n", "%-18s %-16s %llu rows: %s\n"), name, export->table,
                         (unsigned long long)(export->rows - before), view.described.holds[i]);
    }
    if (status == REJECT_MALFORMED) /* of this name nobody keeps a state */
        status = OK;
    else if (status != OK)
        complain("%s: %s", directory, why.size > 0 ? buffer_text(&why) : status_text(status));
    store_view_close(&view);
    buffer_fini(&why);
    return status == OK;
}

/* A service's state, NAME-P; not what was put aside. */
static int is_state(const struct dirent *entry)
{
    return strchr(entry->d_name, '-') != NULL && strchr(entry->d_name, '.') == NULL;
}

static bool export_states(struct export *export)
{
    struct dirent **entries;
    char path[PATH_SIZE];
    int count = scandir(export->cli->config.data_directory, &entries, is_state, alphasort);
    bool whole = count >= 0;
    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", export->cli->config.data_directory, entries[i]->d_name);
        whole = export_store(export, path, entries[i]->d_name) && whole;
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return whole;
}

/* ---- the command ---- */

/* Where the log begins, and up to where it is decided; false: no answer. */
static bool bounds(struct cli *cli, uint64_t *from, uint64_t *to)
{
    json_t *stream,
        *status = cli_member(cli_broker(cli, BUS_STATUS, (union bus_request_body){.status = {0}}, 5000), "status");
    size_t index;
    uint64_t submissions;
    int64_t now;
    json_array_foreach(json_object_get(status, "streams"), index,
                       stream) if (strcmp(cli_text(stream, "stream"), "submissions") == 0) *from =
        (uint64_t)cli_integer(stream, "first");
    struct ht_client *client = cli_connect(cli);
    bool answered = status != NULL && client != NULL && ht_ping(client, 5000, &submissions, to, &now) == HT_OK;
    ht_close(&client);
    json_decref(status);
    if (!answered)
        complain(said("平台没有应答", "the exchange does not answer"));
    return answered;
}

static void print_sum(const struct export *export)
{
    const struct person_log *log = &export->log;
    if (export->cli->json)
        cli_print_json(json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "kind", "sum", "from", cli_json_number(log->from),
                                 "to", cli_json_number(log->to), "messages", cli_json_number(export->messages), "rows",
                                 cli_json_number(export->rows), "accesses", cli_json_number(export->accesses), "others",
                                 cli_json_number(export->others)));
    else
        (void)printf(said("日志位置 %llu 至 %llu：报文 %llu 份，状态 %llu 行，查看 %llu 次，其他提及 %llu 处\n",
                          "of positions %llu up to %llu: %llu messages, %llu rows of states, %llu accesses, named in "
                          "%llu other places\n"),
                     (unsigned long long)log->from, (unsigned long long)log->to, (unsigned long long)export->messages,
                     (unsigned long long)export->rows, (unsigned long long)export->accesses,
                     (unsigned long long)export->others);
}

static bool agreed(struct cli *cli)
{
    return cli_flag(cli, "--yes") ||
           ask_yes(
               said("删除后无法恢复：此人的号码、文字与诊断由假名取代，金额与结果不变。",
                    "This cannot be taken back: a pseudonym takes the place of number, words and diagnoses; amounts "
                    "and outcomes stay.")) == ASKED_YES;
}

/* ID --basis TEXT | --apply | --finish | --undo */
static int run_erase(struct cli *cli)
{
    const char *basis = cli_option(cli, "--basis");
    bool apply = cli_flag(cli, "--apply"), finish = cli_flag(cli, "--finish"), undo = cli_flag(cli, "--undo");
    bool orders = cli->argc == 2 && basis != NULL;
    if (apply + finish + undo + orders != 1 || (!orders && cli->argc != 1) || cli->as != NULL)
        return cli_usage(&command_person);
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (orders)
        return agreed(cli) ? erase_order(cli, cli->argv[1], basis) : CLI_DIFFERENT;
    return apply ? erase_apply(cli) : finish ? erase_finish(cli) : erase_undo(cli);
}

static int run(struct cli *cli)
{
    if (!cli_arguments(cli, &command_person, 1, 2))
        return CLI_USAGE;
    if (strcmp(cli->argv[0], "erase") == 0)
        return run_erase(cli);
    if (strcmp(cli->argv[0], "export") != 0 || cli->argc != 2 || cli->argv[1][0] == 0 || cli->as != NULL)
        return cli_usage(&command_person);
    struct export export = {.cli = cli, .log = {.person = cli->argv[1]}};
    const char *reason;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (!action_reason(cli, ACTION_PERSON_EXPORT, &reason))
        return CLI_USAGE;
    int code = access_record_decided(cli, &(struct access){"person export", export.log.person, NULL, 0});
    if (code != CLI_OK)
        return code;
    if (!bounds(cli, &export.log.from, &export.log.to))
        return CLI_UNREACHABLE;
    bool whole = person_log_read(cli, &export.log, take_found, &export);
    whole = export_states(&export) && whole;
    print_sum(&export);
    person_log_free(&export.log);
    return !whole ? CLI_FAILED : export.messages + export.rows + export.others == 0 ? CLI_DIFFERENT : CLI_OK;
}

const struct command command_person = {
    .name = "person",
    .usage = "person export ID --reason TEXT [--unrecorded] | person erase ID --basis TEXT [--yes] | "
             "person erase --apply|--finish|--undo",
    .summary = "everything that is held on a person, for the person; erasing it",
    .summary_zh = "所存的某人的一切，供其本人；删除",
    .help =
        "export: ID is the identity number. Messages with what became of them, notices, what the books said of the "
        "bills, who\n"
        "looked and why, and the rows of every service's state; other persons are left out. With --json an object a\n"
        "line. On the exchange's own machine; the export itself is an access that goes on the log\n"
        "(docs/PRIVACY.md). Exit code 1: nothing is held.\n\n"
        "  hutong --json person export 110101194901011234 --reason request >person.jsonl\n\n"
        "erase: a pseudonym takes the person's place in the log and in every state; receipts, proofs and amounts "
        "stand.\n"
        "The event, the log rewritten while the exchange is stopped, states made again and compared, the old bytes\n"
        "removed (docs/PRIVACY.md):\n\n"
        "  hutong person erase 110101194901011234 --basis 'PIPL art. 47'\n"
        "  hutong down && hutong person erase --apply\n"
        "  hutong up --detach && hutong person erase --finish",
    .help_zh =
        "ID 为身份号码。列出有关报文及其结果、到期提醒、账务方面对其票据所言、何人因何查看，以及各服务状态中的行；"
        "不含他人信息。加 --json 每行一个对象。在平台所在机器上执行；导出本身也是一次查看，记入日志（docs/"
        "PRIVACY.md）。退出码 1：没有所存。\n\n"
        "  hutong --json person export 110101194901011234 --reason 申请 >person.jsonl\n\n"
        "erase：日志与各状态中以假名取代此人；回执、证明与金额不变。先记入事件，停止后改写日志，启动后重建状态并逐条比"
        "对，最后删除原有字节（docs/"
        "PRIVACY.md）：\n\n"
        "  hutong person erase 110101194901011234 --basis 个人信息保护法第47条\n"
        "  hutong down && hutong person erase --apply\n"
        "  hutong up --detach && hutong person erase --finish",
    .options =
        (const struct command_option[]){
            COMMAND_OPTIONS_ACCESS,
            {"--basis", "TEXT", "删除的法律依据，记入日志", "the legal basis of an erasure; it stands in the log"},
            {"--apply", NULL, "平台停止时改写日志", "rewrites the log, while the exchange is stopped"},
            {"--finish", NULL, "全部就绪后删除原有字节", "removes the old bytes, once everything is ready"},
            {"--undo", NULL, "平台停止时恢复原样", "puts log and states back, while the exchange is stopped"},
            {"--yes", NULL, "不再询问", "does not ask"},
            {0}},
    .run = run,
};
