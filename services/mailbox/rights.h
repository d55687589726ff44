/* SPDX-License-Identifier: Apache-2.0
 * Whose mailbox a peer may read, and which outcomes are its business. */
#ifndef HUTONG_SERVICES_MAILBOX_RIGHTS_H
#define HUTONG_SERVICES_MAILBOX_RIGHTS_H
#include "common/base/limits.h"
#include "common/net/server.h"
#include "common/pb/outcome.h"

/* Its party: whoever stands at this machine is the operator. Borrowed from the peer. */
const char *rights_name(const struct peer *peer);
/* The party whose mailbox is asked for (`asked` empty: its own); false: it is not this peer's. */
bool rights_owner(const struct peer *peer, struct span asked, char party[PARTY_SIZE_MAX + 1]);
bool rights_concern(const struct peer *peer, const struct outcome_head *head);
#endif
