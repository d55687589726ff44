/* SPDX-License-Identifier: Apache-2.0
 * The event loop over zmq_poll. zloop is not used: it ends on EINTR in CZMQ 4.2.1 (FAILURES Z11). */
#include "common/net/loop.h"

#include <czmq.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"

enum { SOURCES_COUNT_MAX = 64, TIMERS_COUNT_MAX = 32, TURNS_COUNT_MAX = 16 };

struct source {
    loop_ready_fn *ready;
    void *self;
};

struct timer {
    loop_timer_fn *fire;
    void *self;
    int64_t period_us;
    int64_t due_us;
};

struct loop {
    zmq_pollitem_t items[SOURCES_COUNT_MAX];
    struct source sources[SOURCES_COUNT_MAX];
    int source_count;
    struct timer timers[TIMERS_COUNT_MAX];
    int timer_count;
    struct source turns[TURNS_COUNT_MAX];
    int turn_count;
    bool again;
    bool stopped;
    int wake_fd;
};

static void woken(void *self)
{
    struct loop *loop = self;
    uint64_t count;
    (void)!read(loop->wake_fd, &count, sizeof count);
    loop->stopped = true;
}

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof *loop);
    INVARIANT(loop != NULL);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    INVARIANT(loop->wake_fd >= 0);
    loop_add_fd(loop, loop->wake_fd, woken, loop);
    return loop;
}

void loop_destroy(struct loop **loop)
{
    if (*loop == NULL)
        return;
    (void)close((*loop)->wake_fd);
    free(*loop);
    *loop = NULL;
}

static void add(struct loop *loop, void *socket, int fd, loop_ready_fn *ready, void *self)
{
    INVARIANT(loop->source_count < SOURCES_COUNT_MAX);
    loop->items[loop->source_count] = (zmq_pollitem_t){.socket = socket, .fd = fd, .events = ZMQ_POLLIN};
    loop->sources[loop->source_count] = (struct source){ready, self};
    loop->source_count++;
}

void loop_add_socket(struct loop *loop, void *socket, loop_ready_fn *ready, void *self)
{
    add(loop, socket, 0, ready, self);
}

void loop_add_fd(struct loop *loop, int fd, loop_ready_fn *ready, void *self)
{
    add(loop, NULL, fd, ready, self);
}

/* Entries are cleared in place: a handler may remove itself, or another, while the loop walks the list. */
void loop_remove(struct loop *loop, void *self)
{
    for (int i = 0; i < loop->source_count; i++)
        if (loop->sources[i].self == self && i != 0)
            loop->sources[i].ready = NULL;
    for (int i = 0; i < loop->timer_count; i++)
        if (loop->timers[i].self == self)
            loop->timers[i].fire = NULL;
    for (int i = 0; i < loop->turn_count; i++)
        if (loop->turns[i].self == self)
            loop->turns[i].ready = NULL;
}

static void compact(struct loop *loop)
{
    int kept = 0;
    for (int i = 0; i < loop->source_count; i++)
        if (loop->sources[i].ready != NULL) {
            loop->items[kept] = loop->items[i];
            loop->sources[kept++] = loop->sources[i];
        }
    loop->source_count = kept;
    kept = 0;
    for (int i = 0; i < loop->timer_count; i++)
        if (loop->timers[i].fire != NULL)
            loop->timers[kept++] = loop->timers[i];
    loop->timer_count = kept;
    kept = 0;
    for (int i = 0; i < loop->turn_count; i++)
        if (loop->turns[i].ready != NULL)
            loop->turns[kept++] = loop->turns[i];
    loop->turn_count = kept;
}

void loop_add_timer(struct loop *loop, uint32_t period_ms, loop_timer_fn *fire, void *self)
{
    INVARIANT(loop->timer_count < TIMERS_COUNT_MAX && period_ms > 0);
    int64_t period_us = (int64_t)period_ms * 1000;
    loop->timers[loop->timer_count++] = (struct timer){fire, self, period_us, loop_monotonic_us() + period_us};
}

void loop_add_turn(struct loop *loop, loop_ready_fn *turn, void *self)
{
    INVARIANT(loop->turn_count < TURNS_COUNT_MAX);
    loop->turns[loop->turn_count++] = (struct source){turn, self};
}

static long wait_for(struct loop *loop, uint32_t wait_ms)
{
    if (loop->again)
        return 0;
    int64_t now = loop_monotonic_us();
    int64_t wait_us = (int64_t)wait_ms * 1000;
    for (int i = 0; i < loop->timer_count; i++)
        if (loop->timers[i].due_us - now < wait_us)
            wait_us = loop->timers[i].due_us - now;
    return wait_us <= 0 ? 0 : (long)((wait_us + 999) / 1000);
}

static void fire_timers(struct loop *loop)
{
    int64_t now = loop_monotonic_us();
    for (int i = 0; i < loop->timer_count; i++) {
        struct timer *timer = &loop->timers[i];
        if (timer->fire == NULL || timer->due_us > now)
            continue;
        timer->due_us = now + timer->period_us;
        timer->fire(timer->self);
    }
}

void loop_turn(struct loop *loop, uint32_t wait_ms)
{
    compact(loop);
    long wait = wait_for(loop, wait_ms);
    loop->again = false;
    int ready = zmq_poll(loop->items, loop->source_count, wait);
    int count = loop->source_count; /* handlers may add */
    for (int i = 0; ready > 0 && i < count; i++)
        if ((loop->items[i].revents & (ZMQ_POLLIN | ZMQ_POLLERR)) && loop->sources[i].ready != NULL)
            loop->sources[i].ready(loop->sources[i].self);
    fire_timers(loop);
    for (int i = 0; i < loop->turn_count; i++)
        if (loop->turns[i].ready != NULL)
            loop->turns[i].ready(loop->turns[i].self);
}

void loop_again(struct loop *loop)
{
    loop->again = true;
}

void loop_run(struct loop *loop)
{
    while (!loop->stopped)
        loop_turn(loop, 1000);
}

void loop_stop(struct loop *loop)
{
    uint64_t one = 1;
    (void)!write(loop->wake_fd, &one, sizeof one);
}

int64_t loop_monotonic_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

instant_ms_t loop_wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (instant_ms_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
