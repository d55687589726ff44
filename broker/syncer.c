/* SPDX-License-Identifier: Apache-2.0
 * Group commit, beside the loop. */
#include "broker/syncer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/group_write.h"
#include "common/base/check.h"
#include "common/net/loop.h"

struct syncer {
    struct log *log;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t handed_over, news;
    struct change_group waiting; /* of several: in order, with the last one's number */
    uint64_t settled;
    enum status status;
    bool stopping;
    int fd;
    _Atomic int64_t since_us; /* when the transaction under way began; 0: none */
    struct metric *commits, *commit_us;
};

/* Frees the changes. */
static enum status write_all(struct syncer *syncer, struct change *changes)
{
    int64_t before = loop_monotonic_us();
    atomic_store(&syncer->since_us, before);
    enum status status = group_write(syncer->log, changes);
    atomic_store(&syncer->since_us, 0);
    metric_count(syncer->commits, status == OK);
    metric_observe_us(syncer->commit_us, (uint64_t)(loop_monotonic_us() - before));
    return status;
}

static void tell(struct syncer *syncer)
{
    uint64_t one = 1;
    (void)pthread_cond_broadcast(&syncer->news);
    (void)!write(syncer->fd, &one, sizeof one);
}

static void *run(void *self)
{
    struct syncer *syncer = self;
    (void)pthread_mutex_lock(&syncer->lock);
    for (;;) {
        while (syncer->waiting.first == NULL && !syncer->stopping)
            (void)pthread_cond_wait(&syncer->handed_over, &syncer->lock);
        if (syncer->waiting.first == NULL || syncer->status != OK)
            break;
        struct change_group group = syncer->waiting;
        syncer->waiting = (struct change_group){0};
        (void)pthread_mutex_unlock(&syncer->lock);
        enum status status = write_all(syncer, group.first);
        (void)pthread_mutex_lock(&syncer->lock);
        syncer->status = status;
        if (status == OK)
            syncer->settled = group.number;
        tell(syncer);
    }
    (void)pthread_mutex_unlock(&syncer->lock);
    return NULL;
}

struct syncer *syncer_start(struct log *log, struct metrics *metrics)
{
    struct syncer *syncer = calloc(1, sizeof *syncer);
    INVARIANT(syncer != NULL);
    syncer->log = log;
    syncer->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    syncer->commits =
        metrics_add(metrics, METRIC_COUNTER, "hutong_broker_commits_total", "Durable group commits.", NULL);
    syncer->commit_us =
        metrics_add(metrics, METRIC_HISTOGRAM, "hutong_broker_commit_seconds", "Time of a group commit.", NULL);
    INVARIANT(syncer->fd >= 0 && pthread_mutex_init(&syncer->lock, NULL) == 0 &&
              pthread_cond_init(&syncer->handed_over, NULL) == 0 && pthread_cond_init(&syncer->news, NULL) == 0 &&
              pthread_create(&syncer->thread, NULL, run, syncer) == 0);
    return syncer;
}

void syncer_stop(struct syncer **out)
{
    struct syncer *syncer = *out;
    if (syncer == NULL)
        return;
    (void)pthread_mutex_lock(&syncer->lock);
    syncer->stopping = true;
    (void)pthread_cond_signal(&syncer->handed_over);
    (void)pthread_mutex_unlock(&syncer->lock);
    (void)pthread_join(syncer->thread, NULL);
    group_forget(&syncer->waiting); /* after a failure */
    (void)pthread_cond_destroy(&syncer->news);
    (void)pthread_cond_destroy(&syncer->handed_over);
    (void)pthread_mutex_destroy(&syncer->lock);
    (void)close(syncer->fd);
    free(syncer);
    *out = NULL;
}

void syncer_hand_over(struct syncer *syncer, struct change_group group)
{
    (void)pthread_mutex_lock(&syncer->lock);
    if (syncer->waiting.first != NULL)
        syncer->waiting.last->next = group.first;
    else
        syncer->waiting.first = group.first;
    syncer->waiting.last = group.last;
    syncer->waiting.number = group.number;
    (void)pthread_cond_signal(&syncer->handed_over);
    (void)pthread_mutex_unlock(&syncer->lock);
}

enum status syncer_settled(struct syncer *syncer, uint64_t *group)
{
    uint64_t count;
    (void)!read(syncer->fd, &count, sizeof count);
    (void)pthread_mutex_lock(&syncer->lock);
    *group = syncer->settled;
    enum status status = syncer->status;
    (void)pthread_mutex_unlock(&syncer->lock);
    return status;
}

enum status syncer_wait(struct syncer *syncer, uint64_t group, uint64_t *settled)
{
    (void)pthread_mutex_lock(&syncer->lock);
    while (syncer->settled < group && syncer->status == OK)
        (void)pthread_cond_wait(&syncer->news, &syncer->lock);
    *settled = syncer->settled;
    enum status status = syncer->status;
    (void)pthread_mutex_unlock(&syncer->lock);
    return status;
}

int syncer_fd(const struct syncer *syncer)
{
    return syncer->fd;
}

int64_t syncer_busy_us(const struct syncer *syncer)
{
    int64_t since = atomic_load(&syncer->since_us);
    return since == 0 ? 0 : loop_monotonic_us() - since;
}
