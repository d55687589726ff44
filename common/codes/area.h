/* SPDX-License-Identifier: Apache-2.0
 * Pooling areas (统筹区): a region, or a prefecture of Hebei with Xiong'an (133100 in insurance systems). Insurance
 * codes go beyond GB/T 2260 (130399: a prefecture's own office), so a table decides by prefix (DOMAIN 1). */
#ifndef HUTONG_COMMON_CODES_AREA_H
#define HUTONG_COMMON_CODES_AREA_H
#include <stdbool.h>

struct area {
    char code[7];
    const char *name_zh;
    const char *name_en;
};

const struct area *area_find(const char *code); /* NULL: unknown */
const struct area *area_at(unsigned index);     /* NULL past the end */
/* The pooling area that a division code (6 digits) lies in: 11xxxx, 12xxxx, 13yyxx; NULL: outside the three regions. */
const struct area *area_of_division(const char *division);
/* "110000", "120000", "130000" by prefix; NULL: none of the three. `code` has at least two characters. */
const char *region_of(const char *code);
bool region_is_known(const char *party);
#endif
