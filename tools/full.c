/* SPDX-License-Identifier: Apache-2.0
 * The broker's word for a full log. */
#include "tools/full.h"

#include "common/bus/log_full.h"
#include "tools/cli.h"

const char *full_cause(const json_t *broker)
{
    const char *cause = cli_text(broker, "fullCause");
    for (uint32_t full = LOG_FULL_LIMIT; full <= LOG_FULL_DISK; full++)
        if (strcmp(cause, full == LOG_FULL_LIMIT ? "LOG_FULL_LIMIT" : "LOG_FULL_DISK") == 0)
            return log_full_text((enum log_full)full);
    return json_is_true(json_object_get(broker, "full")) ? log_full_text(LOG_FULL_LIMIT) : NULL;
}
