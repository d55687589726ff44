/* SPDX-License-Identifier: Apache-2.0
 * Going to a version of logic (event LogicVersion). */
#ifndef HUTONG_TOOLS_LOGIC_SEND_H
#define HUTONG_TOOLS_LOGIC_SEND_H
#include "common/base/instant.h"
#include "tools/cli.h"

/* As the operator. The same version for the same reason is the same message. `at`: on a trace's clock; 0: now. An exit
 * code of the tool; what went wrong was said. `position`: where it stands. */
int logic_send(struct cli *cli, uint32_t version, const char *reason, instant_ms_t at, uint64_t *position);
/* The version that validation goes by; 0: it does not answer. */
uint32_t logic_in_force(struct cli *cli);
#endif
