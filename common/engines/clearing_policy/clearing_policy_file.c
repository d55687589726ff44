/* SPDX-License-Identifier: Apache-2.0
 * Clearing policies from YAML. */
#include "common/engines/clearing_policy/clearing_policy_file.h"

#include "common/engines/clearing_policy/clearing_policy_check.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/config/schema.h"
#include "common/pb/outcome.h"

#define KEY(name, member, kind) SCHEMA_FIELD(struct clearing_policy, #name, member, SCHEMA_##kind, true)
static const struct schema_field keys[] = {
    KEY(valid_from, valid_from, DATE),
    KEY(source, source, TEXT),
    KEY(grade, grade, TEXT),
    KEY(insured_statement_needed, insured_statement_needed, TRUTH),
    KEY(investigation_holds, investigation_holds, TRUTH),
#define PARAMETER(key, member, unit, least, most) KEY(key, member, unit),
#include "common/engines/clearing_policy/parameter.def"
#undef PARAMETER
    {.key = NULL},
};

enum status clearing_policy_file_load(const char *path, struct clearing_policy *policy, struct buffer *why)
{
    struct schema_reading reading = {.path = path, .root = "policy", .why = why};
    struct schema_file *file;
    struct findings *findings = calloc(1, sizeof *findings);
    INVARIANT(findings != NULL);
    memset(policy, 0, sizeof *policy);
    enum status status = schema_read(&reading, keys, policy, &file);
    if (status == OK)
        clearing_policy_check(policy, "policy", findings);
    for (uint32_t i = 0; i < findings->count; i++)
        buffer_printf(why, "%s:%zu: %s: %s\n", path, schema_line(file, findings->items[i].path),
                      findings->items[i].path, findings->items[i].detail);
    if (findings->refused)
        status = REJECT_MALFORMED;
    schema_close(&file);
    free(findings);
    return status;
}
