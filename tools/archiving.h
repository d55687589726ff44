/* SPDX-License-Identifier: Apache-2.0
 * What of the log's sealed segments stands in an archive, and what is put there. */
#ifndef HUTONG_TOOLS_ARCHIVING_H
#define HUTONG_TOOLS_ARCHIVING_H
#include "tools/archive.h"

struct archiving {
    const char *log, *directory; /* the broker's, the archive's */
    uint64_t below;              /* segments in which everything lies below this position */
    struct pace *pace;
    unsigned added, rewritten, there; /* out: new, put there again since they are others now, there already */
    uint64_t plain, packed;           /* out: bytes of what was put there */
};
MUST_USE enum status archiving_run(struct archiving *archiving, struct buffer *why);

/* The sealed segments of the log, oldest first, as far as everything in them lies below the position, with their streams
 * and the time of their newest batch. */
MUST_USE enum status archiving_sealed(const char *log, uint64_t below, struct kept_segments *segments,
                                      struct buffer *why);
/* The end of what lies in a segment, of whichever stream goes furthest. */
uint64_t archiving_end(const struct kept_segment *segment);
#endif
