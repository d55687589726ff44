/* SPDX-License-Identifier: Apache-2.0
 * One number between two threads. */
#include "services/ingest/durable_end.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/check.h"

void durable_end_open(struct durable_end *durable)
{
    *durable = (struct durable_end){.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    INVARIANT(durable->fd >= 0);
}

void durable_end_close(struct durable_end *durable)
{
    (void)close(durable->fd);
}

void durable_end_tell(struct durable_end *durable, position_t end, position_t began, uint64_t incarnation)
{
    uint64_t one = 1;
    atomic_store(&durable->incarnation, incarnation);
    atomic_store(&durable->began, began);
    atomic_store(&durable->end, end);
    atomic_store(&durable->known, true);
    if (atomic_exchange(&durable->awaited, false))
        (void)!write(durable->fd, &one, sizeof one);
}

position_t durable_end_await(struct durable_end *durable, position_t position)
{
    position_t end = atomic_load(&durable->end);
    if (end >= position)
        return end;
    atomic_store(&durable->awaited, true);
    return atomic_load(&durable->end); /* it may have moved before anybody saw that it is awaited */
}

position_t durable_end_now(const struct durable_end *durable)
{
    return atomic_load(&durable->end);
}

void durable_end_woken(struct durable_end *durable)
{
    uint64_t count;
    (void)!read(durable->fd, &count, sizeof count);
}
