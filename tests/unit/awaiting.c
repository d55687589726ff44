/* SPDX-License-Identifier: Apache-2.0
 * Outcomes of what was sent, out of a mailbox that is played here: each once, in the order in which it was sent, and
 * nobody is asked one by one for what the mailbox has. */
#include "tools/awaiting.h"

#include "common/pb/outcome.h"
#include "tests/support/test.h"

enum { LOG = 64, PAGE = 5 };

/* ---- an exchange ---- */

static struct {
    uint64_t log_end, decided; /* outcomes below it are there */
    bool delivered[LOG];       /* to us */
    bool silent;               /* the gate does not answer pings */
    bool refuses;              /* the mailbox is not ready */
    unsigned asked, fetched;
    uint64_t newer;
} exchange;

enum ht_result ht_ping(struct ht_client *client, uint32_t deadline_ms, uint64_t *submissions_end,
                       uint64_t *outcomes_end, int64_t *now_ms)
{
    *submissions_end = exchange.silent ? 77 : exchange.log_end;
    *outcomes_end = exchange.decided;
    *now_ms = 1;
    return exchange.silent ? HT_TIMEOUT : HT_OK;
}

static struct buffer outcome_at(uint64_t position, enum outcome_kind kind)
{
    struct buffer bytes = {0};
    struct outcome outcome = {.position = position, .kind = kind, .sender = "120000"};
    outcome_encode(&outcome, &bytes);
    return bytes;
}

enum ht_result ht_fetch(struct ht_client *client, const char *mailbox, uint64_t from, uint32_t count_max,
                        uint32_t wait_ms, void (*each)(void *, uint64_t, const void *, size_t), void *self,
                        uint64_t *end, uint64_t *confirmed)
{
    uint64_t place = 0, told = 0;
    exchange.fetched++;
    if (exchange.refuses)
        return HT_REFUSED;
    if (wait_ms > 0 && exchange.decided < exchange.log_end)
        exchange.decided++;
    for (uint64_t position = 0; position < exchange.decided; position++)
        for (unsigned copy = 0; exchange.delivered[position] && copy < 1 + (position % 7 == 0); copy++, place++) {
            if (place < from || told == PAGE)
                continue;
            struct buffer bytes = outcome_at(position, copy == 0 ? OUTCOME_APPLIED : OUTCOME_NOTICE);
            each(self, place, bytes.data, bytes.size);
            buffer_fini(&bytes);
            told++;
        }
    *end = place;
    *confirmed = 0;
    return HT_OK;
}

enum ht_result ht_outcome(struct ht_client *client, uint64_t position, uint32_t deadline_ms, enum ht_state *state,
                          unsigned char **bytes, size_t *size)
{
    exchange.asked++;
    if (position >= exchange.log_end)
        return HT_NOT_FOUND;
    struct buffer outcome = outcome_at(position, OUTCOME_APPLIED);
    *bytes = outcome.data;
    *size = outcome.size;
    exchange.refuses = false;
    return HT_OK;
}

uint64_t ht_superseded_by(const struct ht_client *client)
{
    return exchange.newer;
}

/* ---- a sender ---- */

static struct {
    struct repeats repeats;
    struct awaiting awaiting;
    uint64_t seen[4 * LOG];
    unsigned count;
} sender;

static void on_outcome(void *self, uint64_t position, struct span outcome)
{
    struct outcome_head head;
    assert_int_equal(outcome_head_read(outcome, &head), OK);
    assert_int_equal(head.position, position);
    assert_int_equal(head.kind, OUTCOME_APPLIED);
    sender.seen[sender.count++] = position;
}

static void begin(uint64_t log_end)
{
    exchange.log_end = exchange.decided = log_end;
    memset(exchange.delivered, true, sizeof exchange.delivered);
    (void)repeats_begin(&sender.repeats, NULL, 1000);
    awaiting_begin(&sender.awaiting, NULL, &sender.repeats, on_outcome, NULL);
    exchange.fetched = 0;
}

static void sent(uint64_t first, uint64_t end)
{
    struct ht_receipt receipts[LOG + 1] = {{.kind = HT_RECEIPT_REFUSED}};
    for (uint64_t position = first; position < end; position++)
        receipts[position - first + 1] = (struct ht_receipt){.kind = HT_ACCEPTED, .position = position};
    exchange.log_end = exchange.log_end > end ? exchange.log_end : end;
    repeats_sent(&sender.repeats, receipts, (size_t)(end - first + 1));
}

static void assert_seen(unsigned from, uint64_t first, uint64_t end)
{
    for (uint64_t position = first; position < end; position++)
        assert_int_equal(sender.seen[from++], position);
}

static int set_up(void **state)
{
    memset(&exchange, 0, sizeof exchange);
    memset(&sender, 0, sizeof sender);
    return 0;
}

static int tear_down(void **state)
{
    repeats_end(&sender.repeats);
    return 0;
}

AROUND_EACH(set_up, tear_down)

TEST(what_is_accepted_now_comes_out_of_the_mailbox)
{
    uint64_t position;
    begin(10);
    sent(10, 30);
    exchange.decided = 22;
    awaiting_take(&sender.awaiting);
    assert_int_equal(sender.count, 12);
    assert_true(awaiting_position(&sender.awaiting, &position));
    assert_int_equal(position, 22);
    sent(30, 40);
    assert_int_equal(sender.repeats.count, 1); /* one run: memory does not grow */
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_OK);
    assert_int_equal(sender.count, 30);
    assert_seen(0, 10, 40);
    assert_false(awaiting_position(&sender.awaiting, &position));
    assert_int_equal(exchange.asked, 0);
}

TEST(others_in_between_are_read_over)
{
    begin(3);
    sent(3, 5);
    sent(9, 12); /* 5 to 9 are another's, which concern us */
    assert_int_equal(sender.repeats.count, 2);
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_OK);
    assert_int_equal(sender.count, 5);
    assert_seen(0, 3, 5);
    assert_seen(2, 9, 12);
}

TEST(what_was_sent_before_is_asked_for_at_its_turn_and_at_the_end)
{
    begin(20);
    sent(20, 24);
    sent(4, 6);
    sent(24, 28);
    exchange.decided = 28;
    awaiting_take(&sender.awaiting);
    assert_int_equal(sender.count, 4); /* the rest is behind one that is asked for */
    assert_int_equal(exchange.asked, 0);
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_OK);
    assert_seen(0, 20, 24);
    assert_seen(4, 4, 6);
    assert_seen(6, 24, 28);
    assert_int_equal(sender.count, 10);
    assert_int_equal(exchange.asked, 2);
}

TEST(a_run_does_not_lie_across_where_the_log_ended)
{
    begin(20);
    sent(18, 23);
    assert_int_equal(sender.repeats.count, 2);
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_OK);
    assert_seen(0, 18, 23);
    assert_int_equal(exchange.asked, 2);
}

TEST(what_does_not_come_into_the_mailbox_is_asked_for)
{
    begin(10);
    sent(10, 16);
    exchange.delivered[12] = false;
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_OK);
    assert_seen(0, 10, 16);
    assert_int_equal(exchange.asked, 1);
}

TEST(a_mailbox_that_refuses_is_asked_for_one_and_then_read_on)
{
    begin(10);
    sent(10, 16);
    exchange.refuses = true;
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_OK);
    assert_seen(0, 10, 16);
    assert_int_equal(exchange.asked, 1);
}

TEST(another_partys_are_asked_for)
{
    begin(10);
    sent(10, 14);
    awaiting_ask_always(&sender.awaiting);
    awaiting_take(&sender.awaiting);
    assert_int_equal(sender.count, 0);
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_OK);
    assert_seen(0, 10, 14);
    assert_int_equal(exchange.asked, 4);
    assert_int_equal(exchange.fetched, 0);
}

TEST(where_the_gate_did_not_say_its_end_all_are_asked_for)
{
    exchange.silent = true;
    begin(10);
    sent(4, 12);
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_OK);
    assert_seen(0, 4, 12);
    assert_int_equal(exchange.fetched, 0);
}

TEST(a_position_that_nobody_knows_is_told)
{
    uint64_t position;
    begin(20);
    sent(3, 4);
    sent(20, 21);
    exchange.log_end = 2;
    assert_int_equal(awaiting_finish(&sender.awaiting), HT_NOT_FOUND);
    assert_true(awaiting_position(&sender.awaiting, &position));
    assert_int_equal(position, 3);
}

TEST(what_took_its_place_counts_where_it_was_not_sent_along)
{
    begin(20);
    sent(5, 9);
    sent(2, 7); /* twice in one file */
    exchange.newer = 8;
    assert_int_equal(repeats_superseded_by(&sender.repeats, NULL, 5), 0);
    exchange.newer = 9;
    assert_int_equal(repeats_superseded_by(&sender.repeats, NULL, 5), 9);
    assert_int_equal(repeats_superseded_by(&sender.repeats, NULL, 25), 0);
    sent(9, 10);
    assert_int_equal(repeats_superseded_by(&sender.repeats, NULL, 5), 0);
    exchange.newer = 2;
    assert_int_equal(repeats_superseded_by(&sender.repeats, NULL, 1), 0);
}
