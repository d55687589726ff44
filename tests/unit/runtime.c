/* SPDX-License-Identifier: Apache-2.0
 * The runtime around a toy core, over the bus in this process: resume, recompute, diverge, dead letters, quarantine. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/bus/bus_mem.h"
#include "common/observe/diary.h"
#include "common/observe/metrics.h"
#include "common/runtime/runtime.h"
#include "tests/support/test.h"

/* ---- a core that counts: "N" -> "sum=N+..."; "?" cannot be decoded; "!" kills the process; "" is nobody's; "#" takes
 * 100 kB of its state ---- */

struct toy {
    uint64_t sum;
};

static uint64_t toy_bias; /* another logic, for the same log */
static size_t map_size;
static const char *output_stream;
static bool ahead;

static const struct store_table toy_tables[] = {{"sum", false}};

static enum status toy_open(void *self, struct store_txn *txn, struct core_partition partition)
{
    struct span value;
    if (store_get(txn, 0, span_text("sum"), &value))
        ((struct toy *)self)->sum = bytes_get_le(value.data, 8);
    return OK;
}

static enum status toy_apply(void *self, struct store_txn *txn, const struct core_input *input, struct buffer *output)
{
    struct toy *toy = self;
    struct span record = input->records[0];
    uint8_t value[8];
    if (record.size == 0)
        return OK;
    if (record.data[0] == '?')
        return REJECT_UNDECODABLE;
    if (record.data[0] == '!')
        (void)raise(SIGKILL);
    if (record.data[0] == '#') {
        static const uint8_t much[100000];
        bytes_put_be(value, input->position, 8);
        store_put(txn, 0, span_of(value, sizeof value), span_of(much, sizeof much));
        return store_status(txn);
    }
    toy->sum += (uint64_t)(record.data[0] - '0') + toy_bias;
    bytes_put_le(value, toy->sum, 8);
    store_put(txn, 0, span_text("sum"), span_of(value, sizeof value));
    buffer_printf(output, "sum=%llu", (unsigned long long)toy->sum);
    return OK;
}

static void toy_dead(void *self, const struct core_input *input, const char *reason, struct buffer *output)
{
    buffer_printf(output, "dead: %s", reason);
}

static struct core toy = {.name = "toy",
                          .tables = toy_tables,
                          .table_count = 1,
                          .self_size = sizeof(struct toy),
                          .open = toy_open,
                          .apply = toy_apply,
                          .dead_letter = toy_dead};

/* ---- the house around it ---- */

static char directory[64];
static struct bus_mem_hub *hub;
static struct loop *loop;
static struct metrics *metrics;
static struct bus *bus;
static struct runtime *runtime;
static struct buffer why;

static int set_up(void **state)
{
    diary_start("test", DIARY_FATAL);
    toy_bias = 0;
    toy.format = 1;
    map_size = 16 << 20;
    output_stream = "out";
    ahead = false;
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-runtime-XXXXXX");
    assert_non_null(mkdtemp(directory));
    hub = bus_mem_hub_new();
    buffer_init(&why);
    return 0;
}

static void stop(void)
{
    runtime_close(&runtime);
    bus_close(&bus);
    if (loop != NULL)
        loop_destroy(&loop);
    if (metrics != NULL)
        metrics_destroy(&metrics);
}

static int tear_down(void **state)
{
    char command[96];
    stop();
    bus_mem_hub_destroy(&hub);
    (void)snprintf(command, sizeof command, "rm -rf %s*", directory);
    (void)!system(command);
    buffer_fini(&why);
    return 0;
}

static void start(void)
{
    struct bus_handlers none = {0};
    loop = loop_new();
    metrics = metrics_new();
    bus = bus_mem_open(hub, loop, &none);
    struct runtime_options options = {.core = &toy,
                                      .partition = {0, 1},
                                      .loop = loop,
                                      .bus = bus,
                                      .inputs = {"in"},
                                      .input_count = 1,
                                      .output = output_stream,
                                      .ahead = ahead,
                                      .state_directory = directory,
                                      .state_map_size = map_size,
                                      .metrics = metrics};
    assert_int_equal(runtime_open(&options, &runtime, &why), OK);
}

static void shell(const char *words, const char *more)
{
    char command[256];
    (void)snprintf(command, sizeof command, words, directory, directory, more);
    assert_int_equal(system(command), 0);
}

static bool was_rolled_back(void)
{
    static struct buffer text;
    buffer_reset(&text);
    metrics_render(metrics, &text);
    return strstr(buffer_text(&text), "rolled_back_total{core=\"toy\",partition=\"0\"} 1\n") != NULL;
}

static void put(const char *text)
{
    bus_mem_put(hub, "in", span_text(text));
}

static void run_to(position_t position)
{
    int64_t until = loop_monotonic_us() + 5000000;
    while (runtime_status(runtime) == OK && bus_mem_end(hub, "out") < position && loop_monotonic_us() < until)
        loop_turn(loop, 5);
}

static void expect(position_t position, const char *text)
{
    struct span record;
    assert_true(bus_mem_record(hub, "out", position, &record));
    if (!span_equal(record, span_text(text)))
        fail_msg("%llu: %.*s, not %s", (unsigned long long)position, (int)record.size, (const char *)record.data, text);
}

/* ---- the tests ---- */

TEST(it_resumes_where_it_stopped)
{
    start();
    put("1");
    put("2");
    run_to(2);
    stop();
    put("3");
    start();
    assert_int_equal(runtime_position(runtime), 2);
    run_to(3);
    expect(1, "sum=3");
    expect(2, "sum=6");
}

TEST(its_position_is_told_although_nothing_is_left_to_apply)
{
    struct buffer told;
    buffer_init(&told);
    start();
    put("1");
    put("2");
    run_to(2);
    stop();
    start();
    metrics_render(metrics, &told);
    assert_non_null(strstr(buffer_text(&told), "hutong_position{core=\"toy\",partition=\"0\"} 2\n"));
    buffer_fini(&told);
}

/* A state that was lost is made again from the log; what comes out is compared with what the stream holds. */
TEST(d9_a_lost_state_is_recomputed_and_compared)
{
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    char command[96];
    start();
    for (int i = 0; i < 200; i++)
        put("4");
    run_to(200);
    assert_int_equal(runtime_digest(runtime, before), OK);
    stop();
    (void)snprintf(command, sizeof command, "rm -rf %s/*", directory);
    assert_int_equal(system(command), 0);
    start();
    put("4");
    run_to(201);
    expect(200, "sum=804");
    stop();
    start();
    assert_int_equal(runtime_position(runtime), 201);
    assert_int_equal(runtime_digest(runtime, after), OK);
    assert_memory_not_equal(before, after, DIGEST_SIZE);
}

TEST(a_state_of_another_format_is_set_aside_and_made_again)
{
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    char command[192];
    start();
    for (int i = 0; i < 200; i++)
        put("4");
    run_to(200);
    assert_int_equal(runtime_digest(runtime, before), OK);
    for (toy.format = 2; toy.format < 4; toy.format++) {
        stop();
        start();
        assert_int_equal(runtime_position(runtime), 0);
        for (int i = 0; i < 200 && runtime_position(runtime) < 200; i++)
            loop_turn(loop, 5);
        assert_int_equal(runtime_status(runtime), OK);
        assert_int_equal(runtime_digest(runtime, after), OK);
        assert_memory_equal(before, after, DIGEST_SIZE);
    }
    (void)snprintf(command, sizeof command, "test -f %s.aside-1/data.mdb && test -f %s.aside-2/data.mdb", directory,
                   directory);
    assert_int_equal(system(command), 0);
}

/* An older copy in the place of the state, and none: said, and caught up; what comes out is compared. */
TEST(a_state_that_was_rolled_back_says_so_and_catches_up)
{
    start();
    put("1");
    run_to(1);
    stop();
    shell("cp -r %s %s.older%s", "");
    start();
    assert_false(was_rolled_back());
    put("2");
    run_to(2);
    stop();
    shell("rm -r %s && cp -r %s.older %s", directory);
    start();
    assert_true(was_rolled_back());
    run_to(2);
    stop();
    shell("rm -r %s; true %s%s", "");
    start();
    assert_true(was_rolled_back());
    run_to(2);
    expect(1, "sum=3");
}

TEST(a_state_of_another_log_is_refused_and_of_another_service_set_aside)
{
    start();
    for (unsigned log = 7; log < 10; log++) { /* none was known; the same; another */
        bus->log = 5 + log / 9;
        put("1");
        run_to(log - 6);
        assert_int_equal(runtime_status(runtime), log < 9 ? OK : FATAL_CORRUPT);
        stop();
        start();
    }
    stop();
    toy.name = "other";
    start();
    assert_int_equal(runtime_position(runtime), 0);
    toy.name = "toy";
}

TEST(another_logic_for_the_same_log_stops)
{
    char command[96];
    start();
    put("1");
    put("1");
    run_to(2);
    stop();
    (void)snprintf(command, sizeof command, "rm -rf %s/*", directory);
    assert_int_equal(system(command), 0);
    toy_bias = 1;
    start();
    run_to(3);
    for (int i = 0; i < 50 && runtime_status(runtime) == OK; i++)
        loop_turn(loop, 5);
    assert_int_equal(runtime_status(runtime), FATAL_DIVERGED);
}

TEST(d10_a_log_shorter_than_the_state_is_refused)
{
    start();
    put("1");
    put("2");
    run_to(2);
    stop();
    bus_mem_hub_destroy(&hub);
    hub = bus_mem_hub_new();
    start();
    for (int i = 0; i < 50 && runtime_status(runtime) == OK; i++)
        loop_turn(loop, 5);
    assert_int_equal(runtime_status(runtime), FATAL_CORRUPT);
}

TEST(what_cannot_be_decoded_is_buried_and_the_rest_goes_on)
{
    const char *why_not;
    start();
    put("1");
    put("?");
    put("");
    put("2");
    run_to(4);
    expect(0, "sum=1");
    expect(1, "dead: this build cannot decode it");
    expect(2, "");
    expect(3, "sum=3");
    assert_true(runtime_is_ready(runtime, &why_not));
    stop();
    start(); /* and is honoured when it is read again */
    put("1");
    run_to(5);
    expect(4, "sum=4");
}

/* A record that kills the process every time: quarantined after three tries, and the rest goes on. */
TEST(d7_a_record_that_kills_is_quarantined)
{
    int crashes = 0, code = 0;
    for (int i = 0; i < 12; i++) {
        pid_t child = fork();
        if (child == 0) {
            put("!");
            put("7");
            start();
            run_to(2);
            struct span record;
            bool buried =
                bus_mem_record(hub, "out", 0, &record) && record.size > 5 && memcmp(record.data, "dead:", 5) == 0;
            bool went_on = bus_mem_record(hub, "out", 1, &record) && span_equal(record, span_text("sum=7"));
            _exit(buried && went_on ? 0 : 1);
        }
        (void)waitpid(child, &code, 0);
        if (WIFEXITED(code))
            break;
        crashes++;
    }
    assert_true(WIFEXITED(code));
    assert_int_equal(WEXITSTATUS(code), 0);
    assert_in_range(crashes, 3, 8);
}

static void turn_until(position_t committed)
{
    int64_t until = loop_monotonic_us() + 1500000; /* a commit comes every second */
    while (runtime_status(runtime) == OK && runtime_committed(runtime) < committed && loop_monotonic_us() < until)
        loop_turn(loop, 5);
}

/* It has no output whose durability would say so of what it read. */
TEST(d10_a_state_ahead_of_the_disk_is_not_committed)
{
    output_stream = NULL;
    ahead = true;
    start();
    put("1");
    turn_until(1);
    assert_int_equal(runtime_committed(runtime), 1);
    bus_mem_hold(hub, true);
    put("2");
    turn_until(2);
    assert_int_equal(runtime_position(runtime), 2);
    assert_int_equal(runtime_committed(runtime), 1);
    assert_int_equal(runtime_commit(runtime), RETRY_BUSY);
    bus_mem_hold(hub, false);
    turn_until(2);
    assert_int_equal(runtime_committed(runtime), 2);
}

TEST(d10_a_lost_tail_ends_it_and_it_takes_up_from_what_is_durable)
{
    output_stream = NULL;
    ahead = true;
    start();
    put("1");
    turn_until(1);
    bus_mem_hold(hub, true);
    put("2");
    for (int i = 0; i < 50 && runtime_position(runtime) < 2; i++)
        loop_turn(loop, 5);
    bus_mem_lose(hub, "in");
    for (int i = 0; i < 50 && runtime_status(runtime) == OK; i++)
        loop_turn(loop, 5);
    assert_int_equal(runtime_status(runtime), FATAL_TAIL_LOST);
    stop();
    bus_mem_hold(hub, false);
    put("5"); /* in the place of the lost one */
    start();
    assert_int_equal(runtime_position(runtime), 1);
    turn_until(2);
    assert_int_equal(runtime_status(runtime), OK);
    assert_int_equal(((struct toy *)runtime_core_self(runtime))->sum, 6);
}

/* That it was buried is this process's doing: who reads ahead does not hear of it before the disk has. */
TEST(d7_a_quarantine_is_durable_before_it_is_seen)
{
    int code = 0;
    for (int i = 0; i < 12; i++) {
        pid_t child = fork();
        if (child == 0) {
            put("1");
            put("!");
            put("7");
            start();
            run_to(3);
            struct span record;
            bool alone = bus_mem_is_alone(hub, "out", 1);
            _exit(bus_mem_record(hub, "out", 2, &record) && alone && !bus_mem_is_alone(hub, "out", 2) ? 0 : 1);
        }
        (void)waitpid(child, &code, 0);
        if (WIFEXITED(code))
            break;
    }
    assert_true(WIFEXITED(code));
    assert_int_equal(WEXITSTATUS(code), 0);
}

TEST(a_full_bus_holds_it_up_and_loses_nothing)
{
    start();
    put("1");
    run_to(1);
    bus_mem_set_full(hub, true);
    for (int i = 0; i < 30; i++)
        put("1");
    for (int i = 0; i < 40; i++)
        loop_turn(loop, 5);
    assert_int_equal(bus_mem_end(hub, "out"), 1);
    assert_int_equal(runtime_status(runtime), OK);
    bus_mem_set_full(hub, false);
    run_to(31);
    expect(30, "sum=31");
}

/* Before LMDB would fail: nothing more is taken in, the reason is told, and a larger map takes it up. */
TEST(l7_a_state_that_is_nearly_full_stops_taking_input)
{
    const char *why_not;
    map_size = 4 << 20;
    start();
    for (int i = 0; i < 34; i++)
        put("#");
    run_to(34);
    for (int i = 0; i < 1000 && runtime_committed(runtime) < 34; i++)
        loop_turn(loop, 5);
    assert_int_equal(runtime_committed(runtime), 34);
    for (int i = 0; i < 20; i++)
        put("#");
    for (int i = 0; i < 20; i++)
        loop_turn(loop, 5);
    assert_int_equal(runtime_status(runtime), OK);
    assert_int_equal(runtime_position(runtime), 34);
    assert_false(runtime_is_ready(runtime, &why_not));
    assert_string_equal(why_not, "状态映射将满; the state map is nearly full");
    stop();
    map_size = 16 << 20;
    start();
    put("5");
    run_to(55);
    expect(54, "sum=5");
}

AROUND_EACH(set_up, tear_down)
