/* SPDX-License-Identifier: Apache-2.0
 * A TCP connection of libzmq's, by its descriptor: what libzmq has no word for. The descriptor is libzmq's, and may be
 * another connection's by now; so the peer's address is compared before anything is done. */
#ifndef HUTONG_COMMON_NET_CONNECTION_H
#define HUTONG_COMMON_NET_CONNECTION_H
#include <stdbool.h>
#include <stdint.h>

enum { CONNECTION_PEER_SIZE = 28 /* a sockaddr_in6 */ };

struct connection {
    int fd; /* 0: none */
    uint8_t peer[CONNECTION_PEER_SIZE];
};

/* `fd` < 0: there is none. */
void connection_note(struct connection *connection, int fd);
/* Whether it is still there, and no other. */
bool connection_is_there(const struct connection *connection);
/* False: what its peer sends is dropped by the kernel. Returns false where it is gone. */
bool connection_hear(const struct connection *connection, bool hear);
/* It ends; libzmq notices by itself. */
void connection_cut(const struct connection *connection);
#endif
