/* SPDX-License-Identifier: Apache-2.0
 * Options of our sockets. */
#include "common/net/socket_internal.h"

#include <czmq.h>
#include <pthread.h>

#include "common/base/check.h"
#include "common/base/limits.h"

enum {
    HEARTBEAT_INTERVAL_MS = 2000,
    HEARTBEAT_TIMEOUT_MS = 7000, /* a dead line is noticed within 10 s (Z15) */
    HANDSHAKE_MS = 5000,         /* a slow handshake may not hold a place (Z10) */
    LINGER_MS = 500,             /* CZMQ's default of 0 drops what was just sent (Z8) */
    RECONNECT_MS = 50,
    RECONNECT_MAX_MS = 1000,
    QUEUE_MESSAGES_MAX = 4000,
    REMOTE_QUEUE_MESSAGES_MAX = 64, /* an answer may be a page of a megabyte, and its asker may never read (Z9) */
    BACKLOG = 512,
    IO_THREADS_COUNT = 4 /* deciphering 4 MiB takes 10 ms, and whoever shares the thread waits for it */
};

/* Listed among the drafts in zmq.h 4.3.4, yet built into the library; without it a server whose handler is missing lets
 * everybody in (Z1). server tests prove that it works. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

static void init_once(void)
{
    zsys_set_io_threads(IO_THREADS_COUNT);
    zsys_init();
    zsys_handler_set(NULL);
    zsys_set_logstream(NULL);
}

void socket_process_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, init_once);
}

static void set(void *socket, int option, int value)
{
    INVARIANT(zmq_setsockopt(socket, option, &value, sizeof value) == 0);
}

static void set_heartbeats(void *socket)
{
    set(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_INTERVAL_MS);
    set(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    set(socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS);
    set(socket, ZMQ_TCP_MAXRT, HEARTBEAT_TIMEOUT_MS); /* a heartbeat waits behind what the peer does not take (Z15) */
}

bool socket_is_remote(const char *endpoint)
{
    return strncmp(endpoint, "tcp://", 6) == 0;
}

void *socket_open(int type, const char *endpoint)
{
    socket_process_init();
    void *socket = zmq_socket(zsys_init(), type);
    INVARIANT(socket != NULL);
    int64_t message_size_max = FRAME_SIZE_MAX + FRAME_SIZE_SLACK;
    INVARIANT(zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_size_max, sizeof message_size_max) == 0);
    if (socket_is_remote(endpoint))
        set_heartbeats(socket);
    set(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
    set(socket, ZMQ_LINGER, LINGER_MS);
    set(socket, ZMQ_SNDHWM, QUEUE_MESSAGES_MAX);
    set(socket, ZMQ_RCVHWM, QUEUE_MESSAGES_MAX);
    set(socket, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    set(socket, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS);
    set(socket, ZMQ_BACKLOG, BACKLOG);
    if (type == ZMQ_ROUTER)
        set(socket, ZMQ_ROUTER_MANDATORY, 1);
    return socket;
}

void socket_send_unbounded(void *socket)
{
    set(socket, ZMQ_SNDHWM, 0);
}

void socket_send_little(void *socket)
{
    set(socket, ZMQ_SNDHWM, REMOTE_QUEUE_MESSAGES_MAX);
}

void socket_serve_curve(void *socket, const char *public_key_z85, const char *secret_key_z85)
{
    set(socket, ZMQ_CURVE_SERVER, 1);
    INVARIANT(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key_z85, 41) == 0);
    INVARIANT(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key_z85, 41) == 0);
    INVARIANT(zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "hutong", 6) == 0);
    set(socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
}

/* Keys that come from outside, the client library's caller among it: the answer is no, where they are none. */
static bool takes_key(void *socket, int option, const char *key_z85)
{
    uint8_t key[32];
    return key_z85 != NULL && strlen(key_z85) == 40 && zmq_z85_decode(key, key_z85) != NULL &&
           zmq_setsockopt(socket, option, key_z85, 41) == 0;
}

bool socket_use_curve(void *socket, const char *server_key_z85, const char *public_key_z85, const char *secret_key_z85)
{
    return takes_key(socket, ZMQ_CURVE_SERVERKEY, server_key_z85) &&
           takes_key(socket, ZMQ_CURVE_PUBLICKEY, public_key_z85) &&
           takes_key(socket, ZMQ_CURVE_SECRETKEY, secret_key_z85);
}

void socket_close(void **socket)
{
    if (*socket != NULL)
        (void)zmq_close(*socket);
    *socket = NULL;
}
