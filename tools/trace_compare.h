/* SPDX-License-Identifier: Apache-2.0
 * Outcomes against outcomes: differences by position and field, for people, as JSON, as TAP and as JUnit. */
#ifndef HUTONG_TOOLS_TRACE_COMPARE_H
#define HUTONG_TOOLS_TRACE_COMPARE_H
#include "tools/cli.h"
#include "tools/trace_filter.h"
#include "tools/trace_path.h"

/* What is compared, and how it is told. */
struct reporting {
    const char *junit;                                                   /* a file besides; NULL: none */
    enum report_format { REPORT_TEXT, REPORT_TAP, REPORT_JUNIT } format; /* on stdout */
    struct trace_fields fields;
    struct trace_filter filter;
};
/* Takes the options of both. False: said what is wrong, and what could be meant. */
bool reporting_take(struct cli *cli, struct reporting *reporting);

struct comparison;
/* NULL: the report cannot be written, said why. `reporting` is borrowed. */
struct comparison *comparison_new(struct cli *cli, const struct reporting *reporting);
/* One position; an empty span: there is none. One that the filter leaves out is not counted. */
void comparison_add(struct comparison *comparison, uint64_t position, struct span expected, struct span found);
uint64_t comparison_count(const struct comparison *comparison);
/* Why it goes no further: for the report, in which it is an error. */
__attribute__((format(printf, 2, 3))) void comparison_stop(struct comparison *comparison, const char *format, ...);
/* Writes the report, also of what was stopped; prints the sums. CLI_OK, CLI_DIFFERENT; CLI_FAILED: no report. */
int comparison_end(struct comparison **comparison);
#endif
