/* SPDX-License-Identifier: Apache-2.0
 * One event of the operator's, sent, and its outcome waited for. */
#ifndef HUTONG_TOOLS_OPERATOR_SEND_H
#define HUTONG_TOOLS_OPERATOR_SEND_H
#include "common/base/instant.h"
#include "tools/cli.h"

/* `at`: on a trace's clock; 0: now. CLI_OK: it was applied, at `position`. What went wrong was said. */
int operator_send(struct cli *cli, struct span envelope, instant_ms_t at, uint64_t *position);
/* Now, waiting no longer than this for the receipt, and for the outcome. */
int operator_send_within(struct cli *cli, struct span envelope, uint32_t wait_ms, uint64_t *position);
#endif
