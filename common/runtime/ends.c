/* SPDX-License-Identifier: Apache-2.0
 * Ends of tables. */
#include "common/runtime/ends.h"

#include <stdio.h>
#include <string.h>

_Static_assert((int)CORE_ENDS_COUNT_MAX == (int)SERVICE_STATUS_ENDS_MAX, "a status tells all");

static int64_t days_left(civil_date_t last_day, instant_ms_t now)
{
    return (int64_t)civil_date_to_day(last_day) - civil_date_to_day(civil_date_of_instant(now));
}

/* Its place among those ever seen; CORE_ENDS_COUNT_MAX: no room. */
static unsigned place_of(struct ends *ends, const struct core_end *end, struct metrics *metrics)
{
    char labels[96];
    unsigned at = 0;
    while (at < ends->count &&
           (strcmp(ends->ends[at].table, end->table) != 0 || strcmp(ends->ends[at].region, end->region) != 0))
        at++;
    if (at < ends->count || at == CORE_ENDS_COUNT_MAX)
        return at;
    (void)snprintf(labels, sizeof labels, "table=\"%.31s\",region=\"%.6s\"", end->table, end->region);
    ends->days_left[at] = metrics_add(metrics, METRIC_GAUGE, "hutong_gazette_days_left",
                                      "Days until a published table or a policy ends; negative: since.", labels);
    ends->count++;
    return at;
}

void ends_watch(struct ends *ends, const struct core *core, const void *self, struct metrics *metrics, instant_ms_t now)
{
    struct core_end found[CORE_ENDS_COUNT_MAX];
    unsigned count = core->ends != NULL ? core->ends(self, found) : 0;
    for (unsigned i = 0; i < ends->count; i++)
        ends->ends[i].last_day = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned at = place_of(ends, &found[i], metrics);
        if (at < CORE_ENDS_COUNT_MAX)
            ends->ends[at] = found[i];
    }
    for (unsigned i = 0; i < ends->count; i++)
        metric_set(ends->days_left[i],
                   ends->ends[i].last_day == 0 ? DAYS_LEFT_OPEN : days_left(ends->ends[i].last_day, now));
}

uint32_t ends_tell(const struct core *core, const void *self, instant_ms_t now, struct table_end *to)
{
    static struct core_end found[CORE_ENDS_COUNT_MAX]; /* the texts are borrowed until the status is encoded */
    unsigned count = core->ends != NULL ? core->ends(self, found) : 0;
    for (unsigned i = 0; i < count; i++)
        to[i] =
            (struct table_end){found[i].table, found[i].region, found[i].last_day, days_left(found[i].last_day, now)};
    return count;
}
