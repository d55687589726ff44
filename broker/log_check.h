/* SPDX-License-Identifier: Apache-2.0
 * A segment's file, read without LMDB (common/store/page_trees.h): LMDB follows a page in which a bit has flipped
 * anywhere, and of `meta` and of the pages that lead to a batch it has no checksum. */
#ifndef HUTONG_BROKER_LOG_CHECK_H
#define HUTONG_BROKER_LOG_CHECK_H
#include "broker/log_words.h"
#include "broker/stream_core.h"
#include "common/base/buffer.h"
#include "common/base/limits.h"
#include "common/base/status.h"

enum log_look {
    LOOK_META,   /* `meta`, against its sum: some pages */
    LOOK_TREES,  /* and every page that leads to a batch, and that batches follow each other without a gap */
    LOOK_BATCHES /* and every batch against its checksum */
};

struct log_check {
    const char *directory; /* of the log */
    uint32_t segment;
    enum log_look look;
    bool (*read)(void *self, size_t bytes); /* as of page_trees_watch; may be NULL */
    void *self;
};

struct segment_seen {
    struct log_words words;
    unsigned stream_count; /* 0: nothing was ever committed to it */
    struct {
        char name[STREAM_NAME_SIZE_MAX + 1];
        uint64_t start, end;
    } streams[LOG_STREAMS_COUNT_MAX];
    uint64_t transaction; /* of its last commit */
    uint64_t batches, damaged;
};

enum { LOG_SEGMENTS_COUNT_MAX = 1024 };
/* Numbers of the segments that a log's directory holds, in order; room for LOG_SEGMENTS_COUNT_MAX. -1: it cannot be
 * read. */
int log_segment_numbers(const char *directory, uint32_t *numbers);

/* REJECT_NOT_FOUND: it has no file, or an empty one. FATAL_CORRUPT: batches are damaged, or lacking; the others can be
 * read. FATAL_DAMAGED: pages that lead to them, or `meta`, are. `why` names file, page, stream, positions. */
MUST_USE enum status log_check_segment(const struct log_check *check, struct segment_seen *seen, struct buffer *why);
/* The same of the newest one, to which a broker may write meanwhile. */
MUST_USE enum status log_check_live(const struct log_check *check, struct segment_seen *seen, struct buffer *why);
/* `seen` begins where the one `before` it ends, and is of the same log. FATAL_CORRUPT: another one, or an older copy.
 */
MUST_USE enum status log_check_follows(const struct segment_seen *before, const struct segment_seen *seen,
                                       uint32_t segment, struct buffer *why);
#endif
