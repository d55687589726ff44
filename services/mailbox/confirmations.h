/* SPDX-License-Identifier: Apache-2.0
 * Up to where each party has confirmed each of its mailbox's boxes. The owner's word, not the log's: a small store of
 * its own. */
#ifndef HUTONG_SERVICES_MAILBOX_CONFIRMATIONS_H
#define HUTONG_SERVICES_MAILBOX_CONFIRMATIONS_H
#include "common/config/config.h"
#include "hutong/v1/messages.h"

struct confirmations;
MUST_USE enum status confirmations_open(const struct config *config, struct confirmations **confirmations,
                                        struct buffer *why);
void confirmations_close(struct confirmations **confirmations);
uint64_t confirmations_through(struct confirmations *confirmations, uint32_t box, const char *party);
/* On disk when it returns OK. */
MUST_USE enum status confirmations_keep(struct confirmations *confirmations, uint32_t box, const char *party,
                                        uint64_t through);
#endif
