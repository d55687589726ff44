/* SPDX-License-Identifier: Apache-2.0
 * The simulator's checks: a sound history passes, and each thing that must never be is caught, by the sentence that it
 * is caught with. The world here is a sentence. */
#include "tests/sim/checks.h"

#include <stdarg.h>

#include "common/base/digest.h"
#include "common/pb/outcome.h"
#include "tests/support/test.h"

enum { MESSAGES = 6, EVENTS_MS = 1000 };

static char failed[512];

void world_fail(struct world *world, const char *format, ...)
{
    va_list arguments;
    if (failed[0] != 0)
        return;
    va_start(arguments, format);
    (void)vsnprintf(failed, sizeof failed, format, arguments);
    va_end(arguments);
}

const char *world_failed(const struct world *world)
{
    return failed[0] == 0 ? NULL : failed;
}

/* Message i is of a party in turn, stands at i, and its outcome goes to its sender and to Hebei. */
struct history {
    struct checks *checks;
    struct buffer envelopes[MESSAGES], records[MESSAGES], receipts[MESSAGES], outcomes[MESSAGES];
    struct buffer scratch;
};

static struct history history;

static const char *party_of(unsigned i)
{
    return i % 2 == 0 ? "110000" : "120000";
}

static const char *id_of(unsigned i)
{
    static char ids[4][37];
    static unsigned turn;
    char *id = ids[turn++ % 4];
    (void)snprintf(id, 37, "0190b1c2-0000-7000-8000-%012u", i);
    return id;
}

static struct span envelope_of(unsigned i, const char *reason, struct buffer *out)
{
    struct event event = {.version = 1,
                          .sender = party_of(i),
                          .message_id = id_of(i),
                          .sent_at = 1,
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_BILL_REVERSAL,
                          .body.reversal = {1, reason}};
    buffer_reset(out);
    envelope_encode(&event, out);
    return buffer_span(out);
}

static struct span receipt_of(uint32_t kind, unsigned i, uint64_t position, struct span envelope, struct buffer *out)
{
    uint8_t sha256[DIGEST_SIZE], other[12] = {1};
    struct digest *digest = digest_new();
    digest_once(digest, envelope, sha256);
    digest_destroy(&digest);
    struct receipt receipt = {.kind = kind,
                              .message_id = span_text(id_of(i)),
                              .position = position,
                              .accepted_at = EVENTS_MS,
                              .envelope_sha256 = span_of(sha256, sizeof sha256)};
    if (kind == RECEIPT_CONFLICT)
        receipt.accepted_sha256_prefix = span_of(other, sizeof other);
    buffer_reset(out);
    receipt_encode(&receipt, out);
    return buffer_span(out);
}

static struct span record_of(instant_ms_t accepted_at, struct span envelope, struct buffer *out)
{
    buffer_reset(out);
    submission_encode(&(struct submission){.accepted_at = accepted_at, .envelope = envelope}, out);
    return buffer_span(out);
}

static struct span outcome_of(unsigned i, uint64_t position, enum outcome_kind kind, fen_t amount, struct buffer *out)
{
    static struct findings none;
    struct posting postings[2] = {{"fund", 500}, {"owed", -amount}};
    struct outcome outcome;
    outcome_blank(&outcome);
    outcome.position = position;
    outcome.sender = party_of(i);
    outcome.message_id = id_of(i);
    outcome.accepted_at = EVENTS_MS;
    outcome.kind = kind;
    outcome.deliver_to[0] = party_of(i);
    outcome.deliver_to[1] = "130000";
    outcome.deliver_count = 2;
    outcome.findings = &none;
    outcome.postings = postings;
    outcome.posting_count = 2;
    buffer_reset(out);
    outcome_encode(&outcome, out);
    return buffer_span(out);
}

static int start(void **state)
{
    failed[0] = 0;
    history.checks = checks_new(NULL);
    for (unsigned i = 0; i < MESSAGES; i++) {
        struct span envelope = envelope_of(i, "r", &history.envelopes[i]);
        (void)record_of(EVENTS_MS + i, envelope, &history.records[i]);
        (void)receipt_of(RECEIPT_ACCEPTED, i, i, envelope, &history.receipts[i]);
        (void)outcome_of(i, i, OUTCOME_SETTLED, 500, &history.outcomes[i]);
    }
    return 0;
}

static int stop(void **state)
{
    checks_free(&history.checks);
    for (unsigned i = 0; i < MESSAGES; i++) {
        buffer_fini(&history.envelopes[i]);
        buffer_fini(&history.records[i]);
        buffer_fini(&history.receipts[i]);
        buffer_fini(&history.outcomes[i]);
    }
    buffer_fini(&history.scratch);
    return 0;
}
AROUND_EACH(start, stop)

/* ---- what happens in order ---- */

static void receive(unsigned i)
{
    checks_receipt(history.checks, party_of(i), buffer_span(&history.envelopes[i]), buffer_span(&history.receipts[i]),
                   MESSAGES);
}

static void receive_span(unsigned i, struct span receipt)
{
    checks_receipt(history.checks, party_of(i), buffer_span(&history.envelopes[i]), receipt, MESSAGES);
}

static void fetch(const char *party, uint64_t from, const struct span *outcomes, uint32_t count)
{
    struct mailbox_page page = {party, from, outcomes, count, from + count, 0};
    checks_page(history.checks, party, CHECKS_OUTCOMES, from, &page, MESSAGES);
}

static void fetch_all(void)
{
    struct span all[MESSAGES], own[MESSAGES];
    for (unsigned party = 0; party < 2; party++) {
        uint32_t count = 0;
        for (unsigned i = party; i < MESSAGES; i += 2)
            own[count++] = buffer_span(&history.outcomes[i]);
        fetch(party_of(party), 0, own, count);
    }
    for (unsigned i = 0; i < MESSAGES; i++)
        all[i] = buffer_span(&history.outcomes[i]);
    fetch("130000", 0, all, MESSAGES);
}

static void log_record(unsigned i)
{
    checks_submission(history.checks, i, buffer_span(&history.records[i]));
}

static void decide(unsigned i)
{
    struct span said[2] = {{NULL, 0}, buffer_span(&history.outcomes[i])};
    checks_decided(history.checks, i, said, 2, span_of(NULL, 0));
}

static void all_received_and_logged(void)
{
    for (unsigned i = 0; i < MESSAGES; i++) {
        receive(i);
        log_record(i);
    }
}

static void caught(const char *sentence)
{
    if (strstr(failed, sentence) == NULL)
        fail_msg("\"%s\" was not said, but \"%s\"", sentence, failed);
}

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

/* ---- the log ---- */

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
