/* SPDX-License-Identifier: Apache-2.0
 * Rows of a running service's state, by pages: for what stands there and is no person's (policies, catalogues,
 * published tables). Persons' rows are read by hutong dump, which masks them. */
#ifndef HUTONG_TOOLS_STATE_ROWS_H
#define HUTONG_TOOLS_STATE_ROWS_H
#include "tools/cli.h"

/* False: that is enough; the row itself was taken. */
typedef bool state_row_fn(void *self, struct span key, struct span value);
/* Rows of partition 0's table whose keys begin with `prefix`, from `from` on (empty: the first). Where `each` had
 * enough before the last, `next` is the key behind it. False: no answer, which was said. */
bool state_rows(struct cli *cli, const char *service, const char *table, struct span prefix, struct span from,
                state_row_fn *each, void *self, struct buffer *next);
#endif
