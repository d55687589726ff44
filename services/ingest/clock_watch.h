/* SPDX-License-Identifier: Apache-2.0
 * Whether this machine's clock runs as time does (FAILURES T1). Positions order everything and times of acceptance
 * never go backwards, so a clock that jumps breaks nothing; but legal times come from it, and limits end by it:
 * somebody must be told. Looked at once a second. */
#ifndef HUTONG_SERVICES_INGEST_CLOCK_WATCH_H
#define HUTONG_SERVICES_INGEST_CLOCK_WATCH_H
#include "common/base/instant.h"
#include "common/observe/metrics.h"

/* A step of a second is seen (a leap second done badly, a hand at `date`); NTP's slewing, 0.5 ms a second, is not. */
enum { CLOCK_STEP_MS = 500 };

struct clock_watch {
    int64_t ahead_ms; /* of the wall clock before the monotonic one, when last seen */
    bool seen;
    struct metric *steps, *behind;
};

void clock_watch_open(struct clock_watch *watch, struct metrics *metrics);
/* `log_time`: the last acceptance's; as long as it is ahead of the clock, all acceptances have that one time. */
void clock_watch_look(struct clock_watch *watch, instant_ms_t log_time);
#endif
