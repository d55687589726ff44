/* SPDX-License-Identifier: Apache-2.0
 * hutong trace show: what a trace holds. */
#ifndef HUTONG_TOOLS_TRACE_SHOW_H
#define HUTONG_TOOLS_TRACE_SHOW_H
#include "tools/cli.h"
#include "tools/trace_file.h"

/* Positions from `from` to before `to`, a line each; with --json the whole of envelope and outcome. An exit code. */
int trace_show(struct cli *cli, const char *path, uint64_t from, uint64_t to);
/* Whether a trace is whole, read to its end; false: said why. */
bool trace_is_whole(const char *path);
/* Why a trace cannot be read further, in the words of docs/TRACES.md. */
const char *trace_problem(enum status status);
#endif
