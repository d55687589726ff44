/* SPDX-License-Identifier: Apache-2.0
 * The edges of every rule, beside the worked cases of benefit.c: each level of each policy, each fen around a band's
 * end, caps, rounding, returns. Each row says how its figures were found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/limits.h"
#include "services/settlement/benefit/benefit.h"
#include "services/settlement/policy/policy_file.h"

#define Y(yuan) ((fen_t)((yuan)*100.0 + 0.5)) /* literals with at most two decimals */
#define INPATIENT "21"

struct row {
    const char *name;
    const char *policy;
    const char *kind;
    uint32_t level;
    bool municipal, community;
    const char *category;
    uint32_t age;
    uint32_t poverty;
    struct accumulators year;
    /* the bill's parts */
    fen_t own, above, first, in_scope;
    /* what it comes to */
    fen_t deductible, pool, large, catastrophic, assistance, person;
};

enum { POLICIES_MAX = 10 };

static const struct policy *policy_named(const char *name)
{
    static struct policy policies[POLICIES_MAX];
    static char names[POLICIES_MAX][16];
    static unsigned count;
    struct buffer why;
    char path[64];
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return &policies[i];
    assert_true(count < POLICIES_MAX);
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", name);
    (void)snprintf(names[count], sizeof names[count], "%s", name);
    buffer_init(&why);
    if (policy_file_load(path, &policies[count], NULL, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    return &policies[count++];
}

static struct bill_item line(uint8_t level, fen_t price, fen_t limit, uint32_t share)
{
    return (struct bill_item){.code = "X00000000000000000000A",
                              .level = level,
                              .unit_price_micro = price * 10000,
                              .quantity_e4 = 10000,
                              .amount = price,
                              .first_own_share_bp = share,
                              .price_limit_micro = limit * 10000};
}

/* A bill with these parts: 丙, above the limit (a line of one yuan more, of which the yuan is in scope), 乙 own whole,
 * 甲. */
static uint32_t lines_of(const struct row *row, struct bill_item items[4])
{
    uint32_t count = 0;
    fen_t in_scope = row->in_scope;
    if (row->own > 0)
        items[count++] = line(3, row->own, 0, 0);
    if (row->above > 0) {
        items[count++] = line(1, row->above + Y(1), Y(1), 0);
        in_scope -= Y(1);
    }
    if (row->first > 0)
        items[count++] = line(2, row->first, 0, 10000);
    if (in_scope > 0)
        items[count++] = line(1, in_scope, 0, 0);
    return count;
}

static void run_row(const struct row *row)
{
    struct bill_item items[4];
    struct benefit_result result;
    struct bill bill = {.insurance_type = row->policy + 7,
                        .care_kind = row->kind,
                        .admission_date = 20250301,
                        .discharge_date = 20250310,
                        .total = row->own + row->above + row->first + row->in_scope,
                        .items = items,
                        .item_count = lines_of(row, items)};
    struct bill_facts facts = {.hospital_level = row->level,
                               .hospital_municipal = row->municipal,
                               .hospital_community = row->community,
                               .poverty = row->poverty};
    (void)snprintf(facts.category, sizeof facts.category, "%s", row->category);
    struct benefit_input input = {
        .policy = policy_named(row->policy), .bill = &bill, .facts = &facts, .age = row->age, .year = &row->year};
    enum rule rule = benefit_compute(&input, &result);
    if (rule != RULE_NONE)
        fail_msg("%s: refused by rule %d", row->name, rule);
    const struct amounts *is = &result.amounts;
    const struct {
        const char *what;
        fen_t found, wanted;
    } figures[] = {{"wholly own", is->wholly_own, row->own},
                   {"above limit", is->above_limit, row->above},
                   {"first own share", is->first_own_share, row->first},
                   {"in scope", is->in_scope, row->in_scope},
                   {"deductible", is->deductible, row->deductible},
                   {"pool", is->pool_pay, row->pool},
                   {"large amount", is->large_amount_pay, row->large},
                   {"catastrophic", is->catastrophic_pay, row->catastrophic},
                   {"assistance", is->assistance_pay, row->assistance},
                   {"person", is->person_pay_total, row->person},
                   {"cash", is->cash_pay, row->person},
                   {"total", is->fund_pay_total + is->person_pay_total, bill.total}};
    for (unsigned i = 0; i < sizeof figures / sizeof figures[0]; i++)
        if (figures[i].found != figures[i].wanted)
            fail_msg("%s: %s is %lld, not %lld", row->name, figures[i].what, (long long)figures[i].found,
                     (long long)figures[i].wanted);
}

static void run_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        run_row(&rows[i]);
}
#define RUN(rows) run_rows(rows, sizeof rows / sizeof rows[0])

/* ---- edges: a band's upper end belongs to it; half a fen goes up, once ---- */

static void band_edges_belong_to_the_band_below(void **state)
{
#define EDGE(label, scope, less, pays)                                                                                 \
    {                                                                                                                  \
        .name = label, .policy = "110000-310", .kind = INPATIENT, .level = 3, .category = "1101", .in_scope = (scope), \
        .deductible = (less), .pool = (pays), .person = (scope) - (pays)                                               \
    }
    static const struct row rows[] = {
        EDGE("one fen", 1, 1, 0),
        EDGE("one fen below the deductible", 129999, 129999, 0),
        EDGE("the deductible", 130000, 130000, 0),
        EDGE("a fen above it: 0.0085 rounds up", 130001, 130000, 1),
        EDGE("ten fen above it: 0.085 is a half, up", 130010, 130000, 9),
        EDGE("30,000: 28,700 x 85 %", 3000000, 130000, 2439500),
        EDGE("30,000.01: + 0.009", 3000001, 130000, 2439501),
        EDGE("40,000: + 10,000 x 90 %", 4000000, 130000, 3339500),
        EDGE("40,000.01: + 0.0095", 4000001, 130000, 3339501),
        EDGE("40,000.10: + 0.095", 4000010, 130000, 3339510),
    };
#undef EDGE
    (void)state;
    RUN(rows);
}

static void levels_stays_and_retirement_follow_the_policy(void **state)
{
#define STAY(label, file, hospital, city, who, before, less, pays)                                                     \
    {                                                                                                                  \
        .name = label, .policy = file, .kind = INPATIENT, .level = (hospital), .municipal = (city), .category = who,   \
        .year = {.stays = (before)}, .in_scope = Y(10000), .deductible = Y(less), .pool = Y(pays),                     \
        .person = Y(10000) - Y(pays)                                                                                   \
    }
    static const struct row rows[] = {
        STAY("Beijing II: 8,700 x 87 %", "110000-310", 2, false, "1101", 0, 1300, 7569),
        STAY("Beijing I, retired: own 10 % x 60 %: 94 %", "110000-310", 1, false, "1201", 0, 1300, 8178),
        STAY("Beijing, third stay: 9,350 x 85 %", "110000-310", 3, false, "1101", 2, 650, 7947.50),
        STAY("Beijing residents III: 8,700 x 75 %", "110000-390", 3, false, "1501", 0, 1300, 6525),
        STAY("Beijing residents III, later: 9,350 x 75 %", "110000-390", 3, false, "1501", 1, 650, 7012.50),
        STAY("Beijing, a minor: half at the first stay", "110000-390", 3, false, "1401", 0, 650, 7012.50),
        STAY("Beijing, a minor: not a quarter later", "110000-390", 3, false, "1401", 1, 650, 7012.50),
        STAY("Tianjin III: 8,300 x 80 %", "120000-310", 3, false, "1101", 0, 1700, 6640),
        STAY("Tianjin III, retired, later: 9,500 x 85 %", "120000-310", 3, false, "1201", 1, 500, 8075),
        STAY("Tianjin II, later: 9,650 x 85 %", "120000-310", 2, false, "1101", 1, 350, 8202.50),
        STAY("Tianjin residents II: 9,500 x 70 %", "120000-390", 2, false, "1501", 0, 500, 6650),
        STAY("Tianjin residents: no later deductible", "120000-390", 2, false, "1501", 1, 0, 7000),
        STAY("Shijiazhuang III provincial: 9,100 x 82 %", "130100-310", 3, false, "1101", 0, 900, 7462),
        STAY("Shijiazhuang III municipal: 9,400 x 85 %", "130100-310", 3, true, "1101", 0, 600, 7990),
        STAY("Shijiazhuang III municipal, retired: 500; 88 %", "130100-310", 3, true, "1201", 0, 500, 8360),
        STAY("Shijiazhuang III provincial, retired: 800; 85 %", "130100-310", 3, false, "1201", 0, 800, 7820),
        STAY("Shijiazhuang I, retired: not below 100; 99 %", "130100-310", 1, false, "1201", 0, 100, 9801),
        STAY("Shijiazhuang II municipal: only III tells apart", "130100-310", 2, true, "1101", 0, 500, 8550),
        STAY("Shijiazhuang residents III municipal", "130100-390", 3, true, "1501", 0, 1000, 5850),
        STAY("Langfang II: 9,500 x 88 %", "131000-310", 2, false, "1101", 0, 500, 8360),
        STAY("Langfang II, later, retired: 400; 91 %", "131000-310", 2, false, "1201", 1, 400, 8736),
        STAY("Langfang I, later: not below 200", "131000-310", 1, false, "1101", 1, 200, 9114),
        STAY("Langfang residents I: 9,800 x 85 %", "131000-390", 1, false, "1601", 0, 200, 8330),
    };
#undef STAY
    (void)state;
    RUN(rows);
}

/* ---- the pool's cap, and what lies beyond ---- */

static void what_the_cap_leaves_goes_on_exactly(void **state)
{
    static const struct row rows[] = {
        /* 33,395 at 40,000; 66,605 left / 95 % = 70,110.526...; 160,000 less that x 85 % = 76,406.0526 */
        {.name = "cap inside the open band",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .in_scope = Y(200000),
         .deductible = Y(1300),
         .pool = Y(100000),
         .large = Y(76406.05),
         .person = Y(23593.95)},
        /* 35,517 at 40,000; 64,483 left / 97 % = 66,477.3196...; 93,522.6804 x 80 % = 74,818.1443 */
        {.name = "cap inside the open band, retired",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1201",
         .in_scope = Y(200000),
         .deductible = Y(1300),
         .pool = Y(100000),
         .large = Y(74818.14),
         .person = Y(25181.86)},
        /* 19,350 x 85 % = 16,447.50, of which 5,000 by the pool; the same ratio beyond: 11,447.50 */
        {.name = "cap inside the first band",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .year = {.stays = 1, .pool_paid = Y(95000)},
         .in_scope = Y(20000),
         .deductible = Y(650),
         .pool = Y(5000),
         .large = Y(11447.50),
         .person = Y(3552.50)},
        {.name = "cap reached to the fen: nothing goes on",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .year = {.stays = 1, .pool_paid = Y(83552.50)},
         .in_scope = Y(20000),
         .deductible = Y(650),
         .pool = Y(16447.50),
         .person = Y(3552.50)},
        {.name = "cap a fen short",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .year = {.stays = 1, .pool_paid = Y(83552.50) + 1},
         .in_scope = Y(20000),
         .deductible = Y(650),
         .pool = Y(16447.50) - 1,
         .large = 1,
         .person = Y(3552.50)},
        {.name = "cap used up: 9,350 x 85 %",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .year = {.stays = 4, .pool_paid = Y(100000)},
         .in_scope = Y(10000),
         .deductible = Y(650),
         .large = Y(7947.50),
         .person = Y(2052.50)},
        {.name = "cap lowered below what was paid",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .year = {.stays = 4, .pool_paid = Y(120000)},
         .in_scope = Y(10000),
         .deductible = Y(650),
         .large = Y(7947.50),
         .person = Y(2052.50)},
        {.name = "large-amount's own cap",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .year = {.stays = 4, .pool_paid = Y(100000), .large_amount_paid = Y(399000)},
         .in_scope = Y(10000),
         .deductible = Y(650),
         .large = Y(1000),
         .person = Y(9000)},
        {.name = "Tianjin has no cap beyond",
         .policy = "120000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .year = {.stays = 4, .pool_paid = Y(350000), .large_amount_paid = Y(5000000)},
         .in_scope = Y(10500),
         .deductible = Y(500),
         .large = Y(8000),
         .person = Y(2500)},
        /* residents: beyond the cap is own; 10,000 - 650 all left; base 10,000 + 30,404: 60 % of 10,000 */
        {.name = "residents go on to catastrophic",
         .policy = "110000-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .year = {.stays = 2, .pool_paid = Y(250000), .catastrophic_base = Y(30404)},
         .in_scope = Y(10000),
         .deductible = Y(650),
         .catastrophic = Y(6000),
         .person = Y(4000)},
    };
    (void)state;
    RUN(rows);
}

static void catastrophic_and_assistance_follow_the_years_base(void **state)
{
    static const struct row rows[] = {
        {.name = "below its deductible",
         .policy = "130100-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .in_scope = Y(10000),
         .deductible = Y(1500),
         .pool = Y(5100),
         .person = Y(4900)},
        /* own 40,900; (40,900 - 13,400) x 60 % */
        {.name = "one bill above it",
         .policy = "130100-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .in_scope = Y(100000),
         .deductible = Y(1500),
         .pool = Y(59100),
         .catastrophic = Y(16500),
         .person = Y(24400)},
        /* 6,700 and 65 %: 34,200 x 65 % = 22,230; 70 % of the 18,670 left */
        {.name = "the poor: half, five points, then assistance",
         .policy = "130100-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .poverty = POVERTY_EXTREME,
         .in_scope = Y(100000),
         .deductible = Y(1500),
         .pool = Y(59100),
         .catastrophic = Y(22230),
         .assistance = Y(13069),
         .person = Y(5601)},
        {.name = "marginal: catastrophic as the poor, no assistance class",
         .policy = "130100-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .poverty = POVERTY_MARGINAL,
         .in_scope = Y(100000),
         .deductible = Y(1500),
         .pool = Y(59100),
         .catastrophic = Y(22230),
         .person = Y(18670)},
        /* base 60,404: 19,596 x 60 % + 10,404 x 70 % = 19,040.40 */
        {.name = "through two bands",
         .policy = "110000-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .in_scope = Y(237716),
         .deductible = Y(1300),
         .pool = Y(177312),
         .catastrophic = Y(19040.40),
         .person = Y(41363.60)},
        /* the same base in two: 40,000 before, which paid 9,596 x 60 % = 5,757.60; now 20,404 */
        {.name = "cut into two bills",
         .policy = "110000-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .year = {.stays = 1, .catastrophic_base = Y(40000), .catastrophic_paid = Y(5757.60)},
         .in_scope = Y(79666),
         .deductible = Y(650),
         .pool = Y(59262),
         .catastrophic = Y(13282.80),
         .person = Y(7121.20)},
        {.name = "its cap",
         .policy = "131000-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .year = {.stays = 1, .catastrophic_base = Y(600000), .catastrophic_paid = Y(299999)},
         .in_scope = Y(11200),
         .deductible = Y(1200),
         .pool = Y(6000),
         .catastrophic = Y(1),
         .person = Y(5199)},
        {.name = "no cap for the poor",
         .policy = "131000-390",
         .kind = INPATIENT,
         .level = 3,
         .category = "1501",
         .poverty = POVERTY_ILLNESS,
         .year = {.stays = 1, .catastrophic_base = Y(600000), .catastrophic_paid = Y(435775)},
         .in_scope = Y(11200),
         .deductible = Y(1200),
         .pool = Y(6000),
         .catastrophic = Y(3900),
         .person = Y(1300)},
        {.name = "assistance's cap",
         .policy = "120000-390",
         .kind = INPATIENT,
         .level = 2,
         .category = "1501",
         .poverty = POVERTY_SUBSISTENCE,
         .year = {.stays = 1, .assistance_base = Y(71427), .assistance_paid = Y(49999)},
         .in_scope = Y(10000),
         .pool = Y(7000),
         .assistance = Y(1),
         .person = Y(2999)},
        {.name = "assistance for employees",
         .policy = "110000-310",
         .kind = INPATIENT,
         .level = 3,
         .category = "1101",
         .poverty = POVERTY_SUBSISTENCE,
         .in_scope = Y(20000),
         .deductible = Y(1300),
         .pool = Y(15895),
         .assistance = Y(2873.50),
         .person = Y(1231.50)},
    };
    (void)state;
    RUN(rows);
}

static void outpatient_climbs_through_the_year(void **state)
{
#define VISIT(label, how, near, who, old, before, paid, scope, less, pays)                                             \
    {                                                                                                                  \
        .name = label, .policy = "110000-310", .kind = how, .level = 1, .community = (near), .category = who,          \
        .age = (old), .year = {.outpatient_in_scope = Y(before), .outpatient_paid = Y(paid)}, .in_scope = Y(scope),    \
        .deductible = Y(less), .pool = Y(pays), .person = Y(scope) - Y(pays)                                           \
    }
    static const struct row rows[] = {
        VISIT("below the year's deductible", "11", false, "1101", 40, 0, 0, 1000, 1000, 0),
        VISIT("the rest of the deductible, then 70 %", "11", false, "1101", 40, 1000, 0, 2000, 800, 840),
        VISIT("an emergency: as any visit", "13", false, "1101", 40, 0, 0, 3000, 1800, 840),
        VISIT("a pharmacy: as the community, 90 %", "41", false, "1101", 40, 0, 0, 3000, 1800, 1080),
        VISIT("a pharmacy shares the year's deductible with visits", "41", false, "1101", 40, 1000, 0, 2000, 800, 1080),
        VISIT("community 90 %", "11", true, "1101", 40, 0, 0, 3000, 1800, 1080),
        VISIT("retired: 1,300; 85 %", "11", false, "1201", 69, 0, 0, 3000, 1300, 1445),
        VISIT("retired, 70 years: 90 %", "11", false, "1201", 70, 0, 0, 3000, 1300, 1530),
        VISIT("retired, community: 90 %", "11", true, "1201", 60, 0, 0, 3000, 1300, 1530),
        VISIT("through 20,000: 1,000 x 70 % + 1,000 x 60 %", "11", false, "1101", 40, 19000, 12040, 2000, 0, 1300),
        VISIT("above it, retired: 80 %", "11", false, "1201", 65, 20000, 15895, 1000, 0, 800),
    };
#undef VISIT
    (void)state;
    RUN(rows);
}

/* ---- what tables of parts cannot say ---- */

static enum rule compute(const char *policy, struct bill *bill, struct bill_facts facts, fen_t balance,
                         struct benefit_result *result)
{
    static const struct accumulators fresh;
    struct benefit_input input = {.policy = policy_named(policy),
                                  .bill = bill,
                                  .facts = &facts,
                                  .age = 40,
                                  .year = &fresh,
                                  .account_balance = balance};
    if (bill->insurance_type == NULL)
        bill->insurance_type = policy + 7;
    if (bill->care_kind == NULL)
        bill->care_kind = INPATIENT;
    if (bill->admission_date == 0)
        bill->admission_date = bill->discharge_date = 20250310;
    return benefit_compute(&input, result);
}

static struct bill bill_of(struct bill_item *items, uint32_t count)
{
    struct bill bill = {.items = items, .item_count = count};
    for (uint32_t i = 0; i < count; i++)
        bill.total += items[i].amount;
    return bill;
}

static const struct bill_facts worker = {.hospital_level = 3, .category = "1101"};

static void a_period_longer_than_the_policys_is_refused(void **state)
{
    struct bill_item item = line(1, Y(20000), 0, 0);
    struct bill bill = bill_of(&item, 1);
    struct benefit_result result;
    (void)state;
    bill.admission_date = 20250101;
    bill.discharge_date = 20250401; /* 90 days */
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    bill.discharge_date = 20250402;
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_BILL_PERIOD_TOO_LONG);
    bill.care_kind = "11"; /* no stay */
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
}

static void outpatient_care_that_a_policy_lacks_is_refused(void **state)
{
    struct bill_item item = line(1, Y(200), 0, 0);
    struct bill bill = bill_of(&item, 1);
    struct benefit_result result;
    (void)state;
    bill.care_kind = "11"; /* maternity insurance settles maternity alone */
    assert_int_equal(compute("110000-510", &bill, worker, 0, &result), RULE_POLICY_UNKNOWN);
    bill.care_kind = "52"; /* maternity without a row of its own: as inpatient */
    assert_int_equal(compute("120000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.stay_number, 1);
}

static void the_account_pays_what_it_holds_and_no_more(void **state)
{
    static const struct {
        bool asked;
        fen_t balance, pays;
    } rows[] = {{true, 0, 0},           {true, 1, 1},       {true, 410499, 410499}, {true, 410500, 410500},
                {true, 500000, 410500}, {false, 500000, 0}, {true, -1, 0}};
    struct bill_item item = line(1, Y(20000), 0, 0);
    struct benefit_result result;
    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bill bill = bill_of(&item, 1);
        bill.use_personal_account = rows[i].asked;
        assert_int_equal(compute("110000-310", &bill, worker, rows[i].balance, &result), RULE_NONE);
        assert_int_equal(result.amounts.account_pay, rows[i].pays);
        assert_int_equal(result.amounts.cash_pay, 410500 - rows[i].pays);
        assert_int_equal(result.amounts.fund_pay_total, 1589500);
    }
}

static void civil_servants_aid_takes_its_share_of_the_bands(void **state)
{
    struct policy policy = *policy_named("110000-310");
    struct bill_item item = line(1, Y(200000), 0, 0);
    struct bill bill = bill_of(&item, 1);
    struct bill_facts facts = worker;
    struct accumulators fresh = {0};
    struct benefit_result result;
    struct benefit_input input = {.policy = &policy, .bill = &bill, .facts = &facts, .age = 40, .year = &fresh};
    (void)state;
    bill.insurance_type = "310";
    bill.care_kind = INPATIENT;
    bill.admission_date = bill.discharge_date = 20250310;
    policy.civil_servant_aid = 5000;
    assert_int_equal(benefit_compute(&input, &result), RULE_NONE);
    assert_int_equal(result.amounts.civil_servant_pay, 0); /* no civil servant */
    facts.civil_servant = true;
    assert_int_equal(benefit_compute(&input, &result), RULE_NONE);
    /* consumed 38,700 + 70,110.526316, of which the pool paid 100,000: half of 8,810.526316 */
    assert_int_equal(result.amounts.civil_servant_pay, 440526);
    assert_int_equal(result.amounts.large_amount_pay, 7640605);
    assert_int_equal(result.amounts.person_pay_total, 2359395 - 440526);
}

static void returns_are_lines_with_a_minus(void **state)
{
    struct bill_item items[] = {line(2, Y(1000), Y(800), 1000), line(2, Y(1000), Y(800), 1000), line(1, Y(5000), 0, 0)};
    struct benefit_result result;
    (void)state;
    items[1].quantity_e4 = -10000;
    items[1].amount = -items[1].amount;
    struct bill bill = bill_of(items, 3);
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.above_limit, 0);
    assert_int_equal(result.amounts.first_own_share, 0);
    assert_int_equal(result.amounts.in_scope, Y(5000));
    items[1].level = 3; /* a return of what was never given: wholly own would be below zero */
    bill = bill_of(items, 3);
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_BILL_ITEM_NET_NEGATIVE);
}

static void s5_half_a_fen_refuses_no_bill(void **state)
{
    struct benefit_result result;
    /* 0.01, of which half is above the limit, and the other half own */
    struct bill_item halves = {.level = 2,
                               .unit_price_micro = 10000,
                               .quantity_e4 = 10000,
                               .amount = 1,
                               .first_own_share_bp = 10000,
                               .price_limit_micro = 5000};
    struct bill bill = bill_of(&halves, 1);
    (void)state;
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.above_limit + result.amounts.first_own_share + result.amounts.in_scope, 1);
    /* 0.004 rounds to no fen, and is above its limit all the same */
    struct bill_item crumb = {.level = 2,
                              .unit_price_micro = 4000,
                              .quantity_e4 = 10000,
                              .amount = 0,
                              .first_own_share_bp = 1000,
                              .price_limit_micro = 1};
    bill = bill_of(&crumb, 1);
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.above_limit, 0);
}

static void shares_of_a_fen_add_up_before_they_round(void **state)
{
    struct bill_item items[3];
    struct benefit_result result;
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        items[i] = line(2, 1, 0, 3333);
    struct bill bill = bill_of(items, 3); /* 3 x 0.3333 fen: one fen, not three zeros */
    assert_int_equal(compute("110000-310", &bill, worker, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.first_own_share, 1);
    assert_int_equal(result.amounts.in_scope, 2);
}

static void the_largest_bill_is_exact(void **state)
{
    struct bill_item item = {
        .level = 1, .unit_price_micro = INT64_C(100000000000000), .quantity_e4 = 10000, .amount = BILL_TOTAL_MAX_FEN};
    struct bill bill = bill_of(&item, 1);
    struct bill_facts facts = {.hospital_level = 3, .category = "1201", .civil_servant = true};
    struct benefit_result result;
    (void)state;
    assert_int_equal(compute("110000-310", &bill, facts, 0, &result), RULE_NONE);
    assert_int_equal(result.amounts.pool_pay, Y(100000));
    assert_int_equal(result.amounts.large_amount_pay, Y(400000));
    assert_int_equal(result.amounts.person_pay_total, BILL_TOTAL_MAX_FEN - Y(500000));
    bill.total++;
    assert_int_equal(compute("110000-310", &bill, facts, 0, &result), RULE_BILL_AMOUNT_RANGE);
}

static void every_step_has_its_text(void **state)
{
    struct bill_item items[] = {line(1, Y(200000), 0, 0), line(3, Y(10), 0, 0), line(2, Y(500), Y(300), 1000)};
    struct bill bill = bill_of(items, 3);
    struct benefit_result result;
    fen_t bands = 0;
    (void)state;
    bill.use_personal_account = true;
    assert_int_equal(compute("110000-310", &bill, worker, Y(100), &result), RULE_NONE);
    for (uint32_t i = 0; i < result.step_count; i++) {
        assert_non_null(benefit_step_find(result.steps[i].rule));
        bands += result.steps[i].rule == STEP_BAND;
    }
    assert_int_equal(bands, 3);
    assert_null(benefit_step_find(0));
    assert_int_equal(result.steps[result.step_count - 1].rule, STEP_CASH);
    assert_int_equal(result.steps[result.step_count - 1].after, result.amounts.cash_pay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(band_edges_belong_to_the_band_below),
        cmocka_unit_test(levels_stays_and_retirement_follow_the_policy),
        cmocka_unit_test(what_the_cap_leaves_goes_on_exactly),
        cmocka_unit_test(catastrophic_and_assistance_follow_the_years_base),
        cmocka_unit_test(outpatient_climbs_through_the_year),
        cmocka_unit_test(a_period_longer_than_the_policys_is_refused),
        cmocka_unit_test(outpatient_care_that_a_policy_lacks_is_refused),
        cmocka_unit_test(the_account_pays_what_it_holds_and_no_more),
        cmocka_unit_test(civil_servants_aid_takes_its_share_of_the_bands),
        cmocka_unit_test(returns_are_lines_with_a_minus),
        cmocka_unit_test(s5_half_a_fen_refuses_no_bill),
        cmocka_unit_test(shares_of_a_fen_add_up_before_they_round),
        cmocka_unit_test(the_largest_bill_is_exact),
        cmocka_unit_test(every_step_has_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
