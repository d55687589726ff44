/* SPDX-License-Identifier: Apache-2.0
 * Whether the log takes messages in, by the broker's status. */
#ifndef HUTONG_TOOLS_FULL_H
#define HUTONG_TOOLS_FULL_H
#include <jansson.h>

/* Why nothing is accepted, in both languages; NULL: there is room, or no status. */
const char *full_cause(const json_t *broker);
#endif
