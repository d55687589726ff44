/* SPDX-License-Identifier: Apache-2.0
 * The wall clock against the monotonic one, and against the log. */
#include "services/ingest/clock_watch.h"

#include "common/net/loop.h"
#include "common/observe/diary.h"

void clock_watch_open(struct clock_watch *watch, struct metrics *metrics)
{
    *watch = (struct clock_watch){0};
    watch->steps = metrics_add(metrics, METRIC_COUNTER, "hutong_clock_steps_total",
                               "Times that this machine's clock jumped by half a second or more.", NULL);
    watch->behind = metrics_add(metrics, METRIC_GAUGE, "hutong_clock_behind_seconds",
                                "By how much the log's time is ahead of this machine's clock.", NULL);
}

void clock_watch_look(struct clock_watch *watch, instant_ms_t log_time)
{
    instant_ms_t now = loop_wall_ms();
    int64_t ahead = now - loop_monotonic_us() / 1000, step = watch->seen ? ahead - watch->ahead_ms : 0;
    int64_t behind = log_time > now ? log_time - now : 0;
    watch->ahead_ms = ahead;
    watch->seen = true;
    metric_set(watch->behind, (behind + 999) / 1000);
    if (step < CLOCK_STEP_MS && step > -CLOCK_STEP_MS)
        return;
    metric_count(watch->steps, 1);
    diary_event(DIARY_ERROR, "clock_stepped", "by_ms=%lld log_ahead_ms=%lld", (long long)step, (long long)behind);
}
