/* SPDX-License-Identifier: Apache-2.0
 * What can be proved: one hash chain over every submission and its outcome, and where each message has been.
 * Inputs: submissions, outcomes.0 ... outcomes.P-1, in lockstep. No output.
 *
 *   chain  position (8, BE)  -> head after this position (32)
 *   trail  position (8, BE)  -> accepted_at_ms (8, LE) | event number (1) | outcome kind (1) | message id (16) |
 *   sender counts 'k' kind (4, BE), 'r' rule (4, BE) -> how many (8, LE); "head" -> the chain's head (32)
 *
 *   tiles, entries: the transparency log's tree and the entries of its leaves, one a position (tree.h); a position
 *   whose record was buried here has its leaf as well
 *   actions, acknowledged: the operators' log (actions.h)
 *
 *   h(i) = SHA-256(h(i-1) | position (8, BE) | size (4, BE) | submission | size (4, BE) | outcome)
 *   h(-1) = 32 zero bytes. At a tick the NOTICEs of further partitions follow in the order of partitions, each as
 *   size | outcome. */
#ifndef HUTONG_SERVICES_AUDIT_AUDIT_CORE_H
#define HUTONG_SERVICES_AUDIT_AUDIT_CORE_H
#include "common/runtime/core.h"

extern const struct core audit_core;
/* Of the transparency log, as it stands in the store: a tile or (level 255) a bundle, and how many leaves it has. */
bool audit_tile(struct store_txn *txn, unsigned level, uint64_t number, struct span *bytes);
uint64_t audit_log_size(struct store_txn *txn);
#endif
