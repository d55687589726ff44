/* SPDX-License-Identifier: Apache-2.0
 * The message that a command speaks of: its position, or its id, which the gate knows. */
#ifndef HUTONG_TOOLS_POSITION_H
#define HUTONG_TOOLS_POSITION_H
#include "tools/cli.h"

/* CLI_OK, or what the command ends with; why was said. */
int position_find(struct ht_client *client, const char *subject, uint64_t *position);
/* Says why there is no answer about one message, and gives what the command ends with. */
int position_refused(struct ht_client *client, enum ht_result result);
#endif
