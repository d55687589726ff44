/* SPDX-License-Identifier: Apache-2.0
 * One line for an outcome, for people: position, kind, event, amounts; below it what a rule found. */
#ifndef HUTONG_TOOLS_OUTCOME_PRINT_H
#define HUTONG_TOOLS_OUTCOME_PRINT_H
#include "tools/cli.h"

void outcome_print(json_t *outcome);
#endif
