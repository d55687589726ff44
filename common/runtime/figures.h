/* SPDX-License-Identifier: Apache-2.0
 * A core's figures as metrics. */
#ifndef HUTONG_COMMON_RUNTIME_FIGURES_H
#define HUTONG_COMMON_RUNTIME_FIGURES_H
#include "common/observe/metrics.h"
#include "common/runtime/core.h"

void figures_watch(const struct core *core, void *self, struct store_txn *txn, uint32_t partition,
                   struct metrics *metrics);
#endif
