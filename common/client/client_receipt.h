/* SPDX-License-Identifier: Apache-2.0
 * What a client hands out and takes in: copies of what came, and what a trace's records had. */
#ifndef HUTONG_COMMON_CLIENT_CLIENT_RECEIPT_H
#define HUTONG_COMMON_CLIENT_CLIENT_RECEIPT_H
#include "common/base/span.h"
#include "common/client/hutong.h"
#include "common/pb/outcome.h"

enum { TEXTS_SIZE = 4096 }; /* what the texts of a decoded reply take */

/* To be freed with free(). */
unsigned char *client_copy(struct span bytes, size_t *size);
/* HT_INVALID: it cannot be read. */
enum ht_result client_receipt_read(struct span bytes, struct ht_receipt *receipt);
/* To a frame whose envelopes are there: of those from `first` on. */
void client_recorded_add(struct submit *submit, const struct ht_recorded *recorded, size_t first);
#endif
