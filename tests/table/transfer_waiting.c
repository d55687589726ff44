/* SPDX-License-Identifier: Apache-2.0
 * When medical benefits begin, to the day, and the numbers behind all transfers: one row a case. */
#include "common/engines/gazette/published.h"
#include "common/engines/transfer/waiting.h"
#include "tests/support/test.h"

static void expect(const char *name, const char *what, int64_t is, int64_t want)
{
    if (is != want)
        fail_msg("%s: %s is %lld, not %lld", name, what, (long long)is, (long long)want);
}

static const struct {
    const char *name;
    struct waiting_employees input;
    enum rule rule;
    struct waiting want;
} employees[] = {
    {"no gap", {202501, 202502, false, 6}, 0, {0, 20250201, true, 0}},
    {"covered twice for a month: from the target's own", {202503, 202502, false, 6}, 0, {0, 20250201, true, 0}},
    {"three months, paid up: from the end of the old cover", {202412, 202504, true, 6}, 0, {0, 20250101, true, 3}},
    {"three months, not paid up", {202412, 202504, false, 6}, 0, {6, 20251001, false, 3}},
    {"four months, paid up: the target's waiting period", {202412, 202505, true, 6}, 0, {6, 20251101, false, 4}},
    {"the target asks for none", {202412, 202505, false, 0}, 0, {0, 20250501, false, 4}},
    {"waiting into the next year", {202404, 202409, false, 5}, 0, {5, 20250201, false, 4}},
    {"the target asks for seven", {202412, 202505, false, 7}, RULE_WAITING_TOO_LONG, {0}},
    {"no such month", {202413, 202505, false, 6}, RULE_WAITING_MONTH_INVALID, {0}},
    {"nor this one", {202412, 0, false, 6}, RULE_WAITING_MONTH_INVALID, {0}},
    {"past the last month there is", {209901, 209912, false, 1}, RULE_WAITING_MONTH_INVALID, {0}},
};

static const struct {
    const char *name;
    struct waiting_residents input;
    enum rule rule;
    uint32_t months;
    civil_date_t from;
} residents[] = {
    {"every year, in the period", {202501, true, false, 0, 0, 6}, 0, 0, 20250101},
    {"every year, outside the period: 3", {202503, false, false, 0, 0, 6}, 0, 3, 20250601},
    {"a newborn", {202503, false, true, 3, 0, 6}, 0, 0, 20250301},
    {"one year missed: 3 + 1", {202501, true, false, 1, 0, 6}, 0, 4, 20250501},
    {"one missed, paid up: 3", {202501, true, false, 1, 1, 6}, 0, 3, 20250401},
    {"three missed: 6", {202501, true, false, 3, 0, 6}, 0, 6, 20250701},
    {"three missed, all paid up: 3", {202501, true, false, 3, 3, 6}, 0, 3, 20250401},
    {"four missed: 7", {202501, true, false, 4, 0, 6}, 0, 7, 20250801},
    {"four missed, one paid up: 6", {202501, true, false, 4, 1, 6}, 0, 6, 20250701},
    {"four missed, two paid up: at least 6", {202501, true, false, 4, 2, 6}, 0, 6, 20250701},
    {"four missed, all paid up: at least 6", {202501, true, false, 4, 4, 6}, 0, 6, 20250701},
    {"ten missed: 13, into the next year", {202501, true, false, 10, 0, 6}, 0, 13, 20260201},
    {"before 2025: the target's rule", {202412, false, false, 4, 0, 2}, 0, 2, 20250201},
    {"before 2025, more than six", {202412, false, false, 4, 0, 7}, RULE_WAITING_TOO_LONG, 0, 0},
    {"more paid up than missed", {202501, true, false, 1, 2, 6}, RULE_WAITING_PAID_UP_MORE, 0, 0},
    {"no such month", {202500, true, false, 1, 0, 6}, RULE_WAITING_MONTH_INVALID, 0, 0},
    {"missed for ever", {202501, true, false, UINT32_MAX, 0, 6}, RULE_WAITING_MONTH_INVALID, 0, 0},
};

TEST(benefits_begin_to_the_day)
{
    for (size_t i = 0; i < sizeof employees / sizeof employees[0]; i++) {
        struct transfer_steps steps = {0};
        struct waiting is = {.months = 99};
        const struct waiting *want = &employees[i].want;
        expect(employees[i].name, "rule", waiting_employees(published_first(), &employees[i].input, &is, &steps),
               employees[i].rule);
        expect(employees[i].name, "months", is.months, employees[i].rule != 0 ? 99 : want->months);
        if (employees[i].rule != RULE_NONE)
            continue;
        expect(employees[i].name, "from", is.benefits_from, want->benefits_from);
        expect(employees[i].name, "gap", is.gap_months, want->gap_months);
        expect(employees[i].name, "runs through", is.runs_through, want->runs_through);
        expect(employees[i].name, "last step", steps.items[steps.count - 1].parameter, want->benefits_from);
    }
    for (size_t i = 0; i < sizeof residents / sizeof residents[0]; i++) {
        struct transfer_steps steps = {0};
        struct waiting is = {.months = 99};
        expect(residents[i].name, "rule", waiting_residents(published_first(), &residents[i].input, &is, &steps),
               residents[i].rule);
        expect(residents[i].name, "months", is.months, residents[i].rule != 0 ? 99 : residents[i].months);
        if (residents[i].rule == RULE_NONE)
            expect(residents[i].name, "from", is.benefits_from, residents[i].from);
        expect(residents[i].name, "explained", steps.count > 0, residents[i].rule == RULE_NONE);
    }
}

/* ---- the data ---- */

TEST(every_parameter_has_rows_with_source_and_rising_days)
{
    for (int parameter = 0; parameter < PARAMETERS_COUNT; parameter++) {
        civil_date_t last = 0;
        for (uint32_t i = 0; i < published_first()->parameter_count; i++) {
            const struct parameter_row *row = &published_first()->parameters[i];
            if ((int)row->parameter != parameter)
                continue;
            assert_true(civil_date_exists(row->valid_from));
            assert_true(row->valid_from > last);
            assert_true(row->value > 0);
            assert_non_null(strchr("ORPSM", row->grade));
            assert_true(strlen(row->source) > 0);
            if (parameter == PARAMETER_ACCOUNT_RATE || parameter == PARAMETER_POOLED_RATE)
                assert_int_equal(row->valid_from % 10000, 101); /* pension_funds takes a row's year at one rate */
            last = row->valid_from;
        }
        if (last == 0)
            fail_msg("parameter %d has no row", parameter);
    }
}

TEST(a_row_holds_from_its_day_until_the_next)
{
    assert_null(parameter_on(published_first(), PARAMETER_ACCOUNT_RATE, 19971231));
    assert_int_equal(parameter_value(published_first(), PARAMETER_ACCOUNT_RATE, 19971231), 1100);
    assert_int_equal(parameter_on(published_first(), PARAMETER_ACCOUNT_RATE, 19980101)->value, 1100);
    assert_int_equal(parameter_on(published_first(), PARAMETER_ACCOUNT_RATE, 20051231)->value, 1100);
    assert_int_equal(parameter_on(published_first(), PARAMETER_ACCOUNT_RATE, 20060101)->value, 800);
    assert_int_equal(parameter_next(published_first(), PARAMETER_ACCOUNT_RATE, 19971231), 19980101);
    assert_int_equal(parameter_next(published_first(), PARAMETER_ACCOUNT_RATE, 19980101), 20060101);
    assert_int_equal(parameter_next(published_first(), PARAMETER_ACCOUNT_RATE, 20060101), 0);
}
