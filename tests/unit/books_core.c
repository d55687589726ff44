/* SPDX-License-Identifier: Apache-2.0
 * The books, one rule after the other: a statement, a month, its replies, its payment; advance funds; investigations;
 * supervision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/books_rig.h"

static struct clearing_policy policy;

static const struct rig_bill beijinger_in_tianjin = {.insured_area = BEIJING,
                                                     .institution = TIANJIN_HOSPITAL,
                                                     .bill_id = "B-1",
                                                     .admission = 20250301,
                                                     .discharge = 20250309,
                                                     .total = 100000,
                                                     .fund = 70000,
                                                     .account = 5000};

static void start(struct rig *rig)
{
    rig_start(rig);
    rig_policy(rig, "data/clearing/2025.yaml", &policy);
}

/* A statement with one row, as of the settlement at `number`. */
static void state_row(struct rig *rig, const char *sender, uint32_t side, civil_date_t day, uint64_t number,
                      const struct rig_bill *bill, uint64_t original, fen_t off)
{
    int sign = original != 0 ? -1 : 1;
    struct statement_row row = {number,
                                bill->bill_id,
                                original,
                                bill->insured_area,
                                "310",
                                "21",
                                sign * bill->total,
                                sign * bill->fund + off,
                                sign * bill->account};
    struct statement statement = {.day = day,
                                  .institution = bill->institution,
                                  .side = side,
                                  .detailed = true,
                                  .number_from = number,
                                  .number_to = number,
                                  .rows = &row,
                                  .row_count = 1};
    rig_send(rig, sender, EVENT_STATEMENT, (union books_body){.statement = statement});
    assert_int_equal(rig_number(rig, 0, 5), BOOKS_STATEMENT);
}

static void both_state(struct rig *rig, civil_date_t day, uint64_t number, const struct rig_bill *bill,
                       uint64_t original)
{
    state_row(rig, TIANJIN, SIDE_CARE, day, number, bill, original, 0);
    assert_int_equal(rig_number(rig, 16, 5), 1);
    state_row(rig, BEIJING, SIDE_INSURED, day, number, bill, original, 0);
    assert_int_equal(rig_number(rig, 16, 5), 1);
}

static struct book_bill load(struct rig *rig, uint64_t number)
{
    struct book_bill bill;
    struct books *books = rig->harness.self;
    books->txn = rig->harness.txn;
    assert_true(bill_load(books, number, &bill));
    return bill;
}

static uint32_t clears_in(struct rig *rig, uint64_t number)
{
    struct book_bill bill = load(rig, number);
    assert_true((bill.month == 0) == (bill.reason != OPEN_NONE));
    return bill.month == 0 ? 0 : month_number(bill.month);
}

/* Ticks until nothing more is due; counts records of this kind. */
static unsigned run_due(struct rig *rig, enum books_kind kind)
{
    unsigned count = 0;
    struct books *books = rig->harness.self;
    do {
        rig_tick(rig);
        count += rig_said(rig) && rig_number(rig, 0, 5) == (uint64_t)kind;
    } while (books->first_due <= books->today);
    return count;
}

static void reply(struct rig *rig, const char *sender, enum clearing_action action, uint64_t number, uint64_t earlier)
{
    struct clearing_reply answer = {.month = 202503,
                                    .insured_region = BEIJING,
                                    .care_region = TIANJIN,
                                    .action = action,
                                    .numbers = &number,
                                    .number_count = number != 0,
                                    .reply = earlier,
                                    .reason = ""};
    rig_send(rig, sender, EVENT_CLEARING_REPLY, (union books_body){.clearing_reply = answer});
    assert_int_equal(rig_number(rig, 0, 5), BOOKS_REPLY);
}

static void a_bill_clears_when_both_sides_state_it(void **state)
{
    struct rig rig;
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250311);
    assert_int_equal(load(&rig, bill).reason, OPEN_CARE_STATEMENT);
    state_row(&rig, TIANJIN, SIDE_CARE, 20250310, bill, &beijinger_in_tianjin, 0, 0);
    assert_true(rig_delivered_to(&rig, TIANJIN) && rig_delivered_to(&rig, BEIJING));
    assert_false(rig_delivered_to(&rig, HEBEI));
    assert_int_equal(load(&rig, bill).reason, OPEN_INSURED_STATEMENT);
    state_row(&rig, BEIJING, SIDE_INSURED, 20250310, bill, &beijinger_in_tianjin, 0, 1); /* a fen too much */
    assert_int_equal(rig_number(&rig, 16, 5), 0);
    assert_int_equal(message_number(rig_bytes(&rig, 16, 7), 1), DIFFERENCE_ONE_FEN);
    assert_int_equal(load(&rig, bill).reason, OPEN_DIFFERS);
    state_row(&rig, BEIJING, SIDE_INSURED, 20250310, bill, &beijinger_in_tianjin, 0, 0);
    assert_int_equal(clears_in(&rig, bill), 202503);
    state_row(&rig, TIANJIN, SIDE_CARE, 20250310, bill, &beijinger_in_tianjin, 0, -1); /* the last word counts */
    assert_int_equal(clears_in(&rig, bill), 0);
    rig_stop(&rig);
}

static void totals_that_agree_reconcile_all_their_bills(void **state)
{
    struct rig rig;
    struct rig_bill other = beijinger_in_tianjin;
    struct statement_total total = {"310", "21", 2, 0, 300000, 210000, 15000};
    struct statement statement = {
        .day = 20250310, .institution = TIANJIN_HOSPITAL, .side = SIDE_CARE, .totals = &total, .total_count = 1};
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    other.bill_id = "B-2";
    other.total = 200000;
    other.fund = 140000;
    other.account = 10000;
    position_t first = rig_settle(&rig, &beijinger_in_tianjin), second = rig_settle(&rig, &other);
    rig_at(&rig, 20250311);
    rig_send(&rig, TIANJIN, EVENT_STATEMENT, (union books_body){.statement = statement});
    assert_int_equal(rig_number(&rig, 16, 4), 2);
    assert_int_equal(rig_number(&rig, 16, 5), 2);
    statement.side = SIDE_INSURED;
    total.fund++;
    rig_send(&rig, BEIJING, EVENT_STATEMENT, (union books_body){.statement = statement});
    assert_int_equal(rig_rule(&rig), RULE_STATEMENT_ROWS_WANTED);
    assert_int_equal(message_number(rig_bytes(&rig, 16, 7), 1), DIFFERENCE_TOTALS);
    assert_int_equal(message_number(rig_bytes(&rig, 16, 7), 7), 210000);
    assert_int_equal(load(&rig, first).reason, OPEN_DIFFERS);
    total.fund--;
    rig_send(&rig, BEIJING, EVENT_STATEMENT, (union books_body){.statement = statement});
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(clears_in(&rig, first), 202503);
    assert_int_equal(clears_in(&rig, second), 202503);
    rig_stop(&rig);
}

static void a_month_is_generated_issued_and_paid(void **state)
{
    struct rig rig;
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250420);
    both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0); /* the 20th is in */
    rig_tick(&rig);
    assert_false(rig_said(&rig));
    rig_at(&rig, 20250421);
    rig_tick(&rig);
    assert_int_equal(rig_number(&rig, 0, 5), BOOKS_TABLE);
    assert_true(span_equal(rig_bytes(&rig, 0, 2), span_text("exchange")));
    assert_int_equal(rig_number(&rig, 17, 1), 202503);
    assert_int_equal(rig_number(&rig, 17, 4), CLEARING_GENERATED);
    assert_int_equal(rig_number(&rig, 17, 8), 75000);
    assert_int_equal(rig_number(&rig, 17, 13), 20250425);
    assert_false(rig_delivered_to(&rig, HEBEI));
    rig_tick(&rig);
    assert_int_equal(rig_number(&rig, 0, 5), BOOKS_NETS);
    assert_true(rig_delivered_to(&rig, HEBEI));
    reply(&rig, TIANJIN, ACTION_CONFIRM, 0, 0);
    rig_at(&rig, 20250426);
    rig_tick(&rig);
    assert_int_equal(rig_number(&rig, 17, 4), CLEARING_ISSUED);
    assert_int_not_equal(rig_number(&rig, 17, 12), 0); /* confirmed by the region of care; silence confirms too */
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 75000);
    assert_int_equal(rig_balance(&rig, "clearing:110000"), -75000);
    assert_int_equal(run_due(&rig, BOOKS_NOTICE), 1);
    struct payment payment = {202503, BEIJING, TIANJIN, 75000, 20250508};
    rig_send(&rig, TIANJIN, EVENT_PAYMENT, (union books_body){.payment = payment}); /* not paid yet */
    assert_int_equal(rig_rule(&rig), RULE_PAYMENT_UNKNOWN);
    payment.amount++;
    rig_send(&rig, BEIJING, EVENT_PAYMENT, (union books_body){.payment = payment});
    assert_int_equal(rig_rule(&rig), RULE_PAYMENT_UNKNOWN);
    payment.amount--;
    rig_send(&rig, BEIJING, EVENT_PAYMENT, (union books_body){.payment = payment});
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(rig_balance(&rig, "transit:110000:120000"), -75000);
    rig_send(&rig, BEIJING, EVENT_PAYMENT, (union books_body){.payment = payment});
    assert_int_equal(rig_rule(&rig), RULE_PAYMENT_UNKNOWN);
    rig_send(&rig, TIANJIN, EVENT_PAYMENT, (union books_body){.payment = payment});
    assert_int_equal(rig_number(&rig, 20, 5), 3);
    assert_int_equal(rig_balance(&rig, "transit:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 0);
    assert_int_equal(rig_balance(&rig, "advance_used:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "institution:" TIANJIN_HOSPITAL), -75000); /* the region of care pays it */
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

static void rows_are_disputed_and_rolled_back_until_the_table_is_issued(void **state)
{
    struct rig rig;
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin), second = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250401);
    both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    both_state(&rig, 20250310, second, &beijinger_in_tianjin, 0);
    reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_NOT_STANDING);
    rig_at(&rig, 20250421);
    (void)run_due(&rig, BOOKS_TABLE);
    reply(&rig, BEIJING, ACTION_DISPUTE, 999, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_ROW_UNKNOWN);
    reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0);
    assert_int_equal(rig_number(&rig, 19, 6), 1);
    assert_int_equal(rig_number(&rig, 19, 7), 75000);
    uint64_t number = rig_number(&rig, 19, 5);
    assert_int_equal(load(&rig, bill).reason, OPEN_DISPUTED);
    reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_ROW_UNKNOWN);
    reply(&rig, TIANJIN, ACTION_ROLL_BACK, 0, number);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_REPLY_UNKNOWN); /* not its own */
    reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, number);
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(clears_in(&rig, bill), 202503);
    reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, number);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_REPLY_UNKNOWN);
    reply(&rig, BEIJING, ACTION_CONFIRM, second, 0);
    number = rig_number(&rig, 19, 5);
    reply(&rig, BEIJING, ACTION_DISPUTE, second, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_ROW_CONFIRMED);
    reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, number);
    reply(&rig, BEIJING, ACTION_DISPUTE, second, 0);
    number = rig_number(&rig, 19, 5);
    rig_at(&rig, 20250426);
    reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, number);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_NOT_STANDING);
    (void)run_due(&rig, BOOKS_TABLE);
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 75000);
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), -75000);
    state_row(&rig, TIANJIN, SIDE_CARE, 20250310, second, &beijinger_in_tianjin, 0, 0); /* not who disputed */
    assert_int_equal(clears_in(&rig, second), 0);
    state_row(&rig, BEIJING, SIDE_INSURED, 20250310, second, &beijinger_in_tianjin, 0, 0);
    assert_int_equal(clears_in(&rig, second), 202504);
    rig_stop(&rig);
}

static void a_reversal_after_clearing_enters_the_running_month(void **state)
{
    struct rig rig;
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250401);
    both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    rig_at(&rig, 20250430);
    (void)run_due(&rig, BOOKS_TABLE);
    position_t reversal = rig_reverse(&rig, bill, &beijinger_in_tianjin);
    rig_at(&rig, 20250502);
    both_state(&rig, 20250430, reversal, &beijinger_in_tianjin, bill);
    assert_int_equal(clears_in(&rig, bill), 202503);
    assert_int_equal(clears_in(&rig, reversal), 202504);
    rig_at(&rig, 20250526);
    (void)run_due(&rig, BOOKS_TABLE);
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 0);
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "institution:" TIANJIN_HOSPITAL), 0);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

static void a_reversal_never_clears_before_what_it_takes_back(void **state)
{
    struct rig rig;
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    position_t reversal = rig_reverse(&rig, bill, &beijinger_in_tianjin);
    rig_at(&rig, 20250401);
    both_state(&rig, 20250310, reversal, &beijinger_in_tianjin, bill);
    assert_int_equal(load(&rig, reversal).reason, OPEN_ORIGINAL);
    both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(clears_in(&rig, bill), 202503);
    assert_int_equal(clears_in(&rig, reversal), 202503); /* it followed */
    rig_at(&rig, 20250422);
    (void)run_due(&rig, BOOKS_TABLE);
    reply(&rig, BEIJING, ACTION_DISPUTE, bill, 0); /* and goes along */
    assert_int_equal(clears_in(&rig, reversal), 0);
    reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, rig_number(&rig, 19, 5));
    assert_int_equal(clears_in(&rig, reversal), 202503);
    rig_stop(&rig);
}

static void advance_funds_are_deposited_bound_and_freed(void **state)
{
    struct rig rig;
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    struct advance_deposit deposit = {BEIJING, TIANJIN, 100000, 20250310, false, 0};
    position_t number = rig_send(&rig, BEIJING, EVENT_ADVANCE_DEPOSIT, (union books_body){.advance_deposit = deposit});
    assert_int_equal(rig_number(&rig, 21, 3), 100000);
    assert_int_equal(rig_number(&rig, 21, 4), 0);
    assert_int_equal(rig_number(&rig, 21, 6), 100000); /* pending */
    deposit.deposit = number;
    deposit.amount--;
    rig_send(&rig, TIANJIN, EVENT_ADVANCE_DEPOSIT, (union books_body){.advance_deposit = deposit});
    assert_int_equal(rig_rule(&rig), RULE_DEPOSIT_UNKNOWN);
    deposit.amount++;
    rig_send(&rig, TIANJIN, EVENT_ADVANCE_DEPOSIT, (union books_body){.advance_deposit = deposit});
    assert_int_equal(rig_number(&rig, 21, 4), 100000); /* final */
    rig_send(&rig, TIANJIN, EVENT_ADVANCE_DEPOSIT, (union books_body){.advance_deposit = deposit});
    assert_int_equal(rig_rule(&rig), RULE_DEPOSIT_UNKNOWN); /* once */
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250401);
    both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    rig_at(&rig, 20250421);
    (void)run_due(&rig, BOOKS_TABLE);
    rig_at(&rig, 20250426);
    struct books *books = rig.harness.self;
    bool warned = false;
    do {
        rig_tick(&rig);
        if (rig_number(&rig, 0, 5) != BOOKS_ADVANCE)
            continue;
        warned = true;
        assert_int_equal(rig_number(&rig, 21, 8), 75000);
        assert_int_equal(rig_number(&rig, 21, 9), 7500);
        assert_int_equal(rig_number(&rig, 21, 10), 1); /* yellow */
        assert_int_equal(rig_number(&rig, 21, 5), 75000);
        assert_int_equal(rig_number(&rig, 21, 4), 25000);
    } while (books->first_due <= books->today);
    assert_true(warned);
    assert_int_equal(rig_balance(&rig, "advance:110000:120000") + rig_balance(&rig, "advance_used:110000:120000"),
                     100000);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

static void an_investigation_holds_answers_and_adjusts(void **state)
{
    struct rig rig;
    struct investigation ask = {.text = "两次手术?"}, answer = {.text = "一次"}, finding = {.text = "多计一次"};
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250311);
    both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(clears_in(&rig, bill), 202503);
    ask.about = bill;
    rig_send(&rig, HEBEI, EVENT_INVESTIGATION_REQUEST, (union books_body){.investigation = ask});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_NOT_PARTY);
    position_t request = rig_send(&rig, BEIJING, EVENT_INVESTIGATION_REQUEST, (union books_body){.investigation = ask});
    assert_int_equal(rig_number(&rig, 22, 5), 20250409); /* 20 working days, Qingming not counted */
    assert_int_equal(rig_number(&rig, 22, 8), 1);
    assert_int_equal(load(&rig, bill).reason, OPEN_INVESTIGATED);
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_REQUEST, (union books_body){.investigation = ask});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_OPEN);
    finding.about = answer.about = request;
    finding.verdict = VERDICT_WRONG_PART;
    finding.amount = 20000;
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union books_body){.investigation = finding});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_STEP);
    rig_at(&rig, 20250410);
    rig_tick(&rig);
    assert_int_equal(rig_number(&rig, 0, 5), BOOKS_OVERDUE);
    rig_tick(&rig);
    assert_false(rig_said(&rig)); /* once */
    rig_send(&rig, BEIJING, EVENT_INVESTIGATION_ANSWER, (union books_body){.investigation = answer});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_NOT_PARTY); /* its own question */
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_ANSWER, (union books_body){.investigation = answer});
    assert_int_equal(rig_rule(&rig), 0);
    rig_send(&rig, BEIJING, EVENT_INVESTIGATION_FINDING, (union books_body){.investigation = finding});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_NOT_PARTY);
    finding.amount = 75001;
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union books_body){.investigation = finding});
    assert_int_equal(rig_rule(&rig), RULE_INVESTIGATION_AMOUNT);
    finding.amount = 20000;
    position_t adjustment =
        rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union books_body){.investigation = finding});
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(clears_in(&rig, bill), 202503); /* free again, and still in time */
    assert_int_equal(clears_in(&rig, adjustment), 202504);
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), -55000);
    assert_int_equal(rig_balance(&rig, "adjusted:110000:310"), -20000);
    assert_books_sum_to_zero(&rig);
    position_t reversal = rig_reverse(&rig, bill, &beijinger_in_tianjin); /* takes back what is left */
    assert_int_equal(rig_balance(&rig, "payable:110000:120000"), 0);
    assert_int_equal(rig_balance(&rig, "adjusted:110000:310"), 0);
    struct book_bill item = load(&rig, reversal);
    assert_int_equal(book_bill_amount(&item), -55000);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

static void an_investigation_is_offered_for_costly_stays(void **state)
{
    struct rig rig;
    struct rig_bill bill = beijinger_in_tianjin;
    (void)state;
    start(&rig);
    bill.total = 3000000;
    rig_settle(&rig, &bill);
    assert_false(rig_said(&rig)); /* 30,000 yuan is not above */
    bill.total++;
    rig_settle(&rig, &bill);
    assert_int_equal(rig_number(&rig, 0, 5), BOOKS_INVESTIGATION);
    assert_int_equal(rig_number(&rig, 22, 3), 1);
    bill.care_kind = "11";
    rig_settle(&rig, &bill);
    assert_false(rig_said(&rig)); /* no stay */
    rig_stop(&rig);
}

static void institutions_are_supervised_by_their_figures(void **state)
{
    struct rig rig;
    struct rig_bill bill = beijinger_in_tianjin;
    struct buffer question;
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    rig_institution(&rig, TIANJIN_HOSPITAL, 3);
    rig_institution(&rig, BEIJING_HOSPITAL, 3);
    position_t first = rig_settle(&rig, &bill);
    bill.admission = 20250308; /* before the discharge on the 9th */
    bill.discharge = 20250312;
    bill.bill_id = "B-2";
    rig_settle(&rig, &bill);
    bill.admission = 20250312; /* on the day of discharge: a transfer */
    bill.discharge = 20250313;
    rig_settle(&rig, &bill);
    bill.care_kind = "11";
    bill.admission = bill.discharge = 20250320;
    rig_settle(&rig, &bill);
    rig_settle(&rig, &bill); /* the same again */
    rig_refuse(&rig, TIANJIN_HOSPITAL);
    rig_reverse(&rig, first, &beijinger_in_tianjin);
    bill = beijinger_in_tianjin;
    bill.institution = BEIJING_HOSPITAL;
    bill.insured_area = TIANJIN;
    bill.person = "120101199003070013";
    for (int i = 0; i < 30; i++) {
        bill.admission = bill.discharge = 20250310 + (civil_date_t)i % 3;
        bill.total = 1 + i;
        rig_settle(&rig, &bill);
    }
    buffer_init(&question);
    wire_put_uint(&question, 1, 202503);
    struct span answer = rig_ask(&rig, 6, buffer_span(&question));
    assert_int_equal(message_count(answer, 7), 2);
    struct span there = message_bytes(answer, 7, 0), here = message_bytes(answer, 7, 1);
    assert_true(span_equal(message_bytes(here, 1, 0), span_text(TIANJIN_HOSPITAL)));
    assert_int_equal(message_number(here, 3), 5); /* settled */
    assert_int_equal(message_number(here, 4), 1); /* reversed */
    assert_int_equal(message_number(here, 5), 1); /* refused */
    assert_int_equal(message_number(here, 6), 2); /* stays that stand */
    assert_int_equal(message_number(here, 12), 1);
    assert_int_equal(message_number(here, 13), 1);
    assert_int_equal(message_count(here, 14), 2); /* six bills are too few for rates */
    assert_int_equal(message_number(there, 6), 30);
    assert_int_equal(message_count(there, 14), 0);
    for (int i = 0; i < 20; i++) {
        bill = beijinger_in_tianjin;
        bill.person = "130102199003070015";
        bill.admission = bill.discharge = 20250301 + (civil_date_t)i;
        bill.total = 500000 + i;
        rig_settle(&rig, &bill);
        rig_refuse(&rig, TIANJIN_HOSPITAL);
    }
    answer = rig_ask(&rig, 6, buffer_span(&question));
    here = message_bytes(answer, 7, 1);
    assert_true(span_equal(message_bytes(here, 14, 0), span_text("refusals")));
    assert_true(span_equal(message_bytes(here, 14, 1), span_text("mean cost")));
    buffer_fini(&question);
    rig_stop(&rig);
}

static void the_sum_tree_is_answered_from_the_bills(void **state)
{
    struct rig rig;
    struct buffer question;
    (void)state;
    start(&rig);
    rig_at(&rig, 20250310);
    for (int i = 0; i < 100; i++) {
        struct rig_bill bill = beijinger_in_tianjin;
        bill.institution = i % 2 == 0 ? TIANJIN_HOSPITAL : HEBEI_HOSPITAL;
        rig_at(&rig, 20250310 + (civil_date_t)i / 25);
        rig_settle(&rig, &bill);
    }
    buffer_init(&question);
    size_t range = wire_begin(&question, 1); /* everything, and we say that there is nothing */
    wire_end(&question, wire_begin(&question, 1));
    wire_put_uint(&question, 4, 1);
    wire_end(&question, range);
    struct span tree = message_bytes(rig_ask(&rig, 5, buffer_span(&question)), 6, 0);
    struct span cut = message_bytes(tree, 1, 0);
    assert_int_equal(message_count(cut, 3), 4); /* four days */
    assert_int_equal(message_number(message_bytes(cut, 3, 0), 2), 25);
    wire_put_uint(&question, 2, SIDE_CARE);
    wire_put_text(&question, 3, TIANJIN);
    tree = message_bytes(rig_ask(&rig, 5, buffer_span(&question)), 6, 0);
    cut = message_bytes(tree, 1, 0);
    assert_int_equal(message_number(message_bytes(cut, 3, 0), 2), 13);
    buffer_fini(&question);
    rig_stop(&rig);
}

static void without_a_policy_nothing_clears(void **state)
{
    struct rig rig;
    (void)state;
    rig_start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250311);
    both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(load(&rig, bill).reason, OPEN_NO_POLICY);
    rig_policy(&rig, "data/clearing/2025.yaml", &policy);
    both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(clears_in(&rig, bill), 202503);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bill_clears_when_both_sides_state_it),
        cmocka_unit_test(totals_that_agree_reconcile_all_their_bills),
        cmocka_unit_test(a_month_is_generated_issued_and_paid),
        cmocka_unit_test(rows_are_disputed_and_rolled_back_until_the_table_is_issued),
        cmocka_unit_test(a_reversal_after_clearing_enters_the_running_month),
        cmocka_unit_test(a_reversal_never_clears_before_what_it_takes_back),
        cmocka_unit_test(advance_funds_are_deposited_bound_and_freed),
        cmocka_unit_test(an_investigation_holds_answers_and_adjusts),
        cmocka_unit_test(an_investigation_is_offered_for_costly_stays),
        cmocka_unit_test(institutions_are_supervised_by_their_figures),
        cmocka_unit_test(the_sum_tree_is_answered_from_the_bills),
        cmocka_unit_test(without_a_policy_nothing_clears),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
