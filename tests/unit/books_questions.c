/* SPDX-License-Identifier: Apache-2.0
 * Who sees what of the books, what is no question at all, and the rows that one side alone has. */
#include "services/books/ask/question.h"
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

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
static const struct books_reply *ask(const char *viewer, struct books_query query)
{
    query.viewer = span_text(viewer);
    return rig_ask(&rig, &query);
}

TEST(a_pair_is_seen_by_its_two_regions)
{
    static const struct {
        const char *viewer;
        bool seen;
    } table[] = {{"", true}, {BEIJING, true}, {TIANJIN, true}, {HEBEI, false}};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct books_reply *answer = ask(
            table[i].viewer,
            (struct books_query){ASK_ROWS, .body.rows = {202503, SPAN_OF(BEIJING), SPAN_OF(TIANJIN), .open = true}});
        assert_int_equal(answer->row_count, table[i].seen ? 2 : 0);
        assert_int_equal(answer->refused, table[i].seen ? RULE_NONE : RULE_NOT_YOUR_BOOKS);
    }
}

static const struct books_query march = {ASK_RECONCILIATION,
                                         .body.reconciliation = {.from_day = 20250301, .to_day = 20250331}};

TEST(each_sees_its_own_lines)
{
    static const struct {
        const char *viewer;
        unsigned lines, aged, investigations, advances, entries;
    } table[] = {{"", 2, 3, 1, 6, 1}, {BEIJING, 2, 3, 1, 4, 1}, {TIANJIN, 1, 2, 1, 4, 1}, {HEBEI, 1, 1, 0, 4, 0}};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *by = table[i].viewer;
        assert_int_equal(ask(by, march)->reconciliation_count, table[i].lines);
        assert_int_equal(ask(by, (struct books_query){.kind = ASK_AGING})->aging_count, table[i].aged);
        assert_int_equal(ask(by, (struct books_query){.kind = ASK_INVESTIGATIONS})->investigation_count,
                         table[i].investigations);
        assert_int_equal(ask(by, (struct books_query){ASK_CLEARING, .body.clearing = {202503}})->advance_count,
                         table[i].advances);
        assert_int_equal(ask(by, (struct books_query){.kind = ASK_ENTRIES})->entry_count, table[i].entries);
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
    const struct books_reply *answer = ask("", (struct books_query){.kind = ASK_BALANCES});
    unsigned pending = 0;
    for (uint32_t i = 0; i < answer->balance_count; i++) {
        bool transit = strcmp(answer->balances[i].account, "advance_transit:110000:120000") == 0;
        assert_int_equal(answer->balances[i].pending, transit);
        pending += transit;
    }
    assert_int_equal(pending, 1);
}

TEST(what_is_no_question)
{
    static const struct books_query table[] = {
        {ASK_CLEARING, .body.clearing = {202513}},
        {ASK_CLEARING, .body.clearing = {0}},
        {ASK_SUPERVISION, .body.supervision = {.month = 199912}},
        {ASK_ROWS, .body.rows = {.month = 202503,
                                 .insured_region = SPAN_OF(BEIJING),
                                 .care_region = SPAN_OF("110100")}}, /* an area is no region */
        {ASK_ROWS, .body.rows = {.month = 0, .insured_region = SPAN_OF(BEIJING), .care_region = SPAN_OF(TIANJIN)}},
        {ASK_RECONCILIATION, .body.reconciliation = {.from_day = 20250301, .to_day = 20250332}},
        {ASK_RECONCILIATION, .body.reconciliation = {.from_day = 20250301, .to_day = 0}},
        {ASK_AGING, .body.aging = {20250229}},
        {ASK_BALANCES, .viewer = SPAN_OF("999999")},
        {ASK_NONE, .viewer = SPAN_OF(BEIJING)},
    };
    struct buffer question, answer;
    buffer_init(&question);
    buffer_init(&answer);
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        buffer_reset(&question);
        books_query_encode(&table[i], &question);
        if (books_core.query(rig.harness.self, rig.harness.txn, buffer_span(&question), &answer) != REJECT_MALFORMED)
            fail_msg("row %u is a question", i);
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

static uint32_t theirs_now(const char *viewer)
{
    struct books_query query = march;
    query.body.reconciliation.only_theirs = true;
    return ask(viewer, query)->only_their_count;
}

/* Beijingers in Tianjin; the line before is of the Hebeian in Beijing. */
static unsigned theirs_of_line(void)
{
    return ask(BEIJING, (struct books_query){ASK_RECONCILIATION,
                                             .body.reconciliation = {.from_day = 20250310, .to_day = 20250310}})
        ->reconciliation[1]
        .insured_only;
}

TEST(a_row_that_is_only_theirs_stays_until_the_day_is_stated_without_it)
{
    static const uint64_t one[] = {500}, three[] = {500, 500, 900}, late[] = {900};
    rig_at(&rig, 20250401);
    position_t first = rig.harness.position;
    state_also(one, 1, 0, 0);
    assert_int_equal(theirs_now(BEIJING), 1);
    assert_int_equal(theirs_now(TIANJIN), 1);
    assert_int_equal(rig.answer.only_theirs[0].number, 500);
    assert_int_equal(rig.answer.only_theirs[0].statement, first);
    assert_int_equal(rig.answer.only_theirs[0].stated_on, 20250401);
    assert_int_equal(theirs_now(HEBEI), 0);
    rig_at(&rig, 20250405);
    state_also(three, 3, 0, 0); /* the first is as old as it was; the second time it is a row of its own */
    assert_int_equal(theirs_now(BEIJING), 3);
    assert_int_equal(rig.answer.only_theirs[0].statement, first);
    assert_int_equal(rig.answer.only_theirs[1].stated_on, 20250405);
    assert_int_equal(theirs_of_line(), 3);
    harness_restart(&rig.harness);
    state_also(NULL, 0, 1, 600); /* a range says nothing of what lies beyond it */
    assert_int_equal(theirs_now(BEIJING), 1);
    assert_int_equal(rig.answer.only_theirs[0].number, 900);
    state_also(late, 1, 0, 0);
    assert_int_equal(theirs_of_line(), 1);
    struct statement_total total = {"310", "21", 2, 0, 2 * tianjins->total, 2 * tianjins->fund, 2 * tianjins->account};
    struct statement totals = {
        .day = 20250310, .institution = TIANJIN_HOSPITAL, .side = SIDE_INSURED, .totals = &total, .total_count = 1};
    rig_send(&rig, BEIJING, EVENT_STATEMENT, (union event_body){.statement = totals});
    assert_int_equal(theirs_now(BEIJING), 0); /* totals that agree have no such row */
    assert_int_equal(theirs_of_line(), 0);
}

AROUND_EACH(a_life, its_end)
