/* SPDX-License-Identifier: Apache-2.0
 * A queue of replies. */
#include "services/ingest/parked.h"

#include <stdlib.h>

#include "common/base/check.h"

void parked_add(struct parked *parked, struct server *server, uint64_t session, uint64_t request, position_t needs,
                struct buffer *reply)
{
    struct parked_reply *added = calloc(1, sizeof *added);
    INVARIANT(added != NULL);
    *added = (struct parked_reply){NULL, session, request, server, needs, *reply};
    buffer_init(reply);
    if (parked->last != NULL)
        parked->last->next = added;
    else
        parked->first = added;
    parked->last = added;
}

void parked_drop(struct parked *parked)
{
    struct parked_reply *first = parked->first;
    parked->first = first->next;
    if (first->next == NULL)
        parked->last = NULL;
    buffer_fini(&first->bytes);
    free(first);
}

void parked_release(struct parked *parked, position_t position)
{
    for (; parked->first != NULL && parked->first->needs <= position; parked_drop(parked))
        (void)server_reply(parked->first->server, parked->first->session, buffer_span(&parked->first->bytes));
}

void parked_fini(struct parked *parked)
{
    while (parked->first != NULL)
        parked_drop(parked);
}
