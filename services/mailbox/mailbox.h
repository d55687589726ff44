/* SPDX-License-Identifier: Apache-2.0
 * The mailbox endpoint: a thread of its own with the mailbox core behind it. Serves Fetch (waits for news), Query by
 * position and Confirm. What has been confirmed is the owner's word, not the log's: it is kept in a small store beside.
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
    struct loop *stop;              /* stopped when this thread fails */
    _Atomic uint64_t *outcomes_end; /* written: how far it has come */
    _Atomic bool *outcomes_known;   /* written: outcomes_end is no less than was ever told */
    struct durable_end *submissions;
};

/* Starts the thread and waits until it serves or has failed. */
MUST_USE enum status mailbox_open(const struct mailbox_options *options, struct mailbox **mailbox, struct buffer *why);
/* Stops and joins it; returns how it ended. */
enum status mailbox_close(struct mailbox **mailbox, struct buffer *why);
bool mailbox_is_ready(struct mailbox *mailbox, const char **why_not); /* from any thread */
#endif
