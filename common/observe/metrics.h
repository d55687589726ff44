/* SPDX-License-Identifier: Apache-2.0
 * Metrics of one process in Prometheus' text format, and in OpenMetrics'. Each is declared once; updates are relaxed
 * atomics and cost nothing to speak of; rendering happens on the HTTP thread. Accepted by `promtool check metrics`. */
#ifndef HUTONG_COMMON_OBSERVE_METRICS_H
#define HUTONG_COMMON_OBSERVE_METRICS_H
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "common/base/buffer.h"

struct metrics;
enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
enum { METRIC_BUCKETS_COUNT = 28 };

/* The last observation that said where it comes from. */
struct exemplar {
    uint64_t us, position;
    int64_t at_ms; /* 0: there is none */
};

struct metric {
    const char *name; /* hutong_..._total, hutong_..._seconds */
    const char *help;
    const char *labels; /* `stage="commit"` or NULL; a copy is kept */
    enum metric_kind kind;
    _Atomic int64_t value;
    _Atomic uint64_t buckets[METRIC_BUCKETS_COUNT]; /* histogram: microseconds, bucket i holds <= 2^i us */
    _Atomic uint64_t sum_us;
    pthread_mutex_t exemplar_lock;
    struct exemplar exemplar;
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
/* Of the record at a position, at a time: OpenMetrics shows it beside the bucket. */
void metric_observe_at(struct metric *metric, uint64_t us, uint64_t position, int64_t at_ms);
void metrics_render(struct metrics *metrics, struct buffer *out);
void metrics_render_open(struct metrics *metrics, struct buffer *out); /* OpenMetrics 1.0 */
#endif
