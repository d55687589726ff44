/* SPDX-License-Identifier: Apache-2.0
 * The mailbox endpoint, on a loop of its own (mailbox_thread.h: its thread) with the mailbox core behind it. Serves
 * Fetch (waits for news), Query by position and Confirm. What has been confirmed is the owner's word, not the log's:
 * it is kept in a small store beside.
 *
 * An outcome is told as soon as its submission is on disk (release.h). Answers only move on. The state's commits, and
 * the outcomes on disk, lag behind what was told, so after a start a box says SYS-0001 until its core has caught up
 * with its streams as they stood then, and with the submissions as the broker found them. */
#ifndef HUTONG_SERVICES_MAILBOX_MAILBOX_H
#define HUTONG_SERVICES_MAILBOX_MAILBOX_H
#include <stdatomic.h>

#include "common/config/config.h"
#include "common/net/zap.h"
#include "common/observe/metrics.h"
#include "services/ingest/durable_end.h"

struct mailbox;

struct mailbox_options {
    const struct config *config;
    struct zap *zap;
    struct metrics *metrics;
    _Atomic uint64_t *outcomes_end; /* written: how far it has come */
    _Atomic bool *outcomes_known;   /* written: outcomes_end is no less than was ever told */
    struct durable_end *submissions;
};

struct mailbox *mailbox_new(const struct mailbox_options *options);
/* From here to mailbox_stop all is of one thread, that of its loop. Opens everything; turning the loop is the caller's.
 * Not OK: mailbox_stop and mailbox_free all the same. */
MUST_USE enum status mailbox_start(struct mailbox *mailbox);
struct loop *mailbox_loop(struct mailbox *mailbox);
/* FATAL_ once something made it stop its loop. */
enum status mailbox_status(const struct mailbox *mailbox);
void mailbox_stop(struct mailbox *mailbox);
/* Returns how it ended; `why` gets why. */
enum status mailbox_free(struct mailbox **mailbox, struct buffer *why);
bool mailbox_is_ready(struct mailbox *mailbox, const char **why_not); /* from any thread */
#endif
