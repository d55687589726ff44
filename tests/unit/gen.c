/* SPDX-License-Identifier: Apache-2.0
 * The generator: what it promises to harnesses and benches. Nothing here knows how it draws; only what must hold. */
#include "tools/gen/gen.h"
#include "common/base/digest.h"
#include "common/codes/area.h"
#include "common/codes/identity.h"
#include "common/codes/insurance.h"
#include "common/engines/gazette/areas.h"
#include "common/engines/gazette/item_shapes.h"
#include "common/pb/event.h"
#include "common/pb/outcome.h"
#include "services/validation/bill_rules.h"
#include "tests/support/test.h"

enum { TODAY = 20251124, INSTITUTIONS = 48, PERSONS = 3000, BILLS = 4000, ARENA_SIZE = 1 << 20 };

struct fixture {
    struct gen *gen;
    struct buffer envelope;
    struct arena arena;
    uint8_t *memory;
};

static struct gen *gen_of(uint64_t seed)
{
    struct gen_options options = {.seed = seed, .institutions = INSTITUTIONS, .persons = PERSONS, .today = TODAY};
    return gen_new(&options);
}

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->gen = gen_of(7);
    fixture->memory = malloc(ARENA_SIZE);
    assert_non_null(fixture->memory);
    arena_init(&fixture->arena, fixture->memory, ARENA_SIZE);
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    gen_destroy(&fixture->gen);
    buffer_fini(&fixture->envelope);
    free(fixture->memory);
    free(fixture);
    return 0;
}

/* What every envelope must be before anything is said about its body. */
static struct event decoded(struct fixture *fixture)
{
    struct event event;
    struct span bytes = buffer_span(&fixture->envelope);
    arena_reset(&fixture->arena);
    assert_int_equal(wire_check(WIRE_ENVELOPE, bytes, NULL), OK);
    assert_int_equal(event_decode(bytes, &fixture->arena, &event), OK);
    assert_int_equal(event.version, 1);
    assert_true(region_is_known(event.sender));
    return event;
}

static struct event institution_of(struct fixture *fixture, uint32_t index)
{
    gen_institution(fixture->gen, index, &fixture->envelope);
    return decoded(fixture);
}

static struct event enrolment_of(struct fixture *fixture, uint32_t index)
{
    gen_enrolment(fixture->gen, index, &fixture->envelope);
    return decoded(fixture);
}

static struct event bill_of(struct fixture *fixture, uint64_t index)
{
    gen_bill(fixture->gen, index, &fixture->envelope);
    return decoded(fixture);
}

/* ---- same seed, same bytes ---- */

static void digest_of(uint64_t seed, char hex[2 * DIGEST_SIZE + 1])
{
    uint8_t sum[DIGEST_SIZE];
    struct gen *gen = gen_of(seed);
    struct digest *digest = digest_new();
    struct buffer envelope = {0};
    digest_start(digest);
    for (uint32_t i = 0; i < INSTITUTIONS; i++) {
        gen_institution(gen, i, &envelope);
        digest_add(digest, buffer_span(&envelope));
    }
    for (uint32_t i = 0; i < PERSONS; i++) {
        gen_enrolment(gen, i, &envelope);
        digest_add(digest, buffer_span(&envelope));
    }
    for (uint64_t i = 0; i < BILLS; i++) {
        gen_bill(gen, i, &envelope);
        digest_add(digest, buffer_span(&envelope));
    }
    digest_finish(digest, sum);
    digest_hex(sum, sizeof sum, hex);
    digest_destroy(&digest);
    buffer_fini(&envelope);
    gen_destroy(&gen);
}

/* Pinned: a load that is compared between two builds or two machines must be the same load. Whoever changes the
 * generator on purpose pins the new one, and figures from before and after are no longer comparable. */
TEST(same_seed_same_bytes_on_any_machine)
{
    char first[2 * DIGEST_SIZE + 1], again[2 * DIGEST_SIZE + 1];
    digest_of(7, first);
    digest_of(7, again);
    assert_string_equal(first, again);
    assert_string_equal(first, "5f01a528fe75716d1e9968e035b4cc31e2cd1f7ce297f271a69a3c0f1b0c1d6a");
}

TEST(another_seed_other_bytes)
{
    char seven[2 * DIGEST_SIZE + 1], eight[2 * DIGEST_SIZE + 1];
    digest_of(7, seven);
    digest_of(8, eight);
    assert_string_not_equal(seven, eight);
}

/* hutong gen --first-bill, and a load generator with many senders, rely on it. */
TEST(a_bill_is_the_same_made_alone_or_in_a_row)
{
    struct fixture *fixture = *state;
    struct buffer alone = {0};
    for (uint64_t i = 0; i < 200; i++) {
        gen_bill(fixture->gen, i, &fixture->envelope);
        struct gen *other = gen_of(7);
        gen_bill(other, i, &alone);
        assert_true(span_equal(buffer_span(&fixture->envelope), buffer_span(&alone)));
        gen_destroy(&other);
    }
    buffer_fini(&alone);
}

/* ---- message ids ---- */

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, 37);
}

TEST(message_ids_are_canonical_uuidv7_and_never_repeat)
{
    enum { COUNT = INSTITUTIONS + PERSONS + BILLS };
    struct fixture *fixture = *state;
    char(*ids)[37] = calloc(COUNT, sizeof *ids);
    uint8_t bytes[16];
    assert_non_null(ids);
    for (uint32_t i = 0; i < COUNT; i++) {
        struct event event = i < INSTITUTIONS             ? institution_of(fixture, i)
                             : i < INSTITUTIONS + PERSONS ? enrolment_of(fixture, i - INSTITUTIONS)
                                                          : bill_of(fixture, i - INSTITUTIONS - PERSONS);
        assert_int_equal(message_id_parse(span_text(event.message_id), bytes), OK);
        assert_int_equal(bytes[6] >> 4, 7);
        assert_int_equal(bytes[8] >> 6, 2);
        memcpy(ids[i], event.message_id, 37);
        if (i > 0) /* time-ordered: a store that is keyed by id grows at its end */
            assert_true(memcmp(ids[i], ids[i - 1], 13) >= 0);
    }
    qsort(ids, COUNT, sizeof *ids, by_text);
    for (uint32_t i = 1; i < COUNT; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
    free(ids);
}

/* ---- institutions ---- */

TEST(institutions_are_shaped_unique_and_of_their_sender)
{
    struct fixture *fixture = *state;
    char codes[INSTITUTIONS][13], division[7] = "";
    for (uint32_t i = 0; i < INSTITUTIONS; i++) {
        struct event event = institution_of(fixture, i);
        const struct institution *institution = &event.body.institution;
        assert_int_equal(event.kind, EVENT_INSTITUTION);
        assert_true(institution_code_is_shaped(institution->code));
        memcpy(division, institution->code + 1, 6);
        assert_true(division_is_known((uint32_t)strtoul(division, NULL, 10)));
        assert_non_null(area_of_division(published_first(), division));
        assert_string_equal(area_of_division(published_first(), division)->code, institution->area);
        assert_string_equal(region_of(institution->area), event.sender);
        assert_in_range(institution->level, 1, 3);
        assert_int_equal(institution->status, INSTITUTION_ACTIVE);
        (void)snprintf(codes[i], sizeof codes[i], "%s", institution->code);
        for (uint32_t j = 0; j < i; j++)
            assert_string_not_equal(codes[i], codes[j]);
    }
}

/* ---- persons ---- */

TEST(persons_have_valid_numbers_of_their_own)
{
    struct fixture *fixture = *state;
    char(*numbers)[37] = calloc(PERSONS, sizeof *numbers), division[7] = "";
    struct identity identity;
    assert_non_null(numbers);
    for (uint32_t i = 0; i < PERSONS; i++) {
        struct event event = enrolment_of(fixture, i);
        const struct enrolment *enrolment = &event.body.enrolment;
        assert_int_equal(event.kind, EVENT_ENROLMENT);
        assert_int_equal(identity_parse(event.person_id, &identity), OK);
        assert_string_equal(identity.number, event.person_id);
        memcpy(division, event.person_id, 6);
        assert_true(division_is_known((uint32_t)strtoul(division, NULL, 10)));
        assert_string_equal(area_of_division(published_first(), division)->code, enrolment->area);
        assert_string_equal(region_of(enrolment->area), event.sender);
        assert_true(identity.birth_date < TODAY && identity.birth_date <= enrolment->effective_date);
        memcpy(numbers[i], event.person_id, IDENTITY_SIZE + 1);
    }
    qsort(numbers, PERSONS, sizeof *numbers, by_text);
    for (uint32_t i = 1; i < PERSONS; i++)
        assert_string_not_equal(numbers[i - 1], numbers[i]);
    free(numbers);
}

/* A weighted sum of all eighteen characters is 1 modulo 11 (GB 11643-1999, 3.3): reckoned here a second time, not by
 * codes/. */
TEST(check_digits_hold_by_the_standards_own_sum)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < PERSONS; i++) {
        struct event event = enrolment_of(fixture, i);
        unsigned sum = 0, weight = 1;
        for (int at = IDENTITY_SIZE - 1; at >= 0; at--) {
            char character = event.person_id[at];
            sum += weight * (character == 'X' ? 10u : (unsigned)(character - '0'));
            weight = weight * 2 % 11;
        }
        assert_int_equal(sum % 11, 1);
    }
}

TEST(category_goes_with_age_and_insurance)
{
    struct fixture *fixture = *state;
    struct identity identity;
    unsigned employees = 0, poor = 0;
    for (uint32_t i = 0; i < PERSONS; i++) {
        struct event event = enrolment_of(fixture, i);
        const struct enrolment *enrolment = &event.body.enrolment;
        assert_int_equal(identity_parse(event.person_id, &identity), OK);
        uint32_t age = identity_age_on(identity.birth_date, TODAY);
        enum person_class class = person_class_of(enrolment->category);
        bool employee = insurance_class_of(enrolment->insurance_type) != INSURANCE_RESIDENTS;
        assert_true(insurance_type_is_known(enrolment->insurance_type));
        assert_int_equal(employee, class == PERSON_WORKING || class == PERSON_RETIRED);
        if (employee)
            assert_true(age >= 18);
        if (class == PERSON_MINOR)
            assert_true(age < 18);
        if (class == PERSON_ELDERLY)
            assert_true(age >= 60);
        assert_true(employee || enrolment->account_balance == 0);
        employees += employee;
        poor += enrolment->poverty != POVERTY_NONE;
    }
    assert_in_range(employees, PERSONS / 4, PERSONS * 3 / 4);
    assert_in_range(poor, 1, PERSONS / 10);
}

/* ---- bills ---- */

/* unit price (10^-6 yuan) x quantity (10^-4) to fen, half away from zero: by plain integers, not by money.h. */
static fen_t line_amount(int64_t price, int64_t quantity)
{
    __int128 product = (__int128)price * quantity, divisor = 100000000;
    return (fen_t)((product * 2 + divisor) / (divisor * 2));
}

TEST(sums_are_exact)
{
    struct fixture *fixture = *state;
    unsigned levels[4] = {0}, limited = 0;
    for (uint64_t i = 0; i < BILLS; i++) {
        struct event event = bill_of(fixture, i);
        const struct bill *bill = &event.body.bill;
        fen_t sum = 0;
        assert_int_equal(event.kind, EVENT_BILL_SETTLE);
        assert_in_range(bill->item_count, 1, 20);
        for (uint32_t line = 0; line < bill->item_count; line++) {
            const struct bill_item *item = &bill->items[line];
            assert_true(item->amount > 0);
            assert_int_equal(item->amount, line_amount(item->unit_price_micro, item->quantity_e4));
            assert_true(item_code_is_shaped(published_first(), item->code));
            assert_in_range(item->level, 1, 3);
            levels[item->level]++;
            limited += item->price_limit_micro > 0;
            sum += item->amount;
        }
        assert_int_equal(bill->total, sum);
    }
    assert_true(levels[1] > 0 && levels[2] > 0 && levels[3] > 0 && limited > 0); /* every kind of line is drawn */
}

/* The exchange's own rules of a bill, none of which may speak up: a refusal under load would be the generator's fault.
 */
TEST(no_rule_finds_anything)
{
    struct fixture *fixture = *state;
    for (uint64_t i = 0; i < BILLS; i++) {
        static struct findings findings;
        struct event event = bill_of(fixture, i);
        memset(&findings, 0, sizeof findings);
        bill_rules_check(&event.body.bill, published_first(), "bill_settle", TODAY, &fixture->arena, &findings);
        if (findings.count > 0)
            fail_msg("bill %u: rule %u at %s", (unsigned)i, findings.items[0].rule, findings.items[0].path);
    }
}

struct known {
    char number[IDENTITY_SIZE + 1];
    char area[7];
    char type[4];
    civil_date_t effective_date;
};

static int by_number(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->number, ((const struct known *)b)->number);
}

static struct known *all_persons(struct fixture *fixture)
{
    struct known *known = calloc(PERSONS, sizeof *known);
    assert_non_null(known);
    for (uint32_t i = 0; i < PERSONS; i++) {
        struct event event = enrolment_of(fixture, i);
        (void)snprintf(known[i].number, sizeof known[i].number, "%s", event.person_id);
        (void)snprintf(known[i].area, sizeof known[i].area, "%s", event.body.enrolment.area);
        (void)snprintf(known[i].type, sizeof known[i].type, "%s", event.body.enrolment.insurance_type);
        known[i].effective_date = event.body.enrolment.effective_date;
    }
    qsort(known, PERSONS, sizeof *known, by_number);
    return known;
}

/* Out-of-area care of somebody who was enrolled, in an institution that was announced, sent by the region where the
 * care was. */
TEST(bills_refer_to_what_was_generated_before)
{
    struct fixture *fixture = *state;
    struct known *persons = all_persons(fixture);
    char codes[INSTITUTIONS][13];
    unsigned senders[3] = {0};
    for (uint32_t i = 0; i < INSTITUTIONS; i++)
        (void)snprintf(codes[i], sizeof codes[i], "%s", institution_of(fixture, i).body.institution.code);
    for (uint64_t i = 0; i < BILLS; i++) {
        struct event event = bill_of(fixture, i);
        const struct bill *bill = &event.body.bill;
        struct known key = {0};
        char division[7] = "";
        uint32_t at = 0;
        (void)snprintf(key.number, sizeof key.number, "%s", event.person_id);
        const struct known *person = bsearch(&key, persons, PERSONS, sizeof *persons, by_number);
        assert_non_null(person);
        assert_string_equal(person->area, bill->insured_area);
        assert_string_equal(person->type, bill->insurance_type);
        assert_true(person->effective_date <= bill->admission_date);
        while (at < INSTITUTIONS && strcmp(codes[at], bill->institution) != 0)
            at++;
        assert_in_range(at, 0, INSTITUTIONS - 1);
        memcpy(division, bill->institution + 1, 6);
        assert_string_not_equal(area_of_division(published_first(), division)->code, bill->insured_area);
        assert_string_equal(region_of(division), event.sender);
        assert_true(bill->admission_date <= bill->discharge_date && bill->discharge_date <= TODAY);
        senders[event.sender[1] - '1']++;
    }
    assert_true(senders[0] > 0 && senders[1] > 0 && senders[2] > 0);
    free(persons);
}

TEST(bill_numbers_never_repeat)
{
    struct fixture *fixture = *state;
    char(*numbers)[37] = calloc(BILLS, sizeof *numbers);
    assert_non_null(numbers);
    for (uint64_t i = 0; i < BILLS; i++)
        (void)snprintf(numbers[i], sizeof numbers[i], "%s", bill_of(fixture, i).body.bill.bill_id);
    qsort(numbers, BILLS, sizeof *numbers, by_text);
    for (uint32_t i = 1; i < BILLS; i++)
        assert_string_not_equal(numbers[i - 1], numbers[i]);
    free(numbers);
}

/* ---- options ---- */

TEST(options_out_of_range_are_brought_into_it)
{
    struct fixture *fixture = *state;
    struct gen_options none = {.seed = 1, .today = TODAY}, many = {.seed = 1, .items = 100000, .today = TODAY};
    gen_destroy(&fixture->gen);
    fixture->gen = gen_new(&none); /* no institutions, no persons: twelve and one */
    (void)bill_of(fixture, 0);
    gen_destroy(&fixture->gen);
    fixture->gen = gen_new(&many);
    assert_in_range(bill_of(fixture, 0).body.bill.item_count, 20, BILL_ITEMS_MAX);
}

TEST(as_many_lines_as_asked_for)
{
    struct fixture *fixture = *state;
    for (uint32_t items = 1; items <= 40; items++) {
        struct gen_options options = {.seed = 3, .items = items, .persons = 10, .today = TODAY};
        gen_destroy(&fixture->gen);
        fixture->gen = gen_new(&options);
        assert_int_equal(bill_of(fixture, items).body.bill.item_count, items);
    }
}

AROUND_EACH(open_fixture, close_fixture)
