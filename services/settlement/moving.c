/* SPDX-License-Identifier: Apache-2.0
 * A letter is refused. */
#include "services/settlement/moving.h"

#include <stdio.h>

void transfer_refuse(struct moving *moving, enum rule rule, const char *field, const char *detail)
{
    char path[FINDING_PATH_MAX + 1];
    (void)snprintf(path, sizeof path, "transfer%s%s", field[0] ? "." : "", field);
    refuse(moving->deciding, rule, path, detail);
}
