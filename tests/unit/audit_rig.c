/* SPDX-License-Identifier: Apache-2.0
 * An audit core at work. */
#include "tests/unit/audit_rig.h"

#include "services/audit/audit_core.h"
#include "tests/support/test.h"

void rig_start(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    harness_start(&rig->harness, &audit_core, 0, 1, 0);
}

void rig_stop(struct rig *rig)
{
    harness_stop(&rig->harness);
}

/* What ingest and settlement would have written for a tick at `position`. */
void prepare(struct rig *rig, position_t position, enum outcome_kind kind, const struct findings *findings)
{
    struct event event = {.sender = "operator", .kind = EVENT_TICK, .body.tick.number = position};
    instant_ms_t accepted_at = ACCEPTED + (instant_ms_t)position;
    harness_submission(&rig->harness, accepted_at, harness_envelope(&rig->harness, &event));
    struct outcome outcome = {.position = position,
                              .sender = "operator",
                              .message_id = event.message_id,
                              .accepted_at = accepted_at,
                              .kind = kind,
                              .deliver_to = {"operator"},
                              .deliver_count = 1,
                              .findings = findings,
                              .dead_reason = "",
                              .event = "tick",
                              .bill_id = "",
                              .institution = ""};
    buffer_reset(&rig->harness.outcome);
    outcome_encode(&outcome, &rig->harness.outcome);
}

void record(struct rig *rig, enum outcome_kind kind, const struct findings *findings)
{
    prepare(rig, rig->harness.position, kind, findings);
    assert_int_equal(harness_apply_decided(&rig->harness, rig->harness.position % 2), OK);
}

struct audit_answer ask(struct rig *rig, const struct audit_query *query)
{
    struct buffer question;
    struct audit_answer answer;
    buffer_init(&question);
    audit_query_encode(query, &question);
    struct span said = harness_ask(&rig->harness, buffer_span(&question), WIRE_AUDIT_ANSWER);
    buffer_fini(&question);
    arena_reset(&rig->harness.arena);
    assert_int_equal(audit_answer_decode(said, &rig->harness.arena, &answer), OK);
    return answer;
}
