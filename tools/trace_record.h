/* SPDX-License-Identifier: Apache-2.0
 * hutong trace record: positions from..to (not included) that have outcomes, into a file. */
#ifndef HUTONG_TOOLS_TRACE_RECORD_H
#define HUTONG_TOOLS_TRACE_RECORD_H
#include "tools/cli.h"

/* --pseudonymise and --key as given; an exit code. What could not be read or written was said, and the file is gone. */
int trace_record(struct cli *cli, const char *path, uint64_t from, uint64_t to);
#endif
