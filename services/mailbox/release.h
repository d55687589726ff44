/* SPDX-License-Identifier: Apache-2.0
 * What of the outcomes may be told. The core takes them in ahead of the disk; one may leave as soon as its submission
 * is on disk: it is a function of the log up to there, and is computed again to the same bytes after any crash. (What
 * is no function of the log, a quarantine, comes in only when it is on disk itself.) */
#ifndef HUTONG_SERVICES_MAILBOX_RELEASE_H
#define HUTONG_SERVICES_MAILBOX_RELEASE_H
#include "common/runtime/runtime.h"
#include "services/ingest/durable_end.h"

/* Borrowed. */
struct release {
    struct runtime *outcomes;
    struct durable_end *submissions;
};

/* Outcomes below it may be told. Where there are more, submissions->fd wakes when more of them may. */
position_t release_end(const struct release *release);
/* End of a party's mailbox as it may be told. */
uint64_t release_mailbox_end(const struct release *release, const char *party);
/* Whether it knows again all that was told before this process began. */
bool release_is_known(const struct release *release);
#endif
