/* SPDX-License-Identifier: Apache-2.0
 * The simulator's checks of the log: each thing that must never be is caught. */
#include "tests/unit/sim_checks_rig.h"

AROUND_EACH(rig_start, rig_stop)

TEST(stamps_that_go_back_are_caught)
{
    log_record(0);
    checks_submission(history.checks, 1,
                      record_of(EVENTS_MS - 1, buffer_span(&history.envelopes[1]), &history.scratch));
    caught("1 was accepted at 999 ms, the one before it at 1000");
}

TEST(an_id_twice_in_the_log_is_caught)
{
    log_record(0);
    checks_submission(history.checks, 1, buffer_span(&history.records[0]));
    caught("stands at 0 and at 1");
}

TEST(a_record_that_changes_is_caught)
{
    log_record(0);
    checks_submission(history.checks, 0, buffer_span(&history.records[1]));
    caught("0 of submissions held other bytes");
}

TEST(a_record_other_than_its_receipt_is_caught)
{
    struct buffer other = {0};
    receive(0);
    checks_submission(history.checks, 0, record_of(EVENTS_MS, envelope_of(0, "another", &other), &history.scratch));
    caught("is not what its receipt is for");
    buffer_fini(&other);
}

TEST(a_record_where_no_receipt_says_is_caught)
{
    receive(2);
    checks_submission(history.checks, 0, buffer_span(&history.records[2]));
    caught("stands at 2, and the log says at 0");
}

TEST(a_gap_in_the_log_is_caught)
{
    log_record(0);
    log_record(2);
    caught("submissions lack 1 to 1");
}

TEST(a_position_without_a_decision_is_caught)
{
    struct span none[2] = {{NULL, 0}, {NULL, 0}};
    all_received_and_logged();
    checks_decided(history.checks, 0, none, 2, none[0]);
    caught("0 has 0 outcomes, 0 of them decisions");
}

TEST(a_position_with_two_decisions_is_caught)
{
    struct span two[2] = {buffer_span(&history.outcomes[0]), buffer_span(&history.outcomes[0])};
    all_received_and_logged();
    checks_decided(history.checks, 0, two, 2, span_of(NULL, 0));
    caught("0 has 2 outcomes, 2 of them decisions");
}

TEST(postings_that_make_money_are_caught)
{
    struct span one = outcome_of(0, 0, OUTCOME_SETTLED, 499, &history.scratch);
    log_record(0);
    checks_decided(history.checks, 0, &one, 1, span_of(NULL, 0));
    caught("postings of 0 add up to 1 fen");
}

TEST(an_outcome_that_the_log_does_not_hold_is_caught)
{
    struct span first = outcome_of(0, 0, OUTCOME_REFUSED, 500, &history.scratch);
    fetch("110000", 0, &first, 1);
    log_record(0);
    decide(0);
    caught("place 0 of 110000, box 0, is of 0; by the log it is of 0, or of other bytes");
}

TEST(a_mailbox_that_skips_one_is_caught)
{
    struct span two[2] = {buffer_span(&history.outcomes[0]), buffer_span(&history.outcomes[2])};
    all_received_and_logged();
    fetch("130000", 0, two, 2);
    decide(0);
    assert_string_equal(failed, "");
    decide(1);
    caught("place 1 of 130000, box 0, is of 2; by the log it is of 1");
}

TEST(an_outcome_that_never_came_is_caught)
{
    struct span first = buffer_span(&history.outcomes[0]);
    all_received_and_logged();
    fetch("110000", 0, &first, 1);
    for (unsigned i = 0; i < MESSAGES; i++)
        decide(i);
    assert_string_equal(failed, "");
    checks_end(history.checks);
    caught("110000, box 0, was told 1; by the log it is 3");
}

TEST(a_receipt_that_the_log_lost_is_caught)
{
    receive(0);
    checks_end(history.checks);
    caught("was said to stand at 0, and the log does not have it");
}

TEST(a_bill_in_two_tables_is_caught)
{
    checks_cleared(history.checks, 202510, 3);
    assert_string_equal(failed, "");
    checks_cleared(history.checks, 202511, 3);
    caught("the bill of 3 stands in a table of 202510 and in one of 202511");
}
