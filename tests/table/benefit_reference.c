/* SPDX-License-Identifier: Apache-2.0
 * The engine against a second, deliberately simple implementation, written from the rules (DOMAIN 2) and not from the
 * engine: it walks the in-scope amount as exact fractions over one common denominator, one item and one band at a time,
 * without any shortcut. Random bills under all policies, in years that go on from bill to bill; every difference is
 * shown with its seed. HUTONG_PROPERTY_BILLS sets how many (1,000,000 by default). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/settlement/benefit/benefit.h"
#include "services/settlement/policy/policy_file.h"

/* ---- exact fractions: numerator over denominator, never reduced further than 128 bits need ---- */

struct fraction {
    wide_t top, bottom;
};

static wide_t gcd(wide_t a, wide_t b)
{
    while (b != 0) {
        wide_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

static struct fraction fraction(wide_t top, wide_t bottom)
{
    wide_t common = gcd(top, bottom);
    return common == 0 ? (struct fraction){0, 1} : (struct fraction){top / common, bottom / common};
}

/* A figure that 128 bits cannot hold says nothing about the engine: it stops the test. */
static wide_t product(wide_t a, wide_t b)
{
    wide_t result = 0;
    if (__builtin_mul_overflow(a, b, &result))
        fail_msg("the reference ran out of 128 bits");
    return result;
}

static struct fraction plus(struct fraction a, struct fraction b)
{
    wide_t common = gcd(a.bottom, b.bottom), scale = b.bottom / common, sum = 0;
    if (__builtin_add_overflow(product(a.top, scale), product(b.top, a.bottom / common), &sum))
        fail_msg("the reference ran out of 128 bits");
    return fraction(sum, product(a.bottom, scale));
}

static struct fraction minus(struct fraction a, struct fraction b)
{
    return plus(a, (struct fraction){-b.top, b.bottom});
}

static struct fraction times(struct fraction a, struct fraction b)
{
    struct fraction left = fraction(a.top, b.bottom), right = fraction(b.top, a.bottom);
    return fraction(product(left.top, right.top), product(left.bottom, right.bottom));
}

static struct fraction over(struct fraction a, struct fraction b)
{
    return times(a, (struct fraction){b.bottom, b.top});
}

static int compare(struct fraction a, struct fraction b)
{
    wide_t difference = minus(a, b).top;
    return (difference > 0) - (difference < 0);
}

static struct fraction smaller(struct fraction a, struct fraction b)
{
    return compare(a, b) < 0 ? a : b;
}

static struct fraction between(struct fraction least, struct fraction value, struct fraction most)
{
    struct fraction bounded = smaller(value, most);
    return compare(bounded, least) < 0 ? least : bounded;
}

static struct fraction whole(fen_t amount)
{
    return (struct fraction){amount, 1};
}

static struct fraction per_cent(basis_points_t points)
{
    return fraction(points, 10000);
}

static basis_points_t up_to_all(basis_points_t points)
{
    return points > 10000 ? 10000 : points;
}

static fen_t half_up(struct fraction value)
{
    wide_t doubled = product(value.top, 2) + value.bottom;
    return (fen_t)(doubled / (value.bottom * 2)); /* never negative here */
}

/* ---- the rules, once more ---- */

struct expected {
    fen_t wholly_own, above, first_own, in_scope, deductible, pool, civil, large, catastrophic, assistance, account,
        person;
    struct accumulators after;
};

static fen_t no_more(fen_t amount, fen_t most)
{
    return amount > most ? most : amount;
}

static struct fraction scope_of(const struct bill *bill, struct expected *out)
{
    struct fraction own = whole(0), above = whole(0), first = whole(0), total = whole(0);
    for (uint32_t i = 0; i < bill->item_count; i++) {
        const struct bill_item *item = &bill->items[i];
        struct fraction amount = whole(item->amount), over_limit = whole(0);
        total = plus(total, amount);
        if (item->level == 3) {
            own = plus(own, amount);
            continue;
        }
        if (item->price_limit_micro != 0 && item->unit_price_micro > item->price_limit_micro)
            over_limit =
                fraction((wide_t)(item->unit_price_micro - item->price_limit_micro) * item->quantity_e4, 100000000);
        above = plus(above, over_limit);
        if (item->level == 2)
            first = plus(first, times(minus(amount, over_limit), per_cent((basis_points_t)item->first_own_share_bp)));
    }
    /* Lines are rounded, parts are not: after returns a part may miss its bounds by a crumb. */
    above = between(whole(0), above, minus(total, own));
    first = between(whole(0), first, minus(minus(total, own), above));
    out->wholly_own = half_up(own);
    out->above = half_up(above);
    /* Two halves of a fen, each shown as one, may not come to more than the bill. */
    out->first_own = no_more(half_up(first), (fen_t)total.top - out->wholly_own - out->above);
    out->in_scope = (fen_t)total.top - out->wholly_own - out->above - out->first_own;
    return minus(minus(minus(total, own), above), first);
}

static bool is_retired(const struct bill_facts *facts)
{
    return facts->category[0] == '1' && facts->category[1] == '2';
}

static struct fraction pool_ratio(const struct policy *policy, const struct bill_facts *facts, basis_points_t ratio)
{
    if (!is_retired(facts))
        return per_cent(ratio);
    if (policy->retired_own_share_factor != 0)
        return minus(whole(1), times(per_cent(10000 - ratio), per_cent(policy->retired_own_share_factor)));
    basis_points_t more = policy->retired_added;
    if (facts->hospital_level == 1 && policy->retired_added_level_one != 0)
        more = policy->retired_added_level_one;
    return per_cent(up_to_all(ratio + more));
}

static void inpatient(const struct benefit_input *in, struct fraction scope, struct expected *out)
{
    const struct policy *policy = in->policy;
    const struct policy_inpatient *rule = NULL;
    for (uint32_t i = 0; i < policy->inpatient_count; i++) /* a municipal hospital's own row, else the level's */
        if (policy->inpatient[i].level == in->facts->hospital_level && !policy->inpatient[i].municipal)
            rule = &policy->inpatient[i];
    for (uint32_t i = 0; i < policy->inpatient_count; i++)
        if (policy->inpatient[i].level == in->facts->hospital_level && policy->inpatient[i].municipal &&
            in->facts->hospital_municipal)
            rule = &policy->inpatient[i];
    fen_t deductible = in->year->stays == 0 ? rule->deductible_first : rule->deductible_later;
    if (is_retired(in->facts) && policy->retired_deductible_less != 0) {
        fen_t less = deductible - policy->retired_deductible_less;
        fen_t least = no_more(policy->retired_deductible_min, deductible);
        deductible = less > least ? less : least;
    }
    if (in->facts->category[1] == '4' && policy->minor_deductible != 0)
        deductible =
            no_more(deductible, half_up(times(whole(rule->deductible_first), per_cent(policy->minor_deductible))));
    struct fraction from = smaller(whole(deductible), scope);
    out->deductible = no_more(half_up(from), out->in_scope);
    fen_t room = policy->pool_cap - in->year->pool_paid;
    struct fraction left = whole(room > 0 ? room : 0), paid = whole(0), at = from, own = whole(0);
    for (uint32_t i = 0; i < rule->band_count; i++) {
        struct fraction end = rule->bands[i].upper == 0 ? scope : smaller(whole(rule->bands[i].upper), scope);
        struct fraction ratio = pool_ratio(policy, in->facts, rule->bands[i].ratio);
        if (compare(end, at) <= 0)
            continue;
        struct fraction due = times(minus(end, at), ratio);
        if (compare(due, left) > 0) {
            struct fraction consumed = over(left, ratio); /* the exact part that the pool still took */
            paid = plus(paid, left);
            own = plus(own, minus(consumed, left));
            at = plus(at, consumed);
            break;
        }
        paid = plus(paid, due);
        own = plus(own, minus(minus(end, at), due));
        left = minus(left, due);
        at = end;
    }
    out->pool = no_more(half_up(paid), out->in_scope);
    struct fraction beyond = minus(scope, at);
    basis_points_t ratio = is_retired(in->facts) && policy->retired_large_amount_ratio != 0
                               ? policy->retired_large_amount_ratio
                               : policy->large_amount_ratio;
    if (in->facts->civil_servant)
        out->civil = no_more(half_up(times(own, per_cent(policy->civil_servant_aid))), out->in_scope - out->pool);
    if (strcmp(in->bill->insurance_type, "310") == 0 && ratio != 0) {
        out->large = half_up(times(beyond, per_cent(ratio)));
        if (policy->large_amount_cap != 0)
            out->large = no_more(out->large, policy->large_amount_cap > in->year->large_amount_paid
                                                 ? policy->large_amount_cap - in->year->large_amount_paid
                                                 : 0);
        out->large = no_more(out->large, out->in_scope - out->pool - out->civil);
    }
    out->after.stays++;
    out->after.pool_paid += out->pool;
    out->after.large_amount_paid += out->large;
}

static void outpatient(const struct benefit_input *in, struct fraction scope, struct expected *out)
{
    const struct policy_outpatient *rule = NULL;
    for (uint32_t i = 0; i < in->policy->outpatient_count; i++) {
        const struct policy_outpatient *row = &in->policy->outpatient[i];
        if (row->community == in->facts->hospital_community && row->retired == is_retired(in->facts) &&
            row->age_min <= in->age && (rule == NULL || row->age_min >= rule->age_min))
            rule = row;
    }
    struct fraction at = whole(in->year->outpatient_in_scope), to = plus(at, scope), paid = whole(0), start = at;
    if (compare(at, whole(rule->deductible)) < 0)
        at = smaller(whole(rule->deductible), to);
    out->deductible = no_more(half_up(minus(at, start)), out->in_scope);
    for (uint32_t i = 0; i < rule->band_count; i++) {
        struct fraction end = rule->bands[i].upper == 0 ? to : smaller(whole(rule->bands[i].upper), to);
        if (compare(end, at) <= 0)
            continue;
        paid = plus(paid, times(minus(end, at), per_cent(rule->bands[i].ratio)));
        at = end;
    }
    if (rule->cap != 0)
        paid = between(whole(0), paid,
                       whole(rule->cap > in->year->outpatient_paid ? rule->cap - in->year->outpatient_paid : 0));
    out->pool = no_more(half_up(paid), out->in_scope);
    out->after.outpatient_in_scope += out->in_scope;
    out->after.outpatient_paid += out->pool;
}

static fen_t year_due(struct fraction entitled, fen_t cap, fen_t before, fen_t left)
{
    fen_t due = half_up(entitled);
    if (cap != 0)
        due = no_more(due, cap);
    due -= before;
    return due < 0 ? 0 : no_more(due, left);
}

static void year_funds(const struct benefit_input *in, struct expected *out)
{
    const struct policy *policy = in->policy;
    bool poor = in->facts->poverty != 0;
    fen_t left = out->in_scope - out->pool - out->civil - out->large;
    if (policy->catastrophic_band_count != 0 && strcmp(in->bill->insurance_type, "390") == 0) {
        struct fraction base = whole(in->year->catastrophic_base + left), entitled = whole(0);
        fen_t from = policy->catastrophic_deductible;
        if (poor && policy->catastrophic_poor_deductible != 0)
            from = half_up(times(whole(from), per_cent(policy->catastrophic_poor_deductible)));
        struct fraction at = whole(from);
        for (uint32_t i = 0; i < policy->catastrophic_band_count; i++) {
            const struct policy_band *band = &policy->catastrophic_bands[i];
            struct fraction end = band->upper == 0 ? base : smaller(whole(band->upper), base);
            if (compare(end, at) <= 0)
                continue;
            entitled =
                plus(entitled, times(minus(end, at),
                                     per_cent(up_to_all(band->ratio + (poor ? policy->catastrophic_poor_added : 0)))));
            at = end;
        }
        out->catastrophic = year_due(entitled, poor ? 0 : policy->catastrophic_cap, in->year->catastrophic_paid, left);
        out->after.catastrophic_base += left;
        out->after.catastrophic_paid += out->catastrophic;
        left -= out->catastrophic;
    }
    for (uint32_t i = 0; poor && i < policy->assistance_count; i++)
        if (policy->assistance[i].category == in->facts->poverty) {
            fen_t base = in->year->assistance_base + left - policy->assistance[i].deductible;
            out->assistance = year_due(times(whole(base > 0 ? base : 0), per_cent(policy->assistance[i].ratio)),
                                       policy->assistance_cap, in->year->assistance_paid, left);
            out->after.assistance_base += left;
            out->after.assistance_paid += out->assistance;
        }
}

static void compute_simply(const struct benefit_input *in, struct expected *out)
{
    *out = (struct expected){.after = *in->year};
    struct fraction scope = scope_of(in->bill, out);
    if (strcmp(in->bill->care_kind, "21") == 0)
        inpatient(in, scope, out);
    else
        outpatient(in, scope, out);
    year_funds(in, out);
    out->person = in->bill->total - out->pool - out->civil - out->large - out->catastrophic - out->assistance;
    out->account = in->bill->use_personal_account ? no_more(in->account_balance, out->person) : 0;
}

/* ---- random bills ---- */

static uint64_t random_state;

static uint64_t any(uint64_t below)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % below;
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
    random_bands(policy->catastrophic_bands, policy->catastrophic_band_count);
    policy->pool_cap = 1 + (fen_t)any(30000000);
    policy->large_amount_ratio = (basis_points_t)any(10001);
    policy->large_amount_cap = any(2) == 0 ? (fen_t)any(30000000) : 0;
    policy->catastrophic_cap = any(2) == 0 ? (fen_t)any(10000000) : 0;
    policy->catastrophic_poor_deductible = 1 + (basis_points_t)any(10000);
    policy->catastrophic_poor_added = (basis_points_t)any(5000);
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
                          const struct accumulators *added, uint64_t seed)
{
    return show("stays", before->stays + added->stays, after->stays, seed) +
           show("year: pool", before->pool_paid + added->pool_paid, after->pool_paid, seed) +
           show("year: large amount", before->large_amount_paid + added->large_amount_paid, after->large_amount_paid,
                seed) +
           show("year: catastrophic base", before->catastrophic_base + added->catastrophic_base,
                after->catastrophic_base, seed) +
           show("year: catastrophic", before->catastrophic_paid + added->catastrophic_paid, after->catastrophic_paid,
                seed) +
           show("year: assistance base", before->assistance_base + added->assistance_base, after->assistance_base,
                seed) +
           show("year: assistance", before->assistance_paid + added->assistance_paid, after->assistance_paid, seed) +
           show("year: visits", before->outpatient_in_scope + added->outpatient_in_scope, after->outpatient_in_scope,
                seed) +
           show("year: visits paid", before->outpatient_paid + added->outpatient_paid, after->outpatient_paid, seed);
}

static unsigned one_bill(const struct policy *policy, struct accumulators *year, uint64_t seed)
{
    static const char *const categories[] = {"1101", "1201", "1401", "1501", "1601"};
    static struct benefit_result result;
    struct bill_item items[8];
    bool outpatient_care = policy->outpatient_count > 0 && any(3) == 0;
    struct bill bill = {.care_kind = outpatient_care ? "11" : "21",
                        .insured_area = policy->area,
                        .insurance_type = policy->insurance_type,
                        .admission_date = 20250301,
                        .discharge_date = 20250310,
                        .use_personal_account = any(3) == 0,
                        .items = items};
    struct bill_facts facts = {.hospital_level = (uint32_t)(1 + any(3)),
                               .hospital_municipal = any(3) == 0,
                               .hospital_community = any(4) == 0,
                               .poverty = any(4) == 0 ? (uint32_t)(1 + any(4)) : 0};
    facts.civil_servant = any(3) == 0;
    memcpy(facts.category, categories[any(5)], 5);
    random_bill(policy, year, &bill, items);
    struct benefit_input input = {policy, &bill, &facts, (uint32_t)any(95), year, (fen_t)any(500000)};
    struct expected expected;
    enum rule rule = benefit_compute(&input, &result);
    if (rule != RULE_NONE)
        return show("ruling", (fen_t)rule, 0, seed);
    compute_simply(&input, &expected);
    const struct amounts *amounts = &result.amounts;
    unsigned wrong = show("wholly own", amounts->wholly_own, expected.wholly_own, seed) +
                     show("above the limit", amounts->above_limit, expected.above, seed) +
                     show("first own share", amounts->first_own_share, expected.first_own, seed) +
                     show("in scope", amounts->in_scope, expected.in_scope, seed) +
                     show("deductible", amounts->deductible, expected.deductible, seed) +
                     show("pool", amounts->pool_pay, expected.pool, seed) +
                     show("civil servants' aid", amounts->civil_servant_pay, expected.civil, seed) +
                     show("large amount", amounts->large_amount_pay, expected.large, seed) +
                     show("catastrophic", amounts->catastrophic_pay, expected.catastrophic, seed) +
                     show("assistance", amounts->assistance_pay, expected.assistance, seed) +
                     show("person", amounts->person_pay_total, expected.person, seed) +
                     show("account", amounts->account_pay, expected.account, seed);
    wrong += show("identity: total", amounts->total,
                  amounts->wholly_own + amounts->above_limit + amounts->first_own_share + amounts->in_scope, seed);
    wrong += show("identity: who pays", amounts->total,
                  amounts->fund_pay_total + amounts->account_pay + amounts->cash_pay, seed);
    wrong += show_year(&expected.after, year, &result.added, seed);
    *year = expected.after;
    return wrong;
}

static void the_engine_does_what_the_rules_say(void **state)
{
    static const char *const names[] = {"110000-310", "110000-390", "120000-310", "120000-390",
                                        "130100-310", "130100-390", "131000-310", "131000-390"};
    static struct policy policies[8];
    const char *wanted = getenv("HUTONG_PROPERTY_BILLS");
    uint64_t bills = wanted != NULL ? strtoull(wanted, NULL, 10) : 1000000;
    unsigned wrong = 0;
    struct accumulators year = {0};
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
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
            policy = policies[any(8)];
            if (any(2) == 0)
                random_policy(&policy);
        }
        wrong += one_bill(&policy, &year, seed);
    }
    print_message("%llu bills, %u differences\n", (unsigned long long)bills, wrong);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_engine_does_what_the_rules_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
