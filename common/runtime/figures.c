/* SPDX-License-Identifier: Apache-2.0
 * A core's figures. */
#include "common/runtime/figures.h"

#include <stdio.h>

void figures_watch(const struct core *core, void *self, struct store_txn *txn, uint32_t partition,
                   struct metrics *metrics)
{
    struct core_figure figures[CORE_FIGURES_COUNT_MAX];
    unsigned count = core->figures != NULL ? core->figures(self, txn, figures) : 0;
    for (unsigned i = 0; i < count; i++) {
        char labels[96];
        (void)snprintf(labels, sizeof labels, "partition=\"%u\"%s%s", partition, figures[i].labels[0] != 0 ? "," : "",
                       figures[i].labels);
        metric_set(metrics_add(metrics, METRIC_GAUGE, figures[i].name, figures[i].help, labels), figures[i].value);
    }
}
