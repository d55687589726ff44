/* SPDX-License-Identifier: Apache-2.0
 * Months of clearing and whose turn it is, replies that hold, the bills behind a flag. */
#ifndef HUTONG_TOOLS_CLEARING_MONTHS_H
#define HUTONG_TOOLS_CLEARING_MONTHS_H
#include "tools/view.h"

int clearing_months(struct cli *cli, uint32_t month, struct view *view); /* month 0: all */
int clearing_replies(struct cli *cli, uint32_t month, struct view *view);
/* `flag`: its text ("overlapping stays") or its name ("OVERLAPS"). */
int clearing_flagged(struct cli *cli, uint32_t month, const char *institution, const char *flag, struct view *view);
#endif
