/* SPDX-License-Identifier: Apache-2.0
 * What went between the regions, as audit counted it: a day's cells, what lies in them, and a message by the number
 * that its sender gave it. */
#ifndef HUTONG_TOOLS_FLOW_ASK_H
#define HUTONG_TOOLS_FLOW_ASK_H
#include "tools/cli.h"

struct flow_wish {
    struct flow_list_request request;
    const char *number; /* of a bill or a transfer; NULL: any */
    uint32_t most;
};

/* FlowDay as JSON; NULL: audit does not answer, said so. */
json_t *flow_ask_day(struct cli *cli, uint32_t day);
/* Rows, newest first, each with what its message says, masked: at most `most`. `next`: where to go on, 0: that was all.
 * NULL: no answer, said whose. */
json_t *flow_ask_list(struct cli *cli, const struct flow_wish *wish, uint64_t *next);
/* The newest message of that number. Else: said why. */
int flow_find(struct cli *cli, const char *number, uint64_t *position);
#endif
