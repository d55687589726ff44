/* SPDX-License-Identifier: Apache-2.0
 * Every state that is made of the log: whose, by which core, of which streams. */
#ifndef HUTONG_TOOLS_KEPT_STATE_H
#define HUTONG_TOOLS_KEPT_STATE_H
#include "common/config/service.h"
#include "common/runtime/core.h"

struct kept_state {
    char name[SERVICE_STATE_NAME_SIZE]; /* of its directory: "settlement-3", "ingest-0", "mailbox-0" */
    const char *process;                /* "ingest" of all three of its states */
    uint32_t process_number;
    const struct core *core;
    struct core_partition partition;
    struct service_streams streams;
};

/* The i-th of an exchange; false past the end. */
bool kept_state_at(uint32_t partitions, unsigned index, struct kept_state *row);
/* "settlement", 3; false: there is no such state. */
bool kept_state_named(uint32_t partitions, const char *name, uint32_t number, struct kept_state *row);
#endif
