/* SPDX-License-Identifier: Apache-2.0
 * Where two JSON values differ, member by member. */
#ifndef HUTONG_TOOLS_DIFFERENCES_H
#define HUTONG_TOOLS_DIFFERENCES_H
#include "tools/cli.h"

/* NULL: it is not there. */
typedef void difference_fn(void *self, const char *path, const json_t *a, const json_t *b);
/* How many there are; `path` is where the two stand. */
unsigned differences_walk(const char *path, const json_t *a, const json_t *b, difference_fn *each, void *self);
/* As JSON, to be freed; NULL: it is not there. */
char *difference_text(const json_t *value);
#endif
