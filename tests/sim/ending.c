/* SPDX-License-Identifier: Apache-2.0
 * The exchange at the end of a run: held, made again from its log, compared. */
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/money.h"
#include "common/runtime/runtime.h"
#include "tests/sim/sim_internal.h"

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *walk)
{
    (void)file, (void)kind, (void)walk;
    return remove(path);
}

void world_remove(const char *directory)
{
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void exchange_hold(struct world *world)
{
    world_config(world)->tick_interval_ms = 0;
    for (unsigned i = 0; world_node(world, i) != NULL; i++)
        node_die(world_node(world, i), "to be held");
}

void exchange_forget_states(struct world *world)
{
    glob_t found;
    char pattern[128];
    for (unsigned i = 0; world_node(world, i) != NULL; i++)
        node_die(world_node(world, i), "to be made again");
    (void)snprintf(pattern, sizeof pattern, "%s/*", world_config(world)->data_directory);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (strstr(found.gl_pathv[i], "/broker") == NULL && strstr(found.gl_pathv[i], "/confirmed-0") == NULL)
            world_remove(found.gl_pathv[i]);
    globfree(&found);
}

void exchange_digests(struct world *world, struct digests *digests)
{
    for (unsigned i = 0; world_node(world, i) != NULL && world_failed(world) == NULL; i++) {
        struct node *node = world_node(world, i);
        struct runtime *runtime = node_runtime(node);
        if (runtime == NULL)
            continue;
        node_within(node);
        if (runtime_digest(runtime, digests->of[i]) != OK)
            world_fail(world, "%s has no digest", node->name);
        node_within(NULL);
    }
}

void exchange_compare(struct world *world, const struct digests *one, const struct digests *other)
{
    for (unsigned i = 0; world_node(world, i) != NULL; i++)
        if (memcmp(one->of[i], other->of[i], DIGEST_SIZE) != 0)
            world_fail(world, "%s: made again from the log, its state is another", world_node(world, i)->name);
}

static void check_sum(struct node *node, const char *table_name)
{
    struct runtime *runtime = node_runtime(node);
    const struct core *core = node->what; /* NULL: no core's */
    struct store_walk walk;
    unsigned table = 0;
    wide_t sum = 0;
    while (core != NULL && table < core->table_count && strcmp(core->tables[table].name, table_name) != 0)
        table++;
    if (runtime == NULL || core == NULL || table == core->table_count)
        return;
    node_within(node);
    for (bool more = store_walk_start(&walk, runtime_txn(runtime), table, span_of(NULL, 0)); more;
         more = store_walk_next(&walk))
        sum += (fen_t)bytes_get_le(walk.value.data, 8);
    store_walk_end(&walk);
    node_within(NULL);
    if (sum != 0)
        world_fail(node->world, "%s: the balances do not sum to zero", node->name);
}

void exchange_check_money(struct world *world)
{
    for (unsigned i = 0; world_node(world, i) != NULL; i++)
        check_sum(world_node(world, i), "balances");
}
