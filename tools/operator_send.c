/* SPDX-License-Identifier: Apache-2.0
 * An event of the operator's. */
#include "tools/operator_send.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/codes/rule.h"
#include "common/pb/outcome.h"

enum { ANSWER_MS = 60000, OUTCOME_SIZE_MAX = 1 << 16 };

static void say_refused(const struct findings *findings)
{
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct rule_text *rule = rule_find(findings->items[i].rule);
        complain("%s %s; %s %s", rule != NULL ? rule->code : "?", rule != NULL ? rule->zh : "",
                 rule != NULL ? rule->en : "", findings->items[i].detail);
    }
}

static int read_outcome(struct ht_client *client, uint64_t position, uint32_t wait_ms)
{
    static uint8_t memory[OUTCOME_SIZE_MAX];
    unsigned char *bytes = NULL;
    size_t size = 0;
    struct arena arena;
    struct outcome outcome;
    int code = CLI_UNREACHABLE;
    arena_init(&arena, memory, sizeof memory);
    if (ht_outcome(client, position, wait_ms, NULL, &bytes, &size) != HT_OK ||
        outcome_decode(span_of(bytes, size), &arena, &outcome) != OK) {
        complain(said("限时内没有位置 %llu 的结果：不明，请再问", "no outcome of %llu in time: unknown, ask again"),
                 (unsigned long long)position);
    } else if (outcome.kind == OUTCOME_APPLIED) {
        code = CLI_OK;
    } else {
        say_refused(outcome.findings);
        code = CLI_DIFFERENT;
    }
    free(bytes);
    return code;
}

static int send(struct cli *cli, struct span bytes, instant_ms_t at, uint32_t wait_ms, uint64_t *position)
{
    struct ht_bytes envelope = {bytes.data, bytes.size};
    struct ht_receipt receipt = {0};
    struct ht_client *client = cli_connect(cli);
    if (client == NULL)
        return CLI_BAD_INPUT;
    enum ht_result result = at != 0 ? ht_submit_at(client, &envelope, &at, 1, wait_ms, &receipt)
                                    : ht_submit(client, &envelope, 1, wait_ms, &receipt, NULL, NULL);
    int code = CLI_DIFFERENT;
    if (result != HT_OK) {
        complain(said("没有回执：%s；不明，请再发", "no receipt: %s; unknown, send it again"), ht_last_refusal(client));
        code = CLI_UNREACHABLE;
    } else if (receipt.kind != HT_ACCEPTED)
        complain(said("未受理：%s %s", "not accepted: %s %s"), receipt.code, receipt.en);
    else
        code = read_outcome(client, receipt.position, wait_ms);
    *position = receipt.position;
    ht_receipt_clear(&receipt);
    ht_close(&client);
    return code;
}

int operator_send(struct cli *cli, struct span bytes, instant_ms_t at, uint64_t *position)
{
    return send(cli, bytes, at, ANSWER_MS, position);
}

int operator_send_within(struct cli *cli, struct span bytes, uint32_t wait_ms, uint64_t *position)
{
    return send(cli, bytes, 0, wait_ms, position);
}
