/* SPDX-License-Identifier: Apache-2.0
 * Submits under way at once: what the client's window sends when, and what the gate's chains let in. First each by
 * itself; then both over a connection that loses, delays and swaps, before a gate that is busy, full and started
 * again: the log is what was sent, in its order, each once. */
#include "common/client/window.h"
#include "services/ingest/chains.h"
#include "tests/support/random.h"
#include "tests/support/test.h"

enum { MS = 1000, FRAME = 10 };

static void send(struct window *window, uint64_t request, int64_t now)
{
    size_t left = window->count - window->next;
    assert_true(window_may_send(window, now));
    window_sent(window, request, left < FRAME ? left : FRAME, 100, now);
}

/* Opened by a first answer, and full. */
static struct window full_window(void)
{
    struct window window;
    window_init(&window, 1000, true);
    send(&window, 1, 0);
    window_answered(&window, 1, FRAME, 0, 0);
    for (uint64_t request = 2; request < 2 + WINDOW_FRAMES_MAX; request++)
        send(&window, request, 0);
    return window;
}

TEST(one_frame_goes_until_the_first_answer)
{
    struct window window;
    window_init(&window, 1000, true);
    assert_int_equal(window.follows, 0);
    send(&window, 1, 0);
    assert_false(window_may_send(&window, 0));
    window_answered(&window, 1, FRAME, 0, 0);
    assert_int_equal(window_done(&window), FRAME);
    assert_int_equal(window.follows, 1);
    send(&window, 2, 0);
    send(&window, 3, 0);
    assert_int_equal(window.follows, 3);
    window_init(&window, 1000, false);
    send(&window, 4, 0);
    send(&window, 5, 0);
    assert_int_equal(window.follows, 5);
}

TEST(frames_and_bytes_under_way_are_bounded)
{
    struct window window = full_window();
    assert_false(window_may_send(&window, 0));
    window_init(&window, 1000, true);
    send(&window, 1, 0);
    window_answered(&window, 1, FRAME, 0, 0);
    window_sent(&window, 2, 1, WINDOW_SIZE_MAX - 1, 0);
    window_sent(&window, 3, 1, 1, 0);
    assert_false(window_may_send(&window, 0));
    window_answered(&window, 2, 1, 0, 0);
    assert_true(window_may_send(&window, 0));
    assert_int_equal(window.size, 1);
}

TEST(answers_in_another_order_settle_all_the_same)
{
    struct window window = full_window();
    window_answered(&window, 3, FRAME, 0, 0);
    assert_int_equal(window_done(&window), FRAME);
    assert_null(window_find(&window, 3));
    window_answered(&window, 2, FRAME, 0, 0);
    assert_int_equal(window_done(&window), 3 * FRAME);
    assert_null(window_find(&window, 99));
}

TEST(behind_a_busy_message_all_goes_again_in_order_after_the_pause)
{
    struct window window = full_window();
    window_answered(&window, 2, 4, 20, 0);
    assert_int_equal(window_done(&window), FRAME + 4);
    assert_int_equal(window.next, FRAME + 4);
    assert_int_equal(window.follows, 0);
    assert_null(window_find(&window, 3)); /* its answer comes too late */
    assert_false(window_may_send(&window, 20 * MS - 1));
    assert_int_equal(window_wakes_us(&window), 20 * MS);
    send(&window, 50, 20 * MS);
    assert_false(window_may_send(&window, 20 * MS)); /* one asks first */
    window_answered(&window, 50, FRAME, 0, 21 * MS);
    assert_true(window_may_send(&window, 21 * MS));
}

TEST(what_is_under_way_in_front_of_a_busy_frame_is_waited_for)
{
    struct window window = full_window();
    window_answered(&window, 4, 0, 20, 0);
    assert_false(window_may_send(&window, 30 * MS));
    window_answered(&window, 2, FRAME, 0, 30 * MS);
    assert_false(window_may_send(&window, 30 * MS));
    window_answered(&window, 3, FRAME, 0, 30 * MS);
    assert_true(window_may_send(&window, 30 * MS));
    assert_int_equal(window.follows, 0);
    assert_int_equal(window.next, 3 * FRAME);
}

TEST(after_silence_all_goes_again_from_the_oldest)
{
    struct window window = full_window();
    window_answered(&window, 3, FRAME, 0, 500 * MS);
    assert_false(window_is_silent(&window, 1499 * MS));
    assert_true(window_is_silent(&window, 1500 * MS));
    assert_int_equal(window.next, FRAME);
    assert_int_equal(window.follows, 0);
    assert_int_equal(window.size, 0);
    assert_null(window_find(&window, 2));
    send(&window, 60, 1500 * MS);
    assert_false(window_may_send(&window, 1500 * MS));
    assert_false(window_is_silent(&window, 2499 * MS)); /* silence begins with what is sent */
    assert_true(window_is_silent(&window, 2500 * MS));
}

TEST(a_chain_goes_on_behind_what_was_taken_alone)
{
    static struct chains chains;
    const int tcp = 0, ipc = 0;
    assert_true(chains_go_on(&chains, &tcp, 7, 0));
    assert_false(chains_go_on(&chains, &tcp, 7, 1));
    chains_note(&chains, &tcp, 7, 1, true);
    assert_true(chains_go_on(&chains, &tcp, 7, 1));
    assert_false(chains_go_on(&chains, &tcp, 7, 2));
    assert_false(chains_go_on(&chains, &tcp, 8, 1));
    assert_false(chains_go_on(&chains, &ipc, 7, 1)); /* each endpoint counts its connections */
    chains_note(&chains, &tcp, 7, 2, false);
    assert_false(chains_go_on(&chains, &tcp, 7, 1));
    assert_false(chains_go_on(&chains, &tcp, 7, 2));
    chains_note(&chains, &tcp, 7, 3, true);
    chains_note(&chains, &tcp, 7 + CHAINS_COUNT, 9, false); /* shares its place */
    assert_true(chains_go_on(&chains, &tcp, 7, 3));
    chains_break(&chains);
    assert_false(chains_go_on(&chains, &tcp, 7, 3));
}

/* ---- both, with everything going wrong ---- */

enum { MESSAGES = 400, WIRE = 64 };

struct frame {
    uint64_t session, request, follows;
    size_t first, count, settled;
    size_t needs; /* of an answer: the log's end that it waits for */
    bool refused;
};

struct wire {
    struct frame frames[WIRE];
    unsigned count;
};

struct world {
    uint64_t random, session, request;
    int64_t now;
    struct window window;
    struct chains chains;
    struct wire there, back;
    size_t log[MESSAGES], end, durable;
    bool known[MESSAGES];
};

static unsigned roll(struct world *world, unsigned sides)
{
    return (unsigned)(random_next(&world->random) % sides);
}

static void put(struct wire *wire, struct frame frame)
{
    assert_true(wire->count < WIRE);
    wire->frames[wire->count++] = frame;
}

static struct frame take(struct wire *wire, unsigned index)
{
    struct frame frame = wire->frames[index];
    memmove(&wire->frames[index], &wire->frames[index + 1], (--wire->count - index) * sizeof frame);
    return frame;
}

static void gate_takes(struct world *world)
{
    struct frame frame = take(&world->there, 0);
    bool room = chains_go_on(&world->chains, world, frame.session, frame.follows), busy = false;
    unsigned busy_at = roll(world, 40);
    for (size_t i = frame.first; i < frame.first + frame.count; i++) {
        room = room && i - frame.first != busy_at;
        if (!world->known[i] && room) {
            world->known[i] = true;
            world->log[world->end++] = i;
        }
        busy = busy || !world->known[i];
        frame.settled += !busy;
        if (world->known[i])
            frame.needs = world->end;
    }
    chains_note(&world->chains, world, frame.session, frame.request, room);
    put(&world->back, frame);
}

/* The disk is full: what was promised is taken back. */
static void roll_back(struct world *world)
{
    while (world->end > world->durable)
        world->known[world->log[--world->end]] = false;
    for (unsigned i = 0; i < world->back.count; i++)
        world->back.frames[i].refused = world->back.frames[i].refused || world->back.frames[i].needs > world->durable;
    chains_break(&world->chains);
}

static void lose_connection(struct world *world)
{
    unsigned kept = roll(world, world->there.count + 1); /* of the others some go over the next connection */
    while (world->there.count > kept)
        (void)take(&world->there, 0);
    world->session++;
    for (unsigned i = 0; i < world->there.count; i++)
        world->there.frames[i].session = world->session;
    world->back.count = 0;
}

static void answer_comes(struct world *world)
{
    unsigned index = roll(world, world->back.count);
    if (world->back.frames[index].needs > world->durable && !world->back.frames[index].refused)
        return;
    struct frame frame = take(&world->back, index);
    const struct window_frame *found = window_find(&world->window, frame.request);
    if (found == NULL)
        return;
    assert_int_equal(found->first, frame.first);
    window_answered(&world->window, frame.request, frame.refused ? 0 : frame.settled, 20, world->now);
}

static void turn(struct world *world)
{
    world->now += 5 * MS;
    (void)window_is_silent(&world->window, world->now);
    while (window_may_send(&world->window, world->now) && world->there.count < WIRE) {
        size_t left = world->window.count - world->window.next, most = 1 + roll(world, 12);
        struct frame frame = {.session = world->session,
                              .request = ++world->request,
                              .follows = world->window.follows,
                              .first = world->window.next,
                              .count = left < most ? left : most};
        window_sent(&world->window, frame.request, frame.count, frame.count, world->now);
        put(&world->there, frame);
    }
    if (world->there.count > 0 && world->back.count < WIRE && roll(world, 2) == 0)
        gate_takes(world);
    if (roll(world, 3) == 0)
        world->durable = world->end;
    if (world->back.count > 0)
        answer_comes(world);
    if (roll(world, 60) == 0)
        lose_connection(world);
    if (roll(world, 60) == 0)
        roll_back(world);
    if (roll(world, 200) == 0) { /* the gate is started again */
        roll_back(world);
        lose_connection(world);
    }
}

TEST(the_log_is_what_was_sent_in_its_order_whatever_happens)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        static struct world world;
        memset(&world, 0, sizeof world);
        world.random = seed;
        world.session = 1;
        window_init(&world.window, MESSAGES, true);
        for (unsigned turns = 0; window_done(&world.window) < MESSAGES; turns++) {
            turn(&world);
            if (turns > 200000)
                fail_msg("seed %llu: not done", (unsigned long long)seed);
        }
        if (world.durable != MESSAGES)
            fail_msg("seed %llu: %zu of %d on disk", (unsigned long long)seed, world.durable, MESSAGES);
        for (size_t i = 0; i < MESSAGES; i++)
            if (world.log[i] != i)
                fail_msg("seed %llu: message %zu stands at %zu", (unsigned long long)seed, world.log[i], i);
    }
}
