/* SPDX-License-Identifier: Apache-2.0
 * hutong-ingest: the gate on the main thread, the mailbox on a second one. */
#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/bus/bus_zmq.h"
#include "common/observe/diary.h"
#include "common/runtime/process.h"
#include "services/ingest/gate.h"
#include "services/mailbox/mailbox_thread.h"

struct ingest {
    struct process process;
    struct zap *zap;
    struct bus *bus, *index_bus;
    struct gate *gate;
    struct mailbox_thread *mailbox;
    _Atomic uint64_t outcomes_end;
    _Atomic bool outcomes_known; /* its end, after a start */
    struct durable_end submissions;
};

static const char *readiness(void *self)
{
    struct ingest *ingest = self;
    const char *why_not;
    if (gate_is_ready(ingest->gate, &why_not) && mailbox_thread_is_ready(ingest->mailbox, &why_not))
        (void)zap_has_keys(ingest->zap, &why_not);
    return why_not;
}

static enum status open_gate(struct ingest *ingest, struct buffer *why)
{
    struct buffer ipc;
    struct bus_handlers none = {0};
    buffer_init(&ipc);
    config_broker_ipc(&ingest->process.config, &ipc);
    enum status status = bus_zmq_open(ingest->process.loop, buffer_text(&ipc), &none, &ingest->bus);
    if (status == OK)
        status = bus_zmq_open(ingest->process.loop, buffer_text(&ipc), &none, &ingest->index_bus);
    buffer_fini(&ipc);
    TRY(status);
    struct gate_options options = {.loop = ingest->process.loop,
                                   .bus = ingest->bus,
                                   .index_bus = ingest->index_bus,
                                   .zap = ingest->zap,
                                   .metrics = ingest->process.metrics,
                                   .config = &ingest->process.config,
                                   .outcomes_end = &ingest->outcomes_end,
                                   .outcomes_known = &ingest->outcomes_known,
                                   .submissions = &ingest->submissions};
    return gate_open(&options, &ingest->gate, why);
}

static enum status run(struct ingest *ingest, struct buffer *why)
{
    TRY(process_open_zap(&ingest->process, &ingest->zap, why));
    struct mailbox_options options = {.config = &ingest->process.config,
                                      .zap = ingest->zap,
                                      .metrics = ingest->process.metrics,
                                      .outcomes_end = &ingest->outcomes_end,
                                      .outcomes_known = &ingest->outcomes_known,
                                      .submissions = &ingest->submissions};
    TRY(mailbox_thread_open(&options, ingest->process.loop, &ingest->mailbox, why));
    TRY(open_gate(ingest, why));
    TRY(process_serve_http(&ingest->process, readiness, ingest,
                           "接收端已 5 秒没有动静; the gate has not turned for 5 s", NULL, why));
    TRY(process_confine(&ingest->process, why));
    diary_event(DIARY_INFO, "serving", "gate=%s mailbox=%s", ingest->process.config.gate_endpoint,
                ingest->process.config.mailbox_endpoint);
    loop_run(ingest->process.loop);
    const char *gate_why;
    enum status status = gate_status(ingest->gate, &gate_why);
    buffer_append_text(why, gate_why);
    return status;
}

int main(int argc, char **argv)
{
    struct ingest *ingest = calloc(1, sizeof *ingest);
    struct buffer why;
    INVARIANT(ingest != NULL);
    buffer_init(&why);
    durable_end_open(&ingest->submissions);
    enum status status = process_open(&ingest->process, "ingest", argc, argv, &why);
    if (status == OK)
        status = run(ingest, &why);
    process_close_http(&ingest->process);
    enum status mailbox_status = mailbox_thread_close(&ingest->mailbox, &why);
    gate_close(&ingest->gate);
    bus_close(&ingest->bus);
    bus_close(&ingest->index_bus);
    zap_close(&ingest->zap);
    int code = process_close(&ingest->process, status != OK ? status : mailbox_status, &why);
    durable_end_close(&ingest->submissions);
    buffer_fini(&why);
    free(ingest);
    return code;
}
