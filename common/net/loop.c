/* SPDX-License-Identifier: Apache-2.0
 * The event loop over poll. zloop is not used: it ends on EINTR in CZMQ 4.2.1 (FAILURES Z11). Nor is zmq_poll: it asks
 * every socket for its events before it sleeps, after it slept, and after it woke, a system call each.
 *
 * A socket's ZMQ_FD tells that its mailbox has commands for it, no more. Any call on the socket may take the commands
 * in (zmq_getsockopt(3): edge-triggered), and a command may say that a message can be read. So a socket is asked for
 * ZMQ_EVENTS, once before each sleep, if it was called in any way since it was asked last: by its handler, by a send
 * (loop_touched), or because it is new. Whoever was not called has an untouched mailbox, and its descriptor tells. */
#include "common/net/loop.h"

#include <czmq.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"

enum { SOURCES_COUNT_MAX = 64, TIMERS_COUNT_MAX = 32, TURNS_COUNT_MAX = 16 };

struct source {
    void *socket; /* NULL: of a file descriptor alone */
    loop_ready_fn *ready;
    void *self;
    bool look;     /* it was called since it was asked for its events */
    bool readable; /* found so in this turn, and not called yet */
};

struct turn {
    loop_ready_fn *ready;
    void *self;
};

struct timer {
    loop_timer_fn *fire;
    void *self;
    int64_t period_us; /* 0: once */
    int64_t due_us;
};

struct loop {
    struct pollfd polls[SOURCES_COUNT_MAX];
    struct source sources[SOURCES_COUNT_MAX];
    int source_count;
    struct timer timers[TIMERS_COUNT_MAX];
    int timer_count;
    struct turn turns[TURNS_COUNT_MAX];
    int turn_count;
    int depth; /* of turns within turns: a handler may wait for something */
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
    loop->polls[loop->source_count] = (struct pollfd){.fd = fd, .events = POLLIN};
    loop->sources[loop->source_count] =
        (struct source){.socket = socket, .ready = ready, .self = self, .look = socket != NULL};
    loop->source_count++;
}

void loop_add_socket(struct loop *loop, void *socket, loop_ready_fn *ready, void *self)
{
    int fd = -1;
    size_t size = sizeof fd;
    INVARIANT(zmq_getsockopt(socket, ZMQ_FD, &fd, &size) == 0);
    add(loop, socket, fd, ready, self);
}

void loop_add_fd(struct loop *loop, int fd, loop_ready_fn *ready, void *self)
{
    add(loop, NULL, fd, ready, self);
}

void loop_touched(struct loop *loop, const void *socket)
{
    for (int i = 0; i < loop->source_count; i++)
        if (loop->sources[i].socket == socket)
            loop->sources[i].look = true;
}

/* Entries are cleared in place: a handler may remove itself, or another, while the loop walks the list. */
void loop_remove(struct loop *loop, void *self)
{
    for (int i = 0; i < loop->source_count; i++)
        if (loop->sources[i].self == self && i != 0) {
            loop->sources[i] = (struct source){0}; /* its socket or descriptor may be closed now */
            loop->polls[i].fd = -1;
        }
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
            loop->polls[kept] = loop->polls[i];
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

static int64_t next_multiple(int64_t period_us, int64_t now)
{
    return (now / period_us + 1) * period_us;
}

static void add_timer(struct loop *loop, struct timer timer)
{
    int place = 0;
    while (place < loop->timer_count && loop->timers[place].fire != NULL)
        place++;
    INVARIANT(place < TIMERS_COUNT_MAX);
    loop->timers[place] = timer;
    if (place == loop->timer_count)
        loop->timer_count++;
}

void loop_add_timer(struct loop *loop, uint32_t period_ms, loop_timer_fn *fire, void *self)
{
    int64_t period_us = (int64_t)period_ms * 1000;
    INVARIANT(period_ms > 0);
    add_timer(loop, (struct timer){fire, self, period_us, next_multiple(period_us, loop_monotonic_us())});
}

void loop_once(struct loop *loop, uint32_t delay_ms, loop_timer_fn *fire, void *self)
{
    int64_t due_us = loop_monotonic_us() + (int64_t)delay_ms * 1000;
    for (int i = 0; i < loop->timer_count; i++) {
        struct timer *timer = &loop->timers[i];
        if (timer->fire != fire || timer->self != self || timer->period_us != 0)
            continue;
        if (due_us < timer->due_us)
            timer->due_us = due_us;
        return;
    }
    add_timer(loop, (struct timer){fire, self, 0, due_us});
}

void loop_add_turn(struct loop *loop, loop_ready_fn *turn, void *self)
{
    INVARIANT(loop->turn_count < TURNS_COUNT_MAX);
    loop->turns[loop->turn_count++] = (struct turn){turn, self};
}

/* Sockets that were called since the last look. True: one of them has something to read. */
static bool look(struct loop *loop)
{
    bool found = false;
    for (int i = 0; i < loop->source_count; i++) {
        struct source *source = &loop->sources[i];
        int events = 0;
        size_t size = sizeof events;
        if (!source->look)
            continue;
        source->look = false;
        if (zmq_getsockopt(source->socket, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN))
            found = source->readable = true;
    }
    return found;
}

/* In ms for poll, rounded up: not a waking before something is due. */
static int wait_for(const struct loop *loop, uint32_t wait_ms)
{
    int64_t wait_us = (int64_t)wait_ms * 1000, now = loop_monotonic_us();
    for (int i = 0; i < loop->timer_count; i++)
        if (loop->timers[i].fire != NULL && loop->timers[i].due_us - now < wait_us)
            wait_us = loop->timers[i].due_us - now;
    int64_t rounded_ms = (wait_us + 999) / 1000;
    return wait_us <= 0 ? 0 : rounded_ms > INT_MAX ? INT_MAX : (int)rounded_ms;
}

static void listen_to_all(struct loop *loop, int wait_ms)
{
    if (poll(loop->polls, (nfds_t)loop->source_count, wait_ms) <= 0)
        return;
    for (int i = 0; i < loop->source_count; i++)
        if (loop->polls[i].revents != 0)
            loop->sources[i].readable = true;
}

static void call_readable(struct loop *loop)
{
    for (int i = 0; i < loop->source_count; i++) {
        struct source *source = &loop->sources[i];
        if (!source->readable || source->ready == NULL)
            continue;
        source->readable = false;
        source->look = source->socket != NULL;
        source->ready(source->self);
    }
}

/* Of those that are due at `now`, the one that is due first. */
static struct timer *due_timer(struct loop *loop, int64_t now)
{
    struct timer *first = NULL;
    for (int i = 0; i < loop->timer_count; i++) {
        struct timer *timer = &loop->timers[i];
        if (timer->fire != NULL && timer->due_us <= now && (first == NULL || timer->due_us < first->due_us))
            first = timer;
    }
    return first;
}

static void fire_timers(struct loop *loop)
{
    int64_t now = loop_monotonic_us();
    for (struct timer *timer = due_timer(loop, now); timer != NULL; timer = due_timer(loop, now)) {
        struct timer fired = *timer;
        if (fired.period_us != 0)
            timer->due_us = next_multiple(fired.period_us, now);
        else
            timer->fire = NULL;
        fired.fire(fired.self);
    }
}

void loop_turn(struct loop *loop, uint32_t wait_ms)
{
    if (loop->depth++ == 0)
        compact(loop);
    bool found = look(loop);
    int wait = found || loop->again ? 0 : wait_for(loop, wait_ms);
    listen_to_all(loop, wait);
    call_readable(loop);
    fire_timers(loop);
    loop->again = false; /* asked for until here: the turn's own functions come now */
    for (int i = 0; i < loop->turn_count; i++)
        if (loop->turns[i].ready != NULL)
            loop->turns[i].ready(loop->turns[i].self);
    loop->depth--;
}

void loop_again(struct loop *loop)
{
    loop->again = true;
}

void loop_run(struct loop *loop)
{
    while (!loop->stopped)
        loop_turn(loop, UINT32_MAX);
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
