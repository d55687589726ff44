/* SPDX-License-Identifier: Apache-2.0
 * The gate's shell: requests in, receipts out, over tcp (CURVE) and this machine's ipc. A reply is made at once and
 * held back until every position that it speaks of is on disk. */
#ifndef HUTONG_SERVICES_INGEST_GATE_H
#define HUTONG_SERVICES_INGEST_GATE_H
#include <stdatomic.h>

#include "common/config/config.h"
#include "common/net/zap.h"
#include "services/ingest/durable_end.h"
#include "services/ingest/orderer.h"

struct gate;

struct gate_options {
    struct loop *loop;
    struct bus *bus, *index_bus; /* as in orderer_options */
    struct zap *zap;
    struct metrics *metrics;
    const struct config *config;
    const _Atomic uint64_t *outcomes_end; /* how far the mailbox has come */
    const _Atomic bool *outcomes_known;   /* it has come as far as it ever told */
    struct durable_end *submissions;      /* told */
};

MUST_USE enum status gate_open(const struct gate_options *options, struct gate **gate, struct buffer *why);
void gate_close(struct gate **gate);
/* False also where it answers, and accepts nothing. */
bool gate_is_ready(const struct gate *gate, const char **why_not);
enum status gate_status(const struct gate *gate, const char **why);
#endif
