/* SPDX-License-Identifier: Apache-2.0
 * hutong person erase: a person's records speak of a pseudonym from now on (docs/PRIVACY.md). Four steps, each of which
 * can be repeated where it stopped: the event on the log; the log rewritten, states set aside; states made again by the
 * services, which compare what they say with what stands in the log; the old bytes removed. */
#ifndef HUTONG_TOOLS_ERASE_H
#define HUTONG_TOOLS_ERASE_H
#include "tools/cli.h"

/* While the exchange runs; an exit code of the tool. PRE: configured. */
int erase_order(struct cli *cli, const char *person, const char *legal_basis);
/* While it is stopped. */
int erase_apply(struct cli *cli);
int erase_undo(struct cli *cli);
/* While it runs, and everything is ready. */
int erase_finish(struct cli *cli);
#endif
