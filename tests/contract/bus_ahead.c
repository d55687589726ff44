/* SPDX-License-Identifier: Apache-2.0
 * The contract of common/bus/bus.h on what is written and what is durable, over every engine. */
#include <signal.h>
#include <unistd.h>

#include "common/pb/batch.h"
#include "tests/contract/bus_rig.h"

TEST(a_reader_ahead_gets_what_is_written_the_others_what_is_durable)
{
    struct heard ahead, behind;
    if (cannot_hold())
        skip();
    connect_bus(&ahead);
    connect_bus(&behind);
    struct bus_writer *writer = write_to(&ahead, "ahead");
    hold(true);
    (void)bus_open_reader(ahead.bus, "ahead", "", 0, 1 << 20, true);
    (void)bus_open_reader(behind.bus, "ahead", "", 0, 1 << 20, false);
    assert_int_equal(append(&ahead, writer, 0, "r", 3), OK);
    wait_for_position(&ahead.next, 3);
    bus_last(behind.bus, "ahead", 1);
    bus_read_once(behind.bus, "ahead", 0, 2);
    turn_a_while();
    assert_int_equal(ahead.acked, 0);
    assert_int_equal(behind.next, 0);
    assert_int_equal(behind.answers, 0); /* an end that a crash may take back is not told */
    hold(false);
    wait_for_position(&ahead.acked, 3);
    wait_for_unsigned(&behind.answers, 2);
    assert_int_equal(behind.answer_end, 3);
    wait_for_position(&behind.next, 3);
    bus_close(&ahead.bus);
    bus_close(&behind.bus);
}

TEST(what_must_be_durable_first_holds_back_what_follows_it)
{
    struct heard heard;
    if (cannot_hold())
        skip();
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "first");
    (void)bus_open_reader(heard.bus, "first", "", 0, 1 << 20, true);
    hold(true);
    assert_int_equal(append(&heard, writer, 0, "r", 2), OK);
    struct buffer batch = {0};
    batch_put_records(&batch, span_text("lot"));
    assert_int_equal(bus_append(heard.bus, writer, 2, 1, buffer_span(&batch), true), OK);
    buffer_fini(&batch);
    assert_int_equal(append(&heard, writer, 3, "r", 2), OK);
    wait_for_position(&heard.next, 2);
    turn_a_while();
    assert_int_equal(heard.next, 2);
    hold(false);
    wait_for_position(&heard.next, 5);
    assert_true(heard.in_order);
    wait_for_position(&heard.acked, 5);
    hold(true); /* and is no hindrance once it is durable */
    assert_int_equal(append(&heard, writer, 5, "r", 1), OK);
    wait_for_position(&heard.next, 6);
    hold(false);
    bus_close(&heard.bus);
}

TEST(a_stream_is_never_longer_than_the_one_it_follows)
{
    struct heard cause, derived;
    connect_bus(&cause);
    connect_bus(&derived);
    struct bus_writer *first = write_to(&cause, "cause");
    assert_int_equal(append(&cause, first, 0, "r", 2), OK);
    wait_for_position(&cause.acked, 2);
    struct bus_writer *second = bus_open_writer(derived.bus, "derived", "test", "cause");
    wait_for_unsigned(&derived.opened, 1);
    assert_int_equal(append(&derived, second, 0, "d", 3), OK);
    wait_for_unsigned(&derived.refused, 1);
    assert_int_equal(derived.last_refusal, RETRY_FULL);
    assert_int_equal(append(&derived, second, 0, "d", 2), OK);
    wait_for_position(&derived.acked, 2);
    assert_int_equal(append(&cause, first, 2, "r", 1), OK);
    wait_for_position(&cause.acked, 3);
    assert_int_equal(append(&derived, second, 2, "d", 1), OK);
    wait_for_position(&derived.acked, 3);
    bus_close(&cause.bus);
    bus_close(&derived.bus);
}

/* For what can be made again the disk is not asked before something else needs it, or 100 ms have passed. */
TEST(what_follows_waits_for_a_sync_that_others_need)
{
    struct heard heard;
    if (hub != NULL)
        skip(); /* it has no disk */
    connect_bus(&heard);
    struct bus_writer *first = write_to(&heard, "needed");
    struct bus_writer *second = bus_open_writer(heard.bus, "made of it", "test", "needed");
    wait_for_unsigned(&heard.opened, 2);
    assert_int_equal(append(&heard, first, 0, "r", 2), OK);
    wait_for_unsigned(&heard.appended, 1);
    int64_t sent_us = loop_monotonic_us();
    assert_int_equal(append(&heard, second, 0, "d", 1), OK);
    wait_for_unsigned(&heard.appended, 2);
    assert_true(loop_monotonic_us() - sent_us >= 100 * 1000);
    assert_int_equal(append(&heard, second, 1, "d", 1), OK);
    assert_int_equal(append(&heard, first, 2, "r", 1), OK);
    wait_for_unsigned(&heard.appended, 4);
    bus_close(&heard.bus);
}

/* A crash with what was written not yet durable. */
static void crash(const char *stream)
{
    if (hub != NULL) {
        bus_mem_lose(hub, stream);
        hold(false);
        return;
    }
    kill_broker(SIGKILL);
    hold(false);
    start_broker();
}

/* What it made of the lost records is written nowhere, not even where the position is the right one. */
TEST(d10_who_read_what_a_crash_took_away_fails_and_writes_no_more)
{
    struct heard reader, other;
    if (cannot_hold())
        skip();
    connect_bus(&reader);
    connect_bus(&other);
    struct bus_writer *derived = write_to(&reader, "made");
    struct bus_writer *writer = hub == NULL ? write_to(&other, "lost") : NULL;
    (void)bus_open_reader(reader.bus, "lost", "", 0, 1 << 20, true);
    turn_a_while();
    hold(true);
    if (hub == NULL)
        assert_int_equal(append(&other, writer, 0, "r", 1), OK);
    else
        bus_mem_put(hub, "lost", span_text("r0"));
    wait_for_position(&reader.next, 1);
    bus_close(&other.bus); /* nobody knows it any more */
    crash("lost");
    if (hub == NULL)
        assert_int_equal(append(&reader, derived, 0, "of r", 1), OK);
    int64_t until = loop_monotonic_us() + 5000000;
    while (reader.reader_status == OK && loop_monotonic_us() < until)
        loop_turn(loop, 10);
    assert_int_equal(reader.reader_status, FATAL_TAIL_LOST);
    turn_a_while();
    assert_int_equal(reader.acked, 0);
    connect_bus(&other);
    bus_last(other.bus, "made", 1);
    wait_for_unsigned(&other.answers, 1);
    assert_int_equal(other.answer_end, 0);
    bus_close(&other.bus);
    bus_close(&reader.bus);
}

TEST(d10_who_read_no_further_than_the_disk_goes_on_after_a_crash)
{
    struct heard reader, other;
    if (hub != NULL || cannot_hold())
        skip(); /* nobody sends again there */
    connect_bus(&reader);
    connect_bus(&other);
    struct bus_writer *derived = write_to(&reader, "kept");
    struct bus_writer *writer = write_to(&other, "again");
    (void)bus_open_reader(reader.bus, "again", "", 0, 1 << 20, true);
    assert_int_equal(append(&other, writer, 0, "r", 4), OK);
    wait_for_position(&other.acked, 4);
    wait_for_position(&reader.next, 4);
    hold(true);
    assert_int_equal(append(&reader, derived, 0, "d", 4), OK); /* in flight, twice lost */
    turn_a_while();
    crash("kept");
    assert_int_equal(append(&other, writer, 4, "r", 1), OK);
    wait_for_position(&reader.acked, 4);
    wait_for_position(&reader.next, 5);
    assert_true(reader.in_order);
    assert_int_equal(reader.reader_status, OK);
    bus_close(&reader.bus);
    bus_close(&other.bus);
}

/* Two crashes of which one was slept through: the stream may have grown again, of other records. */
TEST(d10_an_incarnation_that_was_missed_is_not_trusted)
{
    struct heard reader;
    if (hub != NULL)
        skip(); /* nothing to kill */
    connect_bus(&reader);
    struct bus_writer *writer = write_to(&reader, "missed");
    (void)bus_open_reader(reader.bus, "missed", "", 0, 1 << 20, true);
    assert_int_equal(append(&reader, writer, 0, "r", 2), OK);
    wait_for_position(&reader.next, 2);
    wait_for_position(&reader.acked, 2);
    for (int i = 0; i < 2; i++) {
        char serving[128];
        kill_broker(SIGKILL);
        (void)snprintf(serving, sizeof serving, "%s/broker.sock", directory);
        (void)unlink(serving);
        start_broker();
        for (int k = 0; k < 500 && access(serving, F_OK) != 0; k++)
            (void)usleep(10000);
    }
    int64_t until = loop_monotonic_us() + 5000000;
    while (reader.reader_status == OK && loop_monotonic_us() < until)
        loop_turn(loop, 10);
    assert_int_equal(reader.reader_status, FATAL_TAIL_LOST);
    bus_close(&reader.bus);
}
