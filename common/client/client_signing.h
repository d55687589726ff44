/* SPDX-License-Identifier: Apache-2.0
 * A client's signatures, and receipts that are proof by themselves (docs/PROTOCOL.md, Signatures). */
#ifndef HUTONG_COMMON_CLIENT_CLIENT_SIGNING_H
#define HUTONG_COMMON_CLIENT_CLIENT_SIGNING_H
#include "common/client/hutong.h"
#include "common/pb/outcome.h"

struct client_signing;

struct client_signing *client_signing_new(void);
void client_signing_destroy(struct client_signing **signing);
/* Everything that is sent from now on is signed by the key of this file. As ht_sign_with; `why` has the fault. */
enum ht_result client_signing_load(struct client_signing *signing, const char *path, char *why, size_t why_size);
/* Signs the frame, where there is a pair; what the submit borrows is valid until the next one. */
void client_signing_sign(struct client_signing *signing, struct submit *submit);

/* From now on receipts come with their proof. */
void client_signing_keep_proofs(struct client_signing *signing, bool keep);
/* To each of a reply's receipts an encoded SignedReceipt, where the reply is signed and proofs are kept. */
void client_signing_prove(struct client_signing *signing, const struct receipts *list, struct ht_receipt *receipts);
#endif
