/* SPDX-License-Identifier: Apache-2.0
 * Replies to a clearing table at their boundaries: the first moment and the last, and the same said twice. */
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

enum { BEIJING_TO_TIANJIN = 1, AMOUNT = 75000 }; /* a pair; what the bill of the rig clears */

#define APRIL_21 INT64_C(1745164800000) /* 2025-04-20T16:00:00.000Z */
#define APRIL_26 INT64_C(1745596800000) /* 2025-04-25T16:00:00.000Z */

TEST(replies_are_taken_from_the_table_to_the_end_of_the_25th)
{
    static const struct {
        instant_ms_t sent;
        bool ticked;
        enum rule rule;
    } table[] = {
        {APRIL_21 - 1, true, RULE_CLEARING_NOT_STANDING},
        {APRIL_21, false, RULE_CLEARING_NOT_STANDING},
        {APRIL_21, true, RULE_NONE},
        {APRIL_26 - 1, true, RULE_NONE},
        {APRIL_26, false, RULE_CLEARING_NOT_STANDING},
        {APRIL_26, true, RULE_CLEARING_NOT_STANDING},
    };
    static const enum clearing_action actions[] = {ACTION_CONFIRM, ACTION_DISPUTE, ACTION_ROLL_BACK};
    for (unsigned i = 0; i < 3 * sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        position_t bills[2], earlier = 0;
        uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
        enum clearing_action action = actions[i % 3];
        rig_start_with_two(&rig, bills);
        rig_at(&rig, 20250401);
        rig_both_state(&rig, 20250310, bills[0], &beijinger_in_tianjin, 0);
        if (table[i / 3].sent > APRIL_21) {
            rig_at_instant(&rig, APRIL_21);
            (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
        }
        if (action == ACTION_ROLL_BACK && (table[i / 3].sent > APRIL_21 || table[i / 3].ticked)) {
            rig_at_instant(&rig, table[i / 3].sent < APRIL_21 ? table[i / 3].sent : APRIL_21);
            (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
            earlier = rig.harness.position;
            rig_reply(&rig, BEIJING, ACTION_DISPUTE, bills[0], 0);
        }
        rig_at_instant(&rig, table[i / 3].sent);
        if (table[i / 3].ticked)
            (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
        harness_digest(&rig.harness, before);
        rig_reply(&rig, BEIJING, action, action == ACTION_DISPUTE ? bills[0] : 0, earlier);
        harness_digest(&rig.harness, after);
        if (rig_rule(&rig) != (uint32_t)table[i / 3].rule)
            fail_msg("row %u, action %u: rule %u", i / 3, (unsigned)action, rig_rule(&rig));
        assert_int_equal(memcmp(before, after, DIGEST_SIZE) == 0, table[i / 3].rule != RULE_NONE);
        rig_stop(&rig);
    }
}

/* What is refused changes nothing. */
TEST(a_reply_is_given_once_and_taken_back_by_its_side)
{
    enum { FIRST_REPLY = 1, SECOND_REPLY = 2, NO_BILL = 0, BILL = 1 };
    static const struct {
        const char *sender;
        enum clearing_action action;
        int bill, earlier;
        enum rule rule;
    } table[] = {
        {TIANJIN, ACTION_CONFIRM, NO_BILL, 0, RULE_NONE}, /* the first reply */
        {TIANJIN, ACTION_CONFIRM, NO_BILL, 0, RULE_CLEARING_ROW_CONFIRMED},
        {TIANJIN, ACTION_CONFIRM, BILL, 0, RULE_CLEARING_ROW_CONFIRMED},
        {TIANJIN, ACTION_DISPUTE, BILL, 0, RULE_CLEARING_ROW_CONFIRMED},
        {BEIJING, ACTION_ROLL_BACK, NO_BILL, FIRST_REPLY, RULE_CLEARING_REPLY_UNKNOWN},
        {TIANJIN, ACTION_ROLL_BACK, NO_BILL, FIRST_REPLY, RULE_NONE},
        {TIANJIN, ACTION_ROLL_BACK, NO_BILL, FIRST_REPLY, RULE_CLEARING_REPLY_UNKNOWN},
        {BEIJING, ACTION_CONFIRM, BILL, 0, RULE_NONE}, /* the second */
        {BEIJING, ACTION_CONFIRM, BILL, 0, RULE_CLEARING_ROW_CONFIRMED},
        {BEIJING, ACTION_DISPUTE, BILL, 0, RULE_CLEARING_ROW_CONFIRMED},
        {TIANJIN, ACTION_ROLL_BACK, NO_BILL, SECOND_REPLY, RULE_CLEARING_REPLY_UNKNOWN},
        {TIANJIN, ACTION_DISPUTE, BILL, 0, RULE_NONE}, /* a side is not bound by the other's word */
        {TIANJIN, ACTION_DISPUTE, BILL, 0, RULE_CLEARING_ROW_UNKNOWN},
        {BEIJING, ACTION_DISPUTE, BILL, 0, RULE_CLEARING_ROW_UNKNOWN},
        {BEIJING, ACTION_CONFIRM, BILL, 0, RULE_CLEARING_ROW_UNKNOWN},
    };
    struct rig rig;
    position_t bills[2], taken[8];
    int count = 0;
    rig_start_with_two(&rig, bills);
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, bills[0], &beijinger_in_tianjin, 0);
    rig_both_state(&rig, 20250310, bills[1], &beijinger_in_tianjin, 0);
    rig_at(&rig, 20250422);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
        harness_digest(&rig.harness, before);
        if (table[i].rule == RULE_NONE && table[i].action != ACTION_ROLL_BACK)
            taken[count++] = rig.harness.position;
        rig_reply(&rig, table[i].sender, table[i].action, table[i].bill == BILL ? bills[0] : 0,
                  table[i].earlier == 0 ? 0 : taken[table[i].earlier - 1]);
        if (rig_rule(&rig) != (uint32_t)table[i].rule)
            fail_msg("row %zu: rule %u", i, rig_rule(&rig));
        harness_digest(&rig.harness, after);
        assert_int_equal(memcmp(before, after, DIGEST_SIZE) == 0, table[i].rule != RULE_NONE);
    }
    const struct books *books = rig.harness.self;
    const struct pair_month *march = &books->pairs[month_of_number(202503)][BEIJING_TO_TIANJIN];
    assert_int_equal(march->amount, AMOUNT);
    assert_int_equal(march->disputed, AMOUNT);
    rig_stop(&rig);
}

/* Asked about while its table stands, then disputed: it waits for the finding first, then for the dispute's end. */
TEST(a_disputed_bill_under_investigation_waits_for_both)
{
    struct rig rig;
    position_t bills[2];
    struct investigation inquiry = {.text = "why"};
    rig_start_with_two(&rig, bills);
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, bills[0], &beijinger_in_tianjin, 0);
    rig_at(&rig, 20250421);
    (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
    inquiry.about = bills[0];
    position_t request =
        rig_send(&rig, BEIJING, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = inquiry});
    assert_int_equal(rig_clears_in(&rig, bills[0]), 202503);
    rig_reply(&rig, BEIJING, ACTION_DISPUTE, bills[0], 0);
    assert_int_equal(rig_load(&rig, bills[0]).reason, OPEN_INVESTIGATED);
    inquiry.about = request;
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_ANSWER, (union event_body){.investigation = inquiry});
    inquiry.verdict = VERDICT_CONFIRMED;
    rig_send(&rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = inquiry});
    assert_int_equal(rig_load(&rig, bills[0]).reason, OPEN_DISPUTED);
    rig_stop(&rig);
}
