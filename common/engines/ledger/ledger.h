/* SPDX-License-Identifier: Apache-2.0
 * Double entry (DOMAIN 3): which postings a settlement makes, and the balances of all accounts. Debit positive, credit
 * negative; the postings of one entry sum to zero; nothing is ever changed, a reversal posts the exact opposite.
 *
 *   fund:AREA:TYPE:FUND      the insured area's expenditure, by fund        debit
 *   account:AREA             personal accounts of the insured area          debit
 *   payable:INSURED:CARE     the insuring region owes the region of care    credit
 *   receivable:CARE:INSURED  the region of care is owed                     debit
 *   institution:CODE         the region of care owes the institution        credit */
#ifndef HUTONG_COMMON_ENGINES_LEDGER_LEDGER_H
#define HUTONG_COMMON_ENGINES_LEDGER_LEDGER_H
#include "common/engines/ledger/tally.h"
#include "common/pb/outcome.h"

struct ledger_parties {
    const char *insured_area;
    const char *insurance_type;
    const char *insured_region;
    const char *care_region;
    const char *institution;
};

/* The postings of these amounts; how many. With the negated amounts of a reversal they are the exact opposite. */
uint32_t ledger_postings(const struct amounts *amounts, const struct ledger_parties *parties,
                         struct posting postings[POSTINGS_COUNT_MAX]);

/* `ledger`: a tally of one value, by account. PRE: the postings sum to zero. */
void ledger_post(struct tally *ledger, struct store_txn *txn, const struct posting *postings, uint32_t count);
#endif
