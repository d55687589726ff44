/* SPDX-License-Identifier: Apache-2.0
 * Does a policy make sense by itself: bands ordered and the last one open, ratios within 0-100 %, amounts not negative,
 * dates in order, a rule for each level (DOMAIN 2). Pure. Every fault is named, with its path. */
#ifndef HUTONG_COMMON_ENGINES_POLICY_POLICY_CHECK_H
#define HUTONG_COMMON_ENGINES_POLICY_POLICY_CHECK_H
#include "common/pb/outcome.h"

/* `root`: what paths begin with, e.g. "policy". */
void policy_check(const struct policy *policy, const char *root, struct findings *findings);
#endif
