/* SPDX-License-Identifier: Apache-2.0
 * The audit core: the chain recomputed by an independent hand, trails and counts asked for over the wire, anomalies. */
#include "services/audit/audit_core.h"
#include "common/codes/rule.h"
#include "common/engines/tlog/tree.h"
#include "common/pb/outcome.h"
#include "tests/support/test.h"
#include "tests/unit/audit_rig.h"

static struct trail ask_trail(struct rig *rig, position_t position)
{
    struct audit_answer answer = ask(rig, &(struct audit_query){AUDIT_ASK_TRAIL, {.trail = {position}}});
    assert_int_equal(answer.kind, AUDIT_TRAIL);
    return answer.body.trail;
}

static struct counts ask_counts(struct rig *rig)
{
    struct audit_answer answer = ask(rig, &(struct audit_query){.kind = AUDIT_ASK_COUNTS});
    assert_int_equal(answer.kind, AUDIT_COUNTS);
    return answer.body.counts;
}

static uint64_t count_of(const struct count *counts, uint32_t count, uint32_t key)
{
    for (uint32_t i = 0; i < count; i++)
        if (counts[i].key == key)
            return counts[i].value;
    return 0;
}

/* ---- the chain by another hand: one buffer, hashed at once ---- */

static void extend(uint8_t head[DIGEST_SIZE], position_t position, struct span submission, struct span outcome)
{
    struct digest *digest = digest_new();
    struct buffer text;
    buffer_init(&text);
    buffer_append(&text, head, DIGEST_SIZE);
    for (int shift = 56; shift >= 0; shift -= 8)
        buffer_append(&text, &(uint8_t){(uint8_t)(position >> shift)}, 1);
    for (int i = 0; i < 2; i++) {
        struct span bytes = i == 0 ? submission : outcome;
        for (int shift = 24; shift >= 0; shift -= 8)
            buffer_append(&text, &(uint8_t){(uint8_t)(bytes.size >> shift)}, 1);
        buffer_append(&text, bytes.data, bytes.size);
    }
    digest_once(digest, buffer_span(&text), head);
    digest_destroy(&digest);
    buffer_fini(&text);
}

static void assert_head(struct rig *rig, const uint8_t head[DIGEST_SIZE])
{
    struct span chain = ask_counts(rig).chain;
    assert_int_equal(chain.size, DIGEST_SIZE);
    assert_memory_equal(chain.data, head, DIGEST_SIZE);
}

TEST(the_chain_is_what_the_contract_says)
{
    struct rig rig;
    uint8_t head[DIGEST_SIZE] = {0}, third[DIGEST_SIZE] = {0};
    rig_start(&rig);
    for (position_t i = 0; i < 300; i++) {
        record(&rig, OUTCOME_APPLIED, NULL);
        extend(head, i, buffer_span(&rig.harness.record), buffer_span(&rig.harness.outcome));
        assert_head(&rig, head);
        if (i == 3)
            memcpy(third, head, sizeof third);
        if (i % 100 == 50)
            harness_restart(&rig.harness);
    }
    struct span chain = ask_trail(&rig, 3).chain;
    assert_int_equal(chain.size, DIGEST_SIZE);
    assert_memory_equal(chain.data, third, DIGEST_SIZE);
    rig_stop(&rig);
}

TEST(any_bit_changed_changes_the_chain)
{
    struct rig rig;
    uint8_t head[DIGEST_SIZE] = {0};
    rig_start(&rig);
    prepare(&rig, 0, OUTCOME_APPLIED, NULL);
    extend(head, 0, buffer_span(&rig.harness.record), buffer_span(&rig.harness.outcome));
    rig.harness.record.data[rig.harness.record.size - 1] ^= 1;
    assert_int_equal(harness_apply_decided(&rig.harness, 0), OK);
    struct span chain = ask_counts(&rig).chain;
    assert_int_equal(chain.size, DIGEST_SIZE);
    assert_memory_not_equal(chain.data, head, DIGEST_SIZE);
    rig_stop(&rig);
}

TEST(a_trail_names_sender_message_event_and_outcome)
{
    struct rig rig;
    rig_start(&rig);
    record(&rig, OUTCOME_APPLIED, NULL);
    record(&rig, OUTCOME_DEAD_LETTER, NULL);
    for (unsigned pass = 0; pass < 2; pass++) {
        struct trail trail = ask_trail(&rig, 1);
        assert_true(trail.found);
        assert_int_equal(trail.position, 1);
        assert_int_equal(trail.accepted_at, ACCEPTED + 1);
        assert_string_equal(trail.sender, "operator");
        assert_string_equal(trail.message_id, rig.harness.message_id);
        assert_string_equal(trail.event, "tick");
        assert_int_equal(trail.outcome_kind, OUTCOME_DEAD_LETTER);
        assert_int_equal(ask_trail(&rig, 0).outcome_kind, OUTCOME_APPLIED);
        trail = ask_trail(&rig, 2);
        assert_false(trail.found);
        assert_int_equal(trail.chain.size, 0);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

TEST(counts_are_by_kind_and_by_rule)
{
    static struct findings findings;
    struct rig rig;
    rig_start(&rig);
    memset(&findings, 0, sizeof findings);
    findings_add(&findings, RULE_BILL_LOCAL, "bill_settle.insured_area", "");
    findings_add(&findings, RULE_BILL_CARE_KIND, "bill_settle.care_kind", "");
    for (int i = 0; i < 3; i++)
        record(&rig, OUTCOME_APPLIED, NULL);
    record(&rig, OUTCOME_REFUSED, &findings);
    findings_add(&findings, RULE_BILL_CARE_KIND, "bill_settle.care_kind", "");
    record(&rig, OUTCOME_REFUSED, &findings);
    for (unsigned pass = 0; pass < 2; pass++) { /* from memory, then from the store */
        struct counts counts = ask_counts(&rig);
        assert_int_equal(counts.submissions, 5);
        assert_int_equal(counts.outcomes, 5);
        assert_int_equal(counts.anomalies, 0);
        assert_int_equal(count_of(counts.by_kind, counts.by_kind_count, OUTCOME_APPLIED), 3);
        assert_int_equal(count_of(counts.by_kind, counts.by_kind_count, OUTCOME_REFUSED), 2);
        assert_int_equal(count_of(counts.by_kind, counts.by_kind_count, OUTCOME_SETTLED), 0);
        assert_int_equal(count_of(counts.by_rule, counts.by_rule_count, RULE_BILL_LOCAL), 2);
        assert_int_equal(count_of(counts.by_rule, counts.by_rule_count, RULE_BILL_CARE_KIND), 3);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

TEST(anomalies_stop_and_leave_no_trace)
{
    struct rig rig;
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    rig_start(&rig);
    record(&rig, OUTCOME_APPLIED, NULL);
    harness_digest(&rig.harness, before);
    prepare(&rig, 1, OUTCOME_APPLIED, NULL);
    struct span submission = buffer_span(&rig.harness.record), outcome = buffer_span(&rig.harness.outcome),
                none = {NULL, 0};
    struct span torn = span_of(outcome.data, 3);
    assert_int_equal(harness_apply(&rig.harness, (struct span[]){submission, none, none}, 3), FATAL_CORRUPT);
    assert_int_equal(harness_apply(&rig.harness, (struct span[]){submission, outcome, outcome}, 3), FATAL_CORRUPT);
    assert_int_equal(harness_apply(&rig.harness, (struct span[]){submission, none, torn}, 3), FATAL_CORRUPT);
    prepare(&rig, 2, OUTCOME_APPLIED, NULL); /* another position's */
    assert_int_equal(harness_apply_decided(&rig.harness, 0), FATAL_CORRUPT);
    prepare(&rig, 1, (enum outcome_kind)200, NULL); /* no kind of ours */
    assert_int_equal(harness_apply_decided(&rig.harness, 0), FATAL_CORRUPT);
    harness_digest(&rig.harness, after);
    assert_memory_equal(before, after, DIGEST_SIZE);
    rig_stop(&rig);
}

/* At a tick another partition's NOTICE follows the first outcome, in the chain as on the streams. */
TEST(a_further_notice_is_chained_behind_the_first)
{
    struct rig rig;
    struct buffer first, text;
    uint8_t head[DIGEST_SIZE] = {0};
    rig_start(&rig);
    buffer_init(&first);
    buffer_init(&text);
    prepare(&rig, 0, OUTCOME_APPLIED, NULL);
    buffer_append(&first, rig.harness.outcome.data, rig.harness.outcome.size);
    prepare(&rig, 0, OUTCOME_NOTICE, NULL);
    struct span records[] = {buffer_span(&rig.harness.record), buffer_span(&first), buffer_span(&rig.harness.outcome)};
    assert_int_equal(harness_apply(&rig.harness, records, 3), OK);
    buffer_append(&text, head, DIGEST_SIZE);
    buffer_append(&text, "\0\0\0\0\0\0\0\0", 8);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t size[4];
        bytes_put_be(size, records[i].size, sizeof size);
        buffer_append(&text, size, sizeof size);
        buffer_append(&text, records[i].data, records[i].size);
    }
    struct digest *digest = digest_new();
    digest_once(digest, buffer_span(&text), head);
    assert_head(&rig, head);
    prepare(&rig, 1, OUTCOME_NOTICE, NULL); /* but no second answer that is none */
    buffer_reset(&first);
    buffer_append(&first, rig.harness.outcome.data, rig.harness.outcome.size);
    prepare(&rig, 1, OUTCOME_MOVED, NULL);
    struct span wrong[] = {buffer_span(&rig.harness.record), buffer_span(&first), buffer_span(&rig.harness.outcome)};
    assert_int_equal(harness_apply(&rig.harness, wrong, 3), FATAL_CORRUPT);
    digest_destroy(&digest);
    buffer_fini(&first);
    buffer_fini(&text);
    rig_stop(&rig);
}

/* A dead letter may be any bytes: it has its link and its trail all the same. */
TEST(a_submission_that_cannot_be_read_is_chained)
{
    static const uint8_t garbage[] = {0xff, 0xff, 0xff, 0x07, 0x00};
    struct rig rig;
    uint8_t head[DIGEST_SIZE] = {0};
    rig_start(&rig);
    for (size_t size = 0; size <= sizeof garbage; size++) {
        prepare(&rig, rig.harness.position, OUTCOME_DEAD_LETTER, NULL);
        buffer_reset(&rig.harness.record);
        buffer_append(&rig.harness.record, garbage, size);
        extend(head, rig.harness.position, buffer_span(&rig.harness.record), buffer_span(&rig.harness.outcome));
        assert_int_equal(harness_apply_decided(&rig.harness, 1), OK);
        assert_head(&rig, head);
        assert_int_equal(ask_trail(&rig, rig.harness.position - 1).outcome_kind, OUTCOME_DEAD_LETTER);
    }
    rig_stop(&rig);
}

/* Each bit of an outcome turned: read, or refused as corrupt. */
TEST(damaged_outcomes_never_crash)
{
    static struct findings findings;
    struct rig rig;
    rig_start(&rig);
    memset(&findings, 0, sizeof findings);
    findings_add(&findings, RULE_BILL_LOCAL, "bill_settle.insured_area", "");
    prepare(&rig, 0, OUTCOME_REFUSED, &findings);
    size_t bits = rig.harness.outcome.size * 8, read = 0;
    for (size_t bit = 0; bit < bits; bit++) {
        prepare(&rig, rig.harness.position, OUTCOME_REFUSED, &findings);
        if (bit / 8 < rig.harness.outcome.size)
            rig.harness.outcome.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum status status = harness_apply_decided(&rig.harness, 0);
        assert_true(status == OK || status == FATAL_CORRUPT);
        read += status == OK;
    }
    assert_int_equal(ask_counts(&rig).submissions, read);
    assert_true(read > 0 && read < bits);
    rig_stop(&rig);
}

TEST(questions_that_are_none_are_refused)
{
    static const struct {
        uint8_t bytes[8];
        size_t size;
    } rows[] = {{{0}, 0}, {{0x0a}, 1}, {{0x0a, 0x05, 0x08}, 3}, {{0x08, 0x01}, 2}, {{0xff, 0xff}, 2}, {{0x0b}, 1}};
    struct rig rig;
    rig_start(&rig);
    record(&rig, OUTCOME_APPLIED, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buffer_reset(&rig.harness.answer);
        assert_int_equal(audit_core.query(rig.harness.self, rig.harness.txn, span_of(rows[i].bytes, rows[i].size),
                                          &rig.harness.answer),
                         REJECT_MALFORMED);
        assert_int_equal(rig.harness.answer.size, 0);
    }
    rig_stop(&rig);
}

TEST(the_same_log_gives_the_same_digest)
{
    struct rig rigs[2];
    uint8_t digests[2][DIGEST_SIZE];
    for (int i = 0; i < 2; i++) {
        rig_start(&rigs[i]);
        for (int j = 0; j < 40; j++) {
            record(&rigs[i], j % 3 == 0 ? OUTCOME_REFUSED : OUTCOME_APPLIED, NULL);
            if (i == 1 && j % 7 == 0)
                harness_restart(&rigs[i].harness);
        }
        harness_digest(&rigs[i].harness, digests[i]);
        rig_stop(&rigs[i]);
    }
    assert_memory_equal(digests[0], digests[1], DIGEST_SIZE);
}

TEST(d20_audit_drops_its_own_letters)
{
    struct rig rig;
    struct span letter, record = span_text("what stopped it");
    rig_start(&rig);
    position_t dead = rig.harness.position;
    harness_bury(&rig.harness, record, "quarantined");
    for (unsigned i = 0; i < 3; i++) {
        bool own = i != 0, admitted = i != 1;
        struct event event = {.sender = "operator",
                              .kind = EVENT_DEAD_LETTER_DROP,
                              .body.drop = {.service = own ? "audit" : "books", .position = dead, .reason = "by hand"}};
        prepare(&rig, rig.harness.position, admitted ? OUTCOME_APPLIED : OUTCOME_REFUSED, NULL);
        harness_submission(&rig.harness, ACCEPTED, harness_envelope(&rig.harness, &event));
        assert_int_equal(harness_apply_decided(&rig.harness, 0), OK);
        assert_int_equal(core_was_dead(&audit_core, rig.harness.txn, dead, &letter), i < 2);
    }
    rig_stop(&rig);
}

/* ---- the transparency log ---- */

static struct span ask_tile(struct rig *rig, unsigned level)
{
    struct audit_answer answer = ask(rig, &(struct audit_query){AUDIT_ASK_TILE, {.tile = {level, 0}}});
    assert_int_equal(answer.kind, AUDIT_TILE);
    return answer.body.tile.bytes;
}

TEST(a_leaf_a_position_also_of_what_was_buried)
{
    struct rig rig;
    struct span entry;
    rig_start(&rig);
    for (position_t i = 0; i < 300; i++) {
        if (i == 255 || i == 0 || i == 299) { /* one of them fills a tile, right after a commit */
            harness_commit(&rig.harness);
            prepare(&rig, i, OUTCOME_APPLIED, NULL);
            harness_bury(&rig.harness, buffer_span(&rig.harness.record), "it stopped the service");
        } else {
            record(&rig, OUTCOME_APPLIED, NULL);
        }
        if (i == 150)
            harness_restart(&rig.harness);
    }
    assert_int_equal(ask_tile(&rig, 0).size, 256 * DIGEST_SIZE);
    assert_int_equal(ask_tile(&rig, 1).size, DIGEST_SIZE);
    assert_int_equal(ask_tile(&rig, 2).size, 0);
    struct span bundle = ask_tile(&rig, TLOG_LEVEL_ENTRIES);
    assert_true(tlog_bundle_entry(bundle, 255, &entry));
    assert_int_equal(entry.data[20], 0); /* the outcome was not among what was buried here */
    assert_true(tlog_bundle_entry(bundle, 254, &entry));
    assert_int_equal(entry.data[11], 254);
    assert_int_equal(entry.data[20], OUTCOME_APPLIED);
    rig_stop(&rig);
}
