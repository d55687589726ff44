/* SPDX-License-Identifier: Apache-2.0
 * A policy's file, for commands. */
#ifndef HUTONG_TOOLS_POLICY_LOAD_H
#define HUTONG_TOOLS_POLICY_LOAD_H
#include "common/pb/reference.h"
#include "tools/cli.h"

/* False: each fault was said, with file, line and rule. `sources` may be NULL. */
bool policy_load(const char *path, struct policy *policy, struct policy_sources *sources);
/* What was published at a position of the log of this machine. False: not here. */
bool policy_load_published(struct cli *cli, uint64_t position, struct policy *policy, struct policy_sources *sources);
#endif
