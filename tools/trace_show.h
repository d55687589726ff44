/* SPDX-License-Identifier: Apache-2.0
 * hutong trace show: what a trace holds. */
#ifndef HUTONG_TOOLS_TRACE_SHOW_H
#define HUTONG_TOOLS_TRACE_SHOW_H
#include "tools/cli.h"
#include "tools/trace_file.h"
#include "tools/trace_filter.h"

/* The positions that are meant, a line each; with --json all of them (trace_json.h). An exit code. */
int trace_show(struct cli *cli, const char *path, const struct trace_filter *filter);
/* Whether a trace is whole, read to its end; false: said why. */
bool trace_is_whole(const char *path);
/* Why a trace cannot be read further, in the words of docs/TRACES.md. */
const char *trace_problem(enum status status);
#endif
