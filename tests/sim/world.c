/* SPDX-License-Identifier: Apache-2.0
 * The world: its queue, its dice, its history. */
#include "tests/sim/world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/base/check.h"
#include "tests/sim/sim_internal.h"
#include "tests/support/random.h"

struct entry {
    int64_t at_us;
    uint64_t tie, order;
    event_fn *run;
    void *self;
    uint64_t mark;
};

struct kept {
    struct kept *next;
    max_align_t room[];
};

struct call {
    void (*run)(void *self);
    void *self;
};

struct world {
    struct sim_options options;
    uint64_t dice;
    int64_t now_us;
    struct entry *heap;
    size_t count, capacity;
    uint64_t pushed, run;
    struct kept *kept;
    uint64_t hash;
    uint64_t note_count;
    char notes[SIM_NOTES_KEPT][SIM_NOTE_SIZE];
    char failed[1024];
    struct net *net;
    uint64_t durable;
};

/* The headers behind which the world stands know no world. */
static struct world *the_world;

struct world *world_of(void)
{
    return the_world;
}

struct net *world_net(struct world *world)
{
    return world->net;
}

struct world *world_new(const struct sim_options *options)
{
    struct world *world = calloc(1, sizeof *world);
    INVARIANT(world != NULL && the_world == NULL);
    world->options = *options;
    world->dice = options->seed;
    world->hash = UINT64_C(0xcbf29ce484222325);
    the_world = world;
    world->net = net_new(world);
    return world;
}

void world_free(struct world **out)
{
    struct world *world = *out;
    if (world == NULL)
        return;
    nodes_free(world);
    net_free(&world->net);
    while (world->kept != NULL) {
        struct kept *next = world->kept->next;
        free(world->kept);
        world->kept = next;
    }
    free(world->heap);
    free(world);
    the_world = NULL;
    *out = NULL;
}

const struct sim_options *world_options(const struct world *world)
{
    return &world->options;
}

int64_t world_now_us(const struct world *world)
{
    return world->now_us;
}

instant_ms_t world_wall_ms(const struct world *world)
{
    return world->options.begins + world->now_us / 1000;
}

uint64_t world_dice(struct world *world, uint64_t below)
{
    return below == 0 ? 0 : random_next(&world->dice) % below;
}

bool world_chance(struct world *world, uint64_t of)
{
    return world_dice(world, of) == 0;
}

bool world_is_calm(const struct world *world)
{
    return world->now_us >= world->options.faults_until_us;
}

void *world_keep(struct world *world, size_t size)
{
    struct kept *kept = calloc(1, sizeof *kept + size);
    INVARIANT(kept != NULL);
    kept->next = world->kept;
    world->kept = kept;
    return kept->room;
}

/* ---- the queue ---- */

static bool before(const struct entry *one, const struct entry *other)
{
    if (one->at_us != other->at_us)
        return one->at_us < other->at_us;
    if (one->tie != other->tie)
        return one->tie < other->tie;
    return one->order < other->order;
}

void world_push(struct world *world, int64_t at_us, event_fn *run, void *self, uint64_t mark)
{
    if (world->count == world->capacity) {
        world->capacity = world->capacity == 0 ? 1024 : world->capacity * 2;
        world->heap = realloc(world->heap, world->capacity * sizeof *world->heap);
        INVARIANT(world->heap != NULL);
    }
    struct entry entry = {
        at_us < world->now_us ? world->now_us : at_us, random_next(&world->dice), world->pushed++, run, self, mark};
    size_t at = world->count++;
    for (; at > 0 && before(&entry, &world->heap[(at - 1) / 2]); at = (at - 1) / 2)
        world->heap[at] = world->heap[(at - 1) / 2];
    world->heap[at] = entry;
}

static struct entry pop(struct world *world)
{
    struct entry first = world->heap[0], last = world->heap[--world->count];
    size_t at = 0;
    for (size_t child = 1; child < world->count; child = 2 * at + 1) {
        if (child + 1 < world->count && before(&world->heap[child + 1], &world->heap[child]))
            child++;
        if (!before(&world->heap[child], &last))
            break;
        world->heap[at] = world->heap[child];
        at = child;
    }
    world->heap[at] = last;
    return first;
}

void world_run(struct world *world, int64_t until_us)
{
    while (world->count > 0 && world->heap[0].at_us <= until_us && world->failed[0] == 0) {
        struct entry entry = pop(world);
        world->now_us = entry.at_us;
        world->run++;
        entry.run(entry.self, entry.mark);
    }
    if (world->failed[0] == 0 && world->now_us < until_us)
        world->now_us = until_us;
}

static void run_call(void *self, uint64_t mark)
{
    struct call *call = self;
    (void)mark;
    call->run(call->self);
}

void world_at(struct world *world, int64_t delay_us, void (*run)(void *self), void *self)
{
    struct call *call = world_keep(world, sizeof *call);
    *call = (struct call){run, self};
    world_push(world, world->now_us + delay_us, run_call, call, 0);
}

void world_log_durable(struct world *world, struct log *log)
{
    int stream = log_find(log, "submissions");
    world->durable = stream < 0 ? 0 : log_state(log, stream)->end;
}

uint64_t world_durable(const struct world *world)
{
    return world->durable;
}

uint64_t world_events(const struct world *world)
{
    return world->run;
}

/* ---- the history ---- */

void world_note(struct world *world, const char *format, ...)
{
    char *note = world->notes[world->note_count++ % SIM_NOTES_KEPT];
    int size =
        snprintf(note, SIM_NOTE_SIZE, "%" PRId64 ".%06" PRId64 " ", world->now_us / 1000000, world->now_us % 1000000);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(note + size, SIM_NOTE_SIZE - (size_t)size, format, arguments);
    va_end(arguments);
    for (const char *at = note; *at != 0; at++)
        world->hash = (world->hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    if (world->options.trace)
        (void)printf("%s\n", note);
}

uint64_t world_hash(const struct world *world)
{
    return world->hash ^ world->run;
}

const char *world_failed(const struct world *world)
{
    return world->failed[0] != 0 ? world->failed : NULL;
}

void world_fail(struct world *world, const char *format, ...)
{
    if (world->failed[0] != 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(world->failed, sizeof world->failed, format, arguments);
    va_end(arguments);
    uint64_t first = world->note_count > SIM_NOTES_KEPT ? world->note_count - SIM_NOTES_KEPT : 0;
    for (uint64_t i = first; i < world->note_count && !world->options.trace; i++)
        (void)printf("%s\n", world->notes[i % SIM_NOTES_KEPT]);
    (void)printf("seed %" PRIu64 ", at %" PRId64 " us: %s\n", world->options.seed, world->now_us, world->failed);
}

/* Randomness of the processes is the world's. The link puts it in the place of libc's. */
ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)world_dice(the_world, 256);
    return (ssize_t)size;
}
