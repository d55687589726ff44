/* SPDX-License-Identifier: Apache-2.0
 * The edges of the rules, beside the worked cases of benefit.c: each fen around a band's end, rounding, returns, the
 * account, the largest bill. Each row says how its figures were found. */
#include "common/base/limits.h"
#include "tests/support/test.h"
#include "tests/table/benefit_rows.h"

/* ---- edges: a band's upper end belongs to it; half a fen goes up, once ---- */

TEST(band_edges_belong_to_the_band_below)
{
#define EDGE(label, scope, less, pays)                                                                                 \
    {                                                                                                                  \
        .name = label, .policy = "110000-310", .kind = INPATIENT, .level = 3, .category = "1101", .in_scope = (scope), \
        .deductible = (less), .pool = (pays), .person = (scope) - (pays)                                               \
    }
    static const struct row rows[] = {
        EDGE("one fen", 1, 1, 0),
        EDGE("one fen below the deductible", 129999, 129999, 0),
        EDGE("the deductible", 130000, 130000, 0),
        EDGE("a fen above it: 0.0085 rounds up", 130001, 130000, 1),
        EDGE("ten fen above it: 0.085 is a half, up", 130010, 130000, 9),
        EDGE("30,000: 28,700 x 85 %", 3000000, 130000, 2439500),
        EDGE("30,000.01: + 0.009", 3000001, 130000, 2439501),
        EDGE("40,000: + 10,000 x 90 %", 4000000, 130000, 3339500),
        EDGE("40,000.01: + 0.0095", 4000001, 130000, 3339501),
        EDGE("40,000.10: + 0.095", 4000010, 130000, 3339510),
    };
#undef EDGE
    RUN(rows);
}

/* ---- what tables of parts cannot say ---- */

static enum rule compute(const char *policy, struct bill *bill, struct bill_facts facts, fen_t balance,
                         struct benefit_result *result)
{
    static const struct accumulators fresh;
    struct benefit_input input = {.policy = policy_named(policy),
                                  .bill = bill,
                                  .facts = &facts,
                                  .age = 40,
                                  .year = &fresh,
                                  .account_balance = balance};
    if (bill->insurance_type == NULL)
        bill->insurance_type = policy + 7;
    if (bill->care_kind == NULL)
        bill->care_kind = INPATIENT;
    if (bill->admission_date == 0)
        bill->admission_date = bill->discharge_date = 20250310;
    return benefit_compute(published_first(), &input, result);
}

static struct bill bill_of(struct bill_item *items, uint32_t count)
{
    struct bill bill = {.items = items, .item_count = count};
    for (uint32_t i = 0; i < count; i++)
        bill.total += items[i].amount;
    return bill;
}

static const struct bill_facts worker = {.hospital_level = 3, .category = "1101"};

TEST(a_period_longer_than_the_policys_is_refused)
{
    struct bill_item item = line(1, Y(20000), 0, 0);
    struct bill bill = bill_of(&item, 1);
    struct benefit_result result;
    bill.admission_date = 20250101;
    bill.discharge_date = 20250401; /* 90 days */
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    bill.discharge_date = 20250402;
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_BILL_PERIOD_TOO_LONG);
    bill.care_kind = "11"; /* no stay */
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
}

TEST(outpatient_care_that_a_policy_lacks_is_refused)
{
    struct bill_item item = line(1, Y(200), 0, 0);
    struct bill bill = bill_of(&item, 1);
    struct benefit_result result;
    bill.care_kind = "11"; /* maternity insurance settles maternity alone */
    assert_int_equal(compute("110000-510", &bill, worker, 0, &result), RULE_POLICY_UNKNOWN);
    bill.care_kind = "52"; /* maternity without a row of its own: as inpatient */
    assert_int_equal(compute("120000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.stay_number, 1);
}

TEST(the_account_pays_what_it_holds_and_no_more)
{
    static const struct {
        bool asked;
        fen_t balance, pays;
    } rows[] = {{true, 0, 0},           {true, 1, 1},       {true, 410499, 410499}, {true, 410500, 410500},
                {true, 500000, 410500}, {false, 500000, 0}, {true, -1, 0}};
    struct bill_item item = line(1, Y(20000), 0, 0);
    struct benefit_result result;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bill bill = bill_of(&item, 1);
        bill.use_personal_account = rows[i].asked;
        assert_int_equal(compute("110000-310", &bill, worker, rows[i].balance, &result), RULE_NONE);
        assert_int_equal(result.amounts.account_pay, rows[i].pays);
        assert_int_equal(result.amounts.cash_pay, 410500 - rows[i].pays);
        assert_int_equal(result.amounts.fund_pay_total, 1589500);
    }
}

TEST(civil_servants_aid_takes_its_share_of_the_bands)
{
    struct policy policy = *policy_named("110000-310");
    struct bill_item item = line(1, Y(200000), 0, 0);
    struct bill bill = bill_of(&item, 1);
    struct bill_facts facts = worker;
    struct accumulators fresh = {0};
    struct benefit_result result;
    struct benefit_input input = {.policy = &policy, .bill = &bill, .facts = &facts, .age = 40, .year = &fresh};
    bill.insurance_type = "310";
    bill.care_kind = INPATIENT;
    bill.admission_date = bill.discharge_date = 20250310;
    policy.civil_servant_aid = 5000;
    assert_int_equal(benefit_compute(published_first(), &input, &result), RULE_NONE);
    assert_int_equal(result.amounts.civil_servant_pay, 0); /* no civil servant */
    facts.civil_servant = true;
    assert_int_equal(benefit_compute(published_first(), &input, &result), RULE_NONE);
    /* consumed 38,700 + 70,110.526316, of which the pool paid 100,000: half of 8,810.526316 */
    assert_int_equal(result.amounts.civil_servant_pay, 440526);
    assert_int_equal(result.amounts.large_amount_pay, 7640605);
    assert_int_equal(result.amounts.person_pay_total, 2359395 - 440526);
}

TEST(returns_are_lines_with_a_minus)
{
    struct bill_item items[] = {line(2, Y(1000), Y(800), 1000), line(2, Y(1000), Y(800), 1000), line(1, Y(5000), 0, 0)};
    struct benefit_result result;
    items[1].quantity_e4 = -10000;
    items[1].amount = -items[1].amount;
    struct bill bill = bill_of(items, 3);
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.above_limit, 0);
    assert_int_equal(result.amounts.first_own_share, 0);
    assert_int_equal(result.amounts.in_scope, Y(5000));
    items[1].level = 3; /* a return of what was never given: wholly own would be below zero */
    bill = bill_of(items, 3);
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_BILL_ITEM_NET_NEGATIVE);
}

TEST(s5_half_a_fen_refuses_no_bill)
{
    struct benefit_result result;
    /* 0.01, of which half is above the limit, and the other half own */
    struct bill_item halves = {.level = 2,
                               .unit_price_micro = 10000,
                               .quantity_e4 = 10000,
                               .amount = 1,
                               .first_own_share_bp = 10000,
                               .price_limit_micro = 5000};
    struct bill bill = bill_of(&halves, 1);
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.above_limit + result.amounts.first_own_share + result.amounts.in_scope, 1);
    /* 0.004 rounds to no fen, and is above its limit all the same */
    struct bill_item crumb = {.level = 2,
                              .unit_price_micro = 4000,
                              .quantity_e4 = 10000,
                              .amount = 0,
                              .first_own_share_bp = 1000,
                              .price_limit_micro = 1};
    bill = bill_of(&crumb, 1);
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.above_limit, 0);
}

TEST(shares_of_a_fen_add_up_before_they_round)
{
    struct bill_item items[3];
    struct benefit_result result;
    for (unsigned i = 0; i < 3; i++)
        items[i] = line(2, 1, 0, 3333);
    struct bill bill = bill_of(items, 3); /* 3 x 0.3333 fen: one fen, not three zeros */
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.first_own_share, 1);
    assert_int_equal(result.amounts.in_scope, 2);
}

TEST(the_largest_bill_is_exact)
{
    struct bill_item item = {
        .level = 1, .unit_price_micro = INT64_C(100000000000000), .quantity_e4 = 10000, .amount = BILL_TOTAL_MAX_FEN};
    struct bill bill = bill_of(&item, 1);
    struct bill_facts facts = {.hospital_level = 3, .category = "1201", .civil_servant = true};
    struct benefit_result result;
    assert_int_equal(compute("110000-310", &bill, facts, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.pool_pay, Y(100000));
    assert_int_equal(result.amounts.large_amount_pay, Y(400000));
    assert_int_equal(result.amounts.person_pay_total, BILL_TOTAL_MAX_FEN - Y(500000));
    bill.total++;
    assert_int_equal(compute("110000-310", &bill, facts, 0, &result), RULE_BILL_AMOUNT_RANGE);
}

TEST(every_step_has_its_text)
{
    struct bill_item items[] = {line(1, Y(200000), 0, 0), line(3, Y(10), 0, 0), line(2, Y(500), Y(300), 1000)};
    struct bill bill = bill_of(items, 3);
    struct benefit_result result;
    fen_t bands = 0;
    bill.use_personal_account = true;
    assert_int_equal(compute("110000-310", &bill, worker, Y(100), &result), RULE_NONE);
    for (uint32_t i = 0; i < result.step_count; i++) {
        assert_non_null(benefit_step_find(result.steps[i].rule));
        bands += result.steps[i].rule == STEP_BAND;
    }
    assert_int_equal(bands, 3);
    assert_null(benefit_step_find(0));
    assert_int_equal(result.steps[result.step_count - 1].rule, STEP_CASH);
    assert_int_equal(result.steps[result.step_count - 1].after, result.amounts.cash_pay);
}
