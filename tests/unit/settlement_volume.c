/* SPDX-License-Identifier: Apache-2.0
 * Thousands of random events through the settlement core: books that balance, the same bytes whenever it is stopped and
 * started, and nothing left when all is taken back. */
#include <unistd.h>

#include "services/settlement/settlement_core.h"
#include "tests/support/random.h"
#include "tests/support/test.h"
#include "tests/unit/settlement_rig.h"

static uint64_t random_state;

static uint64_t any(uint64_t below)
{
    return random_next(&random_state) % below;
}

/* One random event of a busy year: stays, visits, accounts, reversals of what was settled and of what was not. */
static void random_event(struct rig *rig, unsigned index)
{
    static const char *const hospitals[] = {"H12010100001", "H13010400002", "H13108200003"};
    static const char *const types[] = {"310", "390"};
    struct bill_item item;
    char number[16];
    unsigned who = (unsigned)any(60), at = (unsigned)any(3);
    uint64_t what = any(10);
    if (what == 0)
        state_account(rig, who, (fen_t)any(500000));
    else if (what <= 2)
        reverse(rig, any(10) == 0 ? "130000" : CARE, who, any(rig->harness.position));
    else {
        struct verdict verdict = {.has_facts = true, .facts = facts_of_care};
        (void)snprintf(number, sizeof number, "B-%u", (unsigned)any(index + 1));
        struct event event =
            bill_event(what == 3 ? EVENT_BILL_TRIAL : EVENT_BILL_SETTLE, who, number, 1 + (fen_t)any(30000000), &item);
        struct bill *bill = &event.body.bill;
        bill->institution = hospitals[at];
        bill->insurance_type = types[any(2)];
        bill->care_kind = any(4) == 0 ? "11" : "21";
        bill->use_personal_account = any(2) == 0;
        verdict.facts.hospital_level = 1 + (uint32_t)any(3);
        verdict.facts.poverty = any(5) == 0 ? 1 + (uint32_t)any(4) : 0;
        memcpy(verdict.facts.category, any(3) == 0 ? "1201" : "1101", 5);
        decide(rig, &event, verdict);
    }
}

struct run {
    uint8_t state[DIGEST_SIZE];
    uint8_t outputs[DIGEST_SIZE];
    unsigned kinds[OUTCOME_DEAD_LETTER + 1];
};

/* `pause_each`: how often it is stopped and opened again; `commit_each`: how often it commits. */
static void run_year(uint64_t seed, unsigned events, unsigned pause_each, unsigned commit_each, enum envelope_form form,
                     struct run *run)
{
    struct rig rig;
    struct digest *outputs = digest_new();
    memset(run, 0, sizeof *run);
    rig_start(&rig, 0, 1);
    rig.form = form;
    digest_start(outputs);
    publish(&rig, "110000-310");
    publish(&rig, "110000-390");
    random_state = seed;
    for (unsigned i = 1; i <= events; i++) {
        random_event(&rig, i);
        digest_add(outputs, buffer_span(&rig.harness.output));
        run->kinds[rig.outcome.kind]++;
        fen_t sum = 0;
        for (uint32_t j = 0; j < rig.outcome.posting_count; j++)
            sum += rig.outcome.postings[j].amount;
        if (sum != 0)
            fail_msg("seed %llu: the postings of event %u do not sum to zero", (unsigned long long)seed, i);
        if (i % commit_each == 0) {
            assert_books_balance(&rig);
            harness_commit(&rig.harness);
        }
        if (i % pause_each == 0) {
            harness_restart(&rig.harness);
        }
    }
    assert_books_balance(&rig);
    harness_digest(&rig.harness, run->state);
    digest_finish(outputs, run->outputs);
    digest_destroy(&outputs);
    rig_stop(&rig);
}

TEST(the_same_log_gives_the_same_bytes_and_books_that_balance)
{
    struct run once, halting;
    const uint64_t seed = 20250310;
    run_year(seed, 6000, 1000000, 500, ENVELOPE_IN_VERDICT, &once);
    run_year(seed, 6000, 700, 37, ENVELOPE_IN_VERDICT, &halting);
    assert_memory_equal(once.state, halting.state, DIGEST_SIZE);
    assert_memory_equal(once.outputs, halting.outputs, DIGEST_SIZE);
    assert_true(once.kinds[OUTCOME_SETTLED] > 2000);
    assert_true(once.kinds[OUTCOME_REVERSED] > 5);
    assert_true(once.kinds[OUTCOME_COMPUTED] > 100);
    assert_true(once.kinds[OUTCOME_REFUSED] > 100);
    run_year(seed + 1, 6000, 1000000, 500, ENVELOPE_IN_VERDICT, &halting);
    assert_memory_not_equal(once.state, halting.state, DIGEST_SIZE);
}

TEST(it_is_one_whether_the_envelope_stands_in_the_verdict_or_in_the_submission)
{
    struct run runs[ENVELOPE_FORMS_COUNT];
    for (unsigned form = 0; form < ENVELOPE_FORMS_COUNT; form++) {
        run_year(20250310, 2000, 700, 100, (enum envelope_form)form, &runs[form]);
        assert_memory_equal(runs[0].state, runs[form].state, DIGEST_SIZE);
        assert_memory_equal(runs[0].outputs, runs[form].outputs, DIGEST_SIZE);
    }
}

/* Everything that was settled, taken back: every account is at zero again. */
TEST(all_reversed_is_as_if_nothing_had_been)
{
    struct rig rig;
    struct store_walk walk;
    position_t settled[400];
    unsigned whose[400], count = 0;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    random_state = 7;
    for (unsigned i = 0; i < 400; i++) {
        char number[16];
        unsigned who = (unsigned)any(20);
        (void)snprintf(number, sizeof number, "B-%u", i);
        whose[count] = who;
        settled[count] = settle(&rig, who, number, 1 + (fen_t)any(30000000));
        count += rig.outcome.kind == OUTCOME_SETTLED;
    }
    assert_int_equal(count, 400);
    for (unsigned i = count; i > 0; i--) { /* in any order */
        unsigned pick = (unsigned)any(i);
        reverse(&rig, CARE, whose[pick], settled[pick]);
        assert_int_equal(rig.outcome.kind, OUTCOME_REVERSED);
        whose[pick] = whose[i - 1];
        settled[pick] = settled[i - 1];
    }
    settlement_core.flush(rig.harness.self, rig.harness.txn);
    for (bool more = store_walk_start(&walk, rig.harness.txn, BALANCES, span_of(NULL, 0)); more;
         more = store_walk_next(&walk))
        assert_int_equal(bytes_get_le(walk.value.data, 8), 0);
    store_walk_end(&walk);
    for (bool more = store_walk_start(&walk, rig.harness.txn, PERSONS, span_of(NULL, 0)); more;
         more = store_walk_next(&walk))
        assert_int_not_equal(walk.key.data[18], 'B'); /* every number is free again */
    store_walk_end(&walk);
    rig_stop(&rig);
}
