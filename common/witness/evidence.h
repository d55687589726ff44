/* SPDX-License-Identifier: Apache-2.0
 * Checkpoints of one log that cannot both be true, kept as they were signed: a directory for each pair, named by its
 * content, so that the same pair again is not a second one.
 *   DIRECTORY/HASH/first.checkpoint, second.checkpoint, why.txt */
#ifndef HUTONG_COMMON_WITNESS_EVIDENCE_H
#define HUTONG_COMMON_WITNESS_EVIDENCE_H
#include "common/base/buffer.h"
#include "common/base/status.h"

enum { EVIDENCE_COUNT_MAX = 1000 }; /* nobody fills a disk with it */

/* REJECT_CONFLICT: it is kept already. RETRY_FULL: there are as many as may be. FATAL_IO. */
MUST_USE enum status evidence_keep(const char *directory, const char *why, struct span first, struct span second);
#endif
