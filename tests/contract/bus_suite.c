/* SPDX-License-Identifier: Apache-2.0
 * The contract of common/bus/bus.h, once, over every engine: mem (in this process) and zmq (a real broker, which may be
 * killed). The name of the engine is the first argument. What is written and what is durable: bus_ahead.c. */
#include <signal.h>

#include "common/observe/diary.h"
#include "tests/contract/bus_rig.h"

/* ---- the contract ---- */

TEST(positions_are_numbers_without_gaps)
{
    struct heard heard;
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "numbers");
    assert_int_equal(heard.opened_end, 0);
    for (position_t at = 0; at < 30; at += 3)
        assert_int_equal(append(&heard, writer, at, "r", 3), OK);
    wait_for_position(&heard.acked, 30);
    assert_int_equal(heard.appended, 10);
    heard.next = 0;
    (void)bus_open_reader(heard.bus, "numbers", "all", 0, 1 << 20, false);
    wait_for_position(&heard.next, 30);
    assert_true(heard.in_order);
    assert_string_equal(heard.last_record, "r29");
    bus_last(heard.bus, "numbers", 77);
    wait_for_unsigned(&heard.answers, 1);
    assert_int_equal(heard.token, 77);
    assert_int_equal(heard.answer_end, 30);
    bus_close(&heard.bus);
}

TEST(a_reader_begins_anywhere_even_inside_a_batch)
{
    struct heard heard;
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "inside");
    assert_int_equal(append(&heard, writer, 0, "r", 10), OK);
    wait_for_position(&heard.acked, 10);
    heard.next = 7;
    (void)bus_open_reader(heard.bus, "inside", "late", 7, 1 << 20, false);
    wait_for_position(&heard.next, 10);
    assert_true(heard.in_order);
    assert_int_equal(append(&heard, writer, 10, "r", 2), OK); /* what comes later comes too */
    wait_for_position(&heard.next, 12);
    bus_read_once(heard.bus, "inside", 3, 5);
    wait_for_unsigned(&heard.answers, 1);
    assert_int_equal(heard.next, 10); /* the whole batch that holds it */
    bus_close(&heard.bus);
}

TEST(equal_bytes_are_already_there_others_are_a_conflict)
{
    struct heard heard;
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "twice");
    assert_int_equal(append(&heard, writer, 0, "r", 4), OK);
    assert_int_equal(append(&heard, writer, 0, "r", 4), OK);
    wait_for_unsigned(&heard.appended, 2);
    assert_int_equal(heard.already, 1);
    assert_int_equal(append(&heard, writer, 0, "x", 4), OK);
    wait_for_unsigned(&heard.refused, 1);
    assert_int_equal(heard.last_refusal, REJECT_CONFLICT);
    assert_int_equal(append(&heard, writer, 9, "r", 1), OK); /* a gap is never written */
    wait_for_unsigned(&heard.refused, 2);
    assert_int_equal(heard.last_refusal, REJECT_CONFLICT);
    bus_close(&heard.bus);
}

TEST(a_new_writer_fences_the_old)
{
    struct heard old, fresh;
    connect_bus(&old);
    connect_bus(&fresh);
    struct bus_writer *first = write_to(&old, "fenced");
    assert_int_equal(append(&old, first, 0, "r", 2), OK);
    wait_for_position(&old.acked, 2);
    struct bus_writer *second = write_to(&fresh, "fenced");
    assert_int_equal(fresh.opened_end, 2);
    assert_int_equal(append(&old, first, 2, "late", 1), OK);
    wait_for_unsigned(&old.refused, 1);
    assert_int_equal(old.last_refusal, FATAL_FENCED);
    assert_int_equal(append(&fresh, second, 2, "r", 1), OK);
    wait_for_position(&fresh.acked, 3);
    bus_close(&old.bus);
    bus_close(&fresh.bus);
}

TEST(nothing_comes_beyond_the_credit_and_nothing_is_dropped)
{
    struct heard heard;
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "credit");
    for (position_t at = 0; at < 40; at++)
        assert_int_equal(append(&heard, writer, at, "0123456789012345678901234567890123456789012345678", 1), OK);
    wait_for_position(&heard.acked, 40);
    heard.next = 0;
    struct bus_reader *reader = bus_open_reader(heard.bus, "credit", "slow", 0, 120, false);
    turn_a_while();
    assert_in_range(heard.batches, 1, 4); /* the one that uses the credit up may pass it */
    unsigned got = heard.batches;
    turn_a_while();
    assert_int_equal(heard.batches, got);
    for (int i = 0; i < 80 && heard.next < 40; i++) {
        bus_credit(heard.bus, reader, 120, heard.next);
        turn_a_while();
    }
    assert_int_equal(heard.next, 40);
    assert_true(heard.in_order);
    bus_close(&heard.bus);
}

TEST(a_full_bus_refuses_and_takes_up_again)
{
    struct heard heard;
    if (hub == NULL)
        skip(); /* a full disk under the broker: contract_broker_log */
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "full");
    bus_mem_set_full(hub, true);
    assert_int_equal(append(&heard, writer, 0, "r", 1), OK);
    assert_int_equal(append(&heard, writer, 1, "r", 1), OK);
    wait_for_unsigned(&heard.refused, 2);
    assert_int_equal(heard.last_refusal, RETRY_FULL);
    bus_mem_set_full(hub, false);
    assert_int_equal(append(&heard, writer, 0, "r", 2), OK);
    wait_for_position(&heard.acked, 2);
    bus_close(&heard.bus);
}

/* The broker dies with appends in flight; the engine reconnects, sends again, and each stands there once. */
TEST(what_was_in_flight_survives_a_killed_broker)
{
    struct heard heard;
    if (hub != NULL)
        skip(); /* nothing to kill */
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "killed");
    (void)bus_open_reader(heard.bus, "killed", "steady", 0, 1 << 20, false);
    position_t at = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50; i++, at++)
            assert_int_equal(append(&heard, writer, at, "r", 1), OK);
        loop_turn(loop, 1);
        kill_broker(SIGKILL);
        start_broker();
        wait_for_position(&heard.acked, at);
    }
    wait_for_position(&heard.next, at);
    assert_true(heard.in_order);
    assert_int_equal(heard.refused, 0);
    bus_last(heard.bus, "killed", 1);
    wait_for_unsigned(&heard.answers, 1);
    assert_int_equal(heard.answer_end, at);
    bus_close(&heard.bus);
}

TEST(a_stream_outlives_its_writer_and_epochs_rise)
{
    struct heard heard;
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "long");
    assert_int_equal(append(&heard, writer, 0, "r", 5), OK);
    wait_for_position(&heard.acked, 5);
    bus_close(&heard.bus);
    if (hub == NULL) {
        kill_broker(SIGTERM);
        start_broker();
    }
    connect_bus(&heard);
    writer = write_to(&heard, "long");
    assert_int_equal(heard.opened_end, 5);
    assert_int_equal(append(&heard, writer, 5, "r", 1), OK);
    wait_for_position(&heard.acked, 6);
    bus_close(&heard.bus);
}

/* One bit of the log's file, where `text` stands first. */
static void flip(const char *text)
{
    char path[128];
    static char bytes[1 << 20];
    (void)snprintf(path, sizeof path, "%s/data/broker/seg-00000000/data.mdb", directory);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file), at = 0;
    while (at + strlen(text) < size && memcmp(bytes + at, text, strlen(text)) != 0)
        at++;
    assert_true(at + strlen(text) < size);
    (void)fseek(file, (long)at, SEEK_SET);
    (void)fputc(bytes[at] ^ 1, file);
    (void)fclose(file);
}

/* What is right before it is still read. The bit is turned back: the other tests have the same log. */
TEST(l6_a_reader_hears_that_what_comes_next_is_damaged)
{
    struct heard heard, other;
    if (hub != NULL)
        skip(); /* there is no file */
    connect_bus(&heard);
    struct bus_writer *writer = write_to(&heard, "flipped");
    assert_int_equal(append(&heard, writer, 0, "whole", 300), OK);
    assert_int_equal(append(&heard, writer, 300, "struck", 300), OK);
    wait_for_position(&heard.acked, 600);
    bus_close(&heard.bus);
    kill_broker(SIGTERM);
    flip("struck450");
    start_broker();
    connect_bus(&heard);
    connect_bus(&other);
    struct bus_reader *untouched = bus_open_reader(other.bus, "long", "", 0, 1 << 20, false);
    (void)bus_open_reader(heard.bus, "flipped", "", 0, 1 << 20, false);
    for (int i = 0; i < 500 && heard.reader_status == OK; i++)
        loop_turn(loop, 10);
    assert_int_equal(heard.reader_status, FATAL_CORRUPT);
    assert_int_equal(heard.next, 300);
    bus_read_once(heard.bus, "flipped", 450, 7);
    wait_for_unsigned(&heard.answers, 1);
    assert_int_equal(heard.last_refusal, FATAL_CORRUPT);
    wait_for_position(&other.next, 6);
    bus_close_reader(other.bus, &untouched);
    assert_int_equal(other.reader_status, OK);
    bus_close(&heard.bus);
    bus_close(&other.bus);
    kill_broker(SIGTERM);
    flip("rtruck450");
    start_broker();
}

AROUND_ALL(set_up, tear_down)

int main(int argc, char **argv)
{
    engine = argc > 1 ? argv[1] : "mem";
    diary_start("test", DIARY_FATAL);
    return tests_run();
}
