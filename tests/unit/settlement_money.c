/* SPDX-License-Identifier: Apache-2.0
 * Cases of wrong money that reports of such systems tell of, each by its name, under logic version 2. */

#include "common/engines/policy/policy_file.h"
#include "tests/support/test.h"
#include "tests/unit/settlement_rig.h"

static struct policy policy_110000;

static void publish_policy(struct rig *rig, bool after_death_settled, bool second_refused)
{
    struct buffer why;
    buffer_init(&why);
    assert_int_equal(policy_file_load("data/policies/110000-310.yaml", &policy_110000, NULL, &why), OK);
    buffer_fini(&why);
    policy_110000.care_after_death_settled = after_death_settled;
    policy_110000.second_payment_refused = second_refused;
    admit(rig, &(struct event){.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy_110000});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

static void start(struct rig *rig)
{
    rig_start(rig, 0, 1);
    rig_logic_two(rig);
    publish_policy(rig, false, false);
}

static position_t settle_stay(struct rig *rig, const char *number, civil_date_t admission, civil_date_t discharge,
                              fen_t amount)
{
    struct bill_item item;
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, number, amount, &item);
    event.body.bill.admission_date = admission;
    event.body.bill.discharge_date = discharge;
    return admit(rig, &event);
}

static void assert_finding(struct rig *rig, enum outcome_kind kind, enum rule rule)
{
    assert_int_equal(rig->outcome.kind, kind);
    assert_int_equal(rig->outcome.findings->count, 1);
    assert_int_equal(rig->outcome.findings->items[0].rule, rule);
}

static void assert_others(struct rig *rig, uint32_t count, position_t first)
{
    assert_int_equal(rig->outcome.other_count, count);
    if (count > 0)
        assert_int_equal(rig->outcome.others[0].position, first);
}

static void certify_death(struct rig *rig, civil_date_t day)
{
    struct event event = {.sender = INSURED,
                          .person_id = person(1),
                          .kind = EVENT_CERTIFICATION,
                          .body.certification = {.certification_id = "F12",
                                                 .paying_area = "110000",
                                                 .residence_area = "120000",
                                                 .kind = CERTIFICATION_REQUEST,
                                                 .due_date = 20250401,
                                                 .monthly_pension = 400000}};
    admit(rig, &event);
    assert_int_equal(rig->outcome.kind, OUTCOME_MOVED);
    event.sender = CARE;
    event.body.certification.kind = CERTIFICATION_RESULT;
    event.body.certification.status = PENSIONER_DEAD;
    event.body.certification.method = "register";
    event.body.certification.date = day;
    admit(rig, &event);
    assert_int_equal(rig->outcome.kind, OUTCOME_MOVED);
}

TEST(F12_care_after_a_known_death_is_refused)
{
    struct rig rig;
    start(&rig);
    position_t before = settle_stay(&rig, "B-1", 20250208, 20250216, 800000);
    settle_stay(&rig, "B-2", 20250101, 20250110, 800000);
    certify_death(&rig, 20250215);
    assert_others(&rig, 1, before); /* settled before the news came: for claim */
    assert_string_equal(rig.outcome.others[0].bill_id, "B-1");
    settle_stay(&rig, "B-3", 20250305, DAY, 800000);
    assert_finding(&rig, OUTCOME_REFUSED, RULE_BILL_AFTER_DEATH);
    settle_stay(&rig, "B-4", 20250120, 20250130, 800000); /* a late bill of the living */
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    publish_policy(&rig, true, false);
    settle_stay(&rig, "B-3", 20250305, DAY, 800000);
    assert_finding(&rig, OUTCOME_SETTLED, RULE_BILL_AFTER_DEATH_SETTLED);
    assert_books_balance(&rig);
    rig_stop(&rig);
}

TEST(F12_a_death_of_version_1_is_known_by_its_month)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    certify_death(&rig, 20250215);
    settle_stay(&rig, "B-1", 20250305, DAY, 800000);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED); /* version 1 */
    rig_logic_two(&rig);
    settle_stay(&rig, "B-2", 20250217, 20250228, 800000);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    settle_stay(&rig, "B-3", 20250217, 20250301, 800000);
    assert_finding(&rig, OUTCOME_REFUSED, RULE_BILL_AFTER_DEATH);
    rig_stop(&rig);
}

TEST(what_takes_a_settlement_back_names_its_bill)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t first = settle_stay(&rig, "ZY-1", 20250301, DAY, 900000);
    reverse(&rig, CARE, 1, first);
    assert_int_equal(rig.outcome.kind, OUTCOME_REVERSED);
    assert_true(rig.outcome.original_bill_id == NULL || rig.outcome.original_bill_id[0] == 0); /* version 1 */
    rig_logic_two(&rig);
    position_t second = settle_stay(&rig, "ZY-2", 20250301, DAY, 900000);
    reverse(&rig, CARE, 1, second);
    assert_int_equal(rig.outcome.kind, OUTCOME_REVERSED);
    assert_string_equal(rig.outcome.original_bill_id, "ZY-2");
    assert_string_equal(rig.outcome.original_institution, HOSPITAL);
    rig_stop(&rig);
}

TEST(F13_of_many_payments_for_one_stay_three_are_told)
{
    struct rig rig;
    char number[16];
    start(&rig);
    position_t first = 0;
    for (unsigned i = 0; i < 12; i++) {
        (void)snprintf(number, sizeof number, "M-%u", i);
        position_t position = settle_stay(&rig, number, 20250208, 20250216, 800000);
        first = i == 0 ? position : first;
    }
    assert_others(&rig, 3, first);
    assert_true(rig.outcome.more_others);
    settle_stay(&rig, "M-later", 20250217, 20250220, 800000);
    assert_others(&rig, 0, 0);
    rig_stop(&rig);
}

/* Those that began during this one first. */
TEST(F13_of_many_the_nearest_are_told)
{
    struct rig rig;
    char number[16];
    start(&rig);
    position_t long_before = settle_stay(&rig, "N-0", 20250102, 20250228, 800000);
    position_t during = settle_stay(&rig, "N-1", 20250212, 20250214, 800000);
    settle_stay(&rig, "N-2", 20250208, 20250216, 800000);
    assert_others(&rig, 2, long_before);
    rig_logic(&rig, 4);
    settle_stay(&rig, "N-3", 20250209, 20250216, 800000);
    assert_others(&rig, 3, during);
    assert_false(rig.outcome.more_others);
    position_t same_day = 0;
    for (unsigned i = 4; i < 8; i++) {
        (void)snprintf(number, sizeof number, "N-%u", i);
        position_t position = settle_stay(&rig, number, 20250206, 20250228, 700000 + i);
        same_day = i == 4 ? position : same_day;
    }
    assert_others(&rig, 3, same_day);
    assert_true(rig.outcome.more_others);
    rig_stop(&rig);
}

TEST(F13_the_second_payment_for_one_stay_is_told)
{
    struct rig rig;
    start(&rig);
    position_t first = settle_stay(&rig, "ZY-1", 20250301, DAY, 900000);
    assert_others(&rig, 0, 0);
    position_t second = settle_stay(&rig, "ZY-1-A", 20250301, DAY, 900000);
    assert_finding(&rig, OUTCOME_SETTLED, RULE_BILL_PAID_TWICE);
    assert_others(&rig, 1, first);
    assert_non_null(strstr(rig.outcome.findings->items[0].detail, "settlement "));
    reverse(&rig, CARE, 1, second);
    settle_stay(&rig, "ZY-2", DAY, DAY, 100000); /* the day of discharge may be one of admission */
    assert_int_equal(rig.outcome.findings->count, 0);
    settle_stay(&rig, "ZY-3", DAY, DAY, 100000); /* the same day twice */
    assert_finding(&rig, OUTCOME_SETTLED, RULE_BILL_PAID_TWICE);
    publish_policy(&rig, false, true);
    settle_stay(&rig, "ZY-4", 20250309, DAY, 900000);
    assert_finding(&rig, OUTCOME_REFUSED, RULE_BILL_DUPLICATE);
    assert_others(&rig, 1, first);
    assert_int_equal(rig.outcome.posting_count, 0);
    rig_stop(&rig);
}

/* Another insurer pays the same stay: its region gets the outcome too. */
TEST(F13_two_insurers_are_both_told)
{
    struct rig rig;
    struct bill_item item;
    struct bill_facts facts = facts_of_care;
    start(&rig);
    publish(&rig, "130100-390");
    position_t first = settle_stay(&rig, "ZY-1", 20250301, DAY, 900000);
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "ZY-1", 900000, &item);
    event.body.bill.bill_id = "ZY-2";
    event.body.bill.insured_area = "130100";
    event.body.bill.insurance_type = "390";
    (void)snprintf(facts.insured_region, sizeof facts.insured_region, "130000");
    (void)snprintf(facts.category, sizeof facts.category, "1501");
    decide(&rig, &event, (struct verdict){.has_facts = true, .facts = facts});
    assert_finding(&rig, OUTCOME_SETTLED, RULE_BILL_PAID_TWICE);
    assert_others(&rig, 1, first);
    assert_int_equal(rig.outcome.deliver_count, 3);
    rig_stop(&rig);
}

TEST(F11_what_a_row_had_settled_is_listed)
{
    struct rig rig;
    start(&rig);
    position_t first = settle_stay(&rig, "B-1", 20250301, DAY, 900000);
    settle_stay(&rig, "B-2", 20250101, 20250110, 900000);
    struct event event = {
        .sender = INSURED,
        .person_id = person(1),
        .kind = EVENT_ENROLMENT,
        .body.enrolment = {
            .area = "110000", .insurance_type = "310", .category = "", .effective_date = 20250301, .withdrawn = true}};
    decide(&rig, &event, (struct verdict){.has_row_taken_back = true, .row_taken_back = {20250301, 0}});
    assert_finding(&rig, OUTCOME_APPLIED, RULE_ROW_HAD_SETTLED);
    assert_others(&rig, 1, first);
    assert_int_equal(rig.outcome.deliver_count, 2);
    event = (struct event){
        .sender = INSURED,
        .person_id = person(1),
        .kind = EVENT_FILING,
        .body.filing = {
            .filing_id = "F11", .insured_area = "110000", .insurance_type = "310", .care_area = "", .withdrawn = true}};
    decide(&rig, &event, (struct verdict){.has_row_taken_back = true, .row_taken_back = {20240101, 20250301}});
    assert_others(&rig, 2, first); /* a day of the stay lies in it */
    rig_stop(&rig);
}

TEST(F11_a_policy_is_withdrawn)
{
    struct rig rig;
    start(&rig);
    policy_110000.valid_from = 20250101;
    admit(&rig, &(struct event){.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy_110000});
    settle_stay(&rig, "B-1", 20250301, DAY, 900000);
    assert_int_equal(rig.outcome.policy.valid_from, 20250101);
    policy_110000.withdrawn = true;
    struct event event = {.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy_110000};
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    admit(&rig, &event);
    assert_finding(&rig, OUTCOME_REFUSED, RULE_ROW_UNKNOWN);
    harness_restart(&rig.harness);
    settle_stay(&rig, "B-2", 20250201, 20250210, 900000);
    assert_true(rig.outcome.policy.valid_from < 20250101);
    rig_stop(&rig);
}

/* All of it refunded, or nothing in scope: the next stay is the first. */
TEST(F19_a_bill_of_nothing_is_no_stay)
{
    struct rig rig;
    start(&rig);
    settle_stay(&rig, "F19a", 20250201, 20250210, 0);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    settle_stay(&rig, "F19b", 20250301, DAY, 900000);
    assert_int_equal(rig.outcome.amounts.stay_number, 1);
    assert_int_equal(rig.outcome.amounts.pool_pay, 654500);
    rig_stop(&rig);
}

TEST(a_replacement_is_no_larger)
{
    struct rig rig;
    struct bill_item item;
    start(&rig);
    position_t first = settle_stay(&rig, "B-1", 20250301, DAY, 2000000);
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-2", 2000001, &item);
    event.body.bill.replaces_settlement = first;
    admit(&rig, &event);
    assert_finding(&rig, OUTCOME_REFUSED, RULE_BILL_AMOUNT_RANGE);
    event = bill_event(EVENT_BILL_SETTLE, 1, "B-2", 0, &item);
    event.body.bill.replaces_settlement = first;
    admit(&rig, &event); /* refunded to nothing; it is the stay that it replaces, not a second one */
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    assert_int_equal(rig.outcome.findings->count, 0);
    settle_stay(&rig, "B-3", 20250201, 20250210, 2000000);
    assert_int_equal(rig.outcome.amounts.pool_pay, 1589500);
    rig_stop(&rig);
}

/* What one fen of returns, each rounded by itself, leaves below nothing of level 丙. */
TEST(F18_crumbs_of_level_three_settle)
{
    struct rig rig;
    struct bill_item item, items[4];
    start(&rig);
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "F18", 500000, &item);
    for (unsigned i = 0; i < 4; i++)
        items[i] = item;
    items[1] = (struct bill_item){"X00000000000000000000B", 3, 300000, 10000, 30, 0, 0, ""};
    items[2] = (struct bill_item){"X00000000000000000000B", 3, 300000, -2500, -8, 0, 0, ""};
    items[3] = (struct bill_item){"X00000000000000000000B", 3, 300000, -7500, -23, 0, 0, ""};
    event.body.bill.items = items;
    event.body.bill.item_count = 4;
    event.body.bill.total = 499999;
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    assert_int_equal(rig.outcome.amounts.total, 499999);
    rig_stop(&rig);
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    admit(&rig, &event);
    assert_refused(&rig, RULE_BILL_ITEM_NET_NEGATIVE); /* version 1 */
    rig_stop(&rig);
}

/* 5,000 lines settle like one of their sum. */
TEST(F07_the_amount_does_not_depend_on_the_lines)
{
    enum { LINES = 5000 };
    static struct bill_item items[LINES];
    struct rig rig;
    struct bill_item item;
    start(&rig);
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "F07", 2500000, &item);
    for (unsigned i = 0; i < LINES; i++)
        items[i] = item;
    for (unsigned i = 0; i < LINES; i++)
        items[i].amount = 500, items[i].unit_price_micro = 5000000;
    event.body.bill.items = items;
    event.body.bill.item_count = LINES;
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    fen_t person_pays = rig.outcome.amounts.person_pay_total;
    rig_stop(&rig);
    start(&rig);
    settle_stay(&rig, "F07", 20250301, DAY, 2500000);
    assert_int_equal(rig.outcome.amounts.person_pay_total, person_pays);
    rig_stop(&rig);
}

static void state_balance(struct rig *rig, bool stated, bool in_force, fen_t balance)
{
    struct event event = {.sender = INSURED,
                          .person_id = person(1),
                          .kind = EVENT_ENROLMENT,
                          .body.enrolment = {.area = "110000",
                                             .insurance_type = "310",
                                             .category = "1101",
                                             .effective_date = 20240101,
                                             .has_account_balance = stated,
                                             .account_balance = balance}};
    decide(rig, &event, (struct verdict){.account_restated = in_force});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

static fen_t account_of(struct rig *rig)
{
    struct year_key key = {.area = "110000", .type = "310"};
    person_number(1, key.person);
    return account_get(rig->harness.txn, &key);
}

TEST(F08_a_balance_that_is_not_stated_stays)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    state_balance(&rig, true, false, 500000); /* version 1 takes what comes last */
    state_balance(&rig, false, false, 0);
    assert_int_equal(account_of(&rig), 0);
    rig_logic_two(&rig);
    state_balance(&rig, true, true, 500000);
    state_balance(&rig, false, true, 0);
    assert_int_equal(account_of(&rig), 500000);
    state_balance(&rig, true, false, 100000); /* a row that is not in force today */
    assert_int_equal(account_of(&rig), 500000);
    state_balance(&rig, true, true, 0); /* 0 is a statement */
    assert_int_equal(account_of(&rig), 0);
    rig_stop(&rig);
}
