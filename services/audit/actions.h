/* SPDX-License-Identifier: Apache-2.0
 * The operators' log: what the operator's people did, whichever event says it (common/pb/act.h), in the order of the
 * log, counted from 0, so that the newest are read without the older ones; and which alerts stand acknowledged. */
#ifndef HUTONG_SERVICES_AUDIT_ACTIONS_H
#define HUTONG_SERVICES_AUDIT_ACTIONS_H
#include "common/pb/outcome.h"
#include "common/runtime/core.h"

enum {
    ACTIONS_PAGE_MAX = 100,
    ACTIONS_LOOKED_AT_MAX = 10000, /* a question ends there, and says where the next goes on */
    ACTIONS_MEMORY = 256 * 1024    /* for an answer: a page of rows of 2 KiB, with room */
};

/* The act at this position, or how an earlier one ended. Nothing where the event is neither. */
void actions_take(struct store_txn *txn, const struct core_input *input, const struct submission *submission,
                  const struct envelope_head *head, enum outcome_kind outcome);
void actions_answer(struct store_txn *txn, struct arena *arena, const struct actions_request *asked,
                    struct buffer *answer);
void actions_answer_acknowledged(struct store_txn *txn, struct arena *arena, struct buffer *answer);
#endif
