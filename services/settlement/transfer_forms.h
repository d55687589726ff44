/* SPDX-License-Identifier: Apache-2.0
 * What applications and information forms state, against what follows from their rows (DOMAIN 4). */
#ifndef HUTONG_SERVICES_SETTLEMENT_TRANSFER_FORMS_H
#define HUTONG_SERVICES_SETTLEMENT_TRANSFER_FORMS_H
#include "services/settlement/moving.h"

/* One-off contributions without documents, of so many months that they do not move. */
bool form_has_unproven(const struct published *published, const struct transfer_letter *letter, civil_date_t today,
                       struct arena *arena);
/* The letter's figures follow from its rows and from what is known; what it states is taken into `kept`.
 * False: refused. */
/* The account that moves with a medical transfer; false: none that is stated on the log. */
bool transfer_account(const struct moving *moving, const struct transfer_record *kept, enum transfer_side side,
                      struct year_key *key);
bool content_holds(struct moving *moving, struct transfer_record *kept);
#endif
