/* SPDX-License-Identifier: Apache-2.0
 * Bills: trial, settlement, reversal (DOMAIN 2); and what counts towards them: personal accounts, care at home. */
#ifndef HUTONG_SERVICES_SETTLEMENT_BILLS_H
#define HUTONG_SERVICES_SETTLEMENT_BILLS_H
#include "services/settlement/deciding.h"

/* Each fills the outcome. PRE: validation admitted the event. */
void bill_settle(struct deciding *deciding, const struct identity *person);
void bill_trial(struct deciding *deciding, const struct identity *person);
void bill_reverse(struct deciding *deciding, const struct identity *person);
/* The enrolment itself is validation's; the account that it states is ours to draw on. */
void account_state(struct deciding *deciding, const struct identity *person);
void local_care_take(struct deciding *deciding, const struct identity *person);
#endif
