/* SPDX-License-Identifier: Apache-2.0
 * What the parts of `hutong doctor` share. */
#ifndef HUTONG_TOOLS_DOCTOR_H
#define HUTONG_TOOLS_DOCTOR_H
#include "tools/cli.h"

enum doctor_finding {
#define FINDING(name, ...) FINDING_##name,
#include "tools/finding.def"
    FINDINGS_COUNT
};

struct doctor {
    struct cli *cli;
    unsigned found, notes;
    uint64_t segments, states, keys;
};

/* `where`: which part of the file; "": all of it. */
void doctor_found(struct doctor *doctor, enum doctor_finding finding, const char *file, const char *where);
/* Whether a process has this state or log: DIRECTORY/owner.lock. */
bool doctor_in_use(const char *directory);
/* The file's name is one of `names`, which NULL ends. */
bool doctor_is_one_of(const char *name, const char *const *names);
#endif
