/* SPDX-License-Identifier: Apache-2.0
 * Catalogues of the three regions: one national list of codes, each region with levels, first own shares and price
 * limits of its own. An item is a function of seed and index, so that a bill finds it without the list. */
#include "tools/gen/catalogue.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"

enum { LIST_SIZE_MIN = 1000, ITEMS_STRAND = 32, REGIONS_STRAND = 33, MESSAGES_STRAND = 23, FEN_MICRO = 10000 };

static const char *const regions[GEN_REGIONS] = {"110000", "120000", "130000"};

/* What a class costs, in fen, and the word of its names. */
static const struct {
    uint32_t least, most;
    const char *word;
} classes[GEN_CLASSES] = {{300, 9000, "片剂"},      {300, 9000, "注射液"}, {300, 9000, "胶囊"},
                          {300, 9000, "注射剂"},    {1000, 8000, "颗粒"},  {500, 6000, "检验"},
                          {10000, 150000, "检查"},  {100, 5000, "耗材"},   {50000, 1200000, "植入耗材"},
                          {20000, 500000, "靶向药"}};

unsigned gen_region_index(unsigned area)
{
    const char *region = region_of(gen_areas[area].area);
    unsigned index = 0;
    while (index < GEN_REGIONS && strcmp(regions[index], region) != 0)
        index++;
    INVARIANT(index < GEN_REGIONS);
    return index;
}

uint32_t gen_list_size(const struct gen *gen)
{
    return gen->options.catalogue > LIST_SIZE_MIN ? gen->options.catalogue : LIST_SIZE_MIN;
}

uint32_t gen_catalogue_count(const struct gen *gen)
{
    return gen->options.mix && gen->options.catalogue > 0 ? gen_list_size(gen) : 0;
}

/* The index stands in the code, so that no two are alike. */
static void code_of(struct stream *stream, uint32_t index, char code[28])
{
    uint32_t drawn = below(stream, 1000000000), class = index % GEN_CLASSES, number = index % 1000000000;
    switch (class) {
    case 4: /* 20 characters */
        (void)snprintf(code, 28, "ZA%09u%09u", drawn, number);
        break;
    case 5:
    case 6: /* 15 */
        (void)snprintf(code, 28, "%06u%09u", drawn % 1000000, number);
        break;
    case 7: /* 20 */
        (void)snprintf(code, 28, "C%010u%09u", drawn, number);
        break;
    case 8: /* 27, with its serial */
        (void)snprintf(code, 28, "C%017u%09u", drawn, number);
        break;
    default: /* 23 */
        (void)snprintf(code, 28, "XA%02u%09u%09uA", index % 100, drawn, number);
        break;
    }
}

/* Most cost little. Drugs have four decimals, all else two. */
static int64_t price_of(struct stream *stream, uint32_t class)
{
    int64_t span = classes[class].most - classes[class].least;
    int64_t part = span * below(stream, 1000) / 1000;
    int64_t fen = classes[class].least + part * below(stream, 1000) / 1000;
    return fen * FEN_MICRO + (class < 4 ? (int64_t)below(stream, 100) * 100 : 0);
}

/* Nine in twenty are level 甲, as many level 乙, two level 丙; one in eight of the first two has a price limit, higher
 * in a higher hospital. */
struct gen_item gen_item_at(const struct gen *gen, unsigned region, uint32_t index)
{
    struct gen_item item = {.level = 1};
    struct stream everywhere = gen_stream(gen, ITEMS_STRAND, index);
    struct stream here = gen_stream(gen, REGIONS_STRAND + region, index);
    code_of(&everywhere, index, item.code);
    item.price_micro = price_of(&everywhere, index % GEN_CLASSES);
    uint32_t level = below(&here, 20), share = 500 * (1 + below(&here, 4));
    bool limited = below(&here, 8) == 0;
    item.level = level < 9 ? 1 : level < 18 ? 2 : 3;
    item.first_own_share_bp = item.level == 2 ? share : 0;
    for (unsigned i = 0; limited && item.level != 3 && i < HOSPITAL_LEVELS; i++)
        item.limit_micro[i] = item.price_micro / 100 * (85 + 10 * i);
    return item;
}

void gen_catalogue_item(struct gen *gen, unsigned region, uint32_t index, struct buffer *envelope)
{
    PRE(region < GEN_REGIONS);
    uint64_t number = (uint64_t)region * 100000000 + index;
    struct stream stream = gen_stream(gen, MESSAGES_STRAND, number);
    struct gen_item item = gen_item_at(gen, region, index);
    char id[37], name[64];
    gen_message_id(gen, MESSAGES_STRAND, number, &stream, id);
    (void)snprintf(name, sizeof name, "%s%u", classes[index % GEN_CLASSES].word, index);
    struct event event = gen_event(gen, EVENT_CATALOGUE_ITEM, regions[region], id);
    event.body.catalogue_item = (struct catalogue_item){.region = regions[region],
                                                        .code = item.code,
                                                        .name = name,
                                                        .level = item.level,
                                                        .first_own_share_bp = item.first_own_share_bp,
                                                        .effective_date = 20200101};
    memcpy(event.body.catalogue_item.price_limit_micro, item.limit_micro, sizeof item.limit_micro);
    buffer_reset(envelope);
    event_encode(&event, envelope);
}
