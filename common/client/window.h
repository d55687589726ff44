/* SPDX-License-Identifier: Apache-2.0
 * Submits under way at once (go back n): which messages the next frame takes, what an answer settles, what goes again.
 * Pure: no socket, no clock; times come in.
 *
 *     0 ......... done ......... next ......... count
 *     have receipts |  under way   |  not sent
 *
 * Messages are never overtaken by later ones. Each frame says which frame it follows, and the gate takes nothing new of
 * a frame whose predecessor it did not take whole (Submit.follows). So after a BUSY, a silence or a refusal everything
 * from there on goes again, in order, behind what is still under way before it: a frame that follows none is sent only
 * when nothing is. All of it may be sent again at any time; receipts are the same.
 *
 * Before the first answer, and after anything went wrong, one frame alone is under way: nothing piles up for an
 * exchange that is away, and one that is busy is asked with little. */
#ifndef HUTONG_COMMON_CLIENT_WINDOW_H
#define HUTONG_COMMON_CLIENT_WINDOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WINDOW_FRAMES_MAX = 8, /* of 512: what 80,000 a second need at 50 ms */
    WINDOW_SIZE_MAX = 4 * 1024 * 1024,
    WINDOW_SILENCE_MS = 1000
};

struct window_frame {
    uint64_t request;
    size_t first, count; /* messages */
    size_t size;         /* of its envelopes */
    bool answered;
};

struct window {
    struct window_frame frames[WINDOW_FRAMES_MAX]; /* under way, from `oldest` on, in order */
    unsigned oldest, frame_count;
    size_t next, count, size;
    uint64_t follows;
    int64_t heard_us; /* last answer, or last sent while nothing was under way */
    int64_t not_before_us;
    bool narrow; /* one frame at a time */
};

/* `narrow`: one frame alone, until it is answered. */
void window_init(struct window *window, size_t count, bool narrow);
/* Below it every message has its final receipt. */
size_t window_done(const struct window *window);
/* Whether a frame may go now; it takes messages from window->next on. Its Submit.follows is window->follows. */
bool window_may_send(const struct window *window, int64_t now_us);
void window_sent(struct window *window, uint64_t request, size_t count, size_t size, int64_t now_us);
/* When to look again though nothing came: the end of a pause or of patience. */
int64_t window_wakes_us(const struct window *window);
/* The frame that this answers; NULL: none that is under way (a late answer). Valid until the next call. */
const struct window_frame *window_find(const struct window *window, uint64_t request);
/* Receipts came, and the first `settled` of them are final: those behind go again after `retry_ms`. */
void window_answered(struct window *window, uint64_t request, size_t settled, uint32_t retry_ms, int64_t now_us);
/* True where there was silence for too long: everything under way goes again. */
bool window_is_silent(struct window *window, int64_t now_us);
#endif
