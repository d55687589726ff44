/* SPDX-License-Identifier: Apache-2.0
 * What of the outcomes may be told. The core takes them in ahead of the disk; one may leave as soon as its submission
 * is on disk: it is a function of the log up to there, and is computed again to the same bytes after any crash. (What
 * is no function of the log, a quarantine, comes in only when it is on disk itself.)
 *
 * A broker that was started again may have lost outcomes that the core has, while submissions of the same positions
 * come onto its disk: told then, they would not be known to the next life of this process, which waits for what the
 * broker began with. So what is durable counts only from the broker out of which the outcomes are read. */
#ifndef HUTONG_SERVICES_MAILBOX_RELEASE_H
#define HUTONG_SERVICES_MAILBOX_RELEASE_H
#include "common/runtime/runtime.h"
#include "services/ingest/durable_end.h"

/* Borrowed. */
struct release {
    struct runtime *outcomes;
    const struct bus *bus; /* of the outcomes */
    struct durable_end *submissions;
    position_t durable; /* the submissions, as heard of that same broker */
    bool heard;
};

/* Outcomes below it may be told. Where there are more, submissions->fd wakes when more of them may. */
position_t release_end(struct release *release);
/* End of a party's mailbox as it may be told. */
uint64_t release_mailbox_end(struct release *release, const char *party);
/* Whether it knows again all that was told before this process began. */
bool release_is_known(struct release *release);
#endif
