/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/validation_rig.h"

#include "common/engines/policy/policy_file.h"
#include "tests/support/gazettes.h"
#include "tests/support/test.h"

struct draft draft;
static struct policy sound_policy;

/* ---- sound events ---- */

struct bill_item line(const char *code, fen_t amount)
{
    return (struct bill_item){.code = code,
                              .level = 1,
                              .unit_price_micro = (amount < 0 ? -amount : amount) * 10000,
                              .quantity_e4 = amount < 0 ? -10000 : 10000,
                              .amount = amount};
}

static void draft_bill(void)
{
    draft.event.sender = TIANJIN;
    draft.event.body.bill = (struct bill){.bill_id = "B-1",
                                          .institution = HOSPITAL,
                                          .insured_area = BEIJING,
                                          .insurance_type = "310",
                                          .care_kind = "21",
                                          .admission_date = 20250301,
                                          .discharge_date = 20250310,
                                          .diagnosis = "J18.900",
                                          .credential = "01",
                                          .total = 150000,
                                          .items = draft.items,
                                          .item_count = 2};
    draft.items[0] = line(DRUG, 100000);
    draft.items[1] = line(OTHER_DRUG, 50000);
}

void draft_sound(enum event_kind kind)
{
    draft.accepted_at = NOON;
    draft.event = (struct event){.version = 1,
                                 .sender = TIANJIN,
                                 .message_id = "0190b1c2-0000-7000-8000-000000000001",
                                 .sent_at = NOON,
                                 .person_id = PERSON,
                                 .traceparent = "",
                                 .kind = kind};
    if (kind == EVENT_BILL_TRIAL || kind == EVENT_BILL_SETTLE) {
        draft_bill();
    } else if (kind == EVENT_BILL_REVERSAL) {
        draft.event.body.reversal = (struct bill_reversal){7, "returned"};
    } else if (kind == EVENT_INSTITUTION) {
        draft.event.person_id = "";
        draft.event.body.institution = (struct institution){.code = HOSPITAL,
                                                            .name = "Hospital",
                                                            .area = TIANJIN,
                                                            .level = 3,
                                                            .municipal = true,
                                                            .status = INSTITUTION_ACTIVE,
                                                            .effective_date = 20240101};
    } else if (kind == EVENT_ENROLMENT) {
        draft.event.sender = BEIJING;
        draft.event.body.enrolment = (struct enrolment){.area = BEIJING,
                                                        .insurance_type = "310",
                                                        .category = "1201",
                                                        .effective_date = 20240101,
                                                        .has_account_balance = true,
                                                        .account_balance = 5000,
                                                        .poverty = POVERTY_SUBSISTENCE,
                                                        .civil_servant = true};
    } else {
        draft.event.sender = kind == EVENT_POLICY ? BEIJING : "operator";
        draft.event.person_id = "";
        if (kind == EVENT_POLICY) {
            draft.policy = sound_policy;
            draft.event.body.policy = &draft.policy;
        } else if (kind == EVENT_GAZETTE) {
            draft.gazette = gazette_sound(GAZETTE_AREAS, "");
            draft.event.body.gazette = &draft.gazette;
        } else if (kind == EVENT_LOGIC_VERSION) {
            draft.event.body.logic.version = 1;
            draft.event.body.logic.reason = "";
        }
    }
}

/* ---- the core ---- */

enum status submit(struct rig *rig)
{
    struct span envelope = harness_envelope(&rig->harness, &draft.event);
    struct span record = harness_submission(&rig->harness, draft.accepted_at, envelope);
    enum status status = harness_apply(&rig->harness, &record, 1);
    rig->verdict = (struct verdict){0};
    if (status == OK && rig->harness.output.size > 0) {
        assert_int_equal(verdict_decode(buffer_span(&rig->harness.output), &rig->harness.arena, &rig->verdict), OK);
        assert_int_equal(rig->verdict.accepted_at, draft.accepted_at);
        assert_int_equal(rig->verdict.person_hash, person_hash(span_text(draft.event.person_id)));
        bool once = logic_has(validation_core.logic_version(rig->harness.self), LOGIC_ENVELOPE_ONCE);
        assert_true(
            span_equal(rig->verdict.envelope, once ? span_of(NULL, 0) : envelope)); /* the sender's exact bytes */
    }
    return status;
}

void admit(struct rig *rig)
{
    assert_int_equal(submit(rig), OK);
    assert_non_null(rig->verdict.findings);
    if (rig->verdict.findings->count > 0)
        fail_msg("%u at %s", rig->verdict.findings->items[0].rule, rig->verdict.findings->items[0].path);
    assert_false(rig->verdict.refused);
}

void register_institution(struct rig *rig, const char *code, const char *region, civil_date_t date,
                          enum institution_status status)
{
    draft_sound(EVENT_INSTITUTION);
    draft.event.sender = region;
    draft.event.body.institution.area = region;
    draft.event.body.institution.code = code;
    draft.event.body.institution.effective_date = date;
    draft.event.body.institution.status = status;
    draft.event.body.institution.reason = status == INSTITUTION_ACTIVE ? "" : "违规收费";
    admit(rig);
}

void enrol(struct rig *rig, civil_date_t from, civil_date_t to, const char *category)
{
    draft_sound(EVENT_ENROLMENT);
    draft.event.body.enrolment.effective_date = from;
    draft.event.body.enrolment.end_date = to;
    draft.event.body.enrolment.category = category;
    admit(rig);
}

void rig_start(struct rig *rig, uint32_t index, uint32_t count)
{
    memset(rig, 0, sizeof *rig);
    harness_start(&rig->harness, &validation_core, index, count, 1);
    register_institution(rig, HOSPITAL, TIANJIN, 20240101, INSTITUTION_ACTIVE);
    register_institution(rig, CLINIC, TIANJIN, 20240101, INSTITUTION_ACTIVE);
    register_institution(rig, CLINIC, TIANJIN, 20250301, INSTITUTION_ACTIVE);
    register_institution(rig, CLINIC, TIANJIN, 20250201, INSTITUTION_SUSPENDED); /* late, and between */
    register_institution(rig, BEIJING_HOSPITAL, BEIJING, 20240101, INSTITUTION_ACTIVE);
    if (count == 1)
        enrol(rig, 20240101, 0, "1201");
}

void rig_logic(struct rig *rig, uint32_t version)
{
    for (unsigned i = 0; i < GAZETTES_WANTED; i++) {
        draft_sound(EVENT_GAZETTE);
        draft.event.body.gazette = gazette_wanted(i);
        admit(rig);
    }
    draft_sound(EVENT_LOGIC_VERSION);
    draft.event.body.logic.version = version;
    admit(rig);
}

void rig_logic_two(struct rig *rig)
{
    rig_logic(rig, 2);
}

void rig_stop(struct rig *rig)
{
    harness_stop(&rig->harness);
}

int load_policy(void **state)
{
    struct buffer why;
    buffer_init(&why);
    enum status status = policy_file_load("data/policies/110000-310.yaml", &sound_policy, NULL, &why);
    buffer_fini(&why);
    return status == OK ? 0 : -1;
}
