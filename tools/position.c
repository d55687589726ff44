/* SPDX-License-Identifier: Apache-2.0
 * Digits are a position; anything else is asked of the gate. */
#include <stdlib.h>

#include "tools/position.h"

#include "tools/flow_ask.h"

enum { ID_MS = 5000, BROKER_MS = 2000 };

/* A refusal that says to ask again is no answer. */
static bool is_answer(struct ht_client *client, enum ht_result result)
{
    return result != HT_TIMEOUT && (result != HT_REFUSED || strncmp(ht_last_refusal(client), "SYS-0001", 8) != 0);
}

static int refused(struct ht_client *client, enum ht_result result)
{
    complain("%s", result == HT_REFUSED ? ht_last_refusal(client)
                   : result == HT_TIMEOUT
                       ? said("限时内无回答：不明，请再问（平台是否在运行？hutong status）",
                              "no answer in time: unknown, ask again (is the exchange up? hutong status)")
                       : said("既不是报文编号也不是位置，或回答无法读取",
                              "that is no message id and no position, or the answer cannot be read"));
    return is_answer(client, result) ? CLI_DIFFERENT : CLI_UNREACHABLE;
}

int position_refused(struct ht_client *client, uint64_t position, enum ht_result result, enum ht_state state)
{
    if (result == HT_NOT_FOUND) {
        complain(said("位置 %llu 什么都没有", "nothing stands at %llu"), (unsigned long long)position);
        return CLI_DIFFERENT;
    }
    if (result == HT_TIMEOUT && state != HT_STATE_NONE) {
        complain(said("位置 %llu 已受理，尚未有结果：请再问", "%llu is accepted and not decided yet: ask again"),
                 (unsigned long long)position);
        return CLI_UNREACHABLE;
    }
    return refused(client, result);
}

int position_find(struct ht_client *client, const char *subject, uint64_t *position)
{
    char *end;
    *position = strtoull(subject, &end, 10);
    if (*end == 0 && subject[0] != 0)
        return CLI_OK;
    struct ht_receipt receipt = {0};
    enum ht_state state = HT_STATE_NONE;
    enum ht_result result = ht_query(client, subject, ID_MS, &state, &receipt);
    *position = receipt.position;
    ht_receipt_clear(&receipt);
    if (result != HT_OK)
        return refused(client, result);
    if (state != HT_STATE_ACCEPTED)
        complain(said("%s：在此答复之前从未受理", "%s: never accepted before this answer"), subject);
    return state == HT_STATE_ACCEPTED ? CLI_OK : CLI_DIFFERENT;
}

int position_on_log(struct cli *cli, uint64_t position)
{
    json_t *status =
        cli_member(cli_broker(cli, BUS_STATUS, (union bus_request_body){.status = {0}}, BROKER_MS), "status");
    json_t *stream;
    size_t index;
    uint64_t first = 0, end = 0;
    int code = CLI_OK;
    json_array_foreach(json_object_get(status, "streams"), index, stream)
    {
        if (strcmp(cli_text(stream, "stream"), "submissions") != 0)
            continue;
        first = (uint64_t)cli_integer(stream, "first");
        end = (uint64_t)cli_integer(stream, "end");
    }
    if (status == NULL) {
        complain(said("代理没有应答：不明，请再问（平台是否在运行？hutong status）",
                      "the broker does not answer: unknown, ask again (is the exchange up? hutong status)"));
        code = CLI_UNREACHABLE;
    } else if (position < first || position >= end) {
        complain(position < first
                     ? said("位置 %llu 已删除：日志自 %llu 起", "%llu was trimmed: the log begins at %llu")
                     : said("位置 %llu 什么都没有：日志至 %llu 止", "nothing stands at %llu: the log ends at %llu"),
                 (unsigned long long)position, (unsigned long long)(position < first ? first : end));
        code = CLI_DIFFERENT;
    }
    json_decref(status);
    return code;
}

bool position_arguments(struct cli *cli, const struct command *command)
{
    int words = cli_option(cli, "--number") != NULL ? 0 : 1;
    return cli_arguments(cli, command, words, words);
}

int position_asked(struct cli *cli, struct ht_client *client, uint64_t *position)
{
    const char *number = cli_option(cli, "--number");
    if (number == NULL)
        return position_find(client, cli->argv[0], position);
    return cli_configure(cli) ? flow_find(cli, number, position) : CLI_BAD_INPUT;
}
