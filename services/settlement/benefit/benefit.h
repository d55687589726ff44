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
#ifndef HUTONG_SERVICES_SETTLEMENT_BENEFIT_BENEFIT_H
#define HUTONG_SERVICES_SETTLEMENT_BENEFIT_BENEFIT_H
#include "common/codes/rule.h"
#include "common/pb/outcome.h"

struct benefit_input {
    const struct policy *policy;
    const struct bill *bill;
    const struct bill_facts *facts;
    uint32_t age; /* completed years on the day of discharge */
    const struct accumulators *year;
    fen_t account_balance; /* what the personal account still holds */
};

struct benefit_result {
    struct amounts amounts;
    struct accumulators added;        /* what the bill adds to its year */
    bool split;                       /* a stay across new year, of a policy that splits it by days */
    struct accumulators added_before; /* ... to the year before */
    uint32_t row;                     /* of the policy, from 1; 0: a pharmacy that no fund pays */
    bool outpatient;                  /* `row` is one of policy.outpatient, else of policy.inpatient */
    struct step steps[STEPS_COUNT_MAX];
    uint32_t step_count;
};

/* Steps of the calculation, for the explanation: benefit/step.def. */
enum benefit_step {
#define STEP(number, name, unit, path, source, zh, en) name = number,
#include "services/settlement/benefit/step.def"
#undef STEP
};
struct benefit_step_text {
    uint32_t number;
    const char *zh;
    const char *en;
};
const struct benefit_step_text *benefit_step_find(uint32_t number); /* NULL: none */

/* Where a step's parameter stands in the policy's file: "inpatient[0].bands[1].ratio"; "" for a step without one. `row`
 * and `outpatient` are the result's. */
void benefit_step_path(const struct step *step, uint32_t row, bool outpatient, char path[POLICY_PATH_SIZE]);
/* What the parameter of a step is. */
enum step_unit { UNIT_NONE, UNIT_NUMBER, UNIT_FEN, UNIT_BASIS_POINTS };
enum step_unit benefit_step_unit(uint32_t number);

/* RULE_NONE and the result; otherwise why the bill cannot be settled under this policy:
 * RULE_BILL_PERIOD_TOO_LONG, RULE_POLICY_UNKNOWN (this kind of care is not in it), RULE_BILL_ITEM_NET_NEGATIVE,
 * RULE_BILL_AMOUNT_RANGE. PRE: the policy passed policy_check, the bill passed validation. */
enum rule benefit_compute(const struct benefit_input *input, struct benefit_result *result);
#endif
