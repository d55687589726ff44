/* SPDX-License-Identifier: Apache-2.0
 * One DEALER connection to a server. */
#include <czmq.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/net/server.h"
#include "common/net/socket_internal.h"

struct dealer {
    void *socket;
    void *monitor;     /* of handshakes and disconnections */
    struct loop *loop; /* that watches it, if any */
    loop_ready_fn *ready;
    void *watcher;
    bool refused, lost, connected;
    bool greeted;    /* the handshake of the present connection has succeeded */
    zmq_msg_t taken; /* borrowed by who took it */
};

enum {
    HANDSHAKES_FAILED =
        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
};

/* libzmq says nothing of a refused handshake (Z2) or of a peer that is gone but here, and takes what is sent in the
 * meantime. */
static void watch_connection(struct dealer *dealer)
{
    char endpoint[64];
    int no_linger = 0;
    (void)snprintf(endpoint, sizeof endpoint, "inproc://dealer-%p", (void *)dealer);
    if (zmq_socket_monitor(dealer->socket, endpoint,
                           HANDSHAKES_FAILED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0)
        return;
    dealer->monitor = zmq_socket(zsys_init(), ZMQ_PAIR);
    INVARIANT(dealer->monitor != NULL && zmq_connect(dealer->monitor, endpoint) == 0);
    (void)zmq_setsockopt(dealer->monitor, ZMQ_LINGER, &no_linger, sizeof no_linger);
}

enum status dealer_open(const struct dealer_options *options, struct dealer **out)
{
    struct dealer *dealer = calloc(1, sizeof *dealer);
    INVARIANT(dealer != NULL);
    (void)zmq_msg_init(&dealer->taken);
    dealer->socket = socket_open(ZMQ_DEALER, options->endpoint);
    bool has_keys =
        options->server_key_z85 == NULL ||
        socket_use_curve(dealer->socket, options->server_key_z85, options->public_key_z85, options->secret_key_z85);
    watch_connection(dealer);
    if (!has_keys || zmq_connect(dealer->socket, options->endpoint) != 0) {
        dealer_close(&dealer);
        return FATAL_CONFIG;
    }
    *out = dealer;
    return OK;
}

void dealer_abandon(struct dealer **dealer)
{
    int no_linger = 0;
    if (*dealer != NULL)
        (void)zmq_setsockopt((*dealer)->socket, ZMQ_LINGER, &no_linger, sizeof no_linger);
    dealer_close(dealer);
}

void dealer_close(struct dealer **dealer)
{
    if (*dealer == NULL)
        return;
    if ((*dealer)->loop != NULL)
        loop_remove((*dealer)->loop, *dealer);
    if ((*dealer)->monitor != NULL)
        (void)zmq_socket_monitor((*dealer)->socket, NULL, 0);
    socket_close(&(*dealer)->monitor);
    socket_close(&(*dealer)->socket);
    (void)zmq_msg_close(&(*dealer)->taken);
    free(*dealer);
    *dealer = NULL;
}

static void touched(const struct dealer *dealer)
{
    if (dealer->loop != NULL)
        loop_touched(dealer->loop, dealer->socket);
}

static void take_events(struct dealer *dealer)
{
    zmq_msg_t part;
    (void)zmq_msg_init(&part);
    while (dealer->monitor != NULL && zmq_msg_recv(&part, dealer->monitor, ZMQ_DONTWAIT) >= 0) {
        uint16_t event = 0;
        if (zmq_msg_size(&part) >= sizeof event)
            memcpy(&event, zmq_msg_data(&part), sizeof event);
        bool ends = event == ZMQ_EVENT_DISCONNECTED, greets = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
        if (!ends)
            dealer->refused = (event & HANDSHAKES_FAILED) != 0;
        /* Before it was greeted nothing was sent on it: a process that dies may take a connection in. */
        dealer->lost = dealer->lost || (ends && dealer->greeted);
        dealer->greeted = greets || (dealer->greeted && !ends);
        dealer->connected = dealer->connected || greets;
        while (zmq_msg_more(&part) && zmq_msg_recv(&part, dealer->monitor, 0) >= 0)
            continue; /* its address */
    }
    (void)zmq_msg_close(&part);
}

/* A loop that watches the dealer takes them as they come. */
static void take_unwatched_events(struct dealer *dealer)
{
    if (dealer->loop == NULL)
        take_events(dealer);
}

/* The last thing done with the dealer: whoever watches it may close it. */
static void tell_watcher(void *self)
{
    struct dealer *dealer = self;
    dealer->ready(dealer->watcher);
}

static void on_event(void *self)
{
    take_events(self);
    tell_watcher(self);
}

void dealer_watch(struct dealer *dealer, struct loop *loop, loop_ready_fn *ready, void *self)
{
    PRE(dealer->loop == NULL);
    dealer->loop = loop;
    dealer->ready = ready;
    dealer->watcher = self;
    loop_add_socket(loop, dealer->socket, tell_watcher, dealer);
    if (dealer->monitor != NULL)
        loop_add_socket(loop, dealer->monitor, on_event, dealer);
}

bool dealer_is_refused(struct dealer *dealer)
{
    take_unwatched_events(dealer);
    return dealer->refused;
}

bool dealer_lost_its_peer(struct dealer *dealer)
{
    take_unwatched_events(dealer);
    bool lost = dealer->lost;
    dealer->lost = false;
    return lost;
}

bool dealer_has_connected(struct dealer *dealer)
{
    take_unwatched_events(dealer);
    bool connected = dealer->connected;
    dealer->connected = false;
    return connected;
}

enum status dealer_send(struct dealer *dealer, struct span bytes)
{
    touched(dealer);
    return zmq_send(dealer->socket, bytes.data, bytes.size, ZMQ_DONTWAIT) < 0 ? RETRY_BUSY : OK;
}

enum status dealer_take(struct dealer *dealer, struct span *bytes)
{
    touched(dealer);
    if (zmq_msg_recv(&dealer->taken, dealer->socket, ZMQ_DONTWAIT) < 0)
        return RETRY_TIMEOUT;
    *bytes = span_of(zmq_msg_data(&dealer->taken), zmq_msg_size(&dealer->taken));
    return OK;
}

enum status dealer_receive(struct dealer *dealer, uint32_t wait_ms, struct buffer *message)
{
    zmq_pollitem_t item = {.socket = dealer->socket, .events = ZMQ_POLLIN};
    struct span bytes;
    if (wait_ms > 0)
        (void)zmq_poll(&item, 1, (long)wait_ms);
    TRY(dealer_take(dealer, &bytes));
    buffer_reset(message);
    buffer_append(message, bytes.data, bytes.size);
    return OK;
}
