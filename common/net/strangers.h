/* SPDX-License-Identifier: Apache-2.0
 * Who was refused in the handshake, for the log: one line an address and key in ten minutes, STRANGERS_TOLD_MAX of
 * them at most; of the rest how many. Of one thread. */
#ifndef HUTONG_COMMON_NET_STRANGERS_H
#define HUTONG_COMMON_NET_STRANGERS_H
#include <stdint.h>

enum { STRANGERS_TOLD_MAX = 32, STRANGERS_PERIOD_MS = 600000, STRANGERS_SOCKETS_COUNT = 256, ADDRESS_SIZE = 46 };

struct strangers {
    uint64_t told[STRANGERS_TOLD_MAX]; /* hashes of reason, address and key */
    unsigned count;
    uint64_t untold;
    int64_t since_us;      /* 0: nobody yet */
    const void *failed_at; /* where a handshake failed last: what closes next there is its; NULL: nowhere */
    struct {
        int socket; /* 0: none */
        char address[ADDRESS_SIZE];
    } accepted[STRANGERS_SOCKETS_COUNT]; /* by the socket's number; a later one takes the place */
};

/* `key` in Z85; "": it had none. */
void strangers_refused(struct strangers *strangers, const char *reason, const char *address, const char *key);
/* What a listening socket's monitor tells, in its order. libzmq names no peer where a handshake fails, and says so
 * right before it says which socket closed: whose that is was asked when it was accepted ("unknown": gone by then). */
void strangers_accepted(struct strangers *strangers, int socket);
void strangers_failed(struct strangers *strangers, const void *monitor);
void strangers_closed(struct strangers *strangers, const void *monitor, int socket);
#endif
