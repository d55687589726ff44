/* SPDX-License-Identifier: Apache-2.0
 * A policy as a readable file (YAML, by a table of keys): data/policies. Amounts are yuan ("1300", "0.50"), ratios
 * per cent
 * ("85", "87.5"), each with the grade of its source behind it: "1300 [O]". Exact: read digit by digit, never as
 * floating point. docs/POLICIES.md documents every key. */
#ifndef HUTONG_COMMON_ENGINES_POLICY_POLICY_FILE_H
#define HUTONG_COMMON_ENGINES_POLICY_POLICY_FILE_H
#include "common/base/buffer.h"
#include "common/pb/event.h"

/* `sources` (NULL: nobody asks) gets each number's path in the file with its grade and source.
 * REJECT_MALFORMED: it cannot be read, or breaks a rule of policy_check; `why` gets a line for each fault: FILE:LINE:
 * where: what. */
MUST_USE enum status policy_file_load(const char *path, struct policy *policy, struct policy_sources *sources,
                                      struct buffer *why);
/* The file that says so: read again, it gives the same policy and sources. `sources`: not changed. */
void policy_file_describe(const struct policy *policy, struct policy_sources *sources, struct buffer *out);
#endif
