/* SPDX-License-Identifier: Apache-2.0
 * Life and death of processes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/check.h"
#include "services/audit/audit_core.h"
#include "services/books/books_core.h"
#include "services/settlement/settlement_core.h"
#include "services/validation/validation_core.h"
#include "tests/sim/sim_internal.h"

enum { RESTART_US = 2 * 1000 * 1000, FAILURES_MAX = 200 };

struct exchange {
    struct node nodes[SIM_NODES_MAX];
    unsigned count;
    struct node *current;
    struct config config;
    char directory[64]; /* of the key that signs receipts: the one file that is real */
};

static struct exchange exchange;

struct node *world_current(void)
{
    return exchange.current;
}

struct node *world_node(struct world *world, unsigned index)
{
    (void)world;
    return index < exchange.count ? &exchange.nodes[index] : NULL;
}

struct config *world_config(struct world *world)
{
    (void)world;
    return &exchange.config;
}

bool world_dead(void)
{
    return exchange.current != NULL && exchange.current->dying;
}

/* ---- life and death ---- */

static void open_node(void *self, uint64_t life);

static void open_later(struct node *node, int64_t after_us)
{
    world_push(node->world, world_now_us(node->world) + after_us, open_node, node, node->life);
}

static void close_node(struct node *node)
{
    struct node *before = exchange.current;
    exchange.current = node;
    node->closing = true;
    node->kind->close(node, node->self);
    free(node->self);
    node->self = NULL;
    node->up = node->closing = false;
    node->life++;
    node->dying = node->stopped = false;
    exchange.current = before;
    open_later(node, 1000 + (int64_t)world_dice(node->world, RESTART_US));
}

static bool may_end_so(const struct node *node, enum status status)
{
    const struct sim_options *options = world_options(node->world);
    return status == FATAL_TAIL_LOST || (status == FATAL_IO && options->faults[SIM_DISK_ERRORS]);
}

static void open_node(void *self, uint64_t life)
{
    struct node *node = self;
    struct buffer why = {0};
    if (node->up || life != node->life)
        return;
    exchange.current = node;
    node->self = calloc(1, node->kind->self_size);
    INVARIANT(node->self != NULL);
    node->booted_us = 1000000 + (int64_t)world_dice(node->world, 1000000000);
    node->step_us = 1;
    node->busy_us = 0;
    node->free_at_us = 0;
    node->up = true;
    enum status status = node->kind->open(node, node->self, &why);
    world_note(node->world, "%s opens: %s", node->name, status_name(status));
    if (status != OK) {
        node->dying = true;
        if (!may_end_so(node, status) || ++node->failures > FAILURES_MAX)
            world_fail(node->world, "%s cannot open: %s (%s)", node->name, status_name(status), buffer_text(&why));
        close_node(node);
    }
    buffer_fini(&why);
    exchange.current = NULL;
    if (status == OK)
        for (unsigned i = 0; i < node->loop_count; i++)
            loop_sim_wake(node->loops[i]);
}

void node_within(struct node *node)
{
    exchange.current = node;
}

void node_enter(struct node *node)
{
    exchange.current = node;
    node->busy_us = 0;
    node->step_us = 1 + (int64_t)world_dice(node->world, 3);
}

/* What made it stop itself. */
static void ended(struct node *node)
{
    enum status status = node->kind->status(node->self);
    world_note(node->world, "%s ends: %s", node->name, status_name(status));
    if (status != OK && (!may_end_so(node, status) || ++node->failures > FAILURES_MAX))
        world_fail(node->world, "%s ended: %s, %s", node->name, status_name(status), status_text(status));
    close_node(node);
}

void node_left(struct node *node)
{
    if (node->up && node->dying)
        close_node(node);
    else if (node->up && node->stopped)
        ended(node);
    else if (node->up)
        loop_sim_look(node);
    exchange.current = NULL;
}

void node_die(struct node *node, const char *of)
{
    if (!node->up || node->dying || node->closing)
        return;
    world_note(node->world, "%s dies: %s", node->name, of);
    node->dying = true;
    if (exchange.current != node)
        close_node(node);
}

void node_stop(struct node *node)
{
    if (!node->up || node->dying || node->closing || exchange.current != NULL)
        return;
    world_note(node->world, "%s is told to stop", node->name);
    close_node(node);
}

void world_point(const char *where)
{
    struct node *node = exchange.current;
    if (node != NULL && node->die_in > 0 && --node->die_in == 0)
        node_die(node, where);
}

void exchange_power_cut(struct world *world)
{
    for (unsigned i = 0; i < exchange.count; i++)
        node_die(world_node(world, i), "power");
}

/* ---- the exchange ---- */

static void add_node(struct world *world, const struct node_kind *kind, const struct core *core, uint32_t partition)
{
    struct node *node = &exchange.nodes[exchange.count++];
    *node = (struct node){.world = world, .kind = kind, .what = core, .partition = partition};
    (void)snprintf(node->name, sizeof node->name, "%s.%u", core != NULL ? core->name : kind->name, partition);
}

static void write_key(const char *directory)
{
    static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
                              "-----END PRIVATE KEY-----\n";
    char path[128];
    (void)snprintf(path, sizeof path, "%s/exchange-signing.pem_secret", directory);
    FILE *file = fopen(path, "we");
    INVARIANT(file != NULL && fputs(pem, file) >= 0 && fclose(file) == 0 && chmod(path, 0600) == 0);
}

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = strdup(value);
    INVARIANT(*text != NULL);
}

static void make_config(struct world *world)
{
    struct config *config = &exchange.config;
    struct config_file *file = calloc(1, sizeof *file);
    char path[96];
    INVARIANT(file != NULL);
    (void)snprintf(exchange.directory, sizeof exchange.directory, "/dev/shm/hutong-sim-XXXXXX");
    INVARIANT(mkdtemp(exchange.directory) != NULL);
    (void)snprintf(path, sizeof path, "%s/hutong.yaml", exchange.directory);
    FILE *yaml = fopen(path, "we");
    INVARIANT(yaml != NULL && fprintf(yaml, "partitions: %u\n", world_options(world)->partitions) > 0 &&
              fclose(yaml) == 0);
    INVARIANT(config_read(path, config, file) == OK);
    free(file);
    (void)unlink(path);
    write_key(exchange.directory);
    set_text(&config->key_directory, exchange.directory);
    (void)snprintf(path, sizeof path, "%s/data", exchange.directory);
    INVARIANT(mkdir(path, 0700) == 0);
    set_text(&config->data_directory, path);
    set_text(&config->run_directory, "/simulated/run");
    set_text(&config->gate_endpoint, SIM_GATE);
    set_text(&config->mailbox_endpoint, SIM_MAILBOX);
    config->segment_size_mib = 1 + world_dice(world, 4);
    config->state_map_mib = 64;
    config->tick_interval_ms = 1000 + (uint32_t)world_dice(world, 60000);
    config->tick_rush_interval_ms = 500;
}

void nodes_make(struct world *world)
{
    uint32_t partitions = world_options(world)->partitions;
    INVARIANT(partitions >= 1 && partitions <= 3);
    make_config(world);
    add_node(world, &node_broker, NULL, 0);
    add_node(world, &node_ingest, NULL, 0);
    for (uint32_t p = 0; p < partitions; p++)
        add_node(world, &node_part, &validation_core, p);
    for (uint32_t p = 0; p < partitions; p++)
        add_node(world, &node_part, &settlement_core, p);
    add_node(world, &node_part, &audit_core, 0);
    add_node(world, &node_part, &books_core, 0);
}

void nodes_free(struct world *world)
{
    (void)world;
    for (unsigned i = 0; i < exchange.count; i++) {
        struct node *node = &exchange.nodes[i];
        if (node->up) {
            node->dying = true;
            close_node(node);
        }
    }
    if (exchange.count > 0) {
        config_fini(&exchange.config);
        world_remove(exchange.directory);
    }
    exchange = (struct exchange){0};
}

void exchange_open(struct world *world)
{
    nodes_make(world);
    for (unsigned i = 0; i < exchange.count; i++)
        open_later(&exchange.nodes[i], (int64_t)world_dice(world, 200 * 1000));
    faults_begin(world);
}

bool exchange_is_at_rest(struct world *world, const char **why_not)
{
    static char why[160];
    struct log *log = world_log(world);
    int submissions = log == NULL ? -1 : log_find(log, "submissions");
    uint64_t end = submissions < 0 ? 0 : log_state(log, submissions)->end;
    *why_not = "";
    for (unsigned i = 0; i < exchange.count; i++) {
        struct node *node = &exchange.nodes[i];
        exchange.current = node;
        const char *busy = !node->up ? "it is down" : node->kind->busy(node->self, end);
        exchange.current = NULL;
        if (busy[0] == 0)
            continue;
        (void)snprintf(why, sizeof why, "%s: %s", node->name, busy);
        *why_not = why;
        return false;
    }
    return true;
}
