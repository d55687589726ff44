/* SPDX-License-Identifier: Apache-2.0
 * Half handshakes. */
#include "bench/half.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include "common/base/check.h"
#include "common/net/loop.h"

enum { GREETING_SIZE = 64, HELLO_SIZE = 202 /* its command frame: flags, size, "HELLO", and 194 bytes */ };

static void make_greeting(uint8_t greeting[GREETING_SIZE])
{
    memset(greeting, 0, GREETING_SIZE);
    memcpy(greeting,
           "\xff\0\0\0\0\0\0\0\x01\x7f\x03\x00"
           "CURVE",
           17);
}

static struct sockaddr_in address_of(const char *endpoint)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char host[64] = "";
    const char *colon = strrchr(endpoint, ':');
    INVARIANT(colon != NULL && (size_t)(colon - endpoint - 6) < sizeof host);
    memcpy(host, endpoint + 6, (size_t)(colon - endpoint - 6));
    address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    INVARIANT(inet_pton(AF_INET, host, &address.sin_addr) == 1);
    return address;
}

static int connect_from(const char *source, const struct sockaddr_in *to)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    (void)inet_pton(AF_INET, source, &from.sin_addr);
    (void)bind(fd, (struct sockaddr *)&from, sizeof from);
    if (connect(fd, (const struct sockaddr *)to, sizeof *to) != 0 && errno != EINPROGRESS) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void pause_ms(int ms)
{
    (void)poll(NULL, 0, ms);
}

uint64_t half_handshakes(const char *source, const char *endpoint, unsigned count, int64_t until_us)
{
    struct sockaddr_in to = address_of(endpoint);
    uint8_t greeting[GREETING_SIZE], bytes[512];
    int *fds = malloc(count * sizeof *fds);
    uint64_t began = 0;
    INVARIANT(fds != NULL);
    make_greeting(greeting);
    for (unsigned i = 0; i < count; i++)
        fds[i] = -1;
    while (loop_monotonic_us() < until_us) {
        for (unsigned i = 0; i < count; i++) {
            if (fds[i] >= 0 && recv(fds[i], bytes, sizeof bytes, 0) == 0) {
                (void)close(fds[i]);
                fds[i] = -1;
            }
            if (fds[i] < 0 && (fds[i] = connect_from(source, &to)) >= 0) {
                began++;
                (void)send(fds[i], greeting, sizeof greeting, MSG_NOSIGNAL);
            }
        }
        pause_ms(10);
    }
    free(fds);
    return began;
}

/* A HELLO does not say to whom it goes a second time: one that a real client made is as good as a new one. */
static void record_hello(const char *server_key, uint8_t hello[HELLO_SIZE])
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof any;
    char endpoint[64], public_key[41], secret_key[41];
    uint8_t greeting[GREETING_SIZE];
    int listener = socket(AF_INET, SOCK_STREAM, 0), none = 0;
    INVARIANT(bind(listener, (struct sockaddr *)&any, sizeof any) == 0 && listen(listener, 1) == 0);
    INVARIANT(getsockname(listener, (struct sockaddr *)&any, &size) == 0);
    void *context = zmq_ctx_new(), *client = zmq_socket(context, ZMQ_DEALER);
    INVARIANT(zmq_curve_keypair(public_key, secret_key) == 0);
    (void)zmq_setsockopt(client, ZMQ_LINGER, &none, sizeof none);
    (void)zmq_setsockopt(client, ZMQ_CURVE_SERVERKEY, server_key, 41);
    (void)zmq_setsockopt(client, ZMQ_CURVE_PUBLICKEY, public_key, 41);
    (void)zmq_setsockopt(client, ZMQ_CURVE_SECRETKEY, secret_key, 41);
    (void)snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", (unsigned)ntohs(any.sin_port));
    INVARIANT(zmq_connect(client, endpoint) == 0);
    int fd = accept(listener, NULL, NULL);
    make_greeting(greeting);
    greeting[32] = 1; /* as server */
    INVARIANT(send(fd, greeting, sizeof greeting, 0) == sizeof greeting);
    INVARIANT(recv(fd, greeting, sizeof greeting, MSG_WAITALL) == sizeof greeting);
    INVARIANT(recv(fd, hello, HELLO_SIZE, MSG_WAITALL) == HELLO_SIZE);
    (void)close(fd);
    (void)close(listener);
    (void)zmq_close(client);
    (void)zmq_ctx_term(context);
}

uint64_t hello_bursts(const char *source, const char *endpoint, const char *server_key, unsigned count,
                      int64_t until_us)
{
    struct sockaddr_in to = address_of(endpoint);
    uint8_t bytes[GREETING_SIZE + HELLO_SIZE];
    int *fds = malloc(count * sizeof *fds);
    bool *said = malloc(count * sizeof *said);
    uint64_t began = 0;
    INVARIANT(fds != NULL && said != NULL);
    make_greeting(bytes);
    record_hello(server_key, bytes + GREETING_SIZE);
    while (loop_monotonic_us() < until_us) {
        for (unsigned i = 0; i < count; i++)
            fds[i] = connect_from(source, &to);
        memset(said, 0, count * sizeof *said);
        for (int round = 0; round < 50 && loop_monotonic_us() < until_us; round++, pause_ms(20))
            for (unsigned i = 0; i < count; i++)
                if (!said[i] && fds[i] >= 0 && send(fds[i], bytes, sizeof bytes, MSG_NOSIGNAL) == sizeof bytes) {
                    said[i] = true;
                    began++;
                }
        for (unsigned i = 0; i < count; i++)
            if (fds[i] >= 0)
                (void)close(fds[i]);
    }
    free(fds);
    free(said);
    return began;
}
