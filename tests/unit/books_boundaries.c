/* SPDX-License-Identifier: Apache-2.0
 * The books at their boundaries of time and content: the last millisecond that is in and the first that is not, the
 * month too many, the fen too much, the same said twice. Instants are written out, not computed. */
#include "tests/support/test.h"
#include "tests/unit/books_rig.h"

enum { BEIJING_TO_TIANJIN = 1, AMOUNT = 75000 }; /* a pair; what the bill of the rig clears */

#define APRIL_1 INT64_C(1743436800000)  /* 2025-03-31T16:00:00.000Z */
#define APRIL_20 INT64_C(1745078400000) /* 2025-04-19T16:00:00.000Z */
#define APRIL_21 INT64_C(1745164800000) /* 2025-04-20T16:00:00.000Z */
#define MAY_21 INT64_C(1747756800000)   /* 2025-05-20T16:00:00.000Z */

static struct pair_month table_of(const struct rig *rig, uint32_t month)
{
    const struct books *books = rig->harness.self;
    return books->pairs[month_of_number(month)][BEIJING_TO_TIANJIN];
}

static void state_one(struct rig *rig, int side, civil_date_t day, uint64_t number)
{
    rig_state_row(rig, side == 0 ? TIANJIN : BEIJING, side == 0 ? SIDE_CARE : SIDE_INSURED, day, number,
                  &beijinger_in_tianjin, 0, 0);
}

/* ---- the cut ---- */

/* The last of two statements counts, whichever side it is from; another bill may have opened the month already. */
TEST(the_20th_is_in_and_the_21st_is_not)
{
    static const struct {
        instant_ms_t reconciled;
        uint32_t clears_in;
    } table[] = {
        {APRIL_20, 202503}, {APRIL_21 - 1, 202503}, {APRIL_21, 202504}, {MAY_21 - 1, 202504}, {MAY_21, 202505},
    };
    for (unsigned i = 0; i < 4 * sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        position_t bills[2];
        int last = i % 2;
        bool opened = i / 2 % 2 != 0;
        uint32_t clears_in = table[i / 4].clears_in;
        rig_start_with_two(&rig, bills);
        rig_at(&rig, 20250401);
        if (opened)
            rig_both_state(&rig, 20250310, bills[1], &beijinger_in_tianjin, 0);
        state_one(&rig, 1 - last, 20250310, bills[0]);
        rig_at_instant(&rig, table[i / 4].reconciled);
        state_one(&rig, last, 20250310, bills[0]);
        if (rig_clears_in(&rig, bills[0]) != clears_in)
            fail_msg("reconciled at %lld: %u, not %u", (long long)table[i / 4].reconciled,
                     rig_clears_in(&rig, bills[0]), clears_in);
        fen_t others = opened ? AMOUNT : 0, march = others + (clears_in == 202503 ? AMOUNT : 0);
        assert_int_equal(table_of(&rig, 202503).amount, march);
        if (clears_in != 202503)
            assert_int_equal(table_of(&rig, clears_in).amount, AMOUNT);
        rig_at(&rig, 20250421);
        (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
        rig_at(&rig, 20250426);
        (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
        assert_int_equal(table_of(&rig, 202503).amount, march);
        assert_int_equal(rig_balance(&rig, "clearing:120000"), march); /* what was issued is what stood */
        assert_books_sum_to_zero(&rig);
        rig_stop(&rig);
    }
}

TEST(a_day_ends_at_16_00_universal_time)
{
    static const struct {
        instant_ms_t accepted;
        civil_date_t day, other_day;
        uint32_t month;
    } table[] = {{APRIL_1 - 1, 20250331, 20250401, 202503}, {APRIL_1, 20250401, 20250331, 202504}};
    for (unsigned i = 0; i < 2; i++) {
        struct rig rig;
        rig_start_with_policy(&rig);
        rig_at_instant(&rig, table[i].accepted);
        position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
        assert_int_equal(rig_load(&rig, bill).row.day, table[i].day);
        rig_at(&rig, 20250403);
        state_one(&rig, 0, table[i].other_day, bill);
        assert_int_equal(rig.said.statement->bills, 0); /* that day has no bill */
        rig_both_state(&rig, table[i].day, bill, &beijinger_in_tianjin, 0);
        assert_int_equal(rig_clears_in(&rig, bill), table[i].month);
        rig_stop(&rig);
    }
}

/* ---- rolling over ---- */

TEST(a_bill_rolls_over_two_months_or_into_its_years_last_table)
{
    static const struct {
        civil_date_t bill, reconciled;
        uint32_t clears_in; /* 0: OPEN_TOO_LATE */
    } table[] = {
        {20250331, 20250520, 202504}, {20250331, 20250521, 202505}, /* two months over */
        {20250331, 20250620, 202505}, {20250331, 20250621, 202602}, /* three: the year's last table */
        {20250331, 20260320, 202602}, {20250331, 20260321, 0},      {20251031, 20260120, 202512},
        {20251031, 20260121, 202602}, {20251130, 20260220, 202601}, {20251130, 20260221, 202602},
        {20251231, 20260101, 202512}, {20251231, 20260120, 202512}, {20251231, 20260121, 202601},
        {20251231, 20260220, 202601}, {20251231, 20260221, 202602}, {20251231, 20260320, 202602},
        {20251231, 20260321, 0},      {20260101, 20260321, 202603}, {20260101, 20260420, 202603},
        {20260101, 20260421, 202702}, {20260101, 20270320, 202702}, {20260101, 20270321, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        rig_start_with_policy(&rig);
        rig_at(&rig, table[i].bill);
        position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
        rig_at(&rig, table[i].reconciled);
        for (int twice = 0; twice < 2; twice++) { /* to say it again changes nothing */
            rig_both_state(&rig, table[i].bill, bill, &beijinger_in_tianjin, 0);
            if (rig_clears_in(&rig, bill) != table[i].clears_in)
                fail_msg("%u reconciled on %u: %u, not %u", table[i].bill, table[i].reconciled,
                         rig_clears_in(&rig, bill), table[i].clears_in);
        }
        const struct books *books = rig.harness.self;
        for (month_t month = 1; month <= MONTHS_COUNT_MAX; month++)
            assert_int_equal(books->pairs[month][BEIJING_TO_TIANJIN].amount,
                             month_number(month) == table[i].clears_in ? AMOUNT : 0);
        if (table[i].clears_in == 0)
            assert_int_equal(rig_load(&rig, bill).reason, OPEN_TOO_LATE);
        rig_stop(&rig);
    }
}

TEST(a_bill_that_waits_for_a_later_table_is_listed_until_that_stands)
{
    const struct books_query open = {ASK_ROWS, .body.rows = {202503, SPAN_OF(""), SPAN_OF(""), .open = true}};
    struct rig rig;
    rig_start_with_policy(&rig);
    rig_at(&rig, 20250331);
    position_t bill = rig_settle(&rig, &beijinger_in_tianjin);
    rig_at(&rig, 20250621);
    rig_both_state(&rig, 20250331, bill, &beijinger_in_tianjin, 0);
    assert_int_equal(rig_ask(&rig, &open)->row_count, 0); /* version 1 */
    rig_send(&rig, "operator", EVENT_LOGIC_VERSION, (union event_body){.logic = {.version = 2, .reason = ""}});
    assert_int_equal(rig_clears_in(&rig, bill), 202602); /* rolled over too often: its year's last table */
    assert_int_equal(rig_ask(&rig, &open)->row_count, 1);
    assert_int_equal(rig.answer.rows[0].number, bill);
    assert_string_equal(rig.answer.rows[0].open_reason_name, "OPEN_ROLLED_OVER");
    assert_int_equal(rig.answer.rows[0].month, 202602);
    rig_at(&rig, 20260320);
    rig_tick(&rig);
    assert_int_equal(rig_ask(&rig, &open)->row_count, 1);
    rig_at(&rig, 20260321);
    assert_true(rig_do_until(&rig, BOOKS_CLEARING_TABLE));
    assert_int_equal(rig_ask(&rig, &open)->row_count, 0);
    rig_stop(&rig);
}

/* ---- reversals around the cut ---- */

/* The first position of the 21st with nothing else to say is the cut: what lies before it is in. */
TEST(a_reversal_around_the_cut_leaves_the_table_as_it_stands)
{
    static const struct {
        instant_ms_t reversed;
        bool ticked; /* the cut was made before */
        int cut;     /* from the reversal's position */
    } table[] = {{APRIL_21 - 1, false, 1}, {APRIL_21, false, 0}, {APRIL_21, true, -3}};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct rig rig;
        position_t bills[2];
        rig_start_with_two(&rig, bills);
        struct books *books = rig.harness.self;
        rig_at(&rig, 20250401);
        rig_both_state(&rig, 20250310, bills[0], &beijinger_in_tianjin, 0);
        rig_at_instant(&rig, table[i].reversed);
        if (table[i].ticked) /* the table, the nets, and nothing more */
            assert_int_equal(rig_do_due(&rig, BOOKS_CLEARING_TABLE), 1);
        if (table[i].ticked)
            rig_tick(&rig);
        position_t reversal = rig_reverse(&rig, bills[0], &beijinger_in_tianjin);
        civil_date_t day = rig_load(&rig, reversal).row.day;
        rig_at_instant(&rig, APRIL_21 + 1);
        (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
        assert_int_equal(books->months[month_of_number(202503)].cut, reversal + (position_t)(int64_t)table[i].cut);
        rig_at(&rig, 20250422);
        rig_both_state(&rig, day, reversal, &beijinger_in_tianjin, bills[0]);
        assert_int_equal(rig_clears_in(&rig, bills[0]), 202503);
        assert_int_equal(rig_clears_in(&rig, reversal), 202504);
        assert_int_equal(table_of(&rig, 202503).count_negative, 0);
        assert_int_equal(table_of(&rig, 202503).amount, AMOUNT);
        assert_int_equal(table_of(&rig, 202504).count_negative, 1);
        assert_int_equal(table_of(&rig, 202504).count_positive, 0);
        assert_int_equal(table_of(&rig, 202504).amount, -AMOUNT);
        rig_reply(&rig, BEIJING, ACTION_DISPUTE, bills[0], 0); /* then there is nothing to take back */
        assert_int_equal(rig_load(&rig, reversal).reason, OPEN_ORIGINAL);
        assert_int_equal(table_of(&rig, 202504).amount, 0);
        rig_reply(&rig, BEIJING, ACTION_ROLL_BACK, 0, rig.said.clearing_reply->reply);
        assert_int_equal(rig_clears_in(&rig, reversal), 202504);
        rig_stop(&rig);
    }
}

/* When the original is reconciled at last, both go into the table that takes it. */
TEST(a_reversal_waits_for_its_original)
{
    static const struct {
        instant_ms_t reconciled;
        uint32_t clears_in;
    } table[] = {{APRIL_21 - 1, 202503}, {APRIL_21, 202504}};
    for (unsigned i = 0; i < 2; i++) {
        struct rig rig;
        position_t bills[2];
        rig_start_with_two(&rig, bills);
        position_t reversal = rig_reverse(&rig, bills[0], &beijinger_in_tianjin);
        rig_at(&rig, 20250401);
        rig_both_state(&rig, 20250310, reversal, &beijinger_in_tianjin, bills[0]);
        state_one(&rig, 0, 20250310, bills[0]);
        assert_int_equal(rig_load(&rig, reversal).reason, OPEN_ORIGINAL);
        rig_at_instant(&rig, table[i].reconciled);
        state_one(&rig, 1, 20250310, bills[0]);
        assert_int_equal(rig_clears_in(&rig, bills[0]), table[i].clears_in);
        assert_int_equal(rig_clears_in(&rig, reversal), table[i].clears_in);
        assert_int_equal(table_of(&rig, table[i].clears_in).amount, 0);
        assert_int_equal(table_of(&rig, table[i].clears_in).count_negative, 1);
        rig_stop(&rig);
    }
}

/* ---- amounts ---- */

static void one_amount_is_off(struct rig *rig, int side, uint64_t number, const fen_t off[3])
{
    const struct rig_bill *bill = &beijinger_in_tianjin;
    struct statement_row row = {number,
                                bill->bill_id,
                                0,
                                BEIJING,
                                "310",
                                "21",
                                bill->total + off[0],
                                bill->fund + off[1],
                                bill->account + off[2]};
    struct statement statement = {.day = 20250310,
                                  .institution = TIANJIN_HOSPITAL,
                                  .side = side == 0 ? SIDE_CARE : SIDE_INSURED,
                                  .detailed = true,
                                  .number_from = number,
                                  .number_to = number,
                                  .rows = &row,
                                  .row_count = 1};
    rig_send(rig, side == 0 ? TIANJIN : BEIJING, EVENT_STATEMENT, (union event_body){.statement = statement});
}

static void totals_are_off(struct rig *rig, int side, const fen_t off[3])
{
    const struct rig_bill *bill = &beijinger_in_tianjin;
    struct statement_total total = {
        "310", "21", 2, 0, 2 * bill->total + off[0], 2 * bill->fund + off[1], 2 * bill->account + off[2]};
    struct statement statement = {.day = 20250310,
                                  .institution = TIANJIN_HOSPITAL,
                                  .side = side == 0 ? SIDE_CARE : SIDE_INSURED,
                                  .totals = &total,
                                  .total_count = 1};
    rig_send(rig, side == 0 ? TIANJIN : BEIJING, EVENT_STATEMENT, (union event_body){.statement = statement});
}

/* Out of the table until it is stated right; the row names what differs. */
TEST(an_amount_off_by_a_fen_is_named_and_waits)
{
    static const struct {
        fen_t off[3]; /* total, fund, account */
        enum difference difference;
    } table[] = {
        {{1, 0, 0}, DIFFERENCE_ONE_FEN},  {{-1, 0, 0}, DIFFERENCE_ONE_FEN}, {{0, 1, 0}, DIFFERENCE_ONE_FEN},
        {{0, -1, 0}, DIFFERENCE_ONE_FEN}, {{0, 0, 1}, DIFFERENCE_ONE_FEN},  {{0, 0, -1}, DIFFERENCE_ONE_FEN},
        {{0, 1, -1}, DIFFERENCE_ONE_FEN}, {{2, 0, 0}, DIFFERENCE_AMOUNT},   {{-2, 0, 0}, DIFFERENCE_AMOUNT},
        {{0, 2, 0}, DIFFERENCE_SPLIT},    {{0, 0, -2}, DIFFERENCE_SPLIT},
    };
    struct rig rig;
    position_t bills[2];
    const fen_t right[3] = {0, 0, 0};
    rig_start_with_two(&rig, bills);
    rig_at(&rig, 20250401);
    rig_both_state(&rig, 20250310, bills[0], &beijinger_in_tianjin, 0);
    rig_both_state(&rig, 20250310, bills[1], &beijinger_in_tianjin, 0);
    for (unsigned i = 0; i < 2 * sizeof table / sizeof table[0]; i++) {
        int side = i % 2;
        one_amount_is_off(&rig, side, bills[0], table[i / 2].off);
        assert_int_equal(rig.said.statement->bills, 1);
        assert_int_equal(rig.said.statement->matched, 0);
        const struct statement_difference *row = rig.said.statement->differences;
        if (row->difference != table[i / 2].difference)
            fail_msg("row %u: difference %u", i / 2, row->difference);
        assert_string_equal(row->name, difference_find(table[i / 2].difference)->name);
        assert_int_equal(row->number, bills[0]);
        assert_int_equal(row->theirs_total - row->ours_total, table[i / 2].off[0]);
        assert_int_equal(row->theirs_fund - row->ours_fund, table[i / 2].off[1]);
        assert_int_equal(row->theirs_account - row->ours_account, table[i / 2].off[2]);
        assert_int_equal(rig_load(&rig, bills[0]).reason, OPEN_DIFFERS);
        assert_int_equal(table_of(&rig, 202503).amount, AMOUNT); /* the other stays */
        one_amount_is_off(&rig, side, bills[0], right);
        assert_int_equal(rig_clears_in(&rig, bills[0]), 202503);
        assert_int_equal(table_of(&rig, 202503).amount, 2 * AMOUNT);
    }
    for (unsigned i = 0; i < 12; i++) { /* totals: neither bill is known to be right */
        fen_t off[3] = {0, 0, 0};
        off[i / 4] = i / 2 % 2 == 0 ? 1 : -1;
        totals_are_off(&rig, i % 2, off);
        assert_int_equal(rig.said.statement->differences[0].difference, DIFFERENCE_TOTALS);
        assert_int_equal(table_of(&rig, 202503).amount, 0);
        totals_are_off(&rig, i % 2, right);
        assert_int_equal(table_of(&rig, 202503).amount, 2 * AMOUNT);
    }
    rig_stop(&rig);
}

/* ---- the same again ---- */

/* In whatever state it is said; another message each time. */
TEST(a_statement_said_twice_changes_nothing)
{
    static const fen_t offs[][3] = {{0, 0, 0}, {0, 1, 0}};
    static const civil_date_t days[] = {20250401, 20250422, 20250427, 20260321};
    for (unsigned i = 0; i < 2 * 2 * 2 * sizeof days / sizeof days[0]; i++) {
        struct rig rig;
        position_t bills[2];
        uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
        struct buffer said[2];
        const fen_t *off = offs[i / 2 % 2];
        rig_start_with_two(&rig, bills);
        rig_at(&rig, 20250312);
        if (i % 8 >= 4)
            rig_both_state(&rig, 20250310, bills[0], &beijinger_in_tianjin, 0);
        rig_at(&rig, days[i / 8]);
        (void)rig_do_due(&rig, BOOKS_CLEARING_TABLE);
        for (int totals = 0; totals < 2; totals++) {
            for (int twice = 0; twice < 2; twice++) {
                totals ? totals_are_off(&rig, i % 2, off) : one_amount_is_off(&rig, i % 2, bills[0], off);
                buffer_init(&said[twice]);
                statement_result_encode(rig.said.statement, &said[twice]);
                harness_digest(&rig.harness, twice == 0 ? before : after);
            }
            assert_true(span_equal(buffer_span(&said[0]), buffer_span(&said[1])));
            assert_memory_equal(before, after, DIGEST_SIZE);
            buffer_fini(&said[0]);
            buffer_fini(&said[1]);
        }
        rig_stop(&rig);
    }
}

/* ---- how often it is committed ---- */

static void flush_now(struct rig *rig)
{
    books_core.flush(rig->harness.self, rig->harness.txn);
}

static void restart_now(struct rig *rig)
{
    harness_restart(&rig->harness);
}

static void restart_sometimes(struct rig *rig)
{
    if (rig->harness.position % 7 == 0)
        harness_restart(&rig->harness);
}

/* As often as anything can be due: a core that was started again does not know what day it is. */
static void ticks(struct rig *rig, civil_date_t day)
{
    rig_at(rig, day);
    for (int i = 0; i < 12; i++)
        rig_tick(rig);
}

static void investigated(struct rig *rig, position_t bill)
{
    struct investigation event = {.about = bill, .text = "?"};
    event.about = rig_send(rig, BEIJING, EVENT_INVESTIGATION_REQUEST, (union event_body){.investigation = event});
    rig_send(rig, TIANJIN, EVENT_INVESTIGATION_ANSWER, (union event_body){.investigation = event});
    event.verdict = VERDICT_WRONG_PART;
    event.amount = 1;
    rig_send(rig, TIANJIN, EVENT_INVESTIGATION_FINDING, (union event_body){.investigation = event});
}

static void live_two_months(struct rig *rig, void (*after_each)(struct rig *rig))
{
    position_t bills[2];
    rig_start_with_two(rig, bills);
    rig->after_each = after_each;
    struct advance_deposit deposit = {BEIJING, TIANJIN, 100000, 20250310, false, 0};
    deposit.deposit = rig_send(rig, BEIJING, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = deposit});
    rig_send(rig, TIANJIN, EVENT_ADVANCE_DEPOSIT, (union event_body){.advance_deposit = deposit});
    rig_at(rig, 20250401);
    totals_are_off(rig, 0, (fen_t[]){0, 0, 0});
    totals_are_off(rig, 1, (fen_t[]){1, 0, 0});
    rig_both_state(rig, 20250310, bills[0], &beijinger_in_tianjin, 0);
    rig_both_state(rig, 20250310, bills[1], &beijinger_in_tianjin, 0);
    investigated(rig, bills[1]);
    ticks(rig, 20250421);
    rig_reply(rig, TIANJIN, ACTION_CONFIRM, 0, 0);
    rig_reply(rig, BEIJING, ACTION_CONFIRM, bills[0], 0);
    rig_reply(rig, BEIJING, ACTION_DISPUTE, bills[1], 0);
    ticks(rig, 20250426);
    struct payment payment = {202503, BEIJING, TIANJIN, AMOUNT, 20250508, ""};
    rig_send(rig, BEIJING, EVENT_PAYMENT, (union event_body){.payment = payment});
    position_t reversal = rig_reverse(rig, bills[0], &beijinger_in_tianjin);
    rig_at(rig, 20250430);
    rig_both_state(rig, 20250426, reversal, &beijinger_in_tianjin, bills[0]);
    rig_both_state(rig, 20250310, bills[1], &beijinger_in_tianjin, 0);
    ticks(rig, 20250521);
    ticks(rig, 20250526);
    ticks(rig, 20250630);
    rig_send(rig, TIANJIN, EVENT_PAYMENT, (union event_body){.payment = payment});
}

TEST(records_are_the_same_bytes_however_often_it_is_committed)
{
    static void (*const batchings[])(struct rig *) = {NULL, flush_now, restart_now, restart_sometimes};
    uint8_t outputs[4][DIGEST_SIZE], states[4][DIGEST_SIZE];
    for (unsigned i = 0; i < 4; i++) {
        struct rig rig;
        live_two_months(&rig, batchings[i]);
        rig.after_each = NULL;
        assert_int_equal(rig_balance(&rig, "transit:110000:120000"), 0);
        assert_int_equal(rig_balance(&rig, "adjusted:110000:310"), -1);
        harness_digest(&rig.harness, states[i]);
        digest_finish(rig.outputs, outputs[i]);
        rig_stop(&rig);
        assert_memory_equal(outputs[i], outputs[0], DIGEST_SIZE);
        assert_memory_equal(states[i], states[0], DIGEST_SIZE);
    }
}
