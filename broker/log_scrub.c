/* SPDX-License-Identifier: Apache-2.0
 * The round over sealed segments. */
#include "broker/log_scrub.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "broker/log_check.h"
#include "broker/log_internal.h"
#include "common/base/check.h"
#include "common/observe/diary.h"

enum { SLICE_BYTES = 1 << 20, LOWEST_PRIORITY = 19 };

struct log_scrub {
    struct log *log;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;
    size_t unpaid; /* bytes that were read and not waited for */
    struct metric *rounds, *damaged;
};

/* False: it is to end. */
static bool wait_ms(struct log_scrub *scrub, uint64_t milliseconds)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t nanoseconds = (uint64_t)until.tv_nsec + milliseconds % 1000 * 1000000;
    until.tv_sec += (time_t)(milliseconds / 1000 + nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    (void)pthread_mutex_lock(&scrub->lock);
    while (!scrub->stopping && pthread_cond_timedwait(&scrub->stop, &scrub->lock, &until) == 0)
        continue;
    bool stopping = scrub->stopping;
    (void)pthread_mutex_unlock(&scrub->lock);
    return !stopping;
}

static bool was_read(void *self, size_t bytes)
{
    struct log_scrub *scrub = self;
    scrub->unpaid += bytes;
    if (scrub->unpaid < SLICE_BYTES)
        return true;
    uint64_t milliseconds = (uint64_t)scrub->unpaid * 1000 / LOG_SCRUB_BYTES_A_SECOND;
    scrub->unpaid = 0;
    return wait_ms(scrub, milliseconds);
}

static bool is_damaged(struct log_scrub *scrub, uint32_t segment)
{
    struct log_check check = {.directory = scrub->log->options.directory,
                              .segment = segment,
                              .look = LOOK_BATCHES,
                              .read = was_read,
                              .self = scrub};
    struct segment_seen seen;
    struct buffer why;
    buffer_init(&why);
    enum status status = log_check_segment(&check, &seen, &why);
    bool damaged = status != OK && status != RETRY_BUSY && status != REJECT_NOT_FOUND; /* trimmed away meanwhile */
    if (damaged)
        diary_event(DIARY_ERROR, "log_damaged", "status=%s detail=%s", status_name(status), buffer_text(&why));
    buffer_fini(&why);
    return damaged;
}

/* False: it is to end. */
static bool go_round(struct log_scrub *scrub)
{
    uint32_t numbers[LOG_SEGMENTS_COUNT_MAX];
    unsigned count = 0;
    int64_t damaged = 0;
    (void)pthread_mutex_lock(&scrub->log->lock);
    for (; count + 1 < scrub->log->segment_count; count++)
        numbers[count] = scrub->log->segments[count].number;
    (void)pthread_mutex_unlock(&scrub->log->lock);
    for (unsigned i = 0; i < count; i++) {
        damaged += is_damaged(scrub, numbers[i]);
        if (!wait_ms(scrub, 0))
            return false;
    }
    metric_set(scrub->damaged, damaged);
    (void)pthread_mutex_lock(&scrub->log->lock);
    scrub->log->damaged_segments = (uint32_t)damaged;
    (void)pthread_mutex_unlock(&scrub->log->lock);
    metric_count(scrub->rounds, 1);
    return wait_ms(scrub, LOG_SCRUB_PAUSE_MS);
}

static void *run(void *self)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), LOWEST_PRIORITY);
    while (go_round(self))
        continue;
    return NULL;
}

struct log_scrub *log_scrub_start(struct log *log, struct metrics *metrics)
{
    struct log_scrub *scrub = calloc(1, sizeof *scrub);
    pthread_condattr_t monotonic;
    INVARIANT(scrub != NULL);
    scrub->log = log;
    scrub->rounds = metrics_add(metrics, METRIC_COUNTER, "hutong_broker_scrubs_total",
                                "Rounds over all sealed segments, page by page and batch by batch.", NULL);
    scrub->damaged = metrics_add(metrics, METRIC_GAUGE, "hutong_broker_damaged_segments",
                                 "Sealed segments in which the last round found damage.", NULL);
    INVARIANT(pthread_condattr_init(&monotonic) == 0 && pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(&scrub->stop, &monotonic) == 0 && pthread_mutex_init(&scrub->lock, NULL) == 0 &&
              pthread_create(&scrub->thread, NULL, run, scrub) == 0);
    (void)pthread_condattr_destroy(&monotonic);
    return scrub;
}

void log_scrub_stop(struct log_scrub **out)
{
    struct log_scrub *scrub = *out;
    if (scrub == NULL)
        return;
    (void)pthread_mutex_lock(&scrub->lock);
    scrub->stopping = true;
    (void)pthread_cond_signal(&scrub->stop);
    (void)pthread_mutex_unlock(&scrub->lock);
    (void)pthread_join(scrub->thread, NULL);
    (void)pthread_cond_destroy(&scrub->stop);
    (void)pthread_mutex_destroy(&scrub->lock);
    free(scrub);
    *out = NULL;
}
