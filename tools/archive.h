/* SPDX-License-Identifier: Apache-2.0
 * Sealed segments of a log on cheap storage, compressed, one beside the other without a gap:
 *
 *   DIR/archive.json       which, with their sums and the positions that they hold (kept_segment.h); written last
 *   DIR/seg-N.mdb.zst      a segment's data.mdb
 *
 * Read segment by segment: one is unpacked to a file without a name in $TMPDIR (else /tmp), held against its sum, and
 * read as a log is. The newest two stay so for the next read. */
#ifndef HUTONG_TOOLS_ARCHIVE_H
#define HUTONG_TOOLS_ARCHIVE_H
#include "broker/log.h"
#include "tools/directory.h"
#include "tools/kept_segment.h"

struct archive;

/* REJECT_NOT_FOUND: there is no archive there. `make`: then it is a new, empty one, of this log. */
MUST_USE enum status archive_open(const char *directory, struct archive **archive, struct buffer *why);
MUST_USE enum status archive_make(const char *directory, uint64_t log, struct archive **archive, struct buffer *why);
void archive_close(struct archive **archive);
uint64_t archive_log(const struct archive *archive);
const struct kept_segments *archive_segments(const struct archive *archive);

/* One more, or one that was rewritten since: durable when it returns OK. `segment`: what is known of it; its sums are
 * filled in. */
MUST_USE enum status archive_put(struct archive *archive, const char *data, const struct kept_segment *segment,
                                 struct pace *pace, struct buffer *why);
/* Whether it holds these positions of the stream. */
bool archive_holds(const struct archive *archive, const char *stream, uint64_t from, uint64_t to);
/* The file against its sums. FATAL_CORRUPT: `why` names it. */
MUST_USE enum status archive_check(struct archive *archive, const struct kept_segment *segment, struct pace *pace,
                                   struct buffer *why);
/* REJECT_RANGE: it does not hold the position. `batch` is valid until the next call. */
MUST_USE enum status archive_read(struct archive *archive, const char *stream, uint64_t position,
                                  struct log_batch *batch, struct buffer *why);
#endif
