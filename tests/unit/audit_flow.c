/* SPDX-License-Identifier: Apache-2.0
 * What went between the regions: counted by day, listed newest first, found by number, over pages and starts. */
#include "services/audit/flow.h"

#include "common/codes/rule.h"
#include "tests/support/test.h"
#include "tests/unit/audit_rig.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

struct passed {
    const char *sender, *number, *area;
    enum event_kind event;
    enum outcome_kind kind;
    fen_t total, fund, sent, taken_back; /* of it a replaced bill's fund */
    position_t original;
    uint32_t rule;
    unsigned day;
};

static void envelope_of(struct rig *rig, const struct passed *passed, bool again)
{
    struct transfer_letter transfer = {
        .transfer_id = passed->number, .source_area = passed->area, .target_area = HEBEI};
    struct event event = {.sender = passed->sender, .kind = passed->event};
    if (passed->event == EVENT_BILL_SETTLE || passed->event == EVENT_BILL_TRIAL) {
        bill_blank(&event.body.bill);
        event.body.bill.bill_id = passed->number;
        event.body.bill.insured_area = passed->area;
    } else if (passed->event == EVENT_BILL_REVERSAL) {
        event.body.reversal = (struct bill_reversal){.settlement_position = passed->original, .reason = ""};
    } else {
        event.body.transfer = &transfer;
    }
    struct span envelope = harness_envelope(&rig->harness, &event);
    struct buffer inner = {0};
    if (again) {
        buffer_append(&inner, envelope.data, envelope.size);
        struct event outer = {.sender = "operator",
                              .kind = EVENT_REQUEUE,
                              .body.requeue = {.position = 1, .envelope = buffer_span(&inner)}};
        envelope = harness_envelope(&rig->harness, &outer);
    }
    harness_submission(&rig->harness, ACCEPTED + (instant_ms_t)passed->day * DAY_MS, envelope);
    buffer_fini(&inner);
}

static void pass(struct rig *rig, const struct passed *passed, bool again)
{
    static struct findings findings;
    struct transfer_view view;
    transfer_view_blank(&view);
    view.state = passed->sent != 0 ? TRANSFER_FUNDS_SENT : TRANSFER_MATCHED;
    view.sent = passed->sent != 0 ? passed->sent : 77; /* what stands of it, and was counted when it went */
    memset(&findings, 0, sizeof findings);
    if (passed->rule != 0)
        findings_add(&findings, passed->rule, "bill_settle", "");
    struct outcome outcome = {.position = rig->harness.position,
                              .sender = passed->sender,
                              .message_id = "",
                              .accepted_at = ACCEPTED + (instant_ms_t)passed->day * DAY_MS,
                              .kind = passed->kind,
                              .deliver_to = {passed->sender},
                              .deliver_count = 1,
                              .findings = &findings,
                              .has_amounts = passed->total != 0,
                              .amounts = {.total = passed->total, .fund_pay_total = passed->fund},
                              .has_reversed = passed->taken_back != 0,
                              .reversed = {.total = -passed->taken_back, .fund_pay_total = -passed->taken_back},
                              .transfer = passed->event == EVENT_TRANSFER ? &view : NULL,
                              .dead_reason = "",
                              .event = "",
                              .bill_id = "",
                              .institution = ""};
    envelope_of(rig, passed, again);
    buffer_reset(&rig->harness.outcome);
    outcome_encode(&outcome, &rig->harness.outcome);
    assert_int_equal(harness_apply_decided(&rig->harness, 0), OK);
}

static const struct passed passings[] = {
    {BEIJING, "B-1", "130100", EVENT_BILL_SETTLE, OUTCOME_SETTLED, .total = 10000, .fund = 7000},
    {BEIJING, "B-2", "130100", EVENT_BILL_SETTLE, OUTCOME_REFUSED, .rule = RULE_BILL_CARE_KIND},
    {BEIJING, "B-2", "139999", EVENT_BILL_SETTLE, OUTCOME_SETTLED, .total = 500, .fund = 400},
    {BEIJING, "B-1", "130100", EVENT_BILL_SETTLE, OUTCOME_SETTLED, .total = 9000, .fund = 6000, .taken_back = 7000},
    {BEIJING, "", "", EVENT_BILL_REVERSAL, OUTCOME_REVERSED, .total = -500, .fund = -400, .original = 2},
    {BEIJING, "", "", EVENT_BILL_REVERSAL, OUTCOME_REFUSED, .original = 2, .rule = RULE_BILL_LOCAL},
    {TIANJIN, "B-1", "110000", EVENT_BILL_TRIAL, OUTCOME_COMPUTED, .total = 1, .fund = 1},
    {TIANJIN, "B-3", "", EVENT_BILL_SETTLE, OUTCOME_REFUSED, .rule = RULE_BILL_LOCAL},
    {HEBEI, "T-1", "110000", EVENT_TRANSFER, OUTCOME_MOVED, .sent = 0},
    {BEIJING, "T-1", "110000", EVENT_TRANSFER, OUTCOME_MOVED, .sent = 123},
    {HEBEI, "T-1", "110000", EVENT_TRANSFER, OUTCOME_REFUSED, .rule = RULE_BILL_LOCAL},
    {BEIJING, "B-9", "120000", EVENT_BILL_SETTLE, OUTCOME_SETTLED, .total = 5, .fund = 4, .day = 2},
};
enum { PASSINGS = sizeof passings / sizeof passings[0], LAST_DAY_FROM = PASSINGS - 1 };

static void pass_all(struct rig *rig)
{
    for (unsigned i = 0; i < PASSINGS; i++)
        pass(rig, &passings[i], i == 2);
}

static struct flow_day ask_day(struct rig *rig, uint32_t day)
{
    struct audit_answer answer = ask(rig, &(struct audit_query){AUDIT_ASK_FLOW_DAY, {.flow_day = {day}}});
    assert_int_equal(answer.kind, AUDIT_FLOW_DAY);
    return answer.body.flow_day;
}

static struct flow_cell cell_of(const struct flow_day *day, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < day->cell_count; i++)
        if (day->cells[i].from == from && day->cells[i].to == to)
            return day->cells[i];
    return (struct flow_cell){0};
}

static void assert_first_day(struct rig *rig, uint32_t day)
{
    struct flow_day said = ask_day(rig, day);
    struct flow_cell home = cell_of(&said, 1, 3), unknown = cell_of(&said, 2, 0), there = cell_of(&said, 3, 1);
    assert_int_equal(said.day, day);
    assert_int_equal(said.first_position, 0);
    assert_int_equal(said.cell_count, 3);
    assert_int_equal(home.settled, 3);
    assert_int_equal(home.reversed, 2);
    assert_int_equal(home.refused, 2);
    assert_int_equal(home.total, 10000 + 500 + 9000 - 7000 - 500);
    assert_int_equal(home.fund, 7000 + 400 + 6000 - 7000 - 400);
    assert_int_equal(home.letters, 1);
    assert_int_equal(home.sent, 123);
    assert_int_equal(unknown.refused, 1);
    assert_int_equal(there.letters, 1);
    assert_int_equal(there.letters_refused, 1);
    assert_int_equal(there.sent, 0);
}

TEST(what_went_between_regions_is_counted_by_day)
{
    struct rig rig;
    uint32_t day = civil_date_of_instant(ACCEPTED), last = civil_date_of_instant(ACCEPTED + 2 * DAY_MS);
    rig_start(&rig);
    pass_all(&rig);
    for (unsigned pass = 0; pass < 2; pass++) { /* from memory, then from the store */
        assert_first_day(&rig, day);
        struct flow_day newest = ask_day(&rig, 0);
        assert_int_equal(newest.day, last);
        assert_int_equal(newest.first_position, LAST_DAY_FROM);
        assert_int_equal(newest.counted_from, 0);
        assert_int_equal(cell_of(&newest, 1, 2).settled, 1);
        assert_int_equal(ask_day(&rig, day + 1).cell_count, 0);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

static struct flow_list ask_list(struct rig *rig, struct flow_list_request request)
{
    struct audit_answer answer = ask(rig, &(struct audit_query){AUDIT_ASK_FLOW_LIST, {.flow_list = request}});
    assert_int_equal(answer.kind, AUDIT_FLOW_LIST);
    return answer.body.flow_list;
}

TEST(each_is_listed_newest_first_and_found_by_its_number)
{
    static const struct {
        struct flow_list_request request;
        unsigned count, positions[6];
    } rows[] = {
        {{0}, 11, {11, 10, 9, 8, 7, 5}},
        {{.count_max = 2}, 2, {11, 10}},
        {{.before = 10, .count_max = 1}, 1, {9}},
        {{.from = 1, .to = 3, .choice = FLOW_BILLS}, 4, {4, 3, 2, 0}},
        {{.from = 1, .to = 3, .choice = FLOW_REFUSED}, 2, {5, 1}},
        {{.choice = FLOW_LETTERS}, 2, {9, 8}},
        {{.number_hash = 1}, 2, {3, 0}},       /* B-1, but for a trial */
        {{.number_hash = 2}, 4, {5, 4, 2, 1}}, /* B-2, with what takes it back */
        {{.day = 20250312}, 1, {11}},
        {{.day = 20250310, .from = 2}, 1, {7}},
        {{.day = 20250311}, 0, {0}},
    };
    struct rig rig;
    rig_start(&rig);
    pass_all(&rig);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct flow_list_request request = rows[i].request;
        if (request.number_hash != 0)
            request.number_hash = flow_number_hash(span_text(request.number_hash == 1 ? "B-1" : "B-2"));
        struct flow_list list = ask_list(&rig, request);
        assert_int_equal(list.row_count, rows[i].count);
        for (unsigned j = 0; j < rows[i].count && j < 6; j++)
            assert_int_equal(list.rows[j].position, rows[i].positions[j]);
        assert_int_equal(list.next, request.count_max == 2 ? 10 : request.count_max == 1 ? 9 : 0);
    }
    struct flow_row replaced = ask_list(&rig, rows[3].request).rows[1],
                    refused = ask_list(&rig, rows[4].request).rows[1];
    assert_int_equal(replaced.amount, 6000 - 7000);
    assert_int_equal(refused.rule, RULE_BILL_CARE_KIND);
    assert_int_equal(refused.outcome_kind, OUTCOME_REFUSED);
    rig_stop(&rig);
}

/* More than a window, and pages that end in the middle of one: each row once. */
TEST(pages_of_a_long_list_hold_each_row_once)
{
    struct rig rig;
    rig_start(&rig);
    for (unsigned i = 0; i < 1300; i++)
        pass(&rig, &passings[i % 7 == 0 ? 0 : 6], false);
    position_t before = 0, expected = 1295;
    unsigned seen = 0;
    do {
        struct flow_list list = ask_list(&rig, (struct flow_list_request){.before = before, .count_max = 50});
        for (uint32_t i = 0; i < list.row_count; i++, seen++, expected -= 7)
            assert_int_equal(list.rows[i].position, expected);
        before = list.next;
    } while (before != 0);
    assert_int_equal(seen, 186);
    rig_stop(&rig);
}
