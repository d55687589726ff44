/* SPDX-License-Identifier: Apache-2.0
 * hutong dead: what could not be decoded, and its way back or off the list. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/codes/logic.h"
#include "common/net/loop.h"
#include "common/pb/outcome.h"
#include "tools/action.h"
#include "tools/dead_letters.h"
#include "tools/letter.h"

enum { ANSWER_MS = 5000, OUTCOME_MS = 30000 };

enum { LIMIT_MOST = 10000, CAUSES_MOST = 256 };

/* Which of them, and how far the list has come. */
struct choosing {
    struct cli *cli;
    const char *service, *cause; /* NULL: any */
    uint64_t skip, most, listed; /* most 0: all */
    json_t *groups;              /* NULL: each is printed */
};

static bool is_chosen(const struct choosing *choosing, struct letter *letter)
{
    return (choosing->service == NULL || strcmp(choosing->service, letter->service) == 0) &&
           (choosing->cause == NULL || strcmp(choosing->cause, buffer_text(&letter->cause)) == 0);
}

static void print_line(struct cli *cli, struct letter *letter)
{
    struct envelope_head head = {0};
    char at[32];
    instant_describe(letter->submission.accepted_at, at);
    if (envelope_head_read(letter_at_first(letter->submission.envelope), &head) != OK ||
        head.sender.size > PARTY_SIZE_MAX)
        head.sender.size = 0;
    if (cli->json)
        cli_print_json(json_pack("{s:I,s:s,s:i,s:s,s:s,s:I,s:s,s:s%}", "position", (json_int_t)letter->position,
                                 "service", letter->service, "partition", (int)letter->partition, "reason",
                                 letter->reason, "cause", buffer_text(&letter->cause), "keptBytes",
                                 (json_int_t)letter->kept, "acceptedAt", at, "sender",
                                 head.sender.size == 0 ? "" : (const char *)head.sender.data, head.sender.size));
    else
        (void)printf("%10llu  %s %u  %s: %s\n", (unsigned long long)letter->position, letter->service,
                     letter->partition, letter->reason, buffer_text(&letter->cause));
}

static bool list_each(void *self, struct letter *letter)
{
    struct choosing *choosing = self;
    if (!is_chosen(choosing, letter))
        return true;
    if (choosing->skip > 0)
        choosing->skip--;
    else if (choosing->most != 0 && choosing->listed == choosing->most)
        return false;
    else {
        print_line(choosing->cli, letter);
        choosing->listed++;
    }
    return true;
}

static int list(struct choosing *choosing, struct log_reader *log)
{
    bool answered = letters_walk(choosing->cli, log, list_each, choosing);
    if (answered && !choosing->cli->json)
        (void)printf(said("死信 %llu 份\n", "%llu dead letters\n"), (unsigned long long)choosing->listed);
    return answered ? CLI_OK : CLI_UNREACHABLE;
}

/* ---- by cause ---- */

static bool count_each(void *self, struct letter *letter)
{
    struct choosing *choosing = self;
    const char *cause = buffer_text(&letter->cause);
    size_t index;
    json_t *group, *same = NULL;
    json_array_foreach(choosing->groups, index, group) if (strcmp(cli_text(group, "service"), letter->service) == 0 &&
                                                           strcmp(cli_text(group, "cause"), cause) == 0 &&
                                                           strcmp(cli_text(group, "reason"), letter->reason) == 0)
        same = group;
    if (same == NULL && json_array_size(choosing->groups) < CAUSES_MOST) {
        same = json_pack("{s:s,s:s,s:s,s:i,s:I,s:I}", "service", letter->service, "reason", letter->reason, "cause",
                         cause, "count", 0, "first", (json_int_t)letter->position, "last", (json_int_t)0);
        json_array_append_new(choosing->groups, same);
    }
    if (same == NULL)
        return true;
    json_object_set_new(same, "count", json_integer(cli_integer(same, "count") + 1));
    json_object_set_new(same, "last", json_integer((json_int_t)letter->position));
    return true;
}

static int count(struct choosing *choosing, struct log_reader *log)
{
    size_t index;
    json_t *group;
    choosing->groups = json_array();
    bool answered = letters_walk(choosing->cli, log, count_each, choosing);
    json_array_foreach(choosing->groups, index, group)
    {
        if (choosing->cli->json)
            cli_print_json(json_incref(group));
        else
            (void)printf("%8lld  %s  %s: %s  %lld..%lld\n", (long long)cli_integer(group, "count"),
                         cli_text(group, "service"), cli_text(group, "reason"), cli_text(group, "cause"),
                         (long long)cli_integer(group, "first"), (long long)cli_integer(group, "last"));
    }
    json_decref(choosing->groups);
    return answered ? CLI_OK : CLI_UNREACHABLE;
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

/* ---- a group ---- */

/* Those that were there when it began: what is dead once more is not tried for ever. */
struct group {
    struct choosing choosing;
    uint64_t *positions;
    size_t count;
};

static bool note_each(void *self, struct letter *letter)
{
    struct group *group = self;
    if (!is_chosen(&group->choosing, letter))
        return true;
    group->positions[group->count++] = letter->position;
    return group->count < group->choosing.most;
}

static int act_on(struct cli *cli, struct ht_client *client, const struct choosing *choosing, uint64_t position,
                  const char *reason, bool drops, struct log_reader *log)
{
    struct letter letter = {0};
    int code = letter_find(cli, choosing->service, position, log, &letter);
    if (code == CLI_OK)
        code = drops ? drop(cli, client, &letter, reason) : requeue(cli, client, &letter, reason);
    letter_fini(&letter);
    return code;
}

/* requeue --cause TEXT | drop SERVICE --cause TEXT: each of that cause, up to --limit. */
static int run_group(struct cli *cli, const struct choosing *choosing, const char *reason, struct log_reader *log)
{
    struct group group = {.choosing = *choosing};
    bool drops = strcmp(cli->argv[0], "drop") == 0;
    if (cli->argc != (drops ? 2 : 1) || (!drops && strcmp(cli->argv[0], "requeue") != 0))
        return cli_usage(&command_dead);
    if (!action_reason(cli, drops ? ACTION_DEAD_DROP : ACTION_DEAD_REQUEUE, &reason))
        return CLI_USAGE;
    group.choosing.service = drops ? cli->argv[1] : "validation";
    group.choosing.most = choosing->most != 0 ? choosing->most : LIMIT_MOST;
    group.positions = calloc(group.choosing.most, sizeof *group.positions);
    INVARIANT(group.positions != NULL);
    struct ht_client *client = cli_connect(cli);
    int code = client != NULL && letters_walk(cli, log, note_each, &group) ? CLI_OK : CLI_UNREACHABLE;
    size_t done = 0;
    for (; code == CLI_OK && done < group.count; done += code == CLI_OK)
        code = act_on(cli, client, &group.choosing, group.positions[done], reason, drops, log);
    if (code == CLI_OK && group.count == 0) {
        complain(said("没有起因为“%s”的死信", "no dead letter has the cause \"%s\""), choosing->cause);
        code = CLI_DIFFERENT;
    } else if (code != CLI_OK) {
        complain(said("完成 %zu 份，共 %zu 份", "%zu of %zu done"), done, group.count);
    }
    ht_close(&client);
    free(group.positions);
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
    int code = letter_find(cli, service, position, log, &letter);
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
    struct choosing choosing = {.cli = cli,
                                .service = cli_option(cli, "--service"),
                                .cause = cli_option(cli, "--cause"),
                                .skip = cli_number(cli, "--from", 0),
                                .most = cli_number_within(cli, "--limit", 0, 1, LIMIT_MOST)};
    bool lists = strcmp(cli->argv[0], "list") == 0, counts = strcmp(cli->argv[0], "count") == 0;
    if ((lists || counts) ? cli->argc != 1 || reason != NULL : cli->argc < 2 && choosing.cause == NULL)
        return cli_usage(&command_dead);
    if (!log_reader_open(cli, "submissions", &log))
        return CLI_UNREACHABLE;
    int code = lists                    ? list(&choosing, &log)
               : counts                 ? count(&choosing, &log)
               : choosing.cause != NULL ? run_group(cli, &choosing, reason, &log)
                                        : run_one(cli, reason, &log);
    log_reader_close(&log);
    return code;
}

const struct command command_dead = {
    .name = "dead",
    .usage = "dead list [--service S] [--cause TEXT] [--from N] [--limit N] | count | show POSITION | requeue POSITION "
             "--reason TEXT | "
             "requeue --cause TEXT --reason TEXT [--limit N] | drop SERVICE POSITION --reason TEXT | "
             "drop SERVICE --cause TEXT --reason TEXT [--limit N]",
    .summary = "dead letters: what could not be decoded, why, and the way back or off the list",
    .summary_zh = "死信：无法解码的报文、原因，以及重新处理或移出",
    .help = "A dead letter has its outcome (DEAD_LETTER) and harms nobody. After an upgrade that can read it, requeue "
            "sends the\n"
            "same bytes through once more; the answer goes to the first sender's mailbox. What was dealt with in "
            "another way\n"
            "is dropped. Both want a reason, which stands on the log. count: how many, by service, reason and cause; "
            "--cause: all of one\n"
            "cause at once, as it is written there.\n\n"
            "  hutong dead list\n  hutong dead show 1234\n"
            "  hutong dead requeue 1234 --reason \"upgraded to 1.6\"\n"
            "  hutong dead drop validation 1234 --reason \"sent again by hand\"",
    .help_zh = "死信有自己的结果（DEAD_LETTER），不影响他人。升级到能够解码的构建后，requeue "
               "将相同字节再次送入；答复发到原发送方的信箱。以其他方式处理完毕的用 drop "
               "移出。二者均须写明理由，记入日志。count "
               "按服务、原因、起因计数；--cause 一次处理同一起因的全部死信，写法照列表。\n"
               "\n"
               "  hutong dead list\n"
               "  hutong dead show 1234\n"
               "  hutong dead requeue 1234 --reason \"已升级到 1.6\"\n"
               "  hutong dead drop validation 1234 --reason \"已人工重发\"",
    .options = (const struct command_option[]){{"--reason", "TEXT", "为何，记入日志", "why; it stands on the log"},
                                               {"--cause", "TEXT", "这一起因的全部", "all that have this cause"},
                                               {"--service", "S", "这一服务的", "those of one service"},
                                               {"--from", "N", "跳过前 N 份", "leaves out the first so many"},
                                               {"--limit", "N", "最多几份", "at most so many"},
                                               {0}},
    .run = run,
};
