/* SPDX-License-Identifier: Apache-2.0
 * The mailbox's thread. */
#include "services/mailbox/mailbox_thread.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/loop.h"

struct mailbox_thread {
    struct mailbox *mailbox;
    struct loop *stop;
    pthread_t thread;
    sem_t started;
    enum status status; /* of its start */
};

static void *run(void *self)
{
    struct mailbox_thread *thread = self;
    enum status status = mailbox_start(thread->mailbox);
    thread->status = status;
    (void)sem_post(&thread->started);
    if (status == OK) {
        loop_run(mailbox_loop(thread->mailbox));
        loop_stop(thread->stop);
    }
    mailbox_stop(thread->mailbox);
    return NULL;
}

enum status mailbox_thread_open(const struct mailbox_options *options, struct loop *stop, struct mailbox_thread **out,
                                struct buffer *why)
{
    struct mailbox_thread *thread = calloc(1, sizeof *thread);
    INVARIANT(thread != NULL);
    thread->mailbox = mailbox_new(options);
    thread->stop = stop;
    *out = thread;
    INVARIANT(sem_init(&thread->started, 0, 0) == 0);
    INVARIANT(pthread_create(&thread->thread, NULL, run, thread) == 0);
    while (sem_wait(&thread->started) != 0)
        continue;
    return thread->status == OK ? OK : mailbox_thread_close(out, why);
}

enum status mailbox_thread_close(struct mailbox_thread **out, struct buffer *why)
{
    struct mailbox_thread *thread = *out;
    if (thread == NULL)
        return OK;
    loop_stop(mailbox_loop(thread->mailbox));
    (void)pthread_join(thread->thread, NULL);
    enum status status = mailbox_free(&thread->mailbox, why);
    (void)sem_destroy(&thread->started);
    free(thread);
    *out = NULL;
    return status;
}

bool mailbox_thread_is_ready(struct mailbox_thread *thread, const char **why_not)
{
    return mailbox_is_ready(thread->mailbox, why_not);
}
