/* SPDX-License-Identifier: Apache-2.0
 * The oldest segments of the log, removed. */
#ifndef HUTONG_TOOLS_TRIM_H
#define HUTONG_TOOLS_TRIM_H
#include "tools/cli.h"

struct trimming {
    uint64_t below;
    const char *snapshot, *archive; /* what must hold what goes; NULL: not named */
    bool dry_run, without, yes;
    bool recorded; /* by the command that asks for it */
};
/* An exit code; what went or would go is printed. */
int trim_run(struct cli *cli, const struct trimming *trimming);
#endif
