/* SPDX-License-Identifier: Apache-2.0
 * Metrics in Prometheus' text exposition format 0.0.4, and in OpenMetrics 1.0. */
#include "common/observe/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"

struct metrics {
    pthread_mutex_t lock;
    struct metric *first;
};

struct metrics *metrics_new(void)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    INVARIANT(metrics != NULL);
    (void)pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

void metrics_destroy(struct metrics **metrics)
{
    if (*metrics == NULL)
        return;
    for (struct metric *metric = (*metrics)->first; metric != NULL;) {
        struct metric *next = metric->next;
        free((void *)(uintptr_t)metric->labels);
        (void)pthread_mutex_destroy(&metric->exemplar_lock);
        free(metric);
        metric = next;
    }
    (void)pthread_mutex_destroy(&(*metrics)->lock);
    free(*metrics);
    *metrics = NULL;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Kept in order of name, so that one name's rows stand together, as the format demands. */
struct metric *metrics_add(struct metrics *metrics, enum metric_kind kind, const char *name, const char *help,
                           const char *labels)
{
    (void)pthread_mutex_lock(&metrics->lock);
    struct metric **at = &metrics->first;
    while (*at != NULL && strcmp((*at)->name, name) < 0)
        at = &(*at)->next;
    struct metric *metric = *at;
    while (metric != NULL && strcmp(metric->name, name) == 0 && !same(metric->labels, labels))
        metric = metric->next;
    if (metric == NULL || strcmp(metric->name, name) != 0) {
        metric = calloc(1, sizeof *metric);
        INVARIANT(metric != NULL);
        metric->name = name;
        metric->help = help;
        metric->labels = labels != NULL ? strdup(labels) : NULL;
        metric->kind = kind;
        (void)pthread_mutex_init(&metric->exemplar_lock, NULL);
        metric->next = *at;
        *at = metric;
    }
    (void)pthread_mutex_unlock(&metrics->lock);
    return metric;
}

void metric_count(struct metric *metric, int64_t by)
{
    atomic_fetch_add_explicit(&metric->value, by, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

static unsigned bucket_of(uint64_t us)
{
    unsigned bucket = us <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(us - 1);
    return bucket < METRIC_BUCKETS_COUNT ? bucket : METRIC_BUCKETS_COUNT - 1;
}

void metric_observe_us(struct metric *metric, uint64_t us)
{
    atomic_fetch_add_explicit(&metric->buckets[bucket_of(us)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->sum_us, us, memory_order_relaxed);
}

void metric_observe_at(struct metric *metric, uint64_t us, uint64_t position, int64_t at_ms)
{
    metric_observe_us(metric, us);
    (void)pthread_mutex_lock(&metric->exemplar_lock);
    metric->exemplar = (struct exemplar){us, position, at_ms};
    (void)pthread_mutex_unlock(&metric->exemplar_lock);
}

static void end_bucket(const struct exemplar *exemplar, unsigned bucket, struct buffer *out)
{
    if (exemplar->at_ms != 0 && bucket_of(exemplar->us) == bucket)
        buffer_printf(out, " # {position=\"%llu\"} %llu.%06llu %lld.%03lld", (unsigned long long)exemplar->position,
                      (unsigned long long)(exemplar->us / 1000000), (unsigned long long)(exemplar->us % 1000000),
                      (long long)(exemplar->at_ms / 1000), (long long)(exemplar->at_ms % 1000));
    buffer_append_text(out, "\n");
}

static struct exemplar exemplar_of(struct metric *metric)
{
    (void)pthread_mutex_lock(&metric->exemplar_lock);
    struct exemplar exemplar = metric->exemplar;
    (void)pthread_mutex_unlock(&metric->exemplar_lock);
    return exemplar;
}

static void render_histogram(struct metric *metric, bool open_metrics, struct buffer *out)
{
    struct exemplar exemplar = open_metrics ? exemplar_of(metric) : (struct exemplar){0};
    const char *labels = metric->labels != NULL ? metric->labels : "";
    const char *comma = metric->labels != NULL ? "," : "";
    uint64_t total = 0;
    for (unsigned i = 0; i < METRIC_BUCKETS_COUNT; i++) {
        total += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        uint64_t us = UINT64_C(1) << i;
        if (i + 1 < METRIC_BUCKETS_COUNT)
            buffer_printf(out, "%s_bucket{%s%sle=\"%llu.%06llu\"} %llu", metric->name, labels, comma,
                          (unsigned long long)(us / 1000000), (unsigned long long)(us % 1000000),
                          (unsigned long long)total);
        else
            buffer_printf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu", metric->name, labels, comma,
                          (unsigned long long)total);
        end_bucket(&exemplar, i, out);
    }
    uint64_t sum = atomic_load_explicit(&metric->sum_us, memory_order_relaxed);
    const char *open = metric->labels != NULL ? "{" : "", *close = metric->labels != NULL ? "}" : "";
    buffer_printf(out, "%s_sum%s%s%s %llu.%06llu\n", metric->name, open, labels, close,
                  (unsigned long long)(sum / 1000000), (unsigned long long)(sum % 1000000));
    buffer_printf(out, "%s_count%s%s%s %llu\n", metric->name, open, labels, close, (unsigned long long)total);
}

/* OpenMetrics names a counter without the _total that its samples carry. */
static void render_head(const struct metric *metric, bool open_metrics, struct buffer *out)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    static const char suffix[] = "_total";
    int size = (int)strlen(metric->name), without = size - (int)sizeof suffix + 1;
    if (open_metrics && metric->kind == METRIC_COUNTER && without > 0 && strcmp(metric->name + without, suffix) == 0)
        size = without;
    buffer_printf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", size, metric->name, metric->help, size, metric->name,
                  kinds[metric->kind]);
}

static void render(struct metrics *metrics, bool open_metrics, struct buffer *out)
{
    const char *before = "";
    (void)pthread_mutex_lock(&metrics->lock);
    for (struct metric *metric = metrics->first; metric != NULL; metric = metric->next) {
        if (strcmp(before, metric->name) != 0)
            render_head(metric, open_metrics, out);
        before = metric->name;
        if (metric->kind == METRIC_HISTOGRAM) {
            render_histogram(metric, open_metrics, out);
            continue;
        }
        const char *labels = metric->labels != NULL ? metric->labels : "";
        const char *open = metric->labels != NULL ? "{" : "", *close = metric->labels != NULL ? "}" : "";
        buffer_printf(out, "%s%s%s%s %lld\n", metric->name, open, labels, close,
                      (long long)atomic_load_explicit(&metric->value, memory_order_relaxed));
    }
    (void)pthread_mutex_unlock(&metrics->lock);
}

void metrics_render(struct metrics *metrics, struct buffer *out)
{
    render(metrics, false, out);
}

void metrics_render_open(struct metrics *metrics, struct buffer *out)
{
    render(metrics, true, out);
    buffer_append_text(out, "# EOF\n");
}
