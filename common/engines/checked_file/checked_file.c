/* SPDX-License-Identifier: Apache-2.0
 * Files of policies, checked. */
#include "common/engines/checked_file/checked_file.h"

#include <stdlib.h>

#include "common/base/check.h"

enum status checked_file_read(const struct schema_reading *reading, const struct schema_field *fields, void *out,
                              void (*check)(const void *out, struct findings *findings))
{
    struct schema_file *file;
    struct findings *findings = calloc(1, sizeof *findings);
    INVARIANT(findings != NULL);
    enum status status = schema_read(reading, fields, out, &file);
    if (status == OK)
        check(out, findings);
    for (uint32_t i = 0; i < findings->count; i++)
        buffer_printf(reading->why, "%s:%zu: %s: %s\n", reading->path, schema_line(file, findings->items[i].path),
                      findings->items[i].path, findings->items[i].detail);
    if (findings->refused)
        status = REJECT_MALFORMED;
    schema_close(&file);
    free(findings);
    return status;
}
