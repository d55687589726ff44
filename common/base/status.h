/* SPDX-License-Identifier: Apache-2.0
 * The one return type. Callers act on the family: REJECT_ is answered, RETRY_ is waited for, FATAL_ stops the process.
 * Business refusals are not statuses: they are findings (common/codes/rule.h) inside a result. */
#ifndef HUTONG_COMMON_BASE_STATUS_H
#define HUTONG_COMMON_BASE_STATUS_H
#include <stdbool.h>

enum status {
#define STATUS(name, text) name,
#include "common/base/status.def"
#undef STATUS
    STATUS_COUNT
};

#define MUST_USE __attribute__((warn_unused_result))

/* Passes a failure up unchanged. The only macro in the house that hides control flow. */
#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        enum status try_status_ = (expression);                                                                        \
        if (try_status_ != OK)                                                                                         \
            return try_status_;                                                                                        \
    } while (0)

const char *status_name(enum status status); /* "REJECT_MALFORMED"; static */
const char *status_text(enum status status); /* one English sentence; static */
bool status_is_fatal(enum status status);
#endif
