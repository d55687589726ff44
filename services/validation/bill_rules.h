/* SPDX-License-Identifier: Apache-2.0
 * The rules of a bill that need nothing but the bill and what is published: shapes, dates, sums (DOMAIN 1 and 2).
  * Pure. */
#ifndef HUTONG_SERVICES_VALIDATION_BILL_RULES_H
#define HUTONG_SERVICES_VALIDATION_BILL_RULES_H
#include "common/engines/gazette/published.h"
#include "common/pb/outcome.h"

/* Adds every broken rule. `root` is the event's name in paths: "bill_settle". `today`: the day of acceptance. */
void bill_rules_check(const struct bill *bill, const struct published *published, const char *root, civil_date_t today,
                      struct arena *arena, struct findings *findings);
#endif
