/* SPDX-License-Identifier: Apache-2.0
 * Does a clearing policy make sense by itself: numbers within parameter.def's bounds, days in order, yellow below red.
 * Pure. Every fault is named, with its path. */
#ifndef HUTONG_COMMON_ENGINES_CLEARING_POLICY_CLEARING_POLICY_CHECK_H
#define HUTONG_COMMON_ENGINES_CLEARING_POLICY_CLEARING_POLICY_CHECK_H
#include "common/pb/outcome.h"

/* `root`: what paths begin with, e.g. "clearing_policy". */
void clearing_policy_check(const struct clearing_policy *policy, const char *root, struct findings *findings);
#endif
