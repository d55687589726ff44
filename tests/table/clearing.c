/* SPDX-License-Identifier: Apache-2.0
 * Months, dates, nets, payments, advance funds: tables an auditor can read. */
#include "common/engines/clearing/clearing.h"
#include "common/engines/advance/advance.h"
#include "common/engines/clearing_policy/clearing_policy_check.h"
#include "common/engines/clearing_policy/clearing_policy_file.h"
#include "common/engines/gazette/published.h"
#include "tests/support/test.h"

static struct clearing_policy policy;

static int load(void **state)
{
    struct buffer why;
    buffer_init(&why);
    enum status status = clearing_policy_file_load("data/clearing/2025.yaml", &policy, &why);
    if (status != OK)
        (void)fputs(buffer_text(&why), stderr);
    buffer_fini(&why);
    return status == OK ? 0 : -1;
}

TEST(a_bill_clears_in_its_month_or_rolls_over)
{
    static const struct {
        uint32_t bill_month;
        civil_date_t reconciled;
        uint32_t clears_in; /* 0: no more */
    } table[] = {
        {202503, 20250310, 202503}, {202503, 20250331, 202503}, {202503, 20250420, 202503}, /* the 20th is in */
        {202503, 20250421, 202504}, {202503, 20250520, 202504}, {202503, 20250521, 202505},
        {202503, 20250620, 202505}, /* two months over */
        {202503, 20250621, 202602}, /* out of roll-overs: the year's last table, issued in March */
        {202503, 20260320, 202602}, {202503, 20260321, 0},      {202512, 20260120, 202512},
        {202512, 20260320, 202602}, {202512, 20260321, 0}, /* a year is cleared by the end of the next first quarter */
        {202404, 20250501, 0},      {202404, 20250320, 202502}, {202601, 20260321, 202603},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        month_t month = clearing_month_of(month_of_number(table[i].bill_month), table[i].reconciled, &policy);
        uint32_t number = month == 0 ? 0 : month_number(month);
        if (number != table[i].clears_in)
            fail_msg("a bill of %u reconciled on %u: %u, not %u", table[i].bill_month, table[i].reconciled, number,
                     table[i].clears_in);
    }
}

TEST(months_are_numbers_without_gaps)
{
    assert_int_equal(month_of_number(200001), 1);
    assert_int_equal(month_of_number(204912), MONTHS_COUNT_MAX);
    assert_int_equal(month_of_number(205001), 0);
    assert_int_equal(month_of_number(199912), 0);
    assert_int_equal(month_of_number(202500), 0);
    assert_int_equal(month_of_number(202513), 0);
    for (month_t month = 1; month <= MONTHS_COUNT_MAX; month++)
        assert_int_equal(month_of_number(month_number(month)), month);
    assert_int_equal(month_day(month_of_number(202502), 31), 20250228);
    assert_int_equal(month_day(month_of_number(202402), 31), 20240229);
    struct clearing_dates dates = clearing_dates_of(month_of_number(202512), &policy);
    assert_int_equal(dates.cut_on, 20260120);
    assert_int_equal(dates.generate_on, 20260121);
    assert_int_equal(dates.confirm_by, 20260125);
}

/* owed: Beijing to Tianjin, to Hebei; Tianjin to Beijing, to Hebei; Hebei to Beijing, to Tianjin, within Hebei */
static const struct {
    fen_t owed[7];
    fen_t net[3];
    unsigned payments;
    struct clearing_payment expected[3];
} nets[] = {
    {{0, 0, 0, 0, 0, 0, 0}, {0, 0, 0}, 0, {{0}}},
    {{100, 0, 100, 0, 0, 0, 0}, {0, 0, 0}, 0, {{0}}},
    {{0, 0, 0, 0, 500, 300, 999}, {500, 300, -800}, 2, {{2, 0, 500}, {2, 1, 300}}},
    {{300, 500, 0, 0, 0, 0, 0}, {-800, 300, 500}, 2, {{0, 1, 300}, {0, 2, 500}}},
    {{0, 500, 0, 300, 0, 0, 0}, {-500, -300, 800}, 2, {{0, 2, 500}, {1, 2, 300}}},
    {{700, 0, 0, 700, 700, 0, 0}, {0, 0, 0}, 0, {{0}}}, /* round in a circle */
    {{10, 0, 0, 0, 25, 0, 0}, {15, 10, -25}, 2, {{2, 0, 15}, {2, 1, 10}}},
    {{0, 0, 0, 0, 0, 1, 0}, {0, 1, -1}, 1, {{2, 1, 1}}},
    {{-40, 0, 0, 0, 0, 0, 0}, {40, -40, 0}, 1, {{1, 0, 40}}}, /* more taken back than settled */
};

TEST(nets_add_up_to_zero_and_payments_make_them_so)
{
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
        const fen_t *o = nets[i].owed;
        fen_t owed[REGIONS][REGIONS] = {{0, o[0], o[1]}, {o[2], 0, o[3]}, {o[4], o[5], o[6]}}, net[REGIONS];
        struct clearing_payment payments[REGIONS];
        clearing_nets(owed, net);
        assert_memory_equal(net, nets[i].net, sizeof net);
        unsigned count = clearing_payments(net, payments);
        assert_int_equal(count, nets[i].payments);
        for (unsigned j = 0; j < count; j++) {
            assert_int_equal(payments[j].payer, nets[i].expected[j].payer);
            assert_int_equal(payments[j].payee, nets[i].expected[j].payee);
            assert_int_equal(payments[j].amount, nets[i].expected[j].amount);
        }
    }
}

TEST(limits_are_working_days)
{
    static const uint32_t days[3] = {5, 10, 5};
    struct clearing_limits limits = {0};
    assert_int_equal(clearing_limits_of(calendar_first(), 20240926, days, &limits), OK);
    assert_int_equal(limits.ask_by, 20241009); /* 27, 29 (make-up), 30 September, 8, 9 October */
    assert_int_equal(limits.pay_by, 20241022);
    assert_int_equal(limits.confirm_by, 20241029);
    assert_int_equal(clearing_limits_of(calendar_first(), 20261220, days, &limits),
                     REJECT_RANGE); /* 2027 is not loaded */
    assert_int_equal(limits.ask_by, 20241009);
}

TEST(quota_is_twice_the_quarters_average)
{
    assert_int_equal(advance_quota((fen_t[]){300, 300, 300}, 20000), 600);
    assert_int_equal(advance_quota((fen_t[]){100, 100, 101}, 20000), 201); /* 200.67 */
    assert_int_equal(advance_quota((fen_t[]){0, 0, 1}, 20000), 1);         /* 0.67 */
    assert_int_equal(advance_quota((fen_t[]){1, 0, 0}, 15000), 1);         /* 0.5, half up */
    assert_int_equal(advance_quota((fen_t[]){-500, 100, 100}, 20000), 0);
    assert_int_equal(advance_quota((fen_t[]){0, 0, 0}, 20000), 0);
}

TEST(warnings_are_exact_at_their_boundaries)
{
    static const struct {
        fen_t clearing, advance;
        enum advance_colour colour;
        int64_t rate;
        fen_t top_up;
    } table[] = {
        {699999, 1000000, ADVANCE_GREEN, 6999, 0},
        {700000, 1000000, ADVANCE_YELLOW, 7000, 1},
        {899999, 1000000, ADVANCE_YELLOW, 8999, 285713},
        {900000, 1000000, ADVANCE_RED, 9000, 285715},
        {1500000, 1000000, ADVANCE_RED, 15000, 1142858},
        {0, 0, ADVANCE_GREEN, -1, 0},
        {-5, 100, ADVANCE_GREEN, -500, 0},
        {1, 0, ADVANCE_RED, -1, 2},
        {7, 10, ADVANCE_YELLOW, 7000, 1},
        {9, 10, ADVANCE_RED, 9000, 3},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(advance_colour_of(table[i].clearing, table[i].advance, &policy), table[i].colour);
        assert_int_equal(advance_use_rate(table[i].clearing, table[i].advance), table[i].rate);
        fen_t top_up = advance_top_up(table[i].clearing, table[i].advance, &policy);
        assert_int_equal(top_up, table[i].top_up);
        if (top_up > 0) { /* enough, and not a fen more */
            fen_t held = table[i].advance + top_up;
            assert_int_equal(advance_colour_of(table[i].clearing, held, &policy), ADVANCE_GREEN);
            assert_int_not_equal(advance_colour_of(table[i].clearing, held - 1, &policy), ADVANCE_GREEN);
        }
    }
}

TEST(a_policy_that_contradicts_itself_is_named)
{
    static struct findings findings;
    struct clearing_policy bad = policy;
    memset(&findings, 0, sizeof findings);
    clearing_policy_check(&bad, "policy", &findings);
    assert_int_equal(findings.count, 0);
    bad.cut_day = 25;
    bad.advance_red = bad.advance_yellow;
    bad.roll_over_max = 13;
    bad.valid_from = 20250230;
    clearing_policy_check(&bad, "policy", &findings);
    assert_int_equal(findings.count, 4);
    assert_string_equal(findings.items[0].path, "policy.roll_over_max");
    assert_string_equal(findings.items[1].path, "policy.valid_from");
    assert_string_equal(findings.items[2].path, "policy.generate_day");
    assert_string_equal(findings.items[3].path, "policy.advance_red");
}

TEST(a_policy_survives_the_wire)
{
    struct buffer bytes;
    struct clearing_policy back;
    buffer_init(&bytes);
    clearing_policy_encode(&policy, &bytes);
    assert_int_equal(clearing_policy_decode(buffer_span(&bytes), NULL, &back), OK);
    assert_memory_equal(&back, &policy, sizeof back);
    buffer_fini(&bytes);
}

AROUND_ALL(load, NULL)
