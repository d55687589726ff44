/* SPDX-License-Identifier: Apache-2.0
 * Answers TransferQuery: one transfer with its history, open ones by their limits, a pensioner's certificates. */
#ifndef HUTONG_SERVICES_SETTLEMENT_TRANSFER_QUERY_H
#define HUTONG_SERVICES_SETTLEMENT_TRANSFER_QUERY_H
#include "common/engines/gazette/published.h"
#include "common/runtime/core.h"

/* `request` is the TransferQuery; the arena is reset. One question looks at a bounded part of the state, so that no
 * bill waits for it: TransferAnswer.next says where to go on. REJECT_MALFORMED. */
MUST_USE enum status transfer_query(const struct published *published, struct store_txn *txn, struct arena *arena,
                                    struct span request, struct buffer *answer);
#endif
