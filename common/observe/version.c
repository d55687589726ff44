/* SPDX-License-Identifier: Apache-2.0
 * Given by CMake: HUTONG_VERSION, HUTONG_BUILD. */
#include "common/observe/version.h"

const char *version_text(void)
{
    return HUTONG_VERSION " (" HUTONG_BUILD ")";
}
