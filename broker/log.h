/* SPDX-License-Identifier: Apache-2.0
 * The log: streams in segments, an LMDB environment each, appended only, removed whole (FAILURES L11, L12).
 *
 * DIRECTORY/seg-00000000/data.mdb holds the tables `batches` and `meta` (LOG of common/store/store.def). Format and
 * number of partitions are checked at open; absent: 1, and as many as there are streams outcomes.N that hold something.
 *
 * At open the newest segment is read whole, and of the others `meta`; their other pages before LMDB follows them
 * (log_check.h). Numbers have no gap, a segment begins where the one before ends, and all are of one log.
 *
 * The newest segment's meta is kept current in the same transaction as the batches; a new segment starts as a copy.
 * "Start here": the position at which the stream enters this segment.
 *
 * One write transaction at a time: log_begin, any number of log_append, log_commit (one fdatasync and one synchronous
 * write of the meta page for all). A failure of commit is final: the caller answers "unknown" and exits.
 *
 * One thread may write while another reads (log_read, log_first, log_usage, log_check_readers); all else is for one
 * thread at a time. */
#ifndef HUTONG_BROKER_LOG_H
#define HUTONG_BROKER_LOG_H
#include "broker/stream_core.h"
#include "common/base/buffer.h"
#include "common/base/instant.h"
#include "common/base/limits.h"
#include "common/base/span.h"
#include "common/base/status.h"

enum { DISK_RESERVE_MIB = 256 }; /* beyond it nothing is accepted */

struct log;

struct log_options {
    const char *directory;
    uint64_t segment_size; /* bytes; a segment is closed when this is used */
    uint64_t size_limit;   /* bytes of all segments: soft limit */
    uint64_t disk_reserve; /* bytes that stay free on the disk */
    uint32_t partitions;   /* of the configuration, which must be the log's; 0: not asked */
    bool read_only;
};

struct log_batch {
    uint64_t position;
    uint32_t count;
    instant_ms_t stored_at;
    struct span bytes; /* valid until log_read_end */
};

struct log_usage {
    uint32_t segments;
    uint32_t damaged_segments; /* as the scrub's last round found them */
    uint64_t used;
    uint64_t limit;
    uint64_t disk_free; /* UINT64_MAX: the disk does not say */
    uint64_t disk_reserve;
    bool limit_reached;
    bool disk_low;
};

/* FATAL_CONFIG, with both numbers: the log was begun with another number of partitions. */
MUST_USE enum status log_open(const struct log_options *options, struct log **log, struct buffer *why);
void log_close(struct log **log);
/* Whether a rewriting (log_rewrite.h) stopped half way: until it goes on nobody may write this log. */
bool log_is_half_rewritten(const char *directory);
uint64_t log_identity(const struct log *log); /* no two logs have the same */
/* Batches of the newest segment that were damaged when it was opened; "": none. They are refused when they are read. */
const char *log_damage(struct log *log);
/* Keeps the number of the process that writes the log from now on, durably, in DIRECTORY/incarnation (8, LE);
 * `previous`: the one before; 0: not known. */
MUST_USE enum status log_next_incarnation(struct log *log, uint64_t incarnation, uint64_t *previous);

/* Index of the stream; -1: unknown. */
int log_find(const struct log *log, const char *name);
/* Finds or creates (durable with the next commit). -1: too many streams, or a bad name. */
int log_stream(struct log *log, const char *name);
const char *log_name(const struct log *log, int stream);
struct stream_state *log_state(struct log *log, int stream);
uint64_t log_first(const struct log *log, int stream); /* lowest position that is still there */
unsigned log_stream_count(const struct log *log);

MUST_USE enum status log_begin(struct log *log);
/* PRE: stream_decide said WRITE. Advances the stream's end. */
MUST_USE enum status log_append(struct log *log, int stream, uint32_t count, instant_ms_t now, struct span batch);
/* Marks the stream's state or readers as changed, so that the next commit writes them. */
void log_touch(struct log *log, int stream);
MUST_USE enum status log_commit(struct log *log);
void log_abort(struct log *log); /* nothing, where none is open */

/* Reads see what is durable, also while another thread writes. One read at a time, ended before the loop's turn is over
 * (L8, L9). Checks the checksum: FATAL_CORRUPT names the batch in `why` (L6). REJECT_NOT_FOUND: at or beyond the end.
 * REJECT_RANGE: trimmed away. */
MUST_USE enum status log_read(struct log *log, int stream, uint64_t position, struct log_batch *batch,
                              struct buffer *why);
void log_read_end(struct log *log);

/* Registered readers. */
void log_reader_set(struct log *log, int stream, const char *reader, uint64_t cursor);
void log_reader_forget(struct log *log, int stream, const char *reader);
bool log_reader_lowest(const struct log *log, int stream, uint64_t *cursor);
/* The index-th reader of the stream; false past the end. */
bool log_cursor_at(const struct log *log, int stream, unsigned index, const char **reader, uint64_t *cursor);

/* How many of the oldest segments stream_segment_may_go lets go; `below`: the operator's word for each stream. */
uint32_t log_trim_reach(const struct log *log, const uint64_t below[LOG_STREAMS_COUNT_MAX]);
/* Lowest position of the stream that is still there without the `segments` oldest. */
uint64_t log_first_without(const struct log *log, int stream, uint32_t segments);
/* Removes that many of the oldest segments. PRE: log_trim_reach said so. */
MUST_USE enum status log_trim(struct log *log, uint32_t segments);
void log_usage(struct log *log, struct log_usage *usage);
/* Clears readers of dead processes. */
void log_check_readers(struct log *log);
#endif
