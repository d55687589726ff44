/* SPDX-License-Identifier: Apache-2.0
 * Messages shown to people who need not know whose they are: identity numbers masked, also inside numbers that a party
 * chose; words and diagnoses left out (common/pb/personal.h). */
#ifndef HUTONG_TOOLS_MASKED_H
#define HUTONG_TOOLS_MASKED_H
#include "tools/cli.h"

/* As cli_message; NULL: it cannot be read. */
json_t *message_masked(enum wire_message message, struct span bytes);
#endif
