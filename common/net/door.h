/* SPDX-License-Identifier: Apache-2.0
 * The door of a listening socket: how many may be in the handshake at once, how often an address may begin one, how
 * many connections it may have. A handshake costs half a millisecond of deciphering, and whoever begins one is nobody
 * yet. While the door is shut the kernel drops what would open a connection (their TCP asks again after a second): no
 * work of ours, and nothing of those who are in. Addresses from which a party has come in still may, each within its
 * own bound; addresses that come too often may not, door open or shut. Of IPv4; a party's IPv6 address waits like a
 * stranger's while the door is shut.
 *
 * Told by libzmq's monitor of the socket, on one thread. libzmq does not say whose handshake succeeded: a connection
 * counts as in the handshake until it has brought a message, or as long as a handshake may take. Time is given. */
#ifndef HUTONG_COMMON_NET_DOOR_H
#define HUTONG_COMMON_NET_DOOR_H
#include "common/net/connection.h"

enum {
    DOOR_ADDRESSES_COUNT = 64,
    DOOR_CONNECTIONS_COUNT = 4096,
    DOOR_BEGUN_MAX = 32,         /* handshakes under way: 15 ms of work */
    DOOR_PATIENCE_US = 6000000,  /* then libzmq has ended a handshake */
    DOOR_IMPATIENCE_US = 500000, /* the same while there are many */
    DOOR_BURST = 128,            /* connections that an address may begin at once, */
    DOOR_EACH_US = 20000,        /* and how long each counts */
    DOOR_ADDRESS_CONNECTIONS_MAX = 256,
    DOOR_TICK_MS = 50
};

struct door_address {
    uint32_t address; /* IPv4, in host order; 0: free */
    bool known;       /* a party has come in from here */
    uint32_t open;    /* connections */
    int64_t until_us; /* it has begun as many as if one each DOOR_EACH_US until then */
};

struct door {
    int listener; /* 0: not known */
    struct door_address addresses[DOOR_ADDRESSES_COUNT];
    struct door_connection {
        struct connection connection; /* fd 0: none */
        uint32_t address;
        int64_t since_us;                  /* it came, and has said nothing yet; 0: it is in */
    } connections[DOOR_CONNECTIONS_COUNT]; /* by descriptor */
    unsigned begun;
    bool shut;
    uint64_t program; /* a hash of what the kernel was told; 0: nothing */
    uint64_t turned_away;
};

void door_listens(struct door *door, int listener);
void door_accepted(struct door *door, int fd, int64_t now_us);
/* A message has come over it: it is a party's. */
void door_is_in(struct door *door, int fd);
void door_closed(struct door *door, int fd);
/* Ends handshakes that take too long, tells the kernel. True: to be called again within DOOR_TICK_MS. */
bool door_tick(struct door *door, int64_t now_us);
#endif
