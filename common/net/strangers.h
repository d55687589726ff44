/* SPDX-License-Identifier: Apache-2.0
 * Who was refused in the handshake, for the log: one line an address and key in ten minutes, STRANGERS_TOLD_MAX of
 * them at most; of the rest how many. Of one thread. */
#ifndef HUTONG_COMMON_NET_STRANGERS_H
#define HUTONG_COMMON_NET_STRANGERS_H
#include <stdint.h>

enum { STRANGERS_TOLD_MAX = 32, STRANGERS_PERIOD_MS = 600000 };

struct strangers {
    uint64_t told[STRANGERS_TOLD_MAX]; /* hashes of reason, address and key */
    unsigned count;
    uint64_t untold;
    int64_t since_us; /* 0: nobody yet */
};

/* `key` in Z85; "": it had none. */
void strangers_refused(struct strangers *strangers, const char *reason, const char *address, const char *key);
#endif
