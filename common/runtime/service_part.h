/* SPDX-License-Identifier: Apache-2.0
 * A core under its runtime, as one row of service.def has it: its streams, its pace, its place in the data directory,
 * its connection to the broker and its control endpoint. */
#ifndef HUTONG_COMMON_RUNTIME_SERVICE_PART_H
#define HUTONG_COMMON_RUNTIME_SERVICE_PART_H
#include "common/config/config.h"
#include "common/config/service.h"
#include "common/runtime/control.h"
#include "common/runtime/runtime.h"

struct service_place { /* all borrowed */
    const struct config *config;
    uint32_t partition;
    struct loop *loop;
    struct metrics *metrics;
};

struct service_part {
    struct runtime *runtime;
    struct control *control;
    struct bus *bus;
    struct service_streams streams;
};

/* `more`: callbacks; the rest of the options is filled in. Not OK: service_part_close all the same. */
MUST_USE enum status service_part_open(struct service_part *part, const struct core *core,
                                       const struct service_place *place, const struct runtime_options *more,
                                       struct buffer *why);
void service_part_close(struct service_part *part);
#endif
