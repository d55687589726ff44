/* SPDX-License-Identifier: Apache-2.0
 * hutong verify message: a record's signature, held against the keys of its position. */
#ifndef HUTONG_TOOLS_VERIFY_MESSAGE_H
#define HUTONG_TOOLS_VERIFY_MESSAGE_H
#include "tools/cli.h"

/* CLI_OK: it is signed by a key that spoke for its sender there and then. CLI_DIFFERENT: it is not; said why. */
int verify_message(struct cli *cli, uint64_t position);
#endif
