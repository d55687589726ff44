/* SPDX-License-Identifier: Apache-2.0
 * Sending, and what became of it. */
#include "tools/submit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "tools/outcome_print.h"
#include "tools/refusal_text.h"

/* What is waited for at once: enough that the pauses between parts do not count. */
enum { PART_COUNT_MAX = 32 * 1024, PROGRESS_MS = 1000 };

static const char *const receipt_names[] = {"none", "accepted", "refused", "conflict", "busy"};

static void id_of(const struct ht_bytes *envelope, char id[37])
{
    struct envelope_head head;
    id[0] = 0;
    if (envelope_head_read(span_of(envelope->data, envelope->size), &head) == OK && head.message_id.size == 36) {
        memcpy(id, head.message_id.data, 36);
        id[36] = 0;
    }
}

/* Once a second, where somebody looks. */
static void show_progress(struct sending *sending, size_t sent)
{
    const struct submit_summary *summary = &sending->summary;
    char text[200], decided[60] = "";
    int64_t now = loop_monotonic_us(), past_us = now - sending->told_us;
    if (sending->options.quiet || past_us < PROGRESS_MS * INT64_C(1000))
        return;
    size_t a_second = (size_t)((int64_t)(sent - sending->told) * 1000000 / past_us);
    if (sending->options.await)
        (void)snprintf(decided, sizeof decided, said("，已有结果 %zu", ", %zu decided"), summary->decided);
    (void)snprintf(text, sizeof text,
                   said("已发送 %zu 份，每秒 %zu 份，拒绝 %zu%s", "%zu sent, %zu a second, %zu refused%s"), sent,
                   a_second, summary->refused + summary->business_refused, decided);
    progress_line(text, sending->options.progress);
    sending->told_us = now;
    sending->told = sent;
}

static void on_receipts(void *self, size_t done)
{
    struct sending *sending = self;
    show_progress(sending, sending->summary.submitted + done);
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

/* The first answer, to a message that was sent before, is not what stands now: on stderr, whatever is printed. */
static bool is_last_word(struct sending *sending, uint64_t position, bool bill)
{
    uint64_t newer = repeats_superseded_by(&sending->repeats, sending->client, position);
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

static void on_outcome(void *self, uint64_t position, struct span bytes)
{
    struct sending *sending = self;
    struct outcome_head head = {0};
    if (outcome_head_read(bytes, &head) != OK)
        head.kind = OUTCOME_NONE;
    sending->summary.decided++;
    sending->summary.business_refused += head.kind == OUTCOME_REFUSED || head.kind == OUTCOME_DEAD_LETTER;
    sending->summary.superseded += !is_last_word(sending, position, head.kind == OUTCOME_SETTLED);
    if (sending->options.quiet)
        return;
    json_t *outcome = cli_message(WIRE_OUTCOME, bytes);
    if (sending->cli->json) {
        cli_print_json(outcome);
    } else {
        outcome_print(outcome);
        json_decref(outcome);
    }
    show_progress(sending, sending->summary.submitted);
}

static enum ht_result await_outcomes(struct sending *sending)
{
    uint64_t position;
    enum ht_result result = awaiting_finish(&sending->awaiting);
    progress_end();
    if (result != HT_OK && awaiting_position(&sending->awaiting, &position))
        complain(said("没有位置 %llu 的结果：%s", "no outcome of %llu: %s"), (unsigned long long)position,
                 result == HT_REFUSED ? ht_last_refusal(sending->client) : said("限时内无回答", "no answer in time"));
    return result;
}

static int report(const struct sending *sending)
{
    const struct cli *cli = sending->cli;
    const struct submit_summary *summary = &sending->summary;
    size_t count = summary->submitted;
    bool await = sending->options.await;
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

/* Whatever has no other receipt was answered with BUSY, which says that it was not stored. */
static bool only_busy(const struct ht_receipt *receipts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (receipts[i].kind == HT_RECEIPT_NONE)
            return false;
    return true;
}

bool submit_options_read(struct cli *cli, struct submit_options *options)
{
    options->deadline_ms = (uint32_t)cli_number_within(cli, "--timeout", 60, 0, UINT32_MAX / 1000) * 1000;
    return cli_noon(cli, &options->at);
}

bool sending_begin(struct sending *sending, struct cli *cli, const struct submit_options *options)
{
    *sending = (struct sending){.cli = cli, .options = *options, .left_ms = options->deadline_ms};
    sending->client = cli_connect(cli);
    if (sending->client == NULL)
        return false;
    sending->told_us = loop_monotonic_us();
    if (options->receipts != NULL) {
        sending->receipts = fopen(options->receipts, "ab");
        if (sending->receipts == NULL) {
            complain(said("无法写入 %s：%s", "cannot write %s: %s"), options->receipts, strerror(errno));
            ht_close(&sending->client);
            return false;
        }
        ht_keep_proofs(sending->client, true);
    }
    if (options->await) {
        sending->left_ms = repeats_begin(&sending->repeats, sending->client, options->deadline_ms);
        awaiting_begin(&sending->awaiting, sending->client, &sending->repeats, on_outcome, sending);
    }
    return true;
}

static void complain_of(const struct sending *sending, const struct ht_receipt *receipts, size_t count)
{
    const char *refusal = ht_last_refusal(sending->client);
    if (sending->result == HT_REFUSED)
        complain(said("拒绝：%s", "refused: %s"), refusal);
    else if (only_busy(receipts, count))
        complain(said("限时内一直繁忙：未存入任何内容；请稍后以相同字节再发",
                      "busy all the time: nothing was stored; submit the same bytes again later"));
    else
        complain(said("限时内无回执：结果不明，请以相同字节再发%s%s",
                      "no receipt in time: the outcome is unknown; submit the same bytes again%s%s"),
                 refusal[0] != 0 ? "; " : "", refusal);
}

static void take_receipt(struct sending *sending, const struct ht_bytes *envelope, const struct ht_receipt *receipt)
{
    char id[37];
    bool refused = receipt->kind == HT_RECEIPT_REFUSED || receipt->kind == HT_CONFLICT;
    sending->summary.submitted++;
    sending->summary.accepted += receipt->kind == HT_ACCEPTED;
    sending->summary.refused += refused;
    sending->summary.none += receipt->kind == HT_RECEIPT_NONE || receipt->kind == HT_BUSY;
    if (sending->options.quiet && !refused)
        return;
    id_of(envelope, id);
    print_receipt(sending->cli, id, receipt);
}

static void send_part(struct sending *sending, const struct ht_bytes *envelopes, size_t count,
                      struct ht_receipt *receipts)
{
    static int64_t stamps[PART_COUNT_MAX];
    for (size_t i = 0; i < count; i++)
        stamps[i] = sending->options.at;
    sending->result =
        sending->options.at != 0
            ? ht_submit_at(sending->client, envelopes, stamps, count, sending->left_ms, receipts)
            : ht_submit(sending->client, envelopes, count, sending->left_ms, receipts, on_receipts, sending);
    sending->left_ms = sending->options.deadline_ms;
    progress_end();
    if (sending->result != HT_OK)
        complain_of(sending, receipts, count);
}

/* Behind those that lie there; on disk when the part ends, and no earlier. */
static bool keep_receipts(struct sending *sending, const struct ht_receipt *receipts, size_t count)
{
    struct buffer record = {0};
    bool kept = true;
    for (size_t i = 0; i < count; i++) {
        if (receipts[i].proof_size == 0)
            continue;
        buffer_reset(&record);
        delimited_put(&record, span_of(receipts[i].proof, receipts[i].proof_size));
        kept = fwrite(record.data, 1, record.size, sending->receipts) == record.size && kept;
    }
    buffer_fini(&record);
    kept = fflush(sending->receipts) == 0 && fsync(fileno(sending->receipts)) == 0 && kept;
    if (!kept)
        complain(said("无法写入 %s：%s", "cannot write %s: %s"), sending->options.receipts, strerror(errno));
    return kept;
}

/* Of another sender's message, which a trace's clock lets through, the outcome lies in another mailbox. */
static bool is_own(const struct sending *sending, const struct ht_bytes *envelope)
{
    struct envelope_head head;
    const char *own = sending->cli->as != NULL ? sending->cli->as : "operator";
    return envelope_head_read(span_of(envelope->data, envelope->size), &head) == OK &&
           span_equal(head.sender, span_text(own));
}

static void take_part(struct sending *sending, const struct ht_bytes *envelopes, size_t count,
                      struct ht_receipt *receipts)
{
    memset(receipts, 0, count * sizeof *receipts);
    if (sending->result == HT_OK)
        send_part(sending, envelopes, count, receipts);
    if (sending->receipts != NULL && !keep_receipts(sending, receipts, count))
        sending->unkept = true;
    for (size_t i = 0; i < count; i++)
        take_receipt(sending, &envelopes[i], &receipts[i]);
    for (size_t i = 0; sending->options.await && i < count; i++)
        if (!is_own(sending, &envelopes[i]))
            awaiting_ask_always(&sending->awaiting);
    if (sending->options.await)
        repeats_sent(&sending->repeats, receipts, count);
    if (sending->options.await && sending->options.quiet && sending->result == HT_OK)
        awaiting_take(&sending->awaiting); /* what is printed comes after all receipts */
    for (size_t i = 0; i < count; i++)
        ht_receipt_clear(&receipts[i]);
}

bool sending_input(struct sending *sending, const struct input *input)
{
    struct ht_receipt *receipts = calloc(PART_COUNT_MAX, sizeof *receipts);
    INVARIANT(receipts != NULL);
    for (size_t first = 0; first < input->count; first += PART_COUNT_MAX) {
        size_t left = input->count - first;
        take_part(sending, input->envelopes + first, left < PART_COUNT_MAX ? left : PART_COUNT_MAX, receipts);
    }
    free(receipts);
    return sending->result == HT_OK;
}

int sending_end(struct sending *sending)
{
    int code = sending->result == HT_REFUSED ? CLI_DIFFERENT : CLI_OK;
    if (sending->options.await && sending->result == HT_OK) {
        enum ht_result result = await_outcomes(sending);
        code = result == HT_OK ? CLI_OK : result == HT_TIMEOUT ? CLI_UNREACHABLE : CLI_DIFFERENT;
    }
    int verdict = report(sending);
    repeats_end(&sending->repeats);
    ht_close(&sending->client);
    if (sending->receipts != NULL)
        sending->unkept = fclose(sending->receipts) != 0 || sending->unkept;
    return sending->unkept ? CLI_FAILED : code != CLI_OK ? code : verdict;
}
