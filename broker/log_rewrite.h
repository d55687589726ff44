/* SPDX-License-Identifier: Apache-2.0
 * A log that nobody has open, with some of its records in other words: for the erasure of a person (docs/PRIVACY.md),
 * and for nothing else. Positions, counts, times and readers stay.
 *
 *   log_rewrite   1. DIRECTORY/new-seg-N beside each segment in which something changes, whole and synced
 *                 2. DIRECTORY/rewriting: from here on the log opens for nobody until all of them are in place
 *                 3. seg-N goes to KEPT/seg-N, new-seg-N becomes seg-N; `rewriting` goes
 *   log_forget    KEPT and what is in it is removed
 *   log_unwrite   what lies in KEPT is put back
 *
 * A crash before 2 leaves nothing but files that the next run makes anew; after it, log_rewrite and log_unwrite go on
 * where they stopped. LMDB leaves in a file what was in it before: so a segment is never changed in place. */
#ifndef HUTONG_BROKER_LOG_REWRITE_H
#define HUTONG_BROKER_LOG_REWRITE_H
#include "broker/log.h"

/* Every record of every stream, one after the other. `record` is borrowed; other than OK ends it. */
typedef enum status log_visit_fn(void *self, const char *stream, uint64_t position, struct span record);
MUST_USE enum status log_visit(const char *directory, log_visit_fn *visit, void *self, struct buffer *why);

/* The record in other words, appended to `out`; false: it stays as it is. */
typedef bool log_reword_fn(void *self, const char *stream, uint64_t position, struct span record, struct buffer *out);
/* `kept` is on the same file system. `segments`: how many were written anew. FATAL_CONFIG: somebody has it open. */
MUST_USE enum status log_rewrite(const char *directory, const char *kept, log_reword_fn *reword, void *self,
                                 unsigned *segments, struct buffer *why);
MUST_USE enum status log_unwrite(const char *directory, const char *kept, struct buffer *why);
MUST_USE enum status log_forget(const char *kept, struct buffer *why);
#endif
