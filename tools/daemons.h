/* SPDX-License-Identifier: Apache-2.0
 * The daemons of this machine, whoever started them. RUN/SERVICE-P.pid holds a daemon's process and is locked by it as
 * long as it lives: no number that was given out again is taken for a daemon. RUN/SERVICE-P.ended: it ended and is not
 * started again, and why. */
#ifndef HUTONG_TOOLS_DAEMONS_H
#define HUTONG_TOOLS_DAEMONS_H
#include <sys/types.h>

#include "tools/cli.h"

/* The i-th daemon of an exchange; false past the end. */
bool daemons_at(const struct cli *cli, unsigned index, const char **service, uint32_t *partition);

/* In the child, before the daemon's program: this process is that daemon. Waits until whoever was it is gone. */
bool daemon_claim(const struct cli *cli, const char *service, uint32_t partition);
/* Its process; 0: it does not live. */
pid_t daemon_alive(const struct cli *cli, const char *service, uint32_t partition);
/* Of one that does not live. */
void daemon_forget(const struct cli *cli, const char *service, uint32_t partition);
/* DATA/log/SERVICE-P.log. */
void daemon_diary_path(const struct cli *cli, const char *service, uint32_t partition, char *path, size_t size);
/* Marks a daemon that ended with this code as one that is not started again, with the last word of its diary. */
void daemon_give_up(const struct cli *cli, const char *service, uint32_t partition, int code);
/* Whether it was given up; `why` is added to. */
bool daemon_is_given_up(const struct cli *cli, const char *service, uint32_t partition, struct buffer *why);

/* Ends what lives, the edge first, the broker last, by force what does not end by itself; how many there were. */
unsigned daemons_end(const struct cli *cli);
/* Whether nobody has a store or the log open any more; waits some seconds for it, and says which is. */
bool daemons_let_go(const struct cli *cli);
#endif
