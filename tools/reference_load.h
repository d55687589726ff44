/* SPDX-License-Identifier: Apache-2.0
 * Files of reference data, for commands beside `reference`. */
#ifndef HUTONG_TOOLS_REFERENCE_LOAD_H
#define HUTONG_TOOLS_REFERENCE_LOAD_H
#include "common/base/instant.h"
#include "tools/cli.h"

/* Loads a file as the operator, over this machine's socket, and says only what is wrong. `at`: on a trace's clock; 0:
 * now. An exit code of the tool. */
int reference_load_first(struct cli *cli, const char *path, instant_ms_t at);
#endif
