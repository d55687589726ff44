/* SPDX-License-Identifier: Apache-2.0
 * The settlement core, record by record over a store of its own: what is posted, what is passed on, what is taken back,
 * and that the same log gives the same bytes. */
#include <unistd.h>

#include "common/codes/logic.h"
#include "common/engines/policy/policy_file.h"
#include "services/settlement/settlement_core.h"
#include "tests/support/test.h"
#include "tests/unit/settlement_rig.h"

TEST(settles_posts_and_tells_both_regions)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t position = settle(&rig, 1, "B-1", 2000000);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    assert_int_equal(rig.outcome.position, position);
    assert_int_equal(rig.outcome.amounts.pool_pay, 1589500);
    assert_int_equal(rig.outcome.amounts.person_pay_total, 410500);
    assert_int_equal(rig.outcome.deliver_count, 2);
    assert_string_equal(rig.outcome.deliver_to[0], CARE);
    assert_string_equal(rig.outcome.deliver_to[1], INSURED);
    assert_string_equal(rig.outcome.event, "bill_settle");
    assert_string_equal(rig.outcome.bill_id, "B-1");
    assert_true(rig.outcome.step_count > 5);
    assert_int_equal(balance_of(&rig, "fund:110000:310:pool"), 1589500);
    assert_int_equal(balance_of(&rig, "payable:110000:120000"), -1589500);
    assert_int_equal(balance_of(&rig, "receivable:120000:110000"), 1589500);
    assert_int_equal(balance_of(&rig, "institution:" HOSPITAL), -1589500);
    assert_books_balance(&rig);
    settle(&rig, 1, "B-2", 2000000); /* the second stay of the year */
    assert_int_equal(rig.outcome.amounts.stay_number, 2);
    assert_int_equal(rig.outcome.amounts.deductible, 65000);
    settle(&rig, 2, "B-1", 2000000); /* another person's */
    assert_int_equal(rig.outcome.amounts.stay_number, 1);
    rig_stop(&rig);
}

TEST(a_trial_computes_and_leaves_no_trace)
{
    struct rig rig;
    struct bill_item item;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    harness_digest(&rig.harness, before);
    struct event event = bill_event(EVENT_BILL_TRIAL, 1, "B-1", 2000000, &item);
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_COMPUTED);
    assert_int_equal(rig.outcome.amounts.pool_pay, 1589500);
    assert_int_equal(rig.outcome.posting_count, 0);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    rig_stop(&rig);
}

TEST(amounts_of_a_trial_that_no_longer_hold_post_nothing)
{
    struct rig rig;
    struct bill_item item;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    settle(&rig, 1, "B-1", 2000000);
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-2", 2000000, &item);
    event.body.bill.has_expected = true;
    event.body.bill.expected.fund_pay_total = 1589500; /* as if it were still the first stay */
    event.body.bill.expected.person_pay_total = 410500;
    harness_digest(&rig.harness, before);
    admit(&rig, &event);
    assert_refused(&rig, RULE_BILL_AMOUNT_CHANGED);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    event = bill_event(EVENT_BILL_SETTLE, 1, "B-2", 2000000, &item);
    event.body.bill.has_expected = true;
    event.body.bill.expected.fund_pay_total = 1644750;
    event.body.bill.expected.person_pay_total = 355250;
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    rig_stop(&rig);
}

TEST(one_bill_under_two_messages_settles_once)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t first = settle(&rig, 1, "B-1", 2000000);
    settle(&rig, 1, "B-1", 2000000);
    assert_refused(&rig, RULE_BILL_DUPLICATE);
    assert_int_equal(rig.outcome.original_position, first);
    assert_int_equal(balance_of(&rig, "fund:110000:310:pool"), 1589500);
    reverse(&rig, CARE, 1, first); /* frees the number */
    settle(&rig, 1, "B-1", 1000000);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    rig_stop(&rig);
}

TEST(s2_a_reversal_posts_back_exactly_and_once)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t first = settle(&rig, 1, "B-1", 2000000);
    settle(&rig, 1, "B-2", 3000000); /* stands, as it was decided: DOMAIN 2 */
    fen_t second = rig.outcome.amounts.pool_pay;
    reverse(&rig, CARE, 1, first);
    assert_int_equal(rig.outcome.kind, OUTCOME_REVERSED);
    assert_int_equal(rig.outcome.original_position, first);
    assert_int_equal(rig.outcome.amounts.total, -2000000);
    assert_int_equal(rig.outcome.amounts.pool_pay, -1589500);
    assert_int_equal(rig.outcome.deliver_count, 2);
    assert_int_equal(balance_of(&rig, "fund:110000:310:pool"), second);
    assert_books_balance(&rig);
    reverse(&rig, CARE, 1, first);
    assert_refused(&rig, RULE_REVERSAL_TWICE);
    reverse(&rig, CARE, 1, rig.harness.position - 2); /* of a reversal */
    assert_refused(&rig, RULE_REVERSAL_UNKNOWN);
    settle(&rig, 1, "B-3", 2000000); /* one stay stands: this is the second */
    assert_int_equal(rig.outcome.amounts.stay_number, 2);
    rig_stop(&rig);
}

TEST(only_its_sender_reverses_for_its_person)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    position_t first = settle(&rig, 1, "B-1", 2000000);
    reverse(&rig, "130000", 1, first);
    assert_refused(&rig, RULE_REVERSAL_FOREIGN);
    assert_int_equal(rig.outcome.deliver_count, 1);
    assert_string_equal(rig.outcome.deliver_to[0], "130000");
    reverse(&rig, INSURED, 1, first);
    assert_refused(&rig, RULE_REVERSAL_FOREIGN);
    reverse(&rig, CARE, 2, first);
    assert_refused(&rig, RULE_REVERSAL_FOREIGN);
    reverse(&rig, CARE, 1, 0);
    assert_refused(&rig, RULE_REVERSAL_UNKNOWN);
    reverse(&rig, CARE, 1, rig.harness.position + 5);
    assert_refused(&rig, RULE_REVERSAL_UNKNOWN);
    assert_int_equal(balance_of(&rig, "fund:110000:310:pool"), 1589500);
    reverse(&rig, CARE, 1, first);
    assert_int_equal(rig.outcome.kind, OUTCOME_REVERSED);
    rig_stop(&rig);
}

TEST(a_reversal_leaves_the_year_as_if_the_bill_had_not_been)
{
    struct rig rig;
    struct accumulators year, empty = {0};
    struct year_key key = {.year = 2025, .area = "110000", .type = "310"};
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    person_number(1, key.person);
    position_t large = settle(&rig, 1, "B-1", 200000000); /* past the pool's cap */
    assert_true(rig.outcome.amounts.large_amount_pay > 0);
    year_get(rig.harness.txn, &key, &year);
    assert_int_equal(year.pool_paid, 10000000);
    reverse(&rig, CARE, 1, large);
    year_get(rig.harness.txn, &key, &year);
    assert_memory_equal(&year, &empty, sizeof year);
    rig_stop(&rig);
}

static fen_t draw(struct rig *rig, unsigned who, const char *number, uint64_t enrolment)
{
    struct bill_item item;
    struct event event = bill_event(EVENT_BILL_SETTLE, who, number, 100000, &item);
    item.level = 3; /* all own */
    struct verdict verdict = {.has_facts = true, .facts = facts_of_care};
    verdict.facts.enrolment_position = enrolment;
    event.body.bill.use_personal_account = true;
    decide(rig, &event, verdict);
    assert_int_equal(rig->outcome.kind, OUTCOME_SETTLED);
    return rig->outcome.amounts.account_pay;
}

TEST(an_account_is_spent_once_whichever_enrolment_states_it)
{
    struct rig rig;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    state_account(&rig, 1, 150000);
    position_t first = rig.harness.position;
    assert_int_equal(draw(&rig, 1, "B-1", 2), 100000);
    assert_int_equal(draw(&rig, 1, "B-2", 2), 50000);
    assert_int_equal(draw(&rig, 1, "B-3", 2), 0);
    assert_int_equal(draw(&rig, 2, "B-4", 2), 0); /* another person's account */
    state_account(&rig, 1, 60000);
    assert_int_equal(draw(&rig, 1, "B-5", 7), 60000);
    assert_int_equal(draw(&rig, 1, "B-6", 2), 0); /* of an older day, under the older enrolment: the same money */
    reverse(&rig, CARE, 1, first);
    assert_int_equal(rig.outcome.amounts.account_pay, -100000);
    assert_int_equal(draw(&rig, 1, "B-7", 7), 100000); /* what came back can be spent */
    assert_int_equal(balance_of(&rig, "account:110000"), 210000);
    assert_books_balance(&rig);
    rig_stop(&rig);
}

TEST(refusals_and_dead_letters_are_passed_on)
{
    struct rig rig;
    struct bill_item item;
    static struct findings findings;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    findings_add(&findings, RULE_BILL_TOTAL_MISMATCH, "bill_settle.total_fen", "found 1.00, expected 2.00");
    findings_add(&findings, RULE_BILL_LINE_OFF_BY_ONE, "bill_settle.items[0].amount_fen", NULL);
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    harness_digest(&rig.harness, before);
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
    decide(&rig, &event, (struct verdict){.refused = true, .findings = &findings});
    assert_int_equal(rig.outcome.kind, OUTCOME_REFUSED);
    assert_int_equal(rig.outcome.findings->count, 2);
    assert_string_equal(rig.outcome.findings->items[0].detail, "found 1.00, expected 2.00");
    assert_int_equal(rig.outcome.deliver_count, 1);
    assert_string_equal(rig.outcome.deliver_to[0], CARE);
    event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
    decide(&rig, &event, (struct verdict){.dead_reason = "quarantined: it stopped the service three times"});
    assert_int_equal(rig.outcome.kind, OUTCOME_DEAD_LETTER);
    assert_string_equal(rig.outcome.dead_reason, "quarantined: it stopped the service three times");
    assert_string_equal(rig.outcome.message_id, ID);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    assert_int_equal(rig_apply(&rig, span_of(NULL, 0)), OK); /* another partition's record */
    assert_int_equal(rig.harness.output.size, 0);
    rig_stop(&rig);
}

/* Beside another partition's verdict, or one that holds the envelope, it is not decoded; of two submissions, no log. */
TEST(the_submission_is_read_where_it_is_needed_alone)
{
    struct rig rig;
    struct bill_item item;
    uint8_t torn[] = "no submission";
    struct span submission = span_of(torn, sizeof torn);
    rig_start(&rig, 0, 1);
    assert_int_equal(harness_apply(&rig.harness, (struct span[]){{NULL, 0}, submission}, 2), OK);
    assert_int_equal(rig.harness.output.size, 0);
    publish(&rig, "110000-310");
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
    admit(&rig, &event); /* the verdict holds it */
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    rig.form = ENVELOPE_IN_SUBMISSION;
    event = bill_event(EVENT_BILL_SETTLE, 2, "B-2", 2000000, &item);
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    struct span verdict = buffer_span(&rig.harness.record);
    assert_int_equal(harness_apply(&rig.harness, (struct span[]){verdict, submission}, 2), FATAL_CORRUPT);
    buffer_reset(&rig.submission);
    submission_encode(&(struct submission){.accepted_at = 1, .person_hash = 2}, &rig.submission);
    assert_int_equal(rig_apply(&rig, verdict), FATAL_CORRUPT);
    rig_stop(&rig);
}

/* Validation's dead letters name their sender, whether the verdict holds the envelope or not. */
TEST(a_dead_letter_has_its_sender_in_either_form)
{
    for (unsigned form = 0; form < ENVELOPE_FORMS_COUNT; form++) {
        struct rig rig;
        struct bill_item item;
        rig_start(&rig, 0, 1);
        rig.form = (enum envelope_form)form;
        struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
        decide(&rig, &event, (struct verdict){.dead_reason = "quarantined"});
        assert_int_equal(rig.outcome.kind, OUTCOME_DEAD_LETTER);
        assert_string_equal(rig.outcome.sender, CARE);
        assert_int_equal(rig.outcome.deliver_count, 1);
        struct core_input input = {rig.harness.position,
                                   (struct span[]){buffer_span(&rig.harness.record), buffer_span(&rig.submission)}, 2,
                                   &rig.harness.arena, NULL};
        buffer_reset(&rig.harness.output);
        settlement_core.dead_letter(rig.harness.self, &input, "it stopped settlement", &rig.harness.output);
        assert_int_equal(outcome_decode(buffer_span(&rig.harness.output), &rig.harness.arena, &rig.outcome), OK);
        assert_string_equal(rig.outcome.sender, CARE);
        assert_string_equal(rig.outcome.message_id, ID);
        rig_stop(&rig);
    }
}

TEST(d20_settlement_drops_its_own_letters)
{
    struct rig rig;
    struct span letter;
    uint8_t verdict[] = "a verdict that stopped it";
    rig_start(&rig, 0, 1);
    rig_logic_two(&rig);
    position_t dead = rig.harness.position;
    harness_bury(&rig.harness, span_of(verdict, sizeof verdict), "quarantined");
    struct event event = {.sender = "operator",
                          .kind = EVENT_DEAD_LETTER_DROP,
                          .body.drop = {.service = "validation", .position = dead, .reason = "by hand"}};
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    assert_true(core_was_dead(&settlement_core, rig.harness.txn, dead, &letter));
    event.body.drop.service = "settlement";
    admit(&rig, &event);
    assert_false(core_was_dead(&settlement_core, rig.harness.txn, dead, &letter));
    rig_stop(&rig);
}

TEST(warnings_travel_with_success)
{
    struct rig rig;
    struct bill_item item;
    static struct findings findings;
    findings_add(&findings, RULE_BILL_LINE_OFF_BY_ONE, "bill_settle.items[0].amount_fen", NULL);
    assert_false(findings.refused);
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
    decide(&rig, &event, (struct verdict){.has_facts = true, .facts = facts_of_care, .findings = &findings});
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    assert_int_equal(rig.outcome.findings->count, 1);
    assert_int_equal(rig.outcome.findings->items[0].rule, RULE_BILL_LINE_OFF_BY_ONE);
    rig_stop(&rig);
}

TEST(everybodys_events_apply_everywhere_and_one_partition_answers)
{
    struct rig rig;
    rig_start(&rig, 1, 2);
    struct policy policy;
    struct buffer why;
    buffer_init(&why);
    assert_int_equal(policy_file_load("data/policies/110000-310.yaml", &policy, NULL, &why), OK);
    buffer_fini(&why);
    admit(&rig, &(struct event){.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy});
    assert_int_equal(rig.harness.output.size, 0);
    admit(&rig, &(struct event){.sender = "exchange", .kind = EVENT_TICK, .body.tick.number = 1741600000000});
    assert_int_equal(rig.harness.output.size, 0);
    settle(&rig, 1, "B-1", 2000000);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    rig_stop(&rig);
    rig_start(&rig, 0, 2);
    admit(&rig, &(struct event){.sender = "exchange", .kind = EVENT_TICK, .body.tick.number = 1741600000000});
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    assert_int_equal(rig.outcome.deliver_count, 0); /* nobody asked */
    rig_stop(&rig);
}

TEST(a_policy_holds_from_its_position_and_its_day_on)
{
    struct rig rig;
    struct bill_item item;
    struct policy policy;
    struct buffer why;
    rig_start(&rig, 0, 1);
    settle(&rig, 1, "B-1", 2000000);
    assert_refused(&rig, RULE_POLICY_UNKNOWN);
    publish(&rig, "110000-310");
    settle(&rig, 1, "B-1", 2000000); /* its number was not used up */
    assert_int_equal(rig.outcome.amounts.deductible, 130000);
    buffer_init(&why);
    assert_int_equal(policy_file_load("data/policies/110000-310.yaml", &policy, NULL, &why), OK);
    buffer_fini(&why);
    policy.inpatient[2].deductible_first = 200000; /* replaces */
    admit(&rig, &(struct event){.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy});
    settle(&rig, 2, "B-2", 2000000);
    assert_int_equal(rig.outcome.amounts.deductible, 200000);
    policy.valid_from = DAY + 1; /* another, from tomorrow */
    policy.inpatient[2].deductible_first = 300000;
    admit(&rig, &(struct event){.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy});
    settle(&rig, 3, "B-3", 2000000);
    assert_int_equal(rig.outcome.amounts.deductible, 200000);
    struct event event = bill_event(EVENT_BILL_SETTLE, 4, "B-4", 2000000, &item);
    event.body.bill.discharge_date = DAY + 1;
    harness_restart(&rig.harness); /* and what is kept in memory is read again */
    admit(&rig, &event);
    assert_int_equal(rig.outcome.amounts.deductible, 300000);
    event = bill_event(EVENT_BILL_SETTLE, 5, "B-5", 2000000, &item);
    event.body.bill.admission_date = 20241201;
    admit(&rig, &event);
    assert_refused(&rig, RULE_BILL_PERIOD_TOO_LONG);
    event = bill_event(EVENT_BILL_SETTLE, 5, "B-5", 2000000, &item);
    event.body.bill.discharge_date = event.body.bill.admission_date = 19991231;
    admit(&rig, &event);
    assert_refused(&rig, RULE_POLICY_UNKNOWN);
    rig_stop(&rig);
}

TEST(a_year_is_the_year_of_discharge)
{
    struct rig rig;
    struct bill_item item;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
    event.body.bill.admission_date = 20241230;
    event.body.bill.discharge_date = 20241231;
    admit(&rig, &event);
    assert_int_equal(rig.outcome.amounts.stay_number, 1);
    event = bill_event(EVENT_BILL_SETTLE, 1, "B-2", 2000000, &item);
    event.body.bill.admission_date = 20241231;
    event.body.bill.discharge_date = 20250101;
    admit(&rig, &event);
    assert_int_equal(rig.outcome.amounts.stay_number, 1);
    settle(&rig, 1, "B-3", 2000000);
    assert_int_equal(rig.outcome.amounts.stay_number, 2);
    rig_stop(&rig);
}

TEST(a_requeued_letter_is_answered_to_its_first_sender_too)
{
    struct rig rig;
    struct bill_item item;
    struct buffer letter;
    static struct findings findings;
    rig_start(&rig, 0, 1);
    publish(&rig, "110000-310");
    struct event event = bill_event(EVENT_BILL_SETTLE, 1, "B-1", 2000000, &item);
    event.version = 1;
    event.message_id = ID;
    event.traceparent = "";
    buffer_init(&letter);
    envelope_encode(&event, &letter);
    struct event requeue = {.sender = "operator",
                            .person_id = event.person_id,
                            .kind = EVENT_REQUEUE,
                            .body.requeue = {.position = 77, .envelope = buffer_span(&letter)}};
    findings_add(&findings, RULE_ENROLMENT_UNKNOWN, "bill_settle.insured_area", NULL);
    decide(&rig, &requeue, (struct verdict){.refused = true, .findings = &findings});
    assert_int_equal(rig.outcome.kind, OUTCOME_REFUSED);
    assert_int_equal(rig.outcome.deliver_count, 2);
    assert_string_equal(rig.outcome.deliver_to[1], CARE);
    admit(&rig, &requeue);
    assert_int_equal(rig.outcome.kind, OUTCOME_SETTLED);
    assert_int_equal(rig.outcome.original_position, 77);
    assert_string_equal(rig.outcome.bill_id, "B-1");
    assert_int_equal(rig.outcome.deliver_count, 3);
    assert_string_equal(rig.outcome.deliver_to[0], "operator");
    findings.count = 0;
    findings_add(&findings, RULE_REQUEUE_INVALID, "requeue.position", NULL);
    decide(&rig, &requeue, (struct verdict){.refused = true, .findings = &findings});
    assert_int_equal(rig.outcome.deliver_count, 1); /* that was no letter: its content is nobody's */
    buffer_fini(&letter);
    rig_stop(&rig);
}

TEST(a_logic_version_that_we_lack_stops)
{
    struct rig rig;
    struct event event = {.version = 1,
                          .sender = "operator",
                          .message_id = ID,
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_LOGIC_VERSION,
                          .body.logic = {.version = 1, .reason = "first"}};
    rig_start(&rig, 0, 1);
    admit(&rig, &event);
    assert_int_equal(rig.outcome.kind, OUTCOME_APPLIED);
    assert_int_equal(settlement_core.logic_version(rig.harness.self), 1);
    event.body.logic.version = LOGIC_VERSION_KNOWN + 1;
    static const struct findings none;
    struct verdict verdict = {.findings = &none, .dead_reason = ""};
    buffer_reset(&rig.harness.envelope);
    envelope_encode(&event, &rig.harness.envelope);
    verdict.envelope = buffer_span(&rig.harness.envelope);
    buffer_reset(&rig.harness.record);
    verdict_encode(&verdict, &rig.harness.record);
    assert_int_equal(rig_apply(&rig, buffer_span(&rig.harness.record)), FATAL_LOGIC_VERSION);
    uint8_t value[4];
    bytes_put_le(value, LOGIC_VERSION_KNOWN + 1, sizeof value);
    store_put(rig.harness.txn, META, span_text("version"), span_of(value, sizeof value));
    void *other = calloc(1, settlement_core.self_size);
    assert_non_null(other);
    assert_int_equal(settlement_core.open(other, rig.harness.txn, rig.harness.partition), FATAL_LOGIC_VERSION);
    settlement_core.close(other);
    free(other);
    rig_stop(&rig);
}
