/* SPDX-License-Identifier: Apache-2.0
 * Money and ratios. The only place where fen are added, multiplied or rounded. No floating point.
 *   fen_t           1/100 yuan, signed; |amount| <= FEN_MAX
 *   basis_points_t  1/10,000; 100 % = 10,000
 * Rounding: half away from zero to the fen (DOMAIN 2, Beijing interface specification V2.13, 5.10), in one function. */
#ifndef HUTONG_COMMON_BASE_MONEY_H
#define HUTONG_COMMON_BASE_MONEY_H
#include "common/base/status.h"

#include <stdint.h>

typedef int64_t fen_t;
typedef int32_t basis_points_t;
typedef __int128 wide_t; /* intermediates; every product of two checked 64-bit numbers fits */

enum { BASIS_POINTS_ONE = 10000 };
#define FEN_MAX INT64_C(100000000000000) /* 10^12 yuan: above every fund of the three regions together */

/* numerator / denominator rounded half away from zero. PRE: denominator > 0. Never fails: 128-bit result. */
wide_t money_round_half_up(wide_t numerator, wide_t denominator);
/* a + b; REJECT_RANGE beyond FEN_MAX. */
MUST_USE enum status money_add(fen_t a, fen_t b, fen_t *sum);
/* amount x ratio, rounded once. REJECT_RANGE beyond FEN_MAX. */
MUST_USE enum status money_share(fen_t amount, basis_points_t ratio, fen_t *share);
/* A line: unit price in 10^-6 yuan times quantity in 10^-4, to fen, rounded once (line amount, DOMAIN 2 Rounding). */
MUST_USE enum status money_line(int64_t unit_price_micro, int64_t quantity_e4, fen_t *amount);
/* wide to fen; REJECT_RANGE beyond FEN_MAX. */
MUST_USE enum status money_narrow(wide_t value, fen_t *amount);
/* "1234.05" or "-0.10"; `out` holds at least 32 characters. */
void money_describe(fen_t amount, char out[32]);
#endif
