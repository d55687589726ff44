/* SPDX-License-Identifier: Apache-2.0
 * The engine against a second, deliberately simple implementation, written from the rules (DOMAIN 2) and not from the
 * engine: it walks the in-scope amount as exact fractions over one common denominator, one item and one band at a time,
 * without any shortcut. Random bills under all policies, in years that go on from bill to bill; every difference is
 * shown with its seed. HUTONG_PROPERTY_BILLS sets how many (1,000,000 by default). */
#include "common/engines/policy/policy_file.h"
#include "tests/support/random.h"
#include "tests/support/test.h"
#include "tests/table/benefit_again.h"
#include "tests/table/benefit_simple.h"

/* ---- random bills ---- */

static uint64_t random_state;

static uint64_t any(uint64_t below)
{
    return random_next(&random_state) % below;
}

static void add_line(struct bill *bill, struct bill_item *items, struct bill_item item)
{
    if (money_line(item.unit_price_micro, item.quantity_e4, &item.amount) != OK || item.amount > 200000000)
        item.amount = item.unit_price_micro = item.price_limit_micro = 0;
    bill->total += item.amount;
    items[bill->item_count++] = item;
}

static struct bill_item random_line(void)
{
    static const int64_t sizes[] = {30000, 100000, 5000000, 300000000, INT64_C(20000000000)};
    int64_t price = (int64_t)any((uint64_t)sizes[any(5)]);
    struct bill_item item = {.code = "X",
                             .level = (uint8_t)(1 + any(3)),
                             .unit_price_micro = price,
                             .quantity_e4 = (int64_t)any(300000) + 1};
    item.first_own_share_bp = item.level == 2 ? (uint32_t)any(10001) : 0;
    item.price_limit_micro = any(3) == 0 ? price / (int64_t)(1 + any(3)) : 0;
    return item;
}

/* One line of 甲: on an edge of the policy, a fen beside it, or anywhere. */
static void bill_on_an_edge(const struct policy *policy, const struct accumulators *year, struct bill *bill,
                            struct bill_item *items)
{
    const struct policy_inpatient *rule = &policy->inpatient[any(policy->inpatient_count)];
    const fen_t edges[] = {rule->deductible_first,
                           rule->deductible_later,
                           rule->bands[any(rule->band_count)].upper,
                           policy->pool_cap - year->pool_paid,
                           policy->catastrophic_deductible - year->catastrophic_base,
                           policy->outpatient_count > 0 ? policy->outpatient[0].deductible : 1,
                           20000000 - year->outpatient_in_scope};
    fen_t amount = edges[any(sizeof edges / sizeof edges[0])] + (fen_t)any(3) - 1;
    if (amount > 0)
        add_line(bill, items,
                 (struct bill_item){.code = "X", .level = 1, .unit_price_micro = amount * 10000, .quantity_e4 = 10000});
}

static void random_bill(const struct policy *policy, const struct accumulators *year, struct bill *bill,
                        struct bill_item *items)
{
    bill->total = 0;
    bill->item_count = 0;
    if (any(4) == 0) {
        bill_on_an_edge(policy, year, bill, items);
        return;
    }
    for (uint64_t lines = any(7); lines > 0; lines--)
        add_line(bill, items, random_line());
    if (bill->item_count > 0 && any(5) == 0) { /* a return, of a part or of all */
        struct bill_item back = items[any(bill->item_count)];
        back.quantity_e4 = -1 - (int64_t)any((uint64_t)back.quantity_e4);
        add_line(bill, items, back);
    }
}

static void random_bands(struct policy_band *bands, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        bands[i].ratio = 1 + (basis_points_t)any(10000);
}

/* The shape of a real policy with numbers that no region would choose. */
static void random_policy(struct policy *policy)
{
    for (uint32_t i = 0; i < policy->inpatient_count; i++) {
        policy->inpatient[i].deductible_first = (fen_t)any(200000);
        policy->inpatient[i].deductible_later = (fen_t)any(200000);
        random_bands(policy->inpatient[i].bands, policy->inpatient[i].band_count);
    }
    for (uint32_t i = 0; i < policy->outpatient_count; i++) {
        random_bands(policy->outpatient[i].bands, policy->outpatient[i].band_count);
        policy->outpatient[i].cap = any(2) == 0 ? (fen_t)any(3000000) : 0;
    }
    for (uint32_t i = 0; i < policy->outpatient_count; i++) {
        policy->outpatient[i].deductible = any(3) == 0 ? 0 : (fen_t)any(200000);
        policy->outpatient[i].counts_to_pool_cap = any(3) == 0;
        if (any(4) == 0)
            policy->outpatient[i].level = (uint32_t)any(4);
        if (any(6) == 0)
            policy->outpatient[i].care = (enum care_class)any(5);
    }
    if (any(4) == 0)
        policy->inpatient[any(policy->inpatient_count)].care = CARE_MATERNITY;
    policy->away_filed_from = any(2) == 0 ? 20250401 : 0;
    policy->away_other_cut = (basis_points_t)any(3000);
    policy->away_referral_cut = any(9) == 0 ? (basis_points_t)any(10001) : (basis_points_t)any(1500);
    policy->year_split_by_days = any(2) == 0;
    random_bands(policy->catastrophic_bands, policy->catastrophic_band_count);
    policy->pool_cap = 1 + (fen_t)any(30000000);
    policy->large_amount_ratio = (basis_points_t)any(10001);
    policy->large_amount_cap = any(2) == 0 ? (fen_t)any(30000000) : 0;
    policy->catastrophic_cap = any(2) == 0 ? (fen_t)any(10000000) : 0;
    policy->catastrophic_poor_deductible = 1 + (basis_points_t)any(10000);
    policy->catastrophic_poor_added = (basis_points_t)any(5000);
    policy->catastrophic_poor_count = (uint32_t)any(policy->catastrophic_poor_count + 1);
    for (uint32_t i = 0; i < policy->assistance_count; i++)
        policy->assistance[i].deductible = (fen_t)any(500000);
    policy->assistance_cap = any(2) == 0 ? (fen_t)any(10000000) : 0;
    policy->retired_own_share_factor = any(2) == 0 ? (basis_points_t)any(10001) : 0;
    policy->retired_added = (basis_points_t)any(3000);
    policy->retired_added_level_one = (basis_points_t)any(3000);
    policy->retired_deductible_less = (fen_t)any(100000);
    policy->retired_deductible_min = (fen_t)any(100000);
    policy->retired_large_amount_ratio = (basis_points_t)any(10001);
    policy->minor_deductible = (basis_points_t)any(10001);
    policy->civil_servant_aid = (basis_points_t)any(10001);
}

static unsigned show(const char *what, fen_t found, fen_t wanted, uint64_t seed)
{
    if (found == wanted)
        return 0;
    print_error("seed %llu: %s is %lld, the rules say %lld\n", (unsigned long long)seed, what, (long long)found,
                (long long)wanted);
    return 1;
}

static unsigned show_year(const struct accumulators *after, const struct accumulators *before,
                          const struct accumulators *added, const char *which, uint64_t seed)
{
    static const char *const names[] = {
        "pool",   "large amount", "catastrophic base", "catastrophic", "assistance base", "assistance",
        "visits", "visits paid",  "chronic",           "chronic paid", "maternity",       "maternity paid"};
    struct accumulators a = *after, b = *before, c = *added;
    char what[64];
    unsigned wrong = show("stays", b.stays + c.stays, a.stays, seed);
    for (uint32_t i = 0; accumulators_at(&a, i) != NULL; i++) {
        (void)snprintf(what, sizeof what, "%s: %s", which, names[i]);
        wrong += show(what, *accumulators_at(&b, i) + *accumulators_at(&c, i), *accumulators_at(&a, i), seed);
    }
    return wrong;
}

static unsigned show_result(const struct benefit_result *result, const struct expected *expected,
                            const struct accumulators *year, uint64_t seed)
{
    static const struct accumulators none;
    const struct amounts *amounts = &result->amounts;
    unsigned wrong = show("wholly own", amounts->wholly_own, expected->wholly_own, seed) +
                     show("above the limit", amounts->above_limit, expected->above, seed) +
                     show("first own share", amounts->first_own_share, expected->first_own, seed) +
                     show("in scope", amounts->in_scope, expected->in_scope, seed) +
                     show("deductible", amounts->deductible, expected->deductible, seed) +
                     show("pool", amounts->pool_pay, expected->pool, seed) +
                     show("civil servants' aid", amounts->civil_servant_pay, expected->civil, seed) +
                     show("large amount", amounts->large_amount_pay, expected->large, seed) +
                     show("catastrophic", amounts->catastrophic_pay, expected->catastrophic, seed) +
                     show("assistance", amounts->assistance_pay, expected->assistance, seed) +
                     show("person", amounts->person_pay_total, expected->person, seed) +
                     show("account", amounts->account_pay, expected->account, seed);
    return wrong + show_year(&expected->after, year, &result->added, "year", seed) +
           show_year(&expected->before_after, &none, &result->added_before, "year before", seed);
}

/* Under the newest logic, by steps that say all that it takes. */
static unsigned show_newest(const struct benefit_input *input, uint64_t seed)
{
    static struct benefit_result full;
    struct expected expected;
    enum rule rule = benefit_compute(published_in_full(), input, &full);
    const char *why = steps_again(input, &full);
    compute_simply(input, LOGIC_VERSION_KNOWN, &expected);
    if (rule != RULE_NONE || why != NULL)
        print_error("seed %llu: %s\n", (unsigned long long)seed, why != NULL ? why : "refused by the newest logic");
    return (rule != RULE_NONE || why != NULL) + show_result(&full, &expected, input->year, seed);
}

static unsigned one_bill(const struct policy *policy, struct accumulators *year, uint64_t seed)
{
    static const char *const categories[] = {"1101", "1201", "1401", "1501", "1601"};
    static struct benefit_result result;
    struct bill_item items[8];
    static const char *const kinds[] = {"21", "21", "22", "23", "24", "11", "12", "13", "14", "41", "51", "52"};
    static const civil_date_t admissions[] = {20250301, 20241220, 20241231, 20250101, 20250410};
    civil_date_t admission = admissions[any(5)];
    struct bill bill = {.care_kind = kinds[any(sizeof kinds / sizeof kinds[0])],
                        .insured_area = policy->area,
                        .insurance_type = policy->insurance_type,
                        .admission_date = admission,
                        .discharge_date = any(2) == 0 && admission < 20250301 ? 20250101
                                          : admission == 20250410             ? 20250410
                                                                              : 20250310,
                        .use_personal_account = any(3) == 0,
                        .items = items};
    struct bill_facts facts = {.hospital_level = (uint32_t)(1 + any(3)),
                               .hospital_municipal = any(3) == 0,
                               .hospital_community = any(4) == 0,
                               .poverty = any(4) == 0 ? (uint32_t)(1 + any(4)) : 0};
    facts.civil_servant = any(3) == 0;
    facts.filing = (uint32_t)any(5);
    memcpy(facts.category, categories[any(5)], 5);
    random_bill(policy, year, &bill, items);
    struct benefit_input input = {policy, &bill, &facts, (uint32_t)any(95), year, (fen_t)any(500000)};
    struct expected expected;
    enum rule rule = benefit_compute(published_first(), &input, &result);
    compute_simply(&input, LOGIC_VERSION_FIRST, &expected);
    if (rule != RULE_NONE || expected.refused)
        return show("ruling", (fen_t)rule, expected.refused ? RULE_POLICY_UNKNOWN : RULE_NONE, seed);
    const struct amounts *amounts = &result.amounts;
    unsigned wrong = show_result(&result, &expected, year, seed);
    wrong += show("identity: total", amounts->total,
                  amounts->wholly_own + amounts->above_limit + amounts->first_own_share + amounts->in_scope, seed);
    wrong += show("identity: who pays", amounts->total, amounts->fund_pay_total + amounts->person_pay_total, seed);
    wrong += show("identity: funds", amounts->fund_pay_total,
                  amounts->pool_pay + amounts->civil_servant_pay + amounts->large_amount_pay +
                      amounts->catastrophic_pay + amounts->assistance_pay + amounts->other_pay,
                  seed);
    wrong += show("identity: person", amounts->person_pay_total, amounts->account_pay + amounts->cash_pay, seed);
    wrong += show_newest(&input, seed);
    *year = expected.after;
    return wrong;
}

TEST(the_engine_does_what_the_rules_say)
{
    static const char *const names[] = {"110000-310", "110000-390", "120000-310", "120000-390", "130100-310",
                                        "130100-390", "131000-310", "131000-390", "110000-510"};
    enum { POLICIES = sizeof names / sizeof names[0] };
    static struct policy policies[POLICIES];
    const char *wanted = getenv("HUTONG_PROPERTY_BILLS");
    uint64_t bills = wanted != NULL ? strtoull(wanted, NULL, 10) : 1000000;
    unsigned wrong = 0;
    struct accumulators year = {0};
    for (unsigned i = 0; i < POLICIES; i++) {
        char path[128];
        struct buffer why;
        buffer_init(&why);
        (void)snprintf(path, sizeof path, "data/policies/%s.yaml", names[i]);
        assert_int_equal(policy_file_load(path, &policies[i], NULL, &why), OK);
        buffer_fini(&why);
        policies[i].civil_servant_aid = 5000;
    }
    struct policy policy = policies[0];
    for (uint64_t seed = 1; seed <= bills && wrong < 20; seed++) {
        random_state = seed;
        if (any(6) == 0) { /* a new person, a new year */
            year = (struct accumulators){0};
            policy = policies[any(POLICIES)];
            if (any(2) == 0)
                random_policy(&policy);
        }
        wrong += one_bill(&policy, &year, seed);
    }
    print_message("%llu bills, %u differences\n", (unsigned long long)bills, wrong);
    assert_int_equal(wrong, 0);
}
