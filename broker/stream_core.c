/* SPDX-License-Identifier: Apache-2.0
 * The broker's decisions. */
#include "broker/stream_core.h"

enum append_decision stream_decide(const struct stream_state *stream, uint64_t epoch, uint64_t position, uint32_t count,
                                   uint64_t bound)
{
    if (epoch != stream->epoch)
        return APPEND_FENCED;
    if (position == stream->end)
        return bound < position || count > bound - position ? APPEND_AHEAD : APPEND_WRITE;
    return position < stream->end ? APPEND_COMPARE : APPEND_CONFLICT;
}

bool stream_segment_may_go(const struct trim_view *views, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct trim_view *view = &views[i];
        if (view->next_start == view->start)
            continue; /* the segment holds nothing of this stream */
        if (view->has_readers && view->cursor < view->next_start)
            return false;
        if (view->below < view->next_start)
            return false;
    }
    return true;
}
