/* SPDX-License-Identifier: Apache-2.0
 * What `hutong watch` shows: a function of two samples. Figures a second are differences; what is not known is "?", and
 * grey where there are colours. */
#ifndef HUTONG_TOOLS_WATCH_FRAME_H
#define HUTONG_TOOLS_WATCH_FRAME_H
#include "common/base/buffer.h"
#include "tools/watch_sample.h"

struct watch_view {
    int columns, lines;
    bool colours;
};

/* At most view->lines lines, each at most view->columns wide, a '\n' between two. `before` may be NULL. */
void watch_frame(const struct watch_sample *before, const struct watch_sample *now, const struct watch_view *view,
                 struct buffer *out);
/* One line for who reads it later: words and figures, name=value. */
void watch_line(const struct watch_sample *before, const struct watch_sample *now, struct buffer *out);
/* Of the latencies that came between two samples, below which `percent` of them lie, in microseconds; -1: there are
 * none. */
int64_t watch_quantile(const struct watch_sample *before, const struct watch_sample *now, unsigned percent);
#endif
