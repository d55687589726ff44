/* SPDX-License-Identifier: Apache-2.0
 * hutong dead: what could not be decoded, and its way back. */
#include <stdio.h>
#include <stdlib.h>

#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "tools/cli.h"
#include "tools/log_reader.h"

enum { PAGE = 256 };

/* Letters of one validation partition from a position on, as JSON; the record stays base64. */
static json_t *ask_letters(struct cli *cli, uint32_t partition, uint64_t from, uint32_t count)
{
    struct control_request request = {1, CONTROL_ASK_DEAD_LIST, {.dead_list = {from, count}}};
    json_t *list = cli_member(cli_control(cli, "validation", partition, &request, 5000), "deadList");
    json_t *letters = json_object_get(list, "letters");
    letters = list != NULL && letters == NULL ? json_array() : json_incref(letters);
    json_decref(list);
    return letters;
}

/* What everybody's partition buried stands in each; partition 0's is shown. */
static int list(struct cli *cli)
{
    uint64_t total = 0;
    for (uint32_t p = 0; p < cli->config.partitions; p++)
        for (uint64_t from = 0;;) {
            json_t *letters = ask_letters(cli, p, from, PAGE), *letter;
            size_t index;
            if (letters == NULL) {
                complain(said("validation-%u 没有应答", "validation-%u does not answer"), p);
                return CLI_UNREACHABLE;
            }
            json_array_foreach(letters, index, letter)
            {
                from = (uint64_t)cli_integer(letter, "position") + 1;
                total++;
                if (cli->json)
                    cli_print_json(json_pack("{s:I,s:i,s:s,s:s}", "position", (json_int_t)(from - 1), "partition",
                                             (int)p, "reason", cli_text(letter, "reason"), "record",
                                             cli_text(letter, "record")));
                else
                    (void)printf(said("%10llu  分区 %u  %s\n", "%10llu  partition %u  %s\n"),
                                 (unsigned long long)(from - 1), p, cli_text(letter, "reason"));
            }
            size_t got = json_array_size(letters);
            json_decref(letters);
            if (got < PAGE)
                break;
        }
    if (!cli->json)
        (void)printf(said("死信 %llu 份\n", "%llu dead letters\n"), (unsigned long long)total);
    return CLI_OK;
}

/* Letters beyond the room for them have their bytes in the log alone. */
static void read_from_log(struct cli *cli, uint64_t position, struct buffer *record)
{
    struct log_reader reader;
    struct span bytes;
    if (!log_reader_open(cli, "submissions", &reader))
        return;
    if (log_reader_at(&reader, position, &bytes))
        buffer_append(record, bytes.data, bytes.size);
    log_reader_close(&reader);
}

/* The letter at a position: its submission record in `record`. False: said why. */
static bool find_letter(struct cli *cli, uint64_t position, struct buffer *record, char reason[160])
{
    for (uint32_t p = 0; p < cli->config.partitions; p++) {
        json_t *letters = ask_letters(cli, p, position, 1), *letter = json_array_get(letters, 0);
        bool found = letter != NULL && (uint64_t)cli_integer(letter, "position") == position;
        if (found) {
            cli_base64(cli_text(letter, "record"), record);
            if (record->size == 0)
                read_from_log(cli, position, record);
            (void)snprintf(reason, 160, "%s", cli_text(letter, "reason"));
        }
        json_decref(letters);
        if (found)
            return true;
    }
    complain(said("位置 %llu 没有死信", "no dead letter at %llu"), (unsigned long long)position);
    return false;
}

static void show(struct cli *cli, uint64_t position, const char *reason, const struct submission *submission)
{
    struct envelope_head head = {0};
    char at[32];
    instant_describe(submission->accepted_at, at);
    if (envelope_head_read(submission->envelope, &head) != OK)
        head = (struct envelope_head){0};
    json_t *envelope = cli_message(WIRE_ENVELOPE, submission->envelope);
    if (cli->json) {
        cli_print_json(json_pack("{s:I,s:s,s:s,s:s%,s:s%,s:i,s:o?}", "position", (json_int_t)position, "reason", reason,
                                 "acceptedAt", at, "sender", head.sender.data, head.sender.size, "messageId",
                                 head.message_id.data, head.message_id.size, "bodyField", (int)head.body_number,
                                 "envelope", envelope));
        return;
    }
    (void)printf(
        said("位置     %llu，受理于 %s\n原因     %s\n发送方   %.*s\n编号     %.*s\n内容     字段 %u，共 %zu 字节\n",
             "position %llu, accepted %s\nreason   %s\nsender   %.*s\nid       %.*s\nbody     field %u, %zu bytes in "
             "all\n"),
        (unsigned long long)position, at, reason, (int)head.sender.size, (const char *)head.sender.data,
        (int)head.message_id.size, (const char *)head.message_id.data, head.body_number, submission->envelope.size);
    for (size_t i = 0; i < submission->envelope.size; i++)
        (void)printf("%02x%s", submission->envelope.data[i], (i & 31) == 31 ? "\n" : "");
    (void)printf("\n");
    json_decref(envelope);
}

static int requeue(struct cli *cli, uint64_t position, const struct submission *submission)
{
    struct envelope_head head = {0};
    struct ht_receipt receipt = {0};
    struct buffer envelope = {0};
    char id[37], person[64] = "";
    if (envelope_head_read(submission->envelope, &head) != OK)
        head = (struct envelope_head){0};
    if (head.person_id.size < sizeof person && head.person_id.size > 0)
        memcpy(person, head.person_id.data, head.person_id.size);
    struct event event = cli_event(EVENT_REQUEUE, "operator", id);
    event.person_id = person;
    event.body.requeue.position = position;
    event.body.requeue.envelope = submission->envelope;
    envelope_encode(&event, &envelope);
    struct ht_bytes bytes = {envelope.data, envelope.size};
    struct ht_client *client = cli_connect(cli);
    enum ht_result result = client == NULL ? HT_INVALID : ht_submit(client, &bytes, 1, 30000, &receipt, NULL, NULL);
    int code = result == HT_OK ? CLI_OK : CLI_UNREACHABLE;
    if (result == HT_OK && receipt.kind != HT_ACCEPTED)
        code = CLI_DIFFERENT;
    if (cli->json)
        cli_print_json(json_pack("{s:s,s:b,s:I}", "messageId", id, "accepted", code == CLI_OK, "position",
                                 (json_int_t)receipt.position));
    else if (code == CLI_OK)
        (void)printf(said("已重新投递，位置 %llu；hutong track %s\n", "sent through again at %llu; hutong track %s\n"),
                     (unsigned long long)receipt.position, id);
    else
        complain(said("未受理：%s %s", "not accepted: %s %s"), receipt.code, receipt.en);
    ht_receipt_clear(&receipt);
    ht_close(&client);
    buffer_fini(&envelope);
    return code;
}

static int run(struct cli *cli)
{
    if (!cli_arguments(cli, &command_dead, 1, 2))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (strcmp(cli->argv[0], "list") == 0 && cli->argc == 1)
        return list(cli);
    char *end = NULL;
    uint64_t position = cli->argc == 2 ? strtoull(cli->argv[1], &end, 10) : 0;
    bool shows = strcmp(cli->argv[0], "show") == 0, requeues = strcmp(cli->argv[0], "requeue") == 0;
    if (end == NULL || *end != 0 || (!shows && !requeues))
        return cli_usage(&command_dead);
    struct buffer record = {0};
    struct submission submission;
    char reason[160];
    int code = CLI_DIFFERENT;
    if (find_letter(cli, position, &record, reason) &&
        submission_decode(buffer_span(&record), NULL, &submission) == OK) {
        code = CLI_OK;
        if (shows)
            show(cli, position, reason, &submission);
        else
            code = requeue(cli, position, &submission);
    }
    buffer_fini(&record);
    return code;
}

const struct command command_dead = {
    .name = "dead",
    .usage = "dead list | show POSITION | requeue POSITION",
    .summary = "dead letters: what could not be decoded, why, its bytes, and the way back",
    .summary_zh = "死信：无法解码的报文、原因、字节，以及重新处理",
    .help = "A dead letter has its outcome (DEAD_LETTER) and harms nobody. After an upgrade that can read it, requeue "
            "sends the\n"
            "same bytes through once more; the answer goes to the first sender's mailbox.\n\n"
            "  hutong dead list\n  hutong dead show 1234\n  hutong dead requeue 1234",
    .help_zh = "死信有自己的结果（DEAD_LETTER），不影响他人。升级到能够解码的构建后，requeue "
               "将相同字节再次送入；答复发到原发送方的信箱。\n"
               "\n"
               "  hutong dead list\n"
               "  hutong dead show 1234\n"
               "  hutong dead requeue 1234",
    .run = run,
};
