/* SPDX-License-Identifier: Apache-2.0
 * Descriptors of libzmq's connections. */
#include "common/net/connection.h"

#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/check.h"

static bool peer_of(int fd, uint8_t peer[CONNECTION_PEER_SIZE])
{
    socklen_t size = CONNECTION_PEER_SIZE;
    memset(peer, 0, CONNECTION_PEER_SIZE);
    return getpeername(fd, (struct sockaddr *)peer, &size) == 0;
}

void connection_note(struct connection *connection, int fd)
{
    connection->fd = fd > 0 && peer_of(fd, connection->peer) ? fd : 0;
}

bool connection_is_there(const struct connection *connection)
{
    uint8_t peer[CONNECTION_PEER_SIZE];
    return connection->fd != 0 && peer_of(connection->fd, peer) && memcmp(peer, connection->peer, sizeof peer) == 0;
}

bool connection_hear(const struct connection *connection, bool hear)
{
    struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {1, nothing};
    int ignored = 0;
    if (!connection_is_there(connection))
        return false;
    if (hear)
        return setsockopt(connection->fd, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored) == 0;
    return setsockopt(connection->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void connection_cut(const struct connection *connection)
{
    if (connection_is_there(connection))
        (void)shutdown(connection->fd, SHUT_RDWR);
}
