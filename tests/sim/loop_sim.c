/* SPDX-License-Identifier: Apache-2.0
 * loop.h over the world's queue: a turn is an event. As in loop.c, in this order: what is readable, timers that are
 * due, the turns' functions. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "tests/sim/sim_internal.h"

enum { SOURCES_MAX = 64, TIMERS_MAX = 32, TURNS_MAX = 16, TURN_US = 60 };

struct source {
    loop_ready_fn *ready;
    void *self;
    int fd; /* -1: of the net */
    bool readable;
};

struct turn {
    loop_ready_fn *ready;
    void *self;
};

struct timer {
    loop_timer_fn *fire;
    void *self;
    int64_t period_us, due_us; /* period 0: once */
};

struct loop {
    struct world *world;
    struct node *node;
    struct source sources[SOURCES_MAX];
    struct timer timers[TIMERS_MAX];
    struct turn turns[TURNS_MAX];
    int source_count, timer_count, turn_count, depth;
    bool again, closed;
    int64_t wakes_at_us; /* INT64_MAX: nothing is due */
    uint64_t mark;
};

struct loop *loop_new(void)
{
    struct world *world = world_of();
    struct node *node = world_current();
    struct loop *loop = world_keep(world, sizeof *loop);
    INVARIANT(node != NULL && node->loop_count < SIM_LOOPS_MAX);
    loop->world = world;
    loop->node = node;
    loop->wakes_at_us = INT64_MAX;
    node->loops[node->loop_count++] = loop;
    return loop;
}

void loop_destroy(struct loop **loop)
{
    if (*loop == NULL)
        return;
    struct node *node = (*loop)->node;
    (*loop)->closed = true;
    for (unsigned i = 0; i < node->loop_count; i++)
        if (node->loops[i] == *loop) {
            node->loops[i] = node->loops[--node->loop_count];
            break;
        }
    *loop = NULL;
}

static void turn(void *self, uint64_t mark);

static void wake_at(struct loop *loop, int64_t at_us)
{
    if (at_us < loop->node->free_at_us)
        at_us = loop->node->free_at_us;
    if (loop->closed || at_us >= loop->wakes_at_us)
        return;
    loop->wakes_at_us = at_us;
    world_push(loop->world, at_us, turn, loop, ++loop->mark);
}

void loop_sim_wake(struct loop *loop)
{
    wake_at(loop, world_now_us(loop->world) + 1);
}

static void add(struct loop *loop, loop_ready_fn *ready, void *self, int fd)
{
    int place = 0;
    while (place < loop->source_count && loop->sources[place].ready != NULL)
        place++;
    INVARIANT(place < SOURCES_MAX);
    loop->sources[place] = (struct source){ready, self, fd, false};
    if (place == loop->source_count)
        loop->source_count++;
}

void loop_add_fd(struct loop *loop, int fd, loop_ready_fn *ready, void *self)
{
    add(loop, ready, self, fd);
}

void loop_sim_add(struct loop *loop, loop_ready_fn *ready, void *self)
{
    add(loop, ready, self, -1);
}

void loop_sim_readable(struct loop *loop, void *self)
{
    for (int i = 0; i < loop->source_count; i++)
        if (loop->sources[i].self == self && loop->sources[i].fd == -1 && loop->sources[i].ready != NULL)
            loop->sources[i].readable = true;
    loop_sim_wake(loop);
}

void loop_add_socket(struct loop *loop, void *socket, loop_ready_fn *ready, void *self)
{
    (void)loop, (void)socket, (void)ready, (void)self;
    INVARIANT(loop == NULL); /* there are no sockets */
}

void loop_touched(struct loop *loop, const void *socket)
{
    (void)loop, (void)socket;
}

void loop_remove(struct loop *loop, void *self)
{
    for (int i = 0; i < loop->source_count; i++)
        if (loop->sources[i].self == self)
            loop->sources[i] = (struct source){.fd = -1};
    for (int i = 0; i < loop->timer_count; i++)
        if (loop->timers[i].self == self)
            loop->timers[i].fire = NULL;
    for (int i = 0; i < loop->turn_count; i++)
        if (loop->turns[i].self == self)
            loop->turns[i].ready = NULL;
}

static int64_t boot_us(const struct loop *loop)
{
    return loop->node->booted_us;
}

static void add_timer(struct loop *loop, struct timer timer)
{
    int place = 0;
    while (place < loop->timer_count && loop->timers[place].fire != NULL)
        place++;
    INVARIANT(place < TIMERS_MAX);
    loop->timers[place] = timer;
    if (place == loop->timer_count)
        loop->timer_count++;
    wake_at(loop, timer.due_us - boot_us(loop));
}

static int64_t node_now_us(const struct loop *loop)
{
    return world_now_us(loop->world) + loop->node->busy_us + boot_us(loop);
}

void loop_add_timer(struct loop *loop, uint32_t period_ms, loop_timer_fn *fire, void *self)
{
    int64_t period_us = (int64_t)period_ms * 1000;
    add_timer(loop, (struct timer){fire, self, period_us, (node_now_us(loop) / period_us + 1) * period_us});
}

void loop_once(struct loop *loop, uint32_t delay_ms, loop_timer_fn *fire, void *self)
{
    int64_t due_us = node_now_us(loop) + (int64_t)delay_ms * 1000;
    for (int i = 0; i < loop->timer_count; i++) {
        struct timer *timer = &loop->timers[i];
        if (timer->fire != fire || timer->self != self || timer->period_us != 0)
            continue;
        if (due_us < timer->due_us)
            timer->due_us = due_us;
        wake_at(loop, timer->due_us - boot_us(loop));
        return;
    }
    add_timer(loop, (struct timer){fire, self, 0, due_us});
}

void loop_add_turn(struct loop *loop, loop_ready_fn *ready, void *self)
{
    INVARIANT(loop->turn_count < TURNS_MAX);
    loop->turns[loop->turn_count++] = (struct turn){ready, self};
}

void loop_again(struct loop *loop)
{
    loop->again = true;
    if (loop->depth == 0)
        loop_sim_wake(loop);
}

static void call_readable(struct loop *loop)
{
    for (int i = 0; i < loop->source_count; i++) {
        struct source *source = &loop->sources[i];
        if (!source->readable || source->ready == NULL)
            continue;
        source->readable = false;
        source->ready(source->self);
    }
}

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
    int64_t now = node_now_us(loop);
    for (struct timer *timer = due_timer(loop, now); timer != NULL; timer = due_timer(loop, now)) {
        struct timer fired = *timer;
        if (fired.period_us != 0)
            timer->due_us = (now / fired.period_us + 1) * fired.period_us;
        else
            timer->fire = NULL;
        fired.fire(fired.self);
    }
}

static void turn_once(struct loop *loop)
{
    loop->depth++;
    call_readable(loop);
    fire_timers(loop);
    loop->again = false;
    for (int i = 0; i < loop->turn_count; i++)
        if (loop->turns[i].ready != NULL)
            loop->turns[i].ready(loop->turns[i].self);
    loop->depth--;
}

static void wake_when_due(struct loop *loop)
{
    int64_t at_us = loop->again ? world_now_us(loop->world) : INT64_MAX;
    for (int i = 0; i < loop->source_count; i++)
        if (loop->sources[i].readable)
            at_us = world_now_us(loop->world);
    for (int i = 0; i < loop->timer_count; i++)
        if (loop->timers[i].fire != NULL && loop->timers[i].due_us - boot_us(loop) < at_us)
            at_us = loop->timers[i].due_us - boot_us(loop);
    if (at_us != INT64_MAX)
        wake_at(loop, at_us);
}

static void turn(void *self, uint64_t mark)
{
    struct loop *loop = self;
    struct node *node = loop->node;
    if (loop->closed || node->closing || mark != loop->mark)
        return;
    loop->wakes_at_us = INT64_MAX;
    if (world_now_us(loop->world) < node->free_at_us) { /* it stands still, or is at something else */
        wake_at(loop, node->free_at_us);
        return;
    }
    node_enter(node);
    turn_once(loop);
    node->free_at_us = world_now_us(loop->world) + node->busy_us + (int64_t)world_dice(loop->world, TURN_US);
    if (!loop->closed)
        wake_when_due(loop);
    node_left(node);
}

void loop_sim_look(struct node *node)
{
    for (unsigned l = 0; l < node->loop_count; l++) {
        struct loop *loop = node->loops[l];
        for (int i = 0; i < loop->source_count; i++) {
            struct source *source = &loop->sources[i];
            struct pollfd look = {.fd = source->fd, .events = POLLIN};
            if (source->ready == NULL || source->fd < 0 || source->readable || poll(&look, 1, 0) <= 0)
                continue;
            source->readable = true;
            loop_sim_wake(loop);
        }
    }
}

/* Only where a process that ends waits for something: of a dead one nothing comes any more. */
void loop_turn(struct loop *loop, uint32_t wait_ms)
{
    struct node *node = loop->node;
    if (node->dying)
        return;
    int64_t busy_us = node->busy_us;
    node->busy_us = 0;
    turn_once(loop);
    world_run(loop->world, world_now_us(loop->world) + (int64_t)wait_ms * 1000);
    node_within(node);
    node->busy_us = busy_us;
    loop_sim_look(node);
}

void loop_run(struct loop *loop)
{
    (void)loop;
    INVARIANT(loop == NULL); /* the world runs it */
}

void loop_stop(struct loop *loop)
{
    loop->node->stopped = true;
}

int64_t loop_monotonic_us(void)
{
    struct node *node = world_current();
    if (node == NULL)
        return world_now_us(world_of());
    node->busy_us += node->step_us;
    return world_now_us(world_of()) + node->busy_us + node->booted_us;
}

instant_ms_t loop_wall_ms(void)
{
    const struct node *node = world_current();
    struct world *world = world_of();
    return world_wall_ms(world) + (node == NULL ? 0 : (node->skew_us + node->busy_us) / 1000);
}
