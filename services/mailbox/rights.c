/* SPDX-License-Identifier: Apache-2.0
 * What a peer may see. */
#include "services/mailbox/rights.h"

#include <string.h>

const char *rights_name(const struct peer *peer)
{
    return peer->role == PARTY_LOCAL ? "operator" : peer->party;
}

bool rights_owner(const struct peer *peer, struct span asked, char party[PARTY_SIZE_MAX + 1])
{
    const char *own = rights_name(peer);
    bool everywhere = peer->role != PARTY_REGION;
    if (asked.size > PARTY_SIZE_MAX || (asked.size > 0 && !everywhere && !span_equal(asked, span_text(own))))
        return false;
    memset(party, 0, PARTY_SIZE_MAX + 1);
    if (asked.size > 0)
        memcpy(party, asked.data, asked.size);
    else
        memcpy(party, own, strlen(own));
    return true;
}

bool rights_concern(const struct peer *peer, const struct outcome_head *head)
{
    if (peer->role != PARTY_REGION)
        return true;
    for (uint32_t i = 0; i < head->deliver_count; i++)
        if (span_equal(head->deliver_to[i], span_text(peer->party)))
            return true;
    return false;
}
