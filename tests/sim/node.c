/* SPDX-License-Identifier: Apache-2.0
 * The processes of the exchange, as their mains put them together. */
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/broker.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/money.h"
#include "common/bus/bus_zmq.h"
#include "common/runtime/service_part.h"
#include "services/audit/audit_core.h"
#include "services/books/books_core.h"
#include "services/ingest/gate.h"
#include "services/mailbox/mailbox.h"
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

/* ---- the broker ---- */

struct broker_node {
    struct loop *loop;
    struct metrics *metrics;
    struct log *log;
    struct broker *broker;
};

static enum status broker_node_open(struct node *node, void *self, struct buffer *why)
{
    struct broker_node *open = self;
    const struct config *config = world_config(node->world);
    struct buffer directory = {0}, ipc = {0};
    buffer_printf(&directory, "%s/broker", config->data_directory);
    config_broker_ipc(config, &ipc);
    struct log_options options = {.directory = buffer_text(&directory),
                                  .segment_size = config->segment_size_mib << 20,
                                  .size_limit = config->log_limit_mib << 20,
                                  .partitions = config->partitions};
    open->loop = loop_new();
    open->metrics = metrics_new();
    enum status status = log_open(&options, &open->log, why);
    struct broker_options front = {.loop = open->loop,
                                   .log = open->log,
                                   .metrics = open->metrics,
                                   .ipc_endpoint = buffer_text(&ipc),
                                   .started_at = loop_wall_ms()};
    if (status == OK)
        status = broker_open(&front, &open->broker, why);
    buffer_fini(&directory);
    buffer_fini(&ipc);
    return status;
}

static void broker_node_close(struct node *node, void *self)
{
    struct broker_node *open = self;
    (void)node;
    broker_close(&open->broker);
    log_close(&open->log);
    metrics_destroy(&open->metrics);
    loop_destroy(&open->loop);
}

static enum status broker_node_status(void *self)
{
    return broker_status(((struct broker_node *)self)->broker);
}

static const char *broker_node_busy(void *self, uint64_t end)
{
    (void)end;
    return broker_why_not_ready(((struct broker_node *)self)->broker);
}

static const struct node_kind broker_kind = {"broker",          sizeof(struct broker_node), broker_node_open,
                                             broker_node_close, broker_node_status,         broker_node_busy};

struct log *world_log(struct world *world)
{
    const struct node *node = world_node(world, 0);
    return node != NULL && node->up ? ((struct broker_node *)node->self)->log : NULL;
}

/* ---- ingest ---- */

struct ingest_node {
    struct loop *loop;
    struct metrics *metrics;
    struct zap *zap;
    struct bus *bus, *index_bus;
    struct gate *gate;
    struct mailbox *mailbox;
    _Atomic uint64_t outcomes_end;
    _Atomic bool outcomes_known;
    struct durable_end submissions;
};

static enum status open_gate(struct ingest_node *open, const struct config *config, struct buffer *why)
{
    struct buffer ipc = {0};
    struct bus_handlers none = {0};
    config_broker_ipc(config, &ipc);
    enum status status = bus_zmq_open(open->loop, buffer_text(&ipc), &none, &open->bus);
    if (status == OK)
        status = bus_zmq_open(open->loop, buffer_text(&ipc), &none, &open->index_bus);
    buffer_fini(&ipc);
    TRY(status);
    struct gate_options options = {.loop = open->loop,
                                   .bus = open->bus,
                                   .index_bus = open->index_bus,
                                   .zap = open->zap,
                                   .metrics = open->metrics,
                                   .config = config,
                                   .outcomes_end = &open->outcomes_end,
                                   .outcomes_known = &open->outcomes_known,
                                   .submissions = &open->submissions};
    return gate_open(&options, &open->gate, why);
}

static enum status ingest_node_open(struct node *node, void *self, struct buffer *why)
{
    struct ingest_node *open = self;
    const struct config *config = world_config(node->world);
    open->loop = loop_new();
    open->metrics = metrics_new();
    durable_end_open(&open->submissions);
    TRY(zap_open("", "", &open->zap, why));
    open->mailbox = mailbox_new(&(struct mailbox_options){.config = config,
                                                          .zap = open->zap,
                                                          .metrics = open->metrics,
                                                          .outcomes_end = &open->outcomes_end,
                                                          .outcomes_known = &open->outcomes_known,
                                                          .submissions = &open->submissions});
    TRY(mailbox_start(open->mailbox));
    return open_gate(open, config, why);
}

static void ingest_node_close(struct node *node, void *self)
{
    struct ingest_node *open = self;
    struct buffer why = {0};
    (void)node;
    if (open->mailbox != NULL) {
        mailbox_stop(open->mailbox);
        (void)mailbox_free(&open->mailbox, &why);
    }
    buffer_fini(&why);
    gate_close(&open->gate);
    bus_close(&open->bus);
    bus_close(&open->index_bus);
    zap_close(&open->zap);
    durable_end_close(&open->submissions);
    metrics_destroy(&open->metrics);
    loop_destroy(&open->loop);
}

static enum status ingest_node_status(void *self)
{
    struct ingest_node *open = self;
    const char *why;
    TRY(gate_status(open->gate, &why));
    return mailbox_status(open->mailbox);
}

static const char *ingest_node_busy(void *self, uint64_t end)
{
    struct ingest_node *open = self;
    const char *why_not;
    if (!gate_is_ready(open->gate, &why_not) || !mailbox_is_ready(open->mailbox, &why_not))
        return why_not;
    return atomic_load(&open->outcomes_end) < end ? "outcomes are not told" : "";
}

static const struct node_kind ingest_kind = {"ingest",          sizeof(struct ingest_node), ingest_node_open,
                                             ingest_node_close, ingest_node_status,         ingest_node_busy};

/* ---- services ---- */

struct part_node {
    struct loop *loop;
    struct metrics *metrics;
    struct service_part part;
};

static enum status part_node_open(struct node *node, void *self, struct buffer *why)
{
    struct part_node *open = self;
    open->loop = loop_new();
    open->metrics = metrics_new();
    struct service_place place = {world_config(node->world), node->partition, open->loop, open->metrics};
    return service_part_open(&open->part, node->what, &place, &(struct runtime_options){0}, why);
}

static void part_node_close(struct node *node, void *self)
{
    struct part_node *open = self;
    (void)node;
    service_part_close(&open->part);
    metrics_destroy(&open->metrics);
    loop_destroy(&open->loop);
}

static enum status part_node_status(void *self)
{
    return runtime_status(((struct part_node *)self)->part.runtime);
}

static const char *part_node_busy(void *self, uint64_t end)
{
    struct part_node *open = self;
    const char *why_not;
    if (!runtime_is_ready(open->part.runtime, &why_not))
        return why_not;
    return runtime_position(open->part.runtime) < end ? "not applied" : "";
}

static const struct node_kind part_kind = {"part",          sizeof(struct part_node), part_node_open,
                                           part_node_close, part_node_status,         part_node_busy};

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
    add_node(world, &broker_kind, NULL, 0);
    add_node(world, &ingest_kind, NULL, 0);
    for (uint32_t p = 0; p < partitions; p++)
        add_node(world, &part_kind, &validation_core, p);
    for (uint32_t p = 0; p < partitions; p++)
        add_node(world, &part_kind, &settlement_core, p);
    add_node(world, &part_kind, &audit_core, 0);
    add_node(world, &part_kind, &books_core, 0);
}

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *walk)
{
    (void)file, (void)kind, (void)walk;
    return remove(path);
}

static void remove_tree(const char *directory)
{
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
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
        remove_tree(exchange.directory);
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

/* ---- at the end ---- */

void exchange_hold(struct world *world)
{
    world_config(world)->tick_interval_ms = 0;
    for (unsigned i = 0; i < exchange.count; i++)
        node_die(&exchange.nodes[i], "to be held");
}

void exchange_forget_states(struct world *world)
{
    glob_t found;
    char pattern[128];
    for (unsigned i = 0; i < exchange.count; i++)
        node_die(&exchange.nodes[i], "to be made again");
    (void)snprintf(pattern, sizeof pattern, "%s/*", world_config(world)->data_directory);
    if (glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (strstr(found.gl_pathv[i], "/broker") == NULL && strstr(found.gl_pathv[i], "/confirmed-0") == NULL)
            remove_tree(found.gl_pathv[i]);
    globfree(&found);
}

static struct runtime *runtime_of(struct node *node)
{
    return node->kind == &part_kind && node->up ? ((struct part_node *)node->self)->part.runtime : NULL;
}

void exchange_digests(struct world *world, struct digests *digests)
{
    for (unsigned i = 0; i < exchange.count && world_failed(world) == NULL; i++) {
        struct node *node = &exchange.nodes[i];
        struct runtime *runtime = runtime_of(node);
        if (runtime == NULL)
            continue;
        exchange.current = node;
        if (runtime_digest(runtime, digests->of[i]) != OK)
            world_fail(world, "%s has no digest", node->name);
        exchange.current = NULL;
    }
}

void exchange_compare(struct world *world, const struct digests *one, const struct digests *other)
{
    for (unsigned i = 0; i < exchange.count; i++)
        if (memcmp(one->of[i], other->of[i], DIGEST_SIZE) != 0)
            world_fail(world, "%s: made again from the log, its state is another", exchange.nodes[i].name);
}

static void check_sum(struct node *node, const char *table_name)
{
    struct runtime *runtime = runtime_of(node);
    const struct core *core = node->what;
    struct store_walk walk;
    unsigned table = 0;
    wide_t sum = 0;
    while (table < core->table_count && strcmp(core->tables[table].name, table_name) != 0)
        table++;
    if (runtime == NULL || table == core->table_count)
        return;
    exchange.current = node;
    for (bool more = store_walk_start(&walk, runtime_txn(runtime), table, span_of(NULL, 0)); more;
         more = store_walk_next(&walk))
        sum += (fen_t)bytes_get_le(walk.value.data, 8);
    store_walk_end(&walk);
    exchange.current = NULL;
    if (sum != 0)
        world_fail(node->world, "%s: the balances do not sum to zero", node->name);
}

void exchange_check_money(struct world *world)
{
    (void)world;
    for (unsigned i = 0; i < exchange.count; i++)
        if (exchange.nodes[i].kind == &part_kind)
            check_sum(&exchange.nodes[i], "balances");
}
