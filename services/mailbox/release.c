/* SPDX-License-Identifier: Apache-2.0
 * Outcomes held back until their submissions are on disk. */
#include "services/mailbox/release.h"

#include "services/mailbox/mailbox_core.h"

/* Of another broker nothing is heard: then what was durable before stays. */
static void hear(struct release *release, position_t position)
{
    position_t durable = durable_end_await(release->submissions, position);
    if (!atomic_load(&release->submissions->known) ||
        atomic_load(&release->submissions->incarnation) != release->bus->incarnation)
        return;
    release->heard = true;
    release->durable = durable;
}

position_t release_end(struct release *release)
{
    position_t position = runtime_position(release->outcomes);
    hear(release, position);
    return position < release->durable ? position : release->durable;
}

uint64_t release_mailbox_end(struct release *release, const char *party)
{
    void *core = runtime_core_self(release->outcomes);
    position_t end = release_end(release);
    return end == runtime_position(release->outcomes)
               ? mailbox_end(core, party)
               : mailbox_seq_of(core, runtime_txn(release->outcomes), party, end);
}

bool release_is_known(struct release *release)
{
    hear(release, runtime_position(release->outcomes));
    return release->heard && runtime_has_caught_up(release->outcomes) &&
           runtime_position(release->outcomes) >= atomic_load(&release->submissions->began);
}
