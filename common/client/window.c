/* SPDX-License-Identifier: Apache-2.0
 * The window. */
#include "common/client/window.h"

#include "common/base/check.h"

void window_init(struct window *window, size_t count, bool narrow)
{
    *window = (struct window){.count = count, .narrow = narrow};
}

static struct window_frame *frame_at(struct window *window, unsigned index)
{
    return &window->frames[(window->oldest + index) % WINDOW_FRAMES_MAX];
}

size_t window_done(const struct window *window)
{
    return window->frame_count > 0 ? window->frames[window->oldest].first : window->next;
}

bool window_may_send(const struct window *window, int64_t now_us)
{
    unsigned frames_max = window->narrow ? 1 : WINDOW_FRAMES_MAX;
    return window->next < window->count && window->frame_count < frames_max && window->size < WINDOW_SIZE_MAX &&
           now_us >= window->not_before_us;
}

void window_sent(struct window *window, uint64_t request, size_t count, size_t size, int64_t now_us)
{
    PRE(window_may_send(window, now_us) && request != 0 && count > 0 && count <= window->count - window->next);
    INVARIANT(window->follows != 0 || window->frame_count == 0); /* it is narrow from a fault to a frame taken whole */
    if (window->frame_count == 0)
        window->heard_us = now_us;
    *frame_at(window, window->frame_count++) = (struct window_frame){request, window->next, count, size, false};
    window->next += count;
    window->size += size;
    window->follows = request;
}

int64_t window_wakes_us(const struct window *window)
{
    return window->frame_count > 0 ? window->heard_us + WINDOW_SILENCE_MS * INT64_C(1000) : window->not_before_us;
}

const struct window_frame *window_find(const struct window *window, uint64_t request)
{
    for (unsigned i = 0; i < window->frame_count; i++) {
        const struct window_frame *frame = &window->frames[(window->oldest + i) % WINDOW_FRAMES_MAX];
        if (frame->request == request && !frame->answered)
            return frame;
    }
    return NULL;
}

/* Everything from frame `index` on, but for its first `settled` messages, is to be sent again. */
static void go_back(struct window *window, unsigned index, size_t settled)
{
    struct window_frame *frame = frame_at(window, index);
    window->next = frame->first + settled;
    while (window->frame_count > index)
        window->size -= frame_at(window, --window->frame_count)->size;
    window->follows = 0;
    window->narrow = true;
}

static void drop_answered(struct window *window)
{
    while (window->frame_count > 0 && frame_at(window, 0)->answered) {
        window->size -= frame_at(window, 0)->size;
        window->oldest = (window->oldest + 1) % WINDOW_FRAMES_MAX;
        window->frame_count--;
    }
}

void window_answered(struct window *window, uint64_t request, size_t settled, uint32_t retry_ms, int64_t now_us)
{
    unsigned index = 0;
    while (index < window->frame_count && frame_at(window, index)->request != request)
        index++;
    PRE(index < window->frame_count && settled <= frame_at(window, index)->count);
    window->heard_us = now_us;
    if (settled == frame_at(window, index)->count) {
        frame_at(window, index)->answered = true;
        window->narrow = window->narrow && window->follows == 0; /* what went wrong since is not yet tried again */
    } else {
        go_back(window, index, settled);
        window->not_before_us = now_us + retry_ms * INT64_C(1000);
    }
    drop_answered(window);
}

bool window_is_silent(struct window *window, int64_t now_us)
{
    if (window->frame_count == 0 || now_us < window_wakes_us(window))
        return false;
    go_back(window, 0, 0);
    return true;
}
