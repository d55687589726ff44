/* SPDX-License-Identifier: Apache-2.0
 * The books, one rule after the other: a statement, a month, its replies, its payment. */
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

TEST(a_bill_clears_when_both_sides_state_it)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250311);
    assert_int_equal(rig_load(&rig, bill).reason, OPEN_CARE_STATEMENT);
    rig_state_row(&rig, TIANJIN, SIDE_CARE, 20250310, bill, &beijinger_in_tianjin, 0, 0);
    assert_true(rig_delivered_to(&rig, TIANJIN) && rig_delivered_to(&rig, BEIJING));
    assert_false(rig_delivered_to(&rig, HEBEI));
    assert_int_equal(rig_load(&rig, bill).reason, OPEN_INSURED_STATEMENT);
    rig_state_row(&rig, BEIJING, SIDE_INSURED, 20250310, bill, &beijinger_in_tianjin, 0, 1); /* a fen too much */
    assert_int_equal(rig.said.statement->matched, 0);
    assert_int_equal(rig.said.statement->differences[0].difference, DIFFERENCE_ONE_FEN);
    assert_int_equal(rig_load(&rig, bill).reason, OPEN_DIFFERS);
    rig_state_row(&rig, BEIJING, SIDE_INSURED, 20250310, bill, &beijinger_in_tianjin, 0, 0);
    assert_int_equal(rig_clears_in(&rig, bill), 202503);
    rig_state_row(&rig, TIANJIN, SIDE_CARE, 20250310, bill, &beijinger_in_tianjin, 0, -1); /* the last word counts */
    assert_int_equal(rig_clears_in(&rig, bill), 0);
    rig_stop(&rig);
}

TEST(totals_that_agree_reconcile_all_their_bills)
{
    struct rig rig;
    struct rig_bill other = beijinger_in_tianjin;
    struct statement_total total = {"310", "21", 2, 0, 300000, 210000, 15000};
    struct statement statement = {
        .day = 20250310, .institution = TIANJIN_HOSPITAL, .side = SIDE_CARE, .totals = &total, .total_count = 1};
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    other.bill_id = "B-2";
    other.total = 200000;
    other.fund = 140000;
    other.account = 10000;
    position_t first = rig_settle(&rig, &beijinger_in_tianjin), second = rig_settle(&rig, &other);
    rig_at(&rig, 20250311);
    rig_send(&rig, TIANJIN, EVENT_STATEMENT, (union event_body){.statement = statement});
    assert_int_equal(rig.said.statement->bills, 2);
    assert_int_equal(rig.said.statement->matched, 2);
    statement.side = SIDE_INSURED;
    total.fund++;
    rig_send(&rig, BEIJING, EVENT_STATEMENT, (union event_body){.statement = statement});
    assert_int_equal(rig_rule(&rig), RULE_STATEMENT_ROWS_WANTED);
    assert_int_equal(rig.said.statement->differences[0].difference, DIFFERENCE_TOTALS);
    assert_int_equal(rig.said.statement->differences[0].ours_fund, 210000);
    assert_int_equal(rig_load(&rig, first).reason, OPEN_DIFFERS);
    total.fund--;
    rig_send(&rig, BEIJING, EVENT_STATEMENT, (union event_body){.statement = statement});
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(rig_clears_in(&rig, first), 202503);
    assert_int_equal(rig_clears_in(&rig, second), 202503);
    rig_stop(&rig);
}

TEST(a_month_is_generated_issued_and_paid)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250420);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0); /* the 20th is in */
    rig_tick(&rig);
    assert_false(rig_said(&rig));
    rig_at(&rig, 20250421);
    rig_tick(&rig);
    assert_int_equal(rig.said.kind, BOOKS_CLEARING_TABLE);
    assert_string_equal(rig.said.sender, "exchange");
    assert_int_equal(rig.said.clearing_table->month, 202503);
    assert_int_equal(rig.said.clearing_table->state, CLEARING_GENERATED);
    assert_int_equal(rig.said.clearing_table->amount, 75000);
    assert_int_equal(rig.said.clearing_table->confirm_by, 20250425);
    assert_false(rig_delivered_to(&rig, HEBEI));
    rig_tick(&rig);
    assert_int_equal(rig.said.kind, BOOKS_NET_POSITIONS);
    assert_true(rig_delivered_to(&rig, HEBEI));
    rig_reply(&rig, TIANJIN, ACTION_CONFIRM, 0, 0);
    rig_at(&rig, 20250426);
    rig_tick(&rig);
    assert_int_equal(rig.said.clearing_table->state, CLEARING_ISSUED);
    assert_int_not_equal(rig.said.clearing_table->confirmed_by_care,
                         0); /* confirmed by the region of care; silence confirms too */
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 75000);
    assert_int_equal(rig_balance(&rig, "clearing:110000"), -75000);
    assert_int_equal(rig_do_due(&rig, BOOKS_PAYMENT_NOTICE), 1);
    struct payment payment = {202503, BEIJING, TIANJIN, 75000, 20250508, ""};
    rig_send(&rig, TIANJIN, EVENT_PAYMENT, (union event_body){.payment = payment}); /* not paid yet */
    assert_int_equal(rig_rule(&rig), RULE_PAYMENT_UNKNOWN);
    payment.amount++;
    rig_send(&rig, BEIJING, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig_rule(&rig), RULE_PAYMENT_UNKNOWN);
    payment.amount--;
    rig_send(&rig, BEIJING, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(rig_balance(&rig, "transit:110000:120000"), -75000);
    rig_send(&rig, BEIJING, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig_rule(&rig), RULE_PAYMENT_UNKNOWN);
    rig_send(&rig, TIANJIN, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig.said.payment->state, 3);
    assert_int_equal(rig_balance(&rig, "transit:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 0);
    assert_int_equal(rig_balance(&rig, "advance_used:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "institution:" TIANJIN_HOSPITAL), -75000); /* the region of care pays it */
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

TEST(rows_are_disputed_and_rolled_back_until_the_table_is_issued)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin), second = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    rig_both_state(&rig, 20250310, second, &beijinger_in_tianjin, 0);
    rig_reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_NOT_STANDING);
    rig_at(&rig, 20250421);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    rig_reply(&rig, BEIJING, ACTION_DISPUTE, 999, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_ROW_UNKNOWN);
    rig_reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0);
    assert_int_equal(rig.said.clearing_reply->rows, 1);
    assert_int_equal(rig.said.clearing_reply->amount, 75000);
    uint64_t number = rig.said.clearing_reply->reply;
    assert_int_equal(rig_load(&rig, bill).reason, OPEN_DISPUTED);
    rig_reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_ROW_UNKNOWN);
    rig_reply(&rig, TIANJIN, ACTION_ROLL_BACK, 0, number);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_REPLY_UNKNOWN); /* not its own */
    rig_reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, number);
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(rig_clears_in(&rig, bill), 202503);
    rig_reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, number);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_REPLY_UNKNOWN);
    rig_reply(&rig, BEIJING, ACTION_CONFIRM, second, 0);
    number = rig.said.clearing_reply->reply;
    rig_reply(&rig, BEIJING, ACTION_DISPUTE, second, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_ROW_CONFIRMED);
    rig_reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, number);
    rig_reply(&rig, BEIJING, ACTION_DISPUTE, second, 0);
    number = rig.said.clearing_reply->reply;
    rig_at(&rig, 20250426);
    rig_reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, number);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_NOT_STANDING);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 75000);
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), -75000);
    rig_state_row(&rig, TIANJIN, SIDE_CARE, 20250310, second, &beijinger_in_tianjin, 0, 0); /* not who disputed */
    assert_int_equal(rig_clears_in(&rig, second), 0);
    rig_state_row(&rig, BEIJING, SIDE_INSURED, 20250310, second, &beijinger_in_tianjin, 0, 0);
    assert_int_equal(rig_clears_in(&rig, second), 202504);
    rig_stop(&rig);
}

TEST(a_reversal_after_clearing_enters_the_running_month)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    rig_at(&rig, 20250430);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    position_t reversal = rig_reverse(&rig, bill, &beijinger_in_tianjin);
    rig_at(&rig, 20250502);
    rig_both_state(&rig, 20250430, reversal, &beijinger_in_tianjin, bill);
    assert_int_equal(rig_clears_in(&rig, bill), 202503);
    assert_int_equal(rig_clears_in(&rig, reversal), 202504);
    rig_at(&rig, 20250526);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 0);
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "institution:" TIANJIN_HOSPITAL), 0);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

TEST(a_reversal_never_clears_before_what_it_takes_back)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    position_t reversal = rig_reverse(&rig, bill, &beijinger_in_tianjin);
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, reversal, &beijinger_in_tianjin, bill);
    assert_int_equal(rig_load(&rig, reversal).reason, OPEN_ORIGINAL);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(rig_clears_in(&rig, bill), 202503);
    assert_int_equal(rig_clears_in(&rig, reversal), 202503); /* it followed */
    rig_at(&rig, 20250422);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    rig_reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0); /* and goes along */
    assert_int_equal(rig_clears_in(&rig, reversal), 0);
    rig_reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, rig.said.clearing_reply->reply);
    assert_int_equal(rig_clears_in(&rig, reversal), 202503);
    rig_stop(&rig);
}

TEST(without_a_policy_nothing_clears)
{
    struct rig rig;
    rig_start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250311);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(rig_load(&rig, bill).reason, OPEN_NO_POLICY);
    rig_policy(&rig, "data/clearing/2025.yaml");
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(rig_clears_in(&rig, bill), 202503);
    rig_stop(&rig);
}

TEST(d20_the_books_drop_their_own_letters)
{
    static struct rig rig;
    struct span letter;
    rig_start(&rig);
    position_t dead = rig.harness.position;
    harness_bury(&rig.harness, span_text("what stopped them"), "quarantined");
    struct dead_letter_drop drop = {.service = "settlement", .position = dead, .reason = "by hand"};
    (void)rig_send(&rig, "operator", EVENT_DEAD_LETTER_DROP, (union event_body){.drop = drop});
    assert_true(core_was_dead(&books_core, rig.harness.txn, dead, &letter));
    drop.service = "books";
    (void)rig_send(&rig, "operator", EVENT_DEAD_LETTER_DROP, (union event_body){.drop = drop});
    assert_false(core_was_dead(&books_core, rig.harness.txn, dead, &letter));
    rig_stop(&rig);
}
