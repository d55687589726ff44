/* SPDX-License-Identifier: Apache-2.0
 * Pensions drawn away from home, certified online (DOMAIN 4). */
#ifndef HUTONG_SERVICES_SETTLEMENT_CERTIFICATIONS_H
#define HUTONG_SERVICES_SETTLEMENT_CERTIFICATIONS_H
#include "services/settlement/deciding.h"

/* Fills the outcome. PRE: validation admitted the event. FATAL_CORRUPT: what is stored cannot be read. */
MUST_USE enum status certification_decide(struct deciding *deciding, const struct identity *person);
#endif
