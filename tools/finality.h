/* SPDX-License-Identifier: Apache-2.0
 * Whether what is to be signed on paper rests on a part of the log that the regions' witnesses have cosigned. */
#ifndef HUTONG_TOOLS_FINALITY_H
#define HUTONG_TOOLS_FINALITY_H
#include "tools/cli.h"

/* Of everything before a position: OK, or what the command ends with (said why). Where no witness policy is configured,
 * and on another machine than the exchange's, nothing is asked for; `size`: of the final checkpoint, 0: none was. */
int finality_wanted(struct cli *cli, uint64_t position, uint64_t *size);
#endif
