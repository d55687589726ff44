/* SPDX-License-Identifier: Apache-2.0
 * What looks at the whole year. */
#ifndef HUTONG_COMMON_ENGINES_BENEFIT_YEAR_FUNDS_H
#define HUTONG_COMMON_ENGINES_BENEFIT_YEAR_FUNDS_H
#include "common/engines/benefit/work.h"

/* Catastrophic insurance and assistance, on the year's accumulated base. */
void year_funds_pay(struct work *work);
/* Of a stay across new year, by days, where the policy says so. */
void year_split(struct work *work);
#endif
