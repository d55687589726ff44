/* SPDX-License-Identifier: Apache-2.0
 * The simulator's checks of what clients hear: a sound history passes, and each thing that must never be is caught, by
 * the sentence that it is caught with. */
#include "tests/unit/sim_checks_rig.h"

AROUND_EACH(rig_start, rig_stop)

TEST(a_sound_history_passes)
{
    struct pong pong = {MESSAGES, MESSAGES, 1};
    all_received_and_logged();
    all_received_and_logged();
    fetch_all();
    fetch_all();
    checks_pong(history.checks, "110000", CHECKS_GATE, &pong, MESSAGES);
    checks_confirmed(history.checks, "130000", CHECKS_OUTCOMES, MESSAGES);
    struct query_answer answer = {.state = MESSAGE_STATE_DECIDED, .receipt = buffer_span(&history.receipts[0])};
    checks_query(history.checks, "110000", span_text(id_of(0)), &answer, MESSAGES);
    answer = (struct query_answer){.state = MESSAGE_STATE_DECIDED, .outcome = buffer_span(&history.outcomes[0])};
    checks_query_position(history.checks, "110000", 0, &answer, MESSAGES);
    for (unsigned i = 0; i < MESSAGES; i++)
        decide(i);
    checks_end(history.checks);
    assert_string_equal(failed, "");
    assert_int_equal(checks_accepted(history.checks), MESSAGES);
    assert_int_equal(checks_delivered(history.checks), 2 * MESSAGES);
}

/* ---- receipts ---- */

TEST(an_id_with_two_positions_is_caught)
{
    receive(0);
    receive_span(0, receipt_of(RECEIPT_ACCEPTED, 0, 4, buffer_span(&history.envelopes[0]), &history.scratch));
    caught("has two receipts");
}

TEST(a_position_with_two_ids_is_caught)
{
    receive(0);
    receive_span(2, receipt_of(RECEIPT_ACCEPTED, 2, 0, buffer_span(&history.envelopes[2]), &history.scratch));
    caught("0 holds 110000/");
}

TEST(a_receipt_for_other_bytes_is_caught)
{
    receive_span(0, receipt_of(RECEIPT_ACCEPTED, 0, 0, buffer_span(&history.envelopes[2]), &history.scratch));
    caught("is for other bytes than were sent");
}

TEST(other_bytes_taken_for_the_same_id_are_caught)
{
    struct buffer other = {0};
    receive(0);
    struct span envelope = envelope_of(0, "another", &other);
    checks_receipt(history.checks, party_of(0), envelope,
                   receipt_of(RECEIPT_ACCEPTED, 0, 0, envelope, &history.scratch), MESSAGES);
    caught("was accepted with other bytes before");
    buffer_fini(&other);
}

TEST(a_receipt_of_another_id_is_caught)
{
    receive_span(0, buffer_span(&history.receipts[2]));
    caught("names another id");
}

TEST(a_receipt_before_its_record_is_durable_is_caught)
{
    checks_receipt(history.checks, party_of(3), buffer_span(&history.envelopes[3]), buffer_span(&history.receipts[3]),
                   3);
    caught("only what is below 3 is durable");
}

TEST(a_refusal_of_what_was_accepted_is_caught)
{
    receive(0);
    receive_span(0, receipt_of(RECEIPT_REFUSED, 0, 0, buffer_span(&history.envelopes[0]), &history.scratch));
    caught("was accepted, and is refused now");
}

TEST(a_conflict_with_what_was_never_there_is_caught)
{
    receive(0);
    receive_span(0, receipt_of(RECEIPT_CONFLICT, 0, 0, buffer_span(&history.envelopes[0]), &history.scratch));
    caught("holds other bytes than a conflict names");
}

TEST(what_is_no_envelope_and_accepted_is_caught)
{
    checks_receipt(history.checks, "110000", span_text("garbage"), buffer_span(&history.receipts[0]), MESSAGES);
    caught("what is no envelope was accepted");
}

/* ---- queries ---- */

TEST(a_query_that_forgets_a_receipt_is_caught)
{
    struct query_answer answer = {.state = MESSAGE_STATE_UNKNOWN};
    receive(0);
    checks_query(history.checks, "110000", span_text(id_of(0)), &answer, MESSAGES);
    caught("a query says it is not known");
}

TEST(a_query_with_another_receipt_is_caught)
{
    receive(0);
    struct span other = receipt_of(RECEIPT_ACCEPTED, 0, 4, buffer_span(&history.envelopes[0]), &history.scratch);
    struct query_answer answer = {.state = MESSAGE_STATE_ACCEPTED, .receipt = other};
    checks_query(history.checks, "110000", span_text(id_of(0)), &answer, MESSAGES);
    caught("has two receipts");
}

TEST(a_state_that_goes_back_is_caught)
{
    struct query_answer answer = {.state = MESSAGE_STATE_DECIDED, .outcome = buffer_span(&history.outcomes[0])};
    receive(0);
    checks_query_position(history.checks, "110000", 0, &answer, MESSAGES);
    assert_string_equal(failed, "");
    answer = (struct query_answer){.state = MESSAGE_STATE_ACCEPTED};
    checks_query_position(history.checks, "110000", 0, &answer, MESSAGES);
    caught("was told state 3 of 0 before, and 2 now");
}

TEST(a_mailbox_that_does_not_know_a_receipt_is_caught)
{
    struct query_answer answer = {.state = MESSAGE_STATE_UNKNOWN};
    receive(0);
    checks_query_position(history.checks, "110000", 0, &answer, MESSAGES);
    caught("was told that 0 is not known, which it is");
}

/* ---- mailboxes ---- */

TEST(a_place_with_other_bytes_is_caught)
{
    struct span first = buffer_span(&history.outcomes[0]);
    fetch("130000", 0, &first, 1);
    first = buffer_span(&history.outcomes[1]);
    fetch("130000", 0, &first, 1);
    caught("place 0 of 130000, box 0, held an outcome of 0");
}

TEST(a_gap_is_caught)
{
    struct span first = buffer_span(&history.outcomes[1]);
    fetch("130000", 1, &first, 1);
    caught("was never told places 0 to 0");
}

TEST(a_page_from_elsewhere_is_caught)
{
    struct span first = buffer_span(&history.outcomes[0]);
    struct mailbox_page page = {"130000", 0, &first, 1, 1, 0};
    checks_page(history.checks, "130000", CHECKS_OUTCOMES, 1, &page, MESSAGES);
    caught("asked for 1 of box 0, and got 0");
}

TEST(an_order_that_is_not_the_logs_is_caught)
{
    struct span two[2] = {buffer_span(&history.outcomes[1]), buffer_span(&history.outcomes[0])};
    fetch("130000", 0, two, 2);
    caught("place 1 of 130000, box 0, is of 0, behind one of 1");
}

TEST(an_outcome_twice_is_caught)
{
    struct span two[2] = {buffer_span(&history.outcomes[0]), buffer_span(&history.outcomes[0])};
    fetch("130000", 0, two, 2);
    caught("place 1 of 130000, box 0, is of 0, behind one of 0");
}

TEST(two_outcomes_of_a_position_are_caught)
{
    struct span first = buffer_span(&history.outcomes[0]);
    fetch("130000", 0, &first, 1);
    first = outcome_of(0, 0, OUTCOME_REFUSED, 500, &history.scratch);
    fetch("110000", 0, &first, 1);
    caught("110000 was told another outcome of 0 than was told before");
}

TEST(somebody_elses_outcome_is_caught)
{
    struct span first = buffer_span(&history.outcomes[0]);
    fetch("120000", 0, &first, 1);
    caught("holds nothing of its own");
}

TEST(an_outcome_before_its_submission_is_durable_is_caught)
{
    struct span first = buffer_span(&history.outcomes[0]);
    struct mailbox_page page = {"130000", 0, &first, 1, 1, 0};
    checks_page(history.checks, "130000", CHECKS_OUTCOMES, 0, &page, 0);
    caught("an outcome of 0 was told");
}

TEST(an_end_or_a_confirmation_that_goes_back_is_caught)
{
    struct mailbox_page page = {.mailbox = "130000", .first = MESSAGES, .end = MESSAGES, .confirmed = 3};
    fetch_all();
    checks_page(history.checks, "130000", CHECKS_OUTCOMES, MESSAGES, &page, MESSAGES);
    assert_string_equal(failed, "");
    page.end--;
    checks_page(history.checks, "130000", CHECKS_OUTCOMES, MESSAGES, &page, MESSAGES);
    caught("box 0 of 130000 ended at 6, and ends at 5 now");
    failed[0] = 0;
    checks_confirmed(history.checks, "130000", CHECKS_OUTCOMES, 2);
    caught("had confirmed 3, and has 2 now");
    failed[0] = 0;
    checks_confirmed(history.checks, "130000", CHECKS_OUTCOMES, MESSAGES + 1);
    caught("has confirmed 7, and was told 6");
}

TEST(a_pong_that_goes_back_or_ahead_is_caught)
{
    struct pong pong = {4, 3, 0};
    checks_pong(history.checks, "110000", CHECKS_GATE, &pong, 4);
    assert_string_equal(failed, "");
    pong.outcomes_end = 2;
    checks_pong(history.checks, "110000", CHECKS_GATE, &pong, 4);
    caught("said 4 and 3, and says 4 and 2 now");
    failed[0] = 0;
    pong.submissions_end = 5;
    checks_pong(history.checks, "120000", CHECKS_GATE, &pong, 4);
    caught("a pong says 5, and 4 are durable");
}
