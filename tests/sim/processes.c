/* SPDX-License-Identifier: Apache-2.0
 * The processes of the exchange, as their mains put them together. */
#include "broker/broker.h"
#include "common/bus/bus_zmq.h"
#include "common/runtime/service_part.h"
#include "services/ingest/gate.h"
#include "services/mailbox/mailbox.h"
#include "tests/sim/sim_internal.h"

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

const struct node_kind node_broker = {"broker",          sizeof(struct broker_node), broker_node_open,
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

const struct node_kind node_ingest = {"ingest",          sizeof(struct ingest_node), ingest_node_open,
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

const struct node_kind node_part = {"part",          sizeof(struct part_node), part_node_open,
                                    part_node_close, part_node_status,         part_node_busy};

struct runtime *node_runtime(const struct node *node)
{
    return node->kind == &node_part && node->up ? ((struct part_node *)node->self)->part.runtime : NULL;
}
