/* SPDX-License-Identifier: Apache-2.0
 * Up to where `submissions` is on disk, told by the gate's thread and asked by the mailbox's: what may be told of an
 * outcome hangs on that alone, since an outcome is a function of the log below its position. Wakes who waits for it. */
#ifndef HUTONG_SERVICES_INGEST_DURABLE_END_H
#define HUTONG_SERVICES_INGEST_DURABLE_END_H
#include <stdatomic.h>

#include "common/bus/bus.h"

struct durable_end {
    _Atomic uint64_t end;
    _Atomic uint64_t began; /* where the log ended when the broker opened it: below it lies all that anybody was told
                             * before, also what the broker lost of the outcomes since */
    _Atomic uint64_t incarnation; /* no later than that of `end`: written before it, read after it */
    _Atomic bool known;           /* since the start of this process */
    _Atomic bool awaited;
    int fd; /* readable when what was awaited has come */
};

void durable_end_open(struct durable_end *durable);
void durable_end_close(struct durable_end *durable);
/* The gate's, before the receipts leave: who has one may ask the mailbox at once. `end` never goes back. */
/* `incarnation`: of the broker that said so. */
void durable_end_tell(struct durable_end *durable, position_t end, position_t began, uint64_t incarnation);
/* The mailbox's: the end now; where it is below `position`, durable->fd wakes when it moves. */
position_t durable_end_await(struct durable_end *durable, position_t position);
/* Of any thread; 0: not known yet. */
position_t durable_end_now(const struct durable_end *durable);
/* Makes durable->fd unreadable. */
void durable_end_woken(struct durable_end *durable);
#endif
