/* SPDX-License-Identifier: Apache-2.0
 * What went between the regions, by day: bills from the region of care to the insuring region, letters of transfers
 * from who wrote to who reads. Counted as the records come, so that looking costs a day's cells, and each of them
 * listed by its position, with a hash of the number that its sender gave it: by it a bill is found. Nothing is decided
 * by it.
 *
 * A region is 1, 2, 3; 0: a message that was refused did not say which. A bill that takes the place of another counts
 * as one settled and one reversed. */
#ifndef HUTONG_SERVICES_AUDIT_FLOW_H
#define HUTONG_SERVICES_AUDIT_FLOW_H
#include "common/pb/outcome.h"
#include "common/runtime/core.h"

enum { FLOW_REGIONS = 4 };

struct flow {
    uint32_t day;
    bool dirty;
    struct flow_cell cells[FLOW_REGIONS][FLOW_REGIONS]; /* of that day, from and to */
};

/* By which a bill's or a transfer's number is looked for. */
uint32_t flow_number_hash(struct span number);
/* What was sent, and what became of it. */
struct flow_record {
    position_t position;
    instant_ms_t accepted_at;
    const struct envelope_head *envelope;
    enum outcome_kind kind;
    struct span outcome;
};

void flow_take(struct flow *flow, struct store_txn *txn, const struct flow_record *record);
void flow_flush(struct flow *flow, struct store_txn *txn);
void flow_answer_day(const struct flow *flow, struct store_txn *txn, uint32_t day, struct buffer *answer);
/* Newest first. */
void flow_answer_list(struct store_txn *txn, const struct flow_list_request *request, struct buffer *answer);
#endif
