/* SPDX-License-Identifier: Apache-2.0
 * What an event comes to: benefit, ledger, accumulators, reversal (DOMAIN 2, 3). Inputs: verdicts.P, submissions.
 * Output: outcomes.P. Tables: settled.h. Refusals and dead letters of validation are passed on, so that every
 * submission has exactly one outcome; what concerns everybody is applied by every partition and answered by partition
 * 0. */
#ifndef HUTONG_SERVICES_SETTLEMENT_SETTLEMENT_CORE_H
#define HUTONG_SERVICES_SETTLEMENT_SETTLEMENT_CORE_H
#include "common/runtime/core.h"

extern const struct core settlement_core;
#endif
