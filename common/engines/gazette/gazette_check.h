/* SPDX-License-Identifier: Apache-2.0
 * Whether a published table can be gone by: its own shape, and that it is whole. */
#ifndef HUTONG_COMMON_ENGINES_GAZETTE_GAZETTE_CHECK_H
#define HUTONG_COMMON_ENGINES_GAZETTE_GAZETTE_CHECK_H
#include "common/pb/outcome.h"

/* Adds a finding (RULE_GAZETTE_INVALID) for each fault; `root` begins the paths: "gazette". */
void gazette_check(const struct gazette *gazette, const char *root, struct findings *findings);
#endif
