/* SPDX-License-Identifier: Apache-2.0
 * Advance funds (预付金) that an insuring region keeps with a region of care: quota, use rate, warnings, emergency
 * top-up (DOMAIN 3). Pure; numbers come from a clearing policy. */
#ifndef HUTONG_COMMON_ENGINES_ADVANCE_ADVANCE_H
#define HUTONG_COMMON_ENGINES_ADVANCE_ADVANCE_H
#include "common/pb/books.h"

/* quota_factor x the monthly average of the last quarter of the previous year, half up to the fen; never negative. */
fen_t advance_quota(const fen_t quarter[3], basis_points_t quota_factor);
/* Exact at the boundaries: clearing / advance >= red is red, >= yellow is yellow. Nothing to clear is green; something
 * to clear and no advance is red. */
enum advance_colour advance_colour_of(fen_t month_clearing, fen_t advance, const struct clearing_policy *policy);
/* The use rate in basis points, cut off, for people to read; -1: there is no advance. */
int64_t advance_use_rate(fen_t month_clearing, fen_t advance);
/* The least that brings the use rate below yellow; 0: it is. */
fen_t advance_top_up(fen_t month_clearing, fen_t advance, const struct clearing_policy *policy);
#endif
