/* SPDX-License-Identifier: Apache-2.0
 * One core over a store of its own in a temporary directory, driven by hand, without the runtime: records in, one
 * output record at a time out. Every helper fails the test that calls it. */
#ifndef HUTONG_TESTS_SUPPORT_CORE_HARNESS_H
#define HUTONG_TESTS_SUPPORT_CORE_HARNESS_H
#include "common/runtime/core.h"

struct harness {
    const struct core *core;
    struct core_partition partition;
    position_t position; /* of the next record */
    struct arena arena;  /* reset before each record: what was decoded from the last output lives here */
    struct buffer output;
    struct store_txn *txn;
    struct store *store;
    void *self;
    char directory[64];
};

void harness_start(struct harness *harness, const struct core *core, uint32_t index, uint32_t count,
                   position_t position);
/* Closes, frees, removes the directory. */
void harness_stop(struct harness *harness);
/* Commits, then stops and starts the core, as a service that is run again. */
void harness_restart(struct harness *harness);
/* One record of each input at harness->position, which moves on when the core says OK. */
enum status harness_apply(struct harness *harness, const struct span *records, unsigned count);
/* As the runtime keeps a dead letter and asks the core for its output. Moves on. */
void harness_bury(struct harness *harness, struct span record, const char *reason);
void harness_digest(struct harness *harness, uint8_t out[DIGEST_SIZE]);
#endif
