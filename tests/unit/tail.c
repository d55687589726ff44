/* SPDX-License-Identifier: Apache-2.0
 * The open end of the log: what is written, durable, held back, bounded, and forgotten. */
#include "broker/tail.h"
#include "tests/support/test.h"

static char directory[64];
static struct log *opened;
static struct tail *tail;

static int set_up(void **state)
{
    struct buffer why = {0};
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-tail-XXXXXX");
    assert_non_null(mkdtemp(directory));
    struct log_options options = {.directory = directory, .segment_size = 1 << 20, .size_limit = 1 << 28};
    assert_int_equal(log_open(&options, &opened, &why), OK);
    tail = tail_new(opened);
    buffer_fini(&why);
    return 0;
}

static int tear_down(void **state)
{
    char command[96];
    tail_destroy(&tail);
    log_close(&opened);
    (void)snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

/* The group's number; 0: there was nothing to take. */
static uint64_t take(void)
{
    struct change_group group;
    if (!tail_take_group(tail, &group))
        return 0;
    while (group.first != NULL) {
        struct change *next = group.first->next;
        free(group.first);
        group.first = next;
    }
    return group.number;
}

static void put(int stream, uint32_t count, bool durable_first, size_t size)
{
    uint8_t *bytes = calloc(1, size);
    tail_append(tail, stream, count, 7, durable_first, span_of(bytes, size));
    free(bytes);
}

TEST(a_group_is_durable_as_a_whole_and_in_its_turn)
{
    int a = tail_stream(tail, "a"), b = tail_stream(tail, "b");
    put(a, 2, false, 10);
    put(b, 1, false, 10);
    assert_int_equal(tail_group(tail), 1);
    assert_int_equal(take(), 1);
    put(a, 3, false, 10);
    assert_int_equal(tail_group(tail), 2);
    assert_int_equal(take(), 2);
    assert_int_equal(tail_state(tail, a)->end, 5);
    assert_int_equal(tail_durable(tail, a), 0);
    assert_int_equal(tail_unsettled_size(tail), 30);
    tail_settle(tail, 1);
    assert_int_equal(tail_durable(tail, a), 2);
    assert_int_equal(tail_durable(tail, b), 1);
    assert_int_equal(tail_unsettled_size(tail), 10);
    tail_settle(tail, 2);
    assert_int_equal(tail_durable(tail, a), 5);
    assert_int_equal(tail_find_batch(tail, a, 4)->position, 2);
    assert_null(tail_find_batch(tail, a, 5));
}

TEST(a_cursor_alone_is_worth_no_sync_and_goes_along)
{
    int a = tail_stream(tail, "a");
    tail_cursor(tail, a, "reader", 3);
    assert_false(tail_has_news(tail));
    assert_int_equal(tail_group(tail), 0);
    (void)tail_open_writer(tail, a, -1);
    assert_true(tail_has_news(tail));
    assert_int_equal(take(), 1);
    assert_int_equal(take(), 0);
}

TEST(what_must_be_durable_first_ends_what_is_written_until_it_is)
{
    int a = tail_stream(tail, "a");
    put(a, 1, false, 10);
    put(a, 1, true, 10);
    put(a, 1, false, 10);
    assert_int_equal(take(), 1);
    put(a, 1, true, 10);
    assert_int_equal(take(), 2);
    assert_int_equal(tail_written(tail, a), 1);
    tail_settle(tail, 1);
    assert_int_equal(tail_written(tail, a), 3);
    tail_settle(tail, 2);
    assert_int_equal(tail_written(tail, a), 4);
}

TEST(a_stream_is_bounded_by_the_written_end_of_the_one_it_follows)
{
    int cause = tail_stream(tail, "cause"), derived = tail_stream(tail, "derived");
    assert_int_equal(tail_bound(tail, derived), UINT64_MAX);
    (void)tail_open_writer(tail, derived, cause);
    assert_int_equal(tail_bound(tail, derived), 0);
    put(cause, 4, false, 10);
    assert_int_equal(tail_bound(tail, derived), 4);
    assert_int_equal(stream_decide(tail_state(tail, derived), 1, 0, 4, 4), APPEND_WRITE);
    assert_int_equal(stream_decide(tail_state(tail, derived), 1, 0, 5, 4), APPEND_AHEAD);
    assert_int_equal(stream_decide(tail_state(tail, derived), 1, 0, 1, UINT64_MAX), APPEND_WRITE);
}

/* What is on disk is forgotten beyond the bound, oldest first; what is not on disk never is. */
TEST(memory_is_bounded_by_what_is_on_disk)
{
    enum { SIZE = 1 << 20, COUNT = 100 };
    int a = tail_stream(tail, "a");
    for (int i = 0; i < COUNT; i++) {
        put(a, 1, false, SIZE);
        assert_int_equal(take(), i + 1);
    }
    for (uint64_t i = 0; i < COUNT; i++)
        assert_non_null(tail_find_batch(tail, a, i));
    tail_settle(tail, COUNT);
    uint64_t kept = TAIL_KEPT_SIZE_MAX / SIZE;
    assert_null(tail_find_batch(tail, a, COUNT - kept - 1));
    for (uint64_t i = COUNT - kept; i < COUNT; i++)
        assert_int_equal(tail_find_batch(tail, a, i)->position, i);
}

AROUND_EACH(set_up, tear_down)
