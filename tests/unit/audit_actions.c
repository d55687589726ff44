/* SPDX-License-Identifier: Apache-2.0
 * The operators' log in audit: acts of every kind, pages, ends, alerts. */
#include "tests/support/test.h"
#include "tests/unit/audit_rig.h"

static void act(struct rig *rig, struct event *event, enum outcome_kind kind)
{
    prepare(rig, rig->harness.position, kind, NULL);
    harness_submission(&rig->harness, ACCEPTED + (instant_ms_t)rig->harness.position,
                       harness_envelope(&rig->harness, event));
    assert_int_equal(harness_apply_decided(&rig->harness, 0), OK);
}

static position_t action(struct rig *rig, struct operator_action action)
{
    position_t at = rig->harness.position;
    struct event event = {.sender = "operator", .kind = EVENT_OPERATOR_ACTION, .body.operator_action = action};
    act(rig, &event, OUTCOME_APPLIED);
    return at;
}

static struct actions ask_actions(struct rig *rig, struct actions_request request)
{
    struct audit_answer answer = ask(rig, &(struct audit_query){AUDIT_ASK_ACTIONS, {.actions = request}});
    assert_int_equal(answer.kind, AUDIT_ACTIONS);
    return answer.body.actions;
}

TEST(acts_are_kept_whichever_event_says_them)
{
    struct rig rig;
    rig_start(&rig);
    struct event events[] = {
        {.kind = EVENT_LOGIC_VERSION, .body.logic = {6, "newest", "wang"}},
        {.kind = EVENT_REQUEUE, .body.requeue = {.position = 7, .by = "wang", .reason = "can be read now"}},
        {.kind = EVENT_DEAD_LETTER_DROP, .body.drop = {"books", 8, "by hand", "wang"}},
        {.kind = EVENT_SIGNING_KEY, .body.signing_key = {.party = "110000", .by = "wang", .reason = "first"}},
        {.kind = EVENT_SIGNING_KEY_REVOCATION,
         .body.signing_key_revocation = {"110000", span_text("\1\2\3\4\5\6\7\x8f"), "lost", "wang"}},
        {.kind = EVENT_SIGNING_POLICY, .body.signing_policy = {"110000", 3, "wang", "law"}},
        {.kind = EVENT_PERSON_ERASURE, .body.person_erasure = {"11010119491231002X", "art. 47", "wang"}},
        {.kind = EVENT_PERSON_ACCESS, .body.person_access = {"wang", "complaint", "explain", 9, "message"}},
        {.kind = EVENT_OPERATOR_ACTION,
         .body.operator_action =
             {.by = "wang", .action = "trim", .subject = "100", .reason = "full", .command = "trim 100"}},
    };
    static const char *const words[][3] = {
        {"logic", "version 6", "newest"},
        {"dead requeue", "position 7", "can be read now"},
        {"dead drop", "books 8", "by hand"},
        {"signing new", "110000", "first"},
        {"signing revoke", "110000 010203040506078f", "lost"},
        {"signing demand", "110000 3", "law"},
        {"person erase", "", "art. 47"},
        {"access", "message 9", "complaint"},
        {"trim", "100", "full"},
    };
    enum { COUNT = sizeof events / sizeof events[0] };
    for (unsigned i = 0; i < COUNT; i++) {
        events[i].sender = "operator";
        act(&rig, &events[i], OUTCOME_APPLIED);
        record(&rig, OUTCOME_APPLIED, NULL); /* a tick is nobody's doing */
    }
    struct actions actions = ask_actions(&rig, (struct actions_request){.from = UINT64_MAX, .count = 100});
    assert_int_equal(actions.row_count, COUNT);
    assert_int_equal(actions.next, 0);
    for (unsigned i = 0; i < COUNT; i++) {
        const struct action_row *row = &actions.rows[COUNT - 1 - i];
        assert_int_equal(row->position, 2 * i);
        assert_int_equal(row->accepted_at, ACCEPTED + 2 * (instant_ms_t)i);
        assert_string_equal(row->by, "wang");
        assert_string_equal(row->action, words[i][0]);
        assert_string_equal(row->subject, words[i][1]);
        assert_string_equal(row->reason, words[i][2]);
        assert_int_equal(row->outcome_kind, OUTCOME_APPLIED);
    }
    rig_stop(&rig);
}

TEST(acts_are_read_from_anywhere_by_pages_and_filters)
{
    struct rig rig;
    rig_start(&rig);
    for (unsigned i = 0; i < 250; i++) {
        (void)action(&rig,
                     (struct operator_action){.by = i % 10 == 0 ? "li" : "wang", .action = i % 2 == 0 ? "trim" : "up"});
        if (i == 100)
            harness_restart(&rig.harness);
    }
    uint64_t from = UINT64_MAX, expected = 250;
    do {
        struct actions page = ask_actions(&rig, (struct actions_request){.from = from, .count = 1000});
        assert_true(page.row_count <= 100);
        for (uint32_t i = 0; i < page.row_count; i++)
            assert_int_equal(page.rows[i].position, --expected);
        from = page.next;
    } while (from != 0);
    assert_int_equal(expected, 0);
    assert_int_equal(ask_actions(&rig, (struct actions_request){.from = 99, .count = 100, .by = "li"}).row_count, 10);
    assert_int_equal(ask_actions(&rig, (struct actions_request){.from = 99, .count = 100, .action = "up"}).row_count,
                     50);
    assert_int_equal(
        ask_actions(&rig, (struct actions_request){.from = 99, .count = 100, .since_ms = ACCEPTED + 90}).row_count, 10);
    assert_int_equal(ask_actions(&rig, (struct actions_request){.from = 99}).row_count, 0);
    rig_stop(&rig);
}

TEST(an_end_is_told_of_the_action_that_it_names)
{
    struct rig rig;
    rig_start(&rig);
    position_t first = action(&rig, (struct operator_action){.by = "wang", .action = "up"});
    position_t trim = action(&rig, (struct operator_action){.by = "wang", .action = "trim"});
    record(&rig, OUTCOME_APPLIED, NULL);
    position_t end =
        action(&rig, (struct operator_action){.by = "wang", .action = "trim", .of = trim, .result = "done"});
    (void)action(&rig,
                 (struct operator_action){.by = "wang", .action = "trim", .of = trim + 1, .result = "of no action"});
    struct actions actions = ask_actions(&rig, (struct actions_request){.from = UINT64_MAX, .count = 9});
    assert_int_equal(actions.row_count, 2);
    assert_int_equal(actions.rows[0].position, trim);
    assert_string_equal(actions.rows[0].result, "done");
    assert_int_equal(actions.rows[0].ended_at, ACCEPTED + (instant_ms_t)end);
    assert_int_equal(actions.rows[1].position, first);
    assert_string_equal(actions.rows[1].result, "");
    rig_stop(&rig);
}

TEST(what_nobody_judged_is_cut_at_a_character)
{
    struct rig rig;
    char reason[4001] = "";
    rig_start(&rig);
    for (unsigned i = 0; i < 1333; i++)
        memcpy(reason + (size_t)3 * i, "为", 3);
    struct event event = {
        .sender = "operator", .kind = EVENT_LOGIC_VERSION, .body.logic = {.version = 3, .reason = reason}};
    act(&rig, &event, OUTCOME_REFUSED);
    struct actions actions = ask_actions(&rig, (struct actions_request){.from = UINT64_MAX, .count = 9});
    assert_int_equal(actions.row_count, 1);
    assert_int_equal(strlen(actions.rows[0].reason), 600);
    assert_int_equal(actions.rows[0].outcome_kind, OUTCOME_REFUSED);
    rig_stop(&rig);
}

TEST(alerts_stand_acknowledged_until_they_are_cleared)
{
    struct rig rig;
    struct audit_query query = {.kind = AUDIT_ASK_ACKNOWLEDGED};
    rig_start(&rig);
    (void)action(&rig,
                 (struct operator_action){.by = "li", .action = "actions acknowledge", .subject = "B", .until_ms = 5});
    (void)action(&rig, (struct operator_action){.by = "li", .action = "actions acknowledge", .subject = "A"});
    position_t later =
        action(&rig, (struct operator_action){.by = "wang", .action = "actions acknowledge", .subject = "A"});
    struct actions standing = ask(&rig, &query).body.actions;
    assert_int_equal(standing.row_count, 2);
    assert_int_equal(standing.rows[0].position, later);
    assert_int_equal(standing.rows[1].until_ms, 5);
    (void)action(&rig, (struct operator_action){.by = "wang", .action = "actions clear", .subject = "A"});
    (void)action(&rig, (struct operator_action){.by = "wang", .action = "actions clear", .subject = ""});
    assert_int_equal(ask(&rig, &query).body.actions.row_count, 1);
    rig_stop(&rig);
}
