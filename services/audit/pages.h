/* SPDX-License-Identifier: Apache-2.0
 * The transparency log as C2SP tlog-tiles has it, below /log/: checkpoint, tile/L/N[.p/W], tile/entries/N[.p/W]; and
 * checkpoint.final, the latest one that the witness policy makes final. On the HTTP thread, of what is committed. */
#ifndef HUTONG_SERVICES_AUDIT_PAGES_H
#define HUTONG_SERVICES_AUDIT_PAGES_H
#include "services/audit/signed_log.h"

bool pages_serve(struct signed_log *log, struct store *store, const struct http_request *request,
                 struct http_answer *answer);
#endif
