/* SPDX-License-Identifier: Apache-2.0
 * hutong submit, hutong mailbox. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/keys.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "tools/refusal_text.h"
#include "tools/repeats.h"
#include "tools/submit.h"

static const char *const receipt_names[] = {"none", "accepted", "refused", "conflict", "busy"};

static void show_progress(void *self, size_t done)
{
    progress_show(said("已发送", "submitted"), done, *(size_t *)self);
}

static void id_of(const struct ht_bytes *envelope, char id[37])
{
    struct envelope_head head;
    id[0] = 0;
    if (envelope_head_read(span_of(envelope->data, envelope->size), &head) == OK && head.message_id.size == 36) {
        memcpy(id, head.message_id.data, 36);
        id[36] = 0;
    }
}

/* One line for an outcome, for people. */
static void print_outcome(json_t *outcome)
{
    json_t *amounts = json_object_get(outcome, "amounts");
    char total[32], funds[32], person[32];
    const char *kind = cli_text(outcome, "kind");
    (void)printf("%8lld  %-12s %-14s", (long long)cli_integer(outcome, "position"),
                 strncmp(kind, "OUTCOME_KIND_", 13) == 0 ? kind + 13 : kind, cli_text(outcome, "event"));
    if (amounts != NULL) {
        money_describe(cli_integer(amounts, "totalFen"), total);
        money_describe(cli_integer(amounts, "fundPayTotalFen"), funds);
        money_describe(cli_integer(amounts, "personPayTotalFen"), person);
        (void)printf(said(" %s 总额 %s 基金 %s 个人 %s", " %s total %s funds %s person %s"),
                     cli_text(outcome, "billId"), total, funds, person);
    }
    size_t index;
    json_t *finding;
    json_array_foreach(json_object_get(outcome, "findings"), index, finding)
    {
        (void)printf("\n");
        refusal_print(10, (uint32_t)cli_integer(finding, "rule"), cli_text(finding, "path"),
                      cli_text(finding, "detail"));
    }
    if (cli_text(outcome, "deadReason")[0] != 0)
        (void)printf("\n          %s", cli_text(outcome, "deadReason"));
    (void)printf("\n");
}

static void print_refused(const char *id, const char *kind, const struct ht_receipt *receipt)
{
    struct buffer text = {0};
    const struct rule_text *rule = rule_find(rule_number(receipt->code));
    if (rule != NULL)
        refusal_describe_remedy(rule, &text);
    (void)printf("%s  %s  %s %s  %s; %s%s%s\n", id, kind, receipt->code, receipt->path, receipt->zh, receipt->en,
                 rule != NULL ? "\n          " : "", buffer_text(&text));
    buffer_fini(&text);
}

static void print_receipt(struct cli *cli, const char *id, const struct ht_receipt *receipt)
{
    const char *kind = receipt_names[receipt->kind <= HT_BUSY ? receipt->kind : 0];
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:s,s:I,s:I,s:s,s:s,s:s,s:s}", "messageId", id, "receipt", kind, "position",
                                 (json_int_t)receipt->position, "acceptedAtMs", (json_int_t)receipt->accepted_at_ms,
                                 "code", receipt->code, "path", receipt->path, "zh", receipt->zh, "en", receipt->en));
    else if (receipt->kind == HT_ACCEPTED)
        (void)printf(said("%s  已受理，位置 %llu\n", "%s  accepted at %llu\n"), id,
                     (unsigned long long)receipt->position);
    else
        print_refused(id, kind, receipt);
}

struct summary {
    size_t accepted, refused, none, decided, business_refused, superseded;
};

/* The first answer, to a message that was sent before, is not what stands now: on stderr, whatever is printed. */
static bool is_last_word(const struct repeats *repeats, const struct ht_client *client, uint64_t position,
                         const char *kind)
{
    uint64_t newer = repeats_superseded_by(repeats, client, position);
    bool bill = strcmp(kind, "OUTCOME_KIND_SETTLED") == 0;
    struct buffer text = {0};
    char detail[80];
    if (newer == 0)
        return true;
    (void)snprintf(detail, sizeof detail, "%s at %llu, %s at %llu", bill ? "settled" : "stated",
                   (unsigned long long)position, bill ? "taken back" : "superseded", (unsigned long long)newer);
    refusal_describe(bill ? RULE_BILL_TAKEN_BACK : RULE_ROW_SUPERSEDED, "", "", detail, &text);
    complain("%s", buffer_text(&text));
    buffer_fini(&text);
    return false;
}

static int await_outcomes(struct cli *cli, struct ht_client *client, const struct repeats *repeats,
                          const struct ht_receipt *receipts, size_t count, bool quiet, struct summary *summary)
{
    for (size_t i = 0; i < count; i++) {
        unsigned char *bytes;
        size_t size;
        if (receipts[i].kind != HT_ACCEPTED)
            continue;
        enum ht_result result = ht_outcome(client, receipts[i].position, 60000, NULL, &bytes, &size);
        if (result != HT_OK) {
            progress_end();
            complain(said("没有位置 %llu 的结果：%s", "no outcome of %llu: %s"),
                     (unsigned long long)receipts[i].position,
                     result == HT_REFUSED ? ht_last_refusal(client) : said("限时内无回答", "no answer in time"));
            return result == HT_TIMEOUT ? CLI_UNREACHABLE : CLI_DIFFERENT;
        }
        json_t *outcome = cli_message(WIRE_OUTCOME, span_of(bytes, size));
        free(bytes);
        const char *kind = cli_text(outcome, "kind");
        summary->decided++;
        if (strcmp(kind, "OUTCOME_KIND_REFUSED") == 0 || strcmp(kind, "OUTCOME_KIND_DEAD_LETTER") == 0)
            summary->business_refused++;
        summary->superseded += !is_last_word(repeats, client, receipts[i].position, kind);
        if (quiet)
            json_decref(outcome);
        else if (cli->json)
            cli_print_json(outcome);
        else {
            print_outcome(outcome);
            json_decref(outcome);
        }
        progress_show(said("已有结果", "decided"), summary->decided, summary->accepted);
    }
    progress_end();
    return CLI_OK;
}

static int report(struct cli *cli, const struct summary *summary, size_t count, bool await)
{
    if (cli->json && count > 1)
        cli_print_json(json_pack("{s:{s:I,s:I,s:I,s:I,s:I,s:I}}", "summary", "submitted", (json_int_t)count, "accepted",
                                 (json_int_t)summary->accepted, "refused", (json_int_t)summary->refused, "unanswered",
                                 (json_int_t)summary->none, "decided", (json_int_t)summary->decided, "refusedOutcomes",
                                 (json_int_t)summary->business_refused));
    else if (count > 1)
        (void)printf(said("发送 %zu 份：受理 %zu，接收端拒绝 %zu，无回执 %zu%s",
                          "%zu submitted: %zu accepted, %zu refused at the edge, %zu without a receipt%s"),
                     count, summary->accepted, summary->refused, summary->none, await ? "" : "\n");
    if (!cli->json && count > 1 && await)
        (void)printf(said("；已有结果 %zu，其中拒绝 %zu\n", "; %zu decided, of these %zu refused\n"), summary->decided,
                     summary->business_refused);
    if (summary->none > 0)
        return CLI_UNREACHABLE;
    return summary->refused > 0 || summary->business_refused > 0 || summary->superseded > 0 ? CLI_DIFFERENT : CLI_OK;
}

/* To an exchange on a trace's clock: everything accepted at this time, a frame after the other. */
static enum ht_result submit_at(struct ht_client *client, const struct input *input, instant_ms_t at,
                                uint32_t deadline_ms, struct ht_receipt *receipts)
{
    enum { FRAME_COUNT = 256 };
    int64_t stamps[FRAME_COUNT];
    enum ht_result result = HT_OK;
    for (size_t i = 0; i < FRAME_COUNT; i++)
        stamps[i] = at;
    for (size_t first = 0; first < input->count && result == HT_OK; first += FRAME_COUNT) {
        size_t left = input->count - first;
        result = ht_submit_at(client, input->envelopes + first, stamps, left > FRAME_COUNT ? FRAME_COUNT : left,
                              deadline_ms, receipts + first);
    }
    return result;
}

/* Whatever has no other receipt was answered with BUSY, which says that it was not stored. */
static bool only_busy(const struct ht_receipt *receipts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (receipts[i].kind == HT_RECEIPT_NONE)
            return false;
    return true;
}

int submit_all(struct cli *cli, const struct input *input, const struct submit_options *options)
{
    struct ht_client *client = cli_connect(cli);
    struct summary summary = {0};
    size_t total = input->count;
    if (client == NULL)
        return CLI_BAD_INPUT;
    struct ht_receipt *receipts = calloc(input->count + 1, sizeof *receipts);
    INVARIANT(receipts != NULL);
    struct repeats repeats = {0};
    uint32_t left_ms = options->await ? repeats_begin(&repeats, client, options->deadline_ms) : options->deadline_ms;
    enum ht_result result =
        options->at != 0 ? submit_at(client, input, options->at, left_ms, receipts)
                         : ht_submit(client, input->envelopes, input->count, left_ms, receipts, show_progress, &total);
    progress_end();
    if (result == HT_REFUSED)
        complain(said("拒绝：%s", "refused: %s"), ht_last_refusal(client));
    else if (result != HT_OK && only_busy(receipts, input->count))
        complain(said("限时内一直繁忙：未存入任何内容；请稍后以相同字节再发",
                      "busy all the time: nothing was stored; submit the same bytes again later"));
    else if (result != HT_OK)
        complain(said("限时内无回执：结果不明，请以相同字节再发%s%s",
                      "no receipt in time: the outcome is unknown; submit the same bytes again%s%s"),
                 ht_last_refusal(client)[0] != 0 ? "; " : "", ht_last_refusal(client));
    for (size_t i = 0; i < input->count; i++) {
        char id[37];
        id_of(&input->envelopes[i], id);
        summary.accepted += receipts[i].kind == HT_ACCEPTED;
        summary.refused += receipts[i].kind == HT_RECEIPT_REFUSED || receipts[i].kind == HT_CONFLICT;
        summary.none += receipts[i].kind == HT_RECEIPT_NONE || receipts[i].kind == HT_BUSY;
        if (!options->quiet || receipts[i].kind == HT_RECEIPT_REFUSED || receipts[i].kind == HT_CONFLICT)
            print_receipt(cli, id, &receipts[i]);
    }
    int code = result == HT_REFUSED ? CLI_DIFFERENT : CLI_OK;
    if (options->await && result == HT_OK) {
        repeats_sent(&repeats, receipts, input->count);
        code = await_outcomes(cli, client, &repeats, receipts, input->count, options->quiet, &summary);
    }
    int verdict = report(cli, &summary, input->count, options->await);
    for (size_t i = 0; i < input->count; i++)
        ht_receipt_clear(&receipts[i]);
    free(receipts);
    repeats_end(&repeats);
    ht_close(&client);
    return code != CLI_OK ? code : verdict;
}

bool submit_options_read(struct cli *cli, struct submit_options *options)
{
    options->deadline_ms = (uint32_t)cli_number_within(cli, "--timeout", 60, 0, UINT32_MAX / 1000) * 1000;
    return cli_noon(cli, &options->at);
}

static int run_submit(struct cli *cli)
{
    struct input input = {0};
    bool binary = cli_flag(cli, "--binary");
    struct submit_options options = {.await = cli_flag(cli, "--await"), .quiet = cli_flag(cli, "--quiet")};
    if (!submit_options_read(cli, &options) || !cli_arguments(cli, &command_submit, 1, -1))
        return CLI_USAGE;
    int code = CLI_OK;
    for (int i = 0; i < cli->argc && code == CLI_OK; i++)
        if (!input_read(&input, cli->argv[i], binary, cli->as != NULL ? cli->as : "operator"))
            code = CLI_BAD_INPUT;
    if (code == CLI_OK && input.count == 0) {
        complain(said("没有可发送的", "nothing to submit"));
        code = CLI_BAD_INPUT;
    }
    if (code == CLI_OK)
        code = submit_all(cli, &input, &options);
    input_free(&input);
    return code;
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
        print_outcome(outcome);
        json_decref(outcome);
    }
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
    .usage = "submit [--await] [--binary] [--quiet] [--timeout S] [--at DAY] FILE...",
    .summary = "send envelopes, and keep sending the same bytes until each has a receipt",
    .summary_zh = "发送报文，并以相同字节反复发送，直到每一份都有回执",
    .help = "FILE holds envelopes as JSON of the proto3 mapping (one object, an array, or one a line), or "
            "length-delimited\n"
            "binary (--binary); - is stdin. version, sender and messageId are filled in where they are absent, "
            "sentAtMs only\n"
            "with a new messageId: a file with ids gives the same bytes, and so the same receipts, every time.\n"
            "--await waits for the outcomes and prints them; --quiet prints refusals and the sum only.\n"
            "--at 20250310 stamps noon of that day, on an exchange with trace_clock: true, as the operator.\n\n"
            "  echo '{\"billSettle\": {...}, \"personId\": \"...\"}' |\n"
            "      hutong --as 120000 submit --await -\n"
            "Exit code 1: something was refused. 3: no receipt in time; send the same bytes again.",
    .help_zh = "FILE 为报文：proto3 映射的 JSON（一个对象、一个数组或每行一个），或带长度前缀的二进制（--binary）；- "
               "为标准输入。未写的 version、sender、messageId 自动填入，sentAtMs 仅在 messageId "
               "也是新填时填入：写明编号的文件每次字节相同，回执也相同。\n\n"
               "  echo '{\"billSettle\": {...}, \"personId\": \"...\"}' |\n"
               "      hutong --as 120000 submit --await -\n\n"
               "退出码 1：有被拒绝的。3：限时内无回执，请以相同字节再发。",
    .options =
        (const struct command_option[]){
            {"--await", NULL, "等待结果并输出", "waits for the outcomes and prints them"},
            {"--binary", NULL, "文件为带长度前缀的二进制", "the file is length-delimited binary"},
            {"--quiet", NULL, "只输出拒绝和合计", "prints refusals and the sum only"},
            {"--timeout", "S", "至多等待的秒数，缺省 60", "seconds to wait at most, 60 unless given"},
            COMMAND_OPTION_AT,
            {0}},
    .run = run_submit,
};
const struct command command_mailbox = {
    .name = "mailbox",
    .usage = "mailbox [--books] [--party P] [--from N] [--count N] [--follow] [--confirm]",
    .summary = "results of a party, in the order in which they came",
    .summary_zh = "某一主体的结果，按到达次序",
    .help = "Begins where the owner has confirmed, or at --from. --confirm says that what was printed has been kept.\n"
            "The operator may look into any mailbox with --party. --books: what the books say instead (statements' "
            "results,\n"
            "clearing tables, notices), a box with places and a confirmation of its own.\n\n"
            "  hutong --as 110000 mailbox --follow --confirm",
    .help_zh = "从信箱主人确认之处开始，或从 --from 开始。运维方可用 --party 查看任一信箱。\n"
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
            {0}},
    .run = run_mailbox,
};
