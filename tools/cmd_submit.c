/* SPDX-License-Identifier: Apache-2.0
 * hutong submit, hutong mailbox. */
#include <stdio.h>
#include <stdlib.h>

#include "common/pb/wire.h"
#include "tools/access.h"
#include "tools/action.h"
#include "tools/outcome_print.h"
#include "tools/submit.h"

/* What is read, and found without fault, before anything is sent; what is read at once after that. */
enum { CHECKED_SIZE = 16 * 1024 * 1024, BLOCK_SIZE = 8 * 1024 * 1024 };

/* One file. Sends once enough was read; false: `code` says why to stop. */
static bool submit_file(struct sending *sending, struct input *input, struct input_file *file, size_t *read, int *code)
{
    while (!file->ended) {
        bool begun = sending->client != NULL;
        size_t before = file->size;
        if (!input_more(file, input, begun ? BLOCK_SIZE : CHECKED_SIZE - *read)) {
            *code = CLI_BAD_INPUT;
            return false;
        }
        *read += file->size - before;
        if (!begun && *read < CHECKED_SIZE)
            continue;
        if (!begun && !sending_begin(sending, sending->cli, &sending->options)) {
            *code = CLI_BAD_INPUT;
            return false;
        }
        if (!sending_input(sending, input))
            return false;
        input_clear(input);
    }
    return true;
}

static int submit_files(struct sending *sending, bool binary)
{
    struct cli *cli = sending->cli;
    struct input input = {0};
    size_t read = 0;
    int code = CLI_OK;
    bool going = true;
    for (int i = 0; i < cli->argc && going; i++) {
        struct input_file file;
        going = input_open(&file, cli->argv[i], binary, cli->as != NULL ? cli->as : "operator");
        code = going ? CLI_OK : CLI_BAD_INPUT;
        going = going && submit_file(sending, &input, &file, &read, &code);
        input_close(&file);
    }
    bool begun = sending->client != NULL;
    if (code == CLI_OK && !begun && input.count == 0) {
        complain(said("没有可发送的", "nothing to submit"));
        code = CLI_BAD_INPUT;
    }
    if (code == CLI_OK && !begun)
        code = sending_begin(sending, cli, &sending->options) ? CLI_OK : CLI_BAD_INPUT;
    if (code == CLI_OK && going)
        (void)sending_input(sending, &input);
    else if (code != CLI_OK && begun)
        complain(said("此前的 %zu 份已发送", "the %zu before that were sent"), sending->summary.submitted);
    input_free(&input);
    if (sending->client != NULL) {
        int sent = sending_end(sending);
        code = code != CLI_OK ? code : sent;
    }
    return code;
}

static int run_submit(struct cli *cli)
{
    struct sending sending = {.cli = cli};
    struct submit_options *options = &sending.options;
    bool binary = cli_flag(cli, "--binary");
    options->await = cli_flag(cli, "--await");
    options->quiet = cli_flag(cli, "--quiet");
    options->receipts = cli_option(cli, "--receipts");
    options->progress = cli_flag(cli, "--progress");
    if (!submit_options_read(cli, options) || !cli_arguments(cli, &command_submit, 1, -1))
        return CLI_USAGE;
    int code = action_record(cli, &(struct action){ACTION_SUBMIT, cli->argv[0], 0});
    return code != CLI_OK ? code : submit_files(&sending, binary);
}

/* ---- mailbox ---- */

struct reading {
    struct cli *cli;
    uint64_t next;
    bool books;
};

static void print_one(void *self, uint64_t place, const void *bytes, size_t size)
{
    struct reading *reading = self;
    json_t *outcome = cli_message(reading->books ? WIRE_BOOKS_RECORD : WIRE_OUTCOME, span_of(bytes, size));
    reading->next = place + 1;
    if (outcome == NULL)
        return;
    if (reading->cli->json || reading->books) {
        json_object_set_new(outcome, "mailboxPlace", json_integer((json_int_t)place));
        cli_print_json(outcome);
    } else {
        outcome_print(outcome);
        json_decref(outcome);
    }
}

/* A region's outcomes are of persons; what the books say is of none. */
static int look_into(struct cli *cli, const char *party, bool books)
{
    char scope[64];
    if (party == NULL || books || strcmp(party, "operator") == 0)
        return CLI_OK;
    (void)snprintf(scope, sizeof scope, "mailbox %.40s", party);
    return access_record(cli, &(struct access){"mailbox", NULL, scope, 0}, NULL);
}

static int run_mailbox(struct cli *cli)
{
    const char *party = cli_option(cli, "--party");
    struct reading reading = {cli, cli_number(cli, "--from", UINT64_MAX), false};
    uint64_t count = cli_number(cli, "--count", UINT64_MAX), end = 0, confirmed = 0;
    bool follow = cli_flag(cli, "--follow"), confirm = cli_flag(cli, "--confirm");
    reading.books = cli_flag(cli, "--books");
    if (!cli_arguments(cli, &command_mailbox, 0, 0))
        return CLI_USAGE;
    int code = look_into(cli, party, reading.books);
    if (code != CLI_OK)
        return code;
    struct ht_client *client = cli_connect(cli);
    if (client == NULL)
        return CLI_BAD_INPUT;
    ht_choose_box(client, reading.books);
    enum ht_result result = HT_OK;
    if (reading.next == UINT64_MAX) { /* from where it was confirmed */
        result = ht_fetch(client, party, UINT64_MAX >> 1, 1, 0, print_one, &reading, &end, &confirmed);
        reading.next = confirmed;
    }
    uint64_t first = reading.next;
    do {
        uint64_t left = count == UINT64_MAX ? 1024 : count - (reading.next - first);
        if (result == HT_OK)
            result = ht_fetch(client, party, reading.next, (uint32_t)(left > 1024 ? 1024 : left), follow ? 5000 : 0,
                              print_one, &reading, &end, &confirmed);
        (void)fflush(stdout);
        if (confirm && result == HT_OK)
            result = ht_confirm(client, reading.next, 10000, &confirmed);
    } while (result == HT_OK && reading.next - first < count && (follow || reading.next < end));
    if (result == HT_REFUSED)
        complain("%s", ht_last_refusal(client));
    else if (result != HT_OK)
        complain(said("限时内无回答%s%s", "no answer in time%s%s"), ht_last_refusal(client)[0] != 0 ? "; " : "",
                 ht_last_refusal(client));
    else if (!cli->json)
        (void)fprintf(stderr, said("信箱末尾 %llu，已确认至 %llu\n", "mailbox ends at %llu, confirmed through %llu\n"),
                      (unsigned long long)end, (unsigned long long)confirmed);
    ht_close(&client);
    return result == HT_OK ? CLI_OK : result == HT_REFUSED ? CLI_DIFFERENT : CLI_UNREACHABLE;
}

const struct command command_submit = {
    .name = "submit",
    .usage = "submit [--await] [--binary] [--quiet] [--progress] [--receipts FILE] [--timeout S] [--at DAY] "
             "[--reason TEXT] FILE...",
    .summary = "send envelopes, and keep sending the same bytes until each has a receipt",
    .summary_zh = "发送报文，并以相同字节反复发送，直到每一份都有回执",
    .help =
        "FILE holds envelopes as JSON of the proto3 mapping (one object, an array, or one a line), or "
        "length-delimited\n"
        "binary (--binary); - is stdin. version, sender and messageId are filled in where they are absent, "
        "sentAtMs only\n"
        "with a new messageId: a file with ids gives the same bytes, and so the same receipts, every time.\n"
        "--await waits for the outcomes and prints them; --quiet prints refusals and the sum only. The first 16 MiB "
        "are\n"
        "checked before anything is sent; what is longer, without an end even, is sent while it is read.\n"
        "--at 20250310 stamps noon of that day, on an exchange with trace_clock: true, as the operator.\n\n"
        "  echo '{\"billSettle\": {...}, \"personId\": \"...\"}' |\n"
        "      hutong --as 120000 submit --await -\n"
        "Exit code 1: something was refused. 3: no receipt in time; send the same bytes again.",
    .help_zh = "FILE 为报文：proto3 映射的 JSON（一个对象、一个数组或每行一个），或带长度前缀的二进制（--binary）；- "
               "为标准输入。未写的 version、sender、messageId 自动填入，sentAtMs 仅在 messageId "
               "也是新填时填入：写明编号的文件每次字节相同，回执也相同。前 16 MiB 先检查后发送；更长的边读边发。\n\n"
               "  echo '{\"billSettle\": {...}, \"personId\": \"...\"}' |\n"
               "      hutong --as 120000 submit --await -\n\n"
               "退出码 1：有被拒绝的。3：限时内无回执，请以相同字节再发。",
    .options =
        (const struct command_option[]){
            {"--await", NULL, "等待结果并输出", "waits for the outcomes and prints them"},
            {"--binary", NULL, "文件为带长度前缀的二进制", "the file is length-delimited binary"},
            {"--quiet", NULL, "只输出拒绝和合计", "prints refusals and the sum only"},
            {"--receipts", "FILE", "将平台签名的回执追加到此文件；hutong verify receipt 核验",
             "appends the receipts, signed by the exchange, to this file; hutong verify receipt reads it"},
            {"--progress", NULL, "每秒在标准错误输出一行进展；终端上本来就有",
             "a line on stderr every second; on a terminal there is one anyway"},
            {"--timeout", "S", "一部分至多等待的秒数，缺省 60", "seconds to wait for a part at most, 60 unless given"},
            COMMAND_OPTION_AT,
            COMMAND_OPTIONS_ACTION,
            {0}},
    .run = run_submit,
};
const struct command command_mailbox = {
    .name = "mailbox",
    .usage =
        "mailbox [--books] [--party P] [--from N] [--count N] [--follow] [--confirm] [--reason TEXT] [--unrecorded]",
    .summary = "results of a party, in the order in which they came",
    .summary_zh = "某一主体的结果，按到达次序",
    .help = "Begins where the owner has confirmed, or at --from. --confirm says that what was printed has been kept.\n"
            "The operator may look into any mailbox with --party, which goes on the log (docs/PRIVACY.md). --books: "
            "what the books say instead (statements' "
            "results,\n"
            "clearing tables, notices), a box with places and a confirmation of its own.\n\n"
            "  hutong --as 110000 mailbox --follow --confirm",
    .help_zh =
        "从信箱主人确认之处开始，或从 --from 开始。运维方可用 --party 查看任一信箱，并记入日志（docs/PRIVACY.md）。\n"
        "\n"
        "  hutong --as 110000 mailbox --follow --confirm",
    .options =
        (const struct command_option[]){
            {"--books", NULL, "账务方面的信息（对账结果、清算表、通知）；其序号和确认另计",
             "what the books say instead (statements' results, clearing tables, notices): a box with places and a "
             "confirmation of its own"},
            {"--party", "P", "查看谁的信箱，限运维方", "whose, for the operator"},
            {"--from", "N", "从信箱的第 N 个位置开始", "begins at this place of the box"},
            {"--count", "N", "至多 N 条", "so many at most"},
            {"--follow", NULL, "继续等待新的结果", "waits for more"},
            {"--confirm", NULL, "告知平台：已输出的均已保存", "says that what was printed has been kept"},
            COMMAND_OPTIONS_ACCESS,
            {0}},
    .run = run_mailbox,
};
