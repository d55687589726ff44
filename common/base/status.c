/* SPDX-License-Identifier: Apache-2.0
 * Names, texts and families of statuses, derived from status.def. */
#include "common/base/status.h"

#include <string.h>

static const char *const names[STATUS_COUNT] = {
#define STATUS(name, text) [name] = #name,
#include "common/base/status.def"
#undef STATUS
};

static const char *const texts[STATUS_COUNT] = {
#define STATUS(name, text) [name] = text,
#include "common/base/status.def"
#undef STATUS
};

const char *status_name(enum status status)
{
    return (unsigned)status < STATUS_COUNT ? names[status] : "STATUS_UNKNOWN";
}

const char *status_text(enum status status)
{
    return (unsigned)status < STATUS_COUNT ? texts[status] : "not a status";
}

static bool has_prefix(enum status status, const char *prefix)
{
    return strncmp(status_name(status), prefix, strlen(prefix)) == 0;
}

bool status_is_fatal(enum status status)
{
    return has_prefix(status, "FATAL_");
}
