/* SPDX-License-Identifier: Apache-2.0
 * Steps reckoned again from what they print, as a clerk with a calculator would. */
#ifndef HUTONG_TESTS_TABLE_BENEFIT_AGAIN_H
#define HUTONG_TESTS_TABLE_BENEFIT_AGAIN_H
#include "common/engines/benefit/benefit.h"

/* The published tables under the newest logic. */
const struct published *published_in_full(void);
/* NULL: each step's result follows from its own operands, each operand was printed before, stands in the policy or the
 * year, or is stated by the bill, and the last steps are the amounts. Else what does not, until the next call. */
const char *steps_again(const struct benefit_input *in, const struct benefit_result *result);
#endif
