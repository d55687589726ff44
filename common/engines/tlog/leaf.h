/* SPDX-License-Identifier: Apache-2.0
 * The entry of a leaf, of the records that stand at its position. */
#ifndef HUTONG_COMMON_ENGINES_TLOG_LEAF_H
#define HUTONG_COMMON_ENGINES_TLOG_LEAF_H
#include "common/engines/tlog/tree.h"

/* `submission` and `outcomes` as they stand on the log; of outcomes those that are not empty, in the order of their
 * partitions. A record that was rewritten since, because a person was erased, says itself what its leaf committed to
 * (Submission.erased). Of one that cannot be read the entry says zeros, and commits to its bytes all the same. */
void tlog_leaf_of(struct digest *digest, uint64_t position, struct span submission, const struct span *outcomes,
                  unsigned outcome_count, uint8_t entry[TLOG_ENTRY_SIZE]);
#endif
