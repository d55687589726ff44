/* SPDX-License-Identifier: Apache-2.0
 * What of the log's sealed segments stands in an archive, and what is put there. */
#ifndef HUTONG_TOOLS_ARCHIVING_H
#define HUTONG_TOOLS_ARCHIVING_H
#include "broker/log_check.h"
#include "tools/archive.h"

struct archiving {
    const char *log, *directory; /* the broker's, the archive's */
    uint64_t below;              /* segments in which everything lies below this position */
    struct pace *pace;
    /* Out: new, put there again since they are others now, there already; bytes of what was put. */
    unsigned added, rewritten, there;
    uint64_t plain, packed;
};
MUST_USE enum status archiving_run(struct archiving *archiving, struct buffer *why);

/* The sealed segments of the log, oldest first, as far as everything in them lies below the position, with their
 * streams and the time of their newest batch. */
MUST_USE enum status archiving_sealed(const char *log, uint64_t below, struct kept_segments *segments,
                                      struct buffer *why);
/* The streams of a segment that was looked at. */
void archiving_tell(const struct segment_seen *seen, struct kept_segment *segment);
/* The end of what lies in a segment, of whichever stream goes furthest. */
uint64_t archiving_end(const struct kept_segment *segment);
#endif
