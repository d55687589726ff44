/* SPDX-License-Identifier: Apache-2.0
 * What the manager that started this process is told of it, as sd_notify(3) has it: datagrams to the socket that
 * NOTIFY_SOCKET names (systemd, Type=notify). Without one nothing is sent, and nothing fails: nobody waits for it. */
#ifndef HUTONG_COMMON_OBSERVE_NOTIFY_H
#define HUTONG_COMMON_OBSERVE_NOTIFY_H
#include <stdbool.h>

/* Longer than any turn of a loop is known to take (the digest of a large state): then the process is taken for dead. */
enum { NOTIFY_WITHIN_S = 300 };

struct notify {
    int fd; /* -1: nobody to tell */
    bool ready;
    char said[512];
};

/* Before confinement: it makes a socket. */
void notify_open(struct notify *notify);
/* Once a second, by the loop that does the work: it lives. `serves`: whoever waits for this process may go on, which
 * is said once. `why_not`: "" when all is well; said when it changes. Until it serves it asks for more time. */
void notify_beat(struct notify *notify, bool serves, const char *why_not);
/* It ends; `why`: "" when it was asked to. */
void notify_stopping(struct notify *notify, const char *why);
void notify_close(struct notify *notify);
#endif
