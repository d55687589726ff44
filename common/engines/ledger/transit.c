/* SPDX-License-Identifier: Apache-2.0
 * Postings of money in transit. */
#include "common/engines/ledger/transit.h"

#include <stdio.h>

#include "common/base/check.h"

static void post(struct posting *postings, uint32_t *count, const char *kind, const char *of, const char *scheme,
                 fen_t amount)
{
    struct posting *posting = &postings[(*count)++];
    int size = snprintf(posting->account, sizeof posting->account, "%s:%s:%s", kind, of, scheme);
    INVARIANT(size > 0 && (size_t)size < sizeof posting->account);
    posting->amount = amount;
}

uint32_t transit_postings(const struct transit_parties *parties, fen_t sent, fen_t received, fen_t joined,
                          struct posting postings[TRANSIT_POSTINGS_MAX])
{
    char pair[16];
    uint32_t count = 0;
    (void)snprintf(pair, sizeof pair, "%.6s:%.6s", parties->source_region, parties->target_region);
    if (sent != 0)
        post(postings, &count, "transferred", parties->source_area, parties->scheme, sent);
    if (sent != received)
        post(postings, &count, "transit", pair, parties->scheme, received - sent);
    if (received != joined)
        post(postings, &count, "held", parties->target_area, parties->scheme, joined - received);
    if (joined != 0)
        post(postings, &count, "joined", parties->target_area, parties->scheme, -joined);
    return count;
}

uint32_t claim_postings(const char *area, fen_t claim, struct posting postings[TRANSIT_POSTINGS_MAX])
{
    char fund[16];
    uint32_t count = 0;
    (void)snprintf(fund, sizeof fund, "%.6s:110", area);
    post(postings, &count, "claim", area, "110", claim);
    post(postings, &count, "fund", fund, "pool", -claim);
    return count;
}
