/* SPDX-License-Identifier: Apache-2.0
 * What the broker and each daemon say of themselves, with ages by this machine's clock; what is not known is left out.
 */
#ifndef HUTONG_TOOLS_STATUS_ASK_H
#define HUTONG_TOOLS_STATUS_ASK_H
#include "tools/cli.h"

/* NULL: no answer. */
json_t *status_of_broker(struct cli *cli, uint32_t wait_ms);
json_t *status_of_service(struct cli *cli, const char *service, uint32_t partition, uint32_t wait_ms);
#endif
