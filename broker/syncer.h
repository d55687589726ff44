/* SPDX-License-Identifier: Apache-2.0
 * The thread that writes the log. It takes all groups that wait, in their order, into one transaction: one fdatasync
 * for everything that came while the one before was under way. While it has groups, nobody else writes the log.
 *
 * A failure is final (L1, L2): nothing is written after it, and what was not settled is unknown. */
#ifndef HUTONG_BROKER_SYNCER_H
#define HUTONG_BROKER_SYNCER_H
#include "broker/tail.h"
#include "common/observe/metrics.h"

struct syncer;

/* Borrows the log. */
struct syncer *syncer_start(struct log *log, struct metrics *metrics);
/* Writes what it was handed, then ends. */
void syncer_stop(struct syncer **syncer);
/* Takes the group's changes; what they borrow must live until it is settled. Never waits. */
void syncer_hand_over(struct syncer *syncer, struct change_group group);
/* Number of the last group that is on disk. FATAL_: the next one failed. */
MUST_USE enum status syncer_settled(struct syncer *syncer, uint64_t *group);
/* The same, once it has reached `group`. PRE: it has been handed over. */
MUST_USE enum status syncer_wait(struct syncer *syncer, uint64_t group, uint64_t *settled);
/* Readable when there is news for syncer_settled, which makes it unreadable. */
int syncer_fd(const struct syncer *syncer);
/* For how long the disk has been at what it is doing; 0: it does nothing. From any thread. */
int64_t syncer_busy_us(const struct syncer *syncer);
#endif
