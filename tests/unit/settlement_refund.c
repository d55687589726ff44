/* SPDX-License-Identifier: Apache-2.0
 * A partial refund: a full reversal and a smaller new bill, sent and decided together (DOMAIN 2). */
#include "tests/support/test.h"
#include "tests/unit/settlement_rig.h"

static position_t replace(struct rig *rig, enum event_kind kind, position_t original, const char *number, fen_t amount)
{
    struct bill_item item;
    struct event event = bill_event(kind, 1, number, amount, &item);
    event.body.bill.replaces_settlement = original;
    return admit(rig, &event);
}

static void year_of(struct rig *rig, struct accumulators *year)
{
    struct year_key key = {.year = 2025, .area = "110000", .type = "310"};
    person_number(1, key.person);
    year_get(rig->harness.txn, &key, year);
}

/* What stands afterwards is what would stand had only the smaller bill been settled. */
TEST(a_refund_leaves_what_the_smaller_bill_alone_would)
{
    struct rig rig, plain;
    struct accumulators year, wanted;
    rig_start(&plain, 0, 1);
    publish(&plain, "110000-310");
    settle(&plain, 1, "B-2", 2000000);
    year_of(&plain, &wanted);
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t first = settle(&rig, 1, "B-1", 5000000);
    fen_t larger = rig.outcome.amounts.pool_pay;
    position_t second = replace(&rig, EVENT_BILL_SETTLE, first, "B-2", 2000000);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    assert_int_equal(rig.outcome.original_position, first);
    assert_true(rig.outcome.has_reversed);
    assert_int_equal(rig.outcome.reversed.pool_pay, -larger);
    assert_int_equal(rig.outcome.reversed.total, -5000000);
    assert_int_equal(rig.outcome.amounts.pool_pay, 1589500); /* DOMAIN 2: a first stay of 20,000 */
    assert_int_equal(rig.outcome.amounts.stay_number, 1);
    assert_int_equal(rig.outcome.deliver_count, 2);
    year_of(&rig, &year);
    assert_memory_equal(&year, &wanted, sizeof year);
    assert_int_equal(balance_of(&rig, "fund:110000:310:pool"), 1589500);
    assert_int_equal(balance_of(&rig, "institution:" HOSPITAL), -1589500);
    assert_books_balance(&rig);
    reverse(&rig, CARE, 1, first);
    assert_refused(&rig, RULE_REVERSAL_TWICE);
    reverse(&rig, CARE, 1, second);
    assert_int_equal(rig.outcome.kind, OUTCOME_REVERSED);
    assert_int_equal(balance_of(&rig, "fund:110000:310:pool"), 0);
    rig_stop(&rig);
    rig_stop(&plain);
}

TEST(a_refund_may_keep_the_bills_number)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t first = settle(&rig, 1, "B-1", 5000000);
    settle(&rig, 1, "B-9", 1000000);
    replace(&rig, EVENT_BILL_SETTLE, first, "B-9", 2000000); /* another bill's number */
    assert_refused(&rig, RULE_BILL_DUPLICATE);
    position_t second = replace(&rig, EVENT_BILL_SETTLE, first, "B-1", 2000000);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    settle(&rig, 1, "B-1", 2000000);
    assert_refused(&rig, RULE_BILL_DUPLICATE);
    assert_int_equal(rig.outcome.original_position, second);
    rig_stop(&rig);
}

/* Refused for the new bill's sake: the old one stands untouched. */
TEST(both_or_neither)
{
    struct rig rig;
    struct bill_item item;
    struct accumulators before, after;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t first = settle(&rig, 1, "B-1", 5000000);
    fen_t stood = balance_of(&rig, "fund:110000:310:pool");
    year_of(&rig, &before);
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-2", 2000000, &item);
    event.body.bill.replaces_settlement = first;
    event.body.bill.has_expected = true;
    event.body.bill.expected.fund_pay_total = 1;
    admit(&rig, &event);
    assert_refused(&rig, RULE_BILL_AMOUNT_CHANGED);
    event.body.bill.has_expected = false;
    event.body.bill.admission_date = 20240101; /* longer than a settlement period */
    admit(&rig, &event);
    assert_refused(&rig, RULE_BILL_PERIOD_TOO_LONG);
    replace(&rig, EVENT_BILL_SETTLE, first + 900, "B-2", 2000000);
    assert_refused(&rig, RULE_REVERSAL_UNKNOWN);
    year_of(&rig, &after);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(balance_of(&rig, "fund:110000:310:pool"), stood);
    event = bill_event(EVENT_BILL_SETTLE, 2, "B-2", 2000000, &item); /* another person's */
    event.body.bill.replaces_settlement = first;
    admit(&rig, &event);
    assert_refused(&rig, RULE_REVERSAL_FOREIGN);
    reverse(&rig, CARE, 1, first);
    replace(&rig, EVENT_BILL_SETTLE, first, "B-2", 2000000);
    assert_refused(&rig, RULE_REVERSAL_TWICE);
    rig_stop(&rig);
}

TEST(a_trial_of_a_refund_tells_and_leaves_no_trace)
{
    struct rig rig;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    state_account(&rig, 1, 100000);
    struct bill_item item;
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 5000000, &item);
    event.body.bill.use_personal_account = true;
    position_t first = admit(&rig, &event);
    assert_int_equal(rig.outcome.amounts.account_pay, 100000);
    harness_digest(&rig.harness, before);
    event = bill_event(EVENT_BILL_TRIAL, 1, "B-2", 2000000, &item);
    event.body.bill.use_personal_account = true;
    event.body.bill.replaces_settlement = first;
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_COMPUTED);
    assert_int_equal(rig.outcome.amounts.account_pay, 100000); /* given back first */
    assert_int_equal(rig.outcome.amounts.pool_pay, 1589500);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, sizeof before);
    event.kind = EVENT_BILL_SETTLE;
    admit(&rig, &event);
    assert_int_equal(rig.outcome.amounts.account_pay, 100000);
    struct year_key key = {.area = "110000", .type = "310"};
    person_number(1, key.person);
    assert_int_equal(account_get(rig.harness.txn, &key), 0);
    assert_books_balance(&rig);
    rig_stop(&rig);
}
