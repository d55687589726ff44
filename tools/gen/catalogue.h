/* SPDX-License-Identifier: Apache-2.0
 * Catalogues of the three regions. */
#ifndef HUTONG_TOOLS_GEN_CATALOGUE_H
#define HUTONG_TOOLS_GEN_CATALOGUE_H
#include "tools/gen/world.h"

/* Of the mix, item `index` of a region's catalogue. */
enum { GEN_REGIONS = 3 };
uint32_t gen_catalogue_count(const struct gen *gen);
void gen_catalogue_item(struct gen *gen, unsigned region, uint32_t index, struct buffer *envelope);

/* An item of the national list, as one region's catalogue has it. Ten classes in turn: 0 to 3 drugs, 4 Chinese patent
 * medicine, 5 services and 6 large ones, 7 consumables and 8 large ones, 9 costly drugs. */
enum { GEN_CLASSES = 10 };
struct gen_item {
    char code[28];
    uint8_t level;
    uint32_t first_own_share_bp;
    int64_t price_micro; /* usual */
    int64_t limit_micro[HOSPITAL_LEVELS];
};
struct gen_item gen_item_at(const struct gen *gen, unsigned region, uint32_t index);
/* How many the bills choose from. */
uint32_t gen_list_size(const struct gen *gen);
/* "110000" of an area's index: 0, 1, 2. */
unsigned gen_region_index(unsigned area);
#endif
