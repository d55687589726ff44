/* SPDX-License-Identifier: Apache-2.0
 * Checked money arithmetic with 128-bit intermediates. */
#include "common/base/money.h"

#include <stdio.h>

#include "common/base/check.h"

wide_t money_round_half_up(wide_t numerator, wide_t denominator)
{
    PRE(denominator > 0);
    wide_t magnitude = numerator < 0 ? -numerator : numerator;
    wide_t quotient = magnitude / denominator;
    if ((magnitude % denominator) * 2 >= denominator)
        quotient++;
    return numerator < 0 ? -quotient : quotient;
}

enum status money_narrow(wide_t value, fen_t *amount)
{
    if (value > FEN_MAX || value < -FEN_MAX)
        return REJECT_RANGE;
    *amount = (fen_t)value;
    return OK;
}

enum status money_add(fen_t a, fen_t b, fen_t *sum)
{
    return money_narrow((wide_t)a + b, sum);
}

enum status money_share(fen_t amount, basis_points_t ratio, fen_t *share)
{
    return money_narrow(money_round_half_up((wide_t)amount * ratio, BASIS_POINTS_ONE), share);
}

enum status money_line(int64_t unit_price_micro, int64_t quantity_e4, fen_t *amount)
{
    /* 10^-6 yuan x 10^-4 = 10^-10 yuan = 10^-8 fen */
    return money_narrow(money_round_half_up((wide_t)unit_price_micro * quantity_e4, 100000000), amount);
}

void money_describe(fen_t amount, char out[32])
{
    uint64_t magnitude = amount < 0 ? 0u - (uint64_t)amount : (uint64_t)amount;
    (void)snprintf(out, 32, "%s%llu.%02llu", amount < 0 ? "-" : "", (unsigned long long)(magnitude / 100),
                   (unsigned long long)(magnitude % 100));
}
