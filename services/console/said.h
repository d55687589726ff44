/* SPDX-License-Identifier: Apache-2.0
 * What a command said, as JSON. */
#ifndef HUTONG_SERVICES_CONSOLE_SAID_H
#define HUTONG_SERVICES_CONSOLE_SAID_H
#include "services/console/child.h"

/* `"rows":[...],"said":"..."`: each line of standard output that is JSON as it stands, another as a text; of an output
 * that was cut its whole lines alone. Standard error is the text `said`. */
void said_write(const struct child *child, struct buffer *out);
#endif
