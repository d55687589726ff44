/* SPDX-License-Identifier: Apache-2.0
 * Bills and reversals: their own rules, and what the reference data say on their days (DOMAIN 1, 2). */
#ifndef HUTONG_SERVICES_VALIDATION_BILLS_H
#define HUTONG_SERVICES_VALIDATION_BILLS_H
#include "services/validation/judging.h"

void judge_bill(struct judging *judging);
void judge_reversal(struct judging *judging);
#endif
