/* SPDX-License-Identifier: Apache-2.0
 * Steps that a clerk can reckon again with paper: each gives its amount after by its form (step.h) from what it
 * prints. From version 2 of logic on; before it none of these adds a step. The engine is exact and these are in fen:
 * where the two part, STEP_CRUMBS says by how much. Each function gives the amount after, under either version. */
#ifndef HUTONG_COMMON_ENGINES_BENEFIT_RECKONING_H
#define HUTONG_COMMON_ENGINES_BENEFIT_RECKONING_H
#include "common/engines/benefit/work.h"

/* As version 1 says it, and no longer. */
void version_one_explain(struct work *work, enum benefit_step rule, fen_t before, int64_t parameter, fen_t after,
                         uint32_t index);

/* As it is, or the sum of the bands before it. */
void reckon_stated(struct work *work, enum benefit_step rule, fen_t amount);
void reckon_parameter(struct work *work, enum benefit_step rule, int64_t parameter, uint32_t index);
/* `ratio`: RATIO_UNIT */
fen_t reckon_times(struct work *work, enum benefit_step rule, fen_t before, wide_t ratio, uint32_t index);
fen_t reckon_divided(struct work *work, enum benefit_step rule, fen_t before, wide_t ratio, uint32_t index);
fen_t reckon_plus(struct work *work, enum benefit_step rule, fen_t before, fen_t more);
fen_t reckon_less(struct work *work, enum benefit_step rule, fen_t before, fen_t less, uint32_t index);
fen_t reckon_at_most(struct work *work, enum benefit_step rule, fen_t before, fen_t most);
fen_t reckon_at_least(struct work *work, enum benefit_step rule, fen_t before, fen_t least);
/* Ratios, RATIO_UNIT. */
wide_t reckon_points_more(struct work *work, enum benefit_step rule, wide_t ratio, basis_points_t points,
                          uint32_t index);
wide_t reckon_points_less(struct work *work, enum benefit_step rule, wide_t ratio, basis_points_t points,
                          uint32_t index);
wide_t reckon_own_share(struct work *work, enum benefit_step rule, wide_t ratio, basis_points_t factor, uint32_t index);
/* A band's part between two amounts; nothing where there is none. */
fen_t reckon_band(struct work *work, enum benefit_step rule, wide_t ratio, fen_t lower, fen_t upper, uint32_t index);
/* No step where they are equal. */
fen_t reckon_crumbs(struct work *work, fen_t reckoned, fen_t exact);
#endif
