/* SPDX-License-Identifier: Apache-2.0
 * A copy of a store, or of a segment of the log, that its owner may be writing: as it stood at one commit. Nothing is
 * asked of the owner, and nothing stops; the pages that the copy reads are kept until it has them.
 *
 *   1. the files recent-N that are there are opened: unlinked by the owner, they can still be read
 *   2. LMDB's own compacting copy begins, in a read transaction, through a pipe: who reads it says how fast it goes
 *   3. once its first bytes are there, recent-N again: they reach at least as far as the trees do
 *
 * What comes of it is what a crash at that moment would leave, and is opened like that. */
#ifndef HUTONG_COMMON_STORE_COPY_LIVE_H
#define HUTONG_COMMON_STORE_COPY_LIVE_H
#include "common/base/buffer.h"
#include "common/base/status.h"

struct copy_pace {
    void (*moved)(void *self, size_t bytes); /* may wait; NULL: as fast as it goes */
    void *self;
};

/* Into TO, which is made, synced. REJECT_NOT_FOUND: there is no data.mdb. */
MUST_USE enum status copy_live(const char *directory, const char *to, const struct copy_pace *pace, struct buffer *why);
#endif
