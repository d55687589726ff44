/* SPDX-License-Identifier: Apache-2.0
 * The three regions, by the first two digits. */
#include "common/codes/area.h"

#include <stddef.h>
#include <string.h>

const char *region_of(const char *code)
{
    static const char *const regions[] = {"110000", "120000", "130000"};
    for (unsigned i = 0; i < 3; i++)
        if (strncmp(code, regions[i], 2) == 0)
            return regions[i];
    return NULL;
}

bool region_is_known(const char *party)
{
    const char *region = region_of(party);
    return region != NULL && strcmp(region, party) == 0;
}
