/* SPDX-License-Identifier: Apache-2.0
 * The mailbox core over three partitions' outcomes: one place a delivery, in the order of positions and partitions; a
 * tick's notices beside each other, everything else alone. */
#include "services/mailbox/mailbox_core.h"
#include "common/pb/outcome.h"
#include "tests/support/core_harness.h"
#include "tests/support/test.h"

enum { PARTITIONS = 3 };

struct rig {
    struct harness harness;
    struct buffer records[PARTITIONS];
};

static void rig_start(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    harness_start(&rig->harness, &mailbox_core, 0, 1, 0);
}

static void rig_stop(struct rig *rig)
{
    harness_stop(&rig->harness);
    for (unsigned i = 0; i < PARTITIONS; i++)
        buffer_fini(&rig->records[i]);
}

static void write(struct rig *rig, unsigned partition, enum outcome_kind kind, const char *party)
{
    char id[40];
    (void)snprintf(id, sizeof id, "partition %u", partition);
    struct outcome outcome = {.position = rig->harness.position,
                              .sender = "exchange",
                              .message_id = id,
                              .accepted_at = 1,
                              .kind = kind,
                              .deliver_to = {party},
                              .deliver_count = party != NULL};
    outcome_encode(&outcome, &rig->records[partition]);
}

static enum status apply(struct rig *rig)
{
    struct span records[PARTITIONS];
    for (unsigned i = 0; i < PARTITIONS; i++)
        records[i] = buffer_span(&rig->records[i]);
    enum status status = harness_apply(&rig->harness, records, PARTITIONS);
    for (unsigned i = 0; i < PARTITIONS; i++)
        buffer_reset(&rig->records[i]);
    return status;
}

static void assert_place(struct rig *rig, const char *party, uint64_t seq, position_t position, unsigned partition)
{
    struct span record;
    struct outcome_head head;
    char id[40];
    assert_true(mailbox_at(rig->harness.self, rig->harness.txn, party, seq, &record));
    assert_int_equal(outcome_head_read(record, &head), OK);
    (void)snprintf(id, sizeof id, "partition %u", partition);
    assert_int_equal(head.position, position);
    assert_true(span_equal(head.message_id, span_text(id)));
}

TEST(notices_of_a_tick_stand_beside_each_other)
{
    struct rig rig;
    struct span record;
    struct outcome_head head;
    rig_start(&rig);
    write(&rig, 1, OUTCOME_SETTLED, "110000"); /* position 0 */
    assert_int_equal(apply(&rig), OK);
    write(&rig, 0, OUTCOME_APPLIED, NULL); /* position 1: a tick, two partitions have something to say */
    write(&rig, 1, OUTCOME_NOTICE, "110000");
    write(&rig, 2, OUTCOME_NOTICE, "110000");
    assert_int_equal(apply(&rig), OK);
    write(&rig, 0, OUTCOME_NOTICE, "120000"); /* position 2: partition 0 itself, and another */
    write(&rig, 2, OUTCOME_NOTICE, "110000");
    assert_int_equal(apply(&rig), OK);
    write(&rig, 2, OUTCOME_SETTLED, "110000"); /* position 3 */
    assert_int_equal(apply(&rig), OK);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(mailbox_end(rig.harness.self, "110000"), 5);
        assert_int_equal(mailbox_end(rig.harness.self, "120000"), 1);
        assert_place(&rig, "110000", 0, 0, 1);
        assert_place(&rig, "110000", 1, 1, 1);
        assert_place(&rig, "110000", 2, 1, 2);
        assert_place(&rig, "110000", 3, 2, 2);
        assert_place(&rig, "110000", 4, 3, 2);
        assert_place(&rig, "120000", 0, 2, 0);
        assert_int_equal(mailbox_seq_of(rig.harness.self, rig.harness.txn, "110000", 1), 1);
        assert_int_equal(mailbox_seq_of(rig.harness.self, rig.harness.txn, "110000", 2), 3);
        assert_int_equal(mailbox_seq_of(rig.harness.self, rig.harness.txn, "110000", 3), 4);
        assert_true(mailbox_outcome(rig.harness.txn, 1, &record)); /* by position: the tick's own */
        assert_int_equal(outcome_head_read(record, &head), OK);
        assert_int_equal(head.kind, OUTCOME_APPLIED);
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

static void say(struct rig *rig, enum outcome_kind kind, const char *row, position_t original)
{
    struct outcome outcome = {.position = rig->harness.position,
                              .sender = "110000",
                              .message_id = "",
                              .accepted_at = 1,
                              .kind = kind,
                              .original_position = original,
                              .row = span_text(row)};
    outcome_encode(&outcome, &rig->records[0]);
    assert_int_equal(apply(rig), OK);
}

/* F09: an outcome says what was so then; asked for it again, one is told what stands since. */
TEST(what_was_superseded_is_told)
{
    static const position_t newer[] = {4, 4, 0, 6, 0, 0, 0};
    struct rig rig;
    struct span record;
    rig_start(&rig);
    say(&rig, OUTCOME_APPLIED, "row-of-16-bytes-", 0);
    say(&rig, OUTCOME_APPLIED, "row-of-16-bytes-", 0);
    say(&rig, OUTCOME_APPLIED, "another-16-bytes", 0);
    say(&rig, OUTCOME_SETTLED, "", 0);
    say(&rig, OUTCOME_APPLIED, "row-of-16-bytes-", 0);
    say(&rig, OUTCOME_REFUSED, "", 0);
    say(&rig, OUTCOME_REVERSED, "", 3);
    for (int again = 0; again < 2; again++) {
        for (position_t i = 0; i < sizeof newer / sizeof newer[0]; i++) {
            assert_true(mailbox_outcome(rig.harness.txn, i, &record));
            assert_int_equal(mailbox_superseded_by(rig.harness.txn, record), newer[i]);
        }
        harness_restart(&rig.harness);
    }
    rig_stop(&rig);
}

TEST(two_answers_to_one_submission_are_corruption)
{
    static const enum outcome_kind second[] = {OUTCOME_SETTLED, OUTCOME_APPLIED, OUTCOME_MOVED, OUTCOME_REFUSED};
    for (unsigned i = 0; i < sizeof second / sizeof second[0]; i++) {
        struct rig rig;
        rig_start(&rig);
        write(&rig, 0, OUTCOME_NOTICE, "110000");
        write(&rig, 1, second[i], "110000");
        assert_int_equal(apply(&rig), FATAL_CORRUPT);
        rig_stop(&rig);
    }
    struct rig rig;
    rig_start(&rig);
    assert_int_equal(apply(&rig), FATAL_CORRUPT); /* and none at all */
    rig_stop(&rig);
}
