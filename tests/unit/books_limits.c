/* SPDX-License-Identifier: Apache-2.0
 * Limits of the books under version 2 of logic: beyond the published calendar they are provisional and stated anew when
 * it comes; what is due is done before the first message of its day. */

#include "tests/support/gazettes.h"
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

enum { AMOUNT = 75000 };
#define OCTOBER_31 INT64_C(1761840000000) /* 2025-10-30T16:00:00.000Z: books_boundaries_money.c */

static void publish(void *rig, const struct gazette *gazette)
{
    rig_send(rig, "operator", EVENT_GAZETTE, (union event_body){.gazette = gazette});
}

static void publish_2027(struct rig *rig)
{
    struct gazette gazette = gazette_calendar_2027();
    publish(rig, &gazette);
    harness_restart(&rig->harness);
}

static void start(struct rig *rig)
{
    rig_start_with_policy(rig);
    gazettes_publish(publish, rig);
    rig_send(rig, "operator", EVENT_LOGIC_VERSION, (union event_body){.logic = {.version = 2, .reason = ""}});
}

/* November 2026 is issued on 26 December: 20 working days by the week end with 22 January, by the calendar of 2027,
 * with
 * its 1 January, with the 25th. */
static void start_with_a_notice_of_2026(struct rig *rig, fen_t deposit)
{
    start(rig);
    rig_deposit(rig, deposit, true);
    rig_reconcile_one(rig, 20261110, 20261220, AMOUNT);
    rig_generate_and_wait(rig, 20261221, 20261226);
}

static position_t pay(struct rig *rig, const char *sender, uint32_t month)
{
    struct payment payment = {month, BEIJING, TIANJIN, AMOUNT, 20261228, ""};
    position_t position = rig_send(rig, sender, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig_rule(rig), 0);
    return position;
}

static void assert_notice(const struct rig *rig, civil_date_t ask_by, civil_date_t confirm_by, bool provisional)
{
    assert_int_equal(rig->said.kind, BOOKS_PAYMENT_NOTICE);
    assert_int_equal(rig->said.payment->ask_by, ask_by);
    assert_int_equal(rig->said.payment->confirm_by, confirm_by);
    assert_int_equal(rig->said.payment->provisional, provisional);
    assert_true(rig_delivered_to(rig, BEIJING) && rig_delivered_to(rig, TIANJIN));
}

TEST(a_notice_beyond_the_calendar_is_stated_anew_once)
{
    struct rig rig;
    start_with_a_notice_of_2026(&rig, 1000000);
    assert_true(rig_do_until(&rig, BOOKS_PAYMENT_NOTICE));
    assert_notice(&rig, 20270101, 20270122, true);
    rig_at(&rig, 20270110);
    (void)rig_do_due(&rig, BOOKS_PAYMENT_NOTICE);
    publish_2027(&rig);
    assert_notice(&rig, 20270104, 20270125, false); /* the first position at which nothing else is said is its own */
    assert_int_equal(rig_do_due(&rig, BOOKS_PAYMENT_NOTICE), 0);
    rig_at(&rig, 20270125);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
    rig_at(&rig, 20270126);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 1);
    rig_stop(&rig);
}

/* Without a calendar the week goes on, and what is late is told. */
TEST(a_provisional_notice_is_overdue_by_the_week_and_in_time_again)
{
    struct rig rig;
    start_with_a_notice_of_2026(&rig, 1000000);
    assert_true(rig_do_until(&rig, BOOKS_PAYMENT_NOTICE));
    rig_at(&rig, 20270122);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
    rig_at(&rig, 20270123);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 1);
    publish_2027(&rig);
    assert_notice(&rig, 20270104, 20270125, false);
    rig_at(&rig, 20270126);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 1); /* late by the day that is right */
    rig_stop(&rig);
}

TEST(what_is_paid_is_not_stated_anew)
{
    struct rig rig;
    start_with_a_notice_of_2026(&rig, 1000000);
    assert_true(rig_do_until(&rig, BOOKS_PAYMENT_NOTICE));
    pay(&rig, BEIJING, 202611);
    pay(&rig, TIANJIN, 202611);
    (void)rig_do_due(&rig, BOOKS_PAYMENT_NOTICE);
    publish_2027(&rig);
    assert_int_equal(rig_do_due(&rig, BOOKS_PAYMENT_NOTICE), 0);
    rig_at(&rig, 20270201);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
    rig_stop(&rig);
}

/* 3, 10 and 10 working days from 26 December. */
TEST(a_top_up_beyond_the_calendar)
{
    struct rig rig;
    start_with_a_notice_of_2026(&rig, 80000);
    assert_true(rig_do_until(&rig, BOOKS_ADVANCE));
    civil_date_t pay_by = (civil_date_t)rig.said.advance->pay_by;
    assert_true(pay_by > 20270101);
    assert_int_equal(rig.said.advance->provisional, true);
    (void)rig_do_due(&rig, BOOKS_ADVANCE);
    rig_at(&rig, 20270105);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 1); /* not announced */
    publish_2027(&rig);
    assert_true(rig.said.kind == BOOKS_ADVANCE || rig_do_until(&rig, BOOKS_ADVANCE));
    assert_true(rig.said.advance->pay_by > pay_by);
    pay_by = (civil_date_t)rig.said.advance->pay_by;
    assert_int_equal(rig.said.advance->provisional, false);
    assert_int_equal(rig_do_due(&rig, BOOKS_ADVANCE), 0);
    rig_at(&rig, pay_by);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
    rig_at(&rig, civil_date_add_days(pay_by, 1));
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 1);
    rig_stop(&rig);
}

static position_t ask(struct rig *rig, position_t bill)
{
    struct investigation event = {.about = bill, .text = "?"};
    return rig_send(rig, BEIJING, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = event});
}

static void answer(struct rig *rig, position_t request)
{
    struct investigation event = {.about = request, .text = "!"};
    rig_send(rig, TIANJIN, EVENT_INVESTIGATION_ANSWER, (union event_body){.investigation = event});
    assert_int_equal(rig_rule(rig), 0);
    assert_int_equal(rig->said.investigation->stage, INVESTIGATION_ANSWERED);
}

TEST(an_answers_limit_beyond_the_calendar)
{
    struct rig rig;
    start(&rig);
    rig_at(&rig, 20261204);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin), request = ask(&rig, bill);
    assert_int_equal(rig_rule(&rig), RULE_BOOKS_LIMIT_PROVISIONAL);
    assert_int_equal(rig.said.investigation->answer_by, 20270101);
    assert_int_equal(rig.said.investigation->provisional, true);
    rig_at(&rig, 20270102);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 1);
    assert_int_equal(rig.said.investigation->stage, INVESTIGATION_OVERDUE);
    publish_2027(&rig);
    assert_int_equal(rig.said.kind, BOOKS_INVESTIGATION);
    assert_int_equal(rig.said.investigation->stage, INVESTIGATION_REQUESTED);
    assert_int_equal(rig.said.investigation->answer_by, 20270104);
    assert_int_equal(rig.said.investigation->provisional, false);
    rig_at(&rig, 20270104);
    answer(&rig, request);
    rig_at(&rig, 20270201);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
    rig_stop(&rig);
}

/* ---- what is due comes first ---- */

TEST(a_confirmation_that_is_first_after_its_limit_is_overdue)
{
    for (unsigned late = 0; late < 2; late++) {
        struct rig rig;
        start(&rig);
        rig_deposit(&rig, 1000000, true);
        rig_reconcile_one(&rig, 20250810, 20250920, AMOUNT);
        rig_generate_and_wait(&rig, 20250921, 20250926);
        assert_true(rig_do_until(&rig, BOOKS_PAYMENT_NOTICE));
        (void)rig_do_due(&rig, BOOKS_ADVANCE);
        pay(&rig, BEIJING, 202508);
        rig_at_instant(&rig, OCTOBER_31 - !late);
        pay(&rig, TIANJIN, 202508);
        assert_int_equal(rig.said.kind, BOOKS_PAYMENT);
        assert_int_equal(rig.said.payment->state, PAYMENT_CONFIRMED);
        rig_at_instant(&rig, OCTOBER_31);
        rig_tick(&rig);
        assert_int_equal(rig_said(&rig), late);
        if (late) {
            assert_int_equal(rig.said.kind, BOOKS_OVERDUE);
            assert_int_equal(rig.said.payment->state, PAYMENT_CONFIRMED);
        }
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        rig_stop(&rig);
    }
}

TEST(an_answer_that_is_first_after_its_limit_is_overdue)
{
    struct rig rig;
    start(&rig);
    rig_at(&rig, 20250926);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin), request = ask(&rig, bill);
    rig_at_instant(&rig, OCTOBER_31);
    answer(&rig, request);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 1);
    rig_stop(&rig);
}

TEST(a_deposit_that_is_first_after_its_limit_is_overdue)
{
    struct rig rig;
    start(&rig);
    rig_deposit(&rig, 80000, true);
    rig_reconcile_one(&rig, 20250810, 20250920, AMOUNT);
    rig_generate_and_wait(&rig, 20250921, 20250926);
    assert_true(rig_do_until(&rig, BOOKS_ADVANCE));
    (void)rig_do_due(&rig, BOOKS_ADVANCE);
    rig_at_start_of(&rig, 20251001); /* announced until 30 September */
    rig_deposit(&rig, 27143, true);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 1);
    rig_at(&rig, 20251030);
    assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
    rig_stop(&rig);
}

TEST(a_reply_at_the_first_position_of_the_21st_finds_the_table)
{
    struct rig rig;
    start(&rig);
    rig_at(&rig, 20250310);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250420);
    rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
    rig_reply(&rig, TIANJIN, ACTION_CONFIRM, bill, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_NOT_STANDING);
    rig_at_start_of(&rig, 20250421);
    rig_reply(&rig, TIANJIN, ACTION_CONFIRM, bill, 0);
    assert_int_equal(rig_rule(&rig), 0);
    assert_int_equal(rig_do_due(&rig, BOOKS_CLEARING_TABLE), 1);
    rig_at_start_of(&rig, 20250426);
    rig_reply(&rig, BEIJING, ACTION_CONFIRM, bill, 0);
    assert_int_equal(rig_rule(&rig), RULE_CLEARING_NOT_STANDING);
    assert_int_equal(rig_do_due(&rig, BOOKS_PAYMENT_NOTICE), 1);
    assert_int_equal(rig_balance(&rig, "clearing:110000"), -AMOUNT);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}
