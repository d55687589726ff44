/* SPDX-License-Identifier: Apache-2.0
 * The benefit engine: what a bill comes to. Pure; allocates nothing. Rules: DOMAIN 2, in its order:
 *
 *   items -> wholly own | above the limit | first own share | in scope
 *   in scope -> deductible -> pool by bands, up to the year's cap -> civil servants' aid -> large-amount (employees)
 *            -> catastrophic (residents) -> assistance -> personal account -> cash
 *
 * Exact: the in-scope amount is kept in units of 10^-12 fen (price x quantity: 10^-8; first own share: 10^-4), bands in
 * 10^-20 (ratio, and the retired's factor); each fund is rounded half-up to the fen once, by money_round_half_up. 128
 * bits hold it all, since a bill is at most BILL_TOTAL_MAX_FEN. */
#ifndef HUTONG_COMMON_ENGINES_BENEFIT_BENEFIT_H
#define HUTONG_COMMON_ENGINES_BENEFIT_BENEFIT_H
#include "common/codes/rule.h"
#include "common/engines/benefit/result.h"
#include "common/engines/benefit/step.h"
#include "common/engines/gazette/published.h"

/* RULE_NONE and the result; otherwise why the bill cannot be settled under this policy:
 * RULE_BILL_PERIOD_TOO_LONG, RULE_POLICY_UNKNOWN (this kind of care is not in it), RULE_BILL_ITEM_NET_NEGATIVE,
 * RULE_BILL_AMOUNT_RANGE. PRE: the policy passed policy_check, the bill passed validation. */
enum rule benefit_compute(const struct published *published, const struct benefit_input *input,
                          struct benefit_result *result);
#endif
