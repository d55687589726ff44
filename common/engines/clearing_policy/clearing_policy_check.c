/* SPDX-License-Identifier: Apache-2.0
 * Clearing policies, checked. */
#include "common/engines/clearing_policy/clearing_policy_check.h"

#include <stdio.h>

#include "common/codes/rule.h"

static void hold(bool holds, const char *root, const char *key, const char *wanted, struct findings *findings)
{
    char path[FINDING_PATH_MAX + 1];
    if (holds)
        return;
    (void)snprintf(path, sizeof path, "%s.%s", root, key);
    findings_add(findings, RULE_CLEARING_POLICY_INVALID, path, wanted);
}

void clearing_policy_check(const struct clearing_policy *policy, const char *root, struct findings *findings)
{
    char wanted[FINDING_DETAIL_MAX + 1];
    const struct {
        const char *key;
        int64_t value, least, most;
    } rows[] = {
#define PARAMETER(key, member, unit, least, most) {#key, (int64_t)policy->member, least, most},
#include "common/engines/clearing_policy/parameter.def"
#undef PARAMETER
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(wanted, sizeof wanted, "%lld to %lld", (long long)rows[i].least, (long long)rows[i].most);
        hold(rows[i].value >= rows[i].least && rows[i].value <= rows[i].most, root, rows[i].key, wanted, findings);
    }
    hold(civil_date_exists(policy->valid_from) && policy->valid_from / 10000 >= 2000 &&
             policy->valid_from / 10000 < 2050,
         root, "valid_from", "a date of 2000 to 2049", findings);
    hold(policy->source[0] != 0, root, "source", "where the numbers come from", findings);
    hold(policy->cut_day < policy->generate_day, root, "generate_day", "after cut_day", findings);
    hold(policy->generate_day <= policy->confirm_day, root, "confirm_day", "not before generate_day", findings);
    hold(policy->advance_yellow < policy->advance_red, root, "advance_red", "above advance_yellow", findings);
}
