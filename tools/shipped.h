/* SPDX-License-Identifier: Apache-2.0
 * The published tables that are shipped: installed beside the programs, or in the tree that they were built in. */
#ifndef HUTONG_TOOLS_SHIPPED_H
#define HUTONG_TOOLS_SHIPPED_H
#include <stdbool.h>

/* One file after the other, ascending by name, so that the order on a log is the same everywhere; ends with the first
 * for which `each` is false. False: so, or there are none; that was said. */
bool shipped_tables_each(bool (*each)(void *self, const char *path), void *self);
#endif
