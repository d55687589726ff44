/* SPDX-License-Identifier: Apache-2.0
 * Members of generated structs that are written by hand: "parts" and "codec" in the schema's options. */
#ifndef HUTONG_COMMON_PB_PARTS_H
#define HUTONG_COMMON_PB_PARTS_H
#include <stdint.h>

/* Accumulators are a person's, of one policy year, insured area and insurance type. */
struct year_key {
    char person[19];
    uint32_t year;
    char area[7];
    char type[4];
};

struct findings; /* common/pb/outcome.h */

struct paid_row;
struct paid_rows {
    const struct paid_row *rows;
    uint32_t count;
};
#endif
