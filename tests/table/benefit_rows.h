/* SPDX-License-Identifier: Apache-2.0
 * Cases of the benefit engine as rows: the parts of a bill, and what it comes to under a policy of data/policies. */
#ifndef HUTONG_TESTS_TABLE_BENEFIT_ROWS_H
#define HUTONG_TESTS_TABLE_BENEFIT_ROWS_H
#include "common/engines/benefit/benefit.h"

#define Y(yuan) ((fen_t)((yuan)*100.0 + 0.5)) /* literals with at most two decimals */
#define INPATIENT "21"

struct row {
    const char *name;
    const char *policy;
    const char *kind;
    uint32_t level;
    bool municipal, community;
    const char *category;
    uint32_t age;
    uint32_t poverty;
    struct accumulators year;
    /* the bill's parts */
    fen_t own, above, first, in_scope;
    /* what it comes to */
    fen_t deductible, pool, large, catastrophic, assistance, person;
};

const struct policy *policy_named(const char *name);
/* Of one piece; price and limit in fen. */
struct bill_item line(uint8_t level, fen_t price, fen_t limit, uint32_t share);
/* Computes each, and compares every figure. */
void run_rows(const struct row *rows, size_t count);
#define RUN(rows) run_rows(rows, sizeof rows / sizeof rows[0])
#endif
