/* SPDX-License-Identifier: Apache-2.0
 * Does a policy make sense by itself: bands ordered and the last one open, ratios within 0-100 %, amounts not negative,
 * dates in order, a rule for each level (DOMAIN 2). Pure. Every fault is named, with its path. */
#ifndef HUTONG_COMMON_ENGINES_POLICY_POLICY_CHECK_H
#define HUTONG_COMMON_ENGINES_POLICY_POLICY_CHECK_H
#include "common/engines/gazette/published.h"
#include "common/pb/outcome.h"

/* `root`: what paths begin with, e.g. "policy". `published`: the areas; NULL where no exchange is asked: codes of areas
 * are judged by their form. */
void policy_check(const struct policy *policy, const struct published *published, const char *root,
                  struct findings *findings);
/* An area; or a region, of a policy that applies to its areas. */
bool policy_area_is_known(const struct policy *policy, const struct published *published);
#endif
