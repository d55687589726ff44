/* SPDX-License-Identifier: Apache-2.0
 * Whether a thread's loop still turns, and whether what it serves is ready: said by the loop's own thread once a
 * second, and five times while it is not ready; heard by any other. */
#ifndef HUTONG_COMMON_NET_PULSE_H
#define HUTONG_COMMON_NET_PULSE_H
#include <stdatomic.h>

#include "common/net/loop.h"

/* Asked on the loop's thread. The text lasts; "" when ready. */
typedef const char *pulse_why_not_fn(void *self);

struct pulse {
    pulse_why_not_fn *why_not;
    void *self;
    struct loop *loop;                             /* filled in by pulse_start */
    const char *stands;                            /* what to say when the loop has not turned for 5 s */
    void (*told)(void *self, const char *why_not); /* at each beat, on the loop's thread; NULL: nobody */
    void *told_self;
    _Atomic(const char *) said;
    _Atomic int64_t beat_us;
};

/* On the loop's thread, before anybody listens; `why_not`, `self` and `stands` are filled in. */
void pulse_start(struct pulse *pulse, struct loop *loop);
/* No beat more: before what it looks at is closed, for a runtime that closes goes on turning its loop. Nothing where it
 * was never started. */
void pulse_stop(struct pulse *pulse);
/* From any thread: "" when ready. */
const char *pulse_why_not(const struct pulse *pulse);
#endif
