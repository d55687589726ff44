/* SPDX-License-Identifier: Apache-2.0
 * The door. */
#include "common/net/door.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <xxhash.h>

#include "common/base/check.h"

/* The IPv4 source address of a segment, as a socket's filter sees it. */
enum { SOURCE = SKF_NET_OFF + 12, PASS = 0xFFFFFFFF, DROP = 0 };

static uint32_t address_of(const struct connection *connection)
{
    struct sockaddr_in peer;
    memcpy(&peer, connection->peer, sizeof peer);
    return peer.sin_family == AF_INET ? ntohl(peer.sin_addr.s_addr) : 0;
}

static struct door_address *find(struct door *door, uint32_t address)
{
    for (unsigned i = 0; i < DOOR_ADDRESSES_COUNT; i++)
        if (address != 0 && door->addresses[i].address == address)
            return &door->addresses[i];
    return NULL;
}

/* Where there is no place, of those without a connection the one that came longest ago loses its own: a stranger's
 * before a party's. NULL: all are in use. */
static struct door_address *place(struct door *door, uint32_t address)
{
    struct door_address *found = find(door, address), *oldest = NULL;
    if (found != NULL || address == 0)
        return found;
    for (unsigned i = 0; i < DOOR_ADDRESSES_COUNT; i++) {
        struct door_address *each = &door->addresses[i];
        if (each->open == 0 && (oldest == NULL || each->known < oldest->known ||
                                (each->known == oldest->known && each->until_us < oldest->until_us)))
            oldest = each;
    }
    if (oldest != NULL)
        *oldest = (struct door_address){.address = address};
    return oldest;
}

static bool comes_too_often(const struct door_address *address, int64_t now_us)
{
    return address->open >= DOOR_ADDRESS_CONNECTIONS_MAX ||
           address->until_us - now_us > (int64_t)DOOR_BURST * DOOR_EACH_US;
}

/* ---- what the kernel is told ---- */

static unsigned add_address(struct sock_filter *program, unsigned size, uint32_t address, uint32_t verdict)
{
    program[size] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, address, 0, 1);
    program[size + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict);
    return size + 2;
}

/* Shut: parties' addresses alone, and none that comes too often. Open: all but those that come too often. */
static unsigned write_program(const struct door *door, struct sock_filter *program, int64_t now_us)
{
    unsigned size = 1;
    program[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SOURCE);
    for (unsigned i = 0; i < DOOR_ADDRESSES_COUNT; i++) {
        const struct door_address *each = &door->addresses[i];
        bool often = each->address != 0 && comes_too_often(each, now_us);
        if (door->shut ? each->known && !often : often)
            size = add_address(program, size, each->address, door->shut ? PASS : DROP);
    }
    program[size] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, door->shut ? DROP : PASS);
    return size + 1;
}

static void tell_kernel(struct door *door, int64_t now_us)
{
    struct sock_filter program[2 * DOOR_ADDRESSES_COUNT + 2];
    unsigned size = write_program(door, program, now_us);
    bool nothing = size == 2 && !door->shut;
    uint64_t hash = nothing ? 0 : XXH64(program, size * sizeof program[0], 1);
    struct sock_fprog all = {(unsigned short)size, program};
    int ignored = 0;
    if (door->listener == 0 || hash == door->program)
        return;
    door->program = hash;
    if (nothing)
        (void)setsockopt(door->listener, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored);
    else
        (void)setsockopt(door->listener, SOL_SOCKET, SO_ATTACH_FILTER, &all, sizeof all);
}

/* ---- what the monitor tells ---- */

void door_listens(struct door *door, int listener)
{
    door->listener = listener;
}

static struct door_connection *connection_of(struct door *door, int fd)
{
    struct door_connection *found = &door->connections[(unsigned)fd % DOOR_CONNECTIONS_COUNT];
    return fd > 0 && found->connection.fd == fd ? found : NULL;
}

void door_accepted(struct door *door, int fd, int64_t now_us)
{
    struct door_connection *connection = &door->connections[(unsigned)fd % DOOR_CONNECTIONS_COUNT];
    if (connection->connection.fd != 0)
        door_closed(door, connection->connection.fd);
    connection_note(&connection->connection, fd);
    if (connection->connection.fd == 0)
        return; /* it is gone already */
    connection->since_us = now_us;
    connection->address = address_of(&connection->connection);
    door->begun++;
    struct door_address *address = place(door, connection->address);
    if (address == NULL)
        return;
    address->open++;
    address->until_us = (address->until_us > now_us ? address->until_us : now_us) + DOOR_EACH_US;
    if (comes_too_often(address, now_us)) {
        door->turned_away++;
        connection_cut(&connection->connection);
    }
    if (door->begun > DOOR_BEGUN_MAX || comes_too_often(address, now_us))
        (void)door_tick(door, now_us);
}

void door_is_in(struct door *door, int fd)
{
    struct door_connection *connection = connection_of(door, fd);
    struct door_address *address = connection != NULL ? find(door, connection->address) : NULL;
    if (address != NULL)
        address->known = true;
    if (connection != NULL && connection->since_us != 0) {
        connection->since_us = 0;
        door->begun--;
    }
}

void door_closed(struct door *door, int fd)
{
    struct door_connection *connection = connection_of(door, fd);
    if (connection == NULL)
        return;
    struct door_address *address = find(door, connection->address);
    if (address != NULL && address->open > 0)
        address->open--;
    door->begun -= connection->since_us != 0;
    *connection = (struct door_connection){0};
}

bool door_tick(struct door *door, int64_t now_us)
{
    door->shut = door->begun > (door->shut ? DOOR_BEGUN_MAX / 2 : DOOR_BEGUN_MAX);
    int64_t patience_us = door->begun > DOOR_BEGUN_MAX / 2 ? DOOR_IMPATIENCE_US : DOOR_PATIENCE_US;
    for (unsigned i = 0; door->begun > 0 && i < DOOR_CONNECTIONS_COUNT; i++) {
        struct door_connection *each = &door->connections[i];
        if (each->connection.fd == 0 || each->since_us == 0 || now_us - each->since_us < patience_us)
            continue;
        if (!connection_is_there(&each->connection)) {
            door_closed(door, each->connection.fd); /* libzmq has not told */
        } else if (now_us - each->since_us >= DOOR_PATIENCE_US) {
            door_is_in(door, each->connection.fd);
        } else {
            door->turned_away++;
            connection_cut(&each->connection);
        }
    }
    tell_kernel(door, now_us);
    return door->begun > 0 || door->program != 0;
}
