/* SPDX-License-Identifier: Apache-2.0
 * A file of a policy: read by its table, then held to its check; every fault is said with the file's line. */
#ifndef HUTONG_COMMON_ENGINES_CHECKED_FILE_CHECKED_FILE_H
#define HUTONG_COMMON_ENGINES_CHECKED_FILE_CHECKED_FILE_H
#include "common/config/schema.h"
#include "common/pb/outcome.h"

/* `out` is zeroed by the caller; `check` names faults by paths that begin with reading->root. REJECT_MALFORMED: it
 * cannot be read, or a finding refuses it; reading->why says what. */
MUST_USE enum status checked_file_read(const struct schema_reading *reading, const struct schema_field *fields,
                                       void *out, void (*check)(const void *out, struct findings *findings));
#endif
