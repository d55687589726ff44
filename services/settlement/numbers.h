/* SPDX-License-Identifier: Apache-2.0
 * What a bill's outcome says of the numbers that it rests on: parameters that no document states, benefits of the
 * person's class that the policy does not state, and a policy whose period has ended. */
#ifndef HUTONG_SERVICES_SETTLEMENT_NUMBERS_H
#define HUTONG_SERVICES_SETTLEMENT_NUMBERS_H
#include "services/settlement/deciding.h"

/* Warnings, each once. PRE: deciding->policy gave deciding->self->result. */
void warn_of_numbers(struct deciding *deciding);
#endif
