/* SPDX-License-Identifier: Apache-2.0
 * The orderer and its index of ids, over the bus in this process: what it forgets, and what it must never forget. */
#include "services/ingest/orderer.h"
#include "tests/support/test.h"

#include <unistd.h>

#include "common/base/check.h"
#include "common/bus/bus_mem.h"
#include "common/observe/diary.h"
#include "services/ingest/salts.h"

static char directory[64];
static struct bus_mem_hub *hub;
static struct loop *loop;
static struct metrics *metrics;
static struct bus *bus, *index_bus;
static struct orderer *orderer;
static struct buffer why, envelope;
static position_t durable, rolled_back;

static void on_durable(void *self, position_t position)
{
    durable = position;
}

static void on_rolled_back(void *self, position_t position)
{
    rolled_back = position;
}

static void on_read(void *self, position_t position, struct span record)
{
    (void)position;
    (void)record;
}

static int set_up(void **state)
{
    diary_start("test", DIARY_FATAL);
    (void)snprintf(directory, sizeof directory, "/tmp/hutong-orderer-XXXXXX");
    assert_non_null(mkdtemp(directory));
    hub = bus_mem_hub_new();
    buffer_init(&why);
    buffer_init(&envelope);
    durable = rolled_back = UINT64_MAX;
    return 0;
}

static void stop(void)
{
    orderer_close(&orderer);
    bus_close(&bus);
    bus_close(&index_bus);
    if (loop != NULL)
        loop_destroy(&loop);
    if (metrics != NULL)
        metrics_destroy(&metrics);
}

static void forget_the_index(void)
{
    char command[96];
    (void)snprintf(command, sizeof command, "rm -rf %s/*", directory);
    assert_int_equal(system(command), 0);
}

static int tear_down(void **state)
{
    stop();
    bus_mem_hub_destroy(&hub);
    forget_the_index();
    char seen[96];
    (void)rmdir(directory);
    (void)snprintf(seen, sizeof seen, "%s.seen", directory);
    (void)unlink(seen);
    buffer_fini(&why);
    buffer_fini(&envelope);
    return 0;
}

static void start(void)
{
    struct bus_handlers none = {0};
    const char *text;
    loop = loop_new();
    metrics = metrics_new();
    bus = bus_mem_open(hub, loop, &none);
    index_bus = bus_mem_open(hub, loop, &none);
    struct orderer_options options = {.loop = loop,
                                      .bus = bus,
                                      .index_bus = index_bus,
                                      .state_directory = directory,
                                      .state_map_size = 16 << 20,
                                      .metrics = metrics,
                                      .durable = on_durable,
                                      .rolled_back = on_rolled_back,
                                      .read = on_read};
    assert_int_equal(orderer_open(&options, &orderer, &why), OK);
    for (int i = 0; i < 1000 && orderer_status(orderer, &text) == OK && !orderer_is_ready(orderer, &text); i++)
        loop_turn(loop, 5);
}

static void turn_until_durable(position_t position)
{
    for (int i = 0; i < 1000 && (durable == UINT64_MAX || durable < position); i++)
        loop_turn(loop, 5);
    assert_int_equal(durable, position);
}

static struct gate_placing place(const char *sender, unsigned id, unsigned content, instant_ms_t stamp)
{
    struct peer peer = {.role = PARTY_LOCAL};
    struct gate_view view;
    struct digest *digest = digest_new();
    char text[37];
    (void)snprintf(text, sizeof text, "019ab300-0000-7000-8000-%012u", id);
    struct event event = {.version = 1,
                          .sender = sender,
                          .message_id = text,
                          .person_id = "",
                          .traceparent = "",
                          .kind = EVENT_TICK,
                          .body.tick.number = content};
    buffer_reset(&envelope);
    envelope_encode(&event, &envelope);
    assert_int_equal(gate_examine(&peer, true, buffer_span(&envelope), digest, &view, &why), RULE_NONE);
    digest_destroy(&digest);
    return orderer_place(orderer, &view, buffer_span(&envelope), stamp, true);
}

static void expect(struct gate_placing placing, enum gate_outcome outcome, position_t position, instant_ms_t stamp)
{
    assert_int_equal(placing.outcome, outcome);
    assert_int_equal(placing.entry.position, position);
    assert_int_equal(placing.entry.accepted_at, stamp);
    assert_int_equal(placing.needs, position + 1);
}

static void expect_stopped(enum status status)
{
    const char *text;
    for (int i = 0; i < 200 && orderer_status(orderer, &text) == OK; i++)
        loop_turn(loop, 5);
    assert_int_equal(orderer_status(orderer, &text), status);
}

/* ---- the tests ---- */

TEST(an_id_has_one_place_under_way_on_disk_and_after_a_start)
{
    start();
    expect(place("110000", 1, 1, 1000), PLACED, 0, 1000);
    expect(place("120000", 1, 2, 1001), PLACED, 1, 1001); /* another sender's */
    expect(place("110000", 1, 1, 1002), PLACED_BEFORE, 0, 1000);
    expect(place("110000", 1, 2, 1003), PLACED_OTHER, 0, 1000);
    turn_until_durable(2);
    expect(place("110000", 1, 1, 1004), PLACED_BEFORE, 0, 1000);
    stop();
    start();
    expect(place("110000", 1, 1, 1005), PLACED_BEFORE, 0, 1000);
    expect(place("120000", 1, 1, 1006), PLACED_OTHER, 1, 1001);
    expect(place("120000", 2, 1, 1007), PLACED, 2, 1007);
}

TEST(a_lost_index_is_made_again_from_the_log)
{
    enum { COUNT = 500 };
    start();
    for (unsigned i = 0; i < COUNT; i++)
        expect(place(i % 3 == 0 ? "110000" : "130000", i, i, 1000 + i), PLACED, i, 1000 + i);
    turn_until_durable(COUNT);
    stop();
    forget_the_index();
    start();
    for (unsigned i = 0; i < COUNT; i++)
        expect(place(i % 3 == 0 ? "110000" : "130000", i, i, 9000), PLACED_BEFORE, i, 1000 + i);
    expect(place("110000", COUNT, 0, 9000), PLACED, COUNT, 9000);
}

TEST(t1_no_time_goes_back_over_a_start)
{
    start();
    expect(place("110000", 1, 1, 5000), PLACED, 0, 5000);
    expect(place("110000", 2, 1, 4000), PLACED, 1, 5000);
    turn_until_durable(2);
    stop();
    start();
    expect(place("110000", 3, 1, 3000), PLACED, 2, 5000);
}

/* None of it was written, so none of it has a place; what comes next takes that place. */
TEST(what_a_full_disk_refused_has_never_been)
{
    start();
    expect(place("110000", 1, 1, 1000), PLACED, 0, 1000);
    turn_until_durable(1);
    bus_mem_set_full(hub, true);
    expect(place("110000", 2, 1, 1001), PLACED, 1, 1001);
    loop_turn(loop, 5);
    expect(place("110000", 3, 1, 1002), PLACED, 2, 1002);
    for (int i = 0; i < 100 && rolled_back == UINT64_MAX; i++)
        loop_turn(loop, 5);
    assert_int_equal(rolled_back, 1);
    assert_int_equal(orderer_end(orderer), 1);
    bus_mem_set_full(hub, false);
    expect(place("110000", 3, 1, 1003), PLACED, 1, 1003);
    expect(place("110000", 2, 2, 1004), PLACED, 2, 1004);
    turn_until_durable(3);
    expect(place("110000", 1, 1, 1005), PLACED_BEFORE, 0, 1000);
}

static struct gate_placing place_key(unsigned id)
{
    struct peer peer = {.role = PARTY_LOCAL};
    struct gate_view view;
    struct digest *digest = digest_new();
    uint8_t key[32] = {(uint8_t)id};
    char text[37];
    (void)snprintf(text, sizeof text, "019ab300-0000-7000-8000-%012u", id);
    struct event event = {
        .version = 1,
        .sender = "operator",
        .message_id = text,
        .person_id = "",
        .traceparent = "",
        .kind = EVENT_SIGNING_KEY,
        .body.signing_key = {.party = "110000", .algorithm = SIGN_ED25519, .public_key = span_of(key, sizeof key)}};
    buffer_reset(&envelope);
    envelope_encode(&event, &envelope);
    assert_int_equal(gate_examine(&peer, false, buffer_span(&envelope), digest, &view, &why), RULE_NONE);
    digest_destroy(&digest);
    return orderer_place(orderer, &view, buffer_span(&envelope), 1000, true);
}

static uint32_t keys_of_beijing(void)
{
    struct signing_keys keys = orderer_signing(orderer);
    return signing_party_find(&keys, span_text("110000")).keys;
}

/* So that whoever is placed was judged by the keys of the position that it got. */
TEST(nothing_is_placed_behind_a_key_before_the_index_has_it)
{
    start();
    expect(place_key(1), PLACED, 0, 1000);
    assert_int_equal(keys_of_beijing(), 0);
    assert_int_equal(place("110000", 2, 1, 1001).outcome, PLACING_BUSY);
    turn_until_durable(1);
    assert_int_equal(keys_of_beijing(), 1);
    expect(place("110000", 2, 1, 1002), PLACED, 1, 1002);
    turn_until_durable(2);
    bus_mem_set_full(hub, true);
    expect(place_key(3), PLACED, 2, 1002);
    for (int i = 0; i < 100 && rolled_back == UINT64_MAX; i++)
        loop_turn(loop, 5);
    bus_mem_set_full(hub, false);
    expect(place("110000", 4, 1, 1003), PLACED, 2, 1003); /* the key never was */
    turn_until_durable(3);
    assert_int_equal(keys_of_beijing(), 1);
    stop();
    forget_the_index();
    start();
    assert_int_equal(keys_of_beijing(), 1);
}

/* Every record has one, and a trace's records keep theirs, or none. */
TEST(salts_differ_and_a_traces_stay)
{
    struct salts salts = {0};
    uint8_t seen[3][SALT_SIZE];
    for (unsigned i = 0; i < 3; i++)
        memcpy(seen[i], salts_next(&salts).data, SALT_SIZE);
    assert_memory_not_equal(seen[0], seen[1], SALT_SIZE);
    assert_memory_not_equal(seen[1], seen[2], SALT_SIZE);
    for (unsigned i = 0; i < SALTS_SIZE / SALT_SIZE; i++)
        assert_memory_not_equal(salts_next(&salts).data, seen[0], SALT_SIZE);
}

TEST(d10_a_log_shorter_than_the_index_is_refused)
{
    start();
    expect(place("110000", 1, 1, 1000), PLACED, 0, 1000);
    turn_until_durable(1);
    stop();
    bus_mem_hub_destroy(&hub);
    hub = bus_mem_hub_new();
    start();
    expect_stopped(FATAL_CORRUPT);
}

static void opened(void *self, struct bus_writer *writer, enum status status, position_t end)
{
    (void)status;
    (void)end;
}

TEST(a_second_writer_stops_the_first)
{
    struct bus_handlers handlers = {.writer_opened = opened};
    start();
    struct bus *other = bus_mem_open(hub, loop, &handlers);
    (void)bus_open_writer(other, "submissions", "ingest", "");
    expect(place("110000", 1, 1, 1000), PLACED, 0, 1000);
    expect_stopped(FATAL_FENCED);
    bus_close(&other);
}

AROUND_EACH(set_up, tear_down)
