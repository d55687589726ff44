/* SPDX-License-Identifier: Apache-2.0
 * hutong track: where a message has been, and when. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/digest.h"
#include "common/pb/outcome.h"
#include "tools/log_reader.h"
#include "tools/masked.h"
#include "tools/message_detail.h"
#include "tools/position.h"
#include "tools/refusal_text.h"

/* The client is of this question alone: the daemons are asked with one of their own. */
static int find_position(struct cli *cli, uint64_t *position)
{
    struct ht_client *client = cli_connect(cli);
    int code = client == NULL ? CLI_BAD_INPUT : position_asked(cli, client, position);
    ht_close(&client);
    return code;
}

static void add_hop(json_t *hops, const char *hop, instant_ms_t at, instant_ms_t since)
{
    char text[32];
    instant_describe(at, text);
    json_array_append_new(hops,
                          json_pack("{s:s,s:s,s:I}", "hop", hop, "at", text, "afterMs", (json_int_t)(at - since)));
}

/* When the batch that holds the position was on disk. */
static bool add_stored(struct cli *cli, const char *stream, uint64_t position, instant_ms_t since, json_t *hops,
                       struct submission *submission, struct buffer *envelope)
{
    struct log_reader reader;
    struct span record;
    bool there = log_reader_open(cli, stream, &reader) && log_reader_at(&reader, position, &record);
    if (there && submission != NULL)
        there = submission_decode(record, NULL, submission) == OK;
    if (there)
        add_hop(hops, stream, reader.stored_at, since != 0 ? since : submission->accepted_at);
    if (submission != NULL) {
        buffer_append(envelope, submission->envelope.data, submission->envelope.size);
        submission->envelope = span_of(NULL, 0);
    }
    log_reader_close(&reader);
    return there;
}

static json_t *ask_audit(struct cli *cli, uint64_t position)
{
    struct buffer question = {0}, answer = {0};
    audit_query_encode(&(struct audit_query){AUDIT_ASK_TRAIL, {.trail = {position}}}, &question);
    json_t *whole = cli_query(cli, "audit", 0, buffer_span(&question), 2000, &answer)
                        ? cli_message(WIRE_AUDIT_ANSWER, buffer_span(&answer))
                        : NULL;
    buffer_fini(&question);
    buffer_fini(&answer);
    return cli_member(whole, "trail");
}

static void ask_outcome(struct cli *cli, uint64_t position, enum ht_state *state, struct buffer *outcome)
{
    struct ht_client *client = cli_connect(cli);
    unsigned char *bytes = NULL;
    size_t size = 0;
    if (client != NULL && ht_outcome(client, position, 2000, state, &bytes, &size) == HT_OK)
        buffer_append(outcome, bytes, size);
    free(bytes);
    ht_close(&client);
}

static void print_track(uint64_t position, const json_t *hops, const json_t *trail, const json_t *outcome,
                        const char *state)
{
    size_t index;
    json_t *hop;
    (void)printf(said("位置 %llu  %s  %s，来自 %s：%s\n", "position %llu  %s  %s from %s: %s\n"),
                 (unsigned long long)position, cli_text(trail, "messageId"), cli_text(trail, "event"),
                 cli_text(trail, "sender"), state);
    json_array_foreach(hops, index, hop)(void) printf("  %-30s %-16s +%lld ms\n", cli_text(hop, "at"),
                                                      cli_text(hop, "hop"), (long long)cli_integer(hop, "afterMs"));
    if (outcome != NULL)
        (void)printf(said("  结果 %s，送达", "  outcome %s, delivered to"), cli_text(outcome, "kind"));
    json_array_foreach(json_object_get(outcome, "deliverTo"), index, hop)(void) printf(" %s", json_string_value(hop));
    json_array_foreach(json_object_get(outcome, "findings"), index, hop)
    {
        (void)printf("\n");
        refusal_print(4, (uint32_t)cli_integer(hop, "rule"), cli_text(hop, "path"), cli_text(hop, "detail"));
    }
    (void)printf(said("\n  审计链 %s\n", "\n  audit chain %s\n"), cli_text(trail, "chain"));
}

/* What is known of one message. */
struct tracked {
    uint64_t position;
    struct submission submission;
    struct buffer envelope, outcome;
    json_t *hops, *trail;
    enum ht_state state;
};

/* False: said that the broker does not give the submission. */
static bool add_hops(struct cli *cli, struct tracked *tracked)
{
    static const char *const stems[] = {"verdicts", "outcomes"};
    char stream[STREAM_NAME_SIZE_MAX + 1], accepted[32];
    const struct submission *submission = &tracked->submission;
    if (!add_stored(cli, "submissions", tracked->position, 0, tracked->hops, &tracked->submission,
                    &tracked->envelope)) {
        complain(said("位置 %llu 无法从代理读取：请再问", "%llu cannot be read from the broker: ask again"),
                 (unsigned long long)tracked->position);
        return false;
    }
    instant_describe(submission->accepted_at, accepted);
    json_array_insert_new(tracked->hops, 0,
                          json_pack("{s:s,s:s,s:i}", "hop", "accepted", "at", accepted, "afterMs", 0));
    for (unsigned i = 0; i < 2; i++) {
        (void)snprintf(stream, sizeof stream, "%s.%u", stems[i], submission->person_hash % cli->config.partitions);
        (void)add_stored(cli, stream, tracked->position, submission->accepted_at, tracked->hops, NULL, NULL);
    }
    return true;
}

static void print(struct cli *cli, const struct tracked *tracked)
{
    static const char *const states[][2] = {{"没有应答", "not answered"},
                                            {"不明", "unknown"},
                                            {"已受理", "accepted"},
                                            {"已有结果", "decided"},
                                            {"已送达", "delivered"}};
    const char *const *name = states[tracked->state <= HT_DELIVERED ? tracked->state : 0];
    json_t *outcome = tracked->outcome.size == 0 ? NULL : message_masked(WIRE_OUTCOME, buffer_span(&tracked->outcome));
    if (cli->json) {
        json_t *all = json_pack("{s:I,s:s,s:O,s:O?,s:O?}", "position", (json_int_t)tracked->position, "state", name[1],
                                "hops", tracked->hops, "audit", tracked->trail, "outcome", outcome);
        message_detail_add(cli, all, buffer_span(&tracked->envelope), buffer_span(&tracked->outcome));
        cli_print_json(all);
    } else {
        print_track(tracked->position, tracked->hops, tracked->trail, outcome, said(name[0], name[1]));
    }
    json_decref(outcome);
}

static int track(struct cli *cli, struct tracked *tracked)
{
    if (!add_hops(cli, tracked))
        return CLI_UNREACHABLE;
    tracked->trail = ask_audit(cli, tracked->position);
    ask_outcome(cli, tracked->position, &tracked->state, &tracked->outcome);
    bool answered = tracked->state != HT_STATE_NONE && tracked->trail != NULL;
    if (!answered) /* what is known is printed all the same */
        complain(said("%s没有应答", "%s does not answer"),
                 tracked->trail == NULL ? said("审计", "audit") : said("信箱", "the mailbox"));
    print(cli, tracked);
    return answered ? CLI_OK : CLI_UNREACHABLE;
}

static int run(struct cli *cli)
{
    struct tracked tracked = {.state = HT_STATE_NONE};
    if (!position_arguments(cli, &command_track))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    int code = find_position(cli, &tracked.position);
    if (code == CLI_OK)
        code = position_on_log(cli, tracked.position);
    if (code != CLI_OK)
        return code;
    tracked.hops = json_array();
    code = track(cli, &tracked);
    json_decref(tracked.hops);
    json_decref(tracked.trail);
    buffer_fini(&tracked.envelope);
    buffer_fini(&tracked.outcome);
    return code;
}

const struct command command_track = {
    .name = "track",
    .usage = "track MESSAGE-ID | POSITION | --number N",
    .summary = "where a message has been: every hop with its time, its outcome, its place in the audit chain",
    .summary_zh = "报文到过哪里：每一跳及时间、结果、在审计链中的位置",
    .help = "Times are when the record was on disk at each hop. --number: the newest message of that bill or transfer\n"
            "(hutong flow lists them). With --json also the envelope, masked, each finding with its remedy, and every\n"
            "amount with its steps and sources. On the exchange's own machine.\n\n"
            "  hutong track 0197f1a2-0000-7000-8000-000000000001\n"
            "  hutong track --number B-2025-0001",
    .help_zh =
        "时间为各跳写入磁盘之时。--number：使用该票据号或转移号的最新报文（hutong flow "
        "列出全部）。--json 另含遮掩的报文、各项校验发现及处理办法、各项金额的步骤和依据。在平台所在机器上执行。\n"
        "\n"
        "  hutong track 0197f1a2-0000-7000-8000-000000000001\n"
        "  hutong track --number B-2025-0001",
    .options = (const struct command_option[]){COMMAND_OPTION_NUMBER, {0}},
    .run = run,
};
