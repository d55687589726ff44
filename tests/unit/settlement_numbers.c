/* SPDX-License-Identifier: Apache-2.0
 * What outcomes say of the numbers that they rest on: rules.md 5, of logic version 2. */
#include "common/engines/policy/policy_file.h"
#include "tests/support/test.h"
#include "tests/unit/settlement_rig.h"

struct row {
    const char *name, *area, *type, *policy;
    const char *kind;
    struct bill_facts facts;
    civil_date_t discharge;
    fen_t amount;
    const char *named[4]; /* by RULE_PARAMETER_UNSTATED */
    const char *silent;   /* by RULE_POLICY_SILENT */
};

static void settle_row(struct rig *rig, const struct row *row)
{
    static unsigned count;
    char number[16];
    struct bill_item item;
    (void)snprintf(number, sizeof number, "N-%u", ++count);
    struct event event = bill_event(EVENT_BILL_SETTLE, count, number, row->amount, &item);
    struct verdict verdict = {.has_facts = true, .facts = facts_of_care};
    event.body.bill.insured_area = row->area;
    event.body.bill.insurance_type = row->type;
    event.body.bill.care_kind = row->kind;
    if (row->discharge != 0)
        event.body.bill.admission_date = event.body.bill.discharge_date = row->discharge;
    if (row->facts.hospital_level != 0)
        verdict.facts.hospital_level = row->facts.hospital_level;
    verdict.facts.poverty = row->facts.poverty;
    verdict.facts.civil_servant = row->facts.civil_servant;
    verdict.facts.filing = row->facts.filing;
    decide(rig, &event, verdict);
    if (rig->outcome.kind != OUTCOME_SETTLED)
        fail_msg("%s: not settled", row->name);
}

static unsigned findings_of(const struct rig *rig, enum rule rule, char text[1024])
{
    const struct findings *findings = rig->outcome.findings;
    unsigned count = 0;
    text[0] = 0;
    for (uint32_t i = 0; i < findings->count; i++)
        if (findings->items[i].rule == rule) {
            size_t size = strlen(text);
            (void)snprintf(text + size, 1024 - size, " %s,", findings->items[i].detail);
            count++;
        }
    return count;
}

static bool names(const char *text, const char *name)
{
    char word[64];
    (void)snprintf(word, sizeof word, " %s,", name);
    return strstr(text, word) != NULL;
}

static const struct row rows[] = {
    {"a stay by numbers that are stated", "120000", "310", "120000-310", "21", {.filing = 0}, 0, 2000000, {NULL}, NULL},
    {"a band that nobody stated",
     "110000",
     "310",
     "110000-310",
     "21",
     {.hospital_level = 1},
     0,
     2000000,
     {"inpatient[0].bands[0].ratio"},
     NULL},
    {"one that the stay does not reach",
     "110000",
     "310",
     "110000-310",
     "21",
     {.hospital_level = 2},
     0,
     2000000,
     {NULL},
     NULL},
    {"one that it reaches",
     "110000",
     "310",
     "110000-310",
     "21",
     {.hospital_level = 2},
     0,
     3500000,
     {"inpatient[1].bands[1].ratio"},
     NULL},
    {"a whole row: ratios and ends",
     "110000",
     "310",
     "110000-310",
     "14",
     {.filing = 0},
     0,
     3500000,
     {"outpatient[5].deductible", "outpatient[5].bands[0].ratio", "outpatient[5].bands[0].upper",
      "outpatient[5].bands[1].upper"},
     NULL},
    {"a policy of grade M as a whole",
     "110000",
     "510",
     "110000-510",
     "52",
     {.filing = 0},
     0,
     500000,
     {"inpatient[0].deductible_first", "inpatient[0].bands[0].ratio", "pool_cap"},
     NULL},
    {"a cut",
     "110000",
     "310",
     "110000-310",
     "21",
     {.filing = STANDING_UNFILED},
     20230331,
     2000000,
     {"away.other_cut"},
     NULL},
    {"assistance",
     "110000",
     "310",
     "110000-310",
     "21",
     {.poverty = POVERTY_EXTREME},
     0,
     2000000,
     {"assistance.classes[0].ratio"},
     NULL},
    {"assistance above an unstated deductible",
     "120000",
     "310",
     "120000-310",
     "21",
     {.poverty = POVERTY_ILLNESS},
     0,
     2000000,
     {"assistance.classes[3].ratio"},
     NULL},
    {"civil servants' aid of 0 that nobody stated",
     "120000",
     "310",
     "120000-310",
     "21",
     {.civil_servant = true},
     0,
     2000000,
     {"civil_servant"},
     NULL},
    {"a class that the policy says nothing of",
     "130100",
     "390",
     "130100-390",
     "21",
     {.civil_servant = true},
     0,
     2000000,
     {NULL},
     "civil_servant"},
};

TEST(parameters_that_nobody_stated_are_named)
{
    char text[1024];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct rig rig;
        rig_start(&rig, 0, 1);
        rig_logic_two(&rig);
        publish(&rig, row->policy);
        settle_row(&rig, row);
        unsigned count = findings_of(&rig, RULE_PARAMETER_UNSTATED, text);
        if ((count > 0) != (row->named[0] != NULL))
            fail_msg("%s: named%s", row->name, text);
        for (unsigned j = 0; j < 4 && row->named[j] != NULL; j++)
            if (!names(text, row->named[j]))
                fail_msg("%s: %s is not among%s", row->name, row->named[j], text);
        if (names(text, "inpatient[0].bands[0].upper"))
            fail_msg("%s: an open band has no end to name", row->name);
        count = findings_of(&rig, RULE_POLICY_SILENT, text);
        if (count != (row->silent != NULL) || (count > 0 && !names(text, row->silent)))
            fail_msg("%s: silence%s", row->name, text);
        rig_stop(&rig);
    }
}

TEST(version_one_names_nothing)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024];
        struct rig rig;
        rig_start(&rig, 0, 1);
        publish(&rig, rows[i].policy);
        settle_row(&rig, &rows[i]);
        assert_int_equal(findings_of(&rig, RULE_PARAMETER_UNSTATED, text), 0);
        assert_int_equal(findings_of(&rig, RULE_POLICY_SILENT, text), 0);
        rig_stop(&rig);
    }
}

/* What a partition forgets between two runs is in its state: names after a restart. */
TEST(grades_outlive_a_restart)
{
    char text[1024];
    struct rig rig;
    rig_start(&rig, 0, 1);
    rig_logic_two(&rig);
    publish(&rig, rows[1].policy);
    harness_restart(&rig.harness);
    settle_row(&rig, &rows[1]);
    assert_int_equal(findings_of(&rig, RULE_PARAMETER_UNSTATED, text), 1);
    rig_stop(&rig);
}

static void publish_until(struct rig *rig, const char *name, civil_date_t from, civil_date_t to, fen_t cap)
{
    static struct policy policy;
    char path[64];
    struct buffer why;
    buffer_init(&why);
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", name);
    assert_int_equal(policy_file_load(path, &policy, NULL, &why), OK);
    buffer_fini(&why);
    policy.valid_from = from;
    policy.valid_to = to;
    policy.pool_cap = cap;
    admit(rig, &(struct event){.sender = policy.area, .kind = EVENT_POLICY, .body.policy = &policy});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

/* 2025's figures until somebody states 2026's, with a word; not before 2025, and not once the next is there. */
TEST(a_policy_that_has_ended_goes_on_and_is_told)
{
    static const struct row before = {"2024",        "120000", "310",   "",     "21",
                                      {.filing = 0}, 20241231, 2000000, {NULL}, NULL};
    static const struct row within = {"2025",        "120000", "310",   "",     "21",
                                      {.filing = 0}, 20251231, 2000000, {NULL}, NULL};
    static const struct row after = {"2026", "120000", "310", "", "21", {.filing = 0}, 20260301, 2000000, {NULL}, NULL};
    char text[1024];
    struct bill_item item;
    struct rig rig;
    rig_start(&rig, 0, 1);
    rig_logic_two(&rig);
    publish_until(&rig, "120000-310", 20250101, 20251231, 35000000);
    settle_row(&rig, &within);
    assert_int_equal(findings_of(&rig, RULE_POLICY_ENDED, text), 0);
    settle_row(&rig, &after);
    assert_int_equal(findings_of(&rig, RULE_POLICY_ENDED, text), 1);
    assert_true(names(text, "120000 310 to 20251231"));
    struct event event = bill_event(EVENT_BILL_SETTLE, 900, "N-2024", 2000000, &item);
    event.body.bill.insured_area = before.area;
    event.body.bill.admission_date = event.body.bill.discharge_date = before.discharge;
    admit(&rig, &event);
    assert_refused(&rig, RULE_POLICY_UNKNOWN);
    publish_until(&rig, "120000-310", 20260101, 0, 36000000);
    settle_row(&rig, &after);
    assert_int_equal(findings_of(&rig, RULE_POLICY_ENDED, text), 0);
    assert_int_equal(rig.outcome.policy.valid_from, 20260101);
    rig_stop(&rig);
}

static void state_policy(struct rig *rig, const char *type, civil_date_t from, fen_t cap, bool withdrawn,
                         uint8_t row[16])
{
    static struct policy policy;
    struct buffer why;
    buffer_init(&why);
    assert_int_equal(policy_file_load("data/policies/110000-310.yaml", &policy, NULL, &why), OK);
    buffer_fini(&why);
    memcpy(policy.insurance_type, type, 4);
    policy.valid_from = from;
    policy.pool_cap = cap;
    policy.withdrawn = withdrawn;
    admit(rig, &(struct event){.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
    assert_int_equal(rig->outcome.row.size, 16);
    memcpy(row, rig->outcome.row.data, 16);
}

static void state_enrolment(struct rig *rig, unsigned who, const char *category, civil_date_t from, uint8_t row[16])
{
    admit(rig, &(struct event){
                   .sender = INSURED,
                   .person_id = person(who),
                   .kind = EVENT_ENROLMENT,
                   .body.enrolment = {
                       .area = "110000", .insurance_type = "310", .category = category, .effective_date = from}});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
    assert_int_equal(rig->outcome.row.size, 16);
    memcpy(row, rig->outcome.row.data, 16);
}

/* F09: the same row, whatever is said of it; another person's, of another day, another kind: another. */
TEST(outcomes_name_the_row_that_they_state)
{
    uint8_t row[8][16];
    struct rig rig;
    rig_start(&rig, 0, 1);
    rig_logic_two(&rig);
    state_policy(&rig, "310", 20250101, 100, false, row[0]);
    state_policy(&rig, "310", 20250101, 200, false, row[1]);
    state_policy(&rig, "310", 20250101, 200, true, row[2]);
    state_policy(&rig, "310", 20260101, 100, false, row[3]);
    state_enrolment(&rig, 1, "1101", 20250101, row[4]);
    state_enrolment(&rig, 1, "1201", 20250101, row[5]);
    state_enrolment(&rig, 2, "1101", 20250101, row[6]);
    state_enrolment(&rig, 1, "1101", 20250102, row[7]);
    for (unsigned i = 0; i < 8; i++)
        for (unsigned j = 0; j < i; j++) {
            bool same = i <= 2 || (i == 5 && j == 4);
            if ((memcmp(row[i], row[j], 16) == 0) != same)
                fail_msg("%u and %u: one row: %d", i, j, !same);
        }
    rig_stop(&rig);
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    assert_int_equal(rig.outcome.row.size, 0); /* version 1 names none */
    rig_stop(&rig);
}

/* An open version ends where the next begins, and does not come back when that one ends. */
TEST(an_earlier_version_does_not_come_back)
{
    static const struct row then = {"2024", "120000", "310", "", "21", {.filing = 0}, 20241231, 2000000, {NULL}, NULL};
    static const struct row after = {"2026", "120000", "310", "", "21", {.filing = 0}, 20260301, 2000000, {NULL}, NULL};
    char text[1024];
    struct rig rig;
    rig_start(&rig, 0, 1);
    rig_logic_two(&rig);
    publish_until(&rig, "120000-310", 20200101, 0, 30000000);
    publish_until(&rig, "120000-310", 20250101, 20251231, 35000000);
    settle_row(&rig, &then);
    assert_int_equal(rig.outcome.policy.valid_from, 20200101);
    settle_row(&rig, &after);
    assert_int_equal(rig.outcome.policy.valid_from, 20250101);
    assert_int_equal(findings_of(&rig, RULE_POLICY_ENDED, text), 1);
    rig_stop(&rig);
}

/* 100,000 in scope: own 40,900; above 13,400 at 60 %, or, of the poor, above 6,700 at
 * 65 %; then assistance at 70 %, of the marginal above 3,400. */
TEST(who_is_poor_is_what_the_policy_lists)
{
    static const struct {
        uint32_t poverty;
        fen_t catastrophic, assistance;
    } people[] = {{POVERTY_NONE, 1650000, 0},
                  {POVERTY_EXTREME, 2223000, 1306900},
                  {POVERTY_SUBSISTENCE, 2223000, 1306900},
                  {POVERTY_MARGINAL, 1650000, 1470000},
                  {POVERTY_ILLNESS, 1650000, 1106000}};
    for (unsigned i = 0; i < sizeof people / sizeof people[0]; i++) {
        struct row row = {"residents", "130100", "390", "", "21", {.filing = 0}, 0, 10000000, {NULL}, NULL};
        struct rig rig;
        row.facts.poverty = people[i].poverty;
        rig_start(&rig, 0, 1);
        rig_logic_two(&rig);
        publish(&rig, "130100-390");
        settle_row(&rig, &row);
        if (rig.outcome.amounts.catastrophic_pay != people[i].catastrophic ||
            rig.outcome.amounts.assistance_pay != people[i].assistance)
            fail_msg("poverty %u: %lld, %lld", people[i].poverty, (long long)rig.outcome.amounts.catastrophic_pay,
                     (long long)rig.outcome.amounts.assistance_pay);
        rig_stop(&rig);
    }
}

TEST(under_version_one_it_has_ended)
{
    struct bill_item item;
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish_until(&rig, "120000-310", 20250101, 20251231, 35000000);
    struct event event = bill_event(EVENT_BILL_SETTLE, 901, "N-2026", 2000000, &item);
    event.body.bill.insured_area = "120000";
    event.body.bill.admission_date = event.body.bill.discharge_date = 20260301;
    admit(&rig, &event);
    assert_refused(&rig, RULE_POLICY_UNKNOWN);
    rig_stop(&rig);
}
