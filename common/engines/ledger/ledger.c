/* SPDX-License-Identifier: Apache-2.0
 * The ledger. */
#include "common/engines/ledger/ledger.h"

#include <stdlib.h>
#include <xxhash.h>

#include "common/base/bytes.h"
#include "common/base/check.h"

enum { CACHE_SIZE = 1 << 14, CACHE_FILL_MAX = CACHE_SIZE / 4 * 3 };

struct balance {
    char account[POSTING_ACCOUNT_MAX + 1]; /* "": free */
    fen_t amount;
    bool dirty;
};

/* Open addressing; emptied whole when it gets full, since everything in it is in the store as well. */
struct ledger {
    unsigned table;
    unsigned count;
    struct balance balances[CACHE_SIZE];
    struct balance *dirty[CACHE_SIZE]; /* a flush visits these alone: it runs at every commit and question */
    unsigned dirty_count;
};

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

struct ledger *ledger_new(unsigned table)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    INVARIANT(ledger != NULL);
    ledger->table = table;
    return ledger;
}

void ledger_destroy(struct ledger **ledger)
{
    free(*ledger);
    *ledger = NULL;
}

static struct balance *find(struct ledger *ledger, struct store_txn *txn, const char *account)
{
    struct span value;
    size_t size = strlen(account);
    if (ledger->count >= CACHE_FILL_MAX) {
        ledger_flush(ledger, txn);
        memset(ledger->balances, 0, sizeof ledger->balances);
        ledger->count = 0;
    }
    for (uint64_t at = XXH64(account, size, 0);; at++) {
        struct balance *balance = &ledger->balances[at & (CACHE_SIZE - 1)];
        if (strcmp(balance->account, account) == 0)
            return balance;
        if (balance->account[0] != 0)
            continue;
        ledger->count++;
        memcpy(balance->account, account, size + 1);
        bool stored = store_get(txn, ledger->table, span_text(account), &value) && value.size == 8;
        balance->amount = stored ? (fen_t)bytes_get_le(value.data, 8) : 0;
        return balance;
    }
}

void ledger_post(struct ledger *ledger, struct store_txn *txn, const struct posting *postings, uint32_t count)
{
    wide_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += postings[i].amount;
    INVARIANT(sum == 0);
    for (uint32_t i = 0; i < count; i++) {
        struct balance *balance = find(ledger, txn, postings[i].account);
        INVARIANT(money_add(balance->amount, postings[i].amount, &balance->amount) == OK);
        if (!balance->dirty)
            ledger->dirty[ledger->dirty_count++] = balance;
        balance->dirty = true;
    }
}

static int by_account(const void *a, const void *b)
{
    const struct balance *const *left = a, *const *right = b;
    return strcmp((*left)->account, (*right)->account);
}

/* In the order of names: pages are touched once each. */
void ledger_flush(struct ledger *ledger, struct store_txn *txn)
{
    uint8_t value[8];
    qsort(ledger->dirty, ledger->dirty_count, sizeof ledger->dirty[0], by_account);
    for (unsigned i = 0; i < ledger->dirty_count; i++) {
        struct balance *balance = ledger->dirty[i];
        bytes_put_le(value, (uint64_t)balance->amount, sizeof value);
        store_put(txn, ledger->table, span_text(balance->account), span_of(value, sizeof value));
        balance->dirty = false;
    }
    ledger->dirty_count = 0;
}

wide_t ledger_sum(struct store_txn *txn, unsigned table)
{
    struct store_walk walk;
    wide_t sum = 0;
    for (bool more = store_walk_start(&walk, txn, table, span_of(NULL, 0)); more; more = store_walk_next(&walk))
        sum += (fen_t)bytes_get_le(walk.value.data, 8);
    store_walk_end(&walk);
    return sum;
}
