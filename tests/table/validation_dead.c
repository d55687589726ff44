/* SPDX-License-Identifier: Apache-2.0
 * The way back of dead letters, and off the list. */
#include "common/codes/rule.h"
#include "tests/support/test.h"
#include "tests/support/validation_rig.h"

static void requeue(struct rig *rig, position_t position, struct span envelope, const char *person)
{
    draft_sound(EVENT_REQUEUE);
    draft.event.person_id = person;
    draft.event.body.requeue.position = position;
    draft.event.body.requeue.envelope = envelope;
    assert_int_equal(submit(rig), OK);
}

static void assert_requeue_refused(struct rig *rig, const char *path)
{
    assert_int_equal(rig->verdict.findings->count, 1);
    assert_int_equal(rig->verdict.findings->items[0].rule, RULE_REQUEUE_INVALID);
    assert_string_equal(rig->verdict.findings->items[0].path, path);
    assert_true(rig->verdict.refused);
    assert_false(rig->verdict.has_facts);
}

TEST(only_a_dead_letter_comes_back_and_byte_for_byte)
{
    static struct rig rig;
    struct buffer bill, record;
    rig_start(&rig, 0, 1);
    buffer_init(&bill);
    buffer_init(&record);
    draft_sound(EVENT_BILL_SETTLE);
    envelope_encode(&draft.event, &bill);
    submission_encode(&(struct submission){.accepted_at = NOON,
                                           .person_hash = person_hash(span_text(PERSON)),
                                           .envelope = buffer_span(&bill)},
                      &record);
    position_t alive = rig.harness.position;
    admit(&rig); /* the same bill, in the ordinary way */
    position_t dead = rig.harness.position;
    harness_bury(&rig.harness, buffer_span(&record), "quarantined");
    requeue(&rig, alive, buffer_span(&bill), PERSON);
    assert_requeue_refused(&rig, "requeue.position");
    requeue(&rig, dead, buffer_span(&bill), PERSON);
    assert_int_equal(rig.verdict.findings->count, 0);
    assert_true(rig.verdict.has_facts);
    assert_string_equal(rig.verdict.facts.care_region, TIANJIN);
    requeue(&rig, dead, buffer_span(&bill), "");
    assert_requeue_refused(&rig, "person_id");
    bill.data[bill.size - 1] ^= 1;
    requeue(&rig, dead, buffer_span(&bill), PERSON);
    assert_requeue_refused(&rig, "requeue.position");
    buffer_fini(&bill);
    buffer_fini(&record);
    rig_stop(&rig);
}

static bool is_listed(struct rig *rig, position_t position)
{
    struct span letter;
    return core_was_dead(&validation_core, rig->harness.txn, position, &letter);
}

static position_t bury(struct rig *rig, struct span envelope, uint32_t hash)
{
    struct buffer record;
    position_t position = rig->harness.position;
    buffer_init(&record);
    submission_encode(&(struct submission){.accepted_at = NOON, .person_hash = hash, .envelope = envelope}, &record);
    harness_bury(&rig->harness, buffer_span(&record), "quarantined");
    buffer_fini(&record);
    return position;
}

/* D20: sent through again it leaves the list, admitted or refused; before version 2 it stays. */
TEST(d20_a_letter_that_was_dealt_with_leaves_the_list)
{
    static struct rig rig;
    struct buffer bill;
    rig_start(&rig, 0, 1);
    buffer_init(&bill);
    draft_sound(EVENT_BILL_SETTLE);
    envelope_encode(&draft.event, &bill);
    uint32_t hash = person_hash(span_text(PERSON));
    position_t old = bury(&rig, buffer_span(&bill), hash);
    requeue(&rig, old, buffer_span(&bill), PERSON);
    assert_true(is_listed(&rig, old));
    rig_logic_two(&rig);
    requeue(&rig, old, buffer_span(&bill), ""); /* of another partition: not dealt with */
    assert_requeue_refused(&rig, "person_id");
    assert_true(is_listed(&rig, old));
    requeue(&rig, old, buffer_span(&bill), PERSON); /* the bill stands already: refused, and that is its answer */
    assert_false(is_listed(&rig, old));
    requeue(&rig, old, buffer_span(&bill), PERSON);
    assert_requeue_refused(&rig, "requeue.position");
    buffer_fini(&bill);
    rig_stop(&rig);
}

/* D20: one message, one letter, however often it is tried; each try can be tried again. */
TEST(d20_a_second_try_that_fails_is_one_letter)
{
    static struct rig rig;
    struct buffer letter;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    rig_start(&rig, 0, 1);
    rig_logic_two(&rig);
    buffer_init(&letter);
    draft_sound(EVENT_NONE);
    envelope_encode(&draft.event, &letter);
    wire_put_text(&letter, 99, "from a newer sender");
    position_t first = bury(&rig, buffer_span(&letter), 0), second = first;
    for (int i = 0; i < 3; i++, first = second) {
        draft_sound(EVENT_REQUEUE);
        draft.event.body.requeue.position = first;
        draft.event.body.requeue.envelope = buffer_span(&letter);
        harness_digest(&rig.harness, before);
        assert_int_equal(submit(&rig), REJECT_UNDECODABLE);
        harness_digest(&rig.harness, after);
        assert_memory_equal(before, after, DIGEST_SIZE);
        second = bury(&rig, buffer_span(&rig.harness.envelope), 0);
        assert_false(is_listed(&rig, first));
        assert_true(is_listed(&rig, second));
    }
    assert_int_equal(store_count(rig.harness.txn, validation_core.table_count), 1);
    buffer_fini(&letter);
    rig_stop(&rig);
}

static enum status drop(struct rig *rig, const char *service, position_t position, const char *reason)
{
    draft_sound(EVENT_DEAD_LETTER_DROP);
    draft.event.body.drop = (struct dead_letter_drop){service, position, reason, "wang"};
    return submit(rig);
}

TEST(d20_a_letter_is_dropped_with_a_reason)
{
    static struct rig rig;
    struct buffer letter;
    rig_start(&rig, 0, 1);
    buffer_init(&letter);
    draft_sound(EVENT_NONE);
    envelope_encode(&draft.event, &letter);
    position_t dead = bury(&rig, buffer_span(&letter), 0);
    assert_int_equal(drop(&rig, "validation", dead, "before there was such an event"), REJECT_UNDECODABLE);
    rig_logic_two(&rig);
    assert_int_equal(drop(&rig, "validation", dead, ""), OK);
    assert_string_equal(rig.verdict.findings->items[0].path, "dead_letter_drop.reason");
    assert_int_equal(drop(&rig, "broker", dead, "by hand"), OK);
    assert_string_equal(rig.verdict.findings->items[0].path, "dead_letter_drop.service");
    assert_int_equal(drop(&rig, "settlement", dead, "by hand"), OK); /* another's list */
    assert_false(rig.verdict.refused);
    assert_true(is_listed(&rig, dead));
    assert_int_equal(drop(&rig, "validation", dead + 1, "by hand"), OK);
    assert_requeue_refused(&rig, "dead_letter_drop.position");
    assert_int_equal(drop(&rig, "validation", dead, "by hand"), OK);
    assert_false(rig.verdict.refused);
    assert_false(is_listed(&rig, dead));
    buffer_fini(&letter);
    rig_stop(&rig);
}

TEST(a_requeued_event_is_judged_by_its_first_senders_rights)
{
    static struct rig rig;
    struct buffer bill, record;
    rig_start(&rig, 0, 1);
    buffer_init(&bill);
    buffer_init(&record);
    draft_sound(EVENT_BILL_SETTLE);
    draft.event.sender = HEBEI;
    envelope_encode(&draft.event, &bill);
    submission_encode(&(struct submission){.accepted_at = NOON,
                                           .person_hash = person_hash(span_text(PERSON)),
                                           .envelope = buffer_span(&bill)},
                      &record);
    position_t dead = rig.harness.position;
    harness_bury(&rig.harness, buffer_span(&record), "quarantined");
    requeue(&rig, dead, buffer_span(&bill), PERSON);
    assert_int_equal(rig.verdict.findings->count, 1);
    assert_int_equal(rig.verdict.findings->items[0].rule, RULE_NOT_REGION_OF_CARE);
    assert_string_equal(rig.verdict.findings->items[0].path, "bill_settle.institution");
    buffer_fini(&bill);
    buffer_fini(&record);
    rig_stop(&rig);
}
AROUND_ALL(load_policy, NULL)
