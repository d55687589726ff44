/* SPDX-License-Identifier: Apache-2.0
 * The rules of DOMAIN 2 a second time: exact fractions, one step after the other, no shortcut. */
#ifndef HUTONG_TESTS_TABLE_BENEFIT_SIMPLE_H
#define HUTONG_TESTS_TABLE_BENEFIT_SIMPLE_H
#include "common/engines/benefit/benefit.h"

struct expected {
    fen_t wholly_own, above, first_own, in_scope, deductible, pool, civil, large, catastrophic, assistance, account,
        person;
    struct accumulators after, before_after; /* the year, and the year before where a stay is split */
    bool refused, nothing;                   /* no rule for this care; a pharmacy that no fund pays */
};

/* `logic`: the version; from 2 on a policy may list who is poor. */
void compute_simply(const struct benefit_input *in, uint32_t logic, struct expected *out);
#endif
