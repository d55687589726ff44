/* SPDX-License-Identifier: Apache-2.0
 * What the front is opened with. */
#ifndef HUTONG_SERVICES_CONSOLE_FRONT_OPTIONS_H
#define HUTONG_SERVICES_CONSOLE_FRONT_OPTIONS_H
#include "common/config/config.h"
#include "common/net/loop.h"
#include "common/observe/metrics.h"

struct front_options {
    const struct config *config;
    struct loop *loop; /* the main thread's: deadlines, answers */
    struct metrics *metrics;
    int runner_fd;
};
#endif
