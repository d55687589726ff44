/* SPDX-License-Identifier: Apache-2.0
 * Where in a YAML file a path stands. */
#ifndef HUTONG_COMMON_ENGINES_POLICY_POLICY_LINE_H
#define HUTONG_COMMON_ENGINES_POLICY_POLICY_LINE_H
#include <stddef.h>

/* `where`: "policy.inpatient[0].bands[1].upper_fen"; its first word is not in the file. The line of the deepest part
 * that is there, from 1; 1 where the file cannot be read. */
size_t policy_line_of(const char *path, const char *where);
#endif
