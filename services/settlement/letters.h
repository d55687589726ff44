/* SPDX-License-Identifier: Apache-2.0
 * Letters of transfers of relationships (DOMAIN 4). */
#ifndef HUTONG_SERVICES_SETTLEMENT_LETTERS_H
#define HUTONG_SERVICES_SETTLEMENT_LETTERS_H
#include "services/settlement/deciding.h"

/* Fills the outcome. PRE: validation admitted the event. FATAL_CORRUPT: what is stored cannot be read. */
MUST_USE enum status letter_decide(struct deciding *deciding, const struct identity *person);
/* Validation refused the letter, but it has been taken before: reference data have moved on since. True: answered as
 * then. */
bool letter_was_answered(struct deciding *deciding, const struct identity *person);
#endif
