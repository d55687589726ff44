/* SPDX-License-Identifier: Apache-2.0
 * What a calculation did, as a table that a clerk can read out: amounts in yuan, in Chinese or English. */
#ifndef HUTONG_TOOLS_EXPLANATION_H
#define HUTONG_TOOLS_EXPLANATION_H
#include <jansson.h>

#include "common/pb/outcome.h"

/* The policy's version and, where it is at hand, its source. */
void explanation_print_policy(const struct policy_reference *reference, const struct policy *policy, bool english);
/* A bill's steps, each as it is reckoned, with its parameter's place in the policy and, where that is known, grade and
 * source, and the document that the step rests on. `policy`, `sources` NULL: not to be had here. */
void explanation_print_bill(const struct step *steps, uint32_t count, const struct policy_reference *reference,
                            const struct policy *policy, const struct policy_sources *sources, bool english);
/* Steps of anything else. */
void explanation_print_steps(const struct step *steps, uint32_t count, bool english);
/* Where a transfer stands, and what moves: ④, ⑤, ⑥. */
void explanation_print_transfer(const struct transfer_view *transfer, bool english);
void explanation_print_amounts(const struct amounts *amounts, bool english);
/* The same for a program that shows it, in both languages: {"policy", "steps", "amounts"}. */
json_t *explanation_bill_json(const struct step *steps, uint32_t count, const struct policy_reference *reference,
                              const struct policy *policy, const struct policy_sources *sources,
                              const struct amounts *amounts);
/* [{"zh", "en", "before", "parameter", "after", "document"}] of a transfer's. */
json_t *explanation_steps_json(const struct step *steps, uint32_t count);
#endif
