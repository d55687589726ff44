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
static char directory[64];
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
    struct bus_writer *writer = bus_open_writer(heard->bus, stream, "test");
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
    enum status status = bus_append(heard->bus, writer, position, count, buffer_span(&batch));
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
    (void)bus_open_reader(heard.bus, "numbers", "all", 0, 1 << 20);
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
    (void)bus_open_reader(heard.bus, "inside", "late", 7, 1 << 20);
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
    struct bus_reader *reader = bus_open_reader(heard.bus, "credit", "slow", 0, 120);
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
    (void)bus_open_reader(heard.bus, "killed", "steady", 0, 1 << 20);
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
