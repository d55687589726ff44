/* SPDX-License-Identifier: Apache-2.0
 * Clearing policies from YAML. */
#include "common/engines/clearing_policy/clearing_policy_file.h"

#include "common/engines/clearing_policy/clearing_policy_check.h"

#include "common/engines/checked_file/checked_file.h"

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

static void check(const void *policy, struct findings *findings)
{
    clearing_policy_check(policy, "policy", findings);
}

enum status clearing_policy_file_load(const char *path, struct clearing_policy *policy, struct buffer *why)
{
    struct schema_reading reading = {.path = path, .root = "policy", .why = why};
    memset(policy, 0, sizeof *policy);
    return checked_file_read(&reading, keys, policy, check);
}
