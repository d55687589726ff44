/* SPDX-License-Identifier: Apache-2.0
 * Where a month of clearing stands, whose turn it is until when, and which replies hold. */
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

static const struct clearing_month *march(struct rig *rig, const char *viewer)
{
    struct books_query query = {ASK_MONTHS, .body.months = {202503, 0}, .viewer = span_text(viewer)};
    const struct books_reply *answer = rig_ask(rig, &query);
    assert_int_equal(answer->month_count, 1);
    return &answer->months[0];
}

static uint32_t turns_of(struct rig *rig, enum clearing_task task)
{
    const struct clearing_month *month = march(rig, "");
    uint32_t count = 0;
    for (uint32_t i = 0; i < month->turn_count; i++)
        count += month->turns[i].task == task;
    return count;
}

static void assert_turn(struct rig *rig, const char *region, enum clearing_task task, civil_date_t until, fen_t amount)
{
    const struct clearing_month *month = march(rig, "");
    for (uint32_t i = 0; i < month->turn_count; i++) {
        const struct clearing_turn *turn = &month->turns[i];
        if (strcmp(turn->region, region) != 0 || turn->task != task)
            continue;
        assert_int_equal(turn->until, until);
        assert_int_equal(turn->amount, amount);
        assert_int_equal(turn->late, until < month->on_day);
        return;
    }
    fail_msg("%s has no turn of kind %d", region, (int)task);
}

/* As the metrics show the oldest late month: its step, days and number. */
static void assert_overdue(struct rig *rig, const char *step, int64_t days, int64_t month)
{
    struct core_figure figures[CORE_FIGURES_COUNT_MAX];
    unsigned count = rig->harness.core->figures(rig->harness.self, rig->harness.txn, figures), steps = 0;
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(figures[i].name, "hutong_month_overdue") == 0)
            assert_int_equal(figures[i].value, month);
        if (strcmp(figures[i].name, "hutong_month_overdue_seconds") != 0)
            continue;
        assert_int_equal(figures[i].value, strcmp(figures[i].labels, step) == 0 ? days * 86400 : 0);
        steps++;
    }
    assert_int_equal(steps, 6);
}

static const struct books_reply *replies(struct rig *rig, const char *viewer)
{
    struct books_query query = {ASK_REPLIES, .body.replies = {202503, {NULL, 0}, 0}, .viewer = span_text(viewer)};
    return rig_ask(rig, &query);
}

static void pay(struct rig *rig, const char *sender)
{
    struct payment payment = {202503, BEIJING, TIANJIN, 75000, 20250508, ""};
    rig_send(rig, sender, EVENT_PAYMENT, (union event_body){.payment = payment});
    assert_int_equal(rig_rule(rig), RULE_NONE);
}

TEST(whose_turn_it_is_while_a_month_is_reconciled)
{
    struct rig rig;
    position_t numbers[2];
    rig_start_with_two(&rig, numbers);
    assert_int_equal(march(&rig, "")->state, CLEARING_OPEN); /* with the policy's dates: nothing is reconciled yet */
    assert_int_equal(march(&rig, "")->cut_on, 20250420);
    assert_turn(&rig, TIANJIN, TASK_STATE, 20250420, 150000);
    rig_state_row(&rig, TIANJIN, SIDE_CARE, 20250310, numbers[0], &beijinger_in_tianjin, 0, 1);
    assert_turn(&rig, TIANJIN, TASK_AGREE, 20250420, 75000);
    assert_turn(&rig, BEIJING, TASK_AGREE, 20250420, 75000);
    assert_int_equal(march(&rig, HEBEI)->turn_count, 0); /* another's pair */
    rig_both_state(&rig, 20250310, numbers[0], &beijinger_in_tianjin, 0);
    rig_stop(&rig);
}

TEST(whose_turn_it_is_until_a_month_is_paid)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_deposit(&rig, 1000000, true);
    position_t bill = rig_reconcile_one(&rig, 20250310, 20250420, 75000);
    assert_int_equal(march(&rig, "")->turn_count, 0); /* until the calendar makes the table */
    rig_at(&rig, 20250421);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    assert_int_equal(march(&rig, "")->state, CLEARING_GENERATED);
    assert_int_equal(turns_of(&rig, TASK_REPLY), 2);
    rig_reply(&rig, TIANJIN, ACTION_DISPUTE, bill, 0);
    position_t reply = rig.harness.position - 1;
    assert_int_equal(replies(&rig, "")->reply_count, 1);
    assert_int_equal(rig.answer.replies[0].position, reply);
    assert_string_equal(rig.answer.replies[0].region, TIANJIN);
    assert_int_equal(rig.answer.replies[0].action, ACTION_DISPUTE);
    assert_int_equal(rig.answer.replies[0].numbers[0], bill);
    assert_int_equal(replies(&rig, HEBEI)->reply_count, 0);
    assert_int_equal(march(&rig, "")->disputed_count, 1);
    rig_reply(&rig, TIANJIN, ACTION_ROLL_BACK, 0, reply);
    assert_int_equal(replies(&rig, "")->reply_count, 0); /* what was taken back holds no more */
    rig_reply(&rig, BEIJING, ACTION_CONFIRM, 0, 0);
    assert_int_equal(turns_of(&rig, TASK_REPLY), 1);
    assert_turn(&rig, TIANJIN, TASK_REPLY, 20250425, 75000);
    rig_at(&rig, 20250426);
    (void)rig_do_due(&rig, BOOKS_PAYMENT_NOTICE);
    const struct clearing_month *month = march(&rig, "");
    assert_int_equal(month->state, CLEARING_ISSUED);
    assert_int_equal(month->payments, 1);
    civil_date_t pay_by = month->turns[0].until;
    assert_turn(&rig, BEIJING, TASK_PAY, pay_by, 75000);
    rig_at(&rig, pay_by);
    rig_tick(&rig);
    assert_overdue(&rig, "", 0, 0); /* its last day is in time */
    rig_at(&rig, civil_date_add_days(pay_by, 1));
    rig_tick(&rig);
    assert_overdue(&rig, "step=\"pay\"", 1, 202503);
    assert_true(march(&rig, "")->turns[0].late);
    pay(&rig, BEIJING);
    assert_int_equal(march(&rig, "")->payments_paid, 1);
    assert_int_equal(turns_of(&rig, TASK_RECEIVE), 1);
    pay(&rig, TIANJIN);
    assert_overdue(&rig, "", 0, 0);
    assert_int_equal(march(&rig, "")->payments_confirmed, 1);
    assert_int_equal(march(&rig, "")->turn_count, 0);
    rig_stop(&rig);
}

TEST(a_red_month_waits_for_its_top_up_as_well)
{
    struct rig rig;
    rig_start_with_policy(&rig);
    (void)rig_reconcile_one(&rig, 20250310, 20250420, 75000);
    rig_generate_and_wait(&rig, 20250421, 20250426);
    (void)rig_do_due(&rig, BOOKS_PAYMENT_NOTICE);
    assert_int_equal(turns_of(&rig, TASK_TOP_UP), 1);
    rig_stop(&rig);
}
