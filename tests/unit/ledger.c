/* SPDX-License-Identifier: Apache-2.0
 * Double entry: which accounts a settlement touches, and balances beyond what fits into memory. */
#include "common/engines/ledger/ledger.h"
#include "tests/support/core_harness.h"
#include "tests/support/test.h"

static const struct amounts all_funds = {.total = 1000,
                                         .pool_pay = 100,
                                         .civil_servant_pay = 20,
                                         .large_amount_pay = 30,
                                         .catastrophic_pay = 40,
                                         .assistance_pay = 50,
                                         .other_pay = 60,
                                         .fund_pay_total = 300,
                                         .person_pay_total = 700,
                                         .account_pay = 200,
                                         .cash_pay = 500};
static const struct ledger_parties parties = {"131000", "310", "130000", "130000", "H13010400002"};

static fen_t posted(const struct posting *postings, uint32_t count, const char *account)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(postings[i].account, account) == 0)
            return postings[i].amount;
    return 0;
}

TEST(every_fund_is_debited_and_the_way_to_the_hospital_credited)
{
    struct posting postings[POSTINGS_COUNT_MAX];
    fen_t sum = 0;
    uint32_t count = ledger_postings(&all_funds, &parties, postings);
    assert_int_equal(count, 10);
    for (uint32_t i = 0; i < count; i++)
        sum += postings[i].amount;
    assert_int_equal(sum, 0);
    assert_int_equal(posted(postings, count, "fund:131000:310:pool"), 100);
    assert_int_equal(posted(postings, count, "fund:131000:310:civil_servant"), 20);
    assert_int_equal(posted(postings, count, "fund:131000:310:large_amount"), 30);
    assert_int_equal(posted(postings, count, "fund:131000:310:catastrophic"), 40);
    assert_int_equal(posted(postings, count, "fund:131000:310:assistance"), 50);
    assert_int_equal(posted(postings, count, "fund:131000:310:other"), 60);
    assert_int_equal(posted(postings, count, "account:131000"), 200);
    assert_int_equal(posted(postings, count, "payable:130000:130000"), -500); /* two prefectures of Hebei */
    assert_int_equal(posted(postings, count, "receivable:130000:130000"), 500);
    assert_int_equal(posted(postings, count, "institution:H13010400002"), -500);
}

TEST(what_moves_no_money_posts_nothing)
{
    struct posting postings[POSTINGS_COUNT_MAX];
    struct amounts cash = {.total = 1000, .person_pay_total = 1000, .cash_pay = 1000};
    assert_int_equal(ledger_postings(&cash, &parties, postings), 0);
}

/* More accounts than the cache has places, each posted twice, far apart: nothing is lost when it is emptied. */
TEST(more_accounts_than_memory_keep_their_balances)
{
    enum { ACCOUNTS = 40000 };
    struct harness harness;
    harness_start(&harness, &core_of_one_table, 0, 1, 1);
    struct tally *ledger = tally_new(0, 1);
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 0; i < ACCOUNTS; i++) {
            struct posting postings[2] = {{"institution:", -(fen_t)i - 1}, {"receivable:120000:110000", (fen_t)i + 1}};
            (void)snprintf(postings[0].account, sizeof postings[0].account, "institution:%u", i);
            ledger_post(ledger, harness.txn, postings, 2);
        }
    tally_flush(ledger, harness.txn);
    harness_assert_balanced(&harness, 0);
    assert_int_equal(store_count(harness.txn, 0), ACCOUNTS + 1);
    assert_int_equal(harness_balance(&harness, 0, "institution:12345"), -2 * 12346);
    assert_int_equal(harness_balance(&harness, 0, "receivable:120000:110000"), (fen_t)ACCOUNTS * (ACCOUNTS + 1));
    tally_destroy(&ledger);
    harness_stop(&harness);
}
