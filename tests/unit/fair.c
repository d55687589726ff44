/* SPDX-License-Identifier: Apache-2.0
 * Turns between parties, what a party has under way, and the door. */
#include "common/net/fair.h"
#include "tests/support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/net/door.h"
#include "services/ingest/flight.h"

static struct fair fair;

static void wait_for(unsigned party, unsigned messages)
{
    for (unsigned i = 0; i < messages; i++)
        assert_true(fair_enter(&fair, party, 100));
}

TEST(who_comes_late_waits_for_one_piece_of_each_other)
{
    fair = (struct fair){0};
    unsigned flood = fair_place(&fair, "120000"), other = fair_place(&fair, "130000");
    wait_for(flood, 500);
    wait_for(other, 500);
    for (int i = 0; i < 1000; i++)
        fair_spent(&fair, fair_next(&fair), 1000);
    unsigned honest = fair_place(&fair, "110000");
    wait_for(honest, 1);
    unsigned turns = 0;
    for (unsigned next; (next = fair_next(&fair)) != honest; turns++)
        fair_spent(&fair, next, 1000);
    assert_true(turns <= 2);
}

TEST(turns_are_shared_by_cost_not_by_count)
{
    int64_t served[2] = {0};
    fair = (struct fair){0};
    unsigned dear = fair_place(&fair, "dear"), cheap = fair_place(&fair, "cheap");
    wait_for(dear, 1);
    wait_for(cheap, 1);
    for (int i = 0; i < 10000; i++) {
        unsigned next = fair_next(&fair);
        int64_t us = next == dear ? 900 : 10;
        served[next] += us;
        fair_spent(&fair, next, us);
    }
    assert_in_range(served[dear], served[cheap] - 900, served[cheap] + 900);
}

TEST(rest_saves_nothing)
{
    fair = (struct fair){0};
    unsigned busy = fair_place(&fair, "busy"), idle = fair_place(&fair, "idle");
    wait_for(busy, 1);
    for (int i = 0; i < 1000; i++)
        fair_spent(&fair, busy, 1000);
    wait_for(idle, 1);
    unsigned in_a_row = 0;
    for (; fair_next(&fair) == idle; in_a_row++)
        fair_spent(&fair, idle, 1000);
    assert_true(in_a_row <= 2);
}

TEST(a_party_has_a_bound_and_others_are_not_touched_by_it)
{
    fair = (struct fair){0};
    unsigned flood = fair_place(&fair, "120000"), honest = fair_place(&fair, "110000");
    wait_for(flood, PARTY_WAITING_MAX);
    assert_false(fair_enter(&fair, flood, 1));
    assert_true(fair_enter(&fair, honest, PARTY_WAITING_SIZE_MAX + 1)); /* one message is always let in */
    assert_false(fair_enter(&fair, honest, 1));
    fair_leave(&fair, honest, PARTY_WAITING_SIZE_MAX + 1);
    assert_true(fair_enter(&fair, honest, 1));
    fair_leave(&fair, flood, 100);
    assert_true(fair_enter(&fair, flood, 100));
}

TEST(who_is_held_has_no_turn_and_the_last_place_is_shared)
{
    char name[8];
    fair = (struct fair){0};
    unsigned held = fair_place(&fair, "held");
    wait_for(held, 1);
    fair.parties[held].held = true;
    assert_int_equal(fair_next(&fair), FAIR_NOBODY);
    fair.parties[held].held = false;
    assert_int_equal(fair_next(&fair), held);
    for (unsigned i = 0; i < 3 * FAIR_PARTIES_MAX; i++) {
        (void)snprintf(name, sizeof name, "p%u", i);
        assert_true(fair_place(&fair, name) < FAIR_PARTIES_MAX);
    }
    assert_int_equal(fair_place(&fair, "one more"), FAIR_PARTIES_MAX - 1);
    assert_int_equal(fair_place(&fair, "held"), held);
}

TEST(what_is_under_way_is_counted_until_it_is_passed)
{
    static struct flight flight;
    uint64_t counted = 0;
    for (position_t end = 1; end <= 100000; end++, counted++)
        flight_add(&flight, end, 1);
    assert_int_equal(flight.count, counted);
    flight_pass(&flight, 1000);
    assert_in_range(flight.count, 99000, 99000 + FLIGHT_GRAIN); /* never too few: it waits rather than overtakes */
    flight_pass(&flight, 100000);
    assert_int_equal(flight.count, 0);
    flight_add(&flight, 100001, 700);
    flight_forget(&flight);
    assert_int_equal(flight.count, 0);
}

/* ---- the door: real connections over the loopback, a kernel's filter on a listener ---- */

static int listener_at(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
    assert_int_equal(listen(fd, 256), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
    return fd;
}

/* Accepted at once, or -1: the kernel took no notice. */
static int come(int listener, const struct sockaddr_in *to, const char *from, int *client)
{
    struct sockaddr_in source = {.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, from, &source.sin_addr), 1);
    *client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(*client, (struct sockaddr *)&source, sizeof source), 0);
    (void)connect(*client, (const struct sockaddr *)to, sizeof *to);
    struct pollfd item = {.fd = listener, .events = POLLIN};
    return poll(&item, 1, 100) == 1 ? accept(listener, NULL, NULL) : -1;
}

TEST(strangers_shut_the_door_and_parties_still_come_in)
{
    static struct door door;
    struct sockaddr_in address;
    int clients[DOOR_BEGUN_MAX + 4], listener = listener_at(&address);
    int64_t now = 1000000000;
    door_listens(&door, listener);
    int party = come(listener, &address, "127.0.0.9", &clients[0]);
    door_accepted(&door, party, now);
    door_is_in(&door, party);
    for (unsigned i = 1; i <= DOOR_BEGUN_MAX + 1; i++) {
        int fd = come(listener, &address, "127.0.0.2", &clients[i]);
        assert_true(fd >= 0);
        door_accepted(&door, fd, now);
    }
    int late;
    assert_int_equal(come(listener, &address, "127.0.0.3", &late), -1);
    (void)close(late);
    int again = come(listener, &address, "127.0.0.9", &late);
    assert_true(again >= 0);
    door_accepted(&door, again, now);
    door_is_in(&door, again);
    assert_true(door_tick(&door, now + DOOR_IMPATIENCE_US + 1)); /* the strangers' connections are cut */
    char byte;
    struct pollfd item = {.fd = clients[1], .events = POLLIN};
    assert_int_equal(poll(&item, 1, 1000), 1);
    assert_int_equal(recv(clients[1], &byte, 1, 0), 0);
    assert_int_equal(send(clients[0], "x", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(party, &byte, 1, MSG_DONTWAIT) == 1 || errno == EAGAIN, 1);
    for (unsigned slot = 0; slot < DOOR_CONNECTIONS_COUNT; slot++)
        if (door.connections[slot].since_us != 0) {
            (void)close(door.connections[slot].connection.fd);
            door_closed(&door, door.connections[slot].connection.fd);
        }
    (void)door_tick(&door, now + 2 * DOOR_IMPATIENCE_US);
    assert_true(come(listener, &address, "127.0.0.3", &late) >= 0);
}

TEST(an_address_that_comes_too_often_is_not_let_in_and_others_are)
{
    static struct door door;
    struct sockaddr_in address;
    int client, listener = listener_at(&address);
    int64_t now = 1000000000;
    door_listens(&door, listener);
    for (unsigned i = 0; i <= DOOR_BURST; i++) {
        int fd = come(listener, &address, "127.0.0.2", &client);
        assert_true(fd >= 0);
        door_accepted(&door, fd, now);
        door_is_in(&door, fd);
        (void)close(fd);
        door_closed(&door, fd);
        (void)close(client);
    }
    assert_int_equal(come(listener, &address, "127.0.0.2", &client), -1);
    (void)close(client);
    assert_true(come(listener, &address, "127.0.0.4", &client) >= 0);
    (void)door_tick(&door, now + 10 * DOOR_EACH_US);
    assert_true(come(listener, &address, "127.0.0.2", &client) >= 0);
}
