/* SPDX-License-Identifier: Apache-2.0
 * Advance funds at their boundaries: use rates to the basis point, top-ups and their limits in working days. */
#include "common/engines/advance/advance.h"
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

enum { AMOUNT = 75000 };

/* As the metrics show it, of each of the six pairs. */
static int64_t colour_shown(struct rig *rig, const char *labels)
{
    struct core_figure figures[CORE_FIGURES_COUNT_MAX];
    unsigned count = rig->harness.core->figures(rig->harness.self, rig->harness.txn, figures);
    assert_in_range(count, 6, CORE_FIGURES_COUNT_MAX);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(figures[i].labels, labels) == 0)
            return figures[i].value;
    fail_msg("no figure of %s", labels);
    return -1;
}

/* August's table is issued on 26 September: 3 working days to ask, 5 to agree, 10 to pay. */
TEST(an_issued_month_says_the_use_rate_exactly)
{
    static const struct {
        fen_t clearing, deposited;
        bool arrived;
        enum advance_colour colour;
        int64_t rate;
        fen_t top_up;
    } table[] = {
        {699900, 1000000, true, ADVANCE_GREEN, 6999, 0},      {699999, 1000000, true, ADVANCE_GREEN, 6999, 0},
        {700000, 1000000, true, ADVANCE_YELLOW, 7000, 0},     {899900, 1000000, true, ADVANCE_YELLOW, 8999, 0},
        {899999, 1000000, true, ADVANCE_YELLOW, 8999, 0},     {900000, 1000000, true, ADVANCE_RED, 9000, 285715},
        {1000000, 1000000, true, ADVANCE_RED, 10000, 428572}, {700000, 0, true, ADVANCE_RED, -1, 1000001},
        {699900, 1000000, false, ADVANCE_RED, -1, 999858}, /* on its way is not there */
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        rig_start_with_policy(&rig);
        rig_deposit(&rig, table[i].deposited, table[i].arrived);
        rig_reconcile_one(&rig, 20250810, 20250920, table[i].clearing);
        rig_generate_and_wait(&rig, 20250921, 20250926);
        assert_true(rig_do_until(&rig, BOOKS_ADVANCE));
        bool red = table[i].colour == ADVANCE_RED;
        if (rig.said.advance->colour != table[i].colour || (int64_t)rig.said.advance->use_rate_bp != table[i].rate)
            fail_msg("row %zu: colour %u, rate %lld", i, (unsigned)rig.said.advance->colour,
                     (long long)rig.said.advance->use_rate_bp);
        assert_int_equal(rig.said.advance->month, 202508);
        assert_int_equal(rig.said.advance->month_clearing, table[i].clearing);
        assert_int_equal(rig.said.advance->top_up, table[i].top_up);
        assert_int_equal(rig.said.advance->ask_by, red ? 20250930 : 0);
        assert_int_equal(rig.said.advance->agree_by, red ? 20251014 : 0);
        assert_int_equal(rig.said.advance->pay_by, red ? 20251028 : 0);
        assert_int_equal(rig_rule(&rig), 0);
        assert_true(rig_delivered_to(&rig, BEIJING) && rig_delivered_to(&rig, TIANJIN));
        assert_false(rig_delivered_to(&rig, HEBEI));
        assert_int_equal(colour_shown(&rig, "party=\"110000\",care=\"120000\""), table[i].colour);
        assert_int_equal(colour_shown(&rig, "party=\"120000\",care=\"110000\""), ADVANCE_GREEN);
        rig_stop(&rig);
    }
}

/* Of 750 yuan to clear over 800: announced until 30 September, there until 28 October, or told once each. */
TEST(a_top_up_is_overdue_once_for_each_step)
{
    enum { STEPS = 2 };
    static const struct {
        fen_t announced, arrived; /* in time */
        unsigned overdue[STEPS];
    } table[] = {{0, 0, {1, 1}}, {27143, 0, {0, 1}}, {27143, 27143, {0, 0}}, {27142, 27142, {1, 1}}};
    static const civil_date_t after[STEPS] = {20251001, 20251029};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        rig_start_with_policy(&rig);
        rig_deposit(&rig, 80000, true);
        rig_reconcile_one(&rig, 20250810, 20250920, AMOUNT);
        rig_generate_and_wait(&rig, 20250921, 20250926);
        assert_true(rig_do_until(&rig, BOOKS_ADVANCE));
        assert_int_equal(rig.said.advance->top_up, 27143);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        rig_deposit(&rig, table[i].announced, table[i].arrived != 0);
        for (unsigned step = 0; step < STEPS; step++) {
            rig_at_instant(&rig, civil_date_start(after[step]) - 1);
            assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
            rig_at_start_of(&rig, after[step]);
            rig_tick(&rig);
            if (rig_said(&rig) != (table[i].overdue[step] != 0))
                fail_msg("row %zu, step %u: %s", i, step, rig_said(&rig) ? "told" : "not told");
            if (rig_said(&rig)) {
                assert_int_equal(rig.said.kind, BOOKS_OVERDUE);
                assert_int_equal(rig.said.advance->month, 202508);
                assert_int_equal(rig.said.advance->top_up, 27143 - table[i].arrived);
            }
            assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
        }
        rig_stop(&rig);
    }
}

/* The calendar ends with 2026. A limit that lies beyond it is not invented, and nobody is called late by it. */
TEST(beyond_the_calendar_there_are_no_limits)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_reconcile_one(&rig, 20261110, 20261220, AMOUNT);
    rig_generate_and_wait(&rig, 20261221, 20261226);
    assert_true(rig_do_until(&rig, BOOKS_NET_POSITIONS));
    assert_int_equal(rig_rule(&rig), RULE_CALENDAR_UNKNOWN);
    assert_true(rig_do_until(&rig, BOOKS_PAYMENT_NOTICE));
    const struct payment_notice *notice = rig.said.payment;
    assert_true(notice->ask_by == 0 && notice->pay_by == 0 && notice->confirm_by == 0);
    assert_int_equal(rig.said.payment->amount, AMOUNT);
    assert_true(rig_do_until(&rig, BOOKS_ADVANCE));
    assert_int_equal(rig_rule(&rig), RULE_CALENDAR_UNKNOWN);
    assert_int_equal(rig.said.advance->colour, ADVANCE_RED);
    assert_int_equal(rig.said.advance->top_up, 107143);
    const struct advance_state *advance = rig.said.advance;
    assert_true(advance->ask_by == 0 && advance->agree_by == 0 && advance->pay_by == 0);
    for (civil_date_t day = 20270101; day <= 20270131; day++) {
        rig_at(&rig, day);
        assert_int_equal(rig_do_due(&rig, BOOKS_OVERDUE), 0);
    }
    struct payment payment = {202611, BEIJING, TIANJIN, AMOUNT, 20270131, ""};
    rig_send(&rig, BEIJING, EVENT_PAYMENT, (union event_body){.payment = payment});
    rig_send(&rig, TIANJIN, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig.said.payment->state, PAYMENT_CONFIRMED);
    assert_books_sum_to_zero(&rig);
    rig_stop(&rig);
}

/* 26 November 2026, the last issue whose limits the calendar knows. */
TEST(a_top_ups_limits_may_end_in_the_calendars_last_days)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_reconcile_one(&rig, 20261010, 20261120, AMOUNT);
    rig_generate_and_wait(&rig, 20261121, 20261126);
    assert_true(rig_do_until(&rig, BOOKS_ADVANCE));
    assert_int_equal(rig.said.advance->ask_by, 20261201);
    assert_int_equal(rig.said.advance->agree_by, 20261208);
    assert_int_equal(rig.said.advance->pay_by, 20261222);
    assert_int_equal(rig_rule(&rig), 0);
    rig_stop(&rig);
}
