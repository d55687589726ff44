/* SPDX-License-Identifier: Apache-2.0
 * A request/reply endpoint for many peers: ROUTER over ipc (no CURVE) or tcp (CURVE, ZAP domain and enforcement,
 * always). Single-part messages; FRAME_SIZE_MAX enforced before bind; mandatory routing; heartbeats; handshake limit 5
 * s. A peer is its CURVE key (Z4): `party` comes from the certificate store, looked up again for each message, so a
 * revoked key is refused within a second though its connection lives. */
#ifndef HUTONG_COMMON_NET_SERVER_H
#define HUTONG_COMMON_NET_SERVER_H
#include "common/base/buffer.h"
#include "common/base/limits.h"
#include "common/base/span.h"
#include "common/base/status.h"
#include "common/net/loop.h"
#include "common/net/party.h"

struct server;
struct zap; /* common/net/zap.h: the authenticator of this process */

struct peer {
    uint64_t session; /* unique within the process; never reused */
    enum party_role role;
    char party[PARTY_SIZE_MAX + 1]; /* "110000", "operator", "validation" */
    bool first;                     /* nothing has been received in this session before */
    bool revoked;                   /* the key is no longer in the store: answer with a refusal, store nothing */
};

/* One message. `bytes` is borrowed until the callback returns. Answer now or later with server_reply(session). */
typedef void server_message_fn(void *self, const struct peer *peer, struct span bytes);

struct server_options {
    const char *endpoint; /* "ipc:///run/..." or "tcp://127.0.0.1:7701" */
    struct zap *zap;      /* required for tcp */
    server_message_fn *message;
    void *self;
    /* What we send is bounded by credit and by requests in flight, so no count of messages bounds it once more: where
     * the queue of a peer that reads slowly is full of small deliveries, an answer would find no place, and nobody
     * sends an answer twice. */
    bool bounded_by_credit;
    /* The answer to a message of more than one part, which is never taken (Z5): the classic mistake of a REQ socket, or
     * of an empty delimiter in front. It goes out behind such a delimiter, or a REQ would not see it. Empty: none. */
    struct span parted;
    /* Required for tcp: the first message of a connection that is one too many of its party's. It is not handed over,
     * and the connection is ended once it is answered. */
    server_message_fn *limited;
};

MUST_USE enum status server_open(struct loop *loop, const struct server_options *options, struct server **server,
                                 struct buffer *why);
void server_close(struct server **server);
/* Copies. RETRY_BUSY: the peer does not read; RETRY_DISCONNECTED: it is gone. Neither harms other peers. */
enum status server_reply(struct server *server, uint64_t session, struct span bytes);
/* The same without a copy: takes the buffer's memory and leaves it empty, whatever the answer. */
enum status server_give(struct server *server, uint64_t session, struct buffer *bytes);

/* Bytes of what it was sent that it has not taken, as far as this process knows; small messages do not count. */
size_t server_owes(struct server *server, uint64_t session);
/* What a connection sends from now on is dropped on the floor by the kernel, so that its peer's TCP waits and sends it
 * again: nothing of it is read, deciphered or lost until it is heard again. For moments: a peer that is not heard for 7
 * s is taken for dead. False: it is gone, or on this machine. */
bool server_hear(struct server *server, uint64_t session, bool hear);
/* The message that is being handed over, kept beyond the callback without a copy. PRE: within it, and once. */
struct message;
MUST_USE struct message *server_keep(struct server *server);
struct span message_bytes(const struct message *message);
void message_drop(struct message **message); /* NULL: nothing */

/* The other side: one DEALER connection. Used by tools and libhutong; reconnects by itself. */
struct dealer;
struct dealer_options {
    const char *endpoint;
    const char *server_key_z85; /* tcp: the server's public key */
    const char *public_key_z85; /* tcp: our own pair */
    const char *secret_key_z85;
};
/* FATAL_CONFIG: the endpoint is none, or a key. */
MUST_USE enum status dealer_open(const struct dealer_options *options, struct dealer **dealer);
void dealer_close(struct dealer **dealer);
void dealer_abandon(struct dealer **dealer); /* the same at once: what has not left yet is not sent any more */
MUST_USE enum status dealer_send(struct dealer *dealer, struct span bytes); /* RETRY_BUSY when the queue is full */
/* Waits at most wait_ms; OK and bytes in `message` (replaced), or RETRY_TIMEOUT. */
MUST_USE enum status dealer_receive(struct dealer *dealer, uint32_t wait_ms, struct buffer *message);
/* The same without a copy and without waiting: borrowed until the dealer is closed or takes the next. */
MUST_USE enum status dealer_take(struct dealer *dealer, struct span *bytes);
/* The last handshake was refused: another server key than the one that we hold, or our key is not known there (Z2). */
bool dealer_is_refused(struct dealer *dealer);
/* Since it was asked last: what was sent and not answered may be lost with the peer. It reconnects by itself. */
bool dealer_lost_its_peer(struct dealer *dealer);
/* Since it was asked last: a handshake has succeeded. Whoever is there may be another than before. */
bool dealer_has_connected(struct dealer *dealer);
/* `ready` is called on the loop's thread while there is something to receive, and when a handshake or a disconnection
 * is to be told of. Until the dealer is closed, which `ready` may do. */
void dealer_watch(struct dealer *dealer, struct loop *loop, loop_ready_fn *ready, void *self);
#endif
