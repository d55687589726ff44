/* SPDX-License-Identifier: Apache-2.0
 * The three regions. Pooling areas inside them are published (common/engines/gazette/areas.h). */
#ifndef HUTONG_COMMON_CODES_AREA_H
#define HUTONG_COMMON_CODES_AREA_H
#include <stdbool.h>

/* "110000", "120000", "130000" by prefix; NULL: none of the three. `code` has at least two characters. */
const char *region_of(const char *code);
bool region_is_known(const char *party);
#endif
