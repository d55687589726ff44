/* SPDX-License-Identifier: Apache-2.0
 * The table of changes. */
#include "common/codes/logic.h"

#include "common/base/check.h"

bool logic_has(uint32_t version, enum logic change)
{
    static const uint32_t since[LOGICS_COUNT] = {
#define LOGIC(change, version, ...) version,
#include "common/codes/logic.def"
#undef LOGIC
    };
    PRE(change < LOGICS_COUNT);
    return version >= since[change];
}
