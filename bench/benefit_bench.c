/* SPDX-License-Identifier: Apache-2.0
 * hutong-benefit-bench: the benefit engine alone, one core, ten-item bills; one JSON object. First stays alone under
 * one policy, the narrowest loop; then the generator's mix of every kind of care under every policy of data/policies,
 * each bill in the year that its person has had so far. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/arena.h"
#include "common/codes/identity.h"
#include "common/engines/benefit/benefit.h"
#include "common/engines/policy/policy_file.h"
#include "common/net/loop.h"
#include "tools/gen/gen.h"

enum { BILLS = 3000000, VARIANTS = 64, MIXED = 4096, PERSONS = 400, INSTITUTIONS = 60, POLICIES = 9, TODAY = 20251124 };

static const char *const names[POLICIES] = {"110000-310", "110000-390", "110000-510", "120000-310", "120000-390",
                                            "130100-310", "130100-390", "131000-310", "131000-390"};
static struct policy policies[POLICIES];
static struct benefit_result result;

static void stop(const char *what)
{
    (void)fprintf(stderr, "hutong-benefit-bench: %s\n", what);
    exit(1);
}

struct figures {
    double per_second, nanoseconds;
    fen_t check;
};

/* ---- stays alone ---- */

static void make_stays(struct bill *bills, struct bill_item (*items)[10])
{
    for (int v = 0; v < VARIANTS; v++) {
        bills[v] = (struct bill){.care_kind = "21",
                                 .insured_area = "110000",
                                 .insurance_type = "310",
                                 .admission_date = 20250301,
                                 .discharge_date = 20250310,
                                 .items = items[v],
                                 .item_count = 10};
        for (int i = 0; i < 10; i++) {
            struct bill_item *item = &items[v][i];
            *item = (struct bill_item){.code = "X",
                                       .level = (uint8_t)(1 + (v + i) % 3),
                                       .unit_price_micro = INT64_C(54321000) * (v % 16 + i + 1),
                                       .quantity_e4 = 30000 + 10000 * i,
                                       .first_own_share_bp = (v + i) % 3 == 1 ? 1000 : 0,
                                       .price_limit_micro = i % 4 == 0 ? INT64_C(50000000) * (v % 16 + 1) : 0};
            if (money_line(item->unit_price_micro, item->quantity_e4, &item->amount) != OK)
                stop("a line out of range");
            bills[v].total += item->amount;
        }
    }
}

static struct figures run(const struct benefit_input *inputs, unsigned count)
{
    fen_t sum = 0;
    int64_t start = loop_monotonic_us();
    for (unsigned i = 0; i < BILLS; i++) {
        if (benefit_compute(published_first(), &inputs[i % count], &result) != RULE_NONE)
            stop("a bill was refused");
        sum += result.amounts.pool_pay;
    }
    double seconds = (double)(loop_monotonic_us() - start) / 1e6;
    return (struct figures){BILLS / seconds, seconds * 1e9 / BILLS, sum};
}

static struct figures run_stays(void)
{
    static struct bill_item items[VARIANTS][10];
    static struct bill bills[VARIANTS];
    static struct benefit_input inputs[VARIANTS];
    static const struct accumulators year;
    static const struct bill_facts facts = {.hospital_level = 3, .category = "1101"};
    make_stays(bills, items);
    for (int v = 0; v < VARIANTS; v++)
        inputs[v] = (struct benefit_input){&policies[0], &bills[v], &facts, 40, &year, 0};
    return run(inputs, VARIANTS);
}

/* ---- the mix ---- */

struct known_person {
    char id[IDENTITY_SIZE + 1];
    char category[5];
    uint32_t poverty;
    fen_t balance;
    civil_date_t born;
    struct accumulators years[POLICIES]; /* so far */
};

struct known_place {
    char code[13];
    uint32_t level;
    bool municipal, community;
};

struct mixed {
    struct event event;
    struct bill_facts facts;
    struct accumulators year;
};

static struct known_person persons[PERSONS];
static struct known_place places[2 * INSTITUTIONS];
static struct arena arena;

static struct event decoded(const struct buffer *envelope)
{
    struct event event;
    if (event_decode(buffer_span(envelope), &arena, &event) != OK)
        stop("a generated message");
    return event;
}

static void know(struct gen *gen, uint32_t place_count)
{
    struct buffer envelope;
    struct identity identity;
    buffer_init(&envelope);
    for (uint32_t i = 0; i < place_count; i++) {
        gen_institution(gen, i, &envelope);
        struct event event = decoded(&envelope);
        const struct institution *institution = &event.body.institution;
        places[i] = (struct known_place){
            .level = institution->level, .municipal = institution->municipal, .community = institution->community};
        (void)snprintf(places[i].code, sizeof places[i].code, "%s", institution->code);
    }
    for (uint32_t i = 0; i < PERSONS; i++) {
        gen_enrolment(gen, i, &envelope);
        struct event event = decoded(&envelope);
        const struct enrolment *enrolment = &event.body.enrolment;
        if (identity_parse(event.person_id, &identity) != OK)
            stop("a generated person");
        persons[i] = (struct known_person){
            .poverty = enrolment->poverty, .balance = enrolment->account_balance, .born = identity.birth_date};
        (void)snprintf(persons[i].id, sizeof persons[i].id, "%s", event.person_id);
        (void)snprintf(persons[i].category, sizeof persons[i].category, "%s", enrolment->category);
    }
    buffer_fini(&envelope);
}

static unsigned policy_of(const struct bill *bill)
{
    unsigned at = 0;
    while (at < POLICIES && (strcmp(policies[at].area, bill->insured_area) != 0 ||
                             strcmp(policies[at].insurance_type, bill->insurance_type) != 0))
        at++;
    return at < POLICIES ? at : 0;
}

/* The year as it is before this bill; and goes on with it. */
static void place_bill(struct mixed *mixed, uint32_t place_count, struct benefit_input *input)
{
    const struct bill *bill = &mixed->event.body.bill;
    uint32_t who = 0, where = 0;
    while (who < PERSONS - 1 && strcmp(persons[who].id, mixed->event.person_id) != 0)
        who++;
    while (where < place_count - 1 && strcmp(places[where].code, bill->institution) != 0)
        where++;
    struct known_person *person = &persons[who];
    unsigned policy = policy_of(bill);
    struct accumulators *year = &person->years[policy];
    mixed->year = *year;
    mixed->facts = (struct bill_facts){.hospital_level = places[where].level,
                                       .hospital_municipal = places[where].municipal,
                                       .hospital_community = places[where].community,
                                       .poverty = person->poverty,
                                       .filing = STANDING_UNFILED};
    memcpy(mixed->facts.category, person->category, sizeof mixed->facts.category);
    *input = (struct benefit_input){&policies[policy], bill,
                                    &mixed->facts,     identity_age_on(person->born, bill->discharge_date),
                                    &mixed->year,      person->balance};
    if (benefit_compute(published_first(), input, &result) != RULE_NONE)
        stop("a generated bill was refused");
    year->stays += result.added.stays;
    for (uint32_t i = 0; accumulators_at(year, i) != NULL; i++)
        *accumulators_at(year, i) += *accumulators_at(&result.added, i);
}

static struct figures run_mix(void)
{
    static struct mixed mixed[MIXED];
    static struct benefit_input inputs[MIXED];
    enum { ARENA_SIZE = 32 << 20 };
    struct gen_options options = {
        .seed = 1, .institutions = INSTITUTIONS, .persons = PERSONS, .items = 10, .today = TODAY, .mix = true};
    struct gen *gen = gen_new(&options);
    struct buffer envelope;
    buffer_init(&envelope);
    arena_init(&arena, malloc(ARENA_SIZE), ARENA_SIZE);
    uint32_t place_count = gen_institution_count(gen);
    if (arena.memory == NULL || place_count > sizeof places / sizeof places[0])
        stop("no room");
    know(gen, place_count);
    for (unsigned i = 0; i < MIXED; i++) {
        gen_bill(gen, i, &envelope);
        mixed[i].event = decoded(&envelope);
        place_bill(&mixed[i], place_count, &inputs[i]);
    }
    buffer_fini(&envelope);
    gen_destroy(&gen);
    return run(inputs, MIXED);
}

int main(void)
{
    struct buffer why;
    buffer_init(&why);
    for (unsigned i = 0; i < POLICIES; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "data/policies/%s.yaml", names[i]);
        if (policy_file_load(path, &policies[i], NULL, &why) != OK)
            stop(buffer_text(&why));
    }
    buffer_fini(&why);
    struct figures stays = run_stays(), mix = run_mix();
    (void)printf(
        "{\"bills_per_s_per_core\": %.0f, \"ns_per_bill\": %.0f, \"check\": %lld, \"mix_bills_per_s_per_core\": "
        "%.0f, \"mix_ns_per_bill\": %.0f, \"mix_check\": %lld, \"mix_policies\": %d}\n",
        stays.per_second, stays.nanoseconds, (long long)stays.check, mix.per_second, mix.nanoseconds,
        (long long)mix.check, POLICIES);
    return 0;
}
