/* SPDX-License-Identifier: Apache-2.0
 * Which positions of a trace are meant. */
#ifndef HUTONG_TOOLS_TRACE_FILTER_H
#define HUTONG_TOOLS_TRACE_FILTER_H
#include "tools/cli.h"

struct trace_filter {
    uint64_t from, to;  /* the positions from..to-1 */
    const char *region; /* who sent it; NULL: whoever */
    const char *kind;   /* of event ("bill_settle", "billSettle") or outcome ("REFUSED"); NULL: any */
};
/* Takes --from, --to, --region, --kind. False: said what is wrong. */
bool trace_filter_take(struct cli *cli, struct trace_filter *filter);
/* By its outcome, which may be NULL where only the position is asked about. */
bool trace_filter_holds(const struct trace_filter *filter, uint64_t position, const json_t *outcome);
static inline bool trace_filter_asks(const struct trace_filter *filter)
{
    return filter->region != NULL || filter->kind != NULL;
}
#endif
