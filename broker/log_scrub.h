/* SPDX-License-Identifier: Apache-2.0
 * Goes round over the sealed segments, a little at a time: every page and every batch (log_check.h), in a thread of low
 * priority that touches nothing of the log but its list of segments. What is damaged is told in the diary and counted;
 * nothing stops, what is right is still read, and the damaged batch is refused when somebody reads it. The newest
 * segment is read whole when the log is opened. */
#ifndef HUTONG_BROKER_LOG_SCRUB_H
#define HUTONG_BROKER_LOG_SCRUB_H
#include "broker/log.h"
#include "common/observe/metrics.h"

enum { LOG_SCRUB_BYTES_A_SECOND = 8 << 20, LOG_SCRUB_PAUSE_MS = 5000 /* between two rounds */ };

struct log_scrub;

/* Borrows the log. `metrics` may be NULL. */
struct log_scrub *log_scrub_start(struct log *log, struct metrics *metrics);
void log_scrub_stop(struct log_scrub **scrub);
#endif
