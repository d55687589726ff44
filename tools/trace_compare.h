/* SPDX-License-Identifier: Apache-2.0
 * Outcomes against outcomes: differences by position and field, for people, as JSON, and as JUnit. */
#ifndef HUTONG_TOOLS_TRACE_COMPARE_H
#define HUTONG_TOOLS_TRACE_COMPARE_H
#include "tools/cli.h"

enum { FIELDS_NAMED_MAX = 32 };

/* Which fields count: all but `ignored`; of these, if any is named, `only` those. "amounts" is all of it,
 * "fundPayTotalFen" wherever it stands; places in lists are left out. */
struct comparison_fields {
    const char *ignored[FIELDS_NAMED_MAX], *only[FIELDS_NAMED_MAX];
    unsigned ignored_count, only_count;
};
/* Takes --ignore and --only, as often as they stand there. */
void comparison_fields_take(struct cli *cli, struct comparison_fields *fields);

struct comparison;
/* `junit`: where a report is written, NULL: nowhere. NULL: it cannot be, said why. `fields` is borrowed. */
struct comparison *comparison_new(struct cli *cli, const char *junit, const struct comparison_fields *fields);
/* One position; an empty span: there is none. */
void comparison_add(struct comparison *comparison, uint64_t position, struct span expected, struct span found);
uint64_t comparison_count(const struct comparison *comparison);
/* Why it goes no further: for the report, in which it is an error. */
__attribute__((format(printf, 2, 3))) void comparison_stop(struct comparison *comparison, const char *format, ...);
/* Writes the report, also of what was stopped; prints the sums. CLI_OK, CLI_DIFFERENT; CLI_FAILED: no report. */
int comparison_end(struct comparison **comparison);
#endif
