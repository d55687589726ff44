/* SPDX-License-Identifier: Apache-2.0
 * Digits are a position; anything else is asked of the gate. */
#include <stdlib.h>

#include "tools/position.h"

int position_refused(struct ht_client *client, enum ht_result result)
{
    complain("%s", result == HT_REFUSED ? ht_last_refusal(client)
                   : result == HT_TIMEOUT ? said("限时内无回答：不明，请再问", "no answer in time: unknown, ask again")
                   : result == HT_INVALID ? said("既不是报文编号也不是位置，或回答无法读取",
                                                 "that is no message id and no position, or the answer cannot be read")
                                          : said("没有找到", "not found"));
    return result == HT_TIMEOUT ? CLI_UNREACHABLE : CLI_DIFFERENT;
}

int position_find(struct ht_client *client, const char *subject, uint64_t *position)
{
    char *end;
    *position = strtoull(subject, &end, 10);
    if (*end == 0 && subject[0] != 0)
        return CLI_OK;
    struct ht_receipt receipt = {0};
    enum ht_state state = HT_STATE_NONE;
    enum ht_result result = ht_query(client, subject, 10000, &state, &receipt);
    *position = receipt.position;
    ht_receipt_clear(&receipt);
    if (result != HT_OK)
        return position_refused(client, result);
    if (state != HT_STATE_ACCEPTED)
        complain(said("%s：在此答复之前从未受理", "%s: never accepted before this answer"), subject);
    return state == HT_STATE_ACCEPTED ? CLI_OK : CLI_DIFFERENT;
}
