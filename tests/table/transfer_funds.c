/* SPDX-License-Identifier: Apache-2.0
 * Funds of a pension transfer, and of an unemployment transfer: the worked cases of the rules and every boundary, to
 * the fen. One row a case. */
#include "common/engines/transfer/pension_funds.h"
#include "common/engines/transfer/unemployment.h"
#include "tests/support/test.h"

#define YUAN(amount) ((fen_t)((amount)*100))
#define ROW(from_, to_, yuan, ...)                                                                                     \
    {                                                                                                                  \
        .from = from_, .to = to_, .months = (to_) - (from_) + 1, .base = YUAN(yuan), __VA_ARGS__                       \
    }

struct funds_case {
    const char *name;
    enum pension_direction direction;
    uint32_t running_year; /* 0: 2025 */
    fen_t before_1998, residents_account;
    struct contribution_row rows[8];
    month_t stays_from, stays_to;
    enum rule rule;
    struct pension_funds want; /* total of 0 stands for the sum of the parts */
};

static const struct funds_case cases[] = {
    /* DOMAIN 4, worked cases */
    {"2004 12 x 1000, 2005 12 x 1100, 2006 6 x 1200",
     .rows = {ROW(200401, 200412, 1000), ROW(200501, 200512, 1100), ROW(200601, 200606, 1200)},
     .want = {.account_closed = YUAN(3348), .pooled = YUAN(3888), .total = YUAN(7236), .months_moved = 30}},
    {"the pooled part begins in 1998: base 500 from 1997-07 to 1998-03",
     .rows = {ROW(199707, 199712, 500), ROW(199801, 199803, 500)},
     .want = {.account_closed = YUAN(165), .pooled = YUAN(180), .months_moved = 9}},
    {"flexible workers: 12 %, whatever they paid",
     .rows = {ROW(202001, 202010, 6000, CONTRIBUTION_FLEXIBLE, .unit_rate = 2000)},
     .want = {.account_closed = YUAN(4800), .pooled = YUAN(7200), .months_moved = 10}},
    /* rates over time */
    {"11 % in the last month of 2005", .rows = {ROW(200512, 200512, 1000)},
     .want = {.account_closed = YUAN(110), .pooled = YUAN(120), .months_moved = 1}},
    {"8 % in the first month of 2006", .rows = {ROW(200601, 200601, 1000)},
     .want = {.account_closed = YUAN(80), .pooled = YUAN(120), .months_moved = 1}},
    {"nothing for the last month of 1997", .rows = {ROW(199712, 199712, 1000)}, .want = {.months_moved = 1}},
    {"11 % and 12 % from the first month of 1998", .rows = {ROW(199801, 199801, 1000)},
     .want = {.account_closed = YUAN(110), .pooled = YUAN(120), .months_moved = 1}},
    /* temporary accounts */
    {"temporary account: the unit's 20 %",
     .rows = {ROW(201101, 201112, 1000, CONTRIBUTION_TEMPORARY, .unit_rate = 2000)},
     .want = {.account_closed = YUAN(960), .pooled = YUAN(2400), .months_moved = 12}},
    {"temporary account: one point above 12 %",
     .rows = {ROW(201101, 201101, 1000, CONTRIBUTION_TEMPORARY, .unit_rate = 1201)},
     .want = {.account_closed = YUAN(80), .pooled = 12010, .months_moved = 1}},
    {"temporary account: a unit below 12 % still moves 12 %",
     .rows = {ROW(201101, 201101, 1000, CONTRIBUTION_TEMPORARY, .unit_rate = 1100)},
     .want = {.account_closed = YUAN(80), .pooled = YUAN(120), .months_moved = 1}},
    {"a unit's 20 % outside a temporary account: 12 %",
     .rows = {ROW(201101, 201101, 1000, CONTRIBUTION_EMPLOYED, .unit_rate = 2000)},
     .want = {.account_closed = YUAN(80), .pooled = YUAN(120), .months_moved = 1}},
    /* what was recorded */
    {"recorded at 16 % in 2000: five points stay", .rows = {ROW(200001, 200012, 1000, .account_rate = 1600)},
     .want = {.account_closed = YUAN(1320), .pooled = YUAN(1440), .excess_stays = YUAN(600), .months_moved = 12}},
    {"recorded at 10 % in 2000: raised by one point", .rows = {ROW(200001, 200012, 1000, .account_rate = 1000)},
     .want = {.account_closed = YUAN(1320), .pooled = YUAN(1440), .raised = YUAN(120), .months_moved = 12}},
    {"recorded at 11 % in 2000: as it should be", .rows = {ROW(200001, 200012, 1000, .account_rate = 1100)},
     .want = {.account_closed = YUAN(1320), .pooled = YUAN(1440), .months_moved = 12}},
    {"recorded at 11 % in 2006: three points stay", .rows = {ROW(200601, 200612, 1000, .account_rate = 1100)},
     .want = {.account_closed = YUAN(960), .pooled = YUAN(1440), .excess_stays = YUAN(360), .months_moved = 12}},
    /* the running year, interest, before 1998 */
    {"the running year stands in ③", .running_year = 2006,
     .rows = {ROW(200501, 200512, 1100), ROW(200601, 200606, 1200)},
     .want = {.account_closed = YUAN(1452), .account_running = YUAN(576), .pooled = YUAN(2448), .months_moved = 18}},
    {"interest of closed years moves, ① as stated", .before_1998 = 123456, .running_year = 2006,
     .rows = {ROW(200501, 200512, 1100, .interest = 777), ROW(200601, 200606, 1200)},
     .want = {.before_1998 = 123456,
              .account_closed = YUAN(1452) + 777,
              .account_running = YUAN(576),
              .pooled = YUAN(2448),
              .months_moved = 18}},
    {"interest of the running year is refused", .running_year = 2006,
     .rows = {ROW(200601, 200606, 1200, .interest = 1)}, .rule = RULE_TRANSFER_RUNNING_INTEREST},
    {"interest of rows before 1998 is in ①", .rows = {ROW(199701, 199712, 500, .interest = 1)},
     .rule = RULE_CONTRIBUTION_AMOUNT_RANGE},
    {"a row after the running year", .running_year = 2006, .rows = {ROW(200701, 200701, 1200)},
     .rule = RULE_TRANSFER_ROW_AFTER_YEAR},
    {"① is negative", .before_1998 = -1, .rule = RULE_TRANSFER_AMOUNT_RANGE},
    {"① alone is as large as money goes", .before_1998 = FEN_MAX, .want = {.before_1998 = FEN_MAX}},
    {"① and a fen more", .before_1998 = FEN_MAX, .rows = {{.from = 200001, .to = 200001, .months = 1, .base = 9}},
     .rule = RULE_TRANSFER_AMOUNT_RANGE},
    {"nothing at all", .want = {0}},
    /* 12 x 0.04 yuan: each month rounded alone (0.48 fen, 0.44 fen) would come to nothing */
    {"rounded half-up once, not by the month", .rows = {{.from = 200001, .to = 200012, .months = 12, .base = 4}},
     .want = {.account_closed = 5, .pooled = 6, .months_moved = 12}},
    /* 0.5 fen: 25 x 2 % does not arise; 25 fen x 12 % = 3.00, 50 fen x 11 % = 5.5 */
    {"half a fen goes up", .rows = {{.from = 200001, .to = 200001, .months = 1, .base = 50}},
     .want = {.account_closed = 6, .pooled = 6, .months_moved = 1}},
    {"closed and running are rounded each on its own", .running_year = 2001,
     .rows = {{.from = 200001, .to = 200001, .months = 1, .base = 50},
              {.from = 200101, .to = 200101, .months = 1, .base = 50}},
     .want = {.account_closed = 6, .account_running = 6, .pooled = 12, .months_moved = 2}},
    {"two closed years are rounded together",
     .rows = {{.from = 200001, .to = 200001, .months = 1, .base = 50},
              {.from = 200101, .to = 200101, .months = 1, .base = 50}},
     .want = {.account_closed = 11, .pooled = 12, .months_moved = 2}},
    /* months that stay */
    {"three months stay", .rows = {ROW(200401, 200412, 1000)}, .stays_from = 200403, .stays_to = 200405,
     .want = {.account_closed = YUAN(990), .pooled = YUAN(1080), .months_moved = 9}},
    {"interest moves with its months: 1.01 x 9/12 = 0.7575", .rows = {ROW(200401, 200412, 1000, .interest = 101)},
     .stays_from = 200403, .stays_to = 200405,
     .want = {.account_closed = YUAN(990) + 76, .pooled = YUAN(1080), .months_moved = 9}},
    {"a whole row stays", .rows = {ROW(200401, 200412, 1000, .interest = 101)}, .stays_from = 200312,
     .stays_to = 200501, .want = {0}},
    /* between schemes */
    {"to residents: no pooled money, years count", PENSION_EMPLOYEES_TO_RESIDENTS,
     .rows = {ROW(200401, 200412, 1000), ROW(200501, 200512, 1100)},
     .want = {.account_closed = YUAN(2772), .months_moved = 24}},
    {"to employees: the account moves, years do not count", PENSION_RESIDENTS_TO_EMPLOYEES, .residents_account = 345678,
     .rows = {ROW(201201, 201212, 100)}, .want = {.account_closed = 345678, .months_moved = 12}},
    {"to employees has no ①", PENSION_RESIDENTS_TO_EMPLOYEES, .before_1998 = 1, .rule = RULE_TRANSFER_AMOUNT_RANGE},
    {"employees have no residents' account", .residents_account = 1, .rule = RULE_TRANSFER_AMOUNT_RANGE},
    {"to employees: a row after the running year", PENSION_RESIDENTS_TO_EMPLOYEES, .rows = {ROW(202601, 202601, 100)},
     .rule = RULE_TRANSFER_ROW_AFTER_YEAR},
};

static struct contribution_rows rows_of(const struct funds_case *each)
{
    struct contribution_rows rows = {0};
    while (rows.count < 8 && each->rows[rows.count].from != 0) {
        rows.items[rows.count] = each->rows[rows.count];
        rows.count++;
    }
    return rows;
}

static void expect(const char *name, const char *what, int64_t is, int64_t want)
{
    if (is != want)
        fail_msg("%s: %s is %lld, not %lld", name, what, (long long)is, (long long)want);
}

TEST(funds_to_the_fen)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct funds_case *each = &cases[i];
        struct contribution_rows rows = rows_of(each);
        struct month_set staying = {0};
        struct transfer_steps steps = {0};
        struct pension_funds is = {.total = -1};
        if (each->stays_from != 0)
            month_set_add(&staying, each->stays_from, each->stays_to);
        struct pension_funds_input input = {each->direction,
                                            &rows,
                                            each->stays_from != 0 ? &staying : NULL,
                                            each->before_1998,
                                            each->residents_account,
                                            each->running_year != 0 ? each->running_year : 2025};
        const struct pension_funds *want = &each->want;
        expect(each->name, "rule", pension_funds_compute(published_first(), &input, &is, &steps), each->rule);
        if (each->rule != RULE_NONE) {
            expect(each->name, "untouched total", is.total, -1);
            expect(each->name, "untouched steps", steps.count, 0);
            continue;
        }
        fen_t account = want->before_1998 + want->account_closed + want->account_running;
        expect(each->name, "①", is.before_1998, want->before_1998);
        expect(each->name, "②", is.account_closed, want->account_closed);
        expect(each->name, "③", is.account_running, want->account_running);
        expect(each->name, "④", is.account_total, account);
        expect(each->name, "⑤", is.pooled, want->pooled);
        expect(each->name, "⑥", is.total, want->total != 0 ? want->total : account + want->pooled);
        expect(each->name, "excess", is.excess_stays, want->excess_stays);
        expect(each->name, "raised", is.raised, want->raised);
        expect(each->name, "months", is.months_moved, want->months_moved);
        expect(each->name, "months that count", is.months_counting,
               each->direction == PENSION_RESIDENTS_TO_EMPLOYEES ? 0 : want->months_moved);
    }
}

static void expect_step(const struct step *is, const struct step *want)
{
    assert_int_equal(is->rule, want->rule);
    assert_int_equal(is->before, want->before);
    assert_int_equal(is->parameter, want->parameter);
    assert_int_equal(is->after, want->after);
    assert_int_equal(is->index, want->index);
}

TEST(every_amount_is_explained_in_order)
{
    static const struct step want[] = {
        {STEP_ACCOUNT_AT_RATE, YUAN(25200), 1100, YUAN(2772), 24, 0, 0},
        {STEP_ACCOUNT_AT_RATE, YUAN(7200), 800, YUAN(576), 6, 0, 0},
        {STEP_POOLED_AT_RATE, YUAN(32400), 1200, YUAN(3888), 30, 0, 0},
    };
    static const enum transfer_step totals[] = {STEP_BEFORE_1998,   STEP_ACCOUNT_CLOSED, STEP_ACCOUNT_RUNNING,
                                                STEP_ACCOUNT_TOTAL, STEP_POOLED,         STEP_FUNDS_TOTAL};
    struct contribution_rows rows = rows_of(&cases[0]);
    struct transfer_steps steps = {0};
    struct pension_funds funds;
    struct pension_funds_input input = {.rows = &rows, .running_year = 2006};
    assert_int_equal(pension_funds_compute(published_first(), &input, &funds, &steps), RULE_NONE);
    assert_int_equal(steps.count, 9);
    expect_step(&steps.items[0], &want[0]);
    expect_step(&steps.items[1], &want[1]);
    expect_step(&steps.items[2], &want[2]);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(steps.items[3 + i].rule, totals[i]);
    assert_int_equal(steps.items[8].after, YUAN(7236));
    for (uint32_t i = 0; i < steps.count; i++)
        assert_non_null(transfer_step_find(steps.items[i].rule));
    assert_null(transfer_step_find(17)); /* a benefit step */
}

TEST(a_long_record_keeps_its_sums)
{
    struct contribution_rows rows = {.count = CONTRIBUTION_ROWS_MAX};
    struct transfer_steps steps = {0};
    struct pension_funds funds;
    uint32_t more = 0;
    for (uint32_t i = 0; i < rows.count; i++) {
        month_t month = month_at(month_index(200601) + i);
        rows.items[i] = (struct contribution_row){
            month, month, 1, YUAN(1000), CONTRIBUTION_TEMPORARY, .unit_rate = 1201 + (basis_points_t)i};
    }
    struct pension_funds_input input = {.rows = &rows, .running_year = 2025};
    assert_int_equal(pension_funds_compute(published_first(), &input, &funds, &steps), RULE_NONE);
    for (uint32_t i = 0; i < steps.count; i++)
        if (steps.items[i].rule == STEP_MORE)
            more = (uint32_t)steps.items[i].parameter;
    assert_int_equal(more, 1 + 128 - (STEPS_COUNT_MAX - STEPS_TOTALS_COUNT));
    assert_int_equal(steps.items[steps.count - 1].rule, STEP_FUNDS_TOTAL);
    assert_int_equal(steps.items[steps.count - 1].after, funds.total);
}

TEST(the_forms_amounts_are_compared_one_by_one)
{
    struct contribution_rows rows = rows_of(&cases[0]);
    struct transfer_steps steps = {0};
    struct findings findings = {0};
    struct pension_funds due, stated;
    struct pension_funds_input input = {.rows = &rows, .running_year = 2025};
    assert_int_equal(pension_funds_compute(published_first(), &input, &due, &steps), RULE_NONE);
    stated = due;
    assert_true(pension_funds_agree(&stated, &due, "form", &findings));
    assert_int_equal(findings.count, 0);
    stated.pooled++;
    stated.total++;
    assert_false(pension_funds_agree(&stated, &due, "form", &findings));
    assert_int_equal(findings.count, 2);
    assert_int_equal(findings.items[0].rule, RULE_PENSION_FUNDS_DIFFER);
    assert_string_equal(findings.items[0].path, "form.pooled");
    assert_string_equal(findings.items[0].detail, "stated 3888.01, due 3888.00");
    assert_string_equal(findings.items[1].path, "form.total");
    assert_true(pension_funds_match(&due, YUAN(7236)));
    assert_false(pension_funds_match(&due, YUAN(7236) - 1));
    assert_false(pension_funds_match(&due, YUAN(7236) + 1));
}

/* ---- unemployment ---- */

TEST(months_of_benefit_by_years)
{
    static const struct {
        uint32_t paid, due;
    } want[] = {{0, 0},    {11, 0},   {12, 3},   {23, 3},   {24, 6},   {35, 6},         {36, 9},
                {47, 9},   {48, 12},  {59, 12},  {60, 13},  {71, 13},  {72, 14},        {120, 18},
                {144, 20}, {191, 23}, {192, 24}, {204, 24}, {600, 24}, {UINT32_MAX, 24}};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
        if (unemployment_months_due(published_first(), want[i].paid) != want[i].due)
            fail_msg("%u months paid: %u, not %u", want[i].paid,
                     unemployment_months_due(published_first(), want[i].paid), want[i].due);
}

static const struct {
    const char *name;
    struct unemployment_input input;
    enum rule rule;
    struct unemployment_funds want;
} benefit_cases[] = {
    /* 12 x 2,151 + 2,124 = 27,936; x 1.5 */
    {"Beijing, 60 months", {60, 0, "110000", 0, 20250601}, .want = {13, 13, YUAN(27936), YUAN(41904), false}},
    /* 12 x 2,178 + 8 x 2,124 */
    {"Beijing, 12 years", {144, 0, "110000", 0, 20250601}, .want = {20, 20, YUAN(43128), YUAN(64692), false}},
    {"Beijing, a month less than five years: 12 x 2,124",
     {59, 0, "110000", 0, 20250601},
     .want = {12, 12, YUAN(25488), YUAN(38232), false}},
    {"Beijing, 9 years: 12 x 2,151 + 5 x 2,124",
     {119, 0, "110000", 0, 20250601},
     .want = {17, 17, YUAN(36432), YUAN(54648), false}},
    {"Beijing, 15 years: 12 x 2,205 + 11 x 2,124",
     {180, 0, "110000", 0, 20250601},
     .want = {23, 23, YUAN(49824), YUAN(74736), false}},
    {"Beijing, 20 years: 12 x 2,233 + 12 x 2,124",
     {240, 0, "110000", 0, 20250601},
     .want = {24, 24, YUAN(52284), YUAN(78426), false}},
    {"Beijing, twelve drawn: one month of 2,124",
     {60, 12, "110000", 0, 20250601},
     .want = {13, 1, YUAN(2124), YUAN(3186), false}},
    {"Beijing, all drawn", {60, 13, "110000", 0, 20250601}, .want = {13, 0, 0, 0, false}},
    {"more drawn than due", {60, 14, "110000", 0, 20250601}, .rule = RULE_UNEMPLOYMENT_DRAWN_MORE},
    {"first day of Beijing's table", {12, 0, "110000", 0, 20230901}, .want = {3, 3, YUAN(6372), YUAN(9558), false}},
    {"the day before it", {12, 0, "110000", 0, 20230831}, .rule = RULE_UNEMPLOYMENT_STANDARD_UNKNOWN},
    {"Tianjin, 4 years", {48, 0, "120000", 0, 20250601}, .want = {12, 12, YUAN(19200), YUAN(28800), false}},
    {"Tianjin, 5 years: the 13th month at 1,560",
     {60, 0, "120000", 0, 20250601},
     .want = {13, 13, YUAN(20760), YUAN(31140), false}},
    {"Tianjin, 24 months", {240, 0, "120000", 0, 20250601}, .want = {24, 24, YUAN(37920), YUAN(56880), false}},
    {"Hebei, class 1", {12, 0, "130000", 1, 20250601}, .want = {3, 3, YUAN(4560), YUAN(6840), false}},
    {"Hebei, class 2", {12, 0, "130000", 2, 20250601}, .want = {3, 3, YUAN(4296), YUAN(6444), false}},
    {"Hebei, class 3", {12, 0, "130000", 3, 20250601}, .want = {3, 3, YUAN(4032), YUAN(6048), false}},
    {"Hebei, class 4", {12, 0, "130000", 4, 20250601}, .want = {3, 3, YUAN(3792), YUAN(5688), false}},
    {"Hebei without its class", {12, 0, "130000", 0, 20250601}, .rule = RULE_UNEMPLOYMENT_STANDARD_UNKNOWN},
    {"Beijing has no classes", {12, 0, "110000", 1, 20250601}, .rule = RULE_UNEMPLOYMENT_STANDARD_UNKNOWN},
    {"a region without a table", {12, 0, "140000", 0, 20250601}, .rule = RULE_UNEMPLOYMENT_STANDARD_UNKNOWN},
    {"under a year: the relation alone, no table needed",
     {11, 0, "140000", 0, 20250601},
     .want = {.relation_only = true}},
    {"under a year, something drawn", {11, 1, "110000", 0, 20250601}, .rule = RULE_UNEMPLOYMENT_DRAWN_MORE},
};

TEST(benefits_to_the_fen)
{
    for (size_t i = 0; i < sizeof benefit_cases / sizeof benefit_cases[0]; i++) {
        const char *name = benefit_cases[i].name;
        const struct unemployment_funds *want = &benefit_cases[i].want;
        struct transfer_steps steps = {0};
        struct unemployment_funds is = {.total = -1};
        expect(name, "rule", unemployment_compute(published_first(), &benefit_cases[i].input, &is, &steps),
               benefit_cases[i].rule);
        if (benefit_cases[i].rule != RULE_NONE) {
            expect(name, "untouched total", is.total, -1);
            expect(name, "untouched steps", steps.count, 0);
            continue;
        }
        expect(name, "months due", is.months_due, want->months_due);
        expect(name, "months moved", is.months_moved, want->months_moved);
        expect(name, "benefit", is.benefit, want->benefit);
        expect(name, "total", is.total, want->total);
        expect(name, "relation only", is.relation_only, want->relation_only);
        expect(name, "last step", steps.items[steps.count - 1].after, want->total);
    }
}
