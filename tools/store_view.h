/* SPDX-License-Identifier: Apache-2.0
 * A service's state, running or a copy, read row by row: each as JSON, cut by its table's layout
 * (common/store/store.def). */
#ifndef HUTONG_TOOLS_STORE_VIEW_H
#define HUTONG_TOOLS_STORE_VIEW_H
#include "common/store/described.h"
#include "tools/cli.h"

struct store_view {
    bool unmasked; /* set before it is opened */
    const char *directory;
    struct store_described described;
    struct store *store;
    uint64_t unread; /* rows that fit no layout */
};

/* By the directory's last name, "settlement-3". Borrows `directory`. REJECT_MALFORMED: it is no service's. */
MUST_USE enum status store_view_open(const char *directory, struct store_view *view, struct buffer *why);
void store_view_close(struct store_view *view);
/* The table of this name; described.table_count: there is none. */
unsigned store_view_table(const struct store_view *view, const char *name);

typedef bool store_view_wanted_t(void *self, const char *layout, struct span key, struct span value);
typedef void store_view_take_t(void *self, json_t *row); /* {"key": ..., "value": ...}; borrowed */
/* Each row that is `wanted` (NULL: all), in the order of keys. */
MUST_USE enum status store_view_rows(struct store_view *view, unsigned table, store_view_wanted_t *wanted,
                                     store_view_take_t *take, void *self);
/* Numbers of eight or six bytes in a row by this layout that stand for a place on the log: positions, and the books'
 * numbers of bills. How many were written to `numbers`, at most `count_max`. */
unsigned store_view_numbers(const char *layout, struct span key, struct span value, uint64_t numbers[],
                            unsigned count_max);
#endif
