/* SPDX-License-Identifier: Apache-2.0
 * Months, contribution rows, what is paid twice and what lacks documents: one row a case. */
#include "common/codes/rule.h"
#include "common/engines/transfer/contribution.h"
#include "tests/support/test.h"

TEST(months_count_as_the_calendar_does)
{
    assert_true(month_exists(195001));
    assert_true(month_exists(209912));
    assert_false(month_exists(194912));
    assert_false(month_exists(210001));
    assert_false(month_exists(200000));
    assert_false(month_exists(200013));
    for (uint32_t i = 0; i < MONTHS_COUNT; i++)
        assert_int_equal(month_index(month_at(i)), i);
    assert_int_equal(month_at(month_index(199912) + 1), 200001);
    assert_int_equal(month_first_day(202402), 20240201);
}

TEST(a_gap_counts_whole_months_between)
{
    static const struct {
        month_t last, first;
        uint32_t gap;
    } want[] = {{202401, 202402, 0}, {202401, 202401, 0}, {202405, 202401, 0},  {202401, 202403, 1},
                {202312, 202404, 3}, {202312, 202405, 4}, {202301, 202401, 11}, {195001, 209912, 1798}};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        assert_int_equal(months_gap(want[i].last, want[i].first), want[i].gap);
}

TEST(a_set_knows_its_months)
{
    struct month_set set = {0}, other = {0}, both;
    assert_int_equal(month_set_first(&set), 0);
    assert_int_equal(month_set_last(&set), 0);
    month_set_add(&set, 200411, 200502);
    month_set_add(&set, 200501, 200503);
    assert_int_equal(month_set_count(&set), 5);
    assert_int_equal(month_set_first(&set), 200411);
    assert_int_equal(month_set_last(&set), 200503);
    assert_false(month_set_has(&set, 200410));
    assert_true(month_set_has(&set, 200412));
    month_set_add(&other, 195001, 200411);
    month_set_add(&other, 200503, 209912);
    month_set_both(&set, &other, &both);
    assert_int_equal(month_set_count(&both), 2);
    month_set_add(&both, 195001, 209912);
    assert_int_equal(month_set_count(&both), MONTHS_COUNT);
    assert_int_equal(month_set_first(&both), 195001);
    assert_int_equal(month_set_last(&both), 209912);
}

struct check_case {
    const char *name;
    struct contribution_row rows[4];
    uint32_t months;
    struct {
        enum rule rule;
        const char *path;
    } want[6];
};

static const struct check_case checks[] = {
    {"a year and a half",
     {{.from = 200401, .to = 200412, 12, 100000}, {.from = 200501, .to = 200506, 6, 100000}},
     18,
     {{0}}},
    {"nothing", {{0}}, 0, {{0}}},
    {"rows in any order", {{.from = 200501, .to = 200506, 6}, {.from = 200401, .to = 200412, 12}}, 18, {{0}}},
    {"neighbours in one year do not overlap",
     {{.from = 200401, .to = 200406, 6}, {.from = 200407, .to = 200412, 6}},
     12,
     {{0}}},
    {"one month", {{.from = 200401, .to = 200401, 1}}, 1, {{0}}},
    {"the largest base", {{.from = 200401, .to = 200401, 1, CONTRIBUTION_BASE_MAX_FEN}}, 1, {{0}}},
    {"a month 13", {{.from = 200401, .to = 200413, 13}}, 13, {{RULE_CONTRIBUTION_MONTH_INVALID, "form.rows[0].to"}}},
    {"both months wrong",
     {{.from = 1, .to = 2, 2}},
     2,
     {{RULE_CONTRIBUTION_MONTH_INVALID, "form.rows[0].from"}, {RULE_CONTRIBUTION_MONTH_INVALID, "form.rows[0].to"}}},
    {"before 1950",
     {{.from = 194912, .to = 194912, 1}},
     1,
     {{RULE_CONTRIBUTION_MONTH_INVALID, "form.rows[0].from"}, {RULE_CONTRIBUTION_MONTH_INVALID, "form.rows[0].to"}}},
    {"across new year", {{.from = 200412, .to = 200501, 2}}, 2, {{RULE_CONTRIBUTION_ROW_TWO_YEARS, "form.rows[0].to"}}},
    {"backwards", {{.from = 200405, .to = 200404, 1}}, 1, {{RULE_CONTRIBUTION_END_BEFORE_START, "form.rows[0].to"}}},
    {"a month too many",
     {{.from = 200401, .to = 200412, 13}},
     13,
     {{RULE_CONTRIBUTION_MONTHS_WRONG, "form.rows[0].months"}}},
    {"a month too few",
     {{.from = 200401, .to = 200412, 11}},
     11,
     {{RULE_CONTRIBUTION_MONTHS_WRONG, "form.rows[0].months"}}},
    {"overlap in one month",
     {{.from = 200401, .to = 200406, 6}, {.from = 200406, .to = 200412, 7}},
     13,
     {{RULE_CONTRIBUTION_OVERLAP, "form.rows[1].from"}}},
    {"a row inside another, later in the list",
     {{.from = 200403, .to = 200404, 2}, {.from = 200501, .to = 200501, 1}, {.from = 200401, .to = 200412, 12}},
     15,
     {{RULE_CONTRIBUTION_OVERLAP, "form.rows[2].from"}}},
    {"the total differs", {{.from = 200401, .to = 200412, 12}}, 11, {{RULE_CONTRIBUTION_TOTAL_WRONG, "form.months"}}},
    {"a negative base",
     {{.from = 200401, .to = 200412, 12, -1}},
     12,
     {{RULE_CONTRIBUTION_AMOUNT_RANGE, "form.rows[0].base"}}},
    {"a base too large",
     {{.from = 200401, .to = 200412, 12, CONTRIBUTION_BASE_MAX_FEN + 1}},
     12,
     {{RULE_CONTRIBUTION_AMOUNT_RANGE, "form.rows[0].base"}}},
    {"a rate above 100 %",
     {{.from = 200401, .to = 200412, 12, 1, .unit_rate = 10001}},
     12,
     {{RULE_CONTRIBUTION_AMOUNT_RANGE, "form.rows[0].base"}}},
    {"a negative rate of the account",
     {{.from = 200401, .to = 200412, 12, 1, .account_rate = -1}},
     12,
     {{RULE_CONTRIBUTION_AMOUNT_RANGE, "form.rows[0].base"}}},
    {"negative interest",
     {{.from = 200401, .to = 200412, 12, 1, .interest = -1}},
     12,
     {{RULE_CONTRIBUTION_AMOUNT_RANGE, "form.rows[0].base"}}},
    {"all broken rules at once",
     {{.from = 200412, .to = 200502, 5, -1}, {.from = 200501, .to = 200501, 1}, {.from = 200601, .to = 200500, 0}},
     7,
     {{RULE_CONTRIBUTION_AMOUNT_RANGE, "form.rows[0].base"},
      {RULE_CONTRIBUTION_ROW_TWO_YEARS, "form.rows[0].to"},
      {RULE_CONTRIBUTION_MONTHS_WRONG, "form.rows[0].months"},
      {RULE_CONTRIBUTION_OVERLAP, "form.rows[1].from"},
      {RULE_CONTRIBUTION_MONTH_INVALID, "form.rows[2].to"},
      {RULE_CONTRIBUTION_TOTAL_WRONG, "form.months"}}},
};

static struct contribution_rows rows_of(const struct contribution_row *items, uint32_t most)
{
    struct contribution_rows rows = {0};
    for (uint32_t i = 0; i < most && items[i].from != 0; i++)
        rows.items[rows.count++] = items[i];
    return rows;
}

TEST(rows_are_checked_and_all_broken_rules_told)
{
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct contribution_rows rows = rows_of(checks[i].rows, 4);
        struct findings findings = {0};
        bool sound = contribution_check(&rows, checks[i].months, "form", &findings);
        uint32_t count = 0;
        while (count < 6 && checks[i].want[count].rule != RULE_NONE)
            count++;
        if (findings.count != count || sound != (count == 0))
            fail_msg("%s: %u findings, not %u", checks[i].name, findings.count, count);
        for (uint32_t f = 0; f < count; f++)
            if (findings.items[f].rule != checks[i].want[f].rule ||
                strcmp(findings.items[f].path, checks[i].want[f].path) != 0)
                fail_msg("%s: finding %u is %u at %s", checks[i].name, f, findings.items[f].rule,
                         findings.items[f].path);
    }
}

struct refund_case {
    const char *name;
    struct contribution_row source[3], target[3];
    bool from_target;
    struct refund_stretch stretches[4];
};

static const struct refund_case refunds[] = {
    {"the target began later: it refunds, at 8 %",
     {{.from = 201001, .to = 201006, 6, 300000}},
     {{.from = 201005, .to = 201012, 8, 500000}},
     true,
     {{.from = 201005, .to = 201006, 2, 80000}}},
    {"the source began later: it refunds",
     {{.from = 201005, .to = 201012, 8, 500000}},
     {{.from = 201001, .to = 201006, 6, 300000}},
     false,
     {{.from = 201005, .to = 201006, 2, 80000}}},
    {"both began in the same month: the target",
     {{.from = 201001, .to = 201001, 1, 300000}},
     {{.from = 201001, .to = 201002, 2, 500000}},
     true,
     {{.from = 201001, .to = 201001, 1, 40000}}},
    {"nothing twice",
     {{.from = 201001, .to = 201006, 6, 300000}},
     {{.from = 201007, .to = 201012, 6, 500000}},
     true,
     {{0}}},
    {"nothing at the target", {{.from = 201001, .to = 201006, 6, 300000}}, {{0}}, false, {{0}}},
    {"11 % in 2005, 8 % in 2006, each year its stretch",
     {{.from = 200501, .to = 200512, 12, 1}, {.from = 200601, .to = 200612, 12, 1}},
     {{.from = 200511, .to = 200512, 2, 100000}, {.from = 200601, .to = 200602, 2, 100000}},
     true,
     {{.from = 200511, .to = 200512, 2, 22000}, {.from = 200601, .to = 200602, 2, 16000}}},
    {"two stretches in one row",
     {{.from = 201001, .to = 201002, 2, 1}, {.from = 201005, .to = 201005, 1, 1}},
     {{.from = 201001, .to = 201012, 12, 100000}},
     true,
     {{.from = 201001, .to = 201002, 2, 16000}, {.from = 201005, .to = 201005, 1, 8000}}},
    {"what was recorded is given back: 10 % in 2005",
     {{.from = 200501, .to = 200512, 12, 1}},
     {{.from = 200512, .to = 200512, 1, 100000, .account_rate = 1000}},
     true,
     {{.from = 200512, .to = 200512, 1, 10000}}},
    {"before 1998 nothing is known to be given back",
     {{.from = 199701, .to = 199712, 12, 1}},
     {{.from = 199712, .to = 199712, 1, 100000}},
     true,
     {{.from = 199712, .to = 199712, 1, 0}}},
    {"half a fen goes up, a stretch at a time",
     {{.from = 200001, .to = 200001, 1, 1}, {.from = 200003, .to = 200003, 1, 1}},
     {{.from = 200001, .to = 200003, 3, 50}},
     true,
     {{.from = 200001, .to = 200001, 1, 6}, {.from = 200003, .to = 200003, 1, 6}}},
};

TEST(what_is_paid_twice_is_refunded_by_the_later)
{
    for (size_t i = 0; i < sizeof refunds / sizeof refunds[0]; i++) {
        const struct refund_case *each = &refunds[i];
        struct contribution_rows source = rows_of(each->source, 3), target = rows_of(each->target, 3);
        struct transfer_steps steps = {0};
        struct refund refund;
        fen_t amount = 0;
        uint32_t months = 0, count = 0;
        contribution_refund(published_first(), &source, &target, &refund, &steps);
        for (; count < 4 && each->stretches[count].from != 0; count++) {
            const struct refund_stretch *is = &refund.stretches[count], *want = &each->stretches[count];
            amount += want->amount;
            months += want->months;
            if (is->from != want->from || is->to != want->to || is->months != want->months ||
                is->amount != want->amount)
                fail_msg("%s: stretch %u is %u-%u %lld", each->name, count, is->from, is->to, (long long)is->amount);
        }
        if (refund.stretch_count != count || refund.months != months || refund.amount != amount ||
            refund.from_target != each->from_target || month_set_count(&refund.refunded) != months ||
            steps.count != (count > 0 ? count + 1 : 0))
            fail_msg("%s: %u stretches, %u months, %lld fen, from %s", each->name, refund.stretch_count, refund.months,
                     (long long)refund.amount, refund.from_target ? "target" : "source");
    }
}

static const struct {
    const char *name;
    struct contribution_row rows[4];
    uint32_t carved, findings;
} one_offs[] = {
    {"36 months without documents",
     {{.from = 200001, .to = 200012, 12, 1, .one_off = true},
      {.from = 200101, .to = 200112, 12, 1, .one_off = true},
      {.from = 200201, .to = 200212, 12, 1, .one_off = true}},
     36,
     3},
    {"35 months move",
     {{.from = 200001, .to = 200012, 12, 1, .one_off = true},
      {.from = 200101, .to = 200112, 12, 1, .one_off = true},
      {.from = 200201, .to = 200211, 11, 1, .one_off = true}},
     0,
     0},
    {"36 months with documents move",
     {{.from = 200001, .to = 200012, 12, 1, .one_off = true, .one_off_documented = true},
      {.from = 200101, .to = 200112, 12, 1, .one_off = true, .one_off_documented = true},
      {.from = 200201, .to = 200212, 12, 1, .one_off = true, .one_off_documented = true}},
     0,
     0},
    {"documents for a part: the other part stays",
     {{.from = 200001, .to = 200012, 12, 1, .one_off = true, .one_off_documented = true},
      {.from = 200101, .to = 200112, 12, 1, .one_off = true},
      {.from = 200201, .to = 200212, 12, 1, .one_off = true},
      {.from = 200301, .to = 200312, 12, 1}},
     24,
     2},
    {"ordinary rows do not count",
     {{.from = 200001, .to = 200012, 12, 1},
      {.from = 200101, .to = 200112, 12, 1},
      {.from = 200201, .to = 200212, 12, 1},
      {.from = 200301, .to = 200301, 1, 1, .one_off = true}},
     0,
     0},
};

TEST(one_off_contributions_without_documents_stay)
{
    for (size_t i = 0; i < sizeof one_offs / sizeof one_offs[0]; i++) {
        struct contribution_rows rows = rows_of(one_offs[i].rows, 4);
        struct findings findings = {0};
        struct transfer_steps steps = {0};
        struct month_set carved;
        contribution_undocumented(published_first(), &rows, 20250601, "form", &findings, &carved, &steps);
        if (month_set_count(&carved) != one_offs[i].carved || findings.count != one_offs[i].findings ||
            steps.count != (one_offs[i].carved > 0) || findings.refused)
            fail_msg("%s: %u months, %u findings", one_offs[i].name, month_set_count(&carved), findings.count);
        if (findings.count > 0)
            assert_int_equal(findings.items[0].rule, RULE_PENSION_ONE_OFF_UNDOCUMENTED);
    }
}
