/* SPDX-License-Identifier: Apache-2.0
 * The exchange's signature of its receipts: one a reply, whatever they say. Its key, KEYS/exchange-signing.pem_secret,
 * is made by `hutong up` at the first start. */
#ifndef HUTONG_SERVICES_INGEST_RECEIPT_SIGNING_H
#define HUTONG_SERVICES_INGEST_RECEIPT_SIGNING_H
#include "common/base/buffer.h"
#include "common/pb/outcome.h"

struct receipt_signing;

/* FATAL_CONFIG: there is no key that could be used; `why` says why. */
MUST_USE enum status receipt_signing_open(const char *key_directory, struct receipt_signing **signing,
                                          struct buffer *why);
void receipt_signing_close(struct receipt_signing **signing);
/* `receipts`: an encoded Receipts, one receipt at least, without a signature; it is appended. */
void receipt_signing_add(struct receipt_signing *signing, struct buffer *receipts);
/* Of one receipt. Valid until the next call. */
struct receipts_signature receipt_signing_of(struct receipt_signing *signing, struct span receipt);
#endif
