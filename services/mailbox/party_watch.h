/* SPDX-License-Identifier: Apache-2.0
 * What the mailbox sees of each party: what it asks, what lies in its boxes, which of its messages rules refuse. */
#ifndef HUTONG_SERVICES_MAILBOX_PARTY_WATCH_H
#define HUTONG_SERVICES_MAILBOX_PARTY_WATCH_H
#include "common/runtime/runtime.h"
#include "services/ingest/party_counts.h"
#include "services/mailbox/confirmations.h"
#include "services/mailbox/mailbox_core.h"

struct party_watch {
    struct party_counts counts;
    struct metric *end_to_end, *delivered;
    position_t counted;                            /* outcomes below were looked at */
    struct party_status statuses[COUNTED_PARTIES]; /* told; and the counts of end_to_end */
    uint64_t end_to_end_counts[METRIC_BUCKETS_COUNT];
};

void party_watch_open(struct party_watch *watch, struct metrics *metrics);
/* `rule`: what it was refused for; RULE_NONE: it was not. */
void party_watch_request(struct party_watch *watch, const struct peer *peer, enum rule rule);
/* Those below `end` that came since the last look; what a start reads again is no news, so until `ready` none is. */
void party_watch_outcomes(struct party_watch *watch, struct store_txn *txn, position_t end, bool ready);
void party_watch_backlog(struct party_watch *watch, uint32_t box, struct runtime *runtime,
                         struct confirmations *confirmed);
/* Of a party_watch; for a runtime. Borrowed until the next. */
void party_watch_tell(void *self, struct service_status *status);
#endif
