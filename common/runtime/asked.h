/* SPDX-License-Identifier: Apache-2.0
 * Whether what was read of the inputs is durable: their ends are asked for, and an end is told once it is durable. */
#ifndef HUTONG_COMMON_RUNTIME_ASKED_H
#define HUTONG_COMMON_RUNTIME_ASKED_H
#include "common/bus/bus.h"

struct asked {
    position_t durable; /* up to here, by the answers */
    unsigned missing;   /* answers */
};

/* One question an input, its index the token; nothing while some are under way. `position`: up to where it has read. */
void asked_ask(struct asked *asked, struct bus *bus, const char *const inputs[], unsigned count, position_t position);
/* True: the last answer has come, and `durable` stands. */
bool asked_answered(struct asked *asked, position_t end);
#endif
