/* SPDX-License-Identifier: Apache-2.0
 * Pooling areas (统筹区) as they are published: a region, a prefecture of Hebei, Xiong'an, a county that the province
 * administers itself. Insurance codes go beyond GB/T 2260 (130399: a prefecture's own office), so the table decides,
  * and
 * not the list of divisions (DOMAIN 1). */
#ifndef HUTONG_COMMON_ENGINES_GAZETTE_AREAS_H
#define HUTONG_COMMON_ENGINES_GAZETTE_AREAS_H
#include "common/engines/gazette/published.h"

/* NULL: unknown, or an office of another area. */
const struct published_area *area_find(const struct published *published, const char *code);
/* The pooling area that a division (6 digits and what follows) lies in: the longest of the divisions' beginnings that
 * fits decides. NULL: in none. */
const struct published_area *area_of_division(const struct published *published, const char *division);
/* The area itself where `code` is one of its offices, else `code`. Accounts and policies stand under the area
 * itself. */
const char *area_itself(const struct published *published, const char *code);
/* From here on the event speaks of areas, and no longer of their offices (LOGIC_AREAS). A policy is left as it is:
 * what an office states of an area is refused. */
void areas_without_offices(const struct published *published, struct arena *arena, struct event *event);
/* Current or historical division, or a residence permit's. PRE: divisions are published. */
bool division_is_published(const struct published *published, uint32_t division);
/* Some division of this province is. PRE: divisions are published. */
bool province_is_published(const struct published *published, uint32_t province);
#endif
