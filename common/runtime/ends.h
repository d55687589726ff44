/* SPDX-License-Identifier: Apache-2.0
 * When the tables that a core goes by end: as metrics, and for who asks for the status. By the wall clock: it says when
 * somebody must act, and decides nothing. */
#ifndef HUTONG_COMMON_RUNTIME_ENDS_H
#define HUTONG_COMMON_RUNTIME_ENDS_H
#include "common/base/instant.h"
#include "common/observe/metrics.h"
#include "common/runtime/core.h"
#include "hutong/v1/messages.h"

/* What a metric says of a table that ended once and is open now. */
enum { DAYS_LEFT_OPEN = 99999 };

struct ends {
    unsigned count; /* of those ever seen; each keeps its metric */
    struct core_end ends[CORE_ENDS_COUNT_MAX];
    struct metric *days_left[CORE_ENDS_COUNT_MAX];
};

/* hutong_gazette_days_left of each table of the core that ends. */
void ends_watch(struct ends *ends, const struct core *core, const void *self, struct metrics *metrics,
                instant_ms_t now);
/* The tables that end, for a status: how many; `to` has room for SERVICE_STATUS_ENDS_MAX. */
uint32_t ends_tell(const struct core *core, const void *self, instant_ms_t now, struct table_end *to);
#endif
