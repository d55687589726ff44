/* SPDX-License-Identifier: Apache-2.0
 * The loop sleeps until something comes, and hears of all that comes: of messages whose signal was taken in by a send,
 * of what a handler left over, of timers in their order; whatever a handler adds or removes meanwhile. A turn that
 * misses something waits PATIENCE_MS for nothing. */
#include "common/net/loop.h"

#include <czmq.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/net/server.h"
#include "common/net/socket_internal.h"
#include "tests/support/test.h"

enum { PATIENCE_MS = 2000 };

struct heard {
    struct loop *loop;
    void *socket;
    int fd;
    unsigned count;
    struct heard *removes;
};

static struct loop *loop;

static int set_up(void **state)
{
    (void)state;
    socket_process_init();
    loop = loop_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_destroy(&loop);
    return 0;
}

AROUND_EACH(set_up, tear_down)

/* ---- sockets ---- */

static void pair_open(const char *endpoint, struct heard *here, void **there)
{
    here->socket = zmq_socket(zsys_init(), ZMQ_PAIR);
    *there = zmq_socket(zsys_init(), ZMQ_PAIR);
    assert_int_equal(zmq_bind(here->socket, endpoint), 0);
    assert_int_equal(zmq_connect(*there, endpoint), 0);
}

static void pair_close(struct heard *here, void **there)
{
    loop_remove(loop, here);
    socket_close(&here->socket);
    socket_close(there);
}

/* One message a call, whatever waits. */
static void take_one(void *self)
{
    struct heard *heard = self;
    char byte;
    heard->count += zmq_recv(heard->socket, &byte, 1, ZMQ_DONTWAIT) == 1;
}

TEST(calls_until_all_is_read_though_the_signal_came_once)
{
    struct heard here = {0};
    void *there;
    pair_open("inproc://left-over", &here, &there);
    loop_add_socket(loop, here.socket, take_one, &here);
    loop_turn(loop, 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(zmq_send(there, "x", 1, 0), 1);
    for (unsigned i = 1; i <= 3; i++) {
        loop_turn(loop, PATIENCE_MS);
        assert_int_equal(here.count, i);
    }
    pair_close(&here, &there);
}

TEST(hears_what_came_before_the_socket_was_added)
{
    struct heard here = {0};
    void *there;
    int events;
    size_t size = sizeof events;
    pair_open("inproc://before", &here, &there);
    assert_int_equal(zmq_send(there, "x", 1, 0), 1);
    assert_int_equal(zmq_getsockopt(here.socket, ZMQ_EVENTS, &events, &size), 0); /* takes the signal in */
    loop_add_socket(loop, here.socket, take_one, &here);
    loop_turn(loop, PATIENCE_MS);
    assert_int_equal(here.count, 1);
    pair_close(&here, &there);
}

TEST(hears_what_came_while_the_socket_was_used)
{
    struct heard here = {0};
    void *there;
    int events;
    size_t size = sizeof events;
    pair_open("inproc://meanwhile", &here, &there);
    loop_add_socket(loop, here.socket, take_one, &here);
    loop_turn(loop, 0);
    loop_turn(loop, 0);
    assert_int_equal(zmq_send(there, "x", 1, 0), 1);
    assert_int_equal(zmq_getsockopt(here.socket, ZMQ_EVENTS, &events, &size), 0); /* as a send may */
    loop_touched(loop, here.socket);
    loop_turn(loop, PATIENCE_MS);
    assert_int_equal(here.count, 1);
    pair_close(&here, &there);
}

/* ---- a server and a dealer, each in a loop of its own ---- */

struct echo {
    struct server *server;
    unsigned count;
    bool later; /* it answers when the test says so */
    uint64_t session;
};

static void answer(void *self, const struct peer *peer, struct span bytes)
{
    struct echo *echo = self;
    echo->count++;
    echo->session = peer->session;
    if (!echo->later)
        assert_int_equal(server_reply(echo->server, peer->session, bytes), OK);
}

struct asker {
    struct dealer *dealer;
    struct buffer message;
    unsigned count;
    unsigned connected;
};

static void take_answers(void *self)
{
    struct asker *asker = self;
    asker->connected += dealer_has_connected(asker->dealer);
    while (dealer_receive(asker->dealer, 0, &asker->message) == OK)
        asker->count++;
}

static void spin_ms(int64_t ms)
{
    for (int64_t until = loop_monotonic_us() + ms * 1000; loop_monotonic_us() < until;)
        continue;
}

/* Turns until `count` has moved on. None of the turns waits for its time: something always comes. */
static void turn_until(struct loop *turned, const unsigned *count, unsigned wanted)
{
    while (*count < wanted) {
        int64_t began = loop_monotonic_us();
        loop_turn(turned, PATIENCE_MS);
        assert_true(loop_monotonic_us() - began < PATIENCE_MS * 1000);
    }
}

static void open_both(struct loop *servers, const char *endpoint, struct echo *echo, struct asker *asker)
{
    struct buffer why;
    struct server_options options = {.endpoint = endpoint, .message = answer, .self = echo};
    struct dealer_options to = {.endpoint = endpoint};
    buffer_init(&why);
    assert_int_equal(server_open(servers, &options, &echo->server, &why), OK);
    assert_int_equal(dealer_open(&to, &asker->dealer), OK);
    dealer_watch(asker->dealer, loop, take_answers, asker);
}

static void close_both(struct loop **servers, struct echo *echo, struct asker *asker)
{
    dealer_close(&asker->dealer);
    server_close(&echo->server);
    buffer_fini(&asker->message);
    loop_destroy(servers);
}

/* libzmq looks into a socket's mailbox when it sends, if it has not for a millisecond: the answer that has come is
 * taken in then, and no descriptor tells of it. */
TEST(hears_an_answer_that_came_before_the_next_question_was_sent)
{
    struct loop *servers = loop_new();
    struct echo echo = {0};
    struct asker asker = {0};
    open_both(servers, "ipc://@hutong-unit-loop-1", &echo, &asker);
    for (unsigned round = 1; round <= 20; round++) {
        loop_turn(loop, 0);
        assert_int_equal(dealer_send(asker.dealer, span_text("a")), OK);
        loop_turn(loop, 0);
        loop_turn(loop, 0);
        turn_until(servers, &echo.count, 2 * round - 1);
        spin_ms(3);
        assert_int_equal(dealer_send(asker.dealer, span_text("b")), OK);
        turn_until(loop, &asker.count, 2 * round - 1);
        turn_until(servers, &echo.count, 2 * round);
        turn_until(loop, &asker.count, 2 * round);
    }
    assert_int_equal(asker.connected, 1);
    close_both(&servers, &echo, &asker);
}

TEST(hears_a_question_that_came_before_an_answer_was_sent)
{
    struct loop *servers = loop_new();
    struct echo echo = {.later = true};
    struct asker asker = {0};
    open_both(servers, "ipc://@hutong-unit-loop-2", &echo, &asker);
    for (unsigned round = 1; round <= 20; round++) {
        assert_int_equal(dealer_send(asker.dealer, span_text("a")), OK);
        turn_until(servers, &echo.count, 2 * round - 1);
        loop_turn(servers, 0);
        loop_turn(servers, 0);
        assert_int_equal(dealer_send(asker.dealer, span_text("b")), OK);
        spin_ms(3);
        assert_int_equal(server_reply(echo.server, echo.session, span_text("x")), OK);
        turn_until(servers, &echo.count, 2 * round);
        turn_until(loop, &asker.count, round);
    }
    close_both(&servers, &echo, &asker);
}

/* ---- descriptors, and changes from inside ---- */

static void signalled(void *self)
{
    struct heard *heard = self;
    uint64_t value;
    heard->count++;
    assert_int_equal(read(heard->fd, &value, sizeof value), sizeof value);
    if (heard->removes == NULL)
        return;
    loop_remove(loop, heard->removes);
    if (heard->removes != heard)
        (void)close(heard->removes->fd);
}

static void watch_fd(struct heard *heard)
{
    heard->fd = eventfd(1, EFD_NONBLOCK);
    loop_add_fd(loop, heard->fd, signalled, heard);
}

TEST(who_is_removed_by_a_handler_is_not_called_in_that_turn)
{
    struct heard second = {0}, first = {.removes = &second}, third = {.removes = &third};
    watch_fd(&first);
    watch_fd(&second);
    watch_fd(&third);
    loop_turn(loop, PATIENCE_MS);
    assert_int_equal(first.count, 1);
    assert_int_equal(second.count, 0);
    assert_int_equal(third.count, 1);
    uint64_t one = 1;
    assert_int_equal(write(third.fd, &one, sizeof one), sizeof one);
    loop_turn(loop, 0);
    assert_int_equal(third.count, 1);
    (void)close(first.fd);
    (void)close(third.fd);
}

static void turns_within(void *self)
{
    struct heard *heard = self;
    signalled(heard);
    loop_turn(loop, 0);
}

TEST(a_turn_within_a_turn_calls_everybody_once)
{
    struct heard removed = {0}, second = {0}, third = {0};
    struct heard first = {.fd = eventfd(1, EFD_NONBLOCK), .removes = &removed};
    watch_fd(&removed);
    (void)!read(removed.fd, &(uint64_t){0}, sizeof(uint64_t));
    loop_add_fd(loop, first.fd, turns_within, &first);
    watch_fd(&second);
    watch_fd(&third);
    loop_turn(loop, PATIENCE_MS);
    assert_int_equal(first.count, 1);
    assert_int_equal(removed.count, 0);
    assert_int_equal(second.count, 1);
    assert_int_equal(third.count, 1);
    (void)close(first.fd);
    (void)close(second.fd);
    (void)close(third.fd);
}

/* ---- timers ---- */

static char fired[16];

static void note(const char *letter)
{
    (void)strncat(fired, letter, sizeof fired - strlen(fired) - 1);
}

static void note_a(void *self)
{
    (void)self;
    note("a");
}

static void note_b(void *self)
{
    (void)self;
    note("b");
}

static void note_c(void *self)
{
    (void)self;
    note("c");
    loop_once(loop, 1, note_a, self);
}

TEST(timers_fire_in_the_order_of_their_times)
{
    fired[0] = 0;
    loop_once(loop, 3, note_a, NULL);
    loop_once(loop, 1, note_b, NULL);
    loop_once(loop, 2, note_c, NULL);
    spin_ms(5);
    loop_turn(loop, PATIENCE_MS);
    assert_string_equal(fired, "bca");
    loop_turn(loop, 3); /* c had asked for an earlier a, which was due already: there is one */
    assert_string_equal(fired, "bca");
}

TEST(of_two_times_for_one_thing_the_earlier_stands_and_it_fires_once)
{
    int64_t began = loop_monotonic_us();
    fired[0] = 0;
    loop_once(loop, 60000, note_a, NULL);
    loop_once(loop, 2, note_a, NULL);
    loop_once(loop, 60000, note_a, NULL);
    loop_turn(loop, PATIENCE_MS);
    assert_string_equal(fired, "a");
    assert_true(loop_monotonic_us() - began >= 2000 && loop_monotonic_us() - began < PATIENCE_MS * 1000);
    loop_turn(loop, 3);
    assert_string_equal(fired, "a");
}

TEST(a_period_fires_at_its_multiples_and_no_turn_comes_too_early)
{
    fired[0] = 0;
    loop_add_timer(loop, 20, note_a, &fired);
    for (unsigned i = 1; i <= 3; i++) {
        loop_turn(loop, PATIENCE_MS);
        assert_int_equal(strlen(fired), i);
    }
    loop_remove(loop, &fired);
    loop_turn(loop, 25);
    assert_int_equal(strlen(fired), 3);
}

/* ---- the end of the sleep ---- */

static void *stop(void *self)
{
    loop_stop(self);
    return NULL;
}

TEST(another_thread_ends_a_loop_that_has_nothing_to_wait_for)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, stop, loop), 0);
    loop_run(loop);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static unsigned turned;

static void on_turn(void *self)
{
    if (turned++ == 0)
        loop_again(self);
}

TEST(does_not_sleep_while_work_is_left_over)
{
    turned = 0;
    loop_add_turn(loop, on_turn, loop);
    loop_turn(loop, 0);
    int64_t began = loop_monotonic_us();
    loop_turn(loop, PATIENCE_MS);
    assert_true(loop_monotonic_us() - began < PATIENCE_MS * 1000);
    assert_int_equal(turned, 2);
}
