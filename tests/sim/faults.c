/* SPDX-License-Identifier: Apache-2.0
 * When what goes wrong. Every class that is on has a clock of its own: a fault, a while, the next. */
#include <string.h>

#include "tests/sim/sim_internal.h"

enum {
    SECOND_US = 1000 * 1000,
    SYNC_US = 1500,
    SLOW_SYNC_US = 400 * 1000,
    PARTITIONS_MAX = 4,
    POINTS_AHEAD = 600,
    SKEW_US = 90 * 1000 * 1000
};

/* Two that do not reach each other; NULL: the regions. */
struct block {
    const struct node *one, *other;
    int64_t until_us;
};

static struct faults {
    struct block blocks[PARTITIONS_MAX];
    int64_t slow_until_us;
} faults;

bool world_blocked(const struct world *world, const struct node *one, const struct node *other, int64_t *until_us)
{
    for (int i = 0; i < PARTITIONS_MAX; i++) {
        const struct block *block = &faults.blocks[i];
        bool these = (block->one == one && block->other == other) || (block->one == other && block->other == one);
        if (!these || block->until_us <= world_now_us(world))
            continue;
        *until_us = block->until_us;
        return true;
    }
    return false;
}

int64_t world_sync_us(struct world *world)
{
    bool slow = world_now_us(world) < faults.slow_until_us;
    return 50 + (int64_t)world_dice(world, slow ? SLOW_SYNC_US : SYNC_US);
}

static struct node *any_node(struct world *world)
{
    unsigned count = 0;
    while (world_node(world, count) != NULL)
        count++;
    return world_node(world, (unsigned)world_dice(world, count));
}

/* Those that stay know what the others have lost. */
static void kill_some(struct world *world)
{
    for (unsigned i = 0; world_node(world, i) != NULL; i++)
        if (world_chance(world, 2))
            node_die(world_node(world, i), "kill of several");
}

static void kill_one(struct world *world)
{
    struct node *node = any_node(world);
    uint64_t how = world_dice(world, 12);
    if (how == 0)
        exchange_power_cut(world);
    else if (how >= 9)
        kill_some(world);
    else if (how < 4)
        node_stop(node);
    else
        node_die(node, "kill");
}

static void arm_point(struct world *world)
{
    any_node(world)->die_in = 1 + world_dice(world, POINTS_AHEAD);
}

static void cut(struct world *world)
{
    net_cut_one(world_net(world), world_chance(world, 3));
}

static void part(struct world *world)
{
    struct block *block = &faults.blocks[world_dice(world, PARTITIONS_MAX)];
    struct node *one = any_node(world), *other = world_node(world, (unsigned)world_dice(world, 2));
    int64_t for_us = (int64_t)world_dice(world, 20 * (uint64_t)SECOND_US);
    if (one == other)
        one = NULL;
    *block = (struct block){one, other, world_now_us(world) + for_us};
    world_note(world, "%s and %s apart", one == NULL ? "regions" : one->name, other->name);
    if (for_us > 10 * (int64_t)SECOND_US)
        net_cut_between(world_net(world), one, other);
}

static void pause_one(struct world *world)
{
    struct node *node = any_node(world);
    node->free_at_us = world_now_us(world) + (int64_t)world_dice(world, 15 * (uint64_t)SECOND_US);
    world_note(world, "%s stands still", node->name);
}

static void set_clock(struct world *world)
{
    struct node *node = any_node(world);
    node->skew_us = (int64_t)world_dice(world, 2 * (uint64_t)SKEW_US) - SKEW_US;
    world_note(world, "%s: clock", node->name);
}

static void slow_disks(struct world *world)
{
    faults.slow_until_us = world_now_us(world) + (int64_t)world_dice(world, 5 * (uint64_t)SECOND_US);
    world_note(world, "slow disks");
}

static void fill(struct world *world)
{
    struct node *node = any_node(world);
    bool full = world_chance(world, 2);
    world_note(world, "%s: %s", node->name, full ? "full" : "room");
    node->full = full;
}

static void fail_disk(struct world *world)
{
    struct node *node = any_node(world);
    world_note(world, "%s: the disk will fail", node->name);
    node->fail_in = 1 + world_dice(world, 20);
}

static const struct {
    enum sim_fault fault;
    int64_t mean_us;
    void (*make)(struct world *world);
} makers[] = {
    {SIM_KILLS, 3 * SECOND_US, kill_one},
    {SIM_POINTS, SECOND_US, arm_point},
    {SIM_CUTS, SECOND_US / 2, cut},
    {SIM_PARTITIONS, 15 * SECOND_US, part},
    {SIM_PAUSES, 10 * SECOND_US, pause_one},
    {SIM_CLOCKS, 5 * SECOND_US, set_clock},
    {SIM_SLOW_DISKS, 10 * SECOND_US, slow_disks},
    {SIM_FULL, 5 * SECOND_US, fill},
    {SIM_DISK_ERRORS, 10 * SECOND_US, fail_disk},
};
enum { MAKERS = sizeof makers / sizeof makers[0] };

static void again(struct world *world, uint64_t index);

static void fault(void *self, uint64_t index)
{
    struct world *world = self;
    if (world_is_calm(world))
        return;
    makers[index].make(world);
    again(world, index);
}

static void again(struct world *world, uint64_t index)
{
    int64_t after_us = (int64_t)world_dice(world, 2 * (uint64_t)makers[index].mean_us);
    world_push(world, world_now_us(world) + after_us, fault, world, index);
}

/* From here on all must come to rest by itself. */
static void calm(void *self, uint64_t mark)
{
    struct world *world = self;
    (void)mark;
    world_note(world, "calm");
    memset(faults.blocks, 0, sizeof faults.blocks);
    faults.slow_until_us = 0;
    for (unsigned i = 0; world_node(world, i) != NULL; i++) {
        struct node *node = world_node(world, i);
        node->die_in = 0;
        node->free_at_us = 0;
        node->full = false;
        node->fail_in = 0;
    }
}

void faults_begin(struct world *world)
{
    faults = (struct faults){0};
    world_push(world, world_options(world)->faults_until_us, calm, world, 0);
    for (uint64_t i = 0; i < MAKERS; i++)
        if (world_options(world)->faults[makers[i].fault])
            again(world, i);
}
