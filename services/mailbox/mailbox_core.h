/* SPDX-License-Identifier: Apache-2.0
 * Delivery: which outcome lies where in whose mailbox. Inputs: outcomes.0 ... outcomes.P-1 in lockstep; at each
 * position exactly one of them is not empty, but at a tick, where NOTICEs of other partitions may follow the first. The
 * order of a mailbox is the order of positions, then of partitions, so it is a function of the log. */
#ifndef HUTONG_SERVICES_MAILBOX_MAILBOX_CORE_H
#define HUTONG_SERVICES_MAILBOX_MAILBOX_CORE_H
#include "common/runtime/core.h"

extern const struct core mailbox_core;
/* The same over the one stream `books`, whose records are mostly empty: BooksRecord begins as Outcome does. */
extern const struct core mailbox_books_core;

/* For the shell that serves reads from the same transaction. */
/* End of a party's mailbox: the sequence that its next outcome gets. */
uint64_t mailbox_end(void *self, const char *party);
/* The outcome at a place of a mailbox; false past the end. Borrowed from the transaction. */
bool mailbox_at(void *self, struct store_txn *txn, const char *party, uint64_t seq, struct span *outcome);
bool mailbox_outcome(struct store_txn *txn, position_t position, struct span *outcome);
/* Where the row that this outcome stated was stated again, or its settlement taken back; 0: it is the last word. */
position_t mailbox_superseded_by(struct store_txn *txn, struct span outcome);
/* The lowest place of this party's mailbox whose outcome's position is at or above `position`. */
uint64_t mailbox_seq_of(void *self, struct store_txn *txn, const char *party, position_t position);
#endif
