/* SPDX-License-Identifier: Apache-2.0
 * Outcomes held back until their submissions are on disk. */
#include "services/mailbox/release.h"

#include "services/mailbox/mailbox_core.h"

position_t release_end(const struct release *release)
{
    position_t position = runtime_position(release->outcomes);
    position_t durable = durable_end_await(release->submissions, position);
    return position < durable ? position : durable;
}

uint64_t release_mailbox_end(const struct release *release, const char *party)
{
    void *core = runtime_core_self(release->outcomes);
    position_t end = release_end(release);
    return end == runtime_position(release->outcomes)
               ? mailbox_end(core, party)
               : mailbox_seq_of(core, runtime_txn(release->outcomes), party, end);
}

bool release_is_known(const struct release *release)
{
    return runtime_has_caught_up(release->outcomes) && atomic_load(&release->submissions->known) &&
           runtime_position(release->outcomes) >= atomic_load(&release->submissions->began);
}
