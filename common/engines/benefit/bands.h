/* SPDX-License-Identifier: Apache-2.0
 * Bands of the pool, with the ratios that this person has in them. */
#ifndef HUTONG_COMMON_ENGINES_BENEFIT_BANDS_H
#define HUTONG_COMMON_ENGINES_BENEFIT_BANDS_H
#include "common/engines/benefit/work.h"

/* An amount that climbs through bands, and how far it gets: up to `cap`, which the pool has left. */
struct climb {
    const struct policy_band *bands;
    uint32_t band_count;
    wide_t from, to;            /* SCOPE_UNIT, on the measure of the bands */
    fen_t from_shown, to_shown; /* as amounts show them */
    wide_t cap;                 /* POOL_UNIT */
    wide_t paid;                /* POOL_UNIT */
    wide_t rest, rest_ratio;    /* beyond the point where the cap was reached: rest / (rest_ratio x SCOPE_UNIT) */
    uint32_t cap_band;          /* where it was, from 1; 0: nowhere */
    fen_t cap_band_lower;       /* from which on that band paid */
    fen_t shares[INPATIENT_RULE_BANDS_MAX]; /* what each band comes to */
};
_Static_assert((int)INPATIENT_RULE_BANDS_MAX == (int)OUTPATIENT_RULE_BANDS_MAX, "both climb");

/* What all bands come to, to the one where the cap is reached and with the whole of that. */
fen_t climb_bands(struct work *work, struct climb *climb);
#endif
