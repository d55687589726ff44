/* SPDX-License-Identifier: Apache-2.0
 * Beats. */
#include "common/net/pulse.h"

#include "common/base/buffer.h"
#include "common/base/limits.h"

enum { BEAT_MS = 1000, UNREADY_BEAT_MS = 200, STANDS_US = 5 * 1000 * 1000 };

/* Without room for a largest frame ZeroMQ closes the connection that brings one, for ever and without a word, while
 * everything small goes on. Such a process ends here (buffer.h), and is started again. */
static void look_for_room(void)
{
    struct buffer frame = {0};
    (void)buffer_reserve(&frame, FRAME_SIZE_MAX + FRAME_SIZE_SLACK);
    buffer_fini(&frame);
}

static void beat(void *self)
{
    struct pulse *pulse = self;
    look_for_room();
    const char *why_not = pulse->why_not(pulse->self);
    if (why_not[0] != 0)
        loop_once(pulse->loop, UNREADY_BEAT_MS, beat, pulse);
    atomic_store(&pulse->said, why_not);
    atomic_store(&pulse->beat_us, loop_monotonic_us());
    if (pulse->told != NULL)
        pulse->told(pulse->told_self, why_not);
}

void pulse_start(struct pulse *pulse, struct loop *loop)
{
    pulse->loop = loop;
    beat(pulse);
    loop_add_timer(loop, BEAT_MS, beat, pulse);
}

void pulse_stop(struct pulse *pulse)
{
    if (pulse->loop != NULL)
        loop_remove(pulse->loop, pulse);
    pulse->loop = NULL;
}

const char *pulse_why_not(const struct pulse *pulse)
{
    bool stands = loop_monotonic_us() - atomic_load(&pulse->beat_us) > STANDS_US;
    return stands ? pulse->stands : atomic_load(&pulse->said);
}
