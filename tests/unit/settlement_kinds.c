/* SPDX-License-Identifier: Apache-2.0
 * Kinds of care, stays across new year, care at home that counts, and the policy's version in an outcome. Tianjin
 * splits a stay by days, Beijing does not. */
#include "tests/support/test.h"
#include "tests/unit/settlement_rig.h"

static void year_of(struct rig *rig, uint32_t number, const char *area, struct accumulators *year)
{
    struct year_key key = {.year = number, .type = "310"};
    memcpy(key.area, area, 7);
    person_number(1, key.person);
    year_get(rig->harness.txn, &key, year);
}

static position_t send(struct rig *rig, const char *kind, civil_date_t from, civil_date_t to, fen_t amount)
{
    static unsigned count;
    char number[16];
    struct bill_item item;
    (void)snprintf(number, sizeof number, "K-%u", ++count);
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, number, amount, &item);
    event.body.bill.care_kind = kind;
    event.body.bill.admission_date = from;
    event.body.bill.discharge_date = to;
    return admit(rig, &event);
}

TEST(each_kind_of_care_by_beijings_rules)
{
    static const struct {
        const char *kind;
        fen_t amount, deductible, pool;
        uint32_t stay;
    } rows[] = {
        {"11", 300000, 180000, 84000, 0},    /* 1,800; 70 % */
        {"13", 100000, 0, 70000, 0},         /* emergency goes on with the year's visits */
        {"41", 100000, 0, 90000, 0},         /* a pharmacy as the community: 90 % */
        {"14", 500000, 130000, 314500, 0},   /* a deductible of its own, 85 % */
        {"14", 100000, 0, 85000, 0},         /* once a year */
        {"51", 200000, 0, 200000, 0},        /* prenatal: in full, */
        {"51", 200000, 0, 100000, 0},        /* up to 3,000 a year */
        {"52", 800000, 0, 800000, 0},        /* maternity is no stay */
        {"21", 2000000, 130000, 1589500, 1}, /* so this is the first */
        {"24", 2000000, 65000, 1644750, 2},  /* emergency to inpatient is one */
    };
    struct rig rig;
    struct accumulators year;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        send(&rig, rows[i].kind, DAY, DAY, rows[i].amount);
        if (rig.outcome.kind != OUTCOME_SETTLED || rig.outcome.amounts.deductible != rows[i].deductible ||
            rig.outcome.amounts.pool_pay != rows[i].pool || rig.outcome.amounts.stay_number != rows[i].stay)
            fail_msg("row %u (%s): deductible %lld, pool %lld, stay %u", i, rows[i].kind,
                     (long long)rig.outcome.amounts.deductible, (long long)rig.outcome.amounts.pool_pay,
                     rig.outcome.amounts.stay_number);
    }
    year_of(&rig, 2025, "110000", &year);
    assert_int_equal(year.chronic_in_scope, 600000);
    assert_int_equal(year.maternity_paid, 300000);
    assert_int_equal(year.outpatient_in_scope, 500000);
    assert_int_equal(year.pool_paid, 314500 + 85000 + 800000 + 1589500 + 1644750);
    assert_books_balance(&rig);
    rig_stop(&rig);
}

/* Discharged before everybody counted as filed: 20 points less, and 10 for an emergency; said where nothing was filed.
 */
TEST(what_is_not_filed_is_cut_and_said)
{
    static const struct {
        const char *kind;
        civil_date_t discharge;
        uint32_t standing;
        fen_t pool;
        bool warned;
    } rows[] = {
        {"21", 20230331, STANDING_UNFILED, 1215500, true}, /* (20,000 - 1,300) x 65 % */
        {"21", 20230331, STANDING_OTHER_TEMPORARY, 1215500, false},
        {"21", 20230331, STANDING_REFERRAL_OR_EMERGENCY, 1402500, false}, /* 75 % */
        {"23", 20230331, STANDING_UNFILED, 1402500, true},
        {"24", 20230331, STANDING_UNFILED, 1402500, true},
        {"21", 20230331, STANDING_LONG_TERM, 1589500, false},
        {"21", 20230401, STANDING_UNFILED, 1589500, false}, /* from this day on everybody counts as filed */
    };
    static const struct findings none;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig rig;
        struct bill_item item;
        rig_start(&rig, 0, 1);
        publish(&rig, "110000-310");
        struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
        struct verdict verdict = {.findings = &none, .dead_reason = "", .has_facts = true, .facts = facts_of_care};
        event.body.bill.care_kind = rows[i].kind;
        event.body.bill.admission_date = event.body.bill.discharge_date = rows[i].discharge;
        verdict.facts.filing = rows[i].standing;
        decide(&rig, &event, verdict);
        assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
        if (rig.outcome.amounts.pool_pay != rows[i].pool || (rig.outcome.findings->count == 1) != rows[i].warned)
            fail_msg("row %u: pool %lld, %u findings", i, (long long)rig.outcome.amounts.pool_pay,
                     rig.outcome.findings->count);
        if (rows[i].warned)
            assert_int_equal(rig.outcome.findings->items[0].rule, RULE_FILING_NONE);
        rig_stop(&rig);
    }
}

/* 2024-12-22 to 2025-01-10: ten days in each year. */
TEST(a_stay_across_new_year_is_split_where_the_policy_says_so)
{
    static const struct {
        const char *area, *policy;
        fen_t old, new;
    } rows[] = {
        {"120000", "120000-310", 732000, 732000}, /* (20,000 - 1,700) x 80 % */
        {"110000", "110000-310", 0, 1589500},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig rig;
        struct accumulators old, new;
        struct bill_item item;
        rig_start(&rig, 0, 1);
        publish(&rig, rows[i].policy);
        struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
        event.body.bill.insured_area = rows[i].area;
        event.body.bill.admission_date = 20241222;
        event.body.bill.discharge_date = 20250110;
        position_t position = admit(&rig, &event);
        if (rig.outcome.kind != OUTCOME_SETTLED)
            fail_msg("%s: refused", rows[i].policy);
        year_of(&rig, 2024, rows[i].area, &old);
        year_of(&rig, 2025, rows[i].area, &new);
        assert_int_equal(old.pool_paid, rows[i].old);
        assert_int_equal(new.pool_paid, rows[i].new);
        assert_int_equal(old.stays, 0);
        assert_int_equal(new.stays, 1);
        reverse(&rig, CARE, 1, position);
        assert_int_equal(rig.outcome.kind, OUTCOME_REVERSED);
        year_of(&rig, 2024, rows[i].area, &old);
        year_of(&rig, 2025, rows[i].area, &new);
        struct accumulators empty = {0};
        assert_memory_equal(&old, &empty, sizeof empty);
        assert_memory_equal(&new, &empty, sizeof empty);
        rig_stop(&rig);
    }
}

TEST(from_the_last_of_december_to_the_first_of_january)
{
    struct rig rig;
    struct accumulators old, new;
    struct bill_item item;
    rig_start(&rig, 0, 1);
    publish(&rig, "120000-310");
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 1000001, &item);
    event.body.bill.insured_area = "120000";
    event.body.bill.admission_date = 20241231;
    event.body.bill.discharge_date = 20250101;
    admit(&rig, &event);
    assert_int_equal(rig.outcome.amounts.pool_pay, 664001); /* 8,300.01 x 80 % = 6,640.008 */
    year_of(&rig, 2024, "120000", &old);
    year_of(&rig, 2025, "120000", &new);
    assert_int_equal(old.pool_paid, 332001); /* half a fen goes to the old year */
    assert_int_equal(new.pool_paid, 332000);
    rig_stop(&rig);
}

static position_t local(struct rig *rig, const char *sender, bool cancels)
{
    struct event event = {.sender = sender,
                          .person_id = person(1),
                          .kind = EVENT_LOCAL_CARE,
                          .body.local_care = {.local_id = "L-1",
                                              .insured_area = cancels ? "" : "110000",
                                              .insurance_type = cancels ? "" : "310",
                                              .discharge_date = cancels ? 0 : 20250201,
                                              .cancels = cancels,
                                              .added = {.stays = cancels ? 0 : 1, .pool_paid = cancels ? 0 : 500000}}};
    return admit(rig, &event);
}

TEST(care_at_home_counts_once)
{
    struct rig rig;
    struct accumulators year;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    local(&rig, INSURED, false);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    local(&rig, INSURED, false);
    assert_refused(&rig, RULE_LOCAL_CARE_TWICE);
    settle(&rig, 1, "B-1", 2000000);
    assert_int_equal(rig.outcome.amounts.stay_number, 2);
    assert_int_equal(rig.outcome.amounts.deductible, 65000);
    local(&rig, CARE, true); /* another region's */
    assert_refused(&rig, RULE_LOCAL_CARE_UNKNOWN);
    local(&rig, INSURED, true);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    local(&rig, INSURED, true);
    assert_refused(&rig, RULE_LOCAL_CARE_UNKNOWN);
    year_of(&rig, 2025, "110000", &year);
    assert_int_equal(year.stays, 1);
    rig_stop(&rig);
}

TEST(an_outcome_names_the_version_of_its_policy)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t published = rig.harness.position - 1;
    settle(&rig, 1, "B-1", 2000000);
    assert_true(rig.outcome.has_policy);
    assert_int_equal(rig.outcome.policy.position, published);
    assert_string_equal(rig.outcome.policy.area, "110000");
    assert_int_equal(rig.outcome.policy.valid_from, 20230101);
    assert_int_equal(rig.outcome.policy.row, 3); /* level III */
    char path[PARAMETER_SOURCE_PATH_MAX + 1];
    for (uint32_t i = 0; i < rig.outcome.step_count; i++)
        if (rig.outcome.steps[i].rule == STEP_DEDUCTIBLE) {
            benefit_step_path(&rig.outcome.steps[i], 3, false, path);
            assert_string_equal(path, "inpatient[2].deductible_first");
        }
    publish(&rig, "110000-310"); /* the same again: a new version all the same */
    published = rig.harness.position - 1;
    harness_restart(&rig.harness);
    settle(&rig, 1, "B-2", 2000000);
    assert_int_equal(rig.outcome.policy.position, published);
    rig_stop(&rig);
}
