/* SPDX-License-Identifier: Apache-2.0
 * A clearing policy as a readable file (YAML): data/clearing. Numbers as in benefit policies: "70 [S]", read digit by
 * digit, with the grade of their source. */
#ifndef HUTONG_COMMON_ENGINES_CLEARING_POLICY_CLEARING_POLICY_FILE_H
#define HUTONG_COMMON_ENGINES_CLEARING_POLICY_CLEARING_POLICY_FILE_H
#include "common/base/buffer.h"
#include "common/pb/books.h"

/* REJECT_MALFORMED: it cannot be read, or breaks a rule of clearing_policy_check; `why` gets a line for each fault. */
MUST_USE enum status clearing_policy_file_load(const char *path, struct clearing_policy *policy, struct buffer *why);
#endif
