/* SPDX-License-Identifier: Apache-2.0
 * Chains of Submits. */
#include "services/ingest/chains.h"

#include <string.h>

bool chains_go_on(const struct chains *chains, const void *server, uint64_t session, uint64_t follows)
{
    const struct chain *chain = &chains->places[session % CHAINS_COUNT];
    return follows == 0 || (chain->server == server && chain->session == session && chain->request == follows);
}

void chains_note(struct chains *chains, const void *server, uint64_t session, uint64_t request, bool whole)
{
    struct chain *chain = &chains->places[session % CHAINS_COUNT];
    if (whole)
        *chain = (struct chain){server, session, request};
    else if (chain->server == server && chain->session == session)
        *chain = (struct chain){0};
}

void chains_break(struct chains *chains)
{
    memset(chains, 0, sizeof *chains);
}
