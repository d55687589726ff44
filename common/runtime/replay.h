/* SPDX-License-Identifier: Apache-2.0
 * A core over a store of its own in a temporary directory, fed by hand: what the runtime does with a log, for who wants
 * to compute it again. */
#ifndef HUTONG_COMMON_RUNTIME_REPLAY_H
#define HUTONG_COMMON_RUNTIME_REPLAY_H
#include "common/runtime/core.h"

struct replay;
/* From position 0, or, with the directory of a snapshot, from where that was taken, over a copy of it. FATAL_: `why`
 * says what; FATAL_CORRUPT: the snapshot is not what its digest says. */
MUST_USE enum status replay_open(const struct core *core, struct core_partition partition, size_t map_size,
                                 const char *snapshot, struct replay **replay, struct buffer *why);
/* In a state's own directory, which nobody has open, from where it stands; a new one where nothing is there. What was
 * applied since the last commit is gone unless it is committed. */
MUST_USE enum status replay_open_kept(const struct core *core, struct core_partition partition, size_t map_size,
                                      const char *directory, struct replay **replay, struct buffer *why);
MUST_USE enum status replay_commit(struct replay *replay);
/* Removes the directory, unless it is kept. */
void replay_close(struct replay **replay);
/* One record of each input at the next position. `recorded`: what the output stream has there, where a decision of the
 * quarantine is honoured; NULL: not known. `output`: borrowed until the next call. What the core cannot decode becomes
 * a dead letter, as in the runtime. */
MUST_USE enum status replay_apply(struct replay *replay, const struct span *records, unsigned count,
                                  const struct span *recorded, struct span *output);
position_t replay_position(const struct replay *replay);
/* Reset by replay_apply: for decoding its output. */
struct arena *replay_arena(struct replay *replay);
MUST_USE enum status replay_digest(struct replay *replay, uint8_t out[DIGEST_SIZE]);
MUST_USE enum status replay_query(struct replay *replay, struct span request, struct buffer *answer);
#endif
