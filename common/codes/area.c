/* SPDX-License-Identifier: Apache-2.0
 * The table of pooling areas. */
#include "common/codes/area.h"

#include <stddef.h>
#include <string.h>

static const struct area areas[] = {
    {"110000", "北京市", "Beijing"},  {"120000", "天津市", "Tianjin"},       {"130100", "石家庄市", "Shijiazhuang"},
    {"130200", "唐山市", "Tangshan"}, {"130300", "秦皇岛市", "Qinhuangdao"}, {"130400", "邯郸市", "Handan"},
    {"130500", "邢台市", "Xingtai"},  {"130600", "保定市", "Baoding"},       {"130700", "张家口市", "Zhangjiakou"},
    {"130800", "承德市", "Chengde"},  {"130900", "沧州市", "Cangzhou"},      {"131000", "廊坊市", "Langfang"},
    {"131100", "衡水市", "Hengshui"}, {"133100", "雄安新区", "Xiong'an"},
};

enum { AREAS_COUNT = sizeof areas / sizeof areas[0] };

const struct area *area_at(unsigned index)
{
    return index < AREAS_COUNT ? &areas[index] : NULL;
}

const struct area *area_find(const char *code)
{
    for (unsigned i = 0; i < AREAS_COUNT; i++)
        if (strcmp(areas[i].code, code) == 0)
            return &areas[i];
    return NULL;
}

const struct area *area_of_division(const char *division)
{
    char code[7] = "";
    if (strnlen(division, 6) < 6)
        return NULL;
    bool prefecture = strncmp(division, "13", 2) == 0;
    memcpy(code, division, prefecture ? 4 : 2);
    memset(code + (prefecture ? 4 : 2), '0', prefecture ? 2 : 4);
    return area_find(code);
}

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
