/* SPDX-License-Identifier: Apache-2.0
 * Explanations that a clerk can recompute: what was not to be followed before, step by step under the newest logic. */
#include "tests/table/benefit_again.h"
#include "tests/table/benefit_rows.h"

#include "tests/support/test.h"

#define PERCENT(percent) ((int64_t)((percent)*1000000)) /* 10^-8 */

struct wanted {
    enum benefit_step rule;
    fen_t before;
    int64_t parameter;
    fen_t after;
    uint32_t index;
    fen_t lower, upper;
};

struct case_of {
    const char *policy, *kind, *category;
    uint32_t age, poverty, filing;
    bool account;
    struct accumulators year;
    fen_t in_scope;
};

static struct benefit_result result;

static void settle(const struct case_of *of)
{
    struct bill_item item = line(1, of->in_scope, 0, 0);
    struct bill bill = {.insurance_type = of->policy + 7,
                        .care_kind = of->kind,
                        .admission_date = 20230301,
                        .discharge_date = 20230310,
                        .use_personal_account = of->account,
                        .total = of->in_scope,
                        .items = &item,
                        .item_count = 1};
    struct bill_facts facts = {.hospital_level = 3, .poverty = of->poverty, .filing = of->filing};
    (void)snprintf(facts.category, sizeof facts.category, "%s", of->category);
    struct benefit_input input = {.policy = policy_named(of->policy),
                                  .bill = &bill,
                                  .facts = &facts,
                                  .age = of->age,
                                  .year = &of->year,
                                  .account_balance = Y(1000)};
    assert_int_equal(benefit_compute(published_in_full(), &input, &result), RULE_NONE);
    const char *why = steps_again(&input, &result);
    if (why != NULL)
        fail_msg("%s", why);
}

static void expect_steps(const struct wanted *wanted, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct step *step = &result.steps[i];
        if (i >= result.step_count || step->rule != wanted[i].rule || step->before != wanted[i].before ||
            step->parameter != wanted[i].parameter || step->after != wanted[i].after ||
            step->index != wanted[i].index || step->lower != wanted[i].lower || step->upper != wanted[i].upper)
            fail_msg("step %u: rule %u, %lld by %lld gives %lld, index %u, from %lld to %lld", i, step->rule,
                     (long long)step->before, (long long)step->parameter, (long long)step->after, step->index,
                     (long long)step->lower, (long long)step->upper);
    }
    assert_int_equal(result.step_count, count);
}
#define EXPECT(wanted) expect_steps(wanted, sizeof wanted / sizeof wanted[0])

static const struct step *step_found(enum benefit_step rule)
{
    for (uint32_t i = 0; i < result.step_count; i++)
        if (result.steps[i].rule == (uint32_t)rule)
            return &result.steps[i];
    return NULL;
}

/* 40,975.00 above 15,202.00: 16,752.45. The cap of the others does not apply, and is not named. */
TEST(catastrophic_insurance_of_the_poor_is_told_band_by_band)
{
    static const struct wanted wanted[] = {
        {STEP_TOTAL, 0, 0, Y(160000), 0, 0, 0},
        {STEP_IN_SCOPE, 0, 0, Y(160000), 0, 0, 0},
        {STEP_STAY_DEDUCTIBLE, 0, Y(1300), 0, 1, 0, 0},
        {STEP_DEDUCTIBLE_TAKEN, Y(1300), Y(160000), Y(1300), 0, 0, 0},
        {STEP_POOL_CAP_LEFT, Y(250000), 0, Y(250000), 0, 0, 0},
        {STEP_BAND_SHARE, Y(158700), PERCENT(75), Y(119025), 1, Y(1300), Y(160000)},
        {STEP_BANDS, 0, 0, Y(119025), 0, 0, 0},
        {STEP_POOL_AT_MOST, Y(119025), Y(250000), Y(119025), 0, 0, 0},
        {STEP_OWN_LESS_FUND, Y(160000), Y(119025), Y(40975), 0, 0, 0},
        {STEP_CATASTROPHIC_BASE, Y(40975), 0, Y(40975), 0, 0, 0},
        {STEP_CATASTROPHIC_DEDUCTIBLE, 0, Y(30404), 0, 0, 0, 0},
        {STEP_CATASTROPHIC_POOR_DEDUCTIBLE, Y(30404), PERCENT(50), Y(15202), 0, 0, 0},
        {STEP_CATASTROPHIC_ABOVE, Y(40975), Y(15202), Y(25773), 0, 0, 0},
        {STEP_CATASTROPHIC_POOR_POINTS, PERCENT(60), 500, PERCENT(65), 1, 0, 0},
        {STEP_CATASTROPHIC_BAND, Y(25773), PERCENT(65), 1675245, 1, Y(15202), Y(40975)},
        {STEP_CATASTROPHIC_BANDS, 0, 0, 1675245, 0, 0, 0},
        {STEP_CATASTROPHIC_DUE, 1675245, 0, 1675245, 0, 0, 0},
        {STEP_OWN_LESS_FUND, Y(40975), 1675245, 2422255, 0, 0, 0},
        {STEP_ASSISTANCE_BASE, 2422255, 0, 2422255, 0, 0, 0},
        {STEP_ASSISTANCE_DEDUCTIBLE, 2422255, 0, 2422255, 1, 0, 0},
        {STEP_ASSISTANCE_SHARE, 2422255, PERCENT(70), 1695579, 1, 0, 0},
        {STEP_ASSISTANCE_CAP, 1695579, Y(50000), 1695579, 0, 0, 0},
        {STEP_ASSISTANCE_DUE, 1695579, 0, 1695579, 0, 0, 0},
        {STEP_PERSON_LESS_FUND, Y(160000), Y(119025), Y(40975), 0, 0, 0},
        {STEP_PERSON_LESS_FUND, Y(40975), 1675245, 2422255, 0, 0, 0},
        {STEP_PERSON_LESS_FUND, 2422255, 1695579, 726676, 0, 0, 0},
        {STEP_CASH_LEFT, 726676, 0, 726676, 0, 0, 0},
    };
    settle(&(struct case_of){.policy = "110000-390",
                             .kind = "21",
                             .category = "1501",
                             .age = 40,
                             .poverty = POVERTY_EXTREME,
                             .in_scope = Y(160000)});
    EXPECT(wanted);
    settle(
        &(struct case_of){.policy = "110000-390", .kind = "21", .category = "1501", .age = 40, .in_scope = Y(160000)});
    assert_int_equal(result.amounts.catastrophic_pay, 634260);
}

/* Two bands, what the year had and was paid, and a cap, which Shijiazhuang has. */
TEST(catastrophic_insurance_says_what_the_year_had)
{
    settle(&(struct case_of){.policy = "130100-390",
                             .kind = "21",
                             .category = "1501",
                             .age = 40,
                             .year = {.stays = 1, .catastrophic_base = Y(95000), .catastrophic_paid = Y(48960)},
                             .in_scope = Y(31500)});
    const struct step *base = step_found(STEP_CATASTROPHIC_BASE), *band = step_found(STEP_CATASTROPHIC_BAND);
    assert_int_equal(base->before, result.amounts.in_scope - result.amounts.pool_pay);
    assert_int_equal(base->parameter, Y(95000));
    assert_int_equal(band[0].lower, Y(13400));
    assert_int_equal(band[0].upper, Y(100000));
    assert_int_equal(band[0].parameter, PERCENT(60));
    assert_int_equal(band[1].lower, Y(100000));
    assert_int_equal(band[1].parameter, PERCENT(70));
    assert_int_equal(step_found(STEP_CATASTROPHIC_CAP)->parameter, Y(300000));
    assert_int_equal(step_found(STEP_CATASTROPHIC_DUE)->parameter, Y(48960));
    assert_int_equal(step_found(STEP_CATASTROPHIC_DUE)->after, result.amounts.catastrophic_pay);
}

/* 250,000.00, of which 200,000.00 were paid before: 50,000.00. */
TEST(a_cap_says_what_the_year_was_paid)
{
    settle(&(struct case_of){.policy = "110000-390",
                             .kind = "21",
                             .category = "1501",
                             .age = 40,
                             .year = {.pool_paid = Y(200000)},
                             .in_scope = Y(160000)});
    const struct step *left = step_found(STEP_POOL_CAP_LEFT), *paid = step_found(STEP_POOL_AT_MOST);
    assert_int_equal(left->before, Y(250000));
    assert_int_equal(left->parameter, Y(200000));
    assert_int_equal(left->after, Y(50000));
    assert_int_equal(paid->before, Y(119025));
    assert_int_equal(paid->parameter, Y(50000));
    assert_int_equal(paid->after, Y(50000));
    assert_null(step_found(STEP_BEYOND_CAP)); /* nobody pays for what lies there */
}

/* 2,270.00 after 19,500.00: 500.00 at 90 %, 1,770.00 at 80 %; no cap of the pool. */
TEST(visits_say_where_they_lie_in_the_year)
{
    static const struct wanted wanted[] = {
        {STEP_TOTAL, 0, 0, Y(2270), 0, 0, 0},
        {STEP_IN_SCOPE, 0, 0, Y(2270), 0, 0, 0},
        {STEP_YEAR_DEDUCTIBLE, Y(1300), Y(19500), 0, 0, 0, 0},
        {STEP_DEDUCTIBLE_TAKEN, 0, Y(2270), 0, 0, 0, 0},
        {STEP_YEAR_FROM, Y(19500), 0, Y(19500), 0, 0, 0},
        {STEP_YEAR_TO, Y(19500), Y(2270), Y(21770), 0, 0, 0},
        {STEP_BAND_SHARE, Y(500), PERCENT(90), Y(450), 1, Y(19500), Y(20000)},
        {STEP_BAND_SHARE, Y(1770), PERCENT(80), Y(1416), 2, Y(20000), Y(21770)},
        {STEP_BANDS, 0, 0, Y(1866), 0, 0, 0},
        {STEP_PERSON_LESS_FUND, Y(2270), Y(1866), Y(404), 0, 0, 0},
        {STEP_ACCOUNT, Y(404), Y(1000), Y(404), 0, 0, 0},
        {STEP_CASH_LEFT, Y(404), Y(404), 0, 0, 0, 0},
    };
    settle(&(struct case_of){.policy = "110000-310",
                             .kind = "11",
                             .category = "1201",
                             .age = 70,
                             .account = true,
                             .year = {.outpatient_in_scope = Y(19500)},
                             .in_scope = Y(2270)});
    EXPECT(wanted);
}

/* 8,500.00 left of the cap are used up by 10,000.00; the 8,700.00 beyond go to the large-amount fund, for the retired
 * by a ratio of their own. */
TEST(what_lies_beyond_the_cap_is_told_with_the_ratio_that_applied)
{
    static const struct wanted workers[] = {
        {STEP_TOTAL, 0, 0, Y(20000), 0, 0, 0},
        {STEP_IN_SCOPE, 0, 0, Y(20000), 0, 0, 0},
        {STEP_STAY_DEDUCTIBLE, 0, Y(1300), 0, 1, 0, 0},
        {STEP_DEDUCTIBLE_TAKEN, Y(1300), Y(20000), Y(1300), 0, 0, 0},
        {STEP_POOL_CAP_LEFT, Y(100000), Y(91500), Y(8500), 0, 0, 0},
        {STEP_BAND_SHARE, Y(18700), PERCENT(85), Y(15895), 1, Y(1300), Y(20000)},
        {STEP_BANDS, 0, 0, Y(15895), 0, 0, 0},
        {STEP_POOL_AT_MOST, Y(15895), Y(8500), Y(8500), 0, 0, 0},
        {STEP_CAP_CONSUMED, Y(8500), PERCENT(85), Y(10000), 1, 0, 0},
        {STEP_CAP_POINT, Y(1300), Y(10000), Y(11300), 0, 0, 0},
        {STEP_BEYOND_CAP, Y(20000), Y(11300), Y(8700), 0, 0, 0},
        {STEP_LARGE_SHARE, Y(8700), PERCENT(85), Y(7395), 0, 0, 0},
        {STEP_LARGE_CAP_LEFT, Y(400000), 0, Y(400000), 0, 0, 0},
        {STEP_LARGE_AT_MOST, Y(7395), Y(400000), Y(7395), 0, 0, 0},
        {STEP_PERSON_LESS_FUND, Y(20000), Y(8500), Y(11500), 0, 0, 0},
        {STEP_PERSON_LESS_FUND, Y(11500), Y(7395), Y(4105), 0, 0, 0},
        {STEP_CASH_LEFT, Y(4105), 0, Y(4105), 0, 0, 0},
    };
    struct case_of of = {.policy = "110000-310",
                         .kind = "21",
                         .category = "1101",
                         .age = 40,
                         .year = {.pool_paid = Y(91500)},
                         .in_scope = Y(20000)};
    char path[PARAMETER_SOURCE_PATH_MAX + 1];
    settle(&of);
    EXPECT(workers);
    benefit_step_path(step_found(STEP_LARGE_SHARE), result.row, false, path);
    assert_string_equal(path, "large_amount.ratio");
    of.category = "1201";
    settle(&of);
    const struct step *factor = step_found(STEP_BAND_RETIRED_FACTOR), *large = step_found(STEP_LARGE_SHARE);
    assert_int_equal(factor->before, PERCENT(85));
    assert_int_equal(factor->parameter, 6000);
    assert_int_equal(factor->after, PERCENT(91));
    assert_int_equal(large->parameter, PERCENT(80));
    benefit_step_path(large, result.row, false, path);
    assert_string_equal(path, "retired.large_amount_ratio");
}

TEST(points_off_away_from_home_are_told_by_kind)
{
    char path[PARAMETER_SOURCE_PATH_MAX + 1];
    struct case_of of = {.policy = "110000-310",
                         .kind = "21",
                         .category = "1101",
                         .age = 40,
                         .filing = STANDING_UNFILED,
                         .in_scope = Y(20000)};
    settle(&of);
    const struct step *cut = step_found(STEP_BAND_OTHER_CUT);
    assert_int_equal(cut->before, PERCENT(85));
    assert_int_equal(cut->after, PERCENT(65));
    benefit_step_path(cut, result.row, false, path);
    assert_string_equal(path, "away.other_cut");
    of.filing = STANDING_REFERRAL_OR_EMERGENCY;
    settle(&of);
    benefit_step_path(step_found(STEP_BAND_REFERRAL_CUT), result.row, false, path);
    assert_string_equal(path, "away.referral_cut");
    assert_int_equal(step_found(STEP_BAND_SHARE)->parameter, PERCENT(75));
}

/* Every rule of the largest policy takes part. */
TEST(the_longest_explanation_fits)
{
    static struct policy policy;
    static struct accumulators year = {.stays = 1, .pool_paid = 1, .catastrophic_base = 1, .assistance_base = 1};
    struct bill_item items[] = {line(3, Y(10), 0, 0), line(1, Y(20), Y(10), 0), line(2, 1000001, Y(5000), 333)};
    struct bill bill = {.insurance_type = "390",
                        .care_kind = "21",
                        .admission_date = 20221220,
                        .discharge_date = 20230110,
                        .use_personal_account = true,
                        .total = Y(30) + 1000001,
                        .items = items,
                        .item_count = 3};
    struct bill_facts facts = {.hospital_level = 3,
                               .category = "1201",
                               .civil_servant = true,
                               .poverty = POVERTY_EXTREME,
                               .filing = STANDING_UNFILED};
    policy = *policy_named("110000-390");
    struct policy_inpatient *rule = &policy.inpatient[2];
    rule->band_count = INPATIENT_RULE_BANDS_MAX;
    policy.catastrophic_band_count = CATASTROPHIC_RULE_BANDS_MAX;
    for (uint32_t i = 0; i < INPATIENT_RULE_BANDS_MAX; i++) {
        rule->bands[i] = (struct policy_band){.upper = i == 7 ? 0 : Y(500) * (i + 1), .ratio = 3333 + (int32_t)i};
        policy.catastrophic_bands[i] = (struct policy_band){.upper = i == 7 ? 0 : 10001 * (i + 1), .ratio = 3333};
    }
    rule->deductible_later = Y(200);
    policy.pool_cap = Y(1500);
    policy.retired_added = 333;
    policy.retired_deductible_less = Y(100);
    policy.retired_deductible_min = Y(300);
    policy.away_other_cut = 111;
    policy.civil_servant_aid = 5000;
    policy.catastrophic_deductible = 1000;
    policy.year_split_by_days = true;
    struct benefit_input input = {
        .policy = &policy, .bill = &bill, .facts = &facts, .age = 70, .year = &year, .account_balance = 1};
    assert_int_equal(benefit_compute(published_in_full(), &input, &result), RULE_NONE);
    const char *why = steps_again(&input, &result);
    if (why != NULL)
        fail_msg("%s", why);
    print_message("%u steps\n", result.step_count);
    assert_non_null(step_found(STEP_RETIRED_DEDUCTIBLE_MAX));
    assert_int_equal(step_found(STEP_CAP_CONSUMED)->index, 8);
    assert_in_range(result.step_count, 80, BENEFIT_STEPS_MAX - 10);
}
