/* SPDX-License-Identifier: Apache-2.0
 * Snapshots in a directory, as `hutong snapshot` writes them: STATE-POSITION each. */
#ifndef HUTONG_TOOLS_SNAPSHOT_H
#define HUTONG_TOOLS_SNAPSHOT_H
#include <stdbool.h>
#include <stdint.h>

/* The lowest position, at `from` or beyond, of a snapshot of that state ("validation-0-"); false: there is none. */
bool snapshot_find(const char *directory, const char *state, uint64_t from, uint64_t *position);
#endif
