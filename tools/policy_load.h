/* SPDX-License-Identifier: Apache-2.0
 * A policy's file, for commands. */
#ifndef HUTONG_TOOLS_POLICY_LOAD_H
#define HUTONG_TOOLS_POLICY_LOAD_H
#include "common/pb/reference.h"

/* False: each fault was said, with file, line and rule. `sources` may be NULL. */
bool policy_load(const char *path, struct policy *policy, struct policy_sources *sources);
#endif
