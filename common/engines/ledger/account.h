/* SPDX-License-Identifier: Apache-2.0
 * The chart of accounts, account.def. */
#ifndef HUTONG_COMMON_ENGINES_LEDGER_ACCOUNT_H
#define HUTONG_COMMON_ENGINES_LEDGER_ACCOUNT_H
#include <stdbool.h>

#include "common/base/span.h"

enum account_side { ACCOUNT_DEBIT, ACCOUNT_CREDIT };

struct account_kind {
    const char *kind;
    enum account_side normal;
    bool pending;
    const char *zh, *en;
};
/* By the account's name; NULL: no such kind. */
const struct account_kind *account_kind_of(struct span account);
/* The n-th code of an account's name, from 0; empty: there is none. Borrowed. */
struct span account_code(struct span account, unsigned n);
#endif
