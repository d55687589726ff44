/* SPDX-License-Identifier: Apache-2.0
 * The mix: bills of every kind of care, each of which must settle under the policies of data/policies, with a catalogue
 * and without; and the same bills in another order, where order must not matter. */
#include "common/codes/area.h"
#include "common/codes/identity.h"
#include "common/engines/policy/policy_file.h"
#include "tests/support/test.h"
#include "tests/support/transfer_rig.h"
#include "tools/gen/catalogue.h"
#include "tools/gen/gen.h"
#include "tools/gen/mix.h"

enum { TODAY = 20251124, INSTITUTIONS = 48, PERSONS = 700, BILLS = 5000, CATALOGUE = 1000, KINDS = 11, POLICIES = 9 };

static const char *const kinds[KINDS] = {"11", "12", "13", "14", "21", "22", "23", "24", "41", "51", "52"};
static const char *const policies[POLICIES] = {"110000-310", "110000-390", "110000-510", "120000-310", "120000-390",
                                               "130100-310", "130100-390", "131000-310", "131000-390"};

static struct gen *gen_of(uint64_t seed, uint32_t catalogue)
{
    struct gen_options options = {.seed = seed,
                                  .institutions = INSTITUTIONS,
                                  .persons = PERSONS,
                                  .today = TODAY,
                                  .mix = true,
                                  .catalogue = catalogue};
    return gen_new(&options);
}

/* ---- an exchange with the reference data ---- */

static void apply(struct transfer_rig *rig, struct span envelope, const char *what, unsigned index)
{
    send_envelope(rig, envelope);
    if (rig->outcome.kind != OUTCOME_APPLIED || rig->outcome.findings->count > 0)
        fail_msg("%s %u: %s, rule %u", what, index, outcome_kind_name(rig->outcome.kind),
                 rig->outcome.findings->count > 0 ? rig->outcome.findings->items[0].rule : 0);
}

static void publish(struct transfer_rig *rig, struct buffer *envelope, unsigned index)
{
    static struct policy policy;
    struct buffer why;
    char path[64], id[37];
    buffer_init(&why);
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", policies[index]);
    if (policy_file_load(path, &policy, NULL, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    (void)snprintf(id, sizeof id, "0190b1c2-0000-7000-8000-%012u", index + 1);
    struct event event = {.version = 1,
                          .sender = region_of(policy.area),
                          .message_id = id,
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_POLICY,
                          .body.policy = &policy};
    buffer_reset(envelope);
    envelope_encode(&event, envelope);
    apply(rig, buffer_span(envelope), policies[index], index);
}

/* Policies, then all that the generator has; how many papers of each sort. */
static void start(struct transfer_rig *rig, struct gen *gen, unsigned papers[GEN_PAPERS])
{
    struct buffer envelope;
    buffer_init(&envelope);
    transfer_rig_start(rig, TODAY, 0, 1);
    for (unsigned i = 0; i < POLICIES; i++)
        publish(rig, &envelope, i);
    for (uint32_t i = 0; i < gen_institution_count(gen); i++) {
        gen_institution(gen, i, &envelope);
        apply(rig, buffer_span(&envelope), "institution", i);
    }
    for (unsigned region = 0; region < GEN_REGIONS; region++)
        for (uint32_t i = 0; i < gen_catalogue_count(gen); i++) {
            gen_catalogue_item(gen, region, i, &envelope);
            apply(rig, buffer_span(&envelope), "item", i);
        }
    for (uint32_t i = 0; i < PERSONS; i++) {
        gen_enrolment(gen, i, &envelope);
        apply(rig, buffer_span(&envelope), "enrolment", i);
        for (unsigned paper = 0; paper < GEN_PAPERS; paper++)
            if (gen_paper(gen, i, paper, &envelope)) {
                apply(rig, buffer_span(&envelope), "paper", i * GEN_PAPERS + paper);
                papers[paper]++;
            }
    }
    buffer_fini(&envelope);
}

static struct event bill_at(struct gen *gen, uint64_t index, struct buffer *envelope, struct arena *arena)
{
    struct event event;
    gen_bill(gen, index, envelope);
    arena_reset(arena);
    assert_int_equal(event_decode(buffer_span(envelope), arena, &event), OK);
    return event;
}

static unsigned place_in(const char *const *list, unsigned count, const char *wanted)
{
    unsigned place = 0;
    while (place < count && strcmp(list[place], wanted) != 0)
        place++;
    return place;
}

/* ---- every bill settles ---- */

struct seen {
    unsigned kinds[KINDS], policies[POLICIES], papers[GEN_PAPERS];
};

static void settle_all(uint64_t seed, uint32_t catalogue, struct seen *seen)
{
    struct transfer_rig rig;
    struct gen *gen = gen_of(seed, catalogue);
    struct buffer envelope;
    struct arena arena;
    void *memory = malloc(1 << 20);
    assert_non_null(memory);
    arena_init(&arena, memory, 1 << 20);
    buffer_init(&envelope);
    memset(seen, 0, sizeof *seen);
    start(&rig, gen, seen->papers);
    for (unsigned i = 0; i < BILLS; i++) {
        char policy[16];
        struct event event = bill_at(gen, i, &envelope, &arena);
        const struct bill *bill = &event.body.bill;
        send_envelope(&rig, buffer_span(&envelope));
        if (rig.outcome.kind != OUTCOME_SETTLED || rig.outcome.findings->count > 0)
            fail_msg("seed %u, bill %u of kind %s: %s, rule %u at %s", (unsigned)seed, i, bill->care_kind,
                     outcome_kind_name(rig.outcome.kind),
                     rig.outcome.findings->count > 0 ? rig.outcome.findings->items[0].rule : 0,
                     rig.outcome.findings->count > 0 ? rig.outcome.findings->items[0].path : "");
        assert_true(rig.outcome.amounts.total == bill->total && bill->total > 0);
        (void)snprintf(policy, sizeof policy, "%s-%s", bill->insured_area, bill->insurance_type);
        unsigned kind = place_in(kinds, KINDS, bill->care_kind), by = place_in(policies, POLICIES, policy);
        assert_true(kind < KINDS && by < POLICIES);
        seen->kinds[kind]++;
        seen->policies[by]++;
        assert_int_equal(bill->institution[0] == 'P', strcmp(bill->care_kind, "41") == 0);
    }
    transfer_rig_stop(&rig);
    buffer_fini(&envelope);
    free(memory);
    gen_destroy(&gen);
}

TEST(every_bill_settles_by_the_catalogue_of_its_place)
{
    struct seen seen;
    unsigned stays = 0;
    settle_all(7, CATALOGUE, &seen);
    for (unsigned i = 0; i < KINDS; i++) {
        if (seen.kinds[i] == 0)
            fail_msg("no bill of kind %s", kinds[i]);
        stays += kinds[i][0] == '2' || i == KINDS - 1 ? seen.kinds[i] : 0;
    }
    for (unsigned i = 0; i < POLICIES; i++)
        if (seen.policies[i] == 0)
            fail_msg("no bill under %s", policies[i]);
    assert_in_range(stays, BILLS * 8 / 100, BILLS * 15 / 100);
    assert_in_range(seen.papers[0], PERSONS * 15 / 100, PERSONS * 25 / 100);
    assert_in_range(seen.papers[1], PERSONS * 10 / 100, PERSONS * 35 / 100);
    assert_in_range(seen.papers[2], 1, PERSONS / 10);
}

TEST(without_a_catalogue_bills_count_as_they_are)
{
    struct seen seen;
    settle_all(8, 0, &seen);
}

/* What is not in the catalogue is refused: so the catalogue of the first test did bind. */
TEST(a_bill_of_another_seed_is_not_in_the_catalogue)
{
    struct transfer_rig rig;
    struct gen *gen = gen_of(7, CATALOGUE), *other = gen_of(9, CATALOGUE);
    struct buffer envelope;
    unsigned papers[GEN_PAPERS] = {0};
    buffer_init(&envelope);
    start(&rig, gen, papers);
    gen_bill(other, 0, &envelope);
    send_envelope(&rig, buffer_span(&envelope));
    assert_int_equal(rig.outcome.kind, OUTCOME_REFUSED);
    bool named = false;
    for (uint32_t i = 0; i < rig.outcome.findings->count; i++)
        named = named || rig.outcome.findings->items[i].rule == RULE_CATALOGUE_ITEM_UNKNOWN;
    assert_true(named);
    transfer_rig_stop(&rig);
    buffer_fini(&envelope);
    gen_destroy(&gen);
    gen_destroy(&other);
}

/* ---- the order of different persons ---- */

struct turn {
    char person[IDENTITY_SIZE + 1];
    uint64_t key;
    unsigned bill;
};

static int by_turn(const void *a, const void *b)
{
    const struct turn *left = a, *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return left->bill < right->bill ? -1 : 1;
}

/* The outcome of each bill but for its number on the log. */
static void run_turns(struct gen *gen, const struct turn *turns, uint8_t (*outcomes)[DIGEST_SIZE])
{
    struct transfer_rig rig;
    struct digest *digest = digest_new();
    struct buffer envelope, said;
    unsigned papers[GEN_PAPERS] = {0};
    buffer_init(&envelope);
    buffer_init(&said);
    start(&rig, gen, papers);
    for (unsigned i = 0; i < BILLS; i++) {
        gen_bill(gen, turns[i].bill, &envelope);
        send_envelope(&rig, buffer_span(&envelope));
        assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
        rig.outcome.position = 0;
        buffer_reset(&said);
        outcome_encode(&rig.outcome, &said);
        digest_start(digest);
        digest_add(digest, buffer_span(&said));
        digest_finish(digest, outcomes[turns[i].bill]);
    }
    transfer_rig_stop(&rig);
    digest_destroy(&digest);
    buffer_fini(&envelope);
    buffer_fini(&said);
}

/* Order within one person is the log's, and decides (stays, deductibles of the year, caps). That of different persons
 * decides nothing: everybody's bills in a block, in three orders of the blocks, come to what they came to interleaved,
 * byte for byte. The other half of the rule, which shows that the comparison can fail: backwards within a person. */
TEST(the_order_of_different_persons_changes_no_outcome)
{
    struct gen *gen = gen_of(11, CATALOGUE);
    struct turn *turns = calloc(BILLS, sizeof *turns);
    uint8_t(*as_made)[DIGEST_SIZE] = calloc(BILLS, DIGEST_SIZE), (*as_turned)[DIGEST_SIZE] = calloc(BILLS, DIGEST_SIZE);
    struct buffer envelope;
    struct envelope_head head;
    assert_true(turns != NULL && as_made != NULL && as_turned != NULL);
    buffer_init(&envelope);
    for (unsigned i = 0; i < BILLS; i++) {
        gen_bill(gen, i, &envelope);
        assert_int_equal(envelope_head_read(buffer_span(&envelope), &head), OK);
        assert_int_equal(head.person_id.size, IDENTITY_SIZE);
        memcpy(turns[i].person, head.person_id.data, IDENTITY_SIZE);
        turns[i].bill = i;
    }
    run_turns(gen, turns, as_made);
    for (uint64_t round = 1; round <= 4; round++) {
        for (unsigned i = 0; i < BILLS; i++) {
            uint64_t mixed = person_hash(span_text(turns[i].person)) * round * UINT64_C(0x9E3779B97F4A7C15);
            turns[i].key = round < 4 ? mixed : BILLS - turns[i].bill;
        }
        qsort(turns, BILLS, sizeof *turns, by_turn);
        run_turns(gen, turns, as_turned);
        unsigned differ = 0;
        for (unsigned i = 0; i < BILLS; i++)
            differ += memcmp(as_made[i], as_turned[i], DIGEST_SIZE) != 0;
        if (round < 4 && differ > 0)
            fail_msg("order %u: %u of %u outcomes differ", (unsigned)round, differ, (unsigned)BILLS);
        assert_true(round < 4 || differ > BILLS / 10);
    }
    buffer_fini(&envelope);
    free(turns);
    free(as_made);
    free(as_turned);
    gen_destroy(&gen);
}

/* ---- same seed, same bytes ---- */

TEST(same_seed_same_bytes_alone_or_in_a_row)
{
    uint8_t sum[DIGEST_SIZE];
    char hex[2 * DIGEST_SIZE + 1];
    struct gen *gen = gen_of(7, CATALOGUE);
    struct digest *digest = digest_new();
    struct buffer envelope, alone;
    buffer_init(&envelope);
    buffer_init(&alone);
    digest_start(digest);
    for (uint32_t i = 0; i < gen_institution_count(gen); i++) {
        gen_institution(gen, i, &envelope);
        digest_add(digest, buffer_span(&envelope));
    }
    for (uint32_t i = 0; i < PERSONS; i++)
        for (unsigned paper = 0; paper < GEN_PAPERS; paper++)
            if (gen_paper(gen, i, paper, &envelope))
                digest_add(digest, buffer_span(&envelope));
    for (uint32_t i = 0; i < GEN_REGIONS * CATALOGUE; i++) {
        gen_catalogue_item(gen, i % GEN_REGIONS, i / GEN_REGIONS, &envelope);
        digest_add(digest, buffer_span(&envelope));
    }
    for (uint64_t i = 0; i < 1000; i++) {
        struct gen *other = gen_of(7, CATALOGUE);
        gen_bill(other, i, &alone);
        gen_bill(gen, i, &envelope);
        assert_true(span_equal(buffer_span(&envelope), buffer_span(&alone)));
        digest_add(digest, buffer_span(&envelope));
        gen_destroy(&other);
    }
    digest_finish(digest, sum);
    digest_hex(sum, sizeof sum, hex);
    assert_string_equal(hex, "9144322840e3d6c608a389e78e94d08dd346fd3a757fb897d3e66a617ccba9c6");
    digest_destroy(&digest);
    buffer_fini(&envelope);
    buffer_fini(&alone);
    gen_destroy(&gen);
}

enum { ID_SIZE = 36 };

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, ID_SIZE);
}

TEST(message_ids_never_repeat)
{
    enum { COUNT = GEN_REGIONS * CATALOGUE + BILLS };
    struct gen *gen = gen_of(7, CATALOGUE);
    struct buffer envelope;
    struct envelope_head head;
    char(*ids)[ID_SIZE] = calloc(COUNT, sizeof *ids);
    assert_non_null(ids);
    buffer_init(&envelope);
    for (uint32_t i = 0; i < COUNT; i++) {
        if (i < GEN_REGIONS * CATALOGUE)
            gen_catalogue_item(gen, i % GEN_REGIONS, i / GEN_REGIONS, &envelope);
        else
            gen_bill(gen, i - GEN_REGIONS * CATALOGUE, &envelope);
        assert_int_equal(envelope_head_read(buffer_span(&envelope), &head), OK);
        assert_int_equal(head.message_id.size, sizeof *ids);
        memcpy(ids[i], head.message_id.data, sizeof *ids);
    }
    qsort(ids, COUNT, sizeof *ids, by_id);
    for (uint32_t i = 1; i < COUNT; i++)
        assert_memory_not_equal(ids[i - 1], ids[i], sizeof *ids);
    free(ids);
    buffer_fini(&envelope);
    gen_destroy(&gen);
}
