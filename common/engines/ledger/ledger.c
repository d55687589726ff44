/* SPDX-License-Identifier: Apache-2.0
 * The ledger. */
#include "common/engines/ledger/ledger.h"

#include "common/base/bytes.h"
#include "common/base/check.h"

_Static_assert((int)POSTING_ACCOUNT_MAX <= (int)TALLY_KEY_SIZE_MAX, "an account is a key");

enum { NAME_PARTS_MAX = 4 };

/* "fund:110000:310:pool" of its parts; a NULL ends them. Not snprintf: this runs five times a bill. */
static void post(struct posting *postings, uint32_t *count, const char *const parts[NAME_PARTS_MAX], fen_t amount)
{
    INVARIANT(*count < POSTINGS_COUNT_MAX);
    struct posting *posting = &postings[(*count)++];
    size_t used = 0;
    for (unsigned i = 0; i < NAME_PARTS_MAX && parts[i] != NULL; i++) {
        size_t size = strlen(parts[i]);
        PRE(used + size + 2 <= sizeof posting->account);
        if (i > 0)
            posting->account[used++] = ':';
        memcpy(posting->account + used, parts[i], size);
        used += size;
    }
    posting->account[used] = 0;
    posting->amount = amount;
}

uint32_t ledger_postings(const struct amounts *amounts, const struct ledger_parties *parties,
                         struct posting postings[POSTINGS_COUNT_MAX])
{
    const struct {
        const char *fund;
        fen_t amount;
    } funds[] = {{"pool", amounts->pool_pay},
                 {"civil_servant", amounts->civil_servant_pay},
                 {"large_amount", amounts->large_amount_pay},
                 {"catastrophic", amounts->catastrophic_pay},
                 {"assistance", amounts->assistance_pay},
                 {"other", amounts->other_pay}};
    const char *insured = parties->insured_region, *care = parties->care_region;
    fen_t moved = amounts->fund_pay_total + amounts->account_pay;
    uint32_t count = 0;
    for (unsigned i = 0; i < sizeof funds / sizeof funds[0]; i++)
        if (funds[i].amount != 0)
            post(postings, &count,
                 (const char *[NAME_PARTS_MAX]){"fund", parties->insured_area, parties->insurance_type, funds[i].fund},
                 funds[i].amount);
    if (amounts->account_pay != 0)
        post(postings, &count, (const char *[NAME_PARTS_MAX]){"account", parties->insured_area}, amounts->account_pay);
    if (moved == 0)
        return count;
    post(postings, &count, (const char *[NAME_PARTS_MAX]){"payable", insured, care}, -moved);
    post(postings, &count, (const char *[NAME_PARTS_MAX]){"receivable", care, insured}, moved);
    post(postings, &count, (const char *[NAME_PARTS_MAX]){"institution", parties->institution}, -moved);
    return count;
}

void ledger_post(struct tally *ledger, struct store_txn *txn, const struct posting *postings, uint32_t count)
{
    wide_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += postings[i].amount;
    INVARIANT(sum == 0);
    for (uint32_t i = 0; i < count; i++) {
        int64_t *balance = tally_at(ledger, txn, span_text(postings[i].account));
        INVARIANT(money_add(*balance, postings[i].amount, balance) == OK);
    }
}
