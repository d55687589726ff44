/* SPDX-License-Identifier: Apache-2.0
 * The contract of common/bus/bus.h, once, over every engine: mem (in this process) and zmq (a real broker, which may be
 * killed). The name of the engine is the first argument. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/bus/bus_mem.h"
#include "common/bus/bus_zmq.h"
#include "common/observe/diary.h"
#include "common/pb/batch.h"
#include "tests/support/test.h"

static const char *engine;
static char directory[64], hold_file[96];
static pid_t broker;
static struct bus_mem_hub *hub;
static struct loop *loop;

static void start_broker(void)
{
    char config[96];
    (void)snprintf(config, sizeof config, "%s/hutong.yaml", directory);
    broker = fork();
    if (broker == 0) {
        (void)freopen("/dev/null", "w", stderr);
#ifdef HUTONG_HOLD_SHIM
        (void)setenv("LD_PRELOAD", HUTONG_HOLD_SHIM, 1);
        (void)setenv("HUTONG_SHIM_HOLD", hold_file, 1);
#endif
        (void)execl(HUTONG_BROKER, HUTONG_BROKER, "--config", config, (char *)NULL);
        _exit(127);
    }
}

static void kill_broker(int how)
{
    if (broker > 0) {
        (void)kill(broker, how);
        (void)waitpid(broker, NULL, 0);
        broker = 0;
    }
}

/* While held, nothing that is written becomes durable. */
static void hold(bool held)
{
    if (hub != NULL)
        bus_mem_hold(hub, held);
    else if (held)
        (void)fclose(fopen(hold_file, "w"));
    else
        (void)unlink(hold_file);
}

static bool cannot_hold(void)
{
#ifdef HUTONG_HOLD_SHIM
    return false;
#else
    return hub == NULL;
#endif
}

static int set_up(void **state)
{
    loop = loop_new();
    if (strcmp(engine, "mem") == 0) {
        hub = bus_mem_hub_new();
        return 0;
    }
    char path[128];
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-bus-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/hutong.yaml", directory);
    FILE *file = fopen(path, "w");
    (void)fputs("data_directory: data\nrun_directory: .\nkey_directory: keys\ngate_endpoint: tcp://127.0.0.1:1\n"
                "mailbox_endpoint: tcp://127.0.0.1:2\nhttp_port_base: 0\nsegment_size_mib: 64\nlog_limit_mib: 256\n",
                file);
    (void)fclose(file);
    (void)snprintf(hold_file, sizeof hold_file, "%s/hold", directory);
    start_broker();
    return 0;
}

static int tear_down(void **state)
{
    char command[96];
    kill_broker(SIGKILL);
    if (hub != NULL)
        bus_mem_hub_destroy(&hub);
    loop_destroy(&loop);
    if (directory[0] != 0) {
        (void)snprintf(command, sizeof command, "rm -rf %s", directory);
        (void)!system(command);
    }
    return 0;
}

/* ---- one client, and what it heard ---- */

struct heard {
    struct bus *bus;
    unsigned opened, appended, already, refused;
    enum status open_status, last_refusal;
    position_t opened_end, acked, next; /* next: the position that the reader must get */
    unsigned batches;
    size_t bytes_got;
    bool in_order;
    enum status reader_status;
    uint64_t token;
    position_t answer_first, answer_end;
    unsigned answers;
    char last_record[64];
};

static void on_opened(void *self, struct bus_writer *writer, enum status status, position_t end)
{
    struct heard *heard = self;
    heard->opened++;
    heard->open_status = status;
    heard->opened_end = end;
}

static void on_appended(void *self, struct bus_writer *writer, position_t position, uint32_t count, bool already,
                        enum status status)
{
    struct heard *heard = self;
    if (status != OK) {
        heard->refused++;
        heard->last_refusal = status;
        return;
    }
    heard->appended++;
    heard->already += already;
    heard->acked = position + count;
}

static void on_batch(void *self, struct bus_reader *reader, const struct bus_batch *batch)
{
    struct heard *heard = self;
    struct batch_reader records = batch_read(batch->bytes);
    struct span record;
    heard->batches++;
    heard->bytes_got += batch->bytes.size;
    for (uint32_t i = 0; i < batch->count; i++) {
        assert_int_equal(batch_next(&records, &record), OK);
        if (batch->position + i < heard->next)
            continue;
        heard->in_order = heard->in_order && batch->position + i == heard->next;
        heard->next = batch->position + i + 1;
        (void)snprintf(heard->last_record, sizeof heard->last_record, "%.*s", (int)record.size,
                       (const char *)record.data);
    }
    assert_int_equal(batch_next(&records, &record), REJECT_NOT_FOUND);
}

static void on_reader_failed(void *self, struct bus_reader *reader, enum status status)
{
    ((struct heard *)self)->reader_status = status;
}

static void on_answer(void *self, uint64_t token, enum status status, position_t first, position_t end,
                      const struct bus_batch *batch)
{
    struct heard *heard = self;
    heard->answers++;
    heard->token = token;
    heard->last_refusal = status;
    heard->answer_first = first;
    heard->answer_end = end;
    if (batch != NULL)
        heard->next = batch->position + batch->count;
}

static void nothing(void *self)
{
}

static void connect_bus(struct heard *heard)
{
    struct bus_handlers handlers = {heard,     on_opened, on_appended, on_batch, on_reader_failed,
                                    on_answer, nothing,   nothing};
    char endpoint[128];
    *heard = (struct heard){.in_order = true};
    if (hub != NULL) {
        heard->bus = bus_mem_open(hub, loop, &handlers);
        return;
    }
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s/broker.sock", directory);
    assert_int_equal(bus_zmq_open(loop, endpoint, &handlers, &heard->bus), OK);
}

/* Turns the loop until `*number` has reached `wanted`, five seconds at most. */
static void wait_for_unsigned(const unsigned *number, unsigned wanted)
{
    int64_t until = loop_monotonic_us() + 5000000;
    while (*number < wanted && loop_monotonic_us() < until)
        loop_turn(loop, 10);
    assert_true(*number >= wanted);
}

static void wait_for_position(const position_t *number, position_t wanted)
{
    int64_t until = loop_monotonic_us() + 10000000;
    while (*number < wanted && loop_monotonic_us() < until)
        loop_turn(loop, 10);
    assert_int_equal(*number, wanted);
}

static void turn_a_while(void)
{
    for (int i = 0; i < 20; i++)
        loop_turn(loop, 10);
}

static struct bus_writer *write_to(struct heard *heard, const char *stream)
{
    unsigned before = heard->opened;
    struct bus_writer *writer = bus_open_writer(heard->bus, stream, "test", "");
    wait_for_unsigned(&heard->opened, before + 1);
    assert_int_equal(heard->open_status, OK);
    return writer;
}

static enum status append(struct heard *heard, struct bus_writer *writer, position_t position, const char *stem,
                          uint32_t count)
{
    struct buffer batch;
    char text[64];
    buffer_init(&batch);
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(text, sizeof text, "%s%llu", stem, (unsigned long long)(position + i));
        batch_put_records(&batch, span_text(text));
    }
    enum status status = bus_append(heard->bus, writer, position, count, buffer_span(&batch), false);
    buffer_fini(&batch);
    return status;
}

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

AROUND_ALL(set_up, tear_down)

int main(int argc, char **argv)
{
    engine = argc > 1 ? argv[1] : "mem";
    diary_start("test", DIARY_FATAL);
    return tests_run();
}
