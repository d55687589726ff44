/* SPDX-License-Identifier: Apache-2.0
 * hutong dead: what could not be decoded, and its way back or off the list. */
#include <stdio.h>
#include <stdlib.h>

#include "common/codes/logic.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "tools/action.h"
#include "tools/letter.h"
#include "tools/log_reader.h"

enum { PAGE = 100, ANSWER_MS = 5000, OUTCOME_MS = 30000 };

/* One letter of one service: what it is known by, and its submission. */
struct letter {
    const char *service;
    uint32_t partition;
    uint64_t position;
    char reason[160];
    uint64_t kept; /* bytes of it in the service's state */
    struct buffer record, cause;
    struct submission submission; /* borrows the record */
};

/* The services whose letters can be listed: those that are a core under the runtime. */
static const char *const services[] = {
#define DAEMON(...)
#define SERVICE(name, ...) #name,
#include "common/config/service.def"
};
enum { SERVICES_COUNT = sizeof services / sizeof services[0] };

/* Letters of one service's partition from a position on, as JSON; the record stays base64. */
static json_t *ask_letters(struct cli *cli, const char *service, uint32_t partition, uint64_t from, uint32_t count)
{
    struct control_request request = {1, CONTROL_ASK_DEAD_LIST, {.dead_list = {from, count}}};
    json_t *list = cli_member(cli_control(cli, service, partition, &request, ANSWER_MS), "deadList");
    json_t *letters = json_object_get(list, "letters");
    letters = list != NULL && letters == NULL ? json_array() : json_incref(letters);
    json_decref(list);
    return letters;
}

/* Settlement's records are verdicts, and letters beyond the room for them have their bytes in the log alone. */
static void read_submission(struct log_reader *log, struct letter *letter)
{
    struct span bytes;
    if (strcmp(letter->service, "validation") != 0)
        buffer_reset(&letter->record);
    if (letter->record.size == 0 && log_reader_at(log, letter->position, &bytes))
        buffer_append(&letter->record, bytes.data, bytes.size);
    if (submission_decode(buffer_span(&letter->record), NULL, &letter->submission) != OK)
        letter->submission = (struct submission){0};
    buffer_reset(&letter->cause);
    letter_cause(letter_at_first(letter->submission.envelope), &letter->cause);
}

static void read_letter(struct letter *letter, const json_t *from, struct log_reader *log)
{
    letter->position = (uint64_t)cli_integer(from, "position");
    (void)snprintf(letter->reason, sizeof letter->reason, "%s", cli_text(from, "reason"));
    buffer_reset(&letter->record);
    cli_base64(cli_text(from, "record"), &letter->record);
    letter->kept = letter->record.size;
    read_submission(log, letter);
}

static void letter_fini(struct letter *letter)
{
    buffer_fini(&letter->record);
    buffer_fini(&letter->cause);
}

static void print_line(struct cli *cli, struct letter *letter)
{
    if (cli->json)
        cli_print_json(json_pack("{s:I,s:s,s:i,s:s,s:s,s:I}", "position", (json_int_t)letter->position, "service",
                                 letter->service, "partition", (int)letter->partition, "reason", letter->reason,
                                 "cause", buffer_text(&letter->cause), "keptBytes", (json_int_t)letter->kept));
    else
        (void)printf("%10llu  %s %u  %s: %s\n", (unsigned long long)letter->position, letter->service,
                     letter->partition, letter->reason, buffer_text(&letter->cause));
}

/* Of one service's partition; what everybody's partition buried stands in each, and is told of the first. */
static bool list_one(struct cli *cli, struct letter *letter, struct log_reader *log, uint64_t *total)
{
    for (uint64_t from = 0;;) {
        json_t *letters = ask_letters(cli, letter->service, letter->partition, from, PAGE), *each;
        size_t index;
        if (letters == NULL) {
            complain(said("%s-%u 没有应答", "%s-%u does not answer"), letter->service, letter->partition);
            return false;
        }
        json_array_foreach(letters, index, each)
        {
            read_letter(letter, each, log);
            from = letter->position + 1;
            if (letter->partition > 0 && letter->submission.person_hash == 0)
                continue;
            print_line(cli, letter);
            (*total)++;
        }
        bool more = json_array_size(letters) > 0; /* a page is as long as a frame allows */
        json_decref(letters);
        if (!more)
            return true;
    }
}

static int list(struct cli *cli, struct log_reader *log)
{
    struct letter letter = {0};
    uint64_t total = 0;
    bool answered = true;
    for (unsigned i = 0; answered && i < SERVICES_COUNT; i++) {
        letter.service = services[i];
        uint32_t count = service_processes(service_named(services[i]), cli->config.partitions);
        for (letter.partition = 0; answered && letter.partition < count; letter.partition++)
            answered = list_one(cli, &letter, log, &total);
    }
    letter_fini(&letter);
    if (answered && !cli->json)
        (void)printf(said("死信 %llu 份\n", "%llu dead letters\n"), (unsigned long long)total);
    return answered ? CLI_OK : CLI_UNREACHABLE;
}

/* The letter at a position of this service, or of the first that has one (NULL). Else: said why. */
static int find(struct cli *cli, const char *service, uint64_t position, struct log_reader *log, struct letter *letter)
{
    for (unsigned i = 0; i < SERVICES_COUNT; i++) {
        uint32_t count = service_processes(service_named(services[i]), cli->config.partitions);
        if (service != NULL && strcmp(service, services[i]) != 0)
            continue;
        letter->service = services[i];
        for (letter->partition = 0; letter->partition < count; letter->partition++) {
            json_t *letters = ask_letters(cli, services[i], letter->partition, position, 1);
            json_t *first = json_array_get(letters, 0);
            bool found = first != NULL && (uint64_t)cli_integer(first, "position") == position;
            if (letters == NULL)
                complain(said("%s-%u 没有应答", "%s-%u does not answer"), services[i], letter->partition);
            if (found)
                read_letter(letter, first, log);
            bool answered = letters != NULL;
            json_decref(letters);
            if (found || !answered)
                return found ? CLI_OK : CLI_UNREACHABLE;
        }
    }
    complain(said("位置 %llu 没有死信", "no dead letter at %llu"), (unsigned long long)position);
    return CLI_DIFFERENT;
}

static void print_fields(json_t *envelope, json_t *unknown)
{
    size_t index;
    json_t *field;
    char *text = envelope == NULL ? NULL : json_dumps(envelope, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (text != NULL)
        (void)printf(said("报文     %s\n", "envelope %s\n"), text);
    json_array_foreach(unknown, index, field)(void)
        printf(said("未知     字段 %lld，%lld 字节\n", "unknown  field %lld, %lld bytes\n"),
               (long long)cli_integer(field, "field"), (long long)cli_integer(field, "bytes"));
    free(text);
}

static void show(struct cli *cli, struct letter *letter)
{
    struct envelope_head head = {0};
    char at[32];
    struct span sent = letter_at_first(letter->submission.envelope);
    instant_describe(letter->submission.accepted_at, at);
    if (envelope_head_read(sent, &head) != OK)
        head = (struct envelope_head){0};
    json_t *envelope = letter_masked(sent), *unknown = letter_unknown_fields(sent);
    if (cli->json) {
        cli_print_json(json_pack("{s:I,s:s,s:i,s:s,s:s,s:s,s:s%,s:s%,s:i,s:I,s:O?,s:O}", "position",
                                 (json_int_t)letter->position, "service", letter->service, "partition",
                                 (int)letter->partition, "reason", letter->reason, "cause", buffer_text(&letter->cause),
                                 "acceptedAt", at, "sender", head.sender.data, head.sender.size, "messageId",
                                 head.message_id.data, head.message_id.size, "bodyField", (int)head.body_number,
                                 "bytes", (json_int_t)sent.size, "envelope", envelope, "unknown", unknown));
    } else {
        (void)printf(said("位置     %llu，%s %u，受理于 %s\n原因     %s\n起因     %s\n发送方   %.*s\n编号     %.*s\n"
                          "内容     字段 %u，共 %zu 字节\n",
                          "position %llu of %s %u, accepted %s\nreason   %s\ncause    %s\nsender   %.*s\n"
                          "id       %.*s\nbody     field %u, %zu bytes in all\n"),
                     (unsigned long long)letter->position, letter->service, letter->partition, at, letter->reason,
                     buffer_text(&letter->cause), (int)head.sender.size, (const char *)head.sender.data,
                     (int)head.message_id.size, (const char *)head.message_id.data, head.body_number, sent.size);
        print_fields(envelope, unknown);
    }
    json_decref(envelope);
    json_decref(unknown);
}

/* The operator's event about a letter, in the letter's partition. The receipt's position in `position`. */
static int send(struct ht_client *client, struct event *event, const struct letter *letter, uint64_t *position)
{
    struct envelope_head head = {0};
    struct ht_receipt receipt = {0};
    struct buffer envelope = {0};
    char person[64] = "";
    if (envelope_head_read(letter->submission.envelope, &head) == OK && head.person_id.size < sizeof person &&
        head.person_id.size > 0)
        memcpy(person, head.person_id.data, head.person_id.size);
    event->person_id = person;
    envelope_encode(event, &envelope);
    struct ht_bytes bytes = {envelope.data, envelope.size};
    enum ht_result result = ht_submit(client, &bytes, 1, OUTCOME_MS, &receipt, NULL, NULL);
    int code = result == HT_OK ? CLI_OK : CLI_UNREACHABLE;
    if (result == HT_OK && receipt.kind != HT_ACCEPTED)
        code = CLI_DIFFERENT;
    if (code == CLI_UNREACHABLE)
        complain(said("限时内无回答：不明；见 hutong dead list", "no answer in time: unknown; see hutong dead list"));
    else if (code != CLI_OK)
        complain(said("未受理：%s %s", "not accepted: %s %s"), receipt.code, said(receipt.zh, receipt.en));
    *position = receipt.position;
    ht_receipt_clear(&receipt);
    buffer_fini(&envelope);
    return code;
}

static int requeue(struct cli *cli, struct ht_client *client, const struct letter *letter, const char *reason)
{
    char id[37];
    uint64_t position;
    struct event event = cli_event(EVENT_REQUEUE, "operator", id);
    event.body.requeue.position = letter->position;
    event.body.requeue.envelope = letter_at_first(letter->submission.envelope);
    event.body.requeue.by = cli->by;
    event.body.requeue.reason = reason;
    int code = send(client, &event, letter, &position);
    if (cli->json)
        cli_print_json(
            json_pack("{s:s,s:b,s:I}", "messageId", id, "accepted", code == CLI_OK, "position", (json_int_t)position));
    else if (code == CLI_OK)
        (void)printf(said("已重新投递，位置 %llu；hutong track %s\n", "sent through again at %llu; hutong track %s\n"),
                     (unsigned long long)position, id);
    return code;
}

/* Before it, the event would be a dead letter itself. */
static bool logic_lets_go(struct cli *cli)
{
    struct control_request request = {.version = 1, .kind = CONTROL_ASK_STATUS};
    json_t *status = cli_member(cli_control(cli, "validation", 0, &request, ANSWER_MS), "status");
    bool has = logic_has((uint32_t)cli_integer(status, "logicVersion"), LOGIC_LETTERS_LEAVE);
    if (!has)
        complain(said("规则版本 2 起才能移出死信：hutong logic",
                      "a letter can be dropped from logic version 2 on: hutong logic"));
    json_decref(status);
    return has;
}

static int drop(struct cli *cli, struct ht_client *client, const struct letter *letter, const char *reason)
{
    char id[37];
    uint64_t position;
    unsigned char *bytes = NULL;
    size_t size = 0;
    struct event event = cli_event(EVENT_DEAD_LETTER_DROP, "operator", id);
    event.body.drop = (struct dead_letter_drop){letter->service, letter->position, reason, cli->by};
    int code = logic_lets_go(cli) ? send(client, &event, letter, &position) : CLI_DIFFERENT;
    if (code != CLI_OK)
        return code;
    struct outcome_head head = {0};
    if (ht_outcome(client, position, OUTCOME_MS, NULL, &bytes, &size) != HT_OK ||
        outcome_head_read(span_of(bytes, size), &head) != OK)
        code = CLI_UNREACHABLE;
    else if (head.kind != OUTCOME_APPLIED)
        code = CLI_DIFFERENT;
    free(bytes);
    if (cli->json)
        cli_print_json(
            json_pack("{s:s,s:b,s:I}", "messageId", id, "dropped", code == CLI_OK, "position", (json_int_t)position));
    else if (code == CLI_OK)
        (void)printf(said("已移出，位置 %llu\n", "dropped at %llu\n"), (unsigned long long)position);
    else
        complain("%s; hutong track %s",
                 code == CLI_DIFFERENT ? said("被拒绝：死信是否还在，理由是否不超过 200 字节？",
                                              "refused: is it still there, and the reason at most 200 bytes long?")
                                       : said("限时内无回答：不明", "no answer in time: unknown"),
                 id);
    return code;
}

/* show POSITION | requeue POSITION | drop SERVICE POSITION */
static int run_one(struct cli *cli, const char *reason, struct log_reader *log)
{
    char *end = NULL;
    const char *verb = cli->argv[0], *number = cli->argv[cli->argc - 1];
    bool drops = strcmp(verb, "drop") == 0, requeues = strcmp(verb, "requeue") == 0;
    uint64_t position = strtoull(number, &end, 10);
    if (*end != 0 || end == number || cli->argc != (drops ? 3 : 2) ||
        (!drops && !requeues && strcmp(verb, "show") != 0))
        return cli_usage(&command_dead);
    if ((drops || requeues) && !action_reason(cli, drops ? ACTION_DEAD_DROP : ACTION_DEAD_REQUEUE, &reason))
        return CLI_USAGE;
    struct letter letter = {0};
    const char *service = drops ? cli->argv[1] : requeues ? "validation" : NULL;
    int code = find(cli, service, position, log, &letter);
    struct ht_client *client = code == CLI_OK && (drops || requeues) ? cli_connect(cli) : NULL;
    if (code == CLI_OK && !drops && !requeues)
        show(cli, &letter);
    else if (code == CLI_OK && client == NULL)
        code = CLI_UNREACHABLE;
    else if (code == CLI_OK)
        code = drops ? drop(cli, client, &letter, reason) : requeue(cli, client, &letter, reason);
    ht_close(&client);
    letter_fini(&letter);
    return code;
}

static int run(struct cli *cli)
{
    struct log_reader log;
    const char *reason = cli_option(cli, "--reason");
    if (!cli_arguments(cli, &command_dead, 1, 3))
        return CLI_USAGE;
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    bool lists = strcmp(cli->argv[0], "list") == 0 && cli->argc == 1 && reason == NULL;
    if (!lists && cli->argc < 2)
        return cli_usage(&command_dead);
    if (!log_reader_open(cli, "submissions", &log))
        return CLI_UNREACHABLE;
    int code = lists ? list(cli, &log) : run_one(cli, reason, &log);
    log_reader_close(&log);
    return code;
}

const struct command command_dead = {
    .name = "dead",
    .usage = "dead list | show POSITION | requeue POSITION --reason TEXT | drop SERVICE POSITION --reason TEXT",
    .summary = "dead letters: what could not be decoded, why, and the way back or off the list",
    .summary_zh = "死信：无法解码的报文、原因，以及重新处理或移出",
    .help = "A dead letter has its outcome (DEAD_LETTER) and harms nobody. After an upgrade that can read it, requeue "
            "sends the\n"
            "same bytes through once more; the answer goes to the first sender's mailbox. What was dealt with in "
            "another way\n"
            "is dropped. Both want a reason, which stands on the log.\n\n"
            "  hutong dead list\n  hutong dead show 1234\n"
            "  hutong dead requeue 1234 --reason \"upgraded to 1.6\"\n"
            "  hutong dead drop validation 1234 --reason \"sent again by hand\"",
    .help_zh =
        "死信有自己的结果（DEAD_LETTER），不影响他人。升级到能够解码的构建后，requeue "
        "将相同字节再次送入；答复发到原发送方的信箱。以其他方式处理完毕的用 drop 移出。二者均须写明理由，记入日志。\n"
        "\n"
        "  hutong dead list\n"
        "  hutong dead show 1234\n"
        "  hutong dead requeue 1234 --reason \"已升级到 1.6\"\n"
        "  hutong dead drop validation 1234 --reason \"已人工重发\"",
    .options =
        (const struct command_option[]){{"--reason", "TEXT", "为何，记入日志", "why; it stands on the log"}, {0}},
    .run = run,
};
