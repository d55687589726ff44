/* SPDX-License-Identifier: Apache-2.0
 * What the broker decides, without I/O: may this append be written, is it there already, which segments may go.
 *
 *   append(epoch, position, count)
 *     epoch < stream's epoch ............ FENCED    a newer writer holds the stream
 *     epoch > stream's epoch ............ FENCED    an epoch that this broker never gave
 *     position == end ................... WRITE, or AHEAD where the stream would pass the end of the one it follows
 *     position <  end ................... COMPARE   equal stored batch: already there; else conflict
 *     position >  end ................... CONFLICT  a gap is never written */
#ifndef HUTONG_BROKER_STREAM_CORE_H
#define HUTONG_BROKER_STREAM_CORE_H
#include <stdbool.h>
#include <stdint.h>

enum { LOG_STREAMS_COUNT_MAX = 128 };

enum append_decision { APPEND_WRITE, APPEND_COMPARE, APPEND_CONFLICT, APPEND_FENCED, APPEND_AHEAD };

struct stream_state {
    uint64_t epoch;
    uint64_t end; /* next position to write */
};

/* `bound`: end of the stream that this one follows; UINT64_MAX: none. */
enum append_decision stream_decide(const struct stream_state *stream, uint64_t epoch, uint64_t position, uint32_t count,
                                   uint64_t bound);

/* May a segment go? For every stream: `next_start` is where the following segment begins, `cursor` the lowest
 * registered reader's (has_readers false: nobody reads it), `below` the operator's word (0: none was given for this
 * stream, so nothing of it goes). */
struct trim_view {
    uint64_t start;
    uint64_t next_start;
    bool has_readers;
    uint64_t cursor;
    uint64_t below;
};
bool stream_segment_may_go(const struct trim_view *views, unsigned count);
#endif
