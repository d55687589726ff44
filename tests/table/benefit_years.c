/* SPDX-License-Identifier: Apache-2.0
 * Years that go on from bill to bill, with reversals and partial refunds: the settlement core over its store against
 * the rules written a second time. The model keeps nothing but the bills that stand: before each bill it adds the year
 * up again from what each of them added, so that it has no subtraction to be wrong about. HUTONG_PROPERTY_YEARS sets
 * how many histories (20 by default). */
#include "common/codes/area.h"
#include "common/codes/identity.h"
#include "services/settlement/settled.h"
#include "tests/support/random.h"
#include "tests/support/test.h"
#include "tests/table/benefit_rows.h"
#include "tests/table/benefit_simple.h"
#include "tests/unit/settlement_rig.h"

enum { EVENTS = 500, PERSONS_COUNT = 6, POLICIES_COUNT = 9, LINES_COUNT_MAX = 5 };

static const char *const names[POLICIES_COUNT] = {"110000-310", "110000-390", "110000-510", "120000-310", "120000-390",
                                                  "130100-310", "130100-390", "131000-310", "131000-390"};

static uint64_t random_state;

static uint64_t any(uint64_t below)
{
    return random_next(&random_state) % below;
}

/* ---- the model: bills that stand, and what each added ---- */

struct kept {
    position_t position;
    unsigned who, policy;
    uint32_t year;
    struct accumulators added, before; /* to its year; to the year before it */
    fen_t total, pool, account;
    bool gone;
};

struct history {
    struct rig rig;
    uint64_t seed;
    struct kept kept[EVENTS];
    unsigned count, reversals, refunds, splits;
    fen_t stated[PERSONS_COUNT][POLICIES_COUNT]; /* personal accounts */
    bool paired[PERSONS_COUNT][POLICIES_COUNT];
};

static void plus(struct accumulators *sum, const struct accumulators *added)
{
    struct accumulators copy = *added;
    sum->stays += added->stays;
    for (uint32_t i = 0; accumulators_at(sum, i) != NULL; i++)
        *accumulators_at(sum, i) += *accumulators_at(&copy, i);
}

static struct accumulators year_of(const struct history *history, unsigned who, unsigned policy, uint32_t year)
{
    struct accumulators sum = {0};
    for (unsigned i = 0; i < history->count; i++) {
        const struct kept *kept = &history->kept[i];
        if (kept->gone || kept->who != who || kept->policy != policy)
            continue;
        if (kept->year == year)
            plus(&sum, &kept->added);
        if (kept->year == year + 1)
            plus(&sum, &kept->before);
    }
    return sum;
}

static fen_t account_of(const struct history *history, unsigned who, unsigned policy)
{
    fen_t balance = history->stated[who][policy];
    for (unsigned i = 0; i < history->count; i++)
        if (!history->kept[i].gone && history->kept[i].who == who && history->kept[i].policy == policy)
            balance -= history->kept[i].account;
    return balance;
}

static void same(const struct history *history, const char *what, fen_t found, fen_t wanted)
{
    if (found != wanted)
        fail_msg("seed %llu, position %llu: %s is %lld, the rules say %lld", (unsigned long long)history->seed,
                 (unsigned long long)history->rig.harness.position, what, (long long)found, (long long)wanted);
}

static unsigned number_of(unsigned who)
{
    return who * 3001; /* born in different years */
}

/* What the store holds of both years that a bill may touch. */
static void check_years(struct history *history, unsigned who, unsigned policy, uint32_t year)
{
    for (uint32_t each = year - 1; each <= year; each++) {
        struct year_key key = {.year = each};
        struct accumulators found, wanted = year_of(history, who, policy, each);
        (void)snprintf(key.person, sizeof key.person, "%s", person(number_of(who)));
        memcpy(key.area, names[policy], 6);
        memcpy(key.type, names[policy] + 7, 3);
        year_get(history->rig.harness.txn, &key, &found);
        same(history, "stays of the year", found.stays, wanted.stays);
        for (uint32_t i = 0; accumulators_at(&found, i) != NULL; i++)
            same(history, "an accumulator of the year", *accumulators_at(&found, i), *accumulators_at(&wanted, i));
        same(history, "the account", account_get(history->rig.harness.txn, &key), account_of(history, who, policy));
    }
}

/* ---- events ---- */

static const char *care_of(unsigned policy)
{
    return names[policy][1] == '2' ? "130000" : CARE;
}

/* Before the first bill of the two. */
static void state_balance(struct history *history, unsigned who, unsigned policy)
{
    char area[7] = "", type[4] = "";
    if (history->paired[who][policy])
        return;
    history->paired[who][policy] = true;
    history->stated[who][policy] = any(2) == 0 ? 0 : (fen_t)any(800000);
    memcpy(area, names[policy], 6);
    memcpy(type, names[policy] + 7, 3);
    admit(&history->rig, &(struct event){.sender = region_of(area),
                                         .person_id = person(number_of(who)),
                                         .kind = EVENT_ENROLMENT,
                                         .body.enrolment = {.area = area,
                                                            .insurance_type = type,
                                                            .category = "1101",
                                                            .effective_date = 20240101,
                                                            .has_account_balance = true,
                                                            .account_balance = history->stated[who][policy]}});
    assert_int_equal(history->rig.outcome.kind, OUTCOME_APPLIED);
}

static void draw_lines(struct bill *bill, struct bill_item *items)
{
    static const int64_t sizes[] = {100000, 5000000, 300000000, INT64_C(20000000000)};
    bill->items = items;
    bill->item_count = 1 + (uint32_t)any(LINES_COUNT_MAX);
    for (uint32_t i = 0; i < bill->item_count; i++) {
        int64_t price = 1 + (int64_t)any((uint64_t)sizes[any(4)]);
        items[i] = (struct bill_item){.code = "X00000000000000000000A",
                                      .level = (uint8_t)(any(8) == 0 ? 3 : 1 + any(2)),
                                      .unit_price_micro = price,
                                      .quantity_e4 = 1 + (int64_t)any(50000),
                                      .price_limit_micro = any(4) == 0 ? price / 2 : 0};
        items[i].first_own_share_bp = items[i].level == 2 ? (uint32_t)any(3000) : 0;
        assert_int_equal(money_line(price, items[i].quantity_e4, &items[i].amount), OK);
        bill->total += items[i].amount;
    }
}

static void draw_bill(struct bill *bill, unsigned policy, struct bill_item *items, char texts[3][16])
{
    static const char *const kinds[] = {"21", "21", "22", "23", "24", "11", "11", "12", "13", "14", "41", "51", "52"};
    static const civil_date_t periods[][2] = {
        {20250301, 20250310}, {20250410, 20250410}, {20241225, 20250102}, {20241230, 20250105}, {20250110, 20250112}};
    unsigned period = (unsigned)any(5), kind = (unsigned)any(sizeof kinds / sizeof kinds[0]);
    if (strcmp(names[policy] + 7, "510") == 0)
        kind = 11 + (unsigned)any(2); /* maternity alone */
    bool stay = kinds[kind][0] == '2' || strcmp(kinds[kind], "52") == 0;
    memcpy(texts[0], names[policy], 6);
    memcpy(texts[1], names[policy] + 7, 3);
    texts[0][6] = texts[1][3] = 0;
    *bill = (struct bill){.bill_id = texts[2],
                          .institution = HOSPITAL,
                          .insured_area = texts[0],
                          .insurance_type = texts[1],
                          .care_kind = kinds[kind],
                          .admission_date = periods[period][stay ? 0 : 1],
                          .discharge_date = periods[period][1],
                          .diagnosis = "J18.900",
                          .credential = "01",
                          .use_personal_account = any(2) == 0,
                          .special_disease = strcmp(kinds[kind], "14") == 0 ? "M03900" : ""};
    draw_lines(bill, items);
}

static struct bill_facts draw_facts(unsigned policy)
{
    static const char *const employees[] = {"1101", "1201"}, *const residents[] = {"1401", "1501", "1601"};
    struct bill_facts facts = facts_of_care;
    char area[7] = "";
    memcpy(area, names[policy], 6);
    (void)snprintf(facts.care_region, sizeof facts.care_region, "%s", care_of(policy));
    (void)snprintf(facts.insured_region, sizeof facts.insured_region, "%s", region_of(area));
    facts.hospital_level = 1 + (uint32_t)any(3);
    facts.hospital_municipal = any(3) == 0;
    facts.hospital_community = any(4) == 0;
    facts.poverty = any(3) == 0 ? 1 + (uint32_t)any(4) : 0;
    facts.filing = STANDING_UNFILED;
    memcpy(facts.category, strcmp(names[policy] + 7, "390") == 0 ? residents[any(3)] : employees[any(2)], 5);
    return facts;
}

static void compare(const struct history *history, const struct amounts *amounts, const struct expected *expected)
{
    same(history, "in scope", amounts->in_scope, expected->in_scope);
    same(history, "deductible", amounts->deductible, expected->deductible);
    same(history, "pool", amounts->pool_pay, expected->pool);
    same(history, "large amount", amounts->large_amount_pay, expected->large);
    same(history, "catastrophic", amounts->catastrophic_pay, expected->catastrophic);
    same(history, "assistance", amounts->assistance_pay, expected->assistance);
    same(history, "person", amounts->person_pay_total, expected->person);
    same(history, "account", amounts->account_pay, expected->account);
}

/* The year with the bill, less the year: what it added. */
static struct accumulators less(const struct accumulators *after, const struct accumulators *year)
{
    struct accumulators added = *after, before = *year;
    added.stays -= before.stays;
    for (uint32_t i = 0; accumulators_at(&added, i) != NULL; i++)
        *accumulators_at(&added, i) -= *accumulators_at(&before, i);
    return added;
}

/* A new bill; in the place of another of this person's, where `replaced` is not NULL. */
static void bill_event_of(struct history *history, unsigned who, unsigned policy, struct kept *replaced)
{
    struct bill_item items[LINES_COUNT_MAX];
    struct identity identity;
    struct expected expected;
    char texts[3][16];
    struct event event = {.sender = care_of(policy), .person_id = person(number_of(who)), .kind = EVENT_BILL_SETTLE};
    struct bill *bill = &event.body.bill;
    struct bill_facts facts = draw_facts(policy);
    draw_bill(bill, policy, items, texts);
    (void)snprintf(texts[2], sizeof texts[2], "B-%u", history->count);
    state_balance(history, who, policy);
    if (replaced != NULL) {
        bill->replaces_settlement = replaced->position;
        replaced->gone = true;
    }
    uint32_t in = bill->discharge_date / 10000;
    struct accumulators year = year_of(history, who, policy, in);
    event.person_id = person(number_of(who));
    assert_int_equal(identity_parse(event.person_id, &identity), OK);
    struct benefit_input input = {policy_named(names[policy]),
                                  bill,
                                  &facts,
                                  identity_age_on(identity.birth_date, bill->discharge_date),
                                  &year,
                                  account_of(history, who, policy)};
    compute_simply(&input, 1, &expected);
    position_t position = decide(&history->rig, &event, (struct verdict){.has_facts = true, .facts = facts});
    if (history->rig.outcome.kind != OUTCOME_SETTLED)
        fail_msg("seed %llu: a bill of kind %s under %s: %s", (unsigned long long)history->seed, bill->care_kind,
                 names[policy], outcome_kind_name(history->rig.outcome.kind));
    compare(history, &history->rig.outcome.amounts, &expected);
    history->kept[history->count++] = (struct kept){.position = position,
                                                    .who = who,
                                                    .policy = policy,
                                                    .year = in,
                                                    .added = less(&expected.after, &year),
                                                    .before = expected.before_after,
                                                    .total = bill->total,
                                                    .pool = expected.pool,
                                                    .account = expected.account};
    history->splits += expected.before_after.pool_paid > 0;
    check_years(history, who, policy, in);
}

static void reversal_of(struct history *history, struct kept *kept)
{
    reverse(&history->rig, care_of(kept->policy), number_of(kept->who), kept->position);
    assert_int_equal(history->rig.outcome.kind, OUTCOME_REVERSED);
    same(history, "the total given back", history->rig.outcome.amounts.total, -kept->total);
    same(history, "the pool's part given back", history->rig.outcome.amounts.pool_pay, -kept->pool);
    kept->gone = true;
    history->reversals++;
    check_years(history, kept->who, kept->policy, kept->year);
}

static struct kept *any_standing(struct history *history)
{
    for (unsigned turn = 0; history->count > 0 && turn < 20; turn++) {
        struct kept *kept = &history->kept[any(history->count)];
        if (!kept->gone)
            return kept;
    }
    return NULL;
}

static void one_event(struct history *history)
{
    uint64_t what = any(10);
    struct kept *kept = what < 4 ? any_standing(history) : NULL;
    if (kept != NULL && what < 2) {
        reversal_of(history, kept);
    } else if (kept != NULL) { /* under the same insurance or, after a correction of it, another */
        uint32_t year = kept->year;
        unsigned before = kept->policy, policy = any(4) == 0 ? (unsigned)any(POLICIES_COUNT) : before;
        if (strcmp(care_of(policy), care_of(before)) != 0) /* only who sent a bill takes it back */
            policy = before;
        bill_event_of(history, kept->who, policy, kept);
        history->refunds++;
        check_years(history, kept->who, before, year);
    } else {
        bill_event_of(history, (unsigned)any(PERSONS_COUNT), (unsigned)any(POLICIES_COUNT), NULL);
    }
}

static void run_history(struct history *history, uint64_t seed)
{
    memset(history, 0, sizeof *history);
    history->seed = random_state = seed;
    rig_start(&history->rig, 0, 1);
    for (unsigned i = 0; i < POLICIES_COUNT; i++)
        publish(&history->rig, names[i]);
    for (unsigned i = 0; i < EVENTS; i++)
        one_event(history);
    assert_books_balance(&history->rig);
    for (struct kept *kept = history->kept; kept < history->kept + history->count; kept++)
        if (!kept->gone)
            reversal_of(history, kept); /* the first bills first: all that came after them stands */
    assert_books_balance(&history->rig);
    rig_stop(&history->rig);
}

TEST(years_with_reversals_are_what_the_rules_say)
{
    static struct history history;
    const char *wanted = getenv("HUTONG_PROPERTY_YEARS");
    uint64_t histories = wanted != NULL ? strtoull(wanted, NULL, 10) : 20;
    unsigned bills = 0, reversals = 0, refunds = 0, splits = 0;
    for (uint64_t seed = 1; seed <= histories; seed++) {
        run_history(&history, seed);
        bills += history.count;
        reversals += history.reversals;
        refunds += history.refunds;
        splits += history.splits;
    }
    print_message("%u bills, %u reversals, %u refunds, %u split by days\n", bills, reversals, refunds, splits);
    assert_true(bills > reversals && reversals > 50 && refunds > 50 && splits > 10);
}
