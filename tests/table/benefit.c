/* SPDX-License-Identifier: Apache-2.0
 * The worked cases of the rules and every boundary, to the fen, under the policies of data/policies. One row a case. */
#include "common/engines/benefit/benefit.h"
#include "common/engines/policy/policy_file.h"
#include "tests/support/test.h"

#define YUAN(amount) ((fen_t)((amount)*100))

struct item_row {
    uint8_t level;
    fen_t price; /* fen */
    int64_t quantity;
    uint32_t share_bp;
    fen_t limit; /* fen; 0: none */
};

struct row {
    const char *name;
    const char *policy;
    const char *category;
    uint32_t level;
    bool municipal, community;
    uint32_t poverty, age;
    const char *care_kind;
    struct accumulators year;
    fen_t balance;
    struct item_row items[4];
    struct {
        fen_t in_scope, deductible, pool, large, catastrophic, assistance, account, person;
    } want;
};

#define INPATIENT .care_kind = "21", .age = 40
#define IN_SCOPE(yuan) .items = {{1, YUAN(yuan), 1, 0, 0}}

static const struct row rows[] = {
    /* DOMAIN 2, worked cases */
    {"in scope 20,000", "110000-310", "1101", 3, INPATIENT, IN_SCOPE(20000),
     .want = {YUAN(20000), YUAN(1300), YUAN(15895), .person = YUAN(4105)}},
    {"52,000, first stay", "110000-310", "1101", 3, INPATIENT,
     .items = {{3, YUAN(1500), 1, 0, 0},
               {1, YUAN(1500), 1, 0, YUAN(1000)},
               {2, YUAN(20000), 1, 1000, 0},
               {1, YUAN(29000), 1, 0, 0}},
     .want = {YUAN(48000), YUAN(1300), YUAN(40995), .person = YUAN(11005)}},
    {"52,000, second stay", "110000-310", "1101", 3, INPATIENT, .year = {.stays = 1},
     .items = {{3, YUAN(1500), 1, 0, 0},
               {1, YUAN(1500), 1, 0, YUAN(1000)},
               {2, YUAN(20000), 1, 1000, 0},
               {1, YUAN(29000), 1, 0, 0}},
     .want = {YUAN(48000), YUAN(650), 4154750, .person = 1045250}},
    {"52,000, retired", "110000-310", "1201", 3, INPATIENT,
     .items = {{3, YUAN(1500), 1, 0, 0},
               {1, YUAN(1500), 1, 0, YUAN(1000)},
               {2, YUAN(20000), 1, 1000, 0},
               {1, YUAN(29000), 1, 0, 0}},
     .want = {YUAN(48000), YUAN(1300), YUAN(43277), .person = YUAN(8723)}},
    {"deductible larger than the bill", "110000-310", "1101", 3, INPATIENT,
     .items = {{1, YUAN(1100), 1, 0, 0}, {3, YUAN(400), 1, 0, 0}},
     .want = {YUAN(1100), YUAN(1100), 0, .person = YUAN(1500)}},
    {"all wholly own", "110000-310", "1101", 3, INPATIENT,
     .items = {{3, YUAN(6800), 1, 0, 0}, {3, YUAN(2200), 3, 0, 0}}, .want = {0, 0, 0, .person = YUAN(13400)}},
    /* boundaries */
    {"zero", "110000-310", "1101", 3, INPATIENT, IN_SCOPE(0), .want = {0}},
    {"exactly on a band's end", "110000-310", "1101", 3, INPATIENT, IN_SCOPE(30000),
     .want = {YUAN(30000), YUAN(1300), YUAN(24395), .person = YUAN(5605)}},
    {"one fen above a band's end: 0.90 fen more", "110000-310", "1101", 3, INPATIENT, .items = {{1, 3000001, 1, 0, 0}},
     .want = {3000001, YUAN(1300), 2439501, .person = 560500}},
    {"price equal to the limit", "110000-310", "1101", 3, INPATIENT, .items = {{1, YUAN(20000), 1, 0, YUAN(20000)}},
     .want = {YUAN(20000), YUAN(1300), YUAN(15895), .person = YUAN(4105)}},
    {"one fen above the limit", "110000-310", "1101", 3, INPATIENT, .items = {{1, 2000001, 1, 0, YUAN(20000)}},
     .want = {YUAN(20000), YUAN(1300), YUAN(15895), .person = 410501}},
    {"cap reached exactly", "110000-310", "1101", 3, INPATIENT, .year = {.pool_paid = YUAN(100000) - YUAN(15895)},
     IN_SCOPE(20000), .want = {YUAN(20000), YUAN(1300), YUAN(15895), .person = YUAN(4105)}},
    /* 8,500 left consume 10,000 above the deductible; 8,700 go on: large-amount 85 % */
    {"cap reached inside a band", "110000-310", "1101", 3, INPATIENT, .year = {.pool_paid = YUAN(91500)},
     IN_SCOPE(20000), .want = {YUAN(20000), YUAN(1300), YUAN(8500), YUAN(7395), .person = YUAN(4105)}},
    {"cap used up: all above the deductible goes on", "110000-310", "1101", 3, INPATIENT,
     .year = {.pool_paid = YUAN(100000)}, IN_SCOPE(20000),
     .want = {YUAN(20000), YUAN(1300), 0, YUAN(15895), .person = YUAN(4105)}},
    {"large-amount for the retired: 80 %", "110000-310", "1201", 3, INPATIENT, .year = {.pool_paid = YUAN(100000)},
     IN_SCOPE(11300), .want = {YUAN(11300), YUAN(1300), 0, YUAN(8000), .person = YUAN(3300)}},
    {"large-amount's own cap", "110000-310", "1101", 3, INPATIENT,
     .year = {.pool_paid = YUAN(100000), .large_amount_paid = YUAN(399000)}, IN_SCOPE(20000),
     .want = {YUAN(20000), YUAN(1300), 0, YUAN(1000), .person = YUAN(19000)}},
    {"Shijiazhuang, municipal III", "130100-310", "1101", 3, true, INPATIENT, IN_SCOPE(10600),
     .want = {YUAN(10600), YUAN(600), YUAN(8500), .person = YUAN(2100)}},
    {"Shijiazhuang, provincial III", "130100-310", "1101", 3, INPATIENT, IN_SCOPE(10900),
     .want = {YUAN(10900), YUAN(900), YUAN(8200), .person = YUAN(2700)}},
    {"Shijiazhuang, retired, level I: deductible not below 100, +1 point", "130100-310", "1201", 1, INPATIENT,
     IN_SCOPE(1100), .want = {YUAN(1100), YUAN(100), YUAN(990), .person = YUAN(110)}},
    {"Shijiazhuang, retired, level II: deductible -100, +3 points", "130100-310", "1201", 2, INPATIENT, IN_SCOPE(1400),
     .want = {YUAN(1400), YUAN(400), YUAN(930), .person = YUAN(470)}},
    {"Tianjin, retired: +5 points", "120000-310", "1201", 3, INPATIENT, IN_SCOPE(11700),
     .want = {YUAN(11700), YUAN(1700), YUAN(8500), .person = YUAN(3200)}},
    {"Tianjin residents, later stay: no deductible", "120000-390", "1501", 3, INPATIENT, .year = {.stays = 1},
     IN_SCOPE(10000), .want = {YUAN(10000), 0, YUAN(6500), .person = YUAN(3500)}},
    {"Beijing residents, minor: half the deductible", "110000-390", "1401", 3, INPATIENT, IN_SCOPE(10650),
     .want = {YUAN(10650), YUAN(650), YUAN(7500), .person = YUAN(3150)}},
    {"Beijing residents, minor, later stay: not halved twice", "110000-390", "1401", 3, INPATIENT, .year = {.stays = 2},
     IN_SCOPE(10650), .want = {YUAN(10650), YUAN(650), YUAN(7500), .person = YUAN(3150)}},
    /* base 34,404 with this bill's 2,500 + 650: 4,000 above 30,404, at 60 % */
    {"catastrophic: above its deductible in the year", "110000-390", "1501", 3, INPATIENT,
     .year = {.stays = 1, .catastrophic_base = YUAN(31254)}, IN_SCOPE(10650),
     .want = {YUAN(10650), YUAN(650), YUAN(7500), .catastrophic = YUAN(2400), .person = YUAN(750)}},
    /* the poor: 15,202, 65 %; what is left of the bill, 2,302.20, is assisted at 70 % */
    {"catastrophic and assistance for the poor", "110000-390", "1501", 3, INPATIENT, .poverty = POVERTY_EXTREME,
     .year = {.stays = 1, .catastrophic_base = YUAN(13356)}, IN_SCOPE(10650),
     .want = {YUAN(10650), YUAN(650), YUAN(7500), .catastrophic = 84760, .assistance = 161168, .person = 69072}},
    {"assistance's annual cap", "110000-310", "1101", 3, INPATIENT, .poverty = POVERTY_SUBSISTENCE,
     .year = {.assistance_base = YUAN(71000), .assistance_paid = YUAN(49700)}, IN_SCOPE(20000),
     .want = {YUAN(20000), YUAN(1300), YUAN(15895), .assistance = YUAN(300), .person = YUAN(3805)}},
    {"the account pays what it holds", "110000-310", "1101", 3, INPATIENT, .balance = YUAN(1000), IN_SCOPE(20000),
     .want = {YUAN(20000), YUAN(1300), YUAN(15895), .account = YUAN(1000), .person = YUAN(4105)}},
    /* outpatient, Beijing employees */
    {"outpatient below the year's deductible", "110000-310", "1101", 3, .care_kind = "11", .age = 40, IN_SCOPE(1800),
     .want = {YUAN(1800), YUAN(1800), 0, .person = YUAN(1800)}},
    {"outpatient above it", "110000-310", "1101", 3, .care_kind = "11", .age = 40,
     .year = {.outpatient_in_scope = YUAN(1700)}, IN_SCOPE(1100),
     .want = {YUAN(1100), YUAN(100), YUAN(700), .person = YUAN(400)}},
    {"outpatient at the community", "110000-310", "1101", 1, .community = true, .care_kind = "11", .age = 40,
     .year = {.outpatient_in_scope = YUAN(1800)}, IN_SCOPE(1000),
     .want = {YUAN(1000), 0, YUAN(900), .person = YUAN(100)}},
    {"outpatient, retired, 69", "110000-310", "1201", 3, .care_kind = "11", .age = 69,
     .year = {.outpatient_in_scope = YUAN(1300)}, IN_SCOPE(1000),
     .want = {YUAN(1000), 0, YUAN(850), .person = YUAN(150)}},
    {"outpatient, retired, 70", "110000-310", "1201", 3, .care_kind = "11", .age = 70,
     .year = {.outpatient_in_scope = YUAN(1300)}, IN_SCOPE(1000),
     .want = {YUAN(1000), 0, YUAN(900), .person = YUAN(100)}},
    {"outpatient across 20,000 in the year", "110000-310", "1101", 3, .care_kind = "11", .age = 40,
     .year = {.outpatient_in_scope = YUAN(19500)}, IN_SCOPE(1000),
     .want = {YUAN(1000), 0, YUAN(650), .person = YUAN(350)}},
};

static void load(const char *name, struct policy *policy)
{
    char path[128];
    struct buffer why;
    buffer_init(&why);
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", name);
    enum status status = policy_file_load(path, policy, NULL, &why);
    if (status != OK)
        print_error("%s", buffer_text(&why));
    buffer_fini(&why);
    assert_int_equal(status, OK);
}

static uint32_t make_items(const struct row *row, struct bill_item items[4], fen_t *total)
{
    uint32_t count = 0;
    *total = 0;
    for (; count < 4 && row->items[count].level != 0; count++) {
        const struct item_row *item = &row->items[count];
        items[count] = (struct bill_item){.code = "X",
                                          .level = item->level,
                                          .unit_price_micro = item->price * 10000,
                                          .quantity_e4 = item->quantity * 10000,
                                          .amount = item->price * item->quantity,
                                          .first_own_share_bp = item->share_bp,
                                          .price_limit_micro = item->limit * 10000};
        *total += items[count].amount;
    }
    return count;
}

static void check_row(const struct row *row, struct policy *policy, struct benefit_result *result)
{
    struct bill_item items[4];
    struct bill bill = {.bill_id = "1",
                        .institution = "H11010100001",
                        .care_kind = row->care_kind,
                        .insured_area = policy->area,
                        .insurance_type = policy->insurance_type,
                        .admission_date = 20250301,
                        .discharge_date = 20250310,
                        .use_personal_account = row->balance > 0,
                        .items = items};
    struct bill_facts facts = {.hospital_level = row->level,
                               .hospital_municipal = row->municipal,
                               .hospital_community = row->community,
                               .poverty = row->poverty};
    memcpy(facts.category, row->category, 5);
    bill.item_count = make_items(row, items, &bill.total);
    struct benefit_input input = {policy, &bill, &facts, row->age, &row->year, row->balance};
    assert_int_equal(benefit_compute(published_first(), &input, result), RULE_NONE);
    const struct {
        const char *what;
        fen_t found, wanted;
    } amounts[] = {{"in scope", result->amounts.in_scope, row->want.in_scope},
                   {"deductible", result->amounts.deductible, row->want.deductible},
                   {"pool", result->amounts.pool_pay, row->want.pool},
                   {"large amount", result->amounts.large_amount_pay, row->want.large},
                   {"catastrophic", result->amounts.catastrophic_pay, row->want.catastrophic},
                   {"assistance", result->amounts.assistance_pay, row->want.assistance},
                   {"account", result->amounts.account_pay, row->want.account},
                   {"person", result->amounts.person_pay_total, row->want.person}};
    for (unsigned i = 0; i < sizeof amounts / sizeof amounts[0]; i++)
        if (amounts[i].found != amounts[i].wanted)
            fail_msg("%s: %s is %lld, not %lld", row->name, amounts[i].what, (long long)amounts[i].found,
                     (long long)amounts[i].wanted);
}

TEST(every_row_holds)
{
    struct policy *policy = malloc(sizeof *policy);
    struct benefit_result *result = malloc(sizeof *result);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        load(rows[i].policy, policy);
        check_row(&rows[i], policy, result);
    }
    free(policy);
    free(result);
}

static enum rule days(const char *care_kind, civil_date_t from, civil_date_t to)
{
    static struct policy policy;
    static struct benefit_result result;
    struct accumulators year = {0};
    struct bill_item item = {.code = "X", .level = 1, .unit_price_micro = 1000000, .quantity_e4 = 10000, .amount = 100};
    struct bill bill = {.care_kind = care_kind,
                        .insured_area = "110000",
                        .insurance_type = "310",
                        .admission_date = from,
                        .discharge_date = to,
                        .total = 100,
                        .items = &item,
                        .item_count = 1};
    struct bill_facts facts = {.hospital_level = 3, .category = "1101"};
    load("110000-310", &policy);
    struct benefit_input input = {&policy, &bill, &facts, 40, &year, 0};
    return benefit_compute(published_first(), &input, &result);
}

TEST(a_period_is_ninety_days)
{
    assert_int_equal(days("21", 20250101, 20250401), RULE_NONE);
    assert_int_equal(days("21", 20250101, 20250402), RULE_BILL_PERIOD_TOO_LONG);
    assert_int_equal(days("21", 20241231, 20250101), RULE_NONE);
    assert_int_equal(days("21", 20240229, 20240301), RULE_NONE);
}
