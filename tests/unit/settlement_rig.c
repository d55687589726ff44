/* SPDX-License-Identifier: Apache-2.0
 * Settlement driven by hand. */
#include "tests/unit/settlement_rig.h"

#include "common/engines/policy/policy_file.h"
#include "services/settlement/settlement_core.h"
#include "tests/support/gazettes.h"
#include "tests/support/test.h"

void rig_start(struct rig *rig, uint32_t index, uint32_t count)
{
    memset(rig, 0, sizeof *rig);
    harness_start(&rig->harness, &settlement_core, index, count, 1);
}

void rig_stop(struct rig *rig)
{
    harness_stop(&rig->harness);
    buffer_fini(&rig->submission);
}

enum status rig_apply(struct rig *rig, struct span record)
{
    struct harness *harness = &rig->harness;
    enum status status = harness_apply(harness, (struct span[]){record, buffer_span(&rig->submission)}, 2);
    if (status == OK && harness->output.size > 0)
        assert_int_equal(outcome_decode(buffer_span(&harness->output), &harness->arena, &rig->outcome), OK);
    return status;
}

void assert_books_balance(struct rig *rig)
{
    harness_assert_balanced(&rig->harness, BALANCES);
}

fen_t balance_of(struct rig *rig, const char *account)
{
    return harness_balance(&rig->harness, BALANCES, account);
}

/* ---- verdicts ---- */

const char *person(unsigned index)
{
    char digits[18];
    (void)snprintf(digits, sizeof digits, "11010119%02u0101%03u", 50 + index / 1000 % 40, index % 1000);
    return identity_of(digits);
}

void person_number(unsigned index, char out[19])
{
    memcpy(out, person(index), 19);
}

const struct bill_facts facts_of_care = {.care_region = CARE,
                                         .insured_region = INSURED,
                                         .care_area = "120000",
                                         .hospital_level = 3,
                                         .category = "1101",
                                         .enrolment_position = 1};

position_t decide(struct rig *rig, const struct event *event, struct verdict verdict)
{
    static const struct findings none;
    struct event whole = *event;
    struct harness *harness = &rig->harness;
    whole.sent_at = 1741570000000;
    whole.message_id = whole.message_id == NULL ? ID : whole.message_id;
    verdict.envelope = harness_envelope(harness, &whole);
    verdict.accepted_at = 1741600000000;
    verdict.person_hash = person_hash(span_text(whole.person_id));
    verdict.findings = verdict.findings == NULL ? &none : verdict.findings;
    verdict.dead_reason = verdict.dead_reason == NULL ? "" : verdict.dead_reason;
    buffer_reset(&rig->submission);
    submission_encode(&(struct submission){.accepted_at = verdict.accepted_at,
                                           .person_hash = verdict.person_hash,
                                           .envelope = verdict.envelope},
                      &rig->submission);
    if (rig->form == ENVELOPE_IN_SUBMISSION || (rig->form == ENVELOPE_IN_EITHER && harness->position % 3 == 0))
        verdict.envelope = span_of(NULL, 0);
    else if (rig->form == ENVELOPE_IN_VERDICT)
        buffer_reset(&rig->submission); /* what is not needed is not looked at */
    buffer_reset(&harness->record);
    verdict_encode(&verdict, &harness->record);
    assert_int_equal(rig_apply(rig, buffer_span(&harness->record)), OK);
    return harness->position - 1;
}

position_t admit(struct rig *rig, const struct event *event)
{
    return decide(rig, event, (struct verdict){.has_facts = true, .facts = facts_of_care});
}

void rig_logic(struct rig *rig, uint32_t version)
{
    admit(rig, &(struct event){.sender = "operator",
                               .kind = EVENT_LOGIC_VERSION,
                               .body.logic = {.version = version, .reason = "rules"}});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

void rig_logic_two(struct rig *rig)
{
    for (unsigned i = 0; i < GAZETTES_WANTED; i++)
        admit(rig, &(struct event){.sender = "operator", .kind = EVENT_GAZETTE, .body.gazette = gazette_wanted(i)});
    rig_logic(rig, 2);
}

void publish(struct rig *rig, const char *name)
{
    static struct policy policy;
    static struct policy_sources sources;
    struct buffer why;
    char path[64];
    buffer_init(&why);
    (void)snprintf(path, sizeof path, "data/policies/%s.yaml", name);
    if (policy_file_load(path, &policy, &sources, &why) != OK)
        fail_msg("%s", buffer_text(&why));
    buffer_fini(&why);
    policy.sources = sources.items;
    policy.source_count = sources.count;
    admit(rig, &(struct event){.sender = INSURED, .kind = EVENT_POLICY, .body.policy = &policy});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}

struct event bill_event(enum event_kind kind, unsigned who, const char *number, fen_t amount, struct bill_item *item)
{
    *item = (struct bill_item){.code = "X00000000000000000000A",
                               .level = 1,
                               .unit_price_micro = amount * 10000,
                               .quantity_e4 = 10000,
                               .amount = amount};
    return (struct event){.sender = CARE,
                          .person_id = person(who),
                          .kind = kind,
                          .body.bill = {.bill_id = number,
                                        .institution = HOSPITAL,
                                        .insured_area = "110000",
                                        .insurance_type = "310",
                                        .care_kind = "21",
                                        .admission_date = DAY - 9,
                                        .discharge_date = DAY,
                                        .diagnosis = "J18.900",
                                        .credential = "01",
                                        .total = amount,
                                        .items = item,
                                        .item_count = 1}};
}

position_t settle(struct rig *rig, unsigned who, const char *number, fen_t amount)
{
    struct bill_item item;
    struct event event = bill_event(EVENT_BILL_SETTLE, who, number, amount, &item);
    return admit(rig, &event);
}

void reverse(struct rig *rig, const char *sender, unsigned who, position_t original)
{
    admit(rig, &(struct event){.sender = sender,
                               .person_id = person(who),
                               .kind = EVENT_BILL_REVERSAL,
                               .body.reversal = {.settlement_position = original, .reason = "returned"}});
}

void assert_refused(struct rig *rig, enum rule rule)
{
    assert_int_equal(rig->outcome.kind, OUTCOME_REFUSED);
    assert_int_equal(rig->outcome.findings->count, 1);
    assert_int_equal(rig->outcome.findings->items[0].rule, rule);
    assert_int_equal(rig->outcome.posting_count, 0);
}

void state_account(struct rig *rig, unsigned who, fen_t balance)
{
    admit(rig, &(struct event){.sender = INSURED,
                               .person_id = person(who),
                               .kind = EVENT_ENROLMENT,
                               .body.enrolment = {.area = "110000",
                                                  .insurance_type = "310",
                                                  .category = "1101",
                                                  .effective_date = 20240101,
                                                  .has_account_balance = true,
                                                  .account_balance = balance}});
    assert_int_equal(rig->outcome.kind, OUTCOME_APPLIED);
}
