/* SPDX-License-Identifier: Apache-2.0
 * Metrics of one process in Prometheus' text format. Each is declared once; updates are relaxed atomics and cost
 * nothing to speak of; rendering happens on the HTTP thread. Accepted by `promtool check metrics`. */
#ifndef HUTONG_COMMON_OBSERVE_METRICS_H
#define HUTONG_COMMON_OBSERVE_METRICS_H
#include <stdatomic.h>
#include <stdint.h>

#include "common/base/buffer.h"

struct metrics;
enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
enum { METRIC_BUCKETS_COUNT = 28 };

struct metric {
    const char *name; /* hutong_..._total, hutong_..._seconds */
    const char *help;
    const char *labels; /* `stage="commit"` or NULL; a copy is kept */
    enum metric_kind kind;
    _Atomic int64_t value;
    _Atomic uint64_t buckets[METRIC_BUCKETS_COUNT]; /* histogram: microseconds, bucket i holds <= 2^i us */
    _Atomic uint64_t sum_us;
    struct metric *next;
};

struct metrics *metrics_new(void);
void metrics_destroy(struct metrics **metrics);
/* Same name and labels: the same metric. Never NULL. Register before the HTTP thread starts, or from one thread. */
struct metric *metrics_add(struct metrics *metrics, enum metric_kind kind, const char *name, const char *help,
                           const char *labels);
void metric_count(struct metric *metric, int64_t by);
void metric_set(struct metric *metric, int64_t value);
void metric_observe_us(struct metric *metric, uint64_t us);
void metrics_render(struct metrics *metrics, struct buffer *out);
#endif
