/* SPDX-License-Identifier: Apache-2.0
 * Reference data as they stand on the log, by pages: a region's catalogue, published tables. */
#ifndef HUTONG_TOOLS_REFERENCE_LIST_H
#define HUTONG_TOOLS_REFERENCE_LIST_H
#include "tools/cli.h"
#include "tools/reference_row.h"

struct reference_wanted {
    const char *region; /* NULL: all */
    const char *code;   /* what a row's code begins with; NULL: all */
    uint64_t year;      /* of a calendar; 0: all */
};
/* The tables that were published: each with its kind, region, year, source and how many rows it has. */
int reference_tables(struct cli *cli);
/* PRE: a catalogue's items, or a published table. */
int reference_list(struct cli *cli, enum reference_kind kind, const struct reference_wanted *wanted);
#endif
