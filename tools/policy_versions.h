/* SPDX-License-Identifier: Apache-2.0
 * Benefit policies as they stand on the log: which versions there are, which one holds on a day, what ends soon. */
#ifndef HUTONG_TOOLS_POLICY_VERSIONS_H
#define HUTONG_TOOLS_POLICY_VERSIONS_H
#include "common/bus/bus.h"
#include "tools/cli.h"

struct versions_wanted {
    const char *area, *type; /* NULL: all */
    civil_date_t on;         /* the day that it is seen from */
    bool in_force;           /* those alone that hold on it */
    uint64_t ending;         /* days: those alone that end within so many and have no next one; 0: all */
};
int policy_versions(struct cli *cli, const struct versions_wanted *wanted);
/* The policy that was published at a position, with its sources. False: said why not. */
bool policy_at(struct cli *cli, position_t position, struct policy *policy, struct policy_sources *sources);
/* The one that settles a bill of this area, type and day: the area's own with the latest start, else one that states to
 * apply to it; and the position that published it. False: said why not. */
bool policy_in_force(struct cli *cli, const char *area, const char *type, civil_date_t day, struct policy *policy,
                     struct policy_sources *sources, position_t *position);
#endif
