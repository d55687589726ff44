/* SPDX-License-Identifier: Apache-2.0
 * What a bill is computed from, and what comes out. */
#ifndef HUTONG_COMMON_ENGINES_BENEFIT_RESULT_H
#define HUTONG_COMMON_ENGINES_BENEFIT_RESULT_H
#include "common/pb/outcome.h"

enum { BENEFIT_STEPS_MAX = 128 }; /* 90 were needed where all that one bill can meet took part: table_benefit_steps */

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
    struct step steps[BENEFIT_STEPS_MAX];
    uint32_t step_count;
};
#endif
