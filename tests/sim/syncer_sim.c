/* SPDX-License-Identifier: Apache-2.0
 * syncer.h on the world's time: what was handed over is written when the disk has got to it, all that waits at once. */
#include "broker/syncer.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/group_write.h"
#include "common/base/check.h"
#include "tests/sim/sim_internal.h"

struct syncer {
    struct world *world;
    struct node *node;
    struct log *log;
    struct change_group waiting;
    uint64_t settled;
    enum status status;
    int fd;
    bool closed, under_way;
};

static void begin(struct syncer *syncer);

static void write_group(struct syncer *syncer)
{
    struct change_group group = syncer->waiting;
    syncer->waiting = (struct change_group){0};
    enum status status = group_write(syncer->log, group.first);
    if (syncer->node->dying)
        return; /* neither written nor told */
    syncer->status = status;
    if (status == OK)
        syncer->settled = group.number;
}

static void tell(struct syncer *syncer)
{
    uint64_t one = 1;
    (void)!write(syncer->fd, &one, sizeof one);
}

/* The disk's turn: the process may be at anything meanwhile, and may die of it. */
static void on_disk(void *self, uint64_t mark)
{
    struct syncer *syncer = self;
    (void)mark;
    syncer->under_way = false;
    if (syncer->closed || syncer->status != OK || syncer->waiting.first == NULL)
        return;
    node_enter(syncer->node);
    write_group(syncer);
    tell(syncer);
    node_left(syncer->node);
    if (!syncer->closed && syncer->status == OK && syncer->waiting.first != NULL)
        begin(syncer);
}

static void begin(struct syncer *syncer)
{
    if (syncer->under_way)
        return;
    syncer->under_way = true;
    world_push(syncer->world, world_now_us(syncer->world) + world_sync_us(syncer->world), on_disk, syncer, 0);
}

struct syncer *syncer_start(struct log *log, struct metrics *metrics)
{
    struct world *world = world_of();
    struct syncer *syncer = world_keep(world, sizeof *syncer);
    (void)metrics;
    syncer->world = world;
    syncer->node = world_current();
    syncer->log = log;
    syncer->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    INVARIANT(syncer->fd >= 0);
    return syncer;
}

void syncer_stop(struct syncer **out)
{
    struct syncer *syncer = *out;
    if (syncer == NULL)
        return;
    if (!syncer->node->dying && syncer->status == OK && syncer->waiting.first != NULL)
        write_group(syncer);
    group_forget(&syncer->waiting);
    syncer->closed = true;
    (void)close(syncer->fd);
    *out = NULL;
}

void syncer_hand_over(struct syncer *syncer, struct change_group group)
{
    if (syncer->waiting.first != NULL)
        syncer->waiting.last->next = group.first;
    else
        syncer->waiting.first = group.first;
    syncer->waiting.last = group.last;
    syncer->waiting.number = group.number;
    begin(syncer);
}

enum status syncer_settled(struct syncer *syncer, uint64_t *group)
{
    uint64_t count;
    (void)!read(syncer->fd, &count, sizeof count);
    *group = syncer->settled;
    return syncer->status;
}

/* Of a dead one it is over at once: nothing that it does is seen. */
enum status syncer_wait(struct syncer *syncer, uint64_t group, uint64_t *settled)
{
    if (syncer->status == OK && syncer->settled < group && syncer->waiting.first != NULL)
        write_group(syncer);
    if (syncer->node->dying && syncer->status == OK)
        syncer->settled = group;
    *settled = syncer->settled;
    return syncer->status;
}

int syncer_fd(const struct syncer *syncer)
{
    return syncer->fd;
}

int64_t syncer_busy_us(const struct syncer *syncer)
{
    (void)syncer;
    return 0;
}
