/* SPDX-License-Identifier: Apache-2.0
 * The books at the boundaries of money between the regions: limits in working days of the real calendar and beyond its
 * end, payments too late, findings for all and more. */
#include "common/engines/advance/advance.h"
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

enum { AMOUNT = 75000 };
/* 26 September 2025, counted from: National Day is off from the 1st to the 8th, 28 September and 11 October are worked,
 * so that 20 working days end with 30 October. */
#define OCTOBER_31 INT64_C(1761840000000) /* 2025-10-30T16:00:00.000Z */

/* ---- payments ---- */

static void start_with_a_notice(struct rig *rig)
{
    rig_start_with_policy(rig);
    rig_deposit(rig, 1000000, true); /* enough: no top-up is asked for */
    rig_reconcile_one(rig, 20250810, 20250920, AMOUNT);
    rig_generate_and_wait(rig, 20250921, 20250926);
    assert_true(rig_do_until(rig, BOOKS_PAYMENT_NOTICE));
    (void)rig_do_due(rig, BOOKS_ADVANCE);
}

static void pay(struct rig *rig, const char *sender)
{
    struct payment payment = {202508, BEIJING, TIANJIN, AMOUNT, 20251010, ""};
    rig_send(rig, sender, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig_rule(rig), 0);
}

TEST(a_notice_counts_5_and_10_and_5_working_days)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_reconcile_one(&rig, 20250810, 20250920, AMOUNT);
    rig_generate_and_wait(&rig, 20250921, 20250925);
    assert_false(rig_do_until(&rig, BOOKS_PAYMENT_NOTICE)); /* replies may still come */
    rig_at_start_of(&rig, 20250926);
    assert_true(rig_do_until(&rig, BOOKS_PAYMENT_NOTICE));
    assert_int_equal(rig.said.payment->month, 202508);
    assert_int_equal(rig.said.payment->state, PAYMENT_NOTIFIED);
    assert_int_equal(rig.said.payment->ask_by, 20251010);
    assert_int_equal(rig.said.payment->pay_by, 20251023);
    assert_int_equal(rig.said.payment->confirm_by, 20251030);
    assert_true(rig_delivered_to(&rig, BEIJING) && rig_delivered_to(&rig, TIANJIN));
    assert_false(rig_do_until(&rig, BOOKS_PAYMENT_NOTICE));
    rig_stop(&rig);
}

/* Never on the last day; once on the first day after; and what comes late is still taken. */
TEST(a_late_payment_is_overdue_once)
{
    static const struct {
        int steps_in_time; /* of the payer's word and the payee's */
        unsigned overdue;
    } table[] = {{0, 1}, {1, 1}, {2, 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        const char *const senders[2] = {BEIJING, TIANJIN};
        start_with_a_notice(&rig);
        for (civil_date_t day = 20251010; day <= 20251030; day++) {
            rig_at(&rig, day);
            assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        }
        rig_at_instant(&rig, OCTOBER_31 - 1);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        for (int step = 0; step < table[i].steps_in_time; step++)
            pay(&rig, senders[step]);
        rig_at_instant(&rig, OCTOBER_31);
        rig_tick(&rig);
        assert_int_equal(rig_said(&rig), table[i].overdue != 0);
        if (rig_said(&rig)) {
            assert_int_equal(rig.said.kind, BOOKS_OVERDUE);
            assert_int_equal(rig.said.payment->state, PAYMENT_NOTIFIED + table[i].steps_in_time);
            assert_true(rig_delivered_to(&rig, BEIJING) && rig_delivered_to(&rig, TIANJIN));
        }
        for (civil_date_t day = 20251031; day <= 20251130; day += day == 20251031 ? 70 : 1) {
            rig_at(&rig, day);
            assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        }
        for (int step = table[i].steps_in_time; step < 2; step++)
            pay(&rig, senders[step]);
        assert_int_equal(rig_balance(&rig, "clearing:120000"), 0);
        assert_int_equal(rig_balance(&rig, "clearing:110000"), 0);
        assert_int_equal(rig_balance(&rig, "advance_used:110000:120000"), 0);
        rig_at(&rig, 20251201);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        assert_books_sum_to_zero(&rig);
        rig_stop(&rig);
    }
}

/* What is refused changes nothing. */
TEST(a_payment_is_taken_once_as_it_was_noticed)
{
    static const struct {
        const char *sender, *payer, *payee;
        uint32_t month;
        fen_t amount;
        enum rule rule;
    } table[] = {
        {TIANJIN, BEIJING, TIANJIN, 202508, AMOUNT, RULE_PAYMENT_UNKNOWN},     /* before the payer said so */
        {BEIJING, BEIJING, TIANJIN, 202508, AMOUNT - 1, RULE_PAYMENT_UNKNOWN}, /* another amount */
        {BEIJING, BEIJING, TIANJIN, 202508, AMOUNT + 1, RULE_PAYMENT_UNKNOWN},
        {BEIJING, BEIJING, HEBEI, 202508, AMOUNT, RULE_PAYMENT_UNKNOWN}, /* another pair */
        {TIANJIN, TIANJIN, BEIJING, 202508, AMOUNT, RULE_PAYMENT_UNKNOWN},
        {BEIJING, TIANJIN, BEIJING, 202508, AMOUNT, RULE_PAYMENT_UNKNOWN},
        {BEIJING, BEIJING, TIANJIN, 202507, AMOUNT, RULE_PAYMENT_UNKNOWN}, /* another month */
        {BEIJING, BEIJING, TIANJIN, 202509, AMOUNT, RULE_PAYMENT_UNKNOWN},
        {BEIJING, BEIJING, TIANJIN, 202508, AMOUNT, RULE_NONE},
        {BEIJING, BEIJING, TIANJIN, 202508, AMOUNT, RULE_PAYMENT_UNKNOWN}, /* twice */
        {TIANJIN, BEIJING, TIANJIN, 202508, AMOUNT - 1, RULE_PAYMENT_UNKNOWN},
        {TIANJIN, BEIJING, TIANJIN, 202508, AMOUNT, RULE_NONE},
        {TIANJIN, BEIJING, TIANJIN, 202508, AMOUNT, RULE_PAYMENT_UNKNOWN},
        {BEIJING, BEIJING, TIANJIN, 202508, AMOUNT, RULE_PAYMENT_UNKNOWN}, /* from the start again */
    };
    struct rig rig;
    start_with_a_notice(&rig);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct payment payment = {table[i].month, table[i].payer, table[i].payee, table[i].amount, 20251010, ""};
        uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
        harness_digest(&rig.harness, before);
        rig_send(&rig, table[i].sender, EVENT_PAYMENT, (union event_body){.payment = payment});
        harness_digest(&rig.harness, after);
        if (rig_rule(&rig) != (uint32_t)table[i].rule)
            fail_msg("row %zu: rule %u", i, rig_rule(&rig));
        assert_int_equal(memcmp(before, after, DIGEST_SIZE) == 0, table[i].rule != RULE_NONE);
    }
    assert_int_equal(rig_balance(&rig, "clearing:120000"), 0);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

/* Beijing to Tianjin to Hebei to Beijing, the same amount: nobody pays, and what was bound is free. */
TEST(a_circle_of_equal_amounts_needs_no_payment)
{
    static const char *const areas[3] = {BEIJING, TIANJIN, "130100"},
                             *const hospitals[3] = {TIANJIN_HOSPITAL, HEBEI_HOSPITAL, BEIJING_HOSPITAL},
                             *const regions[3] = {BEIJING, TIANJIN, HEBEI};
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_deposit(&rig, 100000, true);
    rig_at(&rig, 20250310);
    struct rig_bill bills[3];
    position_t numbers[3];
    for (int i = 0; i < 3; i++) {
        bills[i] = beijinger_in_tianjin;
        bills[i].insured_area = areas[i];
        bills[i].institution = hospitals[i];
        numbers[i] = rig_settle(&rig, &bills[i]);
    }
    rig_at(&rig, 20250401);
    for (int i = 0; i < 3; i++) {
        rig_state_row(&rig, regions[(i + 1) % 3], SIDE_CARE, 20250310, numbers[i], &bills[i], 0, 0);
        rig_state_row(&rig, regions[i], SIDE_INSURED, 20250310, numbers[i], &bills[i], 0, 0);
        assert_int_equal(rig_clears_in(&rig, numbers[i]), 202503);
    }
    rig_generate_and_wait(&rig, 20250421, 20250426);
    assert_true(rig_do_until(&rig, BOOKS_NET_POSITIONS));
    for (unsigned i = 0; i < 3; i++) {
        const struct net_position *net = &rig.said.net_positions->nets[i];
        assert_int_equal(net->receivable, AMOUNT);
        assert_int_equal(net->payable, AMOUNT);
        assert_int_equal(net->net, 0);
    }
    assert_int_equal(rig_do_due(&rig, BOOKS_PAYMENT_NOTICE), 0);
    assert_int_equal(rig_balance(&rig, "advance:110000:120000"), 100000);
    assert_int_equal(rig_balance(&rig, "advance_used:110000:120000"), 0);
    for (int i = 0; i < 3; i++) {
        char account[24];
        (void)snprintf(account, sizeof account, "clearing:%s", regions[i]);
        assert_int_equal(rig_balance(&rig, account), 0);
    }
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

/* ---- investigations ---- */

TEST(a_stay_above_30000_yuan_is_offered_to_both_sides)
{
    static const struct {
        fen_t total;
        const char *care_kind;
        bool offered;
    } table[] = {{3000000, "21", false}, {3000001, "21", true}, {3000001, "52", true}, {3000001, "11", false}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        struct rig_bill bill = beijinger_in_tianjin;
        bill.total = table[i].total;
        bill.care_kind = table[i].care_kind;
        rig_start_with_policy(&rig);
        position_t number = rig_settle(&rig, &bill);
        assert_int_equal(rig_said(&rig), table[i].offered);
        if (table[i].offered) {
            assert_int_equal(rig.said.kind, BOOKS_INVESTIGATION);
            assert_int_equal(rig.said.investigation->settlement, number);
            assert_int_equal(rig.said.investigation->stage, INVESTIGATION_OFFERED);
            assert_true(rig_delivered_to(&rig, BEIJING) && rig_delivered_to(&rig, TIANJIN));
            assert_false(rig_delivered_to(&rig, HEBEI));
        }
        assert_int_equal(rig_load(&rig, number).reason, OPEN_CARE_STATEMENT); /* an offer holds nothing */
        rig_stop(&rig);
    }
}

static position_t ask(struct rig *rig, position_t bill)
{
    struct investigation event = {.about = bill, .text = "?"};
    return rig_send(rig, BEIJING, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = event});
}

static uint32_t answer(struct rig *rig, position_t request)
{
    struct investigation event = {.about = request, .text = "!"};
    rig_send(rig, TIANJIN, EVENT_INVESTIGATION_ANSWER, (union event_body){.investigation = event});
    return rig_rule(rig);
}

static uint32_t find(struct rig *rig, position_t request, enum investigation_verdict verdict, fen_t amount)
{
    struct investigation event = {.about = request, .verdict = verdict, .amount = amount, .text = "."};
    rig_send(rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = event});
    return rig_rule(rig);
}

/* Asked on 26 September 2025: the 20th working day is 30 October. */
TEST(an_answer_is_due_on_the_20th_working_day)
{
    static const struct {
        instant_ms_t answered;
        unsigned overdue; /* said before the answer, which is taken all the same */
    } table[] = {{OCTOBER_31 - 1, 0}, {OCTOBER_31, 1}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        rig_start_with_policy(&rig);
        rig_at(&rig, 20250926);
        position_t bill = rig_settle(&rig, &beijinger_in_tianjin), request = ask(&rig, bill);
        assert_int_equal(rig.said.investigation->answer_by, 20251030);
        rig_at_instant(&rig, table[i].answered);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), table[i].overdue);
        assert_int_equal(answer(&rig, request), 0);
        assert_int_equal(rig.said.investigation->stage, INVESTIGATION_ANSWERED);
        assert_int_equal(rig_rule(&rig), 0);
        rig_at(&rig, 20251101);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        assert_int_equal(answer(&rig, request), RULE_INVESTIGATION_STEP); /* once */
        rig_stop(&rig);
    }
}

TEST(an_answers_limit_ends_with_the_calendar)
{
    static const struct {
        civil_date_t asked, answer_by;
    } table[] = {{20261203, 20261231}, {20261204, 0}, {20270104, 0}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        bool known = table[i].answer_by != 0;
        rig_start_with_policy(&rig);
        rig_at(&rig, table[i].asked);
        position_t bill = rig_settle(&rig, &beijinger_in_tianjin), request = ask(&rig, bill);
        assert_int_equal(rig_rule(&rig), known ? 0 : RULE_CALENDAR_UNKNOWN);
        assert_int_equal(rig.said.investigation->stage, INVESTIGATION_REQUESTED); /* asked it is */
        assert_int_equal(rig.said.investigation->answer_by, table[i].answer_by);
        rig_at(&rig, 20261231);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        rig_at(&rig, 20270101);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), known);
        rig_at(&rig, 20270201);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        assert_int_equal(answer(&rig, request), 0);
        assert_int_equal(find(&rig, request, VERDICT_CONFIRMED, 0), 0);
        rig_stop(&rig);
    }
}

/* Two findings against one bill of 75,000 fen, then its reversal. */
TEST(findings_take_off_what_is_left_and_no_more)
{
    static const struct {
        enum investigation_verdict first;
        fen_t first_amount;
        enum investigation_verdict second;
        fen_t second_amount;
        uint32_t second_rule;
        fen_t left;
    } table[] = {
        {VERDICT_WRONG_PART, AMOUNT, VERDICT_WRONG_PART, 1, RULE_INVESTIGATION_AMOUNT, 0},
        {VERDICT_WRONG_PART, AMOUNT, VERDICT_WRONG_WHOLE, 0, RULE_INVESTIGATION_AMOUNT, 0},
        {VERDICT_WRONG_WHOLE, 0, VERDICT_WRONG_PART, 1, RULE_INVESTIGATION_AMOUNT, 0},
        {VERDICT_WRONG_WHOLE, 0, VERDICT_CONFIRMED, 0, 0, 0},
        {VERDICT_WRONG_PART, 20000, VERDICT_WRONG_PART, 55001, RULE_INVESTIGATION_AMOUNT, 55000},
        {VERDICT_WRONG_PART, 20000, VERDICT_WRONG_PART, 55000, 0, 0},
        {VERDICT_WRONG_PART, 20000, VERDICT_WRONG_WHOLE, 0, 0, 0},
        {VERDICT_WRONG_PART, 20000, VERDICT_WRONG_PART, 1, 0, 54999},
        {VERDICT_WRONG_PART, 1, VERDICT_CONFIRMED, 0, 0, 74999},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        rig_start_with_policy(&rig);
        rig_at(&rig, 20250310);
        position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
        rig_at(&rig, 20250311);
        rig_both_state(&rig, 20250310, bill, &beijinger_in_tianjin, 0);
        for (int round = 0; round < 2; round++) {
            uint32_t rule = round == 0 ? 0 : table[i].second_rule;
            position_t request = ask(&rig, bill);
            assert_int_equal(rig_load(&rig, bill).reason, OPEN_INVESTIGATED);
            assert_int_equal(answer(&rig, request), 0);
            assert_int_equal(rig_load(&rig, bill).reason, OPEN_INVESTIGATED);
            uint32_t said = round == 0 ? find(&rig, request, table[i].first, table[i].first_amount)
                                       : find(&rig, request, table[i].second, table[i].second_amount);
            if (said != rule)
                fail_msg("row %zu, finding %d: rule %u", i, round + 1, said);
            assert_true(rule == 0 ? rig.said.investigation->stage == INVESTIGATION_FOUND
                                  : rig.said.investigation == NULL);
            assert_int_equal(rig_load(&rig, bill).reason, rule == 0 ? OPEN_NONE : OPEN_INVESTIGATED);
            assert_books_sum_to_zero(&rig);
        }
        assert_int_equal(rig_balance(&rig, "payable:110000:120000"), -table[i].left);
        assert_int_equal(rig_balance(&rig, "receivable:120000:110000"), table[i].left);
        assert_int_equal(rig_balance(&rig, "institution:" TIANJIN_HOSPITAL), -table[i].left);
        assert_int_equal(rig_balance(&rig, "adjusted:110000:310"), table[i].left - AMOUNT);
        position_t reversal = rig_reverse(&rig, bill, &beijinger_in_tianjin);
        struct book_bill item = rig_load(&rig, reversal);
        assert_int_equal(book_bill_amount(&item), -table[i].left);
        assert_int_equal(rig_balance(&rig, "payable:110000:120000"), 0);
        assert_int_equal(rig_balance(&rig, "institution:" TIANJIN_HOSPITAL), 0);
        assert_int_equal(rig_balance(&rig, "adjusted:110000:310"), 0);
        assert_books_sum_to_zero(&rig);
        rig_stop(&rig);
    }
}
