/* SPDX-License-Identifier: Apache-2.0
 * Who sees what of the books, what is no question at all, and the rows that one side alone has. */
#include "services/books/ask/question.h"
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

enum { VIEWER = 15, REFUSED = 16, ROWS = 5, TREE = 6, TABLES = 3, ADVANCES = 8, LINES = 11, THEIRS = 12, AGED = 13 };
enum { FOUND = 14, ENTRIES = 2, BALANCES_SAID = 1 };

static struct rig rig;
static position_t bills[2];

/* Two bills of a Beijinger in Tianjin, one of a Hebeian in Beijing, an investigation, a deposit of Beijing's in
 * Tianjin. */
static int a_life(void **state)
{
    static const struct rig_bill hebeian = {.insured_area = "130400",
                                            .institution = BEIJING_HOSPITAL,
                                            .bill_id = "H-1",
                                            .admission = 20250301,
                                            .discharge = 20250305,
                                            .total = 50000,
                                            .fund = 30000,
                                            .account = 100};
    struct advance_deposit deposit = {BEIJING, TIANJIN, 100000, 20250311, false, 0};
    struct investigation request = {.about = 0, .text = "why"};
    rig_start_with_two(&rig, bills);
    rig_settle(&rig, &hebeian);
    rig_send(&rig, BEIJING, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = deposit});
    request.about = bills[1];
    rig_send(&rig, BEIJING, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = request});
    return 0;
}

static int its_end(void **state)
{
    rig_stop(&rig);
    return 0;
}

/* The answer to a question of this viewer; "": the operator. */
static struct span ask(const char *viewer, enum books_question kind, const struct buffer *body)
{
    struct buffer question;
    buffer_init(&question);
    wire_put_record(&question, kind, buffer_span(body));
    wire_put_text(&question, VIEWER, viewer);
    struct span answer = harness_ask(&rig.harness, buffer_span(&question), WIRE_BOOKS_ANSWER);
    buffer_fini(&question);
    return answer;
}

/* One number in, or a pair; 0 and NULL are left out. */
static struct buffer body_of(uint64_t first, uint64_t second, const char *insured, const char *care, bool open)
{
    struct buffer body;
    buffer_init(&body);
    wire_put_uint(&body, 1, first);
    if (insured == NULL)
        wire_put_uint(&body, 2, second);
    else {
        wire_put_text(&body, 2, insured);
        wire_put_text(&body, 3, care);
        wire_put_uint(&body, 6, open);
    }
    return body;
}

TEST(a_pair_is_seen_by_its_two_regions)
{
    static const struct {
        const char *viewer;
        bool seen;
    } table[] = {{"", true}, {BEIJING, true}, {TIANJIN, true}, {HEBEI, false}};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct buffer body = body_of(202503, 0, BEIJING, TIANJIN, true);
        struct span answer = ask(table[i].viewer, ASK_ROWS, &body);
        assert_int_equal(message_count(answer, ROWS), table[i].seen ? 2 : 0);
        assert_int_equal(message_number(answer, REFUSED), table[i].seen ? RULE_NONE : RULE_NOT_YOUR_BOOKS);
        buffer_fini(&body);
    }
}

TEST(each_sees_its_own_lines)
{
    static const struct {
        const char *viewer;
        unsigned lines, aged, investigations, advances, entries;
    } table[] = {{"", 2, 3, 1, 6, 1}, {BEIJING, 2, 3, 1, 4, 1}, {TIANJIN, 1, 2, 1, 4, 1}, {HEBEI, 1, 1, 0, 4, 0}};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct buffer days = body_of(20250301, 20250331, NULL, NULL, false), nothing, month;
        buffer_init(&nothing);
        month = body_of(202503, 0, NULL, NULL, false);
        assert_int_equal(message_count(ask(table[i].viewer, ASK_RECONCILIATION, &days), LINES), table[i].lines);
        assert_int_equal(message_count(ask(table[i].viewer, ASK_AGING, &nothing), AGED), table[i].aged);
        assert_int_equal(message_count(ask(table[i].viewer, ASK_INVESTIGATIONS, &nothing), FOUND),
                         table[i].investigations);
        assert_int_equal(message_count(ask(table[i].viewer, ASK_CLEARING, &month), ADVANCES), table[i].advances);
        assert_int_equal(message_count(ask(table[i].viewer, ASK_ENTRIES, &nothing), ENTRIES), table[i].entries);
        buffer_fini(&days);
        buffer_fini(&month);
    }
}

/* An account is seen by the regions whose code, area or institution it names. */
TEST(accounts_are_seen_by_those_they_name)
{
    static const struct {
        const char *account;
        bool by[REGIONS];
    } table[] = {{"fund:110000:310:pool", {true, false, false}},     {"payable:110000:120000", {true, true, false}},
                 {"institution:H13010400002", {false, false, true}}, {"account:130400", {false, false, true}},
                 {"clearing:120000", {false, true, false}},          {"transit:110000:130000:310", {true, false, true}},
                 {"fund:999999:310:pool", {false, false, false}},    {"nobody", {false, false, false}}};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        for (unsigned viewer = 0; viewer <= REGIONS; viewer++) {
            struct question question = {.viewer = viewer};
            assert_true(question_sees_account(&question, span_text(table[i].account)) ==
                        (viewer == REGIONS || table[i].by[viewer]));
        }
}

TEST(pending_is_what_one_side_said)
{
    struct buffer nothing;
    buffer_init(&nothing);
    struct span answer = ask("", ASK_BALANCES, &nothing);
    unsigned pending = 0;
    for (unsigned i = 0; i < message_count(answer, BALANCES_SAID); i++) {
        struct span row = message_bytes(answer, BALANCES_SAID, i);
        bool transit = span_equal(message_bytes(row, 1, 0), span_text("advance_transit:110000:120000"));
        assert_int_equal(message_number(row, 3), transit);
        pending += transit;
    }
    assert_int_equal(pending, 1);
}

TEST(what_is_no_question)
{
    static const struct {
        enum books_question kind;
        uint64_t first, second;
        const char *insured, *care, *viewer;
    } table[] = {
        {ASK_CLEARING, 202513, 0, NULL, NULL, ""},
        {ASK_CLEARING, 0, 0, NULL, NULL, ""},
        {ASK_SUPERVISION, 199912, 0, NULL, NULL, ""},
        {ASK_ROWS, 202503, 0, BEIJING, "110100", ""}, /* an area is no region */
        {ASK_ROWS, 0, 0, BEIJING, TIANJIN, ""},
        {ASK_RECONCILIATION, 20250301, 20250332, NULL, NULL, ""},
        {ASK_RECONCILIATION, 20250301, 0, NULL, NULL, ""},
        {ASK_AGING, 20250229, 0, NULL, NULL, ""},
        {ASK_BALANCES, 0, 0, NULL, NULL, "999999"},
        {ASK_NONE, 0, 0, NULL, NULL, BEIJING},
    };
    struct buffer question, answer;
    buffer_init(&question);
    buffer_init(&answer);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct buffer body = body_of(table[i].first, table[i].second, table[i].insured, table[i].care, false);
        buffer_reset(&question);
        if (table[i].kind != ASK_NONE)
            wire_put_record(&question, table[i].kind, buffer_span(&body));
        wire_put_text(&question, VIEWER, table[i].viewer);
        if (books_core.query(rig.harness.self, rig.harness.txn, buffer_span(&question), &answer) != REJECT_MALFORMED)
            fail_msg("row %u is a question", i);
        buffer_fini(&body);
    }
    buffer_fini(&question);
    buffer_fini(&answer);
}

/* ---- rows that one side alone has ---- */

static const struct rig_bill *const tianjins = &beijinger_in_tianjin;

/* Beijing's statement of the day: these numbers beside the two that are there, as a detailed statement of a range. */
static void state_also(const uint64_t *ghosts, uint32_t count, uint64_t from, uint64_t to)
{
    struct statement_row rows[8];
    uint32_t row_count = 0;
    for (uint32_t i = 0; i < 2 + count; i++) {
        uint64_t number = i < 2 ? bills[i] : ghosts[i - 2];
        if (number < from || (to != 0 && number > to))
            continue;
        rows[row_count++] = (struct statement_row){
            number, tianjins->bill_id, 0, BEIJING, "310", "21", tianjins->total, tianjins->fund, tianjins->account};
    }
    struct statement statement = {.day = 20250310,
                                  .institution = TIANJIN_HOSPITAL,
                                  .side = SIDE_INSURED,
                                  .detailed = true,
                                  .number_from = from,
                                  .number_to = to,
                                  .rows = rows,
                                  .row_count = row_count};
    rig_send(&rig, BEIJING, EVENT_STATEMENT, (union event_body){.statement = statement});
}

static struct span theirs_now(const char *viewer)
{
    struct buffer body = body_of(20250301, 20250331, NULL, NULL, false);
    wire_put_uint(&body, 6, true);
    struct span answer = ask(viewer, ASK_RECONCILIATION, &body);
    buffer_fini(&body);
    return answer;
}

/* Beijingers in Tianjin; the line before is of the Hebeian in Beijing. */
static unsigned theirs_of_line(void)
{
    struct buffer body = body_of(20250310, 20250310, NULL, NULL, false);
    struct span line = message_bytes(ask(BEIJING, ASK_RECONCILIATION, &body), LINES, 1);
    buffer_fini(&body);
    return (unsigned)message_number(line, 12);
}

TEST(a_row_that_is_only_theirs_stays_until_the_day_is_stated_without_it)
{
    static const uint64_t one[] = {500}, three[] = {500, 500, 900}, late[] = {900};
    rig_at(&rig, 20250401);
    position_t first = rig.harness.position;
    state_also(one, 1, 0, 0);
    assert_int_equal(message_count(theirs_now(BEIJING), THEIRS), 1);
    struct span row = message_bytes(theirs_now(TIANJIN), THEIRS, 0);
    assert_int_equal(message_number(row, 5), 500);
    assert_int_equal(message_number(row, 12), first);
    assert_int_equal(message_number(row, 13), 20250401);
    assert_int_equal(message_count(theirs_now(HEBEI), THEIRS), 0);
    rig_at(&rig, 20250405);
    state_also(three, 3, 0, 0); /* the first is as old as it was; the second time it is a row of its own */
    assert_int_equal(message_count(theirs_now(BEIJING), THEIRS), 3);
    assert_int_equal(message_number(message_bytes(theirs_now(BEIJING), THEIRS, 0), 12), first);
    assert_int_equal(message_number(message_bytes(theirs_now(BEIJING), THEIRS, 1), 13), 20250405);
    assert_int_equal(theirs_of_line(), 3);
    harness_restart(&rig.harness);
    state_also(NULL, 0, 1, 600); /* a range says nothing of what lies beyond it */
    assert_int_equal(message_count(theirs_now(BEIJING), THEIRS), 1);
    assert_int_equal(message_number(message_bytes(theirs_now(BEIJING), THEIRS, 0), 5), 900);
    state_also(late, 1, 0, 0);
    assert_int_equal(theirs_of_line(), 1);
    struct statement_total total = {"310", "21", 2, 0, 2 * tianjins->total, 2 * tianjins->fund, 2 * tianjins->account};
    struct statement totals = {
        .day = 20250310, .institution = TIANJIN_HOSPITAL, .side = SIDE_INSURED, .totals = &total, .total_count = 1};
    rig_send(&rig, BEIJING, EVENT_STATEMENT, (union event_body){.statement = totals});
    assert_int_equal(message_count(theirs_now(BEIJING), THEIRS), 0); /* totals that agree have no such row */
    assert_int_equal(theirs_of_line(), 0);
}

AROUND_EACH(a_life, its_end)
